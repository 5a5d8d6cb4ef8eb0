//! Identities: the life of a request to see who a reporter is.

use chrono::{DateTime, TimeDelta, Utc};
use entity::identity_request::Status::{self, Approved, Denied, Expired, HandedOver, Pending};
use serde::{Deserialize, Serialize};

/// For how long an approval is good.
pub const APPROVAL: TimeDelta = TimeDelta::days(7);

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Action = "IdentityRequestAction" ("การดำเนินการกับคำขอเปิดเผยตัวตน", "Step of an identity request.") {
        Approve = "approve" (
            "อนุมัติให้เปิดเผย", "approve",
            "ผู้ดูแลกุญแจอนุมัติ ใช้ได้ 7 วัน",
            "Approve it for 7 days."
        ),
        Deny = "deny" (
            "ไม่อนุมัติให้เปิดเผย", "deny",
            "ผู้ดูแลกุญแจไม่อนุมัติและให้เหตุผล",
            "Deny it. A reason is required."
        ),
        HandOver = "hand_over" (
            "ส่งมอบข้อมูลตัวตน", "hand over",
            "ส่งมอบข้อมูลที่ปิดผนึกให้ผู้ดูแลกุญแจครั้งเดียว",
            "Receive the sealed identity, once."
        ),
    }
}

/// What the timeline and the audit log call the asking.
pub const REQUEST: &str = "request_identity";

impl Action {
    /// What the timeline and the audit log call it.
    pub fn name(self) -> &'static str {
        match self {
            Action::Approve => "approve_identity",
            Action::Deny => "deny_identity",
            Action::HandOver => "hand_over_identity",
        }
    }
}

/// The status that a step leads to, or nothing where it is not allowed.
pub fn after(action: Action, from: Status) -> Option<Status> {
    match (action, from) {
        (Action::Approve, Pending) => Some(Approved),
        (Action::Deny, Pending) => Some(Denied),
        (Action::HandOver, Approved) => Some(HandedOver),
        _ => None,
    }
}

/// What a stored status is by now.
pub fn by_now(status: Status, expires_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Status {
    let is_over = expires_at.is_some_and(|end| end <= now);
    if status == Approved && is_over { Expired } else { status }
}

/// Whether something is still to come of it.
pub fn is_open(status: Status) -> bool {
    matches!(status, Pending | Approved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_handed_over_once_and_only_when_approved() {
        let letter = |status: Option<Status>| match status {
            None => '.',
            Some(Approved) => 'A',
            Some(Denied) => 'D',
            Some(HandedOver) => 'H',
            Some(Pending | Expired) => '?',
        };
        let row = |from| {
            [Action::Approve, Action::Deny, Action::HandOver].map(|action| letter(after(action, from))).iter().collect()
        };
        let grid: Vec<String> = [Pending, Approved, Denied, HandedOver, Expired].map(row).to_vec();
        assert_eq!(grid, ["AD.", "..H", "...", "...", "..."]);
    }

    #[test]
    fn an_approval_ends_by_itself_and_what_was_handed_over_stays_so() {
        let end = DateTime::UNIX_EPOCH + APPROVAL;
        let before = end - TimeDelta::milliseconds(1);
        assert_eq!([by_now(Approved, Some(end), before), by_now(Approved, Some(end), end)], [Approved, Expired]);
        assert_eq!([by_now(HandedOver, Some(end), end), by_now(Pending, None, end)], [HandedOver, Pending]);
    }
}
