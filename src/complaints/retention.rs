//! How long complaints are kept. Kind, category, dates and outcome stay; who handled one and whom it was about does not.

use chrono::{Months, NaiveDate};
use entity::complaint::{Column, Entity, Kind, Outcome, Status};
use entity::texts::Texts;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, EntityTrait, Iterable, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::store::Row;
use super::tally::outcome;
use crate::cases::retention::{Closed, Expirable};
use crate::domain::retention::Retention;
use crate::error::Result;

impl Expirable for Row {
    async fn closed<C: ConnectionTrait>(db: &C, retention: &Retention, today: NaiveDate) -> Result<Vec<Closed>> {
        let mut may_be = Condition::any();
        for kind in Kind::iter() {
            let last = today.checked_sub_months(Months::new(retention.shortest(&kind.to_value())));
            may_be = may_be.add(Column::Kind.eq(kind).and(Column::ClosedOn.lte(last.unwrap_or(NaiveDate::MIN))));
        }
        let columns = [Column::Id, Column::Reference, Column::Kind, Column::Status, Column::Outcome, Column::ClosedOn];
        let closed = Entity::find()
            .select_only()
            .columns(columns)
            .filter(may_be)
            .filter(Column::DestroyedOn.is_null())
            .filter(Column::OnHold.eq(false))
            .order_by_asc(Column::ClosedOn)
            .into_tuple::<(Uuid, String, Kind, Status, Option<Outcome>, NaiveDate)>();
        Ok(closed.all(db).await?.into_iter().filter_map(closed_of).collect())
    }

    fn as_closed(&self) -> Option<Closed> {
        let complaint = &self.complaint;
        let closed_on = complaint.closed_on.filter(|_| !complaint.on_hold && complaint.destroyed_on.is_none())?;
        let (reference, kind) = (complaint.reference.clone(), complaint.kind);
        closed_of((complaint.id, reference, kind, complaint.status, complaint.outcome, closed_on))
    }

    fn forget(&mut self, today: NaiveDate) {
        let complaint = &mut self.complaint;
        complaint.subject = Vec::new();
        complaint.report = Vec::new();
        complaint.recused = Texts::default();
        complaint.recusal_proposal = None;
        complaint.assignee_id = None;
        complaint.accused_unit_id = None;
        complaint.destroyed_on = Some(today);
    }
}

fn closed_of(
    (id, reference, kind, status, ended, closed_on): (Uuid, String, Kind, Status, Option<Outcome>, NaiveDate),
) -> Option<Closed> {
    Some(Closed { id, reference, kind: kind.to_value(), outcome: outcome(status, ended)?, closed_on })
}
