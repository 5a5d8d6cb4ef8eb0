//! The life of an approval: an admin asks, another one decides, and the first does once what was approved.

use chrono::{DateTime, TimeDelta, Utc};
use entity::user_approval::Status::{self, Approved, Expired, Pending, Rejected, Withdrawn};
use serde::{Deserialize, Serialize};

/// For how long a request can be decided.
pub const REQUEST: TimeDelta = TimeDelta::days(7);

/// For how long what was approved can be done.
pub const APPROVAL: TimeDelta = TimeDelta::days(1);

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Action = "UserApprovalAction" ("การพิจารณาคำขออนุมัติ", "Step of a user approval.") {
        Approve = "approve" (
            "อนุมัติ", "approve",
            "ผู้ดูแลระบบอีกคนเห็นชอบ",
            "Another admin approves it."
        ),
        Reject = "reject" (
            "ไม่อนุมัติ", "reject",
            "ผู้ดูแลระบบอีกคนไม่เห็นชอบ",
            "Another admin rejects it."
        ),
        Withdraw = "withdraw" (
            "ถอนคำขอ", "withdraw",
            "โดยผู้ขอ",
            "The admin who asked withdraws it."
        ),
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
