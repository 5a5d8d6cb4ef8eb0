//! The one shape of all statistics: a year and the year before, broken down into slices, and the same as rows of a table.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::codes::{Coded, Label};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::RefBuilder;
use utoipa::openapi::{RefOr, Schema};

use super::names;
use crate::domain::coverage::Known;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::message::{Language, Localized};
use crate::domain::period::{self, Part, Period};
use crate::http::spreadsheet::{Cell, Table};

/// Figures of a fiscal year and of the year before.
#[derive(Serialize, ToSchema)]
#[schema(as = Statistics)]
pub struct Envelope<F> {
    /// The fiscal year of `current`.
    #[schema(minimum = 2500, maximum = 2700, example = 2567)]
    pub fiscal_year: i32,
    /// How each year is divided.
    pub period: Period,
    /// The instant of the figures; null for the present. Of measures and projects of the present the instant at which a counted record
    /// last changed; null where there is none.
    #[schema(required, example = "2024-04-10T17:00:00Z")]
    pub as_of: Option<DateTime<Utc>>,
    #[schema(schema_with = current::<F>)]
    pub current: F,
    #[schema(schema_with = previous::<F>)]
    pub previous: F,
}

// The derive macro would write the type argument out, without a text of its own.

fn current<F: ToSchema>() -> RefOr<Schema> {
    figures::<F>("The figures of the year.")
}

fn previous<F: ToSchema>() -> RefOr<Schema> {
    figures::<F>("The figures of the year before.")
}

fn figures<F: ToSchema>(description: &str) -> RefOr<Schema> {
    RefOr::Ref(RefBuilder::new().ref_location_from_schema_name(F::name()).description(Some(description)).build())
}

/// A fiscal year.
#[derive(Clone, Serialize, ToSchema)]
pub struct Year {
    /// The fiscal year of the Buddhist era.
    #[schema(minimum = 2499, maximum = 2700, example = 2567)]
    pub fiscal_year: i32,
    /// The name of the year.
    pub label: Label,
    /// The first day of the year.
    #[schema(example = "2023-10-01")]
    pub starts_on: NaiveDate,
    /// The last day of the year.
    #[schema(example = "2024-09-30")]
    pub ends_on: NaiveDate,
}

/// A period of a year, and of when its figures are.
#[derive(Clone, Serialize, ToSchema)]
pub struct PeriodHead {
    /// The key of the period, unique and in order: `2567-M01`, `2567-Q1`, `2567-H1` or `2567`.
    #[schema(max_length = 10, example = "2567-Q1")]
    pub key: String,
    /// The name of the period.
    pub label: Label,
    /// The first day.
    #[schema(example = "2023-10-01")]
    pub starts_on: NaiveDate,
    /// The last day.
    #[schema(example = "2023-12-31")]
    pub ends_on: NaiveDate,
    /// The instant of the figures: the end of the period, or that of all figures where that is earlier. Null for the present, and where
    /// there are no figures: the period is to come, had ended before the records were kept here, or there were none at its end.
    #[schema(required, example = "2023-12-31T17:00:00Z")]
    pub as_of: Option<DateTime<Utc>>,
    #[serde(flatten)]
    pub known: Known,
}

/// One value of a breakdown, and how many have it.
#[derive(Clone, Serialize, ToSchema)]
pub struct Slice {
    /// The code of the value; `none` where there is no value.
    #[schema(max_length = 50, example = "completed")]
    pub value: String,
    /// The name of the value.
    pub label: Label,
    /// How many have it; null where the count is suppressed, or nothing is known.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 12)]
    pub total: Option<u64>,
}

impl Year {
    pub fn of(year: FiscalYear) -> Self {
        let (starts_on, ends_on) = year.span();
        let label = period::whole(year).label;
        Self { fiscal_year: year.number(), label, starts_on, ends_on }
    }
}

impl PeriodHead {
    pub fn of(part: Part, as_of: Option<DateTime<Utc>>, known: Known) -> Self {
        Self { key: part.key, label: part.label, starts_on: part.days.0, ends_on: part.days.1, as_of, known }
    }
}

impl Slice {
    /// A slice of each code of a list, with its count.
    pub fn of_codes<C: Coded>(count: impl Fn(C) -> Option<u64>) -> Vec<Self> {
        let slice = |code: &C| Self { value: code.code().to_owned(), label: code.label(), total: count(*code) };
        C::ALL.iter().map(slice).collect()
    }
}

/// The row of those without a value.
pub const NONE: &str = "none";

/// The names of the values of a dimension.
#[derive(Clone, Default)]
pub struct Names(BTreeMap<String, Label>);

impl Names {
    pub fn new(names: impl IntoIterator<Item = (String, Label)>) -> Self {
        Self(names.into_iter().collect())
    }

    /// Those of some codes.
    pub fn of_codes<C: Coded>(codes: impl IntoIterator<Item = C>) -> Self {
        Self::new(codes.into_iter().map(|code| (code.code().to_owned(), code.label())))
    }

    pub fn and<C: Coded>(mut self, codes: impl IntoIterator<Item = C>) -> Self {
        self.0.extend(Self::of_codes(codes).0);
        self
    }

    /// With those that have no value.
    pub fn or_none(mut self, label: Label) -> Self {
        self.0.insert(NONE.to_owned(), label);
        self
    }

    pub fn values(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// The name of a value; of one that is no longer known, its code.
    pub fn of(&self, value: &str) -> Label {
        let unknown = || match value {
            NONE => Label::new("ไม่ระบุ", "not stated"),
            _ => Label::named(value.to_owned(), None),
        };
        self.0.get(value).cloned().unwrap_or_else(unknown)
    }
}

/// Statistics as rows: a figure each. Every column has one meaning, so that the table can be pivoted.
pub struct Sheet {
    labels: Language,
    rows: Vec<Vec<Cell>>,
}

/// The columns: the name for programs, and the heading in Thai and in English.
const COLUMNS: [(&str, &str, &str); 14] = [
    ("fiscal_year", "ปีงบประมาณ", "fiscal year"),
    ("section", "รหัสหมวด", "code of the section"),
    ("section_label", "หมวด", "section"),
    ("interval", "ช่วงเวลา", "interval"),
    ("period", "รหัสงวด", "code of the period"),
    ("period_label", "งวด", "period"),
    ("starts_on", "ตั้งแต่วันที่", "from"),
    ("ends_on", "ถึงวันที่", "to"),
    ("figure", "ข้อมูลสถิติ", "figure"),
    ("dimension", "จำแนกตาม", "by"),
    ("value", "รหัสค่า", "code of the value"),
    ("value_label", "ค่า", "value"),
    ("number", "จำนวน", "number"),
    ("text", "ข้อความ", "text"),
];

impl Sheet {
    pub fn new(labels: Language) -> Self {
        Self { labels, rows: Vec::new() }
    }

    /// Rows of a year as a whole.
    pub fn of_year(&mut self, year: i32) -> Rows<'_> {
        let part = period::whole(FiscalYear::stored(year));
        self.of(year, Period::Year, &part)
    }

    /// Rows of a period with its key.
    pub fn of_period(&mut self, year: i32, key: &str) -> Rows<'_> {
        match period::named(key) {
            Some(part) => self.of(year, part.interval, &part),
            None => self.of_year(year),
        }
    }

    /// Rows of a part of a year.
    pub fn of(&mut self, year: i32, interval: Period, part: &Part) -> Rows<'_> {
        let (starts_on, ends_on) = part.days;
        let period = [
            Cell::code(interval),
            part.key.as_str().into(),
            part.label.localized(self.labels).into(),
            starts_on.into(),
            ends_on.into(),
        ];
        Rows { sheet: self, year, section: None, period }
    }

    pub fn table(self) -> Table {
        let columns = COLUMNS.map(|(name, th, en)| Cell::Code(name.to_owned(), Label::new(th, en)));
        Table { columns: columns.to_vec(), rows: self.rows }
    }
}

/// Rows that have the year, the section and the period in common.
pub struct Rows<'a> {
    sheet: &'a mut Sheet,
    year: i32,
    section: Option<(String, Label)>,
    period: [Cell; 5],
}

impl Rows<'_> {
    /// The same of one section of the figures.
    pub fn section(mut self, value: &str, label: &Label) -> Self {
        self.section = Some((value.to_owned(), label.clone()));
        self
    }

    pub fn number(&mut self, figure: &str, number: impl Into<Cell>) {
        self.add(figure, "", None, number.into(), Cell::Empty);
    }

    pub fn text(&mut self, figure: &str, text: impl Into<Cell>) {
        self.add(figure, "", None, Cell::Empty, text.into());
    }

    /// A figure of one value of a breakdown.
    pub fn slice(&mut self, dimension: &str, (value, label): (&str, &Label), figure: &str, number: impl Into<Cell>) {
        self.add(figure, dimension, Some((value, label)), number.into(), Cell::Empty);
    }

    /// The counts of a breakdown.
    pub fn slices(&mut self, dimension: &str, slices: &[Slice]) {
        for Slice { value, label, total } in slices {
            self.slice(dimension, (value, label), "total", total.map(Cell::whole));
        }
    }

    fn add(&mut self, figure: &str, dimension: &str, value: Option<(&str, &Label)>, number: Cell, text: Cell) {
        let labels = self.sheet.labels;
        let section = self.section.as_ref().map(|(value, label)| (&**value, label));
        let named = |named: Option<(&str, &Label)>| {
            let (value, label) = named.map(|(value, label)| (value, label.localized(labels))).unzip();
            [Cell::from(value), Cell::from(label)]
        };
        let mut row = vec![Cell::from(self.year)];
        row.extend(named(section));
        row.extend(self.period.clone());
        row.extend([names::cell(figure), names::cell(dimension)]);
        row.extend(named(value));
        row.extend([number, text]);
        self.sheet.rows.push(row);
    }
}
