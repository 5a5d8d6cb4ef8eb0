//! The usual public holidays (วันหยุดราชการประจำปี) of a calendar year, and which of them are not entered.
//!
//! Source: announcements of the Prime Minister's Office on official holidays (ประกาศสำนักนายกรัฐมนตรี เรื่อง กำหนดวันหยุดราชการ), which follow
//! resolutions of the cabinet, also for days off in place of a holiday on a weekend. The table below is from memory. National
//! Labour Day is not in it: public offices work.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};
use std::iter::successors;
use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};
use entity::codes::Label;
use serde::Serialize;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::working_days::is_weekend;

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
    #[serde(rename_all = "snake_case")]
    pub enum UsualHolidayKind = "UsualHolidayKind" ("ลักษณะของวันหยุดราชการประจำปี", "How the day of a usual public holiday follows.") {
        Fixed = "fixed" (
            "วันที่แน่นอน", "fixed",
            "ตรงกับวันที่เดียวกันทุกปี",
            "It falls on the same date every year."
        ),
        Announced = "announced" (
            "ประกาศเป็นรายปี", "announced",
            "เป็นไปตามจันทรคติหรือประกาศของทางราชการในแต่ละปี",
            "It follows the moon, or what is announced each year."
        ),
        Substitute = "substitute" (
            "วันหยุดชดเชย", "substitute",
            "ชดเชยวันหยุดที่ตรงกับวันเสาร์หรือวันอาทิตย์",
            "It is off in place of a holiday on a Saturday or Sunday."
        ),
    }
}

/// The same date every year: month, day, the first year of the Gregorian calendar in which it was off under today's law, name.
static FIXED: [(u32, u32, i32, Label); 14] = [
    (1, 1, 0, Label::new("วันขึ้นปีใหม่", "New Year's Day")),
    (4, 6, 0, Label::new("วันจักรี", "Chakri Memorial Day")),
    (4, 13, 0, Label::new("วันสงกรานต์", "Songkran Festival")),
    (4, 14, 0, Label::new("วันสงกรานต์", "Songkran Festival")),
    (4, 15, 0, Label::new("วันสงกรานต์", "Songkran Festival")),
    (5, 4, 2020, Label::new("วันฉัตรมงคล", "Coronation Day")),
    (6, 3, 2019, Label::new("วันเฉลิมพระชนมพรรษาสมเด็จพระนางเจ้าฯ พระบรมราชินี", "H.M. the Queen's Birthday")),
    (7, 28, 2017, Label::new("วันเฉลิมพระชนมพรรษาพระบาทสมเด็จพระเจ้าอยู่หัว", "H.M. the King's Birthday")),
    (8, 12, 0, Label::new("วันแม่แห่งชาติ", "Mother's Day")),
    (10, 13, 2017, Label::new("วันนวมินทรมหาราช", "Navamindra Maharaj Day")),
    (10, 23, 0, Label::new("วันปิยมหาราช", "Chulalongkorn Day")),
    (12, 5, 0, Label::new("วันชาติและวันพ่อแห่งชาติ", "National Day and Father's Day")),
    (12, 10, 0, Label::new("วันรัฐธรรมนูญ", "Constitution Day")),
    (12, 31, 0, Label::new("วันสิ้นปี", "New Year's Eve")),
];

/// Announced each year: the word by which its Thai name is known, and the name.
static ANNOUNCED: [(&str, Label); 5] = [
    ("มาฆบูชา", Label::new("วันมาฆบูชา", "Makha Bucha Day")),
    ("พืชมงคล", Label::new("วันพระราชพิธีพืชมงคลจรดพระนังคัลแรกนาขวัญ", "Royal Ploughing Ceremony Day")),
    ("วิสาขบูชา", Label::new("วันวิสาขบูชา", "Visakha Bucha Day")),
    ("อาสาฬหบูชา", Label::new("วันอาสาฬหบูชา", "Asarnha Bucha Day")),
    ("เข้าพรรษา", Label::new("วันเข้าพรรษา", "Buddhist Lent Day")),
];

/// A year of the Gregorian calendar, 1957 to 2157.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CalendarYear(i32);

impl CalendarYear {
    const RANGE: RangeInclusive<i32> = 1957..=2157;

    pub fn of(year: i32) -> Option<Self> {
        Self::RANGE.contains(&year).then_some(Self(year))
    }

    pub fn number(self) -> i32 {
        self.0
    }
}

impl Display for CalendarYear {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialSchema for CalendarYear {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(*Self::RANGE.start()))
            .maximum(Some(*Self::RANGE.end()))
            .description(Some("Year of the Gregorian calendar: 2027 is B.E. 2570."))
            .examples([2024])
            .into()
    }
}

impl ToSchema for CalendarYear {}

/// Holidays that are entered, with their Thai names.
pub type Entered = BTreeMap<NaiveDate, String>;

/// A usual holiday that is not entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub kind: UsualHolidayKind,
    pub name: Label,
    /// None where it is announced each year.
    pub date: Option<NaiveDate>,
}

/// The usual holidays of a calendar year that are not entered: those of fixed dates, the announced ones, and the days off in place of
/// those on a weekend. Several in a row have one substitute: the next day that is neither on a weekend nor a usual holiday.
pub fn missing(year: i32, entered: &Entered) -> Vec<Missing> {
    let fixed: Vec<_> = FIXED.iter().filter_map(|row| Some((date_in(row, year)?, &row.3))).collect();
    let mut missing: Vec<_> = fixed
        .iter()
        .filter(|(date, _)| !entered.contains_key(date))
        .map(|(date, name)| Missing { kind: UsualHolidayKind::Fixed, name: (*name).clone(), date: Some(*date) })
        .collect();
    let mut usual = fixed;
    let [first, last] =
        [(1, 1), (12, 31)].map(|(month, day)| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default());
    for (word, name) in &ANNOUNCED {
        let mut days = entered.range(first..=last).filter(|(_, th)| is_called(th, word)).peekable();
        if days.peek().is_none() {
            missing.push(Missing { kind: UsualHolidayKind::Announced, name: name.clone(), date: None });
        }
        usual.extend(days.map(|(day, _)| (*day, name)));
    }
    usual.sort_by_key(|(day, _)| *day);
    let mut substitutes = BTreeMap::new();
    for (day, name) in usual.into_iter().filter(|(day, _)| is_weekend(*day)) {
        if let Some(substitute) = substitute(day, entered).filter(|day| !entered.contains_key(day)) {
            substitutes.entry(substitute).or_insert(name);
        }
    }
    missing.extend(substitutes.into_iter().map(|(day, name)| Missing {
        kind: UsualHolidayKind::Substitute,
        name: Label::named(format!("วันหยุดชดเชย{}", name.th), Some(format!("Substitution for {}", name.en))),
        date: Some(day),
    }));
    missing
}

/// The years of the entered holidays in which none is missing.
pub fn complete_years(entered: &Entered) -> BTreeSet<i32> {
    let years: BTreeSet<i32> = entered.keys().map(Datelike::year).collect();
    years.into_iter().filter(|year| missing(*year, entered).is_empty()).collect()
}

fn date_in((month, day, since, _): &(u32, u32, i32, Label), year: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, *month, *day).filter(|_| year >= *since)
}

/// The day off in place of a holiday on a weekend.
fn substitute(holiday: NaiveDate, entered: &Entered) -> Option<NaiveDate> {
    let is_usual = |day: NaiveDate| {
        let is_announced = |th: &String| ANNOUNCED.iter().any(|(word, _)| is_called(th, word));
        FIXED.iter().any(|row| date_in(row, day.year()) == Some(day)) || entered.get(&day).is_some_and(is_announced)
    };
    successors(holiday.succ_opt(), NaiveDate::succ_opt).find(|day| !is_weekend(*day) && !is_usual(*day))
}

fn is_called(th: &str, word: &str) -> bool {
    th.contains(word) && !th.contains("ชดเชย")
}

#[cfg(test)]
mod tests {
    use entity::codes::Coded;

    use super::*;

    /// What the cabinet set for 2024 (from memory), apart from special holidays.
    const YEAR_2024: [(&str, &str); 24] = [
        ("2024-01-01", "วันขึ้นปีใหม่"),
        ("2024-02-24", "วันมาฆบูชา"),
        ("2024-02-26", "วันหยุดชดเชยวันมาฆบูชา"),
        ("2024-04-06", "วันจักรี"),
        ("2024-04-08", "วันหยุดชดเชยวันจักรี"),
        ("2024-04-13", "วันสงกรานต์"),
        ("2024-04-14", "วันสงกรานต์"),
        ("2024-04-15", "วันสงกรานต์"),
        ("2024-04-16", "วันหยุดชดเชยวันสงกรานต์"),
        ("2024-05-04", "วันฉัตรมงคล"),
        ("2024-05-06", "วันหยุดชดเชยวันฉัตรมงคล"),
        ("2024-05-10", "วันพืชมงคล"),
        ("2024-05-22", "วันวิสาขบูชา"),
        ("2024-06-03", "วันเฉลิมพระชนมพรรษาสมเด็จพระราชินี"),
        ("2024-07-20", "วันอาสาฬหบูชา"),
        ("2024-07-21", "วันเข้าพรรษา"),
        ("2024-07-22", "วันหยุดชดเชยวันอาสาฬหบูชา"),
        ("2024-07-28", "วันเฉลิมพระชนมพรรษาพระบาทสมเด็จพระเจ้าอยู่หัว"),
        ("2024-07-29", "วันหยุดชดเชย"),
        ("2024-08-12", "วันแม่แห่งชาติ"),
        ("2024-10-13", "วันนวมินทรมหาราช"),
        ("2024-10-14", "วันหยุดชดเชยวันนวมินทรมหาราช"),
        ("2024-10-23", "วันปิยมหาราช"),
        ("2024-12-05", "วันพ่อแห่งชาติ"),
    ];

    fn year_2024() -> Entered {
        let last = [("2024-12-10", "วันรัฐธรรมนูญ"), ("2024-12-31", "วันสิ้นปี")];
        YEAR_2024.into_iter().chain(last).map(|(day, name)| (day.parse().unwrap(), name.to_owned())).collect()
    }

    /// What is missing, as `kind date name`.
    fn told(year: i32, entered: &Entered) -> Vec<String> {
        let date = |missing: &Missing| missing.date.map_or_else(|| "-".to_owned(), |day| day.to_string());
        missing(year, entered).iter().map(|one| format!("{} {} {}", one.kind.code(), date(one), one.name.th)).collect()
    }

    #[test]
    fn a_year_with_its_moon_days_and_substitutes_is_complete() {
        assert_eq!(told(2024, &year_2024()), Vec::<String>::new());
        assert_eq!(complete_years(&year_2024()), BTreeSet::from([2024]));
    }

    #[test]
    fn each_day_that_is_taken_away_is_missed_except_a_special_one() {
        for (day, name) in YEAR_2024 {
            let mut entered = year_2024();
            entered.remove(&day.parse().unwrap());
            assert!(!told(2024, &entered).is_empty(), "{day} {name}");
        }
        let mut entered = year_2024();
        entered.insert("2024-04-12".parse().unwrap(), "วันหยุดพิเศษ".to_owned());
        assert!(told(2024, &entered).is_empty());
    }

    #[test]
    fn a_year_without_any_lacks_all_with_one_substitute_for_days_in_a_row() {
        let told = told(2027, &Entered::new());
        assert_eq!(told.iter().filter(|one| one.starts_with("fixed ")).count(), 14, "{told:?}");
        assert_eq!(told.iter().filter(|one| one.starts_with("announced -")).count(), 5, "{told:?}");
        let substitutes: Vec<_> =
            told.iter().filter(|one| one.starts_with("substitute ")).map(|one| &one[11..21]).collect();
        // Saturdays and Sundays: 23 October and 5 December.
        assert_eq!(substitutes, ["2027-10-25", "2027-12-06"]);
    }

    #[test]
    fn the_turn_of_the_year_has_one_substitute() {
        // 31 December 2023 was a Sunday, 1 January a Monday.
        let told = told(2023, &year_2024());
        assert!(told.iter().any(|one| one.starts_with("substitute 2024-01-02 ")), "{told:?}");
    }

    #[test]
    fn holidays_of_before_their_reign_are_not_missed() {
        let told = told(2016, &Entered::new());
        assert!(!told.iter().any(|one| one.contains("2016-05-04") || one.contains("2016-10-13")), "{told:?}");
    }

    #[test]
    fn nothing_panics_where_the_calendar_ends() {
        assert!(!missing(NaiveDate::MAX.year(), &Entered::new()).is_empty());
        assert!(!missing(i32::MAX, &Entered::new()).is_empty());
    }
}
