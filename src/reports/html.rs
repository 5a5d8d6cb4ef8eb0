//! A report as a page that prints on A4: the memo upright, the tables in landscape.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::document::{Document, Grid, Signature};
use crate::domain::memo::Memo;
use crate::domain::thai;

const STYLE: &str = "\
@page { size: A4 landscape; margin: 15mm; @bottom-center { content: counter(page, thai); font: 14pt 'TH Sarabun New', 'TH SarabunPSK', 'Sarabun', 'Noto Sans Thai', 'Loma', sans-serif } }
@page memo { size: A4 portrait; margin: 20mm 20mm 20mm 30mm }
body { font: 14pt/1.45 'TH Sarabun New', 'TH SarabunPSK', 'Sarabun', 'Noto Sans Thai', 'Leelawadee UI', 'Tahoma', 'Loma', sans-serif; margin: 1rem auto; max-width: 267mm; color: #000; background: #fff }
h1 { font-size: 1.15em; text-align: center; margin: 0 0 1rem }
h1 span { display: block }
h2 { font-size: 1em; margin: 1rem 0 .3rem; break-after: avoid }
.memo { page: memo; break-after: page; max-width: 160mm; margin: 0 auto 3rem; line-height: 1.35 }
.memo h1 { font-size: 1.8em; margin-bottom: .3em }
.memo h2 { margin: .5em 0 .2em }
.memo .signatures { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; gap: .8em; margin-top: 1em; font-size: .9em }
.memo b { margin-right: .7em }
.memo header { border-bottom: 1px solid #000; margin-bottom: .7em }
.memo .two { display: flex }
.memo .two p { flex: 1 }
.text { text-indent: 2.5em; white-space: pre-line }
.item { margin-left: 2.5em; white-space: pre-line }
p { margin: 0 0 .2em }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th, td { border: 1px solid #000; padding: .3em .45em; vertical-align: top; overflow-wrap: break-word }
th { background: #eee }
td.figure { text-align: right; white-space: nowrap }
thead { display: table-header-group }
tr { break-inside: avoid }
td p { margin: 0 }
.signatures { display: flex; flex-wrap: wrap; justify-content: space-around; gap: 1.5em 2em; margin-top: 2em }
.signature { text-align: center; break-inside: avoid; margin-bottom: 1em }
.signature p { margin: 0 }
aside { border: 1px dashed #a00; color: #a00; margin-top: 1rem; padding: .5em 1em }
@media print { aside { display: none } body, .memo { margin: 0 2px; max-width: none } body { font-size: 12pt } .memo { font-size: 14pt } }";

/// The style is part of the page, and the page is the whole answer: nothing is fetched. What is missing is shown on the screen only.
pub fn render(document: &Document, missing: &[String]) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="th" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (document.title.join(" ")) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                @if let Some(memo) = &document.memo { (memo_page(memo, &document.signatures)) }
                main {
                    h1 { @for line in &document.title { span { (line) } } }
                    @if let Some(opening) = &document.opening { p.text { (opening) } }
                    @for table in &document.tables { (grid(table)) }
                    @for note in &document.notes { p { (note) } }
                    @if !document.evidence.is_empty() {
                        h2 { "เอกสารหรือหลักฐาน" }
                        @for evidence in &document.evidence {
                            p.item { (evidence.about) ": " (evidence.title) " " (evidence.address) }
                        }
                    }
                    @if let Some(closing) = &document.closing { p.text { (closing) } }
                    (signatures(&document.signatures))
                }
                @if !missing.is_empty() {
                    aside { p { "ข้อมูลที่ยังไม่ครบถ้วน (ส่วนนี้ไม่ปรากฏเมื่อพิมพ์)" } ul { @for line in missing { li { (line) } } } }
                }
            }
        }
    };
    page.into_string()
}

fn memo_page(memo: &Memo, signers: &[Signature]) -> Markup {
    let [from, number, date, subject] = memo.heads();
    let head = |(name, text): (&str, String)| html! { p { b { (name) } (text) } };
    html! {
        section.memo {
            h1 { "บันทึกข้อความ" }
            header {
                (head(from))
                div.two { (head(number)) (head(date)) }
                (head(subject))
            }
            @for to in memo.addressees() { p { b { "เรียน" } (to) } }
            @for section in &memo.sections {
                h2 { (section.heading) }
                p.text { (section.text) }
                @for (number, item) in (1..).zip(&section.items) {
                    p.item { "(" (thai::digits(number)) ") " (item) }
                }
            }
            @if let Some(closing) = &memo.closing { p.text { (closing) } }
            (signatures(signers))
        }
    }
}

fn grid(table: &Grid) -> Markup {
    html! {
        @if let Some(caption) = &table.caption { h2 { (caption) } }
        table {
            colgroup { @for column in &table.columns { col style={ "width:" (column.width) "%" }; } }
            thead { tr { @for column in &table.columns { th scope="col" { (column.label.th) } } } }
            tbody {
                @for row in &table.rows {
                    tr {
                        @for cell in row {
                            td class=[cell.is_figure().then_some("figure")] { @for line in cell.lines() { p { (line) } } }
                        }
                    }
                }
                @if table.rows.is_empty() {
                    tr { td colspan=(table.columns.len()) { (table.if_empty) } }
                }
            }
        }
    }
}

fn signatures(signatures: &[Signature]) -> Markup {
    html! {
        @if !signatures.is_empty() {
            div.signatures {
                @for signature in signatures {
                    div.signature { @for line in signature.lines() { p { (line) } } }
                }
            }
        }
    }
}
