//! Many records in one request, all or none.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

/// Up to 100 records to create.
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
