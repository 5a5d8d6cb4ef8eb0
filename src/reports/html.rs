//! A report as a page that prints on A4, landscape.

use maud::{DOCTYPE, PreEscaped, html};

use super::document::Document;

const STYLE: &str = "\
@page { size: A4 landscape; margin: 15mm }
body { font: 14pt/1.45 'TH Sarabun New', 'TH SarabunPSK', 'Sarabun', 'Noto Sans Thai', 'Leelawadee UI', 'Tahoma', 'Loma', sans-serif; margin: 1rem auto; max-width: 267mm; color: #000; background: #fff }
h1 { font-size: 1.15em; text-align: center; margin: 0 0 1rem }
h1 span { display: block }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th, td { border: 1px solid #000; padding: .3em .45em; vertical-align: top; overflow-wrap: break-word }
th { background: #eee }
thead { display: table-header-group }
tr { break-inside: avoid }
td p { margin: 0 }
aside { border: 1px dashed #a00; color: #a00; margin-top: 1rem; padding: .5em 1em }
@media print { aside { display: none } body { margin: 0 2px; max-width: none; font-size: 12pt } }";

/// The style is part of the page, and the page is the whole answer: nothing is fetched.
pub fn render(document: &Document) -> String {
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
                h1 { @for line in &document.title { span { (line) } } }
                table {
                    colgroup { @for column in &document.columns { col style={ "width:" (column.width) "%" }; } }
                    thead { tr { @for column in &document.columns { th scope="col" { (column.label.th) } } } }
                    tbody {
                        @for row in &document.rows {
                            tr { @for cell in row { td { @for line in cell { p { (line) } } } } }
                        }
                        @if document.rows.is_empty() {
                            tr { td colspan=(document.columns.len()) { (document.if_empty) } }
                        }
                    }
                }
                @for note in &document.notes { p { (note) } }
                @if !document.missing.is_empty() {
                    aside { p { "ข้อมูลที่ยังไม่ครบถ้วน (ส่วนนี้ไม่ปรากฏเมื่อพิมพ์)" } ul { @for line in &document.missing { li { (line) } } } }
                }
            }
        }
    };
    page.into_string()
}
