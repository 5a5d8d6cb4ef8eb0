//! Recomputes published statistics from the cases in an export, and compares them with the published files.
//!
//! The state of a case at an instant follows from what an export always has: the hours of its events, the notes of `change_kind`,
//! and its record as it is now. So cases that were destroyed since are counted as well. Published figures are of a midnight in
//! Bangkok, which is a full hour in UTC, so hours are exact.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use serde_json::Value;

use super::case_ends::{COMPLAINTS, Leaf, SERVICE_REQUESTS};
use super::recorded::Recorded;
use super::verify::Name;
use crate::audit_log::append::Detail;
use crate::cases::retention::CHANGE_KIND;
use crate::domain::merkle::sha256;
use crate::domain::working_days::{bangkok_day, midnight};
use crate::revisions::Resource;

const PUBLICATION_FILES: &str = Resource::PublicationFiles.name();
const PUBLICATIONS: &str = Resource::Publications.name();
const E_SERVICES: &str = Resource::EServices.name();

/// Kinds that are counted as complaints of corruption and misconduct.
const COUNTED: [&str; 2] = ["corruption", "misconduct"];

const REPLACED: &str = "is about a publication whose content is not the one that was drafted";

/// A complaint, or a request for a service.
#[derive(Default)]
struct Case {
    /// Hour in which it was received.
    since: String,
    /// Hours in which it was closed (true) and reopened.
    closings: Vec<(String, bool)>,
    /// Hours in which its kind changed, and what it was before.
    kinds: Vec<(String, String)>,
    /// Kind of a complaint, or id of the service that is requested.
    about: String,
    channel: String,
    /// Month, such as `2023-10`.
    month: String,
}

/// Cases that were received.
#[derive(Clone, Copy, Default)]
struct Tally {
    total: u64,
    finished: u64,
}

/// Cases at one instant, by service (empty for complaints), channel and month.
type Recount = BTreeMap<(String, String, String), Tally>;

/// What is needed of an export.
#[derive(Default)]
pub struct Figures {
    cases: HashMap<Name, Case>,
    /// Codes of the services, by their id.
    services: HashMap<String, String>,
    /// Hours in which publications were drafted, with the hash of what was frozen then.
    drafts: HashMap<String, (String, Value)>,
    /// Published statistics in JSON: the record of the file, with its publication, hash and text.
    files: Vec<(Name, [String; 3])>,
    recorded: Recorded,
}

impl Figures {
    /// What is wrong with an event.
    pub fn event(&mut self, leaf: &Leaf, detail: Option<&Detail>) -> Option<&'static str> {
        self.recorded.event(leaf, detail);
        let id = leaf.record.as_ref()?;
        if leaf.resource == PUBLICATIONS {
            let content = detail?.document.as_ref()?["content_sha256"].clone();
            if ["create", "refresh"].contains(&&*leaf.action) {
                self.drafts.insert(id.clone(), (leaf.hour.clone(), content));
                return None;
            }
            return self.drafts.get(id).is_none_or(|(_, drafted)| *drafted != content).then_some(REPLACED);
        }
        if ![COMPLAINTS, SERVICE_REQUESTS].contains(&&*leaf.resource) {
            return None;
        }
        let case = self.cases.entry(leaf.name()).or_default();
        if case.since.is_empty() {
            case.since.clone_from(&leaf.hour);
        }
        if let Some(closes) = leaf.closes() {
            case.closings.push((leaf.hour.clone(), closes));
        }
        if leaf.action == CHANGE_KIND
            && let Some(before) = detail.and_then(|detail| detail.note.as_ref()?["from"].as_str())
        {
            case.kinds.push((leaf.hour.clone(), before.to_owned()));
        }
        None
    }

    pub fn record(&mut self, name: &Name, document: &Value) {
        let text = |field: &str| document[field].as_str().unwrap_or_default().to_owned();
        let about = match &*name.0 {
            COMPLAINTS => "kind",
            SERVICE_REQUESTS => "e_service_id",
            E_SERVICES => return drop(self.services.insert(text("id"), text("code"))),
            PUBLICATION_FILES if !document["text"].is_null() => {
                return self.files.push((name.clone(), ["publication_id", "sha256", "text"].map(text)));
            }
            _ => return,
        };
        if let Some(case) = self.cases.get_mut(name) {
            (case.about, case.channel) = (text(about), text("channel"));
            case.month = month(&document["received_on"]).to_owned();
        }
    }

    /// How many published files have statistics, and what is wrong with which file.
    pub fn end(self) -> (u64, Vec<(Name, String)>) {
        let (mut recomputed, mut findings) = (0, Vec::new());
        for (name, [publication, hash, text]) in &self.files {
            let mut found = |finding| findings.push((name.clone(), finding));
            if HEXLOWER.encode(&sha256(&[text.as_bytes()])) != *hash {
                found("its text does not have its hash".to_owned());
            }
            let Ok(published) = serde_json::from_str::<Value>(text) else {
                found("its figures cannot be read".to_owned());
                continue;
            };
            let resource = match published["subject"].as_str() {
                Some("complaint_statistics") => COMPLAINTS,
                Some("service_statistics") => SERVICE_REQUESTS,
                _ => continue,
            };
            recomputed += 1;
            if !self.are_of_their_time(publication, &published) {
                found("its figures are not those of the midnight before it was drafted".to_owned());
            }
            let hour = self.drafts.get(publication).map_or("", |(hour, _)| hour);
            for fault in self.recorded.faults(resource, hour, &published) {
                found(fault.to_owned());
            }
            compare(&published, &self.recount(resource, &published), found);
        }
        (recomputed, findings)
    }

    /// Whether the figures of a draft are those of the midnight before, and a statement is about days before that.
    fn are_of_their_time(&self, publication: &str, published: &Value) -> bool {
        let drafted = self.drafts.get(publication).and_then(|(hour, _)| hour.parse::<DateTime<Utc>>().ok());
        let as_of = published["as_of"].as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok());
        let (Some(drafted), Some(as_of)) = (drafted, as_of) else { return false };
        // A draft that is written just after midnight may have been assembled just before.
        let midnights = [drafted, drafted - TimeDelta::hours(1)].map(|at| midnight(bangkok_day(at)));
        let is_over = published["ends_on"].as_str().is_none_or(|day| day < &*bangkok_day(as_of).to_string());
        midnights.contains(&as_of) && is_over
    }

    /// The cases of the published period as they were at the instant of the figures.
    fn recount(&self, resource: &str, published: &Value) -> Recount {
        let as_of = published["as_of"].as_str().unwrap_or_default();
        let months = list(published, "months");
        let first = month(&months.first().unwrap_or(published)["starts_on"]);
        let last = month(&months.last().unwrap_or(published)["ends_on"]);
        let mut recount = Recount::new();
        for (name, case) in &self.cases {
            let is_of_period = first <= &*case.month && &*case.month <= last;
            if name.0 != resource || !is_of_period || &*case.since >= as_of {
                continue;
            }
            let change = case.kinds.iter().find(|(hour, _)| &**hour >= as_of);
            let about = change.map_or(&case.about, |(_, before)| before);
            let service = match resource {
                COMPLAINTS if COUNTED.contains(&&**about) => "",
                COMPLAINTS => continue,
                _ => self.services.get(about).map_or(&**about, String::as_str),
            };
            let place = (service.to_owned(), case.channel.clone(), case.month.clone());
            let tally = recount.entry(place).or_default();
            tally.total += 1;
            tally.finished += u64::from(case.is_closed(as_of));
        }
        recount
    }
}

impl Case {
    fn is_closed(&self, as_of: &str) -> bool {
        self.closings.iter().rev().find(|(hour, _)| &**hour < as_of).is_some_and(|(_, closes)| *closes)
    }
}

/// The month of a day.
fn month(day: &Value) -> &str {
    day.as_str().and_then(|day| day.get(..7)).unwrap_or_default()
}

pub fn list<'a>(of: &'a Value, field: &str) -> &'a [Value] {
    of[field].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Which cases figures are of.
#[derive(Default)]
pub struct Of<'a> {
    service: Option<&'a str>,
    pub channel: Option<&'a str>,
    month: Option<&'a str>,
}

impl Of<'_> {
    /// The cases that a figure is of: the sum of several months is that of those that were recorded.
    fn tally(&self, recount: &Recount, unrecorded: &BTreeSet<&str>) -> Tally {
        let is = |asked: Option<&str>, its: &str| asked.is_none_or(|asked| asked == its);
        let mut sum = Tally::default();
        for ((service, channel, month), Tally { total, finished }) in recount {
            let is_left_out = self.month.is_none() && unrecorded.contains(&**month);
            if is(self.service, service) && is(self.channel, channel) && is(self.month, month) && !is_left_out {
                sum.total += total;
                sum.finished += finished;
            }
        }
        sum
    }
}

/// The figures in a published file, each with its name in findings and what it is of.
pub fn figures(published: &Value) -> Vec<(String, &Value, Of<'_>)> {
    let text = |of: &'_ Value, field: &str| of[field].as_str().unwrap_or_default().to_owned();
    let mut figures = vec![(String::new(), published, Of::default())];
    for counts in list(published, "months") {
        let of = Of { month: Some(month(&counts["starts_on"])), ..Of::default() };
        figures.push((format!("{}: ", text(counts, "key")), counts, of));
    }
    for counts in list(published, "services") {
        let (code, service) = (text(counts, "code"), counts["code"].as_str());
        figures.push((format!("{code}: "), counts, Of { service, ..Of::default() }));
        for counts in list(counts, "months") {
            let of = Of { service, month: Some(month(&counts["starts_on"])), channel: None };
            figures.push((format!("{code} {}: ", text(counts, "key")), counts, of));
        }
    }
    // What protects people is not stated.
    for counts in list(published, "channels").iter().filter(|slice| !slice["total"].is_null()) {
        let of = Of { channel: counts["value"].as_str(), ..Of::default() };
        figures.push((format!("{}: ", text(counts, "value")), counts, of));
    }
    figures
}

fn compare(published: &Value, recount: &Recount, mut found: impl FnMut(String)) {
    let is_unrecorded = |figures: &Value| figures.get("recorded_from").is_some_and(Value::is_null);
    let months = list(published, "months").iter().filter(|counts| is_unrecorded(counts));
    let unrecorded: BTreeSet<&str> = months.map(|counts| month(&counts["starts_on"])).collect();
    for (name, figures, of) in figures(published) {
        let Tally { total, finished } = of.tally(recount, &unrecorded);
        let is_unrecorded = is_unrecorded(figures);
        let counts = [
            ("complaint_count", total),
            ("total", total),
            ("finished_count", finished),
            ("in_progress_count", total - finished),
        ];
        for (field, counted) in counts {
            // Of days that were not recorded there is no figure, and where there is none otherwise, there is no case.
            let is_right = |figure: &Value| match figure {
                Value::Null => counted == 0 || is_unrecorded,
                figure => *figure == counted && !is_unrecorded,
            };
            if let Some(figure) = figures.get(field).filter(|figure| !is_right(figure)) {
                found(format!("{name}{field} is {figure}, the log has {counted}"));
            }
        }
    }
}
