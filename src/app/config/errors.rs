//! Collecting the errors of settings, so that all of them are reported at once. Each begins with the name of its flag.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

#[derive(Debug, Default)]
pub struct ConfigErrors(Vec<String>);

impl ConfigErrors {
    /// The value of a setting; if it is invalid, the error is kept and a default returned in its place.
    pub fn value<T: Default>(&mut self, checked: Result<T, impl Into<ConfigErrors>>) -> T {
        checked.map_err(|errors| self.add(errors.into().0)).unwrap_or_default()
    }

    pub fn add(&mut self, errors: impl IntoIterator<Item = String>) {
        self.0.extend(errors);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The result, unless there were errors: it would contain defaults in their place.
    pub fn none_or<T>(self, made: T) -> Result<T, Self> {
        if self.is_empty() { Ok(made) } else { Err(self) }
    }
}

impl From<String> for ConfigErrors {
    fn from(error: String) -> Self {
        Self(vec![error])
    }
}

impl From<ConfigErrors> for Vec<String> {
    fn from(errors: ConfigErrors) -> Self {
        errors.0
    }
}

/// Parses a number. clap cannot: it stops at the first error.
pub fn number<N: FromStr + PartialOrd + Display>(
    flag: &str,
    text: &str,
    range: RangeInclusive<N>,
) -> Result<N, String> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("{flag}: {text:?} is not a number from {} to {}", range.start(), range.end()))
}

/// Parses a list that is separated by commas.
pub fn listed<T>(text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, ConfigErrors> {
    let mut errors = ConfigErrors::default();
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let values = parts.filter_map(|part| errors.value(read(part).map(Some))).collect();
    errors.none_or(values)
}
