//! How long service requests are kept. E-service, channel, dates, rating and how it ended stay.

use chrono::{Months, NaiveDate};
use entity::retention_listing::Kind;
use entity::service_request::{Column, Entity, Model};
use entity::texts::Texts;
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::store::{Row, without_content};
use crate::cases::retention::{self, Closed, Expirable};
use crate::db::select::Selected;
use crate::domain::retention::{Retention, label};
use crate::error::Result;

impl Expirable for Row {
    async fn closed<C: ConnectionTrait>(db: &C, retention: &Retention, by: NaiveDate) -> Result<Vec<Closed>> {
        let shortest = Months::new(retention.shortest(&Kind::Request.to_value()));
        let last = by.checked_sub_months(shortest).unwrap_or(NaiveDate::MIN);
        let closed = Entity::find().filter(Column::ClosedOn.lte(last)).filter(Column::DestroyedOn.is_null());
        let closed = Self::of(without_content(closed), db.get_database_backend()).all(db).await?;
        Ok(closed.iter().filter_map(Self::as_closed).collect())
    }

    fn as_closed(&self) -> Option<Closed> {
        let request = &self.request;
        Some(Closed {
            id: request.id,
            reference: request.reference.clone(),
            kind: Kind::Request,
            e_service: Some(self.service.code.clone()),
            outcome: request.status.to_value(),
            formerly: request.formerly.clone(),
            closed_on: request.closed_on.filter(|_| request.destroyed_on.is_none())?,
            on_hold: request.on_hold,
        })
    }

    fn on_hold(&mut self) -> Option<&mut bool> {
        let request = &mut self.request;
        request.destroyed_on.is_none().then_some(&mut request.on_hold)
    }

    async fn numbered<C: ConnectionTrait>(db: &C, reference: &str) -> Result<Option<Uuid>> {
        let ids = Entity::find().select_only().column(Column::Id).filter(Column::Reference.eq(reference));
        Ok(ids.into_tuple().one(db).await?)
    }

    fn forget(&mut self, today: NaiveDate) {
        let request = &mut self.request;
        request.content = Vec::new();
        request.public_note = None;
        request.referral = None;
        request.duplicate_of = None;
        (request.latitude, request.longitude) = (None, None);
        request.assignee_id = None;
        request.result_due_on = None;
        request.entered_by = None;
        request.destroyed_on = Some(today);
    }
}

/// What a service request was closed as, up to now.
pub fn formerly(request: &Model) -> Texts {
    retention::formerly(&request.formerly, label(&Kind::Request.to_value(), &request.status.to_value()))
}
