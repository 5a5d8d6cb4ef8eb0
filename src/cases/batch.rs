//! Many steps in one request, all or none: with which cases, and what became of each.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::Case;
use crate::audit_log::append::Event;
use crate::db::Write;
use crate::domain::field_code::{FieldCode, Violation};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::batch::errors_of_item;

/// The cases of a batch, locked in a fixed order, against deadlocks.
pub struct Steps<C> {
    /// Each as the steps before have left it; a case with which one has failed is taken out.
    cases: BTreeMap<Uuid, Result<C>>,
    done: BTreeMap<Uuid, C>,
    events: Vec<Event>,
    errors: Vec<FieldError>,
}

impl<C: Case + Clone> Steps<C> {
    /// Locks the cases that the officer may see. The others fail when their step comes.
    pub async fn lock(write: &Write, ids: BTreeSet<Uuid>) -> Result<Self> {
        let mut cases = BTreeMap::new();
        for id in ids {
            match C::lock(write, id).await {
                Err(error) if error.code().status() >= 500 => return Err(error),
                case => cases.insert(id, case),
            };
        }
        Ok(Self { cases, done: BTreeMap::new(), events: Vec::new(), errors: Vec::new() })
    }

    pub fn found(&self) -> impl Iterator<Item = &C> {
        self.cases.values().flatten()
    }

    /// The case that the next step is taken with. None, if a step before it has failed, whose error is reported.
    pub fn next(&mut self, id: Uuid) -> Option<Result<C>> {
        self.cases.remove(&id)
    }

    /// What became of the step at `index`. A case that the step has taken out of the officer's units is not found by the next.
    pub fn add(
        &mut self,
        index: usize,
        action: &'static str,
        taken: Result<C>,
        is_theirs: fn(&C, &Write) -> bool,
        write: &Write,
    ) -> Result<()> {
        match taken {
            Ok(case) => {
                let id = case.case_id();
                self.events.push(Event::about(action, &case));
                let next = if is_theirs(&case, write) { Ok(case.clone()) } else { Err(Code::NotFound.into()) };
                self.cases.insert(id, next);
                self.done.insert(id, case);
                Ok(())
            }
            Err(error) if error.code().status() >= 500 => Err(error),
            Err(error) if error.errors().is_empty() => {
                let Some(code) = FieldCode::named(error.code().name()) else { return Err(error) };
                let violation = Violation { code, message: error.message() };
                self.errors.push(FieldError::at(&format!("/items/{index}"), violation));
                Ok(())
            }
            Err(error) => {
                self.errors.extend(errors_of_item(index, error)?);
                Ok(())
            }
        }
    }

    /// Each case as it is in the end, and the events; or all errors.
    pub fn finish(self) -> Result<(BTreeMap<Uuid, C>, Vec<Event>)> {
        if self.errors.is_empty() {
            return Ok((self.done, self.events));
        }
        // Fine as they were sent, but not as things are.
        let of_state = [FieldCode::NotFound, FieldCode::IllegalTransition, FieldCode::Destroyed];
        let is_of_state = self.errors.iter().all(|error| of_state.contains(&error.code));
        Err(if is_of_state { Code::IllegalTransition.with(self.errors) } else { Error::in_body(self.errors) })
    }
}
