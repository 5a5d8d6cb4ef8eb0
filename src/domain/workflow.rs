//! What workflows have in common: statuses, and steps that lead from one to another.

use entity::case_event::Side;
use entity::codes::Coded;

/// A step of some workflow.
pub trait Action: Coded + PartialEq {
    type Status: Coded;

    /// Who takes the step.
    fn side(self) -> Side;

    /// Whether the reporter or applicant sees it.
    fn is_public(self) -> bool;

    /// What must be said with it, beside the action.
    fn needs(self) -> &'static [&'static str];

    /// What may be said with it.
    fn may_have(self) -> &'static [&'static str];

    /// The status that it leads to, or nothing where it is not allowed.
    fn after(self, from: Self::Status) -> Option<Self::Status>;

    /// The step that closes a case in this status; none of a status in which it is open.
    fn closing(status: Self::Status) -> Option<Self>;

    /// Whether the case is closed in this status. A closed case can be reopened.
    fn is_closed(status: Self::Status) -> bool {
        Self::closing(status).is_some()
    }
}
