//! Codes: what programs and people call a unit, a category or an e-service. They never change.

use std::ops::Deref;

use serde::Deserialize;

/// The code of a record: lower-case words with hyphens between. The schema of the parameter that has it says so.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RecordCode(String);

impl RecordCode {
    pub const LONGEST: usize = 50;
    pub const PATTERN: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";
}

impl Deref for RecordCode {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
