//! How long what was written in a case is kept after it was closed: by kind, and where it matters by outcome. A label is a kind,
//! or a kind with an outcome: `corruption`, `corruption.withdrawn`.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{Days, Months, NaiveDate};

/// For how long a case is listed before it is destroyed.
pub const NOTICE: Days = Days::new(30);

/// The day on which a case is destroyed: its retention has ended, and it has been listed for the whole notice.
pub fn destroy_on(ends_on: NaiveDate, listed_on: NaiveDate) -> NaiveDate {
    ends_on.max(listed_on + NOTICE)
}

pub fn label(kind: &str, outcome: &str) -> String {
    format!("{kind}.{outcome}")
}

/// Months by label: the kinds of complaints, their outcomes with `rejected`, `withdrawn` and `converted`; and `request` for
/// requests for e-services, with the statuses that they end in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention(BTreeMap<String, u32>);

const KINDS: [&str; 5] = ["corruption", "misconduct", "service", "feedback", "request"];
const OUTCOMES: [&str; 7] =
    ["substantiated", "unsubstantiated", "referred", "noted", "rejected", "withdrawn", "converted"];
const ENDS: [&str; 5] = ["completed", "rejected", "referred", "cancelled", "converted"];

impl Default for Retention {
    /// Ten years for what may go to court, five for what is routine, one for feedback: not less than the Office of the Prime
    /// Minister's Regulation on Correspondence B.E. 2526, section 57, asks for.
    fn default() -> Self {
        Self(
            [("corruption", 120), ("misconduct", 120), ("service", 60), ("feedback", 12), ("request", 60)]
                .map(own)
                .into(),
        )
    }
}

fn own((name, months): (&str, u32)) -> (String, u32) {
    (name.to_owned(), months)
}

impl Retention {
    /// From which day on nothing of it is kept any more: the longest time of all its labels counts.
    pub fn ends<'a>(&self, labels: impl IntoIterator<Item = &'a str>, closed_on: NaiveDate) -> Option<NaiveDate> {
        let months = labels.into_iter().filter_map(|label| self.months(label)).max()?;
        closed_on.checked_add_months(Months::new(months))
    }

    fn months(&self, label: &str) -> Option<u32> {
        let of_kind = || self.0.get(label.split('.').next()?);
        self.0.get(label).or_else(of_kind).copied()
    }

    /// The shortest time that anything of a kind is kept.
    pub fn shortest(&self, kind: &str) -> u32 {
        let of_kind = self.0.iter().filter(|(name, _)| name.split('.').next() == Some(kind));
        of_kind.map(|(_, months)| *months).min().unwrap_or(u32::MAX)
    }
}

impl FromStr for Retention {
    type Err = String;

    /// `corruption=10y,corruption.withdrawn=24m`: what is not named stays as it is by default.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut retention = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let wrong = || format!("{part:?} is not KIND=TIME or KIND.OUTCOME=TIME, the time such as 10y or 18m");
            let (name, time) = part.split_once('=').ok_or_else(wrong)?;
            let (kind, outcome) = name.split_once('.').map_or((name, None), |(kind, outcome)| (kind, Some(outcome)));
            let outcomes = if kind == "request" { &ENDS[..] } else { &OUTCOMES };
            let is_known = KINDS.contains(&kind) && outcome.is_none_or(|outcome| outcomes.contains(&outcome));
            let (number, months) = match time.strip_suffix('y') {
                Some(years) => (years, 12),
                None => (time.strip_suffix('m').ok_or_else(wrong)?, 1),
            };
            let number = number.parse::<u32>().ok().filter(|number| (1..=1200).contains(number)).ok_or_else(wrong)?;
            if !is_known {
                return Err(wrong());
            }
            retention.0.insert(name.to_owned(), number * months);
        }
        Ok(retention)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_goes_before_what_is_so_by_default() {
        let retention: Retention = "corruption=20y, corruption.withdrawn=18m".parse().unwrap();
        let ends = |label| retention.ends([label], "2024-01-31".parse().unwrap()).unwrap().to_string();
        assert_eq!(ends("corruption.substantiated"), "2044-01-31");
        assert_eq!(ends("corruption.withdrawn"), "2025-07-31");
        assert_eq!(ends("misconduct.withdrawn"), "2034-01-31");
        assert_eq!(ends("feedback.referred"), "2025-01-31");
        assert_eq!((retention.shortest("corruption"), retention.shortest("misconduct")), (18, 120));
    }

    #[test]
    fn the_longest_time_counts_wherever_it_stands() {
        let retention: Retention = "corruption.withdrawn=18m".parse().unwrap();
        let ends = |labels: &[&str]| {
            let closed_on = "2024-01-31".parse().unwrap();
            retention.ends(labels.iter().copied(), closed_on).map(|day| day.to_string())
        };
        assert_eq!(ends(&["corruption", "feedback.referred"]).unwrap(), "2034-01-31");
        assert_eq!(ends(&["feedback", "corruption.withdrawn"]).unwrap(), "2025-07-31");
        assert_eq!(ends(&["theft", "feedback"]).unwrap(), "2025-01-31");
        assert_eq!(ends(&["theft"]), None);
    }

    #[test]
    fn a_case_is_destroyed_when_its_time_has_ended_and_its_notice_has_passed() {
        let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
        assert_eq!(destroy_on(day("2026-03-31"), day("2026-03-01")), day("2026-03-31"));
        assert_eq!(destroy_on(day("2026-03-01"), day("2026-03-02")), day("2026-04-01"));
    }

    #[test]
    fn what_cannot_be_meant_is_told() {
        for wrong in [
            "corruption",
            "corruption=10",
            "theft=1y",
            "corruption.lost=1y",
            "service=0y",
            "service=99999y",
            "request.withdrawn=1y",
        ] {
            assert!(wrong.parse::<Retention>().unwrap_err().contains(wrong), "{wrong}");
        }
    }
}
