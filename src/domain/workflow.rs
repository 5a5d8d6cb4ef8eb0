//! What workflows have in common: statuses, and steps that lead from one to another.

use std::collections::{BTreeSet, VecDeque};

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

    /// Whether the office goes on with the case as one of the other kind. That is no transition: it files a new case.
    fn is_conversion(self) -> bool;

    /// The status that it leads to, or nothing where it is not allowed.
    fn after(self, from: Self::Status) -> Option<Self::Status>;

    /// The step that closes a case in this status; none of a status in which it is open.
    fn closing(status: Self::Status) -> Option<Self>;

    /// Whether the case is closed in this status. A closed case can be reopened.
    fn is_closed(status: Self::Status) -> bool {
        Self::closing(status).is_some()
    }
}

/// The shortest way to a step from a status, the step itself included: steps of the office that need nothing to be said and leave the
/// case open.
pub fn way<A: Action>(from: A::Status, to: A) -> Option<Vec<A>> {
    let mut seen = BTreeSet::from([from.code()]);
    let mut ways = VecDeque::from([(from, Vec::new())]);
    while let Some((status, mut way)) = ways.pop_front() {
        if to.after(status).is_some() {
            way.push(to);
            return Some(way);
        }
        for step in A::ALL.iter().copied().filter(|step| step.side() == Side::Office && step.needs().is_empty()) {
            let next = step.after(status).filter(|next| !A::is_closed(*next));
            if let Some(next) = next.filter(|next| seen.insert(next.code())) {
                ways.push_back((next, [&way[..], &[step]].concat()));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use entity::complaint::Status as Complaint;
    use entity::service_request::Status as Request;

    use super::super::{complaint, service_request};
    use super::*;

    #[test]
    fn a_step_is_reached_by_steps_that_need_no_words() {
        use complaint::Action::{Accept, Conclude, Investigate, Note, Reject, Resume};
        let found = |from, to| way(from, to);
        assert_eq!(found(Complaint::Received, Conclude), Some(vec![Accept, Investigate, Conclude]));
        assert_eq!(found(Complaint::AwaitingReporter, Conclude), Some(vec![Resume, Conclude]));
        assert_eq!(found(Complaint::Received, Note), Some(vec![Note]));
        assert_eq!(found(Complaint::Investigating, Reject), None);
        assert_eq!(found(Complaint::Concluded, Conclude), None);
        use service_request::Action::{Accept as Take, Complete, Resume as GoOn, Start};
        assert_eq!(way(Request::Received, Complete), Some(vec![Take, Start, Complete]));
        assert_eq!(way(Request::Paused, Complete), Some(vec![GoOn, Complete]));
    }
}
