//! The life of a service request: which step leads where, and who takes it. `/v1/workflows/service-requests` publishes the same.

use entity::case_event::Side::{self, Office, Sender};
use entity::service_request::Status::{self, Accepted, Cancelled, Completed, InProgress, Received, Rejected};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::workflow;

/// A step in a service request's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ServiceRequestAction)]
pub enum Action {
    /// An officer makes it their own.
    Take,
    Assign,
    /// To the unit that is to do it.
    Forward,
    Accept,
    Reject,
    /// Another day is booked, which moves no promise.
    Reschedule,
    /// Work begins.
    Start,
    Complete,
    Reopen,
    /// The applicant takes it back.
    Cancel,
    /// The applicant says how content they are.
    Rate,
}

impl workflow::Action for Action {
    type Status = Status;

    const ALL: &'static [Self] = &[
        Action::Take,
        Action::Assign,
        Action::Forward,
        Action::Accept,
        Action::Reject,
        Action::Reschedule,
        Action::Start,
        Action::Complete,
        Action::Reopen,
        Action::Cancel,
        Action::Rate,
    ];

    const STATUSES: &'static [Status] = &[Received, Accepted, InProgress, Completed, Rejected, Cancelled];

    fn name(self) -> &'static str {
        match self {
            Action::Take => "take",
            Action::Assign => "assign",
            Action::Forward => "forward",
            Action::Accept => "accept",
            Action::Reject => "reject",
            Action::Reschedule => "reschedule",
            Action::Start => "start",
            Action::Complete => "complete",
            Action::Reopen => "reopen",
            Action::Cancel => "cancel",
            Action::Rate => "rate",
        }
    }

    fn side(self) -> Side {
        match self {
            Action::Cancel | Action::Rate => Sender,
            _ => Office,
        }
    }

    /// Who does it is the office's affair.
    fn is_public(self) -> bool {
        !matches!(self, Action::Take | Action::Assign | Action::Forward)
    }

    fn needs(self) -> &'static [&'static str] {
        match self {
            Action::Assign => &["assignee_id"],
            Action::Forward => &["unit"],
            Action::Reschedule => &["booked_on", "text"],
            Action::Reject | Action::Complete | Action::Reopen => &["text"],
            Action::Rate => &["rating"],
            _ => &[],
        }
    }

    fn may_have(self) -> &'static [&'static str] {
        match self {
            Action::Forward | Action::Assign | Action::Accept | Action::Start | Action::Cancel | Action::Rate => {
                &["text"]
            }
            Action::Reopen => &["booked_on"],
            _ => &[],
        }
    }

    fn after(self, from: Status) -> Option<Status> {
        match (self, from) {
            (Action::Take | Action::Assign | Action::Forward | Action::Reschedule, from) if !Self::is_closed(from) => {
                Some(from)
            }
            (Action::Accept, Received) => Some(Accepted),
            (Action::Reject, Received | Accepted) => Some(Rejected),
            (Action::Start, Accepted) => Some(InProgress),
            (Action::Complete, InProgress) => Some(Completed),
            (Action::Reopen, Completed | Rejected) => Some(InProgress),
            (Action::Cancel, from) if !Self::is_closed(from) => Some(Cancelled),
            (Action::Rate, Completed) => Some(Completed),
            _ => None,
        }
    }

    fn is_closed(status: Status) -> bool {
        matches!(status, Completed | Rejected | Cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::workflow::Action as _;
    use super::*;

    #[test]
    fn no_step_is_skipped() {
        let letter = |status: Option<Status>| match status {
            None => '.',
            Some(Received) => 'R',
            Some(Accepted) => 'A',
            Some(InProgress) => 'P',
            Some(Completed) => 'C',
            Some(Rejected) => 'J',
            Some(Cancelled) => 'X',
        };
        let row = |from| Action::ALL.iter().map(|action| letter(action.after(from))).collect::<String>();
        let row = |from: &Status| format!("{:<11}{}", format!("{from:?}"), row(*from));
        let grid = Action::STATUSES.iter().map(row).collect::<Vec<_>>().join("\n");
        assert_eq!(
            grid,
            "Received   RRRAJR...X.\n\
             Accepted   AAA.JAP..X.\n\
             InProgress PPP..P.C.X.\n\
             Completed  ........P.C\n\
             Rejected   ........P..\n\
             Cancelled  ..........."
        );
    }
}
