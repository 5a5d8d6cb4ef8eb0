//! Many steps in one request: with which cases, and what became of each.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::Case;
use crate::audit_log::append::Event;
use crate::db::Write;
use crate::domain::field_code::{FieldCode, Violation};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::batch::{StepResult, errors_of_item};
use crate::http::context::Context;

/// The cases of a batch, locked in a fixed order, against deadlocks.
pub struct Steps<C> {
    /// Each as the steps before have left it; a case with which one has failed is taken out, if all steps are taken or none.
    cases: BTreeMap<Uuid, Result<C>>,
    done: BTreeMap<Uuid, C>,
    events: Vec<Event>,
    errors: Vec<FieldError>,
    each: Option<Each>,
}

/// What became of a batch.
pub struct Finished<C> {
    /// Each case as it is in the end; none where each step was taken for itself.
    pub cases: BTreeMap<Uuid, C>,
    /// What became of each step, where it was taken for itself.
    pub results: Option<Vec<StepResult>>,
    pub events: Vec<Event>,
}

/// What became of each step, and what its problem is written with.
struct Each {
    results: Vec<StepResult>,
    context: Context,
}

impl<C: Case + Clone> Steps<C> {
    /// Locks the cases that the officer may see. The others fail when their step comes. With a context each step is taken for
    /// itself, and without one all or none.
    pub async fn lock(write: &Write, ids: BTreeSet<Uuid>, each: Option<Context>) -> Result<Self> {
        let mut cases = BTreeMap::new();
        for id in ids {
            match C::lock(write, id).await {
                Err(error) if error.code().status() >= 500 => return Err(error),
                case => cases.insert(id, case),
            };
        }
        let each = each.map(|context| Each { results: Vec::new(), context });
        Ok(Self { cases, done: BTreeMap::new(), events: Vec::new(), errors: Vec::new(), each })
    }

    pub fn found(&self) -> impl Iterator<Item = &C> {
        self.cases.values().flatten()
    }

    /// Takes the step at `index`. A case that it has taken out of the officer's units is not found by the one after it.
    pub async fn take<F>(
        &mut self,
        write: &Write,
        (index, id): (usize, Uuid),
        action: &'static str,
        is_theirs: fn(&C, &Write) -> bool,
        step: impl FnOnce(C) -> F,
    ) -> Result<()>
    where
        F: Future<Output = Result<C>>,
    {
        let (before, taken) = match self.cases.remove(&id) {
            // A step before it has failed, whose error is reported.
            None => return Ok(()),
            Some(Err(error)) => (Err(Code::NotFound.into()), Err(error)),
            Some(Ok(case)) if self.each.is_none() => (Ok(case.clone()), step(case).await),
            Some(Ok(case)) => (Ok(case.clone()), write.part(step(case)).await),
        };
        match (taken, &mut self.each) {
            (Ok(case), each) => {
                self.events.push(Event::about(action, &case));
                let next = if is_theirs(&case, write) { Ok(case.clone()) } else { Err(Code::NotFound.into()) };
                self.cases.insert(id, next);
                self.done.insert(id, case);
                each.as_mut().map_or(Ok(()), |each| each.add(index, id, None))
            }
            (Err(error), _) if error.code().status() >= 500 => Err(error),
            (Err(error), Some(each)) => {
                self.cases.insert(id, before);
                each.add(index, id, Some(error))
            }
            (Err(error), None) => self.reject(index, error),
        }
    }

    fn reject(&mut self, index: usize, error: Error) -> Result<()> {
        if error.errors().is_empty() {
            let Some(code) = FieldCode::named(error.code().name()) else { return Err(error) };
            let violation = Violation { code, message: error.message() };
            self.errors.push(FieldError::at(&format!("/items/{index}"), violation));
        } else {
            self.errors.extend(errors_of_item(index, error)?);
        }
        Ok(())
    }

    /// What became of the batch, or all errors.
    pub fn finish(self) -> Result<Finished<C>> {
        if let Some(each) = self.each {
            return Ok(Finished { cases: BTreeMap::new(), results: Some(each.results), events: self.events });
        }
        if self.errors.is_empty() {
            return Ok(Finished { cases: self.done, results: None, events: self.events });
        }
        // Fine as they were sent, but not as things are.
        let of_state = [FieldCode::NotFound, FieldCode::IllegalTransition, FieldCode::Destroyed];
        let is_of_state = self.errors.iter().all(|error| of_state.contains(&error.code));
        Err(if is_of_state { Code::IllegalTransition.with(self.errors) } else { Error::in_body(self.errors) })
    }
}

impl Each {
    fn add(&mut self, index: usize, id: Uuid, failed: Option<Error>) -> Result<()> {
        self.results.push(StepResult::of(index, id, failed, &self.context)?);
        Ok(())
    }
}
