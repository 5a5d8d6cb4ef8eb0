//! Validation rules that a schema cannot express, mostly over several fields. All are checked, and all violations are
//! reported.

use validator::{ValidationError, ValidationErrors};

#[derive(Default)]
pub struct Rules(ValidationErrors);

impl Rules {
    /// A rule that must hold; otherwise an error for `field`, with a code and a message in both languages.
    pub fn require(
        mut self,
        holds: bool,
        field: &'static str,
        code: &'static str,
        th: &'static str,
        en: &'static str,
    ) -> Self {
        if !holds {
            self.0.add(field, ValidationError::new(code).with_message(format!("{th}\n{en}").into()));
        }
        self
    }

    pub fn end(self) -> Result<(), ValidationErrors> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}
