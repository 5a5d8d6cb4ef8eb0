//! A table as CSV (RFC 4180) and as XLSX.

use std::borrow::Cow;

use actix_web::web;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format as Style, FormatAlign, Workbook, XlsxError};
use serde::Serialize;

use crate::domain::baht::Baht;
use crate::error::{Code, Error, Result};
use crate::http::negotiation::Format;

/// A column of a table of records: its fixed English header, for programs, and the cell of a record.
pub type TableColumn<T> = (&'static str, fn(&T) -> Cell);

pub enum Cell {
    Empty,
    Text(String),
    Number(f64),
    Money(Baht),
    Day(NaiveDate),
}

pub struct Table {
    pub columns: Vec<String>,
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
        Cell::Text(truth.to_string())
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

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Empty, Into::into)
    }
}

impl From<&[String]> for Cell {
    /// A list is one cell, a line each.
    fn from(texts: &[String]) -> Self {
        Cell::Text(texts.join("\n"))
    }
}

impl Table {
    /// The table as a file, made off the threads that answer requests.
    pub async fn render(self, format: Format) -> Result<Vec<u8>> {
        let rendered = web::block(move || match format {
            Format::Xlsx => self.to_xlsx().map_err(|error| error.to_string()),
            _ => self.to_csv().map_err(|error| error.to_string()),
        });
        rendered.await.map_err(Error::internal)?.map_err(|error| {
            tracing::error!(error, "a table could not be written");
            Code::Internal.into()
        })
    }

    /// UTF-8 with a byte order mark, without which Excel does not recognise Thai.
    pub fn to_csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{FEFF}".into());
        writer.write_record(&self.columns)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(Cell::to_csv))?;
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    }

    pub fn to_xlsx(&self) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        // The same table is the same file, whenever it is made.
        let always = ExcelDateTime::from_ymd(2000, 1, 1)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&always));
        let sheet = workbook.add_worksheet();
        let head = Style::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
        let wrap = Style::new().set_text_wrap().set_align(FormatAlign::Top);
        let money = Style::new().set_num_format("#,##0.00").set_align(FormatAlign::Top);
        let day = Style::new().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Top);
        sheet.set_freeze_panes(1, 0)?;
        for (column, name) in (0..).zip(&self.columns) {
            sheet.set_column_width(column, 24)?;
            sheet.write_string_with_format(0, column, name, &head)?;
        }
        for (row, cells) in (1..).zip(&self.rows) {
            for (column, cell) in (0..).zip(cells) {
                match cell {
                    Cell::Empty => continue,
                    Cell::Text(text) => sheet.write_string_with_format(row, column, truncated(text), &wrap)?,
                    Cell::Number(number) => sheet.write_number_with_format(row, column, *number, &wrap)?,
                    Cell::Money(baht) => {
                        sheet.write_number_with_format(row, column, baht.satang() as f64 / 100.0, &money)?
                    }
                    // Excel's calendar begins in 1900; days before that are text.
                    Cell::Day(date) => match ExcelDateTime::parse_from_str(&date.to_string()) {
                        Ok(date) => sheet.write_datetime_with_format(row, column, date, &day)?,
                        Err(_) => sheet.write_string_with_format(row, column, date.to_string(), &wrap)?,
                    },
                };
            }
        }
        workbook.save_to_buffer()
    }
}

impl Cell {
    /// A value of an enum, by its name in JSON.
    pub fn name(value: &impl Serialize) -> Self {
        match serde_json::to_value(value) {
            Ok(serde_json::Value::String(name)) => Cell::Text(name),
            _ => Cell::Empty,
        }
    }

    /// A count; none of ours comes near 2^53.
    pub fn whole(count: u64) -> Self {
        Self::count(i64::try_from(count).unwrap_or(i64::MAX))
    }

    pub fn count(count: i64) -> Self {
        Cell::Number(count as f64)
    }

    /// Values of an enum, by their names in JSON.
    pub fn names<'a, T: Serialize + 'a>(values: impl IntoIterator<Item = &'a T>) -> Self {
        let names = values.into_iter().map(|value| Self::name(value).to_csv());
        Cell::Text(names.collect::<Vec<_>>().join(" "))
    }

    pub fn time(instant: DateTime<Utc>) -> Self {
        Cell::Text(instant.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }

    fn to_csv(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => escape_formula(text),
            Cell::Number(number) => number.to_string(),
            Cell::Money(amount) => amount.to_string(),
            Cell::Day(day) => day.to_string(),
        }
    }
}

/// As many lines of a text as a cell of XLSX can hold, with a mark where some are left out. CSV has them all.
fn truncated(text: &str) -> Cow<'_, str> {
    const MOST: usize = 32_767;
    let length = |text: &str| text.encode_utf16().count();
    if length(text) <= MOST {
        return text.into();
    }
    let mut room = MOST - 2;
    let fits = |line: &&str| {
        let needed = length(line) + 1;
        let fits = needed <= room;
        room = room.saturating_sub(needed);
        fits
    };
    let lines: Vec<_> = text.lines().take_while(fits).collect();
    format!("{}\n…", lines.join("\n")).into()
}

/// A text that a spreadsheet does not take for a formula (OWASP, "CSV Injection").
fn escape_formula(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_days_and_long_texts_fit_into_a_workbook() {
        let long = vec!["ก".repeat(1999); 100];
        let table = Table {
            columns: vec!["day".into(), "text".into()],
            rows: vec![
                vec![NaiveDate::from_ymd_opt(1850, 1, 1).into(), long[..].into()],
                vec![NaiveDate::from_ymd_opt(9999, 12, 31).into(), Cell::Text("ก".repeat(32_767))],
            ],
        };
        table.to_xlsx().unwrap();
        let cut = truncated(&long.join("\n")).into_owned();
        assert!(cut.encode_utf16().count() <= 32_767 && cut.ends_with("ก\n…"));
        assert_eq!(cut.lines().count(), 17);
    }

    #[test]
    fn a_formula_is_escaped_and_everything_else_is_kept() {
        let table = Table {
            columns: vec!["text".into(), "amount".into()],
            rows: vec![
                vec!["=HYPERLINK(\"x\")".into(), Baht::from_satang(12_550).into()],
                vec!["a \"b\",\nค".into(), Cell::Empty],
                vec!["@x".into(), (-1).into()],
            ],
        };
        let csv = String::from_utf8(table.to_csv().unwrap()).unwrap();
        assert_eq!(
            csv,
            "\u{FEFF}text,amount\r\n\"'=HYPERLINK(\"\"x\"\")\",125.50\r\n\"a \"\"b\"\",\nค\",\r\n'@x,-1\r\n"
        );
    }
}
