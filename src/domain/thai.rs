//! Thai as it is printed. Nothing here is stored.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

use super::fiscal_year::ERA;
use super::working_days::{bangkok_day, in_bangkok};

/// A number in Thai digits: 12 is ๑๒.
pub fn digits(number: impl ToString) -> String {
    number.to_string().chars().map(|c| c.to_digit(10).and_then(|d| char::from_u32(0x0E50 + d)).unwrap_or(c)).collect()
}

const MONTHS: [(&str, &str); 12] = [
    ("มกราคม", "January"),
    ("กุมภาพันธ์", "February"),
    ("มีนาคม", "March"),
    ("เมษายน", "April"),
    ("พฤษภาคม", "May"),
    ("มิถุนายน", "June"),
    ("กรกฎาคม", "July"),
    ("สิงหาคม", "August"),
    ("กันยายน", "September"),
    ("ตุลาคม", "October"),
    ("พฤศจิกายน", "November"),
    ("ธันวาคม", "December"),
];

/// The month of a day, with its year: มกราคม 2567, January 2024.
pub fn month(day: NaiveDate) -> (String, String) {
    let (th, en) = MONTHS[day.month0() as usize];
    (format!("{th} {}", day.year() + ERA), format!("{en} {}", day.year()))
}

const SHORT_MONTHS: [&str; 12] =
    ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."];

/// The month of a day without its year, as narrow columns have it: ต.ค.
pub fn short_month(day: NaiveDate) -> &'static str {
    SHORT_MONTHS[day.month0() as usize]
}

/// A day in the Buddhist era, in Arabic digits: 24 เมษายน 2567.
pub fn date(day: NaiveDate) -> String {
    format!("{} {}", day.day(), month(day).0)
}

/// Of when something is known that is said at a midnight, as the day that ended then: a case that came before can be entered later.
pub fn as_known(midnight: DateTime<Utc>) -> String {
    format!("(ข้อมูล ณ สิ้นวันที่ {})", date(bangkok_day(midnight - TimeDelta::microseconds(1))))
}

/// An instant as people say it: 28 พฤศจิกายน 2569 เวลา 13.52 น.
pub fn moment(instant: DateTime<Utc>) -> String {
    format!("{} เวลา {} น.", date(bangkok_day(instant)), in_bangkok(instant).format("%H.%M"))
}

/// An amount as it is printed: 1,250,000.00.
pub fn grouped(amount: impl ToString) -> String {
    let amount = amount.to_string();
    let (whole, fraction) = amount.split_once('.').unwrap_or((&amount, ""));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if fraction.is_empty() { grouped } else { format!("{grouped}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_printed_in_groups_of_three() {
        assert_eq!(grouped("1250000.00"), "1,250,000.00");
        assert_eq!(grouped("999.50"), "999.50");
        assert_eq!(grouped(1000), "1,000");
    }

    #[test]
    fn a_day_is_of_the_buddhist_era() {
        let day = NaiveDate::from_ymd_opt(2024, 4, 24).unwrap();
        assert_eq!((date(day), short_month(day)), ("24 เมษายน 2567".to_owned(), "เม.ย."));
    }

    #[test]
    fn digits_are_thai_and_the_rest_stays() {
        assert_eq!(digits(2567), "๒๕๖๗");
        assert_eq!(digits("1,250.00"), "๑,๒๕๐.๐๐");
    }
}
