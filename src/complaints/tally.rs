//! What is counted of a complaint.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::complaint::{Kind, Model, Outcome, Status};
use sea_orm::ActiveEnum;

use super::store::Row;
use crate::cases::tallies::{self, GENERAL, INTEGRITY, State, TallyKey};
use crate::db::Write;
use crate::domain::tally::Counted;
use crate::error::Result;

/// Counts complaints as they are from now on.
pub async fn count(write: &Write, rows: &[Row]) -> Result<()> {
    let state = |row| Ok(State { case: Row::id(row), place: place(row)?, counted: counted(row) });
    tallies::count(write, rows.iter().map(state).collect::<Result<_>>()?).await
}

/// Where it is counted, as long as its kind stays.
pub fn place(row: &Row) -> Result<TallyKey> {
    place_of(row.complaint.kind, row.complaint.received_on)
}

/// Where a complaint of a kind is counted that was received on a day.
pub fn place_of(kind: Kind, received_on: NaiveDate) -> Result<TallyKey> {
    TallyKey::new(if kind.is_of_integrity() { INTEGRITY } else { GENERAL }, received_on)
}

fn counted(row: &Row) -> Counted {
    let complaint = &row.complaint;
    // What the reporter takes back is no work of the office: it is finished, and its end in no figure of days.
    let concluded = matches!(complaint.status, Status::Concluded | Status::Rejected);
    let facets = [
        ("kind", Some(complaint.kind.to_value())),
        ("category", Some(row.category.code.clone())),
        ("channel", Some(complaint.channel.to_value())),
        ("unit", row.unit.as_ref().map(|unit| unit.code.clone())),
        ("outcome", outcome(complaint.status, complaint.outcome)),
    ];
    let answered_on = complaint.first_answer_took.and(complaint.first_answered_on);
    let first_answer = answered_on.map(|day| day <= complaint.first_answer_due_on);
    let conclusion = complaint.closed_on.zip(complaint.conclusion_due_on).map(|(day, due)| day <= due);
    let days = [
        ("first_answer", complaint.first_answer_took),
        ("conclusion", complaint.conclusion_took.filter(|_| concluded)),
    ];
    let in_time = [("first_answer", first_answer), ("conclusion", conclusion.filter(|_| concluded))];
    Counted {
        finished: complaint.closed_on.is_some(),
        facets: named(facets),
        days: named(days).into_iter().map(|(figure, days)| (figure, days.unsigned_abs())).collect(),
        in_time: named(in_time),
        marks: if complaint.reopen_count > 0 { BTreeSet::from(["reopened".to_owned()]) } else { BTreeSet::new() },
        due_on: due_on(complaint),
    }
}

/// The day of the next promise that is still to be kept; `late` in the filter says the same of rows.
fn due_on(complaint: &Model) -> Option<NaiveDate> {
    let answer = Some(complaint.first_answer_due_on).filter(|_| complaint.first_answered_on.is_none());
    let promised = answer.into_iter().chain(complaint.conclusion_due_on).min();
    promised.filter(|_| complaint.closed_on.is_none())
}

/// How it ended, if it has.
pub fn outcome(status: Status, outcome: Option<Outcome>) -> Option<String> {
    outcome.map(|outcome| outcome.to_value()).or_else(|| match status {
        Status::Rejected | Status::Withdrawn | Status::Converted => Some(status.to_value()),
        _ => None,
    })
}

fn named<T, const MANY: usize>(values: [(&str, Option<T>); MANY]) -> BTreeMap<String, T> {
    values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
