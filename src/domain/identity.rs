//! Identities: what makes a national id one, and the life of a request to see who a reporter is.

use chrono::{DateTime, TimeDelta, Utc};
use entity::identity_request::Status::{self, Approved, Denied, Expired, HandedOver, Pending};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// For how long an approval is good.
pub const APPROVAL: TimeDelta = TimeDelta::days(7);

/// What a custodian does about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = IdentityRequestAction)]
pub enum Action {
    Approve,
    Deny,
    /// Takes the sealed identity, once.
    HandOver,
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

/// Whether it is a Thai national id (เลขประจำตัวประชาชน): thirteen digits, of which the last follows from the others.
pub fn is_national_id(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    digits.is_some_and(|digits| {
        let sum: u32 = digits.iter().zip((2..=13).rev()).map(|(digit, weight)| digit * weight).sum();
        digits.len() == 13 && digits[12] == (11 - sum % 11) % 10
    })
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

    #[test]
    fn the_last_digit_of_a_national_id_follows_from_the_others() {
        for (text, is) in [
            ("1234567890121", true),
            ("1101700230708", true),
            ("1234567890122", false),
            ("2134567890121", false),
            ("123456789012", false),
            ("12345678901210", false),
            ("123456789012x", false),
            ("๑234567890121", false),
            ("", false),
        ] {
            assert_eq!(is_national_id(text), is, "{text}");
        }
    }
}
