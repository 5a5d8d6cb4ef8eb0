//! A table as CSV (RFC 4180) and as XLSX. Days and times in it are those of Bangkok.

mod csv;
mod fit;
mod headings;
mod labels;
mod xlsx;

pub use csv::write as write_csv;
pub use headings::heading;
pub use labels::RecordNames;
pub use xlsx::{Block, Rows, Sheet, write as write_xlsx};

use std::iter;

use chrono::{DateTime, NaiveDate, Utc};
use entity::codes::{self, Coded, Label};

use crate::domain::baht::Baht;
use crate::error::Result;
use crate::http::negotiation::Format;
use crate::http::spool::{Body, Keep};
use crate::revisions::Resource;

/// A column of a table of records: the name of its field, for programs, and the cell of a record. What people read above it is in
/// headings.rs.
pub type TableColumn<T> = (&'static str, fn(&T) -> Cell);

/// A record as a row of a spreadsheet.
pub trait Tabular: Sized + 'static {
    const COLUMNS: &[TableColumn<Self>];
}

#[derive(Clone)]
pub enum Cell {
    Empty,
    Text(String),
    /// A code, and what people read in its place.
    Code(String, Label),
    /// A record by its code: its name is read from the database where it is asked for.
    Record(Resource, String),
    Number(f64),
    Money(Baht),
    Day(NaiveDate),
    Time(DateTime<Utc>),
}

pub struct Table {
    /// The heads of the columns.
    pub columns: Vec<Cell>,
    pub rows: Vec<Vec<Cell>>,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Self {
        Cell::Number(number.into())
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Cell::Number(number)
    }
}

impl From<bool> for Cell {
    fn from(truth: bool) -> Self {
        match truth {
            true => Cell::Code("true".into(), Label::new("ใช่", "yes")),
            false => Cell::Code("false".into(), Label::new("ไม่ใช่", "no")),
        }
    }
}

impl From<Baht> for Cell {
    fn from(amount: Baht) -> Self {
        Cell::Money(amount)
    }
}

impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Self {
        Cell::Day(day)
    }
}

impl From<DateTime<Utc>> for Cell {
    fn from(instant: DateTime<Utc>) -> Self {
        Cell::Time(instant)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Empty, Into::into)
    }
}

impl From<&[String]> for Cell {
    fn from(texts: &[String]) -> Self {
        Cell::Text(lines(texts))
    }
}

impl Table {
    /// A row for each record.
    pub fn of<T: Tabular>(records: impl IntoIterator<Item = T>) -> Self {
        // A column that people could not read does not compile.
        const { headings::check(T::COLUMNS) }
        let columns = T::COLUMNS.iter().map(|(name, _)| heading(name)).collect();
        // Each record goes as soon as its row is there.
        let cells = |record: T| T::COLUMNS.iter().map(|(_, cell)| cell(&record)).collect();
        Self { columns, rows: records.into_iter().map(cells).collect() }
    }

    /// Adds a row that says something of the table itself, in its first column.
    pub fn end_with(&mut self, note: String) {
        let empty = self.columns.iter().skip(1).map(|_| Cell::Empty);
        self.rows.push([Cell::Text(note)].into_iter().chain(empty).collect());
    }

    /// The table as a file. The name is that of the sheet of a workbook.
    pub async fn render(self, keep: Keep, name: &str, format: Format) -> Result<Body> {
        let name = name.to_owned();
        Body::write(keep, move |out| match format {
            Format::Xlsx => write_xlsx(out, keep, &name, &[Sheet::from(&self)]),
            _ => write_csv(out, iter::once(&self.columns).chain(&self.rows)),
        })
        .await
    }
}

impl Cell {
    pub fn code(value: impl Coded) -> Self {
        Self::coded(value.coded())
    }

    /// A code as it was stored, which may be one that is no longer known.
    pub fn stored(code: &str, known: Option<&'static codes::Code>) -> Self {
        known.map_or_else(|| code.into(), Self::coded)
    }

    fn coded(code: &'static codes::Code) -> Self {
        Cell::Code(code.code.to_owned(), code.label.clone())
    }

    /// Several codes.
    pub fn codes(codes: impl IntoIterator<Item = Self>) -> Self {
        let parts = |cell| match cell {
            Cell::Code(code, label) => (code, label),
            other => (other.to_csv(), Label::named(other.to_csv(), None)),
        };
        let (codes, labels): (Vec<String>, Vec<Label>) = codes.into_iter().map(parts).unzip();
        let (th, en) = (labels.iter().map(|label| &label.th), labels.iter().map(|label| &label.en));
        Cell::Code(lines(codes), Label { th: lines(th).into(), en: lines(en).into() })
    }

    /// Records by their codes.
    pub fn records(of: Resource, codes: impl IntoIterator<Item = impl ToString>) -> Self {
        match lines(codes) {
            none if none.is_empty() => Cell::Empty,
            codes => Cell::Record(of, codes),
        }
    }

    /// A count; none of ours comes near 2^53.
    pub fn whole(count: u64) -> Self {
        Self::count(i64::try_from(count).unwrap_or(i64::MAX))
    }

    pub fn count(count: i64) -> Self {
        Cell::Number(count as f64)
    }
}

/// A list is one cell, a line each.
fn lines(texts: impl IntoIterator<Item = impl ToString>) -> String {
    texts.into_iter().map(|text| text.to_string()).collect::<Vec<_>>().join("\n")
}
