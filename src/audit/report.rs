//! What the verification of an export has found.

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// Each begins with the place: `event 17: ...`.
    pub findings: Vec<String>,
    pub events: u64,
    pub(super) nodes: usize,
    pub(super) records: usize,
    pub(super) checkpoints: usize,
    /// Events that the last good checkpoint covers.
    pub(super) covered: u64,
    pub(super) erased: u64,
    /// Published statistics that were recomputed from the log.
    pub(super) recomputed: u64,
    /// The cases that retention destroyed, a sentence each.
    pub destroyed: Vec<String>,
    /// The restores that the log acknowledges, a sentence each.
    pub restores: Vec<String>,
    /// The size of the auditor's checkpoint, if it is of what was lost in one of them.
    pub(super) replaced: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    Failed,
    /// Nothing is wrong, but the auditor's checkpoint is of the log before a restore that was acknowledged.
    Restored,
}

impl Report {
    pub fn outcome(&self) -> Outcome {
        match self.replaced {
            _ if !self.findings.is_empty() => Outcome::Failed,
            Some(_) => Outcome::Restored,
            None => Outcome::Ok,
        }
    }

    pub fn summary(&self) -> String {
        let Self { findings, events, nodes, records, checkpoints, covered, erased, recomputed, replaced, .. } = self;
        if !findings.is_empty() {
            return format!("FAILED: {} findings in {events} events", findings.len());
        }
        let outcome =
            replaced.map(|since| format!("RESTORED: since {since} is of the log before a restore; this one has "));
        let outcome = outcome.unwrap_or_else(|| "OK: ".to_owned());
        let erased = if *erased > 0 { format!("; {erased} details were erased") } else { String::new() };
        let recomputed = if *recomputed > 0 {
            format!("; {recomputed} published statistics were recomputed")
        } else {
            String::new()
        };
        format!(
            "{outcome}{events} events, {nodes} nodes, {records} records, {checkpoints} checkpoints; \
             the last signed one covers {covered} events{erased}{recomputed}"
        )
    }
}
