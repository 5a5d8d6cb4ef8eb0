//! Queries of the list of cases that are about to be destroyed.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::retention_listing::{Column, Entity, Model};
use entity::{audit_detail, audit_event, complaint, service_request};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use uuid::Uuid;

use super::dto::{DueCase, DueFilter};
use crate::audit_log::append::Detail;
use crate::audit_log::author::Author;
use crate::auth::recusal;
use crate::cases::retention::{APPROVE_DESTRUCTION, END_OF_APPROVAL, HOLD};
use crate::db::select::Selected;
use crate::db::{Db, sql};
use crate::error::Result;
use crate::http::list::{Found, List};
use crate::references::names_of;

/// Ids that a statement names.
pub const AT_ONCE: usize = 500;

/// A case that is listed, and whether it is on hold now.
#[derive(FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub listing: Model,
    pub on_hold: bool,
}

impl Selected for Row {
    type Table = Entity;

    fn joined(select: Select<Entity>, _: DbBackend) -> Select<Entity> {
        select.expr_as(is_held(), "on_hold")
    }

    fn model(&self) -> &Model {
        &self.listing
    }
}

/// Whether the case of a row is on hold.
pub fn is_held() -> SimpleExpr {
    let id = (Entity, Column::CaseId);
    let complaint = sql::referred(complaint::Column::OnHold, complaint::Column::Id, id);
    let request = sql::referred(service_request::Column::OnHold, service_request::Column::Id, id);
    Func::coalesce([complaint, request, Expr::value(false)]).into()
}

/// The cases of a list, but for some.
pub async fn list(db: &Db, list: &List<DueFilter>, hidden: HashSet<Uuid>) -> Result<Found<DueCase>> {
    let DueFilter { kind, on_hold, approved, destroy_before, sort: _ } = &list.filter;
    let kept = is_held().not();
    let condition = Condition::all()
        .add_option(kind.as_ref().map(|kinds| Column::Kind.is_in(kinds.iter().copied())))
        .add_option(on_hold.map(|on_hold| if on_hold { is_held() } else { kept.clone() }))
        .add_option(
            approved.map(
                |approved| {
                    if approved { Column::ApprovedAt.is_not_null() } else { Column::ApprovedAt.is_null() }
                },
            ),
        )
        .add_option(destroy_before.map(|day| Column::DestroyOn.lt(day).and(kept)))
        .add_option((!hidden.is_empty()).then(|| Column::CaseId.is_not_in(hidden)));
    let mut found: Found<Row> = list.find(db, Entity::find().filter(condition)).await?;
    let shown = shown(db.reader(), std::mem::take(&mut found.rows)).await?;
    Ok(found.with(shown))
}

/// The cases that are not on hold, the first to be destroyed first, but for complaints from which the reader is recused.
pub async fn unheld(db: &DatabaseConnection, reader: &Author) -> Result<Vec<DueCase>> {
    let hidden = recusal::recused_from(db, reader).await?;
    let kept = Condition::all()
        .add(is_held().not())
        .add_option((!hidden.is_empty()).then(|| Column::CaseId.is_not_in(hidden)));
    let select = Entity::find().filter(kept).order_by_asc(Column::DestroyOn).order_by_asc(Column::CaseId);
    shown(db, Row::of(select, db.get_database_backend()).all(db).await?).await
}

/// Rows with what the log says of those that are on hold, and with the names of those who have approved them.
pub async fn shown(db: &impl ConnectionTrait, rows: Vec<Row>) -> Result<Vec<DueCase>> {
    let held: Vec<Uuid> = rows.iter().filter(|row| row.on_hold).map(|row| row.listing.case_id).collect();
    let mut holds = holds(db, &held).await?;
    let approvers: HashSet<&str> = rows.iter().filter_map(|row| row.listing.approved_by.as_deref()).collect();
    let names = names_of(db, &Vec::from_iter(approvers)).await?;
    let case = |row: Row| {
        let hold = holds.remove(&row.listing.case_id);
        DueCase::of(row, hold, &names)
    };
    Ok(rows.into_iter().map(case).collect())
}

/// Those of several cases whose destruction the log has as approved, with nothing since then that ends it.
pub async fn approved(db: &impl ConnectionTrait, cases: &[Uuid]) -> Result<HashSet<Uuid>> {
    use audit_event::{Column, Entity};
    let mut approved = HashSet::new();
    for cases in cases.chunks(AT_ONCE) {
        let events = Entity::find()
            .filter(Column::RecordId.is_in(cases.iter().copied()))
            .filter(Column::Action.is_in(END_OF_APPROVAL.into_iter().chain([APPROVE_DESTRUCTION])))
            .order_by_asc(Column::Seq);
        for event in events.all(db).await? {
            let Some(case) = event.record_id else { continue };
            if event.action == APPROVE_DESTRUCTION {
                approved.insert(case)
            } else {
                approved.remove(&case)
            };
        }
    }
    Ok(approved)
}

/// Since when a case is on hold, and the reason that was given.
pub struct Hold {
    pub since: DateTime<Utc>,
    pub reason: Option<String>,
}

/// The last hold of each of several cases.
async fn holds(db: &impl ConnectionTrait, cases: &[Uuid]) -> Result<HashMap<Uuid, Hold>> {
    let mut holds = HashMap::new();
    for cases in cases.chunks(AT_ONCE) {
        let events = audit_event::Entity::find()
            .filter(audit_event::Column::RecordId.is_in(cases.iter().copied()))
            .filter(audit_event::Column::Action.eq(HOLD))
            .order_by_asc(audit_event::Column::Seq)
            .find_also_related(audit_detail::Entity);
        for (event, detail) in events.all(db).await? {
            let Some(case) = event.record_id else { continue };
            let detail = detail.and_then(|detail| serde_json::from_str::<Detail>(&detail.text).ok());
            let since = detail.as_ref().map_or(event.hour, |detail| detail.at);
            let note = detail.and_then(|detail| detail.note);
            let reason = note.as_ref().and_then(|note| note["reason"].as_str()).map(str::to_owned);
            holds.insert(case, Hold { since, reason });
        }
    }
    Ok(holds)
}
