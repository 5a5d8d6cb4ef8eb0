//! A printed report: a title, a table, and what stands below it. Every format is made from this.

use entity::codes::Label;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::thai;
use crate::http::spreadsheet::Table;

pub struct Document {
    /// Lines of the title, the agency's name in the last.
    pub title: Vec<String>,
    pub columns: Vec<Column>,
    /// Per row and column, the lines of the cell.
    pub rows: Vec<Vec<Vec<String>>>,
    /// Stands where the table would be, if nothing is in it.
    pub if_empty: String,
    /// Sentences below the table.
    pub notes: Vec<String>,
    /// What is missing, for the staff; it is not printed.
    pub missing: Vec<String>,
}

/// A column of a report's table.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ReportColumn)]
pub struct Column {
    /// Field of a row that the column shows.
    #[schema(max_length = 50, example = "outcomes")]
    pub field: &'static str,
    /// Heading of the column. Printed reports have the Thai one.
    pub label: Label,
    /// Share of the page's width, in per cent.
    #[serde(skip)]
    pub width: u8,
}

impl Column {
    pub const fn new(field: &'static str, th: &'static str, en: &'static str, width: u8) -> Self {
        Self { field, label: Label::new(th, en), width }
    }
}

impl Document {
    pub fn table(self) -> Table {
        Table {
            columns: self.columns.into_iter().map(|column| column.label.th.into_owned().into()).collect(),
            rows: self.rows.into_iter().map(|row| row.into_iter().map(|lines| lines[..].into()).collect()).collect(),
        }
    }
}

/// The lines of several texts with Thai numbers before them; of a single one as they are.
pub fn numbered(texts: &[String]) -> Vec<String> {
    let number = |no: i32| if texts.len() < 2 { String::new() } else { format!("{}) ", thai::digits(no)) };
    let numbered = (1..).zip(texts).map(|(no, text)| number(no) + text);
    numbered.collect::<Vec<_>>().join("\n").lines().map(str::to_owned).collect()
}
