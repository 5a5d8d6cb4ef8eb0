//! Deadlines for the first answer and the conclusion of a case, in working days, and how each was computed.
//!
//! A due date does not change, but for one that becomes a holiday (due_days.rs): other holidays that are added later affect only dates
//! computed after that.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::holiday;
use entity::texts::Texts;
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::usual_holidays::{Entered, complete_years};
use crate::domain::working_days::{Calendar, bangkok_day};
use crate::error::Result;

/// What a municipality promises.
#[derive(Clone, Copy, Debug)]
pub struct CaseSettings {
    /// Working days.
    pub first_answer_days: u32,
    /// Working days.
    pub conclusion_days: u32,
    /// Days.
    pub reopen_days: u32,
    /// Zero bits that a proof of work needs; 0 for none.
    pub challenge_bits: u32,
}

impl Default for CaseSettings {
    fn default() -> Self {
        Self { first_answer_days: 15, conclusion_days: 60, reopen_days: 30, challenge_bits: 0 }
    }
}

/// The holidays that are entered.
pub async fn calendar(db: &impl ConnectionTrait) -> Result<Calendar> {
    let days = holiday::Entity::find().select_only().column(holiday::Column::Date).into_tuple::<NaiveDate>();
    Ok(Calendar::new(days.all(db).await?))
}

/// The same with their Thai names.
pub async fn entered(db: &impl ConnectionTrait) -> Result<Entered> {
    let named = holiday::Entity::find().select_only().columns([holiday::Column::Date, holiday::Column::NameTh]);
    Ok(named.into_tuple::<(NaiveDate, String)>().all(db).await?.into_iter().collect())
}

/// What deadlines are judged by: the day, and the years whose usual holidays are all entered.
#[derive(Debug)]
pub struct Today {
    pub day: NaiveDate,
    complete_years: BTreeSet<i32>,
}

impl Today {
    pub async fn read(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Self> {
        Ok(Self { day: bangkok_day(now), complete_years: complete_years(&entered(db).await?) })
    }

    /// Whether all usual holidays of the years of a period are entered; one that has no end yet goes on until today.
    pub fn knows_holidays(&self, from: NaiveDate, until: Option<NaiveDate>) -> bool {
        self.incomplete_years(from, until).next().is_none()
    }

    /// The other years of such a period.
    pub fn incomplete_years(&self, from: NaiveDate, until: Option<NaiveDate>) -> impl Iterator<Item = i32> {
        let last = until.unwrap_or(self.day).year();
        (from.year()..=last).filter(move |year| !self.complete_years.contains(year))
    }
}

/// The day that is so many working days after `start`, and the holidays that were left out.
pub fn compute_due_date(calendar: &Calendar, start: NaiveDate, days: u32) -> (NaiveDate, Texts) {
    let due_on = calendar.after(start, days);
    (due_on, Texts(calendar.holidays(start, due_on).iter().map(NaiveDate::to_string).collect()))
}

/// A promised date and its calculation: `working_days` after `starts_on`, extended by `waited_working_days`.
#[derive(Serialize, ToSchema)]
pub struct Deadline {
    /// Promised date; null while the deadline is paused.
    #[schema(required, example = "2024-05-07")]
    pub due_on: Option<NaiveDate>,
    /// Day on which the deadline was met; null before.
    #[schema(required, example = json!(null))]
    pub met_on: Option<NaiveDate>,
    /// Whether the date has passed and the deadline is still open.
    #[schema(example = false)]
    pub overdue: bool,
    /// Number of working days that were promised.
    #[schema(minimum = 0, maximum = 1000, example = 15)]
    pub working_days: i32,
    /// Start of the calculation. The following day is the first that counts.
    #[schema(example = "2024-04-11")]
    pub starts_on: NaiveDate,
    /// Working days during which the office waited for the reporter.
    #[schema(minimum = 0, maximum = 100000, example = 0)]
    pub waited_working_days: i32,
    /// Day since when the office has waited for the reporter; null if it does not.
    #[schema(required, example = json!(null))]
    pub paused_on: Option<NaiveDate>,
    /// Holidays that were skipped. Saturdays and Sundays are skipped as well.
    #[schema(value_type = Vec<NaiveDate>, max_items = 1000, example = json!(["2024-04-15"]))]
    pub holidays: Vec<String>,
    /// Whether all usual holidays of the calendar years from `starts_on` to `due_on` are entered. If not, `due_on` may
    /// still become a holiday, and then moves to the next working day. `GET /v1/holidays/years/{calendar_year}` lists those that
    /// are missing.
    #[schema(example = true)]
    pub holidays_complete: bool,
}
