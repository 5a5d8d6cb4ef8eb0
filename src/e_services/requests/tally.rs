//! What is counted of a service request.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::service_request::Status;
use sea_orm::ActiveEnum;

use super::store::Row;
use crate::cases::tallies::{self, SERVICE_REQUESTS, State, TallyKey};
use crate::db::Write;
use crate::domain::service_request::Action;
use crate::domain::tally::Counted;
use crate::domain::workflow::Action as _;
use crate::error::Result;

/// Counts service requests as they are from now on, each with the others for its e-service.
pub async fn count(write: &Write, rows: &[Row]) -> Result<()> {
    let state = |row| Ok(State { case: Row::id(row), place: place(row)?, counted: counted(row) });
    tallies::count(write, rows.iter().map(state).collect::<Result<_>>()?).await
}

/// Where it is counted, for as long as it is there.
pub fn place(row: &Row) -> Result<TallyKey> {
    place_of(&row.service.code, row.request.received_on)
}

/// Where a request for an e-service is counted that was received on a day.
pub fn place_of(e_service: &str, received_on: NaiveDate) -> Result<TallyKey> {
    TallyKey::new(&format!("{SERVICE_REQUESTS}{e_service}"), received_on)
}

fn counted(row: &Row) -> Counted {
    let request = &row.request;
    let is_closed = Action::is_closed(request.status);
    let facets = [
        ("channel", Some(request.channel.to_value())),
        ("outcome", Some(request.status.to_value()).filter(|_| is_closed)),
        ("rating", request.rating.map(|rating| rating.to_string())),
    ];
    // What was refused or taken back is finished, but not done.
    let took = request.took.filter(|_| request.status == Status::Completed);
    let in_time = took.and(request.closed_on).zip(request.due_on).map(|(day, due_on)| day <= due_on);
    let named = |figure: &str| figure.to_owned();
    Counted {
        finished: is_closed,
        facets: facets.into_iter().filter_map(|(name, value)| Some((named(name), value?))).collect(),
        days: took.map(|days| (named("completion"), days.unsigned_abs())).into_iter().collect(),
        in_time: in_time.map(|in_time| (named("completion"), in_time)).into_iter().collect::<BTreeMap<_, _>>(),
        marks: if request.reopen_count > 0 { BTreeSet::from([named("reopened")]) } else { BTreeSet::new() },
        due_on: request.due_on.filter(|_| !is_closed),
    }
}
