//! Validation rules that a schema cannot express, mostly over several fields. All are checked, and all violations are
//! reported.

use validator::{ValidationError, ValidationErrors};

use super::field_code::Violation;
use super::message::Language;

#[derive(Default)]
pub struct Rules(ValidationErrors);

impl Rules {
    /// A rule that must hold; otherwise `field` has this error.
    pub fn require(mut self, holds: bool, field: &'static str, violation: impl Into<Violation>) -> Self {
        if !holds {
            let Violation { code, message } = violation.into();
            let [th, en] = [Language::Thai, Language::English].map(|language| message.localized(language));
            self.0.add(field, ValidationError::new(code.name()).with_message(format!("{th}\n{en}").into()));
        }
        self
    }

    pub fn end(self) -> Result<(), ValidationErrors> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}
