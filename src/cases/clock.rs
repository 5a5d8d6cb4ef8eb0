//! The clock of a promise: it stands still while the office waits for the reporter or applicant.

use chrono::NaiveDate;
use entity::agency::DayCount;
use entity::texts::Texts;

use super::deadline::compute_due_date;
use crate::domain::working_days::Calendar;

/// The columns of a case that its clock moves.
pub struct Clock<'a> {
    /// Working days that were promised.
    pub days: i32,
    pub from: &'a mut NaiveDate,
    pub waiting_since: &'a mut Option<NaiveDate>,
    /// Working days waited before that.
    pub waited_days: &'a mut i32,
    pub due_on: &'a mut Option<NaiveDate>,
    /// The due day of before the wait.
    pub due_before: &'a mut Option<NaiveDate>,
    pub holidays: &'a mut Texts,
    /// What is booked for a later day is due on that day.
    pub booked_on: Option<NaiveDate>,
}

impl Clock<'_> {
    /// Begins anew: the case was reopened.
    pub fn restart(&mut self, today: NaiveDate) {
        *self.from = today;
        *self.waited_days = 0;
        *self.due_on = None;
        *self.due_before = None;
    }

    /// Stands still from a day on.
    pub fn stop(&mut self, today: NaiveDate) {
        if self.waiting_since.is_none() {
            *self.waiting_since = Some(today);
            *self.due_before = self.due_on.take();
        }
    }

    /// Goes on. A due day does not change while the clock runs, and moves by the days waited alone.
    pub fn run(&mut self, calendar: &Calendar, today: NaiveDate) {
        let waited = self.waiting_since.take().map_or(0, |since| calendar.between(since, today));
        *self.waited_days += waited.cast_signed();
        if let Some(before) = self.due_before.take() {
            let (due_on, holidays) = compute_due_date(calendar, calendar.from(before), waited, DayCount::WorkingDays);
            *self.due_on = Some(due_on);
            self.holidays.0.extend(holidays.0);
        } else if self.due_on.is_none() {
            let days = u32::try_from(self.days + *self.waited_days).unwrap_or_default();
            let (due_on, holidays) = compute_due_date(calendar, *self.from, days, DayCount::WorkingDays);
            *self.due_on = Some(self.booked_on.map_or(due_on, |day| day.max(due_on)));
            *self.holidays = holidays;
        }
    }

    /// Working days until a day, without those waited.
    pub fn took(&self, calendar: &Calendar, until: NaiveDate) -> i32 {
        let waited = self.waited_days.cast_unsigned();
        calendar.between(*self.from, until).saturating_sub(waited).cast_signed()
    }
}
