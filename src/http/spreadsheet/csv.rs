//! Rows as CSV (RFC 4180).

use std::io;

use chrono::SecondsFormat;
use csv::{Terminator, WriterBuilder};

use super::Cell;
use crate::domain::working_days::in_bangkok;
use crate::http::spool::Out;

/// In UTF-8 with a byte order mark, without which Excel does not recognise Thai.
pub fn write(out: Out<'_>, rows: impl IntoIterator<Item = impl AsRef<[Cell]>>) -> io::Result<()> {
    out.write_all("\u{FEFF}".as_bytes())?;
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    for row in rows {
        writer.write_record(row.as_ref().iter().map(Cell::to_csv))?;
    }
    writer.flush()
}

impl Cell {
    pub(super) fn to_csv(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Code(text, _) | Cell::Record(_, text) => escape_formula(text),
            Cell::Number(number) => number.to_string(),
            Cell::Money(amount) => amount.to_string(),
            Cell::Day(day) => day.to_string(),
            // With its offset, so that the day is the office's and the instant is exact.
            Cell::Time(instant) => in_bangkok(*instant).to_rfc3339_opts(SecondsFormat::AutoSi, false),
        }
    }
}

/// A text that a spreadsheet does not take for a formula (OWASP, "CSV Injection").
fn escape_formula(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::baht::Baht;

    #[test]
    fn a_formula_is_escaped_and_everything_else_is_kept() {
        let rows: [[Cell; 2]; 4] = [
            ["text".into(), "amount".into()],
            ["=HYPERLINK(\"x\")".into(), Baht::from_satang(12_550).into()],
            ["a \"b\",\nค".into(), Cell::Empty],
            ["@x".into(), (-1).into()],
        ];
        let mut csv = Vec::new();
        write(&mut csv, rows).unwrap();
        assert_eq!(
            String::from_utf8(csv).unwrap(),
            "\u{FEFF}text,amount\r\n\"'=HYPERLINK(\"\"x\"\")\",125.50\r\n\"a \"\"b\"\",\nค\",\r\n'@x,-1\r\n"
        );
    }
}
