//! A report as a document for the officers who sign it: A4, landscape.

use actix_web::web;
use docx_rs::{
    AlignmentType, Docx, PageMargin, PageOrientationType, Paragraph, Run, RunFonts, Table, TableCell, TableRow,
    WidthType,
};

use super::document::Document;
use crate::error::{Code, Error, Result};

/// The font of Thai offices, for both scripts.
const FONT: &str = "TH SarabunPSK";

/// Half points.
const SIZE: usize = 28;

/// A4 in twentieths of a point, and its margins.
const PAGE: (u32, u32) = (16_838, 11_906);
const MARGIN: i32 = 850;

pub async fn render(document: Document) -> Result<Vec<u8>> {
    let written = web::block(move || {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mut package = build(&document).build();
        package.document = with_repeated_head(&package.document);
        package.pack(&mut bytes).map(|()| bytes.into_inner())
    });
    written.await.map_err(Error::internal)?.map_err(|error| {
        tracing::error!(%error, "a document could not be written");
        Code::Internal.into()
    })
}

fn build(document: &Document) -> Docx {
    let margin = PageMargin::new().top(MARGIN).bottom(MARGIN).left(MARGIN).right(MARGIN);
    let fonts = RunFonts::new().ascii(FONT).hi_ansi(FONT).cs(FONT).east_asia(FONT);
    let mut docx = Docx::new()
        .page_size(PAGE.0, PAGE.1)
        .page_orient(PageOrientationType::Landscape)
        .page_margin(margin)
        .default_fonts(fonts)
        .default_size(SIZE);
    for line in &document.title {
        docx = docx.add_paragraph(Paragraph::new().align(AlignmentType::Center).add_run(bold(line)));
    }
    docx = docx.add_paragraph(Paragraph::new()).add_table(table(document));
    for note in &document.notes {
        docx = docx.add_paragraph(Paragraph::new().add_run(plain(note)));
    }
    docx
}

/// The first row of the table stands on every page (ECMA-376, part 1, 17.4.49): the library has no word for it.
fn with_repeated_head(document: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(document).replacen("<w:trPr>", "<w:trPr><w:tblHeader />", 1).into_bytes()
}

fn table(document: &Document) -> Table {
    let room = PAGE.0 as usize - 2 * MARGIN as usize;
    let widths: Vec<usize> = document.columns.iter().map(|column| room * usize::from(column.width) / 100).collect();
    let cell = |width: usize| TableCell::new().width(width, WidthType::Dxa);
    let head = widths.iter().zip(&document.columns).map(|(width, column)| {
        cell(*width).add_paragraph(Paragraph::new().align(AlignmentType::Center).add_run(bold(&column.label.th)))
    });
    let mut rows = vec![TableRow::new(head.collect()).cant_split()];
    for row in &document.rows {
        let cells = widths.iter().zip(row).map(|(width, lines)| {
            // A cell without a paragraph is no valid document.
            let lines = if lines.is_empty() { &[String::new()][..] } else { lines };
            lines.iter().fold(cell(*width), |cell, line| cell.add_paragraph(Paragraph::new().add_run(plain(line))))
        });
        rows.push(TableRow::new(cells.collect()));
    }
    if document.rows.is_empty() {
        let whole = cell(room).grid_span(widths.len());
        rows.push(TableRow::new(vec![whole.add_paragraph(Paragraph::new().add_run(plain(&document.if_empty)))]));
    }
    Table::new(rows).set_grid(widths).width(room, WidthType::Dxa)
}

fn plain(text: &str) -> Run {
    Run::new().add_text(text).size(SIZE)
}

fn bold(text: &str) -> Run {
    plain(text).bold()
}
