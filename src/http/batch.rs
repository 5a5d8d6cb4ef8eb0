//! Many records in one request: all or none, or each step for itself.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::body;
use super::context::Context;
use super::problem::Problem;
use crate::error::{Error, FieldError, Result};

/// Up to 100 records to create, or steps to take.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch<T: Validate> {
    /// The records to create, or the steps to take, in order.
    #[validate(nested)]
    #[schema(min_items = 1, max_items = 100)]
    pub items: Vec<T>,
}

/// How a batch is done.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BatchOptions {
    /// Check everything and write nothing.
    #[param(default = false, example = true)]
    #[serde(default)]
    pub dry_run: bool,
}

/// How a batch of steps is taken.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StepOptions {
    /// Check everything and write nothing.
    #[param(default = false, example = true)]
    #[serde(default)]
    pub dry_run: bool,
    /// `true`: all steps are taken or none. `false`: each step that can be taken is taken, and `results` tells which.
    #[param(default = true, example = false)]
    #[serde(default = "together")]
    pub atomic: bool,
}

fn together() -> bool {
    true
}

/// The records of a batch of steps, or with `atomic=false` what became of each step.
#[derive(Serialize, ToSchema)]
#[schema(as = StepResults)]
pub struct Taken<T> {
    /// Each record once, as it is after the last step. Empty with `atomic=false`.
    #[schema(max_items = 100)]
    pub items: Vec<T>,
    /// What became of each step, in the order of the batch. Only with `atomic=false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, max_items = 100)]
    pub results: Option<Vec<StepResult>>,
}

/// What became of a step.
#[derive(Serialize, ToSchema)]
pub struct StepResult {
    /// Index of the step in the batch, from 0.
    #[schema(value_type = i32, minimum = 0, maximum = 99, example = 0)]
    pub index: usize,
    /// Id of the record.
    pub id: Uuid,
    /// The HTTP status of the step alone: 200 if it was taken.
    #[schema(minimum = 200, maximum = 499, example = 409)]
    pub status: u16,
    /// Why the step was not taken. `errors` has pointers into the batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Problem, required = false)]
    pub problem: Option<Value>,
}

impl StepResult {
    /// Of a step that was taken, or not.
    pub fn of(index: usize, id: Uuid, failed: Option<Error>, context: &Context) -> Result<Self> {
        let Some(error) = failed else { return Ok(Self { index, id, status: 200, problem: None }) };
        let error = match error.errors() {
            [] => error,
            _ => error.code().with(errors_of_item(index, error)?),
        };
        let problem = json!(Problem::of(&error, context.request_id.clone(), context.language));
        Ok(Self { index, id, status: error.code().status(), problem: Some(problem) })
    }
}

/// The records that a batch wrote.
#[derive(Serialize, ToSchema)]
#[schema(as = Batch)]
pub struct Records<T> {
    /// The records that were written, in the order of the batch.
    #[schema(max_items = 100)]
    pub items: Vec<T>,
}

/// What became of the items of a batch that creates records: all of them, or the errors of each.
pub struct Created<R> {
    rows: Vec<R>,
    errors: Vec<FieldError>,
    next: usize,
}

impl<R> Default for Created<R> {
    fn default() -> Self {
        Self { rows: Vec::new(), errors: Vec::new(), next: 0 }
    }
}

impl<R> Created<R> {
    /// Takes the next item. An error that is about no field of it ends the batch.
    pub fn add(&mut self, made: Result<R>) -> Result<()> {
        match made {
            Ok(row) => self.rows.push(row),
            Err(error) => self.errors.extend(errors_of_item(self.next, error)?),
        }
        self.next += 1;
        Ok(())
    }

    pub fn finish(self) -> Result<Vec<R>> {
        if self.errors.is_empty() { Ok(self.rows) } else { Err(Error::in_body(self.errors)) }
    }
}

/// Everything in the steps of a batch that breaks a rule over several fields.
pub fn by_rules<'a, T: Validate + 'a>(steps: impl IntoIterator<Item = &'a T>) -> Result<()> {
    let mut checked = Created::default();
    for step in steps {
        checked.add(body::by_rules(step))?;
    }
    checked.finish().map(drop)
}

/// The errors of an item, at their place in the batch.
pub fn errors_of_item(index: usize, error: Error) -> Result<Vec<FieldError>> {
    if error.errors().is_empty() {
        return Err(error);
    }
    Ok(error.errors().iter().map(|error| error.clone().below(&format!("/items/{index}"))).collect())
}
