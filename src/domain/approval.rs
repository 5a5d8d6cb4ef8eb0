//! The life of an approval: an admin asks, another one decides, and the first does once what was approved.

use chrono::{DateTime, TimeDelta, Utc};
use entity::user_approval::Status::{self, Approved, Expired, Pending, Rejected, Withdrawn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// For how long a request can be decided.
pub const REQUEST: TimeDelta = TimeDelta::days(7);

/// For how long what was approved can be done.
pub const APPROVAL: TimeDelta = TimeDelta::days(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = UserApprovalAction)]
pub enum Action {
    Approve,
    Reject,
    /// By who asked.
    Withdraw,
}

impl Action {
    /// What the audit log calls it.
    pub fn name(self) -> &'static str {
        match self {
            Action::Approve => "approve",
            Action::Reject => "reject",
            Action::Withdraw => "withdraw",
        }
    }
}

/// The status that a step leads to, or nothing where it is not allowed.
pub fn after(action: Action, from: Status) -> Option<Status> {
    match (action, from) {
        (Action::Approve, Pending) => Some(Approved),
        (Action::Reject, Pending | Approved) => Some(Rejected),
        (Action::Withdraw, Pending | Approved) => Some(Withdrawn),
        _ => None,
    }
}

/// What a stored status is by now.
pub fn by_now(status: Status, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Status {
    if is_open(status) && expires_at <= now { Expired } else { status }
}

/// Whether something is still to come of it.
pub fn is_open(status: Status) -> bool {
    matches!(status, Pending | Approved)
}

#[cfg(test)]
mod tests {
    use entity::user_approval::Status::Used;

    use super::*;

    #[test]
    fn a_request_is_decided_once_and_withdrawn_until_it_is_used() {
        let letter = |status: Option<Status>| match status {
            None => '.',
            Some(Approved) => 'A',
            Some(Rejected) => 'R',
            Some(Withdrawn) => 'W',
            Some(Pending | Used | Expired) => '?',
        };
        let row = |from| {
            let actions = [Action::Approve, Action::Reject, Action::Withdraw];
            actions.map(|action| letter(after(action, from))).iter().collect()
        };
        let grid: Vec<String> = [Pending, Approved, Rejected, Withdrawn, Used, Expired].map(row).to_vec();
        assert_eq!(grid, ["ARW", ".RW", "...", "...", "...", "..."]);
    }
}
