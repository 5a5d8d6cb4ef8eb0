//! Deadlines for the first answer and the conclusion of a case, and how each was computed: in working days, or the first answer in the
//! calendar days of the law.
//!
//! A due date does not change, but for one that becomes a holiday (due_days.rs): other holidays that are added later affect only dates
//! computed after that.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use entity::agency::{self, DayCount};
use entity::holiday;
use entity::texts::Texts;
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::usual_holidays::{Entered, complete_years};
use crate::domain::working_days::{Calendar, bangkok_day};
use crate::error::{Code, Result};

/// What a municipality promises.
#[derive(Clone, Copy, Debug)]
pub struct CaseSettings {
    /// Days as the agency counts them.
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

/// Which days the agency counts until the first answer of a new complaint, which day that is, and the holidays that were left out.
pub async fn first_answer(
    db: &impl ConnectionTrait,
    calendar: &Calendar,
    start: NaiveDate,
    days: u32,
) -> Result<(DayCount, NaiveDate, Texts)> {
    let counted = agency::Entity::find().select_only().column(agency::Column::FirstAnswerCounted);
    let counted = counted.into_tuple().one(db).await?.ok_or(Code::Internal)?;
    let (due_on, holidays) = compute_due_date(calendar, start, days, counted);
    Ok((counted, due_on, holidays))
}

/// The day that is so many days after `start`, and the holidays that were left out.
pub fn compute_due_date(calendar: &Calendar, start: NaiveDate, days: u32, counted: DayCount) -> (NaiveDate, Texts) {
    let (from, due_on) = match counted {
        DayCount::WorkingDays => (start, calendar.after(start, days)),
        DayCount::CalendarDays => {
            let due_on = calendar.end(start, days);
            // Only at the end a holiday is left out.
            (start.checked_add_days(Days::new(days.into())).and_then(|last| last.pred_opt()).unwrap_or(start), due_on)
        }
    };
    (due_on, Texts(calendar.holidays(from, due_on).iter().map(NaiveDate::to_string).collect()))
}

/// Calendar days in which the law has the first answer given.
const LAWFUL_DAYS: i32 = 15;

/// The law that has them.
const LAW: &str = "พระราชกฤษฎีกาว่าด้วยหลักเกณฑ์และวิธีการบริหารกิจการบ้านเมืองที่ดี พ.ศ. 2546 มาตรา 38";

/// How many days were promised, and which law has them.
pub fn promised(days: i32, counted: DayCount) -> (Option<i32>, Option<i32>, Option<&'static str>) {
    match counted {
        DayCount::WorkingDays => (Some(days), None, None),
        // The municipality can promise more days than the law has; they are its own.
        DayCount::CalendarDays => (None, Some(days), Some(LAW).filter(|_| days <= LAWFUL_DAYS)),
    }
}

/// A promised date and its calculation: `working_days` or `calendar_days` after `starts_on`, extended by `waited_working_days`.
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
    /// Number of working days that were promised; null if calendar days were.
    #[schema(required, minimum = 0, maximum = 1000, example = 60)]
    pub working_days: Option<i32>,
    /// Number of calendar days that were promised; null if working days were. If the last one is no working day, the next working day is the
    /// promised date.
    #[schema(required, minimum = 0, maximum = 1000, example = json!(null))]
    pub calendar_days: Option<i32>,
    /// Law that has these days; null if they are the municipality's own promise.
    #[schema(required, max_length = 500, example = json!(null))]
    pub legal_basis: Option<&'static str>,
    /// Start of the calculation. The following day is the first that counts.
    #[schema(example = "2024-04-11")]
    pub starts_on: NaiveDate,
    /// Working days during which the office waited for the reporter or applicant.
    #[schema(minimum = 0, maximum = 100000, example = 0)]
    pub waited_working_days: i32,
    /// Day since when the office has waited for the reporter or applicant; null if it does not.
    #[schema(required, example = json!(null))]
    pub paused_on: Option<NaiveDate>,
    /// Holidays that were skipped: all that were met, or of calendar days those at the end. Saturdays and Sundays are skipped as well.
    #[schema(value_type = Vec<NaiveDate>, max_items = 1000, example = json!(["2024-04-15"]))]
    pub holidays: Vec<String>,
    /// Whether all usual holidays of the calendar years from `starts_on` to `due_on` are entered. If not, `due_on` may
    /// still become a holiday, and then moves to the next working day. `GET /v1/holidays/years/{calendar_year}` lists those that
    /// are missing.
    #[schema(example = true)]
    pub holidays_complete: bool,
}
