//! The life of a complaint: which step leads where, and who takes it. `/v1/workflows/complaint` publishes the same.

use entity::case_event::Side::{self, Office, Reporter};
use entity::complaint::Status::{
    self, Accepted, AwaitingReporter, Concluded, Investigating, Received, Rejected, Withdrawn,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A step in a complaint's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ComplaintAction)]
pub enum Action {
    /// An officer makes it their own.
    Take,
    Assign,
    /// To the unit that is to handle it.
    Forward,
    Accept,
    Reject,
    Investigate,
    /// A question, which stops the clock until it is answered.
    Ask,
    /// Goes on without the answer.
    Resume,
    Conclude,
    Reopen,
    /// The reporter's answer to a question.
    Answer,
    /// The reporter takes it back.
    Withdraw,
}

pub const STATUSES: [Status; 7] = [Received, Accepted, Investigating, AwaitingReporter, Concluded, Rejected, Withdrawn];

pub const ACTIONS: [Action; 12] = [
    Action::Take,
    Action::Assign,
    Action::Forward,
    Action::Accept,
    Action::Reject,
    Action::Investigate,
    Action::Ask,
    Action::Resume,
    Action::Conclude,
    Action::Reopen,
    Action::Answer,
    Action::Withdraw,
];

impl Action {
    pub fn name(self) -> &'static str {
        match self {
            Action::Take => "take",
            Action::Assign => "assign",
            Action::Forward => "forward",
            Action::Accept => "accept",
            Action::Reject => "reject",
            Action::Investigate => "investigate",
            Action::Ask => "ask",
            Action::Resume => "resume",
            Action::Conclude => "conclude",
            Action::Reopen => "reopen",
            Action::Answer => "answer",
            Action::Withdraw => "withdraw",
        }
    }

    /// Who takes the step.
    pub fn side(self) -> Side {
        match self {
            Action::Answer | Action::Withdraw => Reporter,
            _ => Office,
        }
    }

    /// Whether the reporter sees it. Who handles a complaint is the office's affair.
    pub fn is_public(self) -> bool {
        !matches!(self, Action::Take | Action::Assign | Action::Forward)
    }

    /// Whether it tells the reporter something: the first such step is the first answer.
    pub fn answers(self) -> bool {
        matches!(self, Action::Accept | Action::Reject | Action::Ask | Action::Conclude)
    }

    /// What must be said with it, beside the action.
    pub fn needs(self) -> &'static [&'static str] {
        match self {
            Action::Assign => &["assignee_id"],
            Action::Forward => &["unit"],
            Action::Reject | Action::Ask | Action::Reopen => &["text"],
            Action::Conclude => &["outcome", "text"],
            _ => &[],
        }
    }

    /// What may be said with it.
    pub fn may_have(self) -> &'static [&'static str] {
        match self {
            Action::Forward | Action::Assign | Action::Accept | Action::Investigate | Action::Resume => &["text"],
            _ => &[],
        }
    }
}

/// Whether nothing more is done about it, unless it is reopened.
pub fn is_closed(status: Status) -> bool {
    matches!(status, Concluded | Rejected | Withdrawn)
}

/// The status that a step leads to, or nothing where it is not allowed.
pub fn after(action: Action, from: Status) -> Option<Status> {
    match (action, from) {
        (Action::Take | Action::Assign | Action::Forward, from) if !is_closed(from) => Some(from),
        (Action::Accept, Received) => Some(Accepted),
        (Action::Reject, Received | Accepted) => Some(Rejected),
        (Action::Investigate, Accepted) => Some(Investigating),
        (Action::Ask, Accepted | Investigating) => Some(AwaitingReporter),
        (Action::Resume | Action::Answer, AwaitingReporter) => Some(Investigating),
        (Action::Conclude, Investigating) => Some(Concluded),
        (Action::Reopen, Concluded | Rejected) => Some(Investigating),
        (Action::Withdraw, from) if !is_closed(from) => Some(Withdrawn),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_step_is_skipped() {
        let letter = |status: Option<Status>| match status {
            None => '.',
            Some(Received) => 'R',
            Some(Accepted) => 'A',
            Some(Investigating) => 'I',
            Some(AwaitingReporter) => 'W',
            Some(Concluded) => 'C',
            Some(Rejected) => 'J',
            Some(Withdrawn) => 'X',
        };
        let row = |from| ACTIONS.map(|action| letter(after(action, from))).iter().collect::<String>();
        let grid = STATUSES.map(|from| format!("{:<17}{}", format!("{from:?}"), row(from))).join("\n");
        assert_eq!(
            grid,
            "Received         RRRAJ......X\n\
             Accepted         AAA.JIW....X\n\
             Investigating    III...W.C..X\n\
             AwaitingReporter WWW....I..IX\n\
             Concluded        .........I..\n\
             Rejected         .........I..\n\
             Withdrawn        ............"
        );
    }
}
