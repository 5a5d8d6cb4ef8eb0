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

    /// The status that it leads to, or nothing where it is not allowed. What ends a wait leads to the status `before` it.
    fn after(self, from: Self::Status, before: Option<Self::Status>) -> Option<Self::Status>;

    /// The step that closes a case in this status; none of a status in which it is open.
    fn closing(status: Self::Status) -> Option<Self>;

    /// Whether the case is closed in this status. A closed case can be reopened.
    fn is_closed(status: Self::Status) -> bool {
        Self::closing(status).is_some()
    }
}

/// The statuses that a step can lead to from a status, whichever was before it.
pub fn leads<A: Action>(action: A, from: A::Status) -> Vec<A::Status> {
    let others = A::Status::ALL.iter().copied().filter(|other| other.code() != from.code());
    let leads_here = |other: &A::Status| {
        let step_to = |step: &A| step.after(*other, None).is_some_and(|to| to.code() == from.code());
        A::ALL.iter().any(step_to)
    };
    let mut seen = BTreeSet::new();
    let to = others.filter(leads_here).map(Some).chain([None]);
    to.filter_map(|before| action.after(from, before)).filter(|to| seen.insert(to.code())).collect()
}

/// The shortest way to a step from a status with the one before it, the step itself included: steps of the office that need nothing to
/// be said and leave the case open.
pub fn way<A: Action>((from, before): (A::Status, Option<A::Status>), to: A) -> Option<Vec<A>> {
    let mut seen = BTreeSet::from([from.code()]);
    let mut ways = VecDeque::from([(from, Vec::new())]);
    while let Some((status, mut way)) = ways.pop_front() {
        if to.after(status, before).is_some() {
            way.push(to);
            return Some(way);
        }
        for step in A::ALL.iter().copied().filter(|step| step.side() == Side::Office && step.needs().is_empty()) {
            let next = step.after(status, before).filter(|next| !A::is_closed(*next));
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
        let found = |from, to| way((from, None), to);
        assert_eq!(found(Complaint::Received, Conclude), Some(vec![Accept, Investigate, Conclude]));
        assert_eq!(found(Complaint::AwaitingReporter, Conclude), Some(vec![Resume, Conclude]));
        assert_eq!(found(Complaint::Received, Note), Some(vec![Note]));
        assert_eq!(found(Complaint::Investigating, Reject), None);
        assert_eq!(found(Complaint::Concluded, Conclude), None);
        use service_request::Action::{Accept as Take, Complete, Resume as GoOn, Start};
        assert_eq!(way((Request::Received, None), Complete), Some(vec![Take, Start, Complete]));
        assert_eq!(way((Request::Paused, Some(Request::InProgress)), Complete), Some(vec![GoOn, Complete]));
        assert_eq!(way((Request::Paused, Some(Request::Accepted)), Complete), Some(vec![GoOn, Start, Complete]));
    }

    #[test]
    fn a_wait_ends_in_the_status_in_which_it_began() {
        use Request::{Accepted, AwaitingApplicant, InProgress, Paused, Received};
        use service_request::Action::{Answer, Ask, Resume};
        assert_eq!(leads(Answer, AwaitingApplicant), [Received, Accepted, InProgress]);
        assert_eq!(leads(Resume, Paused), [Accepted, InProgress]);
        assert_eq!(leads(Ask, Received), [AwaitingApplicant]);
        assert_eq!(leads(Answer, Received), []);
    }
}
