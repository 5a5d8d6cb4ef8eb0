//! Tables as a workbook: columns as wide as what is in them, rows as high. LibreOffice computes no heights of its own for text
//! that is wrapped, and Excel does not when a file says none of its widths.

use std::borrow::Cow;
use std::io;
use std::iter::zip;

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format as Style, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use unicode_width::UnicodeWidthStr;

use super::fit::{HIGHEST, height, lines, pieces, truncated};
use super::{Cell, Table};
use crate::http::spool::{Keep, Out};

/// Characters that a column is wide at least, and at most: an id, which is read as one word, and a column that one can read.
const NARROWEST: usize = 8;
const WIDEST: usize = 48;

/// Characters across a page that can still be read; wider tables are printed beside one another.
const PRINTED: usize = 200;

/// The same of a report, whose columns share the page: as few as its highest row allows.
const PAGES: [usize; 3] = [140, 180, 230];

/// The highest part of a sheet that stays above the rows, in points.
const FROZEN: f64 = 240.0;

/// Characters of the name of a sheet.
const LONGEST_NAME: usize = 31;

/// Excel's number for A4.
const A4: u8 = 9;

/// A sheet of a workbook: a table, and what is printed around it. Nothing stands beside the table, so that it can be filtered and
/// pivoted.
pub struct Sheet<'a> {
    pub above: Vec<Block>,
    /// The heads of the columns of the table, and its rows.
    pub columns: Vec<Cell>,
    pub rows: &'a dyn Rows,
    pub below: Vec<Block>,
    /// Share of the page's width that each column takes, in per cent. Without them columns are as wide as their texts.
    pub shares: Vec<u8>,
    /// Rows at the end of the table that are sums of the others: they are neither filtered nor sorted.
    pub totals: u32,
}

/// Rows that can be gone through several times.
pub trait Rows {
    fn rows(&self) -> Box<dyn Iterator<Item = Cow<'_, [Cell]>> + '_>;
}

impl Rows for Table {
    fn rows(&self) -> Box<dyn Iterator<Item = Cow<'_, [Cell]>> + '_> {
        Box::new(self.rows.iter().map(Cow::from))
    }
}

/// A text across a sheet.
pub enum Block {
    Title(String),
    Heading(String),
    Paragraph(String),
    /// At the right.
    Signature(String),
}

impl<'a> From<&'a Table> for Sheet<'a> {
    fn from(table: &'a Table) -> Self {
        let columns = table.columns.clone();
        Self { above: Vec::new(), columns, rows: table, below: Vec::new(), shares: Vec::new(), totals: 0 }
    }
}

/// A workbook of these sheets. The name of the first is given, the others are numbered.
pub fn write(out: Out<'_>, keep: Keep, name: &str, sheets: &[Sheet<'_>]) -> io::Result<()> {
    workbook(out, keep, name, sheets).map_err(io::Error::other)
}

fn workbook(out: Out<'_>, keep: Keep, name: &str, sheets: &[Sheet<'_>]) -> Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    // The same table is the same file, whenever it is made.
    let always = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&always));
    for (number, content) in (1..).zip(sheets) {
        let number = if number > 1 { format!(" {number}") } else { String::new() };
        // Longer names are not allowed.
        let name: String = name.chars().take(LONGEST_NAME - number.len()).collect();
        // The rows of a sheet with constant memory are in a temporary file.
        let sheet = match keep {
            Keep::Anywhere => workbook.add_worksheet_with_constant_memory()?,
            Keep::InMemory => workbook.add_worksheet(),
        };
        sheet.set_name(name + &number)?;
        let end = content.write(sheet)?;
        // In that mode a last row that has a height is written twice, unless another row, which stays empty, is begun.
        if let Some(end) = end.filter(|_| keep == Keep::Anywhere) {
            sheet.write_blank(end, 0, &Style::new())?.clear_cell(end, 0);
        }
    }
    workbook.save_to_writer(out)
}

impl Sheet<'_> {
    /// Says which row follows, if the last one has a height of its own.
    fn write(&self, sheet: &mut Worksheet) -> Result<Option<u32>, XlsxError> {
        let widths = self.widths();
        sheet.set_landscape().set_paper_size(A4).set_footer("&C&P").set_default_row_height(height(1));
        if !self.shares.is_empty() || widths.iter().sum::<usize>() <= PRINTED {
            sheet.set_print_fit_to_pages(1, 0);
        }
        for (column, width) in (0..).zip(&widths) {
            sheet.set_column_width(column, *width as f64 + 2.0)?;
        }
        let styles = if self.shares.is_empty() { Styles::plain() } else { Styles::bordered() };
        let mut writer = Writer { sheet, widths, styles, row: 0, top: 0.0, is_high: false };
        // An empty row on each side, by which programs know where the table begins and ends.
        writer.blocks(&self.above)?;
        writer.row += u32::from(!self.above.is_empty());
        writer.table(self)?;
        writer.row += u32::from(!self.below.is_empty());
        writer.blocks(&self.below)?;
        Ok(Some(writer.row).filter(|_| writer.is_high))
    }

    /// Characters that each column is wide.
    fn widths(&self) -> Vec<usize> {
        if self.shares.is_empty() {
            return self.widths_of_texts();
        }
        let of_page = |page: usize| -> Vec<usize> {
            self.shares.iter().map(|share| (usize::from(*share) * page / 100).max(NARROWEST)).collect()
        };
        let fits = |widths: &Vec<usize>| self.rows.rows().all(|row| height(lines_of(&row, widths)) < HIGHEST);
        let [narrow, wide, widest] = PAGES.map(of_page);
        [narrow, wide].into_iter().find(fits).unwrap_or(widest)
    }

    /// Columns of a terminal that the widest line of each column takes, within limits: marks above and below a letter take none.
    fn widths_of_texts(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self.columns.iter().map(|head| head.to_csv().width()).collect();
        for row in self.rows.rows() {
            for (widest, cell) in zip(&mut widths, row.iter()) {
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

/// How cells are written.
struct Styles {
    head: Style,
    /// Of cells that have nothing but a border.
    blank: Option<Style>,
    plain: Style,
    wrap: Style,
    money: Style,
    day: Style,
    time: Style,
}

impl Styles {
    fn plain() -> Self {
        Self::of(Style::new().set_align(FormatAlign::Top))
    }

    fn bordered() -> Self {
        let plain = Style::new().set_align(FormatAlign::Top).set_border(FormatBorder::Thin);
        Self { blank: Some(plain.clone()), ..Self::of(plain) }
    }

    fn of(plain: Style) -> Self {
        let numbers = |format: &str| plain.clone().set_num_format(format);
        let wrap = plain.clone().set_text_wrap();
        Self {
            head: wrap.clone().set_bold(),
            blank: None,
            money: numbers("#,##0.00"),
            day: numbers("yyyy-mm-dd"),
            time: numbers("yyyy-mm-dd hh:mm:ss"),
            wrap,
            plain,
        }
    }
}

/// Writes a sheet from its top to its bottom.
struct Writer<'a> {
    sheet: &'a mut Worksheet,
    widths: Vec<usize>,
    styles: Styles,
    /// The next row, and points above it.
    row: u32,
    top: f64,
    /// Whether the row before has a height of its own.
    is_high: bool,
}

impl Writer<'_> {
    fn blocks(&mut self, blocks: &[Block]) -> Result<(), XlsxError> {
        blocks.iter().try_for_each(|block| self.block(block))
    }

    /// A text across the columns, in as many rows as it needs.
    fn block(&mut self, block: &Block) -> Result<(), XlsxError> {
        let wrap = Style::new().set_text_wrap().set_align(FormatAlign::Top);
        let centred = wrap.clone().set_align(FormatAlign::Center);
        let last = self.widths.len().saturating_sub(1);
        let (text, style, first) = match block {
            Block::Title(text) => (text, centred.set_bold(), 0),
            Block::Heading(text) => (text, wrap.set_bold(), 0),
            Block::Paragraph(text) => (text, wrap, 0),
            Block::Signature(text) => (text, centred, last.div_ceil(2)),
        };
        let width = self.widths[first..].iter().sum::<usize>().max(NARROWEST);
        let (Ok(first), Ok(last)) = (u16::try_from(first), u16::try_from(last)) else { return Ok(()) };
        for piece in pieces(text, width) {
            if first < last {
                self.sheet.merge_range(self.row, first, self.row, last, &piece, &style)?;
            } else {
                self.sheet.write_string_with_format(self.row, first, &piece, &style)?;
            }
            self.next_row(lines(&piece, width))?;
        }
        Ok(())
    }

    /// The head of the table stays on the screen and stands on every page.
    fn table(&mut self, content: &Sheet<'_>) -> Result<(), XlsxError> {
        let Some(last) = content.columns.len().checked_sub(1).and_then(|last| u16::try_from(last).ok()) else {
            return Ok(());
        };
        let head = self.row;
        for (column, cell) in (0..).zip(&content.columns) {
            self.sheet.write_string_with_format(head, column, cell.to_csv(), &self.styles.head)?;
        }
        self.next_row(lines_of(&content.columns, &self.widths))?;
        self.sheet.set_repeat_rows(head, head)?;
        if self.top <= FROZEN {
            self.sheet.set_freeze_panes(self.row, 0)?;
        }
        for row in content.rows.rows() {
            for (column, cell) in (0..).zip(row.iter()) {
                self.cell(column, cell)?;
            }
            self.next_row(lines_of(&row, &self.widths))?;
        }
        let filtered = (self.row - 1).saturating_sub(content.totals).max(head);
        self.sheet.autofilter(head, 0, filtered, last)?;
        Ok(())
    }

    fn cell(&mut self, column: u16, cell: &Cell) -> Result<(), XlsxError> {
        let (sheet, row, styles) = (&mut *self.sheet, self.row, &self.styles);
        match cell {
            Cell::Empty => match &styles.blank {
                Some(style) => sheet.write_blank(row, column, style)?,
                None => sheet,
            },
            Cell::Text(text) | Cell::Code(text, _) | Cell::Record(_, text) => {
                let is_wrapped = self.widths.get(usize::from(column)).is_some_and(|width| lines(text, *width) > 1);
                let style = if is_wrapped { &styles.wrap } else { &styles.plain };
                sheet.write_string_with_format(row, column, truncated(text), style)?
            }
            Cell::Number(number) => sheet.write_number_with_format(row, column, *number, &styles.plain)?,
            Cell::Money(baht) => {
                sheet.write_number_with_format(row, column, baht.satang() as f64 / 100.0, &styles.money)?
            }
            Cell::Day(_) | Cell::Time(_) => {
                let style = if matches!(cell, Cell::Day(_)) { &styles.day } else { &styles.time };
                // Excel's calendar begins in 1900, and knows no offsets; days before that are text.
                let text = cell.to_csv().replace("+07:00", "");
                match ExcelDateTime::parse_from_str(&text) {
                    Ok(date) => sheet.write_datetime_with_format(row, column, date, style)?,
                    Err(_) => sheet.write_string_with_format(row, column, text, &styles.plain)?,
                }
            }
        };
        Ok(())
    }

    /// Ends a row of so many lines.
    fn next_row(&mut self, lines: usize) -> Result<(), XlsxError> {
        // The library holds all heights in memory.
        self.is_high = lines > 1;
        if self.is_high {
            self.sheet.set_row_height(self.row, height(lines))?;
        }
        self.row += 1;
        self.top += height(lines);
        Ok(())
    }
}

/// Lines of the highest cell of a row.
fn lines_of(row: &[Cell], widths: &[usize]) -> usize {
    let of_cell = |(cell, width): (&Cell, &usize)| match cell {
        Cell::Text(text) | Cell::Code(text, _) | Cell::Record(_, text) => lines(text, *width),
        _ => 1,
    };
    row.iter().zip(widths).map(of_cell).max().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use chrono::{DateTime, NaiveDate, Utc};

    use super::*;
    use crate::http::spreadsheet::write_csv;

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
        write(&mut Vec::new(), Keep::Anywhere, "data", &[Sheet::from(&table)]).unwrap();
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
        assert_eq!(Sheet::from(&table).widths(), [36, WIDEST]);
        assert_eq!((lines(id, 36), lines("ก\nข", 8), lines("", 8)), (1, 2, 1));
        assert_eq!(lines(&"ที่นี่".repeat(100), WIDEST), 5);
        assert_eq!(("ที่นี่".width(), height(1), height(1000)), (2, 16.0, HIGHEST));
        for keep in [Keep::Anywhere, Keep::InMemory] {
            let sheet = sheet(keep, &table);
            for (row, height) in [("<row r=\"2\"", " ht=\"32.25\""), ("<row r=\"3\"", " ht=\"80.25\"")] {
                let starts: Vec<_> = sheet.match_indices(row).map(|(start, _)| &sheet[start..]).collect();
                assert_eq!(starts.len(), 1, "{row}: {sheet}");
                assert!(starts[0].split_once('>').unwrap().0.contains(height), "{height}: {sheet}");
            }
        }
    }

    #[test]
    fn days_and_times_are_dates_on_the_clock_of_bangkok() {
        let at = "2024-04-11T17:30:00Z".parse::<DateTime<Utc>>().unwrap();
        let day = NaiveDate::from_ymd_opt(2024, 4, 12);
        let table = Table { columns: vec!["at".into(), "day".into()], rows: vec![vec![at.into(), day.into()]] };
        // Days since 1900, and the first half hour of one.
        let mut csv = Vec::new();
        write_csv(&mut csv, table.rows()).unwrap();
        let csv = String::from_utf8(csv).unwrap();
        let sheet = sheet(Keep::Anywhere, &table);
        assert!(sheet.contains("<v>45394.0208333") && sheet.contains("<v>45394</v>"), "{sheet}");
        assert!(csv.ends_with("2024-04-12T00:30:00+07:00,2024-04-12\r\n"), "{csv}");
    }

    fn sheet(keep: Keep, table: &Table) -> String {
        let mut file = Cursor::new(Vec::new());
        write(&mut file, keep, "data", &[Sheet::from(table)]).unwrap();
        let mut archive = zip::ZipArchive::new(file).unwrap();
        let mut text = String::new();
        let mut sheets = String::new();
        archive.by_name("xl/workbook.xml").unwrap().read_to_string(&mut sheets).unwrap();
        assert!(sheets.contains("<sheet name=\"data\""), "{sheets}");
        archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut text).unwrap();
        text
    }
}
