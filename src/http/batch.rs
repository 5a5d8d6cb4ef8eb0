//! Many records in one request, all or none.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

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

/// The errors of an item, at their place in the batch.
pub fn errors_of_item(index: usize, error: Error) -> Result<Vec<FieldError>> {
    if error.errors().is_empty() {
        return Err(error);
    }
    Ok(error.errors().iter().map(|error| error.clone().below(&format!("/items/{index}"))).collect())
}
