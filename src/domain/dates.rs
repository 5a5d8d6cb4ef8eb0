//! Dates and instants as they are sent (RFC 3339, of the Gregorian calendar), and what was meant by those that are none.

use chrono::{DateTime, NaiveDate};

use super::field_code::{FieldCode, Violation};
use super::fiscal_year::ERA;
use super::notation;
use super::text::typed::plain;

/// Years that occur: before them are years of two digits, and behind them those of the Buddhist era.
const YEARS: std::ops::RangeInclusive<i32> = 1800..=2299;

/// The same for tools: the pattern of dates and instants.
pub const PATTERN: &str = "^(1[89]|2[0-2])[0-9]{2}-";

/// Whether a text is a date of a year that occurs.
pub fn is_date(text: &str) -> bool {
    // The library takes blanks between the numbers as well.
    let is_written = |(at, byte): (usize, u8)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() };
    let is_date = text.len() == 10 && text.bytes().enumerate().all(is_written);
    is_date && text.parse::<NaiveDate>().is_ok() && is_of_our_years(text)
}

/// Whether a text is an instant with its offset, in a year that occurs.
pub fn is_instant(text: &str) -> bool {
    let has_separator = text.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b't'));
    has_separator && DateTime::parse_from_rfc3339(text).is_ok() && is_of_our_years(text)
}

fn is_of_our_years(text: &str) -> bool {
    text.get(..4).and_then(|year| year.parse().ok()).is_some_and(|year| YEARS.contains(&year))
}

/// What is wrong with a text that is no date, or no instant, with what was probably meant by it.
pub fn violation(text: &str, format: &str) -> Violation {
    let is_date = format == "date";
    let Violation { code, message: rule } = notation::violation(format);
    let is_of_another_year =
        text.get(..10).is_some_and(|date| date.parse::<NaiveDate>().is_ok()) && !is_of_our_years(text);
    match meant_by(text).and_then(|meant| meant.written_as(is_date)) {
        Some(meant) if meant.is_buddhist => FieldCode::NotPlausible.because(
            format!("{text} เป็นปี พ.ศ. ให้เขียนเป็นปี ค.ศ.: {}", meant.text),
            format!("{text} is in the Buddhist era: write {}", meant.text),
        ),
        Some(meant) if is_of_another_year => FieldCode::NotPlausible.because(
            format!("ปีต้องมีสี่หลัก เขียน {} แทน {text}", meant.text),
            format!("the year has four digits: write {} for {text}", meant.text),
        ),
        Some(meant) => {
            let (th, en) = (format!(" ให้เขียน {} แทน {text}", meant.text), format!(": write {} for {text}", meant.text));
            Violation { code, message: rule.followed_by(&th, &en) }
        }
        None if is_of_another_year => FieldCode::NotPlausible.because(
            "ต้องเป็นปี ค.ศ. 1800 ถึง 2299 เช่น 2024-04-01",
            "must be of a Gregorian year from 1800 to 2299 such as 2024-04-01",
        ),
        None if is_written_right(text) && is_of_our_years(text) || names_no_day(text) => FieldCode::NotPlausible
            .because(format!("ไม่มีวันหรือเวลา {text} ในปฏิทิน"), format!("there is no {text} in the calendar")),
        None => Violation { code, message: rule },
    }
}

/// Whether a text has the form of a date or an instant, whatever its numbers say.
fn is_written_right(text: &str) -> bool {
    if text.len() > LONGEST {
        return false;
    }
    let digits: String = text.chars().map(|sign| if sign.is_ascii_digit() { '9' } else { sign }).collect();
    let (date, time) = digits.split_at_checked(10).unwrap_or((&digits, ""));
    date == "9999-99-99" && (time.is_empty() || time.starts_with("T99:99"))
}

struct Meant {
    date: NaiveDate,
    /// With its `T`, as it was sent.
    time: String,
    is_buddhist: bool,
}

/// What was meant, as it is right.
struct Right {
    text: String,
    is_buddhist: bool,
}

impl Meant {
    fn written_as(self, is_date: bool) -> Option<Right> {
        let Self { date, time, is_buddhist } = self;
        let text = match &*time {
            _ if is_date => date.to_string(),
            "" => format!("{date}T00:00:00+07:00"),
            time => format!("{date}{time}"),
        };
        (is_date || is_instant(&text)).then_some(Right { text, is_buddhist })
    }
}

/// Longer texts are not looked at.
const LONGEST: usize = 40;

/// Whether a day is written that its month does not have, such as the 31st of February.
fn names_no_day(text: &str) -> bool {
    let is_none = |Written { year, month, day, .. }| {
        (1..=12).contains(&month) && NaiveDate::from_ymd_opt(year, month, day).is_none()
    };
    written(text).is_some_and(is_none)
}

/// The date that was meant, with the time that followed it.
fn meant_by(text: &str) -> Option<Meant> {
    let Written { year, month, day, time, is_buddhist } = written(text)?;
    Some(Meant { date: NaiveDate::from_ymd_opt(year, month, day)?, time, is_buddhist })
}

/// A year of the Gregorian calendar, month and day as they are written, with the time that follows them.
struct Written {
    year: i32,
    month: u32,
    day: u32,
    time: String,
    is_buddhist: bool,
}

/// What is written: the year first or last, of either era, in four digits or two.
fn written(text: &str) -> Option<Written> {
    if text.chars().count() > LONGEST {
        return None;
    }
    let text: String = text.chars().map(plain).collect();
    let end = text.find(['T', 't', ' ']).unwrap_or(text.len());
    let (date, time) = text.split_at(end);
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let [first, month, last] = parts[..] else { return None };
    let is_year_first = first.len() > 2 || first.parse::<u32>().is_ok_and(|number| number > 31);
    let (year, day) = if is_year_first { (first, last) } else { (last, first) };
    let number: i32 = year.parse().ok().filter(|_| matches!(year.len(), 2 | 4))?;
    let (year, is_buddhist) = match number {
        // In two digits the year of the Buddhist era that is not long ago, or else of the Gregorian.
        43..=99 => (2500 + number - ERA, year.len() == 4 || number > 50),
        0..=42 => (2000 + number, false),
        2300..=2899 => (number - ERA, true),
        number if YEARS.contains(&number) => (number, false),
        _ => return None,
    };
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    Some(Written { year, month, day, time: time.replacen(' ', "T", 1), is_buddhist })
}

#[cfg(test)]
mod tests {
    use super::super::message::Language;
    use super::*;

    #[test]
    fn a_date_that_cannot_be_meant_is_told_with_the_one_that_is() {
        for (sent, meant) in [
            ("2567-04-01", Some("2024-04-01")),
            ("2567-02-29", Some("2024-02-29")),
            ("2567-02-05T10:00:00+07:00", Some("2024-02-05")),
            ("1/4/2567 10:00", Some("2024-04-01")),
            ("0067-04-01", Some("2024-04-01")),
            ("67-04-01", Some("2024-04-01")),
            ("0024-04-01", Some("2024-04-01")),
            ("1/4/2567", Some("2024-04-01")),
            ("01-04-2024", Some("2024-04-01")),
            ("๑/๔/๒๕๖๗", Some("2024-04-01")),
            ("1.4.67", Some("2024-04-01")),
            ("2024/04/01", Some("2024-04-01")),
            ("2024-4-1", Some("2024-04-01")),
            ("2567-13-01", None),
            ("9999-01-01", None),
            ("1 เม.ย. 67", None),
            ("", None),
            ("--", None),
        ] {
            assert!(!is_date(sent), "{sent}");
            let found = meant_by(sent).and_then(|meant| meant.written_as(true)).map(|meant| meant.text);
            assert_eq!(found.as_deref(), meant, "{sent}");
            let said = violation(sent, "date").message.localized(Language::English).to_owned();
            assert!(said.contains(meant.unwrap_or("2024-04-01")), "{said}");
        }
    }

    #[test]
    fn a_day_that_a_month_does_not_have_is_told() {
        for sent in ["31/2/2566", "29/2/2566", "99/1/2566", "2566-02-29", "2023-04-31", "๓๑/๔/๒๕๖๖"] {
            let said = violation(sent, "date").message;
            assert_eq!(said.localized(Language::English), format!("there is no {sent} in the calendar"));
        }
    }

    #[test]
    fn dates_and_instants_of_our_years_are_taken() {
        for date in ["2024-02-29", "1800-01-01", "2299-12-31"] {
            assert!(is_date(date), "{date}");
        }
        for (sent, meant) in [
            ("2567-02-05T10:00:00+07:00", Some("2024-02-05T10:00:00+07:00")),
            ("2567-02-05 10:00:00Z", Some("2024-02-05T10:00:00Z")),
            ("2567-04-01", Some("2024-04-01T00:00:00+07:00")),
            ("1/4/2567 10:00", None),
        ] {
            let found = meant_by(sent).and_then(|meant| meant.written_as(false)).map(|meant| meant.text);
            assert_eq!(found.as_deref(), meant, "{sent}");
        }
        for date in [
            "2024- 4- 1",
            "2024-\u{A0}4-1",
            "1799-12-31",
            "2300-01-01",
            "2023-02-29",
            "+2024-01-01",
            "2024-1-1",
            "2024-01-01Z",
        ] {
            assert!(!is_date(date), "{date}");
        }
        for instant in ["2024-04-01T00:00:00Z", "2024-04-01T00:00:00.123+07:00", "2024-04-01t00:00:00z"] {
            assert!(is_instant(instant), "{instant}");
        }
        for instant in ["2567-04-01T00:00:00Z", "2024-04-01 00:00:00Z", "2024-04-01T00:00:00", "2024-04-01"] {
            assert!(!is_instant(instant), "{instant}");
        }
    }
}
