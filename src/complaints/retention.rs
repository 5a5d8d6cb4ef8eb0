//! How long complaints are kept. Kind, category, dates and outcome stay; who handled one and whom it was about does not.

use chrono::{Months, NaiveDate};
use entity::complaint::{Column, Entity, Kind, Model};
use entity::retention_listing;
use entity::texts::Texts;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveEnum, ColumnTrait, Condition, ConnectionTrait, EntityTrait, Iterable, QueryFilter, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::store::{Row, without_report};
use super::tally::outcome;
use crate::audit_log::append::{Event, Logged};
use crate::cases::retention::{self, CHANGE_KIND, Closed, Expirable, HOLD, RELEASE};
use crate::db::Write;
use crate::db::select::Selected;
use crate::domain::retention::{Retention, label};
use crate::error::{Code, Error, Result};

impl Expirable for Row {
    async fn closed<C: ConnectionTrait>(db: &C, retention: &Retention, by: NaiveDate) -> Result<Vec<Closed>> {
        let mut may_be = Condition::any();
        for kind in Kind::iter() {
            let last = by.checked_sub_months(Months::new(retention.shortest(&kind.to_value())));
            may_be = may_be.add(Column::Kind.eq(kind).and(Column::ClosedOn.lte(last.unwrap_or(NaiveDate::MIN))));
        }
        let closed = without_report(Entity::find().filter(may_be).filter(Column::DestroyedOn.is_null()));
        let closed = Self::of(closed, db.get_database_backend()).all(db).await?;
        Ok(closed.iter().filter_map(Self::as_closed).collect())
    }

    fn as_closed(&self) -> Option<Closed> {
        let complaint = &self.complaint;
        // Whoever asks to reopen it is answered first.
        if complaint.reopening_requested_on.is_some() {
            return None;
        }
        let kind = match complaint.kind {
            Kind::Corruption => retention_listing::Kind::Corruption,
            Kind::Misconduct => retention_listing::Kind::Misconduct,
            Kind::Service => retention_listing::Kind::Service,
            Kind::Feedback => retention_listing::Kind::Feedback,
        };
        Some(Closed {
            id: complaint.id,
            reference: complaint.reference.clone(),
            kind,
            e_service: None,
            outcome: outcome(complaint.status, complaint.outcome)?,
            formerly: complaint.formerly.clone(),
            closed_on: complaint.closed_on.filter(|_| complaint.destroyed_on.is_none())?,
            on_hold: complaint.on_hold,
        })
    }

    fn on_hold(&mut self) -> Option<&mut bool> {
        let complaint = &mut self.complaint;
        complaint.destroyed_on.is_none().then_some(&mut complaint.on_hold)
    }

    async fn numbered<C: ConnectionTrait>(db: &C, reference: &str) -> Result<Option<Uuid>> {
        let ids = Entity::find().select_only().column(Column::Id).filter(Column::Reference.eq(reference));
        Ok(ids.into_tuple().one(db).await?)
    }

    fn forget(&mut self, today: NaiveDate) {
        let complaint = &mut self.complaint;
        complaint.subject = Vec::new();
        complaint.report = Vec::new();
        complaint.recused = Texts::default();
        complaint.recusal_proposal = None;
        complaint.assignee_id = None;
        complaint.entered_by = None;
        complaint.referral = None;
        complaint.duplicate_of = None;
        complaint.accused_unit_id = None;
        complaint.destroyed_on = Some(today);
    }
}

/// What a complaint was filed or closed as, up to now.
pub fn formerly(complaint: &Model) -> Texts {
    let kind = complaint.kind.to_value();
    let present = match outcome(complaint.status, complaint.outcome) {
        Some(outcome) => label(&kind, &outcome),
        None => kind,
    };
    retention::formerly(&complaint.formerly, present)
}

/// Why the kind of a closed complaint does not change: the figures of its year, and how long it is kept, depend on it.
pub fn kind_is_final() -> Error {
    Code::IllegalTransition.because(
        "เรื่องนี้สิ้นสุดแล้ว จึงเปลี่ยนประเภทเรื่องไม่ได้ เว้นแต่นำกลับมาดำเนินการใหม่ก่อน",
        "the complaint is closed: its kind does not change unless it is reopened first",
    )
}

/// The events of a correction that changes how long a complaint is kept.
pub async fn corrected(write: &Write, before: &Model, after: &Row) -> Result<Vec<Event>> {
    let event = |action| Event::happened(action, Row::RESOURCE.name(), Some(before.id));
    let (mut events, after) = (Vec::new(), &after.complaint);
    if before.kind != after.kind {
        events.push(event(CHANGE_KIND).with(json!({ "from": before.kind, "to": after.kind })));
    }
    match (before.on_hold, after.on_hold) {
        (false, true) => events.push(event(HOLD)),
        (true, false) => {
            retention::refuse_operators_hold(write, before.id).await?;
            retention::restart_notice(write, before.id).await?;
            events.push(event(RELEASE));
        }
        _ => {}
    }
    Ok(events)
}
