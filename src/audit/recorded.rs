//! Since when the agency recorded all cases, as the log has it: figures of days before are null, whatever the log has of them.

use serde_json::Value;

use super::case_ends::{COMPLAINTS, Leaf};
use crate::audit_log::append::Detail;
use crate::revisions::Resource;

const AGENCY: &str = Resource::Agency.name();

/// Records of the agency, each with the hour of its event.
#[derive(Default)]
pub struct Recorded(Vec<(String, Value)>);

impl Recorded {
    pub fn event(&mut self, leaf: &Leaf, detail: Option<&Detail>) {
        let document = detail.and_then(|detail| detail.document.clone());
        if let Some(document) = document.filter(|_| leaf.resource == AGENCY) {
            self.0.push((leaf.hour.clone(), document));
        }
    }

    /// The days from which cases were recorded, as far as the agency stated them, of the records that it had in an hour.
    fn days(&self, resource: &str, hour: &str) -> Vec<Option<&str>> {
        let field = if resource == COMPLAINTS { "integrity_recorded_from" } else { "service_requests_recorded_from" };
        let before = self.0.iter().rev().find(|(at, _)| &**at < hour);
        let during = self.0.iter().filter(|(at, _)| at == hour);
        let days: Vec<_> = before.into_iter().chain(during).map(|(_, agency)| day_of(agency, field)).collect();
        if days.is_empty() { vec![None] } else { days }
    }

    /// Whether a period that ends on a day was recorded in part, whichever of the records of the hour counted.
    pub fn has_some(&self, resource: &str, hour: &str, last: &str) -> bool {
        self.days(resource, hour).into_iter().all(|day| day.is_some_and(|day| day <= last))
    }

    /// Whether it was recorded from a day on, by one of them.
    pub fn has_all_from(&self, resource: &str, hour: &str, first: &str) -> bool {
        self.days(resource, hour).into_iter().any(|day| day.is_some_and(|day| day <= first))
    }
}

/// The day of a record: one for all kinds, or one of the kind.
fn day_of<'a>(agency: &'a Value, field: &str) -> Option<&'a str> {
    ["recording_began_on", field].into_iter().find_map(|name| agency.get(name)?.as_str())
}
