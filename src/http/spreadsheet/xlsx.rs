//! A table as a workbook: columns as wide as what is in them, rows as high. LibreOffice computes no heights of its own for text
//! that is wrapped, and Excel does not when a file says none of its widths.

use std::borrow::Cow;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format as Style, FormatAlign, Workbook, XlsxError};
use unicode_width::UnicodeWidthStr;

use super::{Cell, Table};

/// Characters that a column is wide at least, and at most: an id, which is read as one word, and a column that one can read.
const NARROWEST: usize = 8;
const WIDEST: usize = 48;

/// Points of a line, in the font that Thai falls back to, and of the highest row of Excel.
const LINE: f64 = 16.0;
const HIGHEST: f64 = 409.0;

/// Characters across a page that can still be read; wider tables are printed beside one another.
const PRINTED: usize = 200;

/// Characters of the name of a sheet.
const LONGEST_NAME: usize = 31;

/// Excel's number for A4.
const A4: u8 = 9;

impl Table {
    pub fn to_xlsx(&self, name: &str) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        // The same table is the same file, whenever it is made.
        let always = ExcelDateTime::from_ymd(2000, 1, 1)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&always));
        let sheet = workbook.add_worksheet();
        // Longer names are not allowed.
        sheet.set_name(name.chars().take(LONGEST_NAME).collect::<String>())?;
        sheet.set_freeze_panes(1, 0)?;
        sheet.set_repeat_rows(0, 0)?;
        sheet.set_landscape().set_paper_size(A4);
        let style = |format: &str| Style::new().set_num_format(format).set_align(FormatAlign::Top);
        let wrap = Style::new().set_text_wrap().set_align(FormatAlign::Top);
        let (head, plain) = (wrap.clone().set_bold(), Style::new().set_align(FormatAlign::Top));
        let (money, day, time) = (style("#,##0.00"), style("yyyy-mm-dd"), style("yyyy-mm-dd hh:mm:ss"));
        let heads: Vec<String> = self.columns.iter().map(Cell::to_csv).collect();
        let widths = self.widths();
        if widths.iter().sum::<usize>() <= PRINTED {
            sheet.set_print_fit_to_pages(1, 0);
        }
        for (column, (name, width)) in (0..).zip(heads.iter().zip(&widths)) {
            sheet.set_column_width(column, *width as f64 + 2.0)?;
            sheet.write_string_with_format(0, column, name, &head)?;
        }
        let high = heads.iter().zip(&widths).map(|(name, width)| lines(name, *width)).max();
        sheet.set_row_height(0, height(high.unwrap_or(1)))?;
        for (row, cells) in (1..).zip(&self.rows) {
            let mut most = 1;
            for (column, (cell, width)) in (0..).zip(cells.iter().zip(&widths)) {
                match cell {
                    Cell::Empty => continue,
                    Cell::Text(text) | Cell::Code(text, _) | Cell::Record(_, text) => {
                        let lines = lines(text, *width);
                        most = most.max(lines);
                        let style = if lines > 1 { &wrap } else { &plain };
                        sheet.write_string_with_format(row, column, truncated(text), style)?
                    }
                    Cell::Number(number) => sheet.write_number_with_format(row, column, *number, &plain)?,
                    Cell::Money(baht) => {
                        sheet.write_number_with_format(row, column, baht.satang() as f64 / 100.0, &money)?
                    }
                    Cell::Day(_) | Cell::Time(_) => {
                        let style = if matches!(cell, Cell::Day(_)) { &day } else { &time };
                        // Excel's calendar begins in 1900, and knows no offsets; days before that are text.
                        let text = cell.to_csv().replace("+07:00", "");
                        match ExcelDateTime::parse_from_str(&text) {
                            Ok(date) => sheet.write_datetime_with_format(row, column, date, style)?,
                            Err(_) => sheet.write_string_with_format(row, column, text, &plain)?,
                        }
                    }
                };
            }
            sheet.set_row_height(row, height(most))?;
        }
        workbook.save_to_buffer()
    }

    /// Columns of a terminal that the widest line of each column takes, within limits: marks above and below a letter take none.
    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self.columns.iter().map(|head| head.to_csv().width()).collect();
        for row in &self.rows {
            for (widest, cell) in widths.iter_mut().zip(row) {
                let needed = match cell {
                    Cell::Empty => 0,
                    Cell::Text(text) | Cell::Code(text, _) | Cell::Record(_, text) => {
                        text.lines().map(UnicodeWidthStr::width).max().unwrap_or_default()
                    }
                    Cell::Time(_) => "yyyy-mm-dd hh:mm:ss".len(),
                    // With the commas between thousands.
                    other => other.to_csv().len() + 3,
                };
                *widest = needed.max(*widest);
            }
        }
        widths.into_iter().map(|width| width.clamp(NARROWEST, WIDEST)).collect()
    }
}

/// Lines that a text takes in a column. Words are not broken, so that a line seldom is full.
fn lines(text: &str, column: usize) -> usize {
    let lines = text.lines().map(|line| match line.width() {
        width if width <= column => 1,
        width => (width * 10).div_ceil(column * 9),
    });
    lines.sum::<usize>().max(1)
}

fn height(lines: usize) -> f64 {
    (lines as f64 * LINE).min(HIGHEST)
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
    if lines.is_empty() {
        let mut room = MOST - 1;
        let fits = |c: &char| room.checked_sub(c.len_utf16()).map(|left| room = left).is_some();
        return format!("{}…", text.chars().take_while(fits).collect::<String>()).into();
    }
    format!("{}\n…", lines.join("\n")).into()
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use chrono::{DateTime, NaiveDate, Utc};

    use super::*;

    #[test]
    fn old_days_and_long_texts_fit_into_a_workbook() {
        let long = vec!["ก".repeat(1999); 100];
        let table = Table {
            columns: vec!["day".into(), "text".into()],
            rows: vec![
                vec![NaiveDate::from_ymd_opt(1850, 1, 1).into(), long[..].into()],
                vec![NaiveDate::from_ymd_opt(2299, 12, 31).into(), Cell::Text("ก".repeat(32_767))],
            ],
        };
        table.to_xlsx("data").unwrap();
        let cut = truncated(&long.join("\n")).into_owned();
        assert!(cut.encode_utf16().count() <= 32_767 && cut.ends_with("ก\n…"));
        assert_eq!(cut.lines().count(), 17);
        let one = truncated(&"😀".repeat(20_000)).into_owned();
        assert!(one.encode_utf16().count() <= 32_767 && one.chars().count() == 16_384 && one.ends_with("😀…"));
    }

    #[test]
    fn a_row_is_as_high_as_its_text_and_marks_take_no_room() {
        let id = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11";
        let table = Table {
            columns: vec!["id".into(), "text".into()],
            rows: vec![vec![id.into(), "ก\nข".into()], vec![Cell::Empty, "ที่นี่".repeat(100).into()]],
        };
        assert_eq!(table.widths(), [36, WIDEST]);
        assert_eq!((lines(id, 36), lines("ก\nข", 8), lines("", 8)), (1, 2, 1));
        assert_eq!(lines(&"ที่นี่".repeat(100), WIDEST), 5);
        assert_eq!(("ที่นี่".width(), height(1), height(1000)), (2, LINE, HIGHEST));
        let sheet = sheet(&table);
        for row in
            ["<row r=\"2\" spans=\"1:2\" ht=\"32.25\" customHeight=\"1\">", "<row r=\"3\" spans=\"1:2\" ht=\"80.25\""]
        {
            assert!(sheet.contains(row), "{sheet}");
        }
    }

    #[test]
    fn days_and_times_are_dates_on_the_clock_of_bangkok() {
        let at = "2024-04-11T17:30:00Z".parse::<DateTime<Utc>>().unwrap();
        let day = NaiveDate::from_ymd_opt(2024, 4, 12);
        let table = Table { columns: vec!["at".into(), "day".into()], rows: vec![vec![at.into(), day.into()]] };
        // Days since 1900, and the first half hour of one.
        let sheet = sheet(&table);
        assert!(sheet.contains("<v>45394.0208333") && sheet.contains("<v>45394</v>"), "{sheet}");
        let csv = String::from_utf8(table.to_csv().unwrap()).unwrap();
        assert!(csv.ends_with("2024-04-12T00:30:00+07:00,2024-04-12\r\n"), "{csv}");
    }

    fn sheet(table: &Table) -> String {
        let mut archive = zip::ZipArchive::new(Cursor::new(table.to_xlsx("data").unwrap())).unwrap();
        let mut text = String::new();
        let mut sheets = String::new();
        archive.by_name("xl/workbook.xml").unwrap().read_to_string(&mut sheets).unwrap();
        assert!(sheets.contains("<sheet name=\"data\""), "{sheets}");
        archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut text).unwrap();
        text
    }
}
