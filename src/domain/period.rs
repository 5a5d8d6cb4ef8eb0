//! How a fiscal year is divided.

use entity::codes::{Coded, Label};
use serde::{Deserialize, Serialize};

use super::fiscal_year::{ERA, FiscalYear, Span};
use super::thai;

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Period = "Period" ("การแบ่งช่วงเวลา", "Division of a fiscal year.") {
        Month = "month" (
            "รายเดือน", "month",
            "ตุลาคมถึงกันยายน",
            "By month, October to September."
        ),
        Quarter = "quarter" (
            "รายไตรมาส", "quarter",
            "ไตรมาส 1 คือตุลาคมถึงธันวาคม",
            "By quarter. Quarter 1 is October to December."
        ),
        Half = "half" (
            "ราย 6 เดือน", "half-year",
            "ครึ่งปีแรกคือตุลาคมถึงมีนาคม",
            "By half-year. Half 1 is October to March."
        ),
        Year = "year" (
            "รายปีงบประมาณ", "year",
            "1 ตุลาคม ถึง 30 กันยายน",
            "The year as a whole, 1 October to 30 September."
        ),
    }
}

/// One part of a divided year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub interval: Period,
    /// First and last month; October is 1.
    pub months: (i32, i32),
    pub days: Span,
    /// Unique and in order: `2567-M01`, `2567-Q1`, `2567-H1`, `2567`.
    pub key: String,
    pub label: Label,
}

impl Period {
    /// How the key of a part is written.
    pub const KEY: &str = "^[0-9]{4}(-(H[12]|Q[1-4]|M(0[1-9]|1[0-2])))?$";

    /// The parts of a year, in order.
    pub fn parts(self, year: FiscalYear) -> Vec<Part> {
        let length: u32 = match self {
            Period::Month => 1,
            Period::Quarter => 3,
            Period::Half => 6,
            Period::Year => 12,
        };
        (0..12).step_by(length as usize).map(|first| self.part(year, first, length)).collect()
    }

    fn part(self, year: FiscalYear, first: u32, length: u32) -> Part {
        let (days, number) = (year.months(first, length), first / length + 1);
        let (key, th, en) = match self {
            Period::Month => {
                let (th, en) = thai::month(days.0);
                (format!("{year}-M{number:02}"), th, en)
            }
            Period::Quarter => (format!("{year}-Q{number}"), format!("ไตรมาสที่ {number}"), format!("Q{number}")),
            Period::Half => (format!("{year}-H{number}"), format!("ครึ่งปีที่ {number}"), format!("H{number}")),
            Period::Year => {
                let before = year.number() - ERA - 1;
                let en = format!("Fiscal year {year} ({before}-{})", before + 1);
                (year.to_string(), format!("ปีงบประมาณ พ.ศ. {year}"), en)
            }
        };
        let months = (first.cast_signed() + 1, (first + length).cast_signed());
        Part { interval: self, months, days, key, label: Label { th: th.into(), en: en.into() } }
    }
}

/// The year as a whole.
pub fn whole(year: FiscalYear) -> Part {
    Period::Year.part(year, 0, 12)
}

/// A year and all parts of it.
pub fn all(year: FiscalYear) -> impl Iterator<Item = Part> {
    Period::ALL.iter().flat_map(move |period| period.parts(year))
}

/// The year, or part of a year, with a key.
pub fn named(key: &str) -> Option<Part> {
    let year = FiscalYear::try_from(key.get(..4)?.parse::<i32>().ok()?).ok()?;
    all(year).find(|part| part.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_and_are_called_as_people_do() {
        let year = FiscalYear::stored(2567);
        for (period, count, key, th, en) in [
            (Period::Month, 12, "2567-M04", "มกราคม 2567", "January 2024"),
            (Period::Quarter, 4, "2567-Q4", "ไตรมาสที่ 4", "Q4"),
            (Period::Half, 2, "2567-H2", "ครึ่งปีที่ 2", "H2"),
            (Period::Year, 1, "2567", "ปีงบประมาณ พ.ศ. 2567", "Fiscal year 2567 (2023-2024)"),
        ] {
            let parts = period.parts(year);
            assert_eq!(parts.len(), count);
            let part = parts.iter().find(|part| part.key == key).unwrap();
            assert_eq!((&*part.label.th, &*part.label.en), (th, en));
            assert_eq!(named(key).as_ref(), Some(part));
            assert!(parts.windows(2).all(|two| two[0].days.1.succ_opt() == Some(two[1].days.0)));
            assert_eq!((parts[0].days.0, parts[count - 1].days.1), year.span());
        }
    }
}
