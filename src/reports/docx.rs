//! A report as a document for the officers who sign it: the memo on A4 upright, the tables on A4 in landscape.

use std::io::{self, Cursor};
use std::iter;

use docx_rs::{
    AlignmentType, Docx, Footer, PageMargin, PageNum, PageOrientationType, PageSize, Paragraph, Run, RunFonts, Section,
    SpecialIndentType, Tab, TabValueType, Table, TableCell, TableRow, WidthType,
};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::document::{Cell, Document, Grid, Signature};
use crate::domain::memo::Memo;
use crate::domain::thai;
use crate::http::spool::Out;

/// The font of Thai offices, for both scripts.
const FONT: &str = "TH SarabunPSK";

/// Half points: of tables, of the memo, and of its heading.
const SIZE: usize = 28;
const MEMO_SIZE: usize = 32;
const HEADING_SIZE: usize = 58;

/// The sides of A4, and margins, in twentieths of a point.
const SHORT: u32 = 11_906;
const LONG: u32 = 16_838;
const MARGIN: i32 = 850;
const MEMO_LEFT: i32 = 1_701;
const MEMO_RIGHT: i32 = 1_134;

/// Marks the rows that are heads.
const HEAD: f32 = 1.0;

/// The first line of a paragraph is indented by this.
const INDENT: i32 = 1_418;

pub fn write(out: Out<'_>, document: &Document) -> io::Result<()> {
    let mut package = build(document).build();
    package.document = completed(&package.document);
    let mut bytes = Cursor::new(Vec::new());
    package.pack(&mut bytes)?;
    // The library packs without compression.
    let mut packed = ZipArchive::new(bytes)?;
    let mut file = ZipWriter::new_stream(out);
    for index in 0..packed.len() {
        let mut part = packed.by_index(index)?;
        if part.is_dir() {
            continue;
        }
        file.start_file(part.name()?, SimpleFileOptions::DEFAULT)?;
        io::copy(&mut part, &mut file)?;
    }
    file.finish()?;
    Ok(())
}

fn build(document: &Document) -> Docx {
    let margin = PageMargin::new().top(MARGIN).bottom(MARGIN).left(MARGIN).right(MARGIN).footer(400);
    let fonts = RunFonts::new().ascii(FONT).hi_ansi(FONT).cs(FONT).east_asia(FONT);
    let mut docx = Docx::new()
        .page_size(LONG, SHORT)
        .page_orient(PageOrientationType::Landscape)
        .page_margin(margin)
        .default_fonts(fonts)
        .default_size(SIZE);
    if let Some(memo) = &document.memo {
        docx = docx.add_section(memo_page(memo, &document.signatures));
    }
    docx = docx.footer(page_number());
    for line in &document.title {
        docx = docx.add_paragraph(Paragraph::new().align(AlignmentType::Center).add_run(run(line, SIZE + 4).bold()));
    }
    docx = docx.add_paragraph(Paragraph::new());
    docx = paragraphs(document.opening.as_deref(), SIZE).fold(docx, Docx::add_paragraph);
    for table in &document.tables {
        if let Some(caption) = &table.caption {
            docx = docx.add_paragraph(Paragraph::new().keep_next(true).add_run(run(caption, SIZE).bold()));
        }
        // Two tables without a paragraph between them would be one.
        docx = docx.add_table(grid(table)).add_paragraph(Paragraph::new());
    }
    for note in &document.notes {
        docx = docx.add_paragraph(Paragraph::new().add_run(run(note, SIZE)));
    }
    if !document.evidence.is_empty() {
        docx = docx.add_paragraph(Paragraph::new().keep_next(true).add_run(run("เอกสารหรือหลักฐาน", SIZE).bold()));
    }
    for evidence in &document.evidence {
        let line = format!("{}: {} {}", evidence.about, evidence.title, evidence.address);
        docx = docx.add_paragraph(Paragraph::new().indent(Some(INDENT), None, None, None).add_run(run(&line, SIZE)));
    }
    docx = paragraphs(document.closing.as_deref(), SIZE).fold(docx, Docx::add_paragraph);
    let room = LONG as usize - 2 * MARGIN as usize;
    if document.signatures.is_empty() { docx } else { docx.add_table(places_to_sign(&document.signatures, room)) }
}

fn memo_page(memo: &Memo, signatures: &[Signature]) -> Section {
    let margin = PageMargin::new().top(MARGIN).bottom(MARGIN).left(MEMO_LEFT).right(MEMO_RIGHT).footer(400);
    let size = PageSize::new().size(SHORT, LONG);
    let mut page = Section::new().page_size(size).page_margin(margin).footer(page_number());
    let heading = run("บันทึกข้อความ", HEADING_SIZE).bold();
    page = page.add_paragraph(Paragraph::new().align(AlignmentType::Center).add_run(heading));
    let name = |name: &str| run(name, MEMO_SIZE + 4).bold();
    let text = |text: &str| run(&format!("  {text}"), MEMO_SIZE);
    let line = |(label, content): (&str, &str)| Paragraph::new().add_run(name(label)).add_run(text(content));
    let heads = memo.heads();
    let [from, number, (date, day), subject] = heads.each_ref().map(|(name, text)| (*name, &**text));
    let number = line(number)
        .add_tab(Tab::new().val(TabValueType::Left).pos(4_500))
        .add_run(Run::new().add_tab())
        .add_run(name(date))
        .add_run(text(day));
    page = page.add_paragraph(line(from)).add_paragraph(number).add_paragraph(line(subject));
    for to in memo.addressees() {
        page = page.add_paragraph(Paragraph::new().add_run(run("เรียน", MEMO_SIZE)).add_run(text(to)));
    }
    for section in &memo.sections {
        let heading = Paragraph::new().keep_next(true).add_run(run(&section.heading, MEMO_SIZE).bold());
        page = paragraphs(Some(&section.text), MEMO_SIZE).fold(page.add_paragraph(heading), Section::add_paragraph);
        for (number, item) in (1..).zip(&section.items) {
            let item = format!("({}) {item}", thai::digits(number));
            page = paragraphs(Some(&item), MEMO_SIZE).fold(page, Section::add_paragraph);
        }
    }
    page = paragraphs(memo.closing.as_deref(), MEMO_SIZE).fold(page, Section::add_paragraph);
    let room = SHORT as usize - (MEMO_LEFT + MEMO_RIGHT) as usize;
    if signatures.is_empty() { page } else { page.add_table(places_to_sign(signatures, room)) }
}

/// A paragraph for each line, its first line indented.
fn paragraphs(text: Option<&str>, size: usize) -> impl Iterator<Item = Paragraph> {
    let indented = || Paragraph::new().indent(None, Some(SpecialIndentType::FirstLine(INDENT)), None, None);
    text.unwrap_or_default().lines().map(move |line| indented().add_run(run(line, size)))
}

/// The number of the page.
fn page_number() -> Footer {
    Footer::new().add_paragraph(Paragraph::new().align(AlignmentType::Center).add_page_num(PageNum::new()))
}

/// What the library has no word for: heads of tables stand on every page (ECMA-376, part 1, 17.4.78), which are the rows of a marked
/// height, and pages have Thai numbers (17.6.12). LibreOffice prints them in Arabic digits; of the switch `PAGE \* ThaiArabic` of the
/// field, which Word prints alike, it makes Thai letters.
fn completed(document: &[u8]) -> Vec<u8> {
    let columns = "<w:cols ";
    String::from_utf8_lossy(document)
        .replace(&format!("<w:trHeight w:val=\"{HEAD}\" w:hRule=\"atLeast\" />"), "<w:tblHeader />")
        .replace(columns, &format!("<w:pgNumType w:fmt=\"thaiNumbers\" />{columns}"))
        .into_bytes()
}

fn grid(table: &Grid) -> Table {
    let room = (LONG as usize) - 2 * MARGIN as usize;
    let widths: Vec<usize> = table.columns.iter().map(|column| room * usize::from(column.width) / 100).collect();
    let cell = |width: usize| TableCell::new().width(width, WidthType::Dxa);
    let head = widths.iter().zip(&table.columns).map(|(width, column)| {
        let name = Paragraph::new().align(AlignmentType::Center).add_run(run(&column.label.th, SIZE).bold());
        cell(*width).add_paragraph(name)
    });
    let mut rows = vec![TableRow::new(head.collect()).cant_split().row_height(HEAD)];
    for row in &table.rows {
        let cells = widths
            .iter()
            .zip(row)
            .map(|(width, content)| cell_paragraphs(content).fold(cell(*width), TableCell::add_paragraph));
        rows.push(TableRow::new(cells.collect()));
    }
    if table.rows.is_empty() {
        let whole = cell(room).grid_span(widths.len());
        rows.push(TableRow::new(vec![whole.add_paragraph(Paragraph::new().add_run(run(&table.if_empty, SIZE)))]));
    }
    Table::new(rows).set_grid(widths).width(room, WidthType::Dxa)
}

fn cell_paragraphs(cell: &Cell) -> impl Iterator<Item = Paragraph> {
    let align = if cell.is_figure() { AlignmentType::Right } else { AlignmentType::Left };
    let mut lines = cell.lines();
    if lines.is_empty() {
        // A cell without a paragraph is no valid document.
        lines.push(String::new());
    }
    lines.into_iter().map(move |line| Paragraph::new().align(align).add_run(run(&line, SIZE)))
}

/// The places to sign, side by side.
fn places_to_sign(signatures: &[Signature], room: usize) -> Table {
    let width = room / signatures.len();
    let cell = |signature: &Signature| {
        let lines = signature.lines().into_iter();
        // A line is left above them, where a name is written.
        let lines = iter::once(String::new()).chain(lines);
        let lines = lines.map(|line| Paragraph::new().align(AlignmentType::Center).add_run(run(&line, SIZE)));
        lines.fold(TableCell::new().width(width, WidthType::Dxa), TableCell::add_paragraph)
    };
    let rows = vec![TableRow::new(signatures.iter().map(cell).collect()).cant_split()];
    Table::without_borders(rows).set_grid(vec![width; signatures.len()]).width(room, WidthType::Dxa)
}

fn run(text: &str, size: usize) -> Run {
    Run::new().add_text(text).size(size)
}
