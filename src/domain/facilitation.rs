//! Times of the Licensing Facilitation Act of 2558 for service requests. They are counted in calendar days.

use chrono::{Days, NaiveDate};

const WEEK: Days = Days::new(7);

/// When an applicant who has not sent what is missing is reminded, or the request is returned with the reason (sections 8 and 9).
pub fn reminder_on(asked_on: NaiveDate) -> NaiveDate {
    a_week_after(asked_on)
}

/// Until when the applicant of a late request has to be told the reason: at its due day, and every seven days after that (section 10).
pub fn delay_notice_due_on(
    due_on: Option<NaiveDate>,
    explained_on: Option<NaiveDate>,
    today: NaiveDate,
) -> Option<NaiveDate> {
    let late_since = due_on.filter(|day| *day <= today)?;
    Some(explained_on.map_or(late_since, |day| a_week_after(day).max(late_since)))
}

/// Until when an applicant has to be told the result (section 10).
pub fn result_due_on(closed_on: NaiveDate) -> NaiveDate {
    a_week_after(closed_on)
}

/// The last day that was a week ago.
pub fn a_week_before(today: NaiveDate) -> NaiveDate {
    today.checked_sub_days(WEEK).unwrap_or(NaiveDate::MIN)
}

fn a_week_after(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(WEEK).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_due_on_the_due_day_and_a_week_after_each_notice() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (due_on, explained_on, today, expected) in [
            (Some("2026-12-16"), None, "2026-12-15", None),
            (Some("2026-12-16"), None, "2026-12-16", Some("2026-12-16")),
            (Some("2026-12-16"), None, "2026-12-17", Some("2026-12-16")),
            (Some("2026-12-16"), Some("2026-12-17"), "2026-12-17", Some("2026-12-24")),
            (Some("2026-12-16"), Some("2026-12-24"), "2027-01-08", Some("2026-12-31")),
            // A notice before the due day is one as well, and one from before the clock stood still is not.
            (Some("2026-12-16"), Some("2026-12-14"), "2026-12-17", Some("2026-12-21")),
            (Some("2026-12-16"), Some("2026-12-01"), "2026-12-17", Some("2026-12-16")),
            (None, Some("2026-12-01"), "2026-12-17", None),
        ] {
            let told = delay_notice_due_on(due_on.map(day), explained_on.map(day), day(today));
            assert_eq!(told, expected.map(day), "{due_on:?} {explained_on:?} {today}");
        }
    }
}
