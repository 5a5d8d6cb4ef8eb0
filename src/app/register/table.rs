//! A register as a table: CSV, or the first sheet of an XLSX file, with the names of its cells.

use std::fmt;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use chrono::NaiveDate;

use crate::domain::text::without_bom;

/// How the text of a CSV file is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Encoding {
    #[value(name = "utf-8")]
    Utf8,
    /// What older Thai programs write, TIS-620 included
    #[value(name = "windows-874")]
    Windows874,
}

/// The rows with something in them, each with its number in the file, from 1.
pub type Rows = Vec<(usize, Vec<Cell>)>;

/// What a cell has.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(f64),
    Day(NaiveDate),
    /// What is no value of a register.
    Other(&'static str),
}

/// A cell by its column, from 0, and row, from 1, as spreadsheet programs name it.
#[derive(Clone, Copy)]
pub struct Place {
    pub column: usize,
    pub row: usize,
}

impl Cell {
    /// Its text, if it has one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut letters, mut rest) = (Vec::new(), self.column + 1);
        while rest > 0 {
            letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
            rest = (rest - 1) / 26;
        }
        write!(f, "{}{}", letters.iter().rev().collect::<String>(), self.row)
    }
}

/// Reads a file. XLSX files are known by their first bytes.
pub fn read(file: &[u8], encoding: Encoding) -> Result<Rows, String> {
    let rows = if file.starts_with(b"PK\x03\x04") { sheet(file)? } else { csv(&text(file, encoding)?)? };
    Ok(rows.into_iter().filter(|(_, cells)| cells.iter().any(|cell| *cell != Cell::Empty)).collect())
}

/// The cells of a row that have something and no heading, which would be lost.
pub fn unheaded((row, cells): &(usize, Vec<Cell>), is_headed: impl Fn(usize) -> bool) -> Option<String> {
    let lost = cells.iter().enumerate().filter(|(column, cell)| **cell != Cell::Empty && !is_headed(*column));
    let lost: Vec<_> = lost.map(|(column, _)| Place { column, row: *row }.to_string()).collect();
    (!lost.is_empty()).then(|| format!("cell {}", lost.join(", ")))
}

/// What is wrong with them.
pub const UNHEADED: &str = "has no heading; in CSV a text with a comma or semicolon stands in quotation marks / ไม่มีหัวคอลัมน์ หากเป็นไฟล์ CSV \
                            ข้อความที่มีเครื่องหมาย , หรือ ; ต้องอยู่ในเครื่องหมายอัญประกาศ (\"\")";

fn text(file: &[u8], encoding: Encoding) -> Result<String, String> {
    let utf8 = || "is neither XLSX nor text in UTF-8: save it as XLSX or as CSV UTF-8, or give --encoding windows-874";
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(file).map(str::to_owned).map_err(|_| utf8().to_owned()),
        Encoding::Windows874 => {
            let text = encoding_rs::WINDOWS_874.decode_without_bom_handling_and_without_replacement(file);
            text.map(String::from).ok_or_else(|| "is not text in Windows-874".to_owned())
        }
    }
}

fn csv(text: &str) -> Result<Rows, String> {
    let text = without_bom(text);
    let delimiter = delimiter(text);
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut rows, mut number) = (Vec::new(), 0);
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let start = record.position().map_or(0, |position| position.byte() as usize);
        number += empty_lines(text, start) + 1;
        rows.push((number, record.iter().map(written).collect()));
    }
    Ok(rows)
}

/// What separates the headings: some programs write semicolons or tabs.
fn delimiter(text: &str) -> u8 {
    let first = text.trim_start().lines().next().unwrap_or_default();
    let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
    // Of as many the last, which is the comma.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// Empty lines that the reader left out where a record begins: they are rows of a spreadsheet.
fn empty_lines(text: &str, start: usize) -> usize {
    let (before, rest) = text.split_at(start);
    // A record may end between the two characters of a line break.
    let rest = if before.ends_with('\r') { rest.strip_prefix('\n').unwrap_or(rest) } else { rest };
    let breaks = &rest[..rest.len() - rest.trim_start_matches(['\r', '\n']).len()];
    breaks.len() - breaks.matches("\r\n").count()
}

fn sheet(file: &[u8]) -> Result<Rows, String> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(|error| error.to_string())?;
    let range = book.worksheet_range_at(0).ok_or("has no sheet")?.map_err(|error| error.to_string())?;
    let (first_row, first_column) = range.start().unwrap_or_default();
    let (first_row, first_column) = (first_row as usize, first_column as usize);
    let row = |(number, cells): (usize, &[Data])| {
        let before = std::iter::repeat_n(Cell::Empty, first_column);
        (number, before.chain(cells.iter().map(cell)).collect())
    };
    Ok((first_row + 1..).zip(range.rows()).map(row).collect())
}

fn written(text: &str) -> Cell {
    if text.trim().is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) }
}

fn cell(data: &Data) -> Cell {
    match data {
        Data::Empty => Cell::Empty,
        Data::String(text) | Data::DateTimeIso(text) => written(text),
        Data::Int(number) => Cell::Number(*number as f64),
        Data::Float(number) => Cell::Number(*number),
        Data::Bool(_) => Cell::Other("must not be TRUE or FALSE"),
        Data::DateTime(time) if time.is_datetime() => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            let day = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into());
            day.map_or(Cell::Other("must be a date"), Cell::Day)
        }
        Data::DateTime(_) | Data::DurationIso(_) => Cell::Other("must not be a duration"),
        Data::Error(_) => Cell::Other("must not be an error of a formula"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_in_a_spreadsheet() {
        let name = |column, row| Place { column, row }.to_string();
        assert_eq!(
            [name(0, 1), name(2, 17), name(25, 2), name(26, 3), name(702, 4)],
            ["A1", "C17", "Z2", "AA3", "AAA4"]
        );
    }

    #[test]
    fn thai_text_of_older_programs_is_read_if_that_is_said() {
        let text = encoding_rs::WINDOWS_874.encode("เลขทะเบียนรับ\n๑\n").0;
        assert!(read(&text, Encoding::Utf8).unwrap_err().contains("--encoding windows-874"));
        let rows = read(&text, Encoding::Windows874).unwrap();
        assert_eq!(rows, [(1, vec![Cell::Text("เลขทะเบียนรับ".into())]), (2, vec![Cell::Text("๑".into())])]);
        let rows = read("\u{FEFF}a,b\n,\n1,2\n".as_bytes(), Encoding::Utf8).unwrap();
        assert_eq!(rows.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn semicolons_and_tabs_separate_as_well() {
        let cells = |text: &str| vec![(1, text.split(' ').map(|cell| Cell::Text(cell.to_owned())).collect::<Vec<_>>())];
        for text in ["a;b,c;d", "a\tb,c\td", "\u{FEFF}a;b,c;d\r\n"] {
            assert_eq!(read(text.as_bytes(), Encoding::Utf8).unwrap(), cells("a b,c d"), "{text:?}");
        }
        assert_eq!(read(b"a,b;c", Encoding::Utf8).unwrap(), cells("a b;c"));
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_shows_them() {
        for line in ["\n", "\r\n", "\r"] {
            let text = ["a", "", "\"b\n\nc\"", "d", "", "", "e", ""].join(line);
            let rows = read(text.as_bytes(), Encoding::Utf8).unwrap();
            assert_eq!(rows.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 3, 4, 7], "{line:?}");
        }
    }
}
