//! Since when the agency recorded all cases, as the log has it: figures of days before are null, whatever the log has of them.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use super::case_ends::{COMPLAINTS, Leaf};
use super::figures::{figures, list};
use crate::audit_log::append::Detail;
use crate::domain::coverage::{Coverage, Recording};
use crate::domain::fiscal_year::Span;
use crate::revisions::Resource;

const AGENCY: &str = Resource::Agency.name();

const UNFOUNDED: &str = "what it says of the days that were recorded does not follow from the log";
const NOT_RECORDED: &str = "says that there were none, of days that were not recorded";

/// Records of the agency, each with the hour of its event.
#[derive(Default)]
pub struct Recorded(Vec<(String, Value)>);

impl Recorded {
    pub fn event(&mut self, leaf: &Leaf, detail: Option<&Detail>) {
        let document = detail.filter(|_| leaf.resource == AGENCY).and_then(|detail| detail.document.as_ref());
        if let Some(document) = document {
            self.0.push((leaf.hour.clone(), document.clone()));
        }
    }

    /// The days from which cases were recorded, as the agency stated them at the instant of the figures and still did in an hour: of both
    /// the later. That instant is a full hour.
    fn days(&self, resource: &str, as_of: &str, hour: &str) -> Vec<Option<NaiveDate>> {
        let field = if resource == COMPLAINTS { "integrity_recorded_from" } else { "service_requests_recorded_from" };
        let day = |(_, agency): &(String, Value)| agency.get(field)?.as_str()?.parse::<NaiveDate>().ok();
        let before = |hour: &str| self.0.iter().rev().find(|(at, _)| &**at < hour);
        let then = before(as_of).and_then(day);
        let during = self.0.iter().filter(|(at, _)| at == hour);
        let still: Vec<_> = before(hour).into_iter().chain(during).map(day).collect();
        let days: Vec<_> = still.into_iter().map(|still| Some(then?.max(still?))).collect();
        if days.is_empty() { vec![None] } else { days }
    }

    /// What is wrong with what published figures say of the recorded days, whichever of the records of the hour counted.
    pub fn faults(&self, resource: &str, hour: &str, published: &Value) -> Vec<&'static str> {
        let as_of = published["as_of"].as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok());
        let days = self.days(resource, published["as_of"].as_str().unwrap_or_default(), hour).into_iter();
        let recordings: Vec<_> = as_of.map(|at| days.map(|day| Recording::new(day, at)).collect()).unwrap_or_default();
        let mut faults = Vec::new();
        if !recordings.iter().any(|recording| is_founded(published, recording)) {
            faults.push(UNFOUNDED);
        }
        let is_recorded = |recording: &Recording| {
            let coverage = span(published).map(|span| recording.of(span).coverage);
            matches!(coverage, Some(Coverage::Recorded | Coverage::Until))
        };
        if !published["statement"].is_null() && !recordings.iter().any(is_recorded) {
            faults.push(NOT_RECORDED);
        }
        faults
    }
}

/// Whether each figure says of its days what was recorded of them. A statement alone does not say it.
fn is_founded(published: &Value, recording: &Recording) -> bool {
    let is_of_days = |figures: &Value| {
        let covered = span(figures).map(|span| json!(recording.of(span)));
        let is_so = |covered: Value| {
            ["coverage", "recorded_from", "recorded_until"].iter().all(|field| figures[field] == covered[field])
        };
        covered.is_some_and(is_so)
    };
    let mut of_days = figures(published).into_iter().filter(|(_, _, of)| of.channel.is_none());
    published.get("months").is_none() || of_days.all(|(_, figures, _)| is_of_days(figures))
}

/// The days that figures are of.
fn span(figures: &Value) -> Option<Span> {
    let months = list(figures, "months");
    let day = |of: &Value, field: &str| of[field].as_str()?.parse().ok();
    Some((day(months.first().unwrap_or(figures), "starts_on")?, day(months.last().unwrap_or(figures), "ends_on")?))
}
