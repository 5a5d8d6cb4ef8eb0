//! How long service requests are kept. E-service, channel, dates, rating and how it ended stay.

use chrono::{Months, NaiveDate};
use entity::service_request::{Column, Entity, Status};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::store::Row;
use crate::cases::retention::{Closed, Expirable};
use crate::domain::retention::Retention;
use crate::error::Result;

/// As settings name them.
const KIND: &str = "request";

impl Expirable for Row {
    async fn closed<C: ConnectionTrait>(db: &C, retention: &Retention, today: NaiveDate) -> Result<Vec<Closed>> {
        let last = today.checked_sub_months(Months::new(retention.shortest(KIND))).unwrap_or(NaiveDate::MIN);
        let closed = Entity::find()
            .select_only()
            .columns([Column::Id, Column::Reference, Column::Status, Column::ClosedOn])
            .filter(Column::ClosedOn.lte(last))
            .filter(Column::DestroyedOn.is_null())
            .order_by_asc(Column::ClosedOn)
            .into_tuple::<(Uuid, String, Status, NaiveDate)>();
        let closed = closed.all(db).await?.into_iter();
        Ok(closed.map(|(id, reference, status, closed_on)| closed_of(id, reference, status, closed_on)).collect())
    }

    fn as_closed(&self) -> Option<Closed> {
        let request = &self.request;
        let closed_on = request.closed_on.filter(|_| request.destroyed_on.is_none())?;
        Some(closed_of(request.id, request.reference.clone(), request.status, closed_on))
    }

    fn forget(&mut self, today: NaiveDate) {
        let request = &mut self.request;
        request.content = Vec::new();
        request.public_note = None;
        (request.latitude, request.longitude) = (None, None);
        request.assignee_id = None;
        request.destroyed_on = Some(today);
    }
}

fn closed_of(id: Uuid, reference: String, status: Status, closed_on: NaiveDate) -> Closed {
    Closed { id, reference, kind: KIND.to_owned(), outcome: status.to_value(), closed_on }
}
