//! A printed report: a title, a table, and what stands below it. Every format is made from this.

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

pub struct Column {
    pub heading: &'static str,
    /// Share of the page's width, in per cent.
    pub width: u8,
}

impl Document {
    pub fn table(self) -> Table {
        Table {
            columns: self.columns.into_iter().map(|column| column.heading.into()).collect(),
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
