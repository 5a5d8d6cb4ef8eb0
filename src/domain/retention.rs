//! How long what was written in a case is kept after it was closed: by kind, and where it matters by outcome.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{Months, NaiveDate};

/// Months by `kind` or `kind.outcome`: the kinds of complaints, their outcomes with `rejected` and `withdrawn`; and `request` for
/// requests for e-services, with the statuses that they end in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention(BTreeMap<String, u32>);

const KINDS: [&str; 5] = ["corruption", "misconduct", "service", "feedback", "request"];
const OUTCOMES: [&str; 5] = ["substantiated", "unsubstantiated", "referred", "rejected", "withdrawn"];
const ENDS: [&str; 3] = ["completed", "rejected", "cancelled"];

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
    /// From which day on nothing of it is kept any more.
    pub fn ends(&self, kind: &str, outcome: &str, closed_on: NaiveDate) -> Option<NaiveDate> {
        let months = self.0.get(&format!("{kind}.{outcome}")).or_else(|| self.0.get(kind))?;
        closed_on.checked_add_months(Months::new(*months))
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
        let ends = |kind, outcome| retention.ends(kind, outcome, "2024-01-31".parse().unwrap()).unwrap().to_string();
        assert_eq!(ends("corruption", "substantiated"), "2044-01-31");
        assert_eq!(ends("corruption", "withdrawn"), "2025-07-31");
        assert_eq!(ends("misconduct", "withdrawn"), "2034-01-31");
        assert_eq!(ends("feedback", "referred"), "2025-01-31");
        assert_eq!((retention.shortest("corruption"), retention.shortest("misconduct")), (18, 120));
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
