//! Service requests as lines of a table.

use chrono::{DateTime, NaiveDate, Utc};

use super::bookings::held_day;
use super::dto::completion;
use super::promises;
use super::store::Row;
use crate::cases::deadline::{Deadline, Today};
use crate::cases::paper;
use crate::http::list::Tabular;
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::revisions::Resource;

/// A service request as a line of a table. What was filled in has no column.
pub struct ServiceRequestLine {
    row: Row,
    completion: Deadline,
    delay_notice_due_on: Option<NaiveDate>,
    received_at: Option<DateTime<Utc>>,
    entered_at: DateTime<Utc>,
}

impl ServiceRequestLine {
    pub fn of(row: Row, today: &Today) -> Self {
        let (received_at, entered_at) = paper::times(row.request.received_at, row.request.entered_at);
        let delay_notice_due_on = promises::delay_notice_due_on(&row.request, today.day);
        Self { completion: completion(&row.request, today), delay_notice_due_on, received_at, entered_at, row }
    }
}

impl Tabular for ServiceRequestLine {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |line| line.row.request.id.to_string().into()),
        ("reference", |line| line.row.request.reference.as_str().into()),
        ("e_service", |line| Cell::records(Resource::EServices, [&line.row.service.code])),
        ("booked_on", |line| held_day(&line.row.request).into()),
        ("channel", |line| Cell::code(line.row.request.channel)),
        ("status", |line| Cell::code(line.row.request.status)),
        ("unit", |line| Cell::records(Resource::Units, [&line.row.unit.code])),
        ("assignee_id", |line| line.row.request.assignee_id.map(|id| id.to_string()).into()),
        ("assignee_name", |line| line.row.assignee_name.as_deref().into()),
        ("received_on", |line| line.row.request.received_on.into()),
        ("received_at", |line| line.received_at.into()),
        ("entered_at", |line| line.entered_at.into()),
        ("entered_by_id", |line| line.row.request.entered_by.as_deref().into()),
        ("entered_by_name", |line| line.row.entered_by_name.as_deref().into()),
        ("register_no", |line| line.row.request.register_no.as_deref().into()),
        ("completion_due_on", |line| line.completion.due_on.into()),
        ("completion_met_on", |line| line.completion.met_on.into()),
        ("completion_overdue", |line| line.completion.overdue.into()),
        ("answer_due_on", |line| line.row.request.answer_due_on.into()),
        ("reminder_on", |line| line.row.request.reminder_on.into()),
        ("delay_notice_due_on", |line| line.delay_notice_due_on.into()),
        ("result_due_on", |line| line.row.request.result_due_on.into()),
        ("result_told_on", |line| line.row.request.result_told_on.into()),
        ("referral_authority", |line| line.row.request.referral.as_ref().map(|to| to.authority.as_str()).into()),
        ("referral_letter_no", |line| line.row.request.referral.as_ref().and_then(|to| to.letter_no.as_deref()).into()),
        ("referral_letter_on", |line| line.row.request.referral.as_ref().and_then(|to| to.letter_on).into()),
        ("duplicate_of_id", |line| line.row.request.duplicate_of.map(|id| id.to_string()).into()),
        ("duplicate_of_reference", |line| line.row.duplicate_of_reference.as_deref().into()),
        ("duplicates_count", |line| Cell::count(line.row.duplicates_count)),
        ("continues_reference", |line| line.row.continuation.continues_reference.as_deref().into()),
        ("continued_as_reference", |line| line.row.continuation.continued_as_reference.as_deref().into()),
        ("reopen_count", |line| line.row.request.reopen_count.into()),
        ("rating", |line| line.row.request.rating.into()),
        ("on_hold", |line| line.row.request.on_hold.into()),
        ("destroyed_on", |line| line.row.request.destroyed_on.into()),
        ("updated_at", |line| line.row.request.updated_at.into()),
        ("distance_m", |line| line.row.distance_m.into()),
    ];
}
