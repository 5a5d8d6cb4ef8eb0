//! Tallies of cases, maintained incrementally: a case is subtracted in its old state and added in its new one.
//! `disclosure` decides what may be shown.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// How many of each; what there is none of is not in it.
type Counts<K> = BTreeMap<K, u64>;

/// What of one case is counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    pub finished: bool,
    /// Its value in each dimension that it has one in: `category` is `bribery`.
    pub facets: BTreeMap<String, String>,
    /// Working days until something happened, once it has: `first_answer` took 3.
    pub days: BTreeMap<String, u32>,
    /// Whether that was within its deadline, once this is decided.
    pub in_time: BTreeMap<String, bool>,
    /// What else is so: `reopened`.
    pub marks: BTreeSet<String>,
    /// The day after which it is overdue, while it is open and the office has to act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<NaiveDate>,
}

/// Counts of many cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tally {
    pub total: u64,
    pub finished: u64,
    /// Dimension, value, cases.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub facets: BTreeMap<String, Counts<String>>,
    /// Figure, working days, cases.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub days: BTreeMap<String, Counts<u32>>,
    /// Figure, cases within the deadline and after it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub in_time: BTreeMap<String, InTime>,
    /// Mark, cases.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub marks: Counts<String>,
    /// Day after which they are overdue, cases.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub due_on: Counts<NaiveDate>,
}

/// Cases within a deadline, and after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InTime {
    pub yes: u64,
    pub no: u64,
}

/// A case was to be taken out of a tally that it cannot be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotCounted;

impl Tally {
    pub fn add(&mut self, case: &Counted) {
        self.total += 1;
        self.finished += u64::from(case.finished);
        for (dimension, value) in &case.facets {
            more(self.facets.entry(dimension.clone()).or_default(), value.clone(), 1);
        }
        for (figure, days) in &case.days {
            more(self.days.entry(figure.clone()).or_default(), *days, 1);
        }
        for (figure, in_time) in &case.in_time {
            *self.in_time.entry(figure.clone()).or_default().side(*in_time) += 1;
        }
        for mark in &case.marks {
            more(&mut self.marks, mark.clone(), 1);
        }
        if let Some(day) = case.due_on {
            more(&mut self.due_on, day, 1);
        }
    }

    /// Takes out a case as it was added. Where it cannot be in, as far as counts tell, nothing is changed.
    pub fn remove(&mut self, case: &Counted) -> Result<(), NotCounted> {
        let mut rest = self.clone();
        rest.total = less(rest.total)?;
        if case.finished {
            rest.finished = less(rest.finished)?;
        }
        for (dimension, value) in &case.facets {
            fewer_in(&mut rest.facets, dimension, value)?;
        }
        for (figure, days) in &case.days {
            fewer_in(&mut rest.days, figure, days)?;
        }
        for (figure, in_time) in &case.in_time {
            let both = rest.in_time.get_mut(figure).ok_or(NotCounted)?;
            let side = both.side(*in_time);
            *side = less(*side)?;
            if both.sum() == 0 {
                rest.in_time.remove(figure);
            }
        }
        for mark in &case.marks {
            fewer(&mut rest.marks, mark)?;
        }
        if let Some(day) = &case.due_on {
            fewer(&mut rest.due_on, day)?;
        }
        // A case that lacks what all have was never in.
        if rest.most() > rest.total {
            return Err(NotCounted);
        }
        *self = rest;
        Ok(())
    }

    /// Adds the cases of another tally, which has none of these.
    pub fn merge(&mut self, other: &Self) {
        self.total += other.total;
        self.finished += other.finished;
        for (dimension, values) in &other.facets {
            let counts = self.facets.entry(dimension.clone()).or_default();
            values.iter().for_each(|(value, count)| more(counts, value.clone(), *count));
        }
        for (figure, days) in &other.days {
            let counts = self.days.entry(figure.clone()).or_default();
            days.iter().for_each(|(days, count)| more(counts, *days, *count));
        }
        for (figure, theirs) in &other.in_time {
            let ours = self.in_time.entry(figure.clone()).or_default();
            ours.yes += theirs.yes;
            ours.no += theirs.no;
        }
        other.marks.iter().for_each(|(mark, count)| more(&mut self.marks, mark.clone(), *count));
        other.due_on.iter().for_each(|(day, count)| more(&mut self.due_on, *day, *count));
    }

    pub fn in_progress(&self) -> u64 {
        self.total.saturating_sub(self.finished)
    }

    /// Cases that are late on a day.
    pub fn overdue(&self, today: NaiveDate) -> u64 {
        self.due_on.range(..today).map(|(_, count)| count).sum()
    }

    /// The nearest-rank percentile of a figure's days: of n cases by their days, that at place ⌈n × `percent` ÷ 100⌉, at least
    /// the first. At 50 it is the median; of an even number of cases, the lower of the middle two. None beyond 100.
    pub fn percentile(&self, figure: &str, percent: u8) -> Option<u32> {
        let days = self.days.get(figure)?;
        let place = (days.values().sum::<u64>() * u64::from(percent)).div_ceil(100).max(1);
        let mut so_far = 0;
        days.iter().find_map(|(days, count)| {
            so_far += count;
            (so_far >= place).then_some(*days)
        })
    }

    /// How many of a figure's decided cases were within their deadline, in per cent with two decimals.
    pub fn share_in_time(&self, figure: &str) -> Option<f64> {
        let in_time = self.in_time.get(figure)?;
        let whole = in_time.sum();
        (whole > 0).then(|| (in_time.yes as f64 * 10_000.0 / whole as f64).round() / 100.0)
    }

    /// The most cases that any one thing was counted of.
    fn most(&self) -> u64 {
        let facets = self.facets.values().map(|counts| counts.values().sum());
        let days = self.days.values().map(|counts| counts.values().sum());
        let in_time = self.in_time.values().map(InTime::sum);
        let marks = self.marks.values().copied();
        let due = self.due_on.values().sum();
        facets.chain(days).chain(in_time).chain(marks).chain([due]).fold(self.finished, u64::max)
    }
}

impl InTime {
    fn sum(&self) -> u64 {
        self.yes + self.no
    }

    fn side(&mut self, in_time: bool) -> &mut u64 {
        if in_time { &mut self.yes } else { &mut self.no }
    }
}

fn more<K: Ord>(counts: &mut Counts<K>, key: K, count: u64) {
    *counts.entry(key).or_default() += count;
}

fn less(count: u64) -> Result<u64, NotCounted> {
    count.checked_sub(1).ok_or(NotCounted)
}

fn fewer<K: Ord + Borrow<Q>, Q: Ord + ?Sized>(counts: &mut Counts<K>, key: &Q) -> Result<(), NotCounted> {
    let count = counts.get_mut(key).ok_or(NotCounted)?;
    *count = less(*count)?;
    if *count == 0 {
        counts.remove(key);
    }
    Ok(())
}

fn fewer_in<K: Ord>(all: &mut BTreeMap<String, Counts<K>>, of: &str, key: &K) -> Result<(), NotCounted> {
    let counts = all.get_mut(of).ok_or(NotCounted)?;
    fewer(counts, key)?;
    if counts.is_empty() {
        all.remove(of);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random, the same every time (Marsaglia's xorshift64).
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % limit
        }

        fn some<T>(&mut self, names: [&str; 2], value: impl Fn(&mut Self) -> T) -> BTreeMap<String, T> {
            let kept: Vec<_> = names.into_iter().filter(|_| self.below(3) > 0).collect();
            kept.into_iter().map(|name| (name.to_owned(), value(self))).collect()
        }

        fn case(&mut self) -> Counted {
            Counted {
                finished: self.below(2) == 0,
                facets: self.some(["category", "channel"], |dice| format!("value_{}", dice.below(4))),
                days: self.some(["first_answer", "conclusion"], |dice| dice.below(30) as u32),
                in_time: self.some(["first_answer", "conclusion"], |dice| dice.below(2) == 0),
                marks: self.some(["reopened", "referred"], |_| ()).into_keys().collect(),
                due_on: (self.below(2) == 0).then(|| day(self.below(30) as u32)),
            }
        }

        fn cases(&mut self, count: usize) -> Vec<Counted> {
            (0..count).map(|_| self.case()).collect()
        }
    }

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 4, number + 1).unwrap()
    }

    fn of(cases: &[Counted]) -> Tally {
        cases.iter().fold(Tally::default(), |mut tally, case| {
            tally.add(case);
            tally
        })
    }

    fn case(finished: bool, category: Option<&str>, days: Option<u32>) -> Counted {
        Counted {
            finished,
            facets: category.map(|value| ("category".to_owned(), value.to_owned())).into_iter().collect(),
            days: days.map(|days| ("first_answer".to_owned(), days)).into_iter().collect(),
            in_time: days.map(|days| ("first_answer".to_owned(), days <= 15)).into_iter().collect(),
            marks: BTreeSet::new(),
            due_on: None,
        }
    }

    #[test]
    fn whatever_happens_to_cases_the_tally_is_that_of_the_cases_there_are() {
        let mut dice = Dice(2567);
        let (mut cases, mut tally) = (Vec::new(), Tally::default());
        for _ in 0..2000 {
            let place = dice.below(cases.len().max(1) as u64) as usize;
            let step = if cases.is_empty() { 0 } else { dice.below(3) };
            if step > 0 {
                assert_eq!(tally.remove(&cases.swap_remove(place)), Ok(()));
            }
            if step < 2 {
                let case = dice.case();
                tally.add(&case);
                cases.push(case);
            }
            assert_eq!(tally, of(&cases));
        }
        while let Some(case) = cases.pop() {
            assert_eq!(tally.remove(&case), Ok(()));
        }
        assert_eq!(tally, Tally::default());
    }

    #[test]
    fn a_year_is_its_months_merged() {
        let cases = Dice(1).cases(240);
        let mut year = Tally::default();
        cases.chunks(20).for_each(|month| year.merge(&of(month)));
        assert_eq!(year, of(&cases));
    }

    #[test]
    fn what_is_not_in_a_tally_is_not_taken_out_and_nothing_changes() {
        let tally = of(&[case(true, Some("bribery"), Some(3)), case(true, Some("conflict"), None)]);
        for stranger in [
            case(false, Some("bribery"), Some(3)),
            case(true, Some("favours"), None),
            case(true, Some("bribery"), Some(4)),
            case(true, None, Some(3)),
            Counted { marks: ["reopened".to_owned()].into(), ..case(true, Some("bribery"), None) },
            Counted { in_time: [("first_answer".to_owned(), false)].into(), ..case(true, Some("bribery"), None) },
            Counted { due_on: Some(day(0)), ..case(true, Some("bribery"), Some(3)) },
        ] {
            let mut rest = tally.clone();
            assert_eq!(rest.remove(&stranger), Err(NotCounted), "{stranger:?}");
            assert_eq!(rest, tally);
        }
        assert_eq!(Tally::default().remove(&case(false, None, None)), Err(NotCounted));
    }

    #[test]
    fn a_percentile_is_the_day_at_the_nearest_rank() {
        let mut dice = Dice(90);
        for count in 1..=60 {
            let cases: Vec<_> = (0..count).map(|_| case(true, None, Some(dice.below(20) as u32))).collect();
            let mut days: Vec<u32> = cases.iter().map(|case| case.days["first_answer"]).collect();
            days.sort();
            for percent in 1..=100_u8 {
                let rank = (f64::from(percent) * f64::from(count) / 100.0).ceil() as usize;
                assert_eq!(
                    of(&cases).percentile("first_answer", percent),
                    Some(days[rank - 1]),
                    "{percent} of {days:?}"
                );
            }
        }
    }

    #[test]
    fn figures_are_of_what_has_happened() {
        let tally = of(&[case(true, None, Some(3)), case(true, None, Some(15)), case(false, None, Some(16))]);
        assert_eq!((tally.total, tally.finished, tally.in_progress()), (3, 2, 1));
        assert_eq!(
            [0, 50, 90, 101].map(|percent| tally.percentile("first_answer", percent)),
            [Some(3), Some(15), Some(16), None]
        );
        assert_eq!(tally.share_in_time("first_answer"), Some(66.67));
        assert_eq!((tally.percentile("conclusion", 50), tally.share_in_time("conclusion")), (None, None));
    }

    #[test]
    fn a_case_is_overdue_from_the_day_after_it_was_due() {
        let due = |number| Counted { due_on: Some(day(number)), ..case(false, None, None) };
        let tally = of(&[due(3), due(3), due(10), case(false, None, None)]);
        assert_eq!([0, 3, 4, 10, 11].map(|number| tally.overdue(day(number))), [0, 0, 2, 2, 3]);
    }

    #[test]
    fn a_tally_comes_back_from_json_as_it_was() {
        for tally in [Tally::default(), of(&Dice(7).cases(50))] {
            let text = serde_json::to_string(&tally).unwrap();
            assert_eq!(serde_json::from_str::<Tally>(&text).unwrap(), tally);
            let value = serde_json::to_value(&tally).unwrap();
            assert_eq!(serde_json::from_value::<Tally>(value).unwrap(), tally);
        }
        let tally = of(&[case(true, Some("bribery"), Some(3))]);
        assert_eq!(
            serde_json::to_string(&tally).unwrap(),
            r#"{"total":1,"finished":1,"facets":{"category":{"bribery":1}},"days":{"first_answer":{"3":1}},"in_time":{"first_answer":{"yes":1,"no":0}}}"#
        );
    }
}
