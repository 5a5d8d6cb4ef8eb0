//! Deadlines for the first answer and the conclusion of a case, in working days, and how each was computed.
//!
//! A due date does not change: holidays that are added later affect only dates computed after that.

use chrono::NaiveDate;
use entity::holiday;
use entity::texts::Texts;
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::working_days::Calendar;
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

/// The day that is so many working days after `start`, and the holidays that were left out.
pub fn compute_due_date(calendar: &Calendar, start: NaiveDate, days: u32) -> (NaiveDate, Texts) {
    let due_on = calendar.after(start, days);
    (due_on, Texts(calendar.holidays(start, due_on).iter().map(NaiveDate::to_string).collect()))
}

/// A promised date, and how it was reckoned: so many working days after `starts_on`, longer by those waited.
#[derive(Serialize, ToSchema)]
pub struct Deadline {
    /// Null while the clock stands still.
    #[schema(required, example = "2024-05-07")]
    pub due_on: Option<NaiveDate>,
    /// When it was done.
    #[schema(required, example = json!(null))]
    pub met_on: Option<NaiveDate>,
    #[schema(example = false)]
    pub overdue: bool,
    #[schema(minimum = 0, maximum = 1000, example = 15)]
    pub working_days: i32,
    /// The day after it is the first that counts.
    #[schema(example = "2024-04-11")]
    pub starts_on: NaiveDate,
    /// Working days that were waited for the reporter.
    #[schema(minimum = 0, maximum = 100000, example = 0)]
    pub waited_working_days: i32,
    /// Since when the reporter is waited for.
    #[schema(required, example = json!(null))]
    pub paused_on: Option<NaiveDate>,
    /// Holidays that were left out, beside Saturdays and Sundays.
    #[schema(value_type = Vec<NaiveDate>, max_items = 1000, example = json!(["2024-04-15"]))]
    pub holidays: Vec<String>,
}
