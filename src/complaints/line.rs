//! Complaints as lines of a table.

use super::dto::ComplaintSummary;
use crate::http::list::Tabular;
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::revisions::Resource;

impl Tabular for ComplaintSummary {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |complaint| complaint.id.to_string().into()),
        ("reference", |complaint| complaint.reference.as_str().into()),
        ("kind", |complaint| Cell::code(complaint.kind)),
        ("category", |complaint| Cell::records(Resource::ComplaintCategories, [&complaint.category])),
        ("channel", |complaint| Cell::code(complaint.channel)),
        ("anonymous", |complaint| complaint.anonymous.into()),
        ("status", |complaint| Cell::code(complaint.status)),
        ("outcome", |complaint| complaint.outcome.map(Cell::code).into()),
        ("accused_unit", |complaint| Cell::records(Resource::Units, &complaint.accused_unit)),
        ("unit", |complaint| Cell::records(Resource::Units, &complaint.unit)),
        ("assignee_id", |complaint| complaint.assignee_id.map(|id| id.to_string()).into()),
        ("assignee_name", |complaint| complaint.assignee_name.as_deref().into()),
        ("received_on", |complaint| complaint.received_on.into()),
        ("received_at", |complaint| complaint.received_at.into()),
        ("entered_at", |complaint| complaint.entered_at.into()),
        ("entered_by_id", |complaint| complaint.entered_by_id.as_deref().into()),
        ("entered_by_name", |complaint| complaint.entered_by_name.as_deref().into()),
        ("register_no", |complaint| complaint.register_no.as_deref().into()),
        ("first_answer_due_on", |complaint| complaint.first_answer.due_on.into()),
        ("first_answer_met_on", |complaint| complaint.first_answer.met_on.into()),
        ("first_answer_overdue", |complaint| complaint.first_answer.overdue.into()),
        ("conclusion_due_on", |complaint| complaint.conclusion.due_on.into()),
        ("conclusion_met_on", |complaint| complaint.conclusion.met_on.into()),
        ("conclusion_overdue", |complaint| complaint.conclusion.overdue.into()),
        ("withdrawal_requested_on", |complaint| complaint.withdrawal_requested_on.into()),
        ("reopening_requested_on", |complaint| complaint.reopening_requested_on.into()),
        ("referral_authority", |complaint| complaint.referral.as_ref().map(|to| to.authority.as_str()).into()),
        ("referral_letter_no", |complaint| complaint.referral.as_ref().and_then(|to| to.letter_no.as_deref()).into()),
        ("referral_letter_on", |complaint| complaint.referral.as_ref().and_then(|to| to.letter_on).into()),
        ("duplicate_of_id", |complaint| complaint.duplicate_of_id.map(|id| id.to_string()).into()),
        ("duplicate_of_reference", |complaint| complaint.duplicate_of_reference.as_deref().into()),
        ("duplicates_count", |complaint| Cell::count(complaint.duplicates_count)),
        ("continues_reference", |complaint| complaint.continuation.continues_reference.as_deref().into()),
        ("continued_as_reference", |complaint| complaint.continuation.continued_as_reference.as_deref().into()),
        ("reopen_count", |complaint| complaint.reopen_count.into()),
        ("rating", |complaint| complaint.rating.into()),
        ("on_hold", |complaint| complaint.on_hold.into()),
        ("destroyed_on", |complaint| complaint.destroyed_on.into()),
        ("updated_at", |complaint| complaint.updated_at.into()),
    ];
}
