//! Verifies an export without server and database. It recomputes everything from the leaves and trusts only the
//! auditor's key and the auditor's stored checkpoint.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Display;
use std::io::BufRead;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::case_ends::{CaseEnds, Leaf};
use super::figures::Figures;
use super::report::Report;
use super::restore::{self, Acknowledgement};
use crate::audit_log::append::{DELETE, Detail};
use crate::audit_log::checkpoint::Checkpoint;
use crate::crypto::signed_note::Verifier;
use crate::domain::merkle::{Hash, Place, folded, leaf, node, range, sha256};

/// What a line says.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line {
    Export { version: u32, origin: String, size: u64 },
    Event { seq: u64, leaf: String, hash: String, salt: Option<String>, detail: Option<String> },
    Node { level: u32, index: u64, hash: String },
    Record { resource: String, record: Option<String>, document: Value },
    Checkpoint { note: String },
}

impl Line {
    /// Where in an export it stands.
    fn order(&self) -> u8 {
        match self {
            Line::Export { .. } => 0,
            Line::Event { .. } => 1,
            Line::Node { .. } => 2,
            Line::Record { .. } => 3,
            Line::Checkpoint { .. } => 4,
        }
    }
}

/// What the log says of a record, as far as it was read.
enum Known {
    /// As it was after its last event, which has this number.
    As(u64, Value),
    /// Its last state, of the event with this number, is missing. It existed before, or this cannot be determined.
    Missing { seq: u64, was_there: bool },
    /// By the event with this number.
    Deleted(u64),
    /// No event has a document of it.
    Nothing,
}

/// Which record: its resource and id.
pub type Name = (String, Option<String>);

/// The hashes of the perfect subtrees whose leaves are there.
#[derive(Default)]
struct Tree(HashMap<Place, Hash>);

impl Tree {
    /// Adds a leaf, wherever it belongs.
    fn add(&mut self, index: u64, leaf: Hash) {
        let (mut place, mut hash) = (Place { level: 0, index }, leaf);
        while !self.0.contains_key(&place) {
            self.0.insert(place, hash);
            let Some(sibling) = self.0.get(&Place { index: place.index ^ 1, ..place }) else { return };
            hash = if place.index % 2 == 0 { node(&hash, sibling) } else { node(sibling, &hash) };
            place = Place { level: place.level + 1, index: place.index / 2 };
        }
    }

    /// The root of the first `size` leaves, if all are there.
    fn root(&self, size: u64) -> Option<Hash> {
        let subtrees = range(0, size).into_iter().map(|place| self.0.get(&place).copied());
        subtrees.collect::<Option<Vec<_>>>().map(|subtrees| folded(&subtrees))
    }
}

#[derive(Default)]
struct Log {
    report: Report,
    origin: String,
    size: u64,
    /// Of the line before.
    order: u8,
    last_signed: Option<u64>,
    tree: Tree,
    /// After the last leaf.
    end: u64,
    /// The number that comes next, where numbers have jumped.
    expected: u64,
    /// By how much the leaves' own numbers are off.
    shift: i128,
    nodes: HashSet<Place>,
    records: HashMap<Name, Known>,
    ends: CaseEnds,
    figures: Figures,
    acknowledged: Vec<Acknowledgement>,
}

/// Everything that is wrong with an export.
pub fn verify(export: impl BufRead, verifier: &Verifier, since: Option<&Checkpoint>) -> std::io::Result<Report> {
    let mut log = Log::default();
    let mut lines = 0;
    for (number, line) in (1..).zip(export.split(b'\n')) {
        let line = line?;
        lines = number;
        match serde_json::from_slice(&line) {
            Ok(line) => log.line(number, line, verifier),
            Err(_) => log.found("line", number, "is not a line of an export"),
        }
    }
    if lines == 0 {
        log.found("line", 1, "is missing");
    }
    Ok(log.end(since))
}

impl Log {
    fn found(&mut self, what: &str, place: impl Display, message: impl Display) {
        self.report.findings.push(format!("{what} {place}: {message}"));
    }

    fn line(&mut self, number: u64, line: Line, verifier: &Verifier) {
        let order = line.order();
        if (number == 1) != (order == 0) {
            self.found("line", number, "the first line, and no other, says what is exported");
        } else if order < self.order {
            self.found("line", number, "is out of place");
        }
        self.order = order;
        match line {
            Line::Export { version, origin, size } => {
                if version != 1 {
                    self.found("line", number, format!("version {version} of the format is not known"));
                }
                (self.origin, self.size) = (origin, size);
            }
            Line::Event { seq, leaf, hash, salt, detail } => self.event(seq, &leaf, &hash, (salt, detail), verifier),
            Line::Node { level, index, hash } => self.node(Place { level, index }, &hash),
            Line::Record { resource, record, document } => self.record((resource, record), &document),
            Line::Checkpoint { note } => {
                self.report.checkpoints += 1;
                match Checkpoint::parse(&note) {
                    Ok(checkpoint) => match verifier.open(&note) {
                        Ok(_) => self.signed(&checkpoint),
                        Err(error) => self.found("checkpoint", checkpoint.size, error),
                    },
                    Err(error) => self.found("line", number, error),
                }
            }
        }
    }

    fn event(
        &mut self,
        seq: u64,
        text: &str,
        hash: &str,
        (salt, detail): (Option<String>, Option<String>),
        verifier: &Verifier,
    ) {
        self.report.events += 1;
        let hashed = leaf(text.as_bytes());
        if decoded(hash).as_deref() != Some(&hashed) {
            self.found("event", seq, "its text is not the one that was logged");
        }
        if seq != self.expected {
            self.found("event", seq, format!("stands where event {} belongs", self.expected));
        }
        self.expected = seq.saturating_add(1);
        let Ok(leaf) = serde_json::from_str::<Leaf>(text) else {
            return self.found("event", seq, "its text cannot be read");
        };
        // A gap is reported once. Each leaf is placed by the number in its own text, so that one missing leaf does not
        // invalidate every node after it.
        let shift = i128::from(leaf.seq) - i128::from(seq);
        if shift != 0 && shift != self.shift {
            self.found("event", seq, format!("its text is that of event {}", leaf.seq));
        }
        self.shift = shift;
        self.tree.add(leaf.seq, hashed);
        self.end = self.end.max(leaf.seq.saturating_add(1));
        for (event, finding) in self.ends.event(seq, &leaf) {
            self.found("event", event, finding);
        }
        let committed = leaf.commitment.as_deref().and_then(decoded);
        let read = detail.as_deref().and_then(|detail| serde_json::from_str::<Detail>(detail).ok());
        if let Some(finding) = self.figures.event(&leaf, read.as_ref()) {
            self.found("event", seq, finding);
        }
        let known = match (&salt, &detail) {
            (Some(salt), Some(detail)) => {
                let opened = decoded(salt).map(|salt| sha256(&[&salt, detail.as_bytes()]).to_vec());
                if opened.is_none() || opened != committed {
                    self.found("event", seq, "its detail is not the one that was logged");
                } else if (&*leaf.action, &*leaf.resource) == (restore::ACTION, restore::RESOURCE) {
                    self.acknowledgement(seq, detail, verifier);
                }
                read.and_then(|detail| detail.document).map(|it| Known::As(seq, it))
            }
            (None, None) if leaf.commitment.is_some() => {
                self.ends.detail_is_missing(seq, &leaf);
                Some(Known::Missing { seq, was_there: false })
            }
            (None, None) => None,
            _ => return self.found("event", seq, "has half of a detail"),
        };
        let name = leaf.name();
        match known {
            _ if leaf.action == DELETE => drop(self.records.insert(name, Known::Deleted(seq))),
            // The event may have changed the record or only referred to it. Either way the record was not deleted.
            Some(Known::Missing { .. }) => {
                let before = self.records.get(&name);
                let was_there = matches!(before, Some(Known::As(..) | Known::Missing { was_there: true, .. }));
                self.records.insert(name, Known::Missing { seq, was_there });
            }
            Some(known) => drop(self.records.insert(name, known)),
            None => drop(self.records.entry(name).or_insert(Known::Nothing)),
        }
    }

    fn acknowledgement(&mut self, seq: u64, detail: &str, verifier: &Verifier) {
        match Acknowledgement::read(seq, detail, &self.origin, verifier) {
            Ok(acknowledgement) => self.acknowledged.push(acknowledgement),
            Err(finding) => self.found("event", seq, finding),
        }
    }

    fn node(&mut self, place: Place, hash: &str) {
        self.report.nodes += 1;
        let named = format!("{}/{}", place.level, place.index);
        let computed = self.tree.0.get(&place).filter(|_| place.level > 0);
        let within = if place.level < 64 { (u128::from(place.index) + 1) << place.level } else { u128::MAX };
        if !self.nodes.insert(place) {
            self.found("node", named, "is there twice");
        } else if computed.is_some_and(|computed| decoded(hash).as_deref() != Some(computed)) {
            self.found("node", named, "is not the hash of the events below it");
        } else if computed.is_none() && (place.level == 0 || within > u128::from(self.end.max(self.size))) {
            self.found("node", named, "is not part of this tree");
        }
        // Other nodes cannot be computed because events are missing, which is reported already.
    }

    fn record(&mut self, name: Name, document: &Value) {
        self.report.records += 1;
        let place = called(&name);
        self.figures.record(&name, document);
        if !document["destroyed_on"].is_null() {
            self.ends.is_there(&name, &document["closed_on"]);
        }
        match self.records.remove(&name) {
            Some(Known::As(_, logged)) if logged == *document => {}
            Some(Known::As(seq, logged)) => {
                let fields = differences(&logged, document);
                self.found("record", place, format!("is not as event {seq} left it: {fields}"));
            }
            Some(Known::Deleted(seq)) => {
                self.found("record", place, format!("is there although event {seq} deleted it"))
            }
            Some(Known::Nothing) | None => self.found("record", place, "is there without an event"),
            Some(Known::Missing { seq, .. }) => {
                self.found("record", place, format!("cannot be compared, as the detail of event {seq} is missing"))
            }
        }
    }

    fn signed(&mut self, checkpoint: &Checkpoint) {
        let last = self.last_signed.replace(checkpoint.size);
        if let Some(last) = last.filter(|last| checkpoint.size <= *last) {
            self.found("checkpoint", checkpoint.size, format!("stands after checkpoint {last}"));
        }
        self.checkpoint("checkpoint", checkpoint);
    }

    fn checkpoint(&mut self, what: &str, checkpoint: &Checkpoint) {
        match self.mismatch(checkpoint) {
            Some(message) => self.found(what, checkpoint.size, message),
            None => self.report.covered = self.report.covered.max(checkpoint.size),
        }
    }

    /// Why the log is not the one that was signed.
    fn mismatch(&self, Checkpoint { origin, size, root }: &Checkpoint) -> Option<String> {
        let there = self.report.events;
        if *origin != self.origin {
            Some(format!("is of the log {origin}, not of {}", self.origin))
        } else if *size > there {
            Some(format!("covers {size} events, but only {there} are there"))
        } else if self.tree.root(*size) != Some(*root) {
            Some(format!("the first {size} events are not those that were signed"))
        } else {
            None
        }
    }

    /// The restores that the log acknowledges. What no checkpoint covers, anybody with the database can have added.
    fn restores(&mut self) -> Vec<Acknowledgement> {
        let mut restores = Vec::new();
        for acknowledged in std::mem::take(&mut self.acknowledged) {
            let found = &acknowledged.restore.found;
            let root = self.tree.root(found.size);
            if root.is_none() || decoded(&found.root).as_deref() != root.as_ref().map(|root| &root[..]) {
                self.found("event", acknowledged.event, "acknowledges the restore of another log");
            } else if acknowledged.event < self.report.covered {
                restores.push(acknowledged);
            }
        }
        restores
    }

    fn end(mut self, since: Option<&Checkpoint>) -> Report {
        if self.report.events != self.size {
            let message = format!("size: {} events are there, the log's head says {}", self.report.events, self.size);
            self.report.findings.push(message);
        }
        let missing = self.tree.0.keys().filter(|place| place.level > 0 && !self.nodes.contains(place)).copied();
        let mut missing: Vec<_> = missing.collect();
        missing.sort_unstable_by_key(|place| (place.level, place.index));
        for place in missing {
            self.found("node", format!("{}/{}", place.level, place.index), "is missing");
        }
        let mut ends = std::mem::take(&mut self.ends);
        (self.report.erased, self.report.destroyed) = (ends.erased, std::mem::take(&mut ends.told));
        let (findings, undestroyed) = ends.end();
        for (event, finding) in findings {
            self.found("event", event, finding);
        }
        for (name, seq) in undestroyed {
            let message = format!("is not there as a destroyed case, although event {seq} destroyed it");
            self.found("record", called(&name), message);
        }
        let (recomputed, findings) = std::mem::take(&mut self.figures).end();
        self.report.recomputed = recomputed;
        for (file, finding) in findings {
            self.found("record", called(&file), finding);
        }
        let gone = std::mem::take(&mut self.records).into_iter();
        let was_there = |known: &Known| matches!(known, Known::As(..) | Known::Missing { was_there: true, .. });
        let mut gone: Vec<_> = gone.filter(|(_, known)| was_there(known)).map(|(name, _)| name).collect();
        gone.sort_unstable();
        for name in gone {
            self.found("record", called(&name), "is gone without an event");
        }
        let restores = self.restores();
        self.report.restores = restores.iter().map(Acknowledgement::sentence).collect();
        let is_lost = |since: &Checkpoint| restores.iter().any(|restore| restore.explains(since));
        match since {
            Some(since) if self.mismatch(since).is_some() && since.origin == self.origin && is_lost(since) => {
                self.report.replaced = Some(since.size);
            }
            Some(since) => {
                // The most serious finding first.
                let others = std::mem::take(&mut self.report.findings);
                self.checkpoint("since", since);
                self.report.findings.extend(others);
            }
            None => {}
        }
        self.report
    }
}

/// The fields that are not the same.
fn differences(one: &Value, other: &Value) -> String {
    let (Some(one), Some(other)) = (one.as_object(), other.as_object()) else { return String::new() };
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differ = names.into_iter().filter(|name| one.get(*name) != other.get(*name));
    differ.map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// A record, in findings.
pub fn called((resource, record): &Name) -> String {
    match record {
        Some(id) => format!("{resource} {id}"),
        None => resource.clone(),
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text).ok()
}
