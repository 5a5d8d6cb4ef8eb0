//! Ends of cases, for the verification of an export: a detail may be missing only where a case was destroyed, and a case is
//! destroyed only once it has been closed and that was approved.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::verify::{Name, called};
use crate::audit_log::append::{DELETE, DESTROY};
use crate::cases::retention::{APPROVE_DESTRUCTION, END_OF_APPROVAL};
use crate::domain::working_days::bangkok_day;
use crate::revisions::Resource;

pub const COMPLAINTS: &str = Resource::Complaints.name();
pub const SERVICE_REQUESTS: &str = Resource::ServiceRequests.name();
const IDENTITY_REQUESTS: &str = Resource::IdentityRequests.name();
const SEALED_IDENTITIES: &str = Resource::SealedIdentities.name();

/// Records that the service deletes. Of all others one that is gone was removed without it.
const DELETED: &[&str] = &[
    IDENTITY_REQUESTS,
    SEALED_IDENTITIES,
    Resource::Measures.name(),
    Resource::Projects.name(),
    Resource::Holidays.name(),
    Resource::ClosedDays.name(),
    Resource::Posts.name(),
    Resource::PublicFiles.name(),
    Resource::ReportedFigures.name(),
    Resource::ItaItems.name(),
    Resource::ItaDisclosures.name(),
];

const NEVER_DELETED: &str = "deletes a record of a kind that is never deleted";
const NOT_CLOSED: &str = "destroys a case that was not closed";
const NOT_APPROVED: &str = "destroys a case, and the log does not have that this was approved";
const ALONE: &str = "deletes what belongs to a case, and the case was not destroyed with it";

/// What the text of an event says.
#[derive(Deserialize)]
pub struct Leaf {
    pub seq: u64,
    pub hour: String,
    pub action: String,
    pub resource: String,
    pub record: Option<String>,
    pub commitment: Option<String>,
}

impl Leaf {
    pub fn name(&self) -> Name {
        (self.resource.clone(), self.record.clone())
    }

    /// Whether it closes a case, or opens it again.
    pub fn closes(&self) -> Option<bool> {
        match (&*self.resource, &*self.action) {
            (COMPLAINTS | SERVICE_REQUESTS, "reopen") => Some(false),
            (COMPLAINTS, "reject" | "conclude" | "note" | "withdraw" | "accept_withdrawal" | "convert") => Some(true),
            (SERVICE_REQUESTS, "reject" | "refer" | "complete" | "cancel" | "convert") => Some(true),
            _ => None,
        }
    }

    /// Whose details were erased with it (cases::destroy). Events about a sealed identity have the id of the complaint.
    fn erases(&self) -> &'static [&'static str] {
        match (&*self.action, &*self.resource) {
            (DESTROY, COMPLAINTS) => &[COMPLAINTS, SEALED_IDENTITIES],
            (DESTROY, SERVICE_REQUESTS) => &[SERVICE_REQUESTS],
            (DELETE, IDENTITY_REQUESTS) => &[IDENTITY_REQUESTS],
            _ => &[],
        }
    }
}

#[derive(Default)]
pub struct CaseEnds {
    /// Events without a detail, by their record, until an event is found that erased them.
    missing: BTreeMap<Name, Vec<u64>>,
    /// The latest hour up to now.
    hour: String,
    /// Cases that are closed, with the event and the latest hour by then.
    closed: HashMap<Name, (u64, String)>,
    /// Cases whose destruction is approved.
    approved: HashSet<Name>,
    /// Events that delete what belongs to a complaint, until the next event destroys it: a request for its identity, or the identity,
    /// which has the id of the complaint.
    parts: Vec<(u64, Option<String>)>,
    /// Cases that were destroyed, until their record says so, with the event.
    destroyed: BTreeMap<Name, u64>,
    /// Details that were erased.
    pub erased: u64,
    /// For auditors, a sentence for each case that was destroyed.
    pub told: Vec<String>,
    /// Of the cases that were destroyed, which sentence is about them and the hour of their closing event.
    told_of: HashMap<Name, (usize, String)>,
}

impl CaseEnds {
    /// The findings about an event, each with the event that it is about.
    pub fn event(&mut self, seq: u64, leaf: &Leaf) -> Vec<(u64, &'static str)> {
        let mut findings = Vec::new();
        if leaf.hour > self.hour {
            self.hour.clone_from(&leaf.hour);
        }
        if leaf.action == DELETE && !DELETED.contains(&&*leaf.resource) {
            findings.push((seq, NEVER_DELETED));
        }
        match leaf.closes() {
            // An hour of before would make it look old.
            Some(true) => drop(self.closed.insert(leaf.name(), (seq, self.hour.clone()))),
            Some(false) => drop(self.closed.remove(&leaf.name())),
            None => {}
        }
        if leaf.action == APPROVE_DESTRUCTION {
            self.approved.insert(leaf.name());
        } else if END_OF_APPROVAL.contains(&&*leaf.action) {
            self.approved.remove(&leaf.name());
        }
        let parts = match (&*leaf.action, &*leaf.resource) {
            (DELETE, IDENTITY_REQUESTS | SEALED_IDENTITIES) => {
                self.parts.push((seq, leaf.record.clone().filter(|_| leaf.resource == SEALED_IDENTITIES)));
                Vec::new()
            }
            _ => std::mem::take(&mut self.parts),
        };
        let is_end = (&*leaf.action, &*leaf.resource) == (DESTROY, COMPLAINTS);
        let belongs = |of: &Option<String>| is_end && (of.is_none() || *of == leaf.record);
        let requests = parts.iter().filter(|(_, of)| is_end && of.is_none()).count();
        findings.extend(parts.iter().filter(|(_, of)| !belongs(of)).map(|(part, _)| (*part, ALONE)));
        for resource in leaf.erases().iter().filter(|_| leaf.record.is_some()) {
            let erased = self.missing.remove(&((*resource).to_owned(), leaf.record.clone()));
            self.erased += erased.map_or(0, |erased| erased.len() as u64);
        }
        if leaf.action == DESTROY && [COMPLAINTS, SERVICE_REQUESTS].contains(&&*leaf.resource) {
            match self.closed.remove(&leaf.name()) {
                Some((closed, hour)) => {
                    self.told.push(format!(
                        "destroyed {}: {}, in event {seq}, with {requests} requests for an identity; closed {hour}, in event {closed}",
                        leaf.hour,
                        called(&leaf.name())
                    ));
                    self.told_of.insert(leaf.name(), (self.told.len() - 1, hour));
                }
                None => findings.push((seq, NOT_CLOSED)),
            }
            if !self.approved.remove(&leaf.name()) {
                findings.push((seq, NOT_APPROVED));
            }
            self.destroyed.insert(leaf.name(), seq);
        }
        findings
    }

    pub fn detail_is_missing(&mut self, seq: u64, leaf: &Leaf) {
        self.missing.entry(leaf.name()).or_default().push(seq);
    }

    /// A record says that it was destroyed, and when it was closed: before that was entered, if it came on paper.
    pub fn is_there(&mut self, name: &Name, closed_on: &Value) {
        self.destroyed.remove(name);
        let Some((index, hour)) = self.told_of.get(name) else { return };
        let entered_on = hour.parse::<DateTime<Utc>>().map(|hour| bangkok_day(hour).to_string());
        if let (Ok(entered_on), Some(closed_on), Some(told)) =
            (entered_on, closed_on.as_str(), self.told.get_mut(*index))
            && closed_on < &*entered_on
        {
            told.push_str(&format!(", on {closed_on} by its record"));
        }
    }

    /// What is left at the end: events that delete a part of a case alone, and events whose detail is missing, with the finding; and
    /// cases that are not there as destroyed ones.
    pub fn end(self) -> (Vec<(u64, &'static str)>, BTreeMap<Name, u64>) {
        let mut missing: Vec<_> =
            self.missing.into_values().flatten().map(|seq| (seq, "its detail is missing")).collect();
        missing.sort_unstable();
        (self.parts.into_iter().map(|(part, _)| (part, ALONE)).chain(missing).collect(), self.destroyed)
    }
}
