//! Working days (วันทำการ): all but Saturdays, Sundays and holidays.
//!
//! Source: Administrative Procedure Act B.E. 2539, section 64: the day on which a period begins is not counted.

use std::collections::BTreeSet;
use std::iter::successors;

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveTime, Offset, TimeDelta, Utc, Weekday};

/// How far Bangkok's clocks are ahead of UTC, all year.
const BANGKOK: TimeDelta = TimeDelta::hours(7);

/// The holidays that are known.
#[derive(Clone, Debug, Default)]
pub struct Calendar(BTreeSet<NaiveDate>);

impl Calendar {
    pub fn new(holidays: impl IntoIterator<Item = NaiveDate>) -> Self {
        Self(holidays.into_iter().collect())
    }

    pub fn is_working(&self, day: NaiveDate) -> bool {
        !is_weekend(day) && !self.0.contains(&day)
    }

    /// The `days`-th working day after `start`; `start` itself for 0. The calendar's last day where there are not so many.
    pub fn after(&self, start: NaiveDate, days: u32) -> NaiveDate {
        let Some(before) = days.checked_sub(1) else { return start };
        self.following(start).nth(before as usize).unwrap_or(NaiveDate::MAX)
    }

    /// The day on which a period of calendar days after `start` ends: the next working day, if the last of them is none (Civil and
    /// Commercial Code, section 193/8).
    pub fn end(&self, start: NaiveDate, days: u32) -> NaiveDate {
        self.from(start.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX))
    }

    /// The first working day from `day` on.
    pub fn from(&self, day: NaiveDate) -> NaiveDate {
        if self.is_working(day) { day } else { self.after(day, 1) }
    }

    /// Working days after `start` up to `end`, which counts; 0 where `end` is not later.
    pub fn between(&self, start: NaiveDate, end: NaiveDate) -> u32 {
        self.following(start).take_while(|day| *day <= end).count() as u32
    }

    /// The holidays after `start` up to `end` that would have been working days.
    pub fn holidays(&self, start: NaiveDate, end: NaiveDate) -> Vec<NaiveDate> {
        let after = self.0.range(start..).filter(|day| **day > start && **day <= end);
        after.filter(|day| !is_weekend(**day)).copied().collect()
    }

    /// The instant a day earlier, of which only the hours of working days count.
    pub fn day_before(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let today = bangkok_day(now);
        let before = successors(today.pred_opt(), NaiveDate::pred_opt).find(|day| self.is_working(*day));
        let of_today = if self.is_working(today) { now - midnight(today) } else { TimeDelta::zero() };
        midnight(before.unwrap_or(NaiveDate::MIN)) + of_today
    }

    fn following(&self, start: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        successors(start.succ_opt(), NaiveDate::succ_opt).filter(|day| self.is_working(*day))
    }
}

pub fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The day of an instant, by the calendar in Bangkok.
pub fn bangkok_day(instant: DateTime<Utc>) -> NaiveDate {
    instant.checked_add_signed(BANGKOK).map_or(NaiveDate::MAX, |there| there.date_naive())
}

/// An instant as clocks in Bangkok show it.
pub fn in_bangkok(instant: DateTime<Utc>) -> DateTime<FixedOffset> {
    let offset = FixedOffset::east_opt(BANGKOK.num_seconds() as i32);
    instant.with_timezone(&offset.unwrap_or(Utc.fix()))
}

/// The instant at which a day begins in Bangkok.
pub fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc().checked_sub_signed(BANGKOK).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Numbers that look random and are the same every time (Knuth's MMIX).
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % end
        }

        fn day(&mut self) -> NaiveDate {
            day("2023-10-01") + Days::new(self.below(1461))
        }

        fn calendar(&mut self) -> Calendar {
            let count = self.below(200);
            Calendar::new((0..count).map(|_| self.day()))
        }
    }

    /// Songkran of 2024: 13 April is a Saturday, and 16 April was off in its place.
    fn songkran() -> Calendar {
        Calendar::new(["2024-04-13", "2024-04-14", "2024-04-15", "2024-04-16"].map(day))
    }

    #[test]
    fn weekends_and_holidays_are_left_out() {
        let working: Vec<_> = (10..=20).filter(|n| songkran().is_working(day(&format!("2024-04-{n}")))).collect();
        assert_eq!(working, [10, 11, 12, 17, 18, 19]);
    }

    #[test]
    fn the_day_on_which_a_period_begins_is_not_counted() {
        for (start, days, end) in [
            ("2024-04-11", 0, "2024-04-11"),
            ("2024-04-11", 1, "2024-04-12"),
            ("2024-04-11", 2, "2024-04-17"),
            ("2024-04-12", 1, "2024-04-17"),
            ("2024-04-13", 0, "2024-04-13"),
            ("2024-04-13", 1, "2024-04-17"),
            ("2024-04-16", 3, "2024-04-19"),
            ("2024-04-16", 4, "2024-04-22"),
        ] {
            assert_eq!(songkran().after(day(start), days), day(end), "{days} after {start}");
        }
    }

    #[test]
    fn a_period_of_calendar_days_ends_on_a_working_day() {
        for (start, days, end) in [
            // Thursday; the 13th is a Saturday, and Songkran goes on until the 16th.
            ("2024-03-28", 14, "2024-04-11"),
            ("2024-03-28", 15, "2024-04-12"),
            ("2024-03-29", 15, "2024-04-17"),
            ("2024-04-01", 15, "2024-04-17"),
            ("2024-04-05", 15, "2024-04-22"),
            ("2024-04-08", 15, "2024-04-23"),
        ] {
            assert_eq!(songkran().end(day(start), days), day(end), "{days} after {start}");
        }
    }

    #[test]
    fn a_day_of_hours_leaves_out_those_of_weekends_and_holidays() {
        // In Bangkok's time.
        let at = |text: &str| text.parse::<chrono::NaiveDateTime>().unwrap().and_utc() - BANGKOK;
        for (now, before) in [
            ("2024-04-11T15:00:00", "2024-04-10T15:00:00"),
            ("2024-04-12T00:00:00", "2024-04-11T00:00:00"),
            // All of the holidays are as long as their first instant.
            ("2024-04-13T00:00:00", "2024-04-12T00:00:00"),
            ("2024-04-16T23:59:59", "2024-04-12T00:00:00"),
            ("2024-04-17T00:00:00", "2024-04-12T00:00:00"),
            ("2024-04-17T15:00:00", "2024-04-12T15:00:00"),
            ("2024-04-18T15:00:00", "2024-04-17T15:00:00"),
        ] {
            assert_eq!(songkran().day_before(at(now)), at(before), "{now}");
        }
    }

    #[test]
    fn between_counts_the_end_and_not_the_start() {
        for (start, end, count) in [
            ("2024-04-11", "2024-04-11", 0),
            ("2024-04-11", "2024-04-12", 1),
            ("2024-04-12", "2024-04-16", 0),
            ("2024-04-12", "2024-04-17", 1),
            ("2024-04-07", "2024-04-21", 8),
            ("2024-04-12", "2024-04-11", 0),
        ] {
            assert_eq!(songkran().between(day(start), day(end)), count, "{start}..{end}");
        }
    }

    #[test]
    fn so_many_working_days_are_between_a_day_and_the_one_so_many_after() {
        let mut numbers = Numbers(2567);
        for _ in 0..2000 {
            let (calendar, start, days) = (numbers.calendar(), numbers.day(), numbers.below(400) as u32);
            let end = calendar.after(start, days);
            assert_eq!(calendar.between(start, end), days, "{days} after {start}: {calendar:?}");
            assert!(days == 0 || calendar.is_working(end), "{days} after {start}: {calendar:?}");
        }
    }

    #[test]
    fn counting_in_two_parts_counts_the_same() {
        let mut numbers = Numbers(2568);
        for _ in 0..2000 {
            let calendar = numbers.calendar();
            let mut days = [numbers.day(), numbers.day(), numbers.day()];
            days.sort();
            let [first, middle, last] = days;
            let parts = calendar.between(first, middle) + calendar.between(middle, last);
            assert_eq!(parts, calendar.between(first, last), "{days:?}: {calendar:?}");
            let (some, more) = (numbers.below(100) as u32, numbers.below(100) as u32);
            assert_eq!(calendar.after(calendar.after(first, some), more), calendar.after(first, some + more));
        }
    }

    #[test]
    fn between_is_what_counting_day_by_day_gives() {
        let mut numbers = Numbers(2569);
        for _ in 0..200 {
            let (calendar, start, length) = (numbers.calendar(), numbers.day(), numbers.below(500));
            let days = (1..=length).map(|n| start + Days::new(n));
            let count = days.filter(|day| calendar.is_working(*day)).count();
            assert_eq!(calendar.between(start, start + Days::new(length)) as usize, count);
        }
    }

    #[test]
    fn nothing_panics_where_the_calendar_ends() {
        let calendar = songkran();
        let eve = NaiveDate::MAX - Days::new(3);
        assert_eq!(calendar.after(eve, 1000), NaiveDate::MAX);
        assert_eq!(calendar.after(NaiveDate::MAX, 1), NaiveDate::MAX);
        assert_eq!(calendar.after(NaiveDate::MAX, 0), NaiveDate::MAX);
        assert!(calendar.between(eve, NaiveDate::MAX) <= 3);
        assert_eq!(calendar.between(NaiveDate::MAX, NaiveDate::MIN), 0);
        assert_eq!(calendar.between(NaiveDate::MIN, calendar.after(NaiveDate::MIN, 5)), 5);
        assert_eq!(bangkok_day(DateTime::<Utc>::MAX_UTC), NaiveDate::MAX);
        assert!(bangkok_day(DateTime::<Utc>::MIN_UTC) >= NaiveDate::MIN);
    }

    #[test]
    fn the_day_turns_at_midnight_in_bangkok() {
        let at = |instant: &str| bangkok_day(instant.parse().unwrap());
        assert_eq!(at("2024-04-12T16:59:59.999Z"), day("2024-04-12"));
        assert_eq!(at("2024-04-12T17:00:00Z"), day("2024-04-13"));
        assert_eq!(midnight(day("2024-04-13")), "2024-04-12T17:00:00Z".parse::<DateTime<Utc>>().unwrap());
    }
}
