//! The life of a complaint: which step leads where, and who takes it. `/v1/workflows/complaints` publishes the same.

use entity::case_event::Side::{self, Office, Sender};
use entity::complaint::Status::{
    self, Accepted, AwaitingReporter, Concluded, Investigating, Received, Rejected, Withdrawn,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::workflow;

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
    /// The reporter takes it back, where that ends it.
    Withdraw,
    /// The reporter asks to take back what the office may go on with of its own motion: corruption, misconduct.
    RequestWithdrawal,
    /// The office ends it as the reporter asked.
    AcceptWithdrawal,
    /// The office goes on of its own motion.
    DeclineWithdrawal,
}

impl workflow::Action for Action {
    type Status = Status;

    const ALL: &'static [Self] = &[
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
        Action::RequestWithdrawal,
        Action::AcceptWithdrawal,
        Action::DeclineWithdrawal,
    ];

    const STATUSES: &'static [Status] =
        &[Received, Accepted, Investigating, AwaitingReporter, Concluded, Rejected, Withdrawn];

    fn name(self) -> &'static str {
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
            Action::RequestWithdrawal => "request_withdrawal",
            Action::AcceptWithdrawal => "accept_withdrawal",
            Action::DeclineWithdrawal => "decline_withdrawal",
        }
    }

    fn side(self) -> Side {
        match self {
            Action::Answer | Action::Withdraw | Action::RequestWithdrawal => Sender,
            _ => Office,
        }
    }

    /// Who handles a complaint is the office's affair.
    fn is_public(self) -> bool {
        !matches!(self, Action::Take | Action::Assign | Action::Forward)
    }

    fn needs(self) -> &'static [&'static str] {
        match self {
            Action::Assign => &["assignee_id"],
            Action::Forward => &["unit"],
            Action::Reject | Action::Ask | Action::Reopen | Action::DeclineWithdrawal => &["text"],
            Action::Conclude => &["outcome", "text"],
            _ => &[],
        }
    }

    fn may_have(self) -> &'static [&'static str] {
        match self {
            Action::Forward
            | Action::Assign
            | Action::Accept
            | Action::Investigate
            | Action::Resume
            | Action::AcceptWithdrawal => &["text"],
            _ => &[],
        }
    }

    fn after(self, from: Status) -> Option<Status> {
        match (self, from) {
            (Action::Take | Action::Assign | Action::Forward, from) if !Self::is_closed(from) => Some(from),
            (Action::Accept, Received) => Some(Accepted),
            (Action::Reject, Received | Accepted) => Some(Rejected),
            (Action::Investigate, Accepted) => Some(Investigating),
            (Action::Ask, Accepted | Investigating) => Some(AwaitingReporter),
            (Action::Resume | Action::Answer, AwaitingReporter) => Some(Investigating),
            (Action::Conclude, Investigating) => Some(Concluded),
            (Action::Reopen, Concluded | Rejected | Withdrawn) => Some(Investigating),
            (Action::Withdraw | Action::AcceptWithdrawal, from) if !Self::is_closed(from) => Some(Withdrawn),
            (Action::RequestWithdrawal | Action::DeclineWithdrawal, from) if !Self::is_closed(from) => Some(from),
            _ => None,
        }
    }

    fn is_closed(status: Status) -> bool {
        matches!(status, Concluded | Rejected | Withdrawn)
    }
}

impl Action {
    /// Whether it tells the reporter something: the first such step is the first answer.
    pub fn answers(self) -> bool {
        matches!(
            self,
            Action::Accept
                | Action::Reject
                | Action::Ask
                | Action::Conclude
                | Action::AcceptWithdrawal
                | Action::DeclineWithdrawal
        )
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
            Some(Investigating) => 'I',
            Some(AwaitingReporter) => 'W',
            Some(Concluded) => 'C',
            Some(Rejected) => 'J',
            Some(Withdrawn) => 'X',
        };
        let row = |from| Action::ALL.iter().map(|action| letter(action.after(from))).collect::<String>();
        let row = |from: &Status| format!("{:<17}{}", format!("{from:?}"), row(*from));
        let grid = Action::STATUSES.iter().map(row).collect::<Vec<_>>().join("\n");
        assert_eq!(
            grid,
            "Received         RRRAJ......XRXR\n\
             Accepted         AAA.JIW....XAXA\n\
             Investigating    III...W.C..XIXI\n\
             AwaitingReporter WWW....I..IXWXW\n\
             Concluded        .........I.....\n\
             Rejected         .........I.....\n\
             Withdrawn        .........I....."
        );
    }
}
