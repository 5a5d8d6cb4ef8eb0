//! What of a period was recorded: figures are of that part alone, and that there was nothing is said of no other.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::codes::{Coded, Label};
use serde::Serialize;
use utoipa::ToSchema;

use super::fiscal_year::{FiscalYear, Span};
use super::thai;
use super::working_days::bangkok_day;

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Coverage = "Coverage" ("ความครบถ้วนของการบันทึก", "How much of a period was recorded.") {
        Recorded = "recorded" (
            "บันทึกครบทั้งช่วง", "recorded",
            "ช่วงเวลาสิ้นสุดแล้ว และบันทึกในระบบตั้งแต่วันแรก",
            "The period has ended, and was recorded from its first day on."
        ),
        Until = "until" (
            "บันทึกถึงปัจจุบัน", "recorded until now",
            "ช่วงเวลายังไม่สิ้นสุด ข้อมูลถึงวันที่ใน recorded_until",
            "The period has not ended. The figures are of the days from `recorded_from` until `recorded_until`."
        ),
        PartlyRecorded = "partly_recorded" (
            "บันทึกบางส่วน", "partly recorded",
            "ช่วงเวลาสิ้นสุดแล้ว แต่บันทึกในระบบตั้งแต่วันที่ใน recorded_from ซึ่งไม่ใช่วันแรก",
            "The period is a year, half or quarter that has ended, and was recorded from the month of `recorded_from` on, not from its first."
        ),
        NotRecorded = "not_recorded" (
            "ไม่ได้บันทึกในระบบ", "not recorded",
            "เทศบาลไม่ได้ระบุว่าบันทึกช่วงเวลานี้ไว้ในระบบ จึงไม่มีตัวเลข",
            "The agency does not say that it recorded any of the period here. There are no figures."
        ),
        ToCome = "to_come" (
            "ยังไม่ถึง", "to come",
            "ช่วงเวลายังไม่เริ่ม จึงไม่มีตัวเลข",
            "The period has not begun. There are no figures."
        ),
    }
}

/// The days from which the agency records all cases here, by kind of case. Without one nothing is said of what was recorded, nor
/// in figures of an instant at which none was stated yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecordedFrom {
    /// First day of complaints of corruption and misconduct; null if not stated.
    #[schema(required, example = "2023-10-01")]
    pub integrity: Option<NaiveDate>,
    /// First day of complaints about services and of feedback; null if not stated.
    #[schema(required, example = "2023-10-01")]
    pub general: Option<NaiveDate>,
    /// First day of requests for e-services; null if not stated.
    #[schema(required, example = "2023-10-01")]
    pub service_requests: Option<NaiveDate>,
}

impl RecordedFrom {
    /// What two statements agree on: of each kind the later day.
    pub fn and(self, other: Self) -> Self {
        let later = |one: Option<NaiveDate>, other: Option<NaiveDate>| Some(one?.max(other?));
        Self {
            integrity: later(self.integrity, other.integrity),
            general: later(self.general, other.general),
            service_requests: later(self.service_requests, other.service_requests),
        }
    }
}

/// What of a period was recorded.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Covered {
    /// How much of the period was recorded.
    pub coverage: Coverage,
    /// The name of `coverage`.
    pub coverage_label: Label,
    /// The first day that the figures are of; null where there are none.
    #[schema(required, example = "2023-10-01")]
    pub recorded_from: Option<NaiveDate>,
    /// The last day that the figures are of; null where there are none.
    #[schema(required, example = "2024-09-30")]
    pub recorded_until: Option<NaiveDate>,
}

/// From when to when cases are in the figures.
#[derive(Clone, Copy, Debug)]
pub struct Recording {
    /// The day from which all are recorded, if the agency states one.
    pub from: Option<NaiveDate>,
    /// The last day that the figures are of.
    until: NaiveDate,
    /// Whether that day is not over.
    is_open: bool,
}

impl Recording {
    /// For figures of an instant; `now` for those of the present.
    pub fn new(from: Option<NaiveDate>, at: DateTime<Utc>) -> Self {
        let until = bangkok_day(at - TimeDelta::microseconds(1));
        Self { from, until, is_open: until == bangkok_day(at) }
    }

    /// What of a period is in the figures.
    pub fn of(&self, (first, last): Span) -> Covered {
        let until = last.min(self.until);
        let is_over = last < self.until || (last == self.until && !self.is_open);
        let from = self.from.map(|from| from.max(first)).filter(|from| *from <= until);
        let coverage = match from {
            _ if first > self.until => Coverage::ToCome,
            None => Coverage::NotRecorded,
            Some(_) if !is_over => Coverage::Until,
            Some(from) if from == first => Coverage::Recorded,
            Some(_) => Coverage::PartlyRecorded,
        };
        Covered { coverage, coverage_label: coverage.label(), recorded_from: from, recorded_until: from.map(|_| until) }
    }
}

/// How much is known of records that are entered with their year, such as measures.
#[derive(Clone, Serialize, ToSchema)]
pub struct Known {
    /// How much is known of the time: `recorded` if it is over and `until` if it is not, where there are records. Without any it is
    /// `to_come` before it begins, and `not_recorded` afterwards: there may have been some that were not entered.
    pub coverage: Coverage,
    /// The name of `coverage`.
    pub coverage_label: Label,
}

impl Known {
    /// At an instant.
    pub fn of((first, last): Span, at: DateTime<Utc>, has_records: bool) -> Self {
        let today = bangkok_day(at);
        let coverage = match has_records {
            true if last < today => Coverage::Recorded,
            true => Coverage::Until,
            false if first > today => Coverage::ToCome,
            false => Coverage::NotRecorded,
        };
        Self { coverage, coverage_label: coverage.label() }
    }

    /// A figure, if there are any.
    pub fn figure<T>(&self, figure: T) -> Option<T> {
        Some(figure).filter(|_| ![Coverage::ToCome, Coverage::NotRecorded].contains(&self.coverage))
    }
}

impl Covered {
    /// Whether there are figures.
    pub fn has_figures(&self) -> bool {
        self.recorded_from.is_some()
    }

    /// The days of a year of which it can be said that there was nothing, as a sentence about it begins.
    pub fn said_of(&self, year: FiscalYear) -> Option<String> {
        let (from, until) = (thai::date(self.recorded_from?), thai::date(self.recorded_until?));
        match self.coverage {
            Coverage::Recorded => Some(format!("ในปีงบประมาณ พ.ศ. {year} ({from} ถึง {until})")),
            Coverage::Until => Some(format!("ตั้งแต่วันที่ {from} ถึงวันที่ {until}")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::working_days::midnight;
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// What is covered of January 2024, as a line.
    fn january(from: Option<&str>, at: DateTime<Utc>) -> String {
        let covered = Recording::new(from.map(day), at).of((day("2024-01-01"), day("2024-01-31")));
        let days = covered.recorded_from.zip(covered.recorded_until);
        let days = days.map(|(from, until)| format!(" {}-{}", from.format("%d"), until.format("%d")));
        format!("{}{}", covered.coverage.code(), days.unwrap_or_default())
    }

    #[test]
    fn figures_are_of_what_was_recorded_until_then() {
        let noon = |text: &str| midnight(day(text)) + TimeDelta::hours(12);
        for (from, at, expected) in [
            (Some("2023-10-01"), midnight(day("2024-02-01")), "recorded 01-31"),
            (Some("2024-01-01"), noon("2024-02-01"), "recorded 01-31"),
            (Some("2024-01-15"), noon("2024-02-01"), "partly_recorded 15-31"),
            (Some("2024-01-31"), noon("2024-02-01"), "partly_recorded 31-31"),
            (Some("2024-02-01"), noon("2024-03-01"), "not_recorded"),
            (None, noon("2024-03-01"), "not_recorded"),
            // The last day is not over until its midnight.
            (Some("2023-10-01"), noon("2024-01-31"), "until 01-31"),
            (Some("2023-10-01"), midnight(day("2024-01-31")), "until 01-30"),
            (Some("2024-01-15"), noon("2024-01-20"), "until 15-20"),
            (Some("2024-01-15"), midnight(day("2024-01-15")), "not_recorded"),
            (Some("2024-01-15"), midnight(day("2024-01-16")), "until 15-15"),
            // At the midnight at which it begins there is nothing to count.
            (Some("2023-10-01"), midnight(day("2024-01-01")), "to_come"),
            (Some("2023-10-01"), noon("2024-01-01"), "until 01-01"),
            (None, noon("2023-12-31"), "to_come"),
        ] {
            assert_eq!(january(from, at), expected, "from {from:?} at {at}");
        }
    }

    #[test]
    fn of_a_time_without_records_nothing_is_known() {
        let known = |has: bool, at: &str| Known::of(FiscalYear::stored(2567).span(), midnight(day(at)), has);
        for (has, at, code) in [
            (false, "2023-09-30", "to_come"),
            (false, "2023-10-01", "not_recorded"),
            (false, "2024-10-01", "not_recorded"),
            (true, "2023-09-30", "until"),
            (true, "2024-09-30", "until"),
            (true, "2024-10-01", "recorded"),
        ] {
            let known = known(has, at);
            assert_eq!((known.coverage.code(), known.figure(6)), (code, has.then_some(6)), "{at}");
        }
    }

    #[test]
    fn that_there_was_nothing_is_said_of_recorded_days_alone() {
        let year = FiscalYear::stored(2567);
        let said =
            |from: &str, at: &str| Recording::new(Some(day(from)), midnight(day(at))).of(year.span()).said_of(year);
        let whole = "ในปีงบประมาณ พ.ศ. 2567 (1 ตุลาคม 2566 ถึง 30 กันยายน 2567)";
        assert_eq!(said("2023-10-01", "2024-10-01").as_deref(), Some(whole));
        let until = "ตั้งแต่วันที่ 1 ธันวาคม 2566 ถึงวันที่ 29 กันยายน 2567";
        assert_eq!(said("2023-12-01", "2024-09-30").as_deref(), Some(until));
        assert_eq!((said("2023-12-01", "2024-10-01"), said("2024-10-01", "2025-01-01")), (None, None));
    }
}
