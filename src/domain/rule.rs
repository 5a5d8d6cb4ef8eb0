//! Rules that no schema can say, mostly because they span several fields. All are checked, all that are broken are told.

use validator::{ValidationError, ValidationErrors};

#[derive(Default)]
pub struct Rules(ValidationErrors);

impl Rules {
    /// A rule that must hold; else `field` is told, with a code for programs and both languages for people.
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
