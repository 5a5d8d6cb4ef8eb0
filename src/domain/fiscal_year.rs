//! The Thai fiscal year (ปีงบประมาณ): named by the Buddhist-era year in which it ends, from 1 October to 30 September.
//!
//! Source: Budget Procedure Act B.E. 2561, section 4.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::working_days::bangkok_day;

/// Years between the Gregorian and the Buddhist era.
pub const ERA: i32 = 543;

/// A fiscal year of the Buddhist era, 2500 to 2700.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i32", into = "i32")]
pub struct FiscalYear(i32);

/// First and last day, both inside.
pub type Span = (NaiveDate, NaiveDate);

impl FiscalYear {
    pub const RANGE: RangeInclusive<i32> = 2500..=2700;

    /// The fiscal year that a day falls into.
    pub fn of(day: NaiveDate) -> Option<Self> {
        let turn = i32::from(day.month() >= 10);
        Self::try_from(day.year() + ERA + turn).ok()
    }

    /// The fiscal year of an instant, by the calendar in Bangkok.
    pub fn at(instant: DateTime<Utc>) -> Option<Self> {
        Self::of(bangkok_day(instant))
    }

    /// The fiscal year that it is now, in Bangkok. A clock that is out of range has the nearest year.
    pub fn current(now: DateTime<Utc>) -> Self {
        let (first, last) = (*Self::RANGE.start(), *Self::RANGE.end());
        Self::at(now).unwrap_or(Self(if bangkok_day(now).year() + ERA < first { first } else { last }))
    }

    /// What was probably meant by a number that is no fiscal year: 2024 is 2567.
    pub fn meant_by(number: i64) -> Option<Self> {
        let year = i32::try_from(number).ok()?.checked_add(ERA)?;
        (1957..=2157).contains(&number).then(|| Self::try_from(year).ok()).flatten()
    }

    /// A year that was checked when it was stored.
    pub fn stored(number: i32) -> Self {
        Self(number)
    }

    /// The year before. That of 2500 has nothing in it.
    pub fn before(self) -> Self {
        Self(self.0 - 1)
    }

    pub fn number(self) -> i32 {
        self.0
    }

    pub fn span(self) -> Span {
        self.months(0, 12)
    }

    /// `count` months from the `first`-th month after September.
    pub fn months(self, first: u32, count: u32) -> Span {
        let day_one = |month: u32| {
            let (turn, month) = ((9 + month) / 12, (9 + month) % 12 + 1);
            NaiveDate::from_ymd_opt(self.0 - ERA - 1 + turn as i32, month, 1).unwrap_or(NaiveDate::MIN)
        };
        (day_one(first), day_one(first + count) - Days::new(1))
    }
}

impl TryFrom<i32> for FiscalYear {
    type Error = String;

    fn try_from(year: i32) -> Result<Self, String> {
        if Self::RANGE.contains(&year) { Ok(Self(year)) } else { Err(format!("{year} is not in 2500..2700")) }
    }
}

impl From<FiscalYear> for i32 {
    fn from(year: FiscalYear) -> i32 {
        year.0
    }
}

impl std::fmt::Display for FiscalYear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialSchema for FiscalYear {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(*Self::RANGE.start()))
            .maximum(Some(*Self::RANGE.end()))
            .description(Some("Fiscal year of the Buddhist era: 2567 is 2023-10-01 to 2024-09-30."))
            .examples([2567])
            .into()
    }
}

impl ToSchema for FiscalYear {
    fn name() -> Cow<'static, str> {
        "FiscalYearNumber".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(number: i32) -> FiscalYear {
        FiscalYear::try_from(number).unwrap()
    }

    fn text((first, last): Span) -> String {
        format!("{first}..{last}")
    }

    #[test]
    fn the_year_2567_runs_from_october_2023_to_september_2024() {
        assert_eq!(text(year(2567).span()), "2023-10-01..2024-09-30");
    }

    #[test]
    fn the_year_turns_at_midnight_in_bangkok() {
        let at = |instant: &str| FiscalYear::at(instant.parse().unwrap()).unwrap().number();
        assert_eq!(at("2024-09-30T16:59:59Z"), 2567);
        assert_eq!(at("2024-09-30T17:00:00Z"), 2568);
    }

    #[test]
    fn there_is_always_a_current_year() {
        let current = |instant: &str| FiscalYear::current(instant.parse().unwrap()).number();
        assert_eq!(current("2026-11-29T00:00:00Z"), 2570);
        assert_eq!(current("1900-01-01T00:00:00Z"), 2500);
        assert_eq!(current("2900-01-01T00:00:00Z"), 2700);
    }

    #[test]
    fn every_day_of_every_year_falls_into_the_year_that_spans_it() {
        for number in FiscalYear::RANGE {
            let (first, last) = year(number).span();
            assert_eq!(FiscalYear::of(first), Some(year(number)));
            assert_eq!(FiscalYear::of(last), Some(year(number)));
        }
    }

    #[test]
    fn a_gregorian_year_is_recognised_and_a_buddhist_one_is_not() {
        assert_eq!(FiscalYear::meant_by(2024), Some(year(2567)));
        assert_eq!(FiscalYear::meant_by(2567), None);
        assert_eq!(FiscalYear::meant_by(i64::MAX), None);
    }
}
