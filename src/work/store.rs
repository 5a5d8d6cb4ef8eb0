//! Queries of open cases of both kinds.

use entity::open_case::{Column, Entity, Kind, Model, Promise};
use entity::unit;
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select,
};

use super::dto::WorkCounts;
use super::filter::{Selections, WorkFilter};
use crate::audit_log::author::Author;
use crate::auth::{Officer, recusal};
use crate::db::Db;
use crate::db::select::Selected;
use crate::error::Result;
use crate::http::list::{Found, List};
use crate::references::{self, Referred};

/// An open case with the names of its unit and of whoever handles it.
#[derive(FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub case: Model,
    #[sea_orm(nested(prefix = "unit_"))]
    pub unit: Option<Referred>,
    pub assignee_name: Option<String>,
}

impl Selected for Row {
    type Table = Entity;

    fn joined(select: Select<Entity>, _: DbBackend) -> Select<Entity> {
        let select = references::with::<unit::Entity, _>(select, "unit_", (Entity, Column::UnitId));
        references::with_person(select, "assignee_name", (Entity, Column::AssigneeId))
    }

    fn model(&self) -> &Model {
        &self.case
    }
}

/// The open cases that an officer may see: as `Case::seen_by` has it for each kind.
pub fn seen_by(officer: &Officer) -> Condition {
    let of_kind = |kind: Kind, author: &Author| {
        let of_units = author.units.condition(|units| Column::UnitId.is_in(units));
        Condition::all().add(Column::Kind.eq(kind)).add(of_units)
    };
    let not_recused = recusal::not_recused_from_open(&officer.complaints);
    Condition::any()
        .add(of_kind(Kind::Complaint, &officer.complaints).add(not_recused))
        .add(of_kind(Kind::ServiceRequest, &officer.service_requests))
}

/// Those of them that are open: they can be handed over.
pub fn held(officer: &Officer) -> Condition {
    Condition::all().add(seen_by(officer)).add(Column::Promise.is_not_in([Promise::Reopening, Promise::Result]))
}

pub async fn list(db: &Db, list: &List<WorkFilter>, officer: &Officer, selections: &Selections) -> Result<Found<Row>> {
    let select = Entity::find().filter(seen_by(officer)).filter(list.filter.listed(selections));
    list.find(db, select).await
}

/// How many cases each selection has, in one reading of the open cases.
pub async fn counts(
    db: &impl ConnectionTrait,
    filter: &WorkFilter,
    officer: &Officer,
    selections: Selections,
) -> Result<WorkCounts> {
    let Selections {
        mine,
        unassigned,
        overdue,
        due_within,
        awaiting_office,
        awaiting_sender,
        reminder_due,
        delay_notice_due,
    } = selections;
    let all = Entity::find().select_only().filter(seen_by(officer)).filter(filter.counted());
    let all = all.expr_as(Expr::col((Entity, Column::Id)).count(), "open");
    let counted = [
        ("mine", mine),
        ("unassigned", unassigned),
        ("overdue", overdue),
        ("due_within", due_within),
        ("awaiting_office", awaiting_office),
        ("awaiting_sender", awaiting_sender),
        ("reminder_due", reminder_due),
        ("delay_notice_due", delay_notice_due),
    ];
    let counts = counted.into_iter().fold(all, |select, (name, selection)| {
        let selected: Expr = Expr::case(selection, 1).into();
        select.expr_as(selected.count(), name)
    });
    Ok(counts.into_model::<WorkCounts>().one(db).await?.unwrap_or_default())
}
