//! Content negotiation: the media types of responses, and the one that a request prefers.

use actix_web::HttpRequest;
use actix_web::http::header;
use serde::{Deserialize, Serialize};

use crate::error::{Code, Result};
use crate::http::params::joined;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    JsonLd,
    Csv,
    Xlsx,
    Docx,
    Html,
    Text,
    Xml,
    Atom,
    GeoJson,
}

/// Formats of lists and statistics.
pub const TABLE: &[Format] = &[Format::Json, Format::Csv, Format::Xlsx];

/// Formats of reports.
pub const REPORT: &[Format] = &[Format::Json, Format::Html, Format::Csv, Format::Xlsx, Format::Docx];

/// Formats of what programs ask for and people open in a browser.
pub const EXPLANATION: &[Format] = &[Format::Json, Format::Html];

/// Formats of a record that others link to.
pub const RECORD: &[Format] = &[Format::Json, Format::JsonLd];

entity::codes! {
    #[derive(Clone, Copy, Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum TableFormat = "TableFormat" ("รูปแบบของตาราง", "Format of a list or of statistics. It takes precedence over `Accept`.") {
        Json = "json" (
            "ข้อมูลสำหรับโปรแกรม (JSON)", "JSON",
            "ให้โปรแกรมอ่าน",
            "For programs."
        ),
        Csv = "csv" (
            "ตารางคำนวณ (CSV)", "CSV",
            "เปิดด้วยโปรแกรมตารางคำนวณ",
            "A table as text (RFC 4180)."
        ),
        Xlsx = "xlsx" (
            "ตารางคำนวณ (Excel)", "Excel workbook",
            "เปิดด้วยโปรแกรมตารางคำนวณ",
            "A workbook of Excel."
        ),
    }
}

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
    #[serde(rename_all = "snake_case")]
    pub enum ReportFormat = "ReportFormat" ("รูปแบบของรายงาน", "Format of a report. It takes precedence over `Accept`.") {
        Json = "json" (
            "ข้อมูลสำหรับโปรแกรม (JSON)", "JSON",
            "ให้โปรแกรมอ่าน",
            "For programs."
        ),
        Html = "html" (
            "หน้าเว็บสำหรับพิมพ์", "web page",
            "พิมพ์บนกระดาษ A4",
            "A page to read and to print."
        ),
        Csv = "csv" (
            "ตารางคำนวณ (CSV)", "CSV",
            "เปิดด้วยโปรแกรมตารางคำนวณ",
            "A table as text (RFC 4180)."
        ),
        Xlsx = "xlsx" (
            "ตารางคำนวณ (Excel)", "Excel workbook",
            "เปิดด้วยโปรแกรมตารางคำนวณ",
            "A workbook of Excel."
        ),
        Docx = "docx" (
            "เอกสาร Word", "Word document",
            "แก้ไขและพิมพ์ด้วยโปรแกรมเอกสาร",
            "A document to edit and to print."
        ),
    }
}

entity::codes! {
    #[derive(Clone, Copy, Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum RecordFormat = "RecordFormat" ("รูปแบบของข้อมูลหนึ่งรายการ", "Format of a record. It takes precedence over `Accept`.") {
        Json = "json" (
            "ข้อมูลสำหรับโปรแกรม (JSON)", "JSON",
            "ให้โปรแกรมอ่าน",
            "For programs."
        ),
        #[serde(rename = "jsonld")]
        JsonLd = "jsonld" (
            "ข้อมูลสำหรับเครื่องมือค้นหา (JSON-LD)", "JSON-LD",
            "คำศัพท์ของ schema.org",
            "Linked data in the vocabulary of schema.org."
        ),
    }
}

impl From<RecordFormat> for Format {
    fn from(format: RecordFormat) -> Self {
        match format {
            RecordFormat::Json => Format::Json,
            RecordFormat::JsonLd => Format::JsonLd,
        }
    }
}

impl From<TableFormat> for Format {
    fn from(format: TableFormat) -> Self {
        match format {
            TableFormat::Json => Format::Json,
            TableFormat::Csv => Format::Csv,
            TableFormat::Xlsx => Format::Xlsx,
        }
    }
}

impl From<ReportFormat> for Format {
    fn from(format: ReportFormat) -> Self {
        match format {
            ReportFormat::Json => Format::Json,
            ReportFormat::Html => Format::Html,
            ReportFormat::Csv => Format::Csv,
            ReportFormat::Xlsx => Format::Xlsx,
            ReportFormat::Docx => Format::Docx,
        }
    }
}

impl Format {
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::JsonLd => "application/ld+json",
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Format::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Format::Html => "text/html; charset=utf-8",
            Format::Text => "text/plain; charset=utf-8",
            Format::Xml => "text/xml; charset=utf-8",
            Format::Atom => "application/atom+xml",
            Format::GeoJson => "application/geo+json",
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::JsonLd => "jsonld",
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
            Format::Docx => "docx",
            Format::Html => "html",
            Format::Text => "txt",
            Format::Xml => "xml",
            Format::Atom => "atom",
            Format::GeoJson => "geojson",
        }
    }

    /// Whether a browser saves it rather than shows it.
    pub fn is_file(self) -> bool {
        matches!(self, Format::Csv | Format::Xlsx | Format::Docx)
    }

    /// The format that is asked for by name, or the best of `offered` by `Accept`; the first where all are equal.
    pub fn wanted(named: Option<Format>, request: &HttpRequest, offered: &[Format]) -> Result<Format> {
        if let Some(named) = named {
            return Ok(named);
        }
        let accepted = joined(request.headers(), &header::ACCEPT).unwrap_or_default();
        let mut best = None;
        for format in offered {
            let weight = weight(&accepted, format.media_type());
            if weight > best.map_or(0.0, |(_, most)| most) {
                best = Some((*format, weight));
            }
        }
        best.map(|(format, _)| format).ok_or_else(|| Code::NotAcceptable.into())
    }
}

/// How much `Accept` wants a media type, 0 to 1; the most specific range decides (RFC 9110, section 12.5.1).
pub fn weight(accepted: &str, media_type: &str) -> f32 {
    if accepted.trim().is_empty() {
        return 1.0;
    }
    let essence = media_type.split(';').next().unwrap_or_default();
    let family = essence.split('/').next().unwrap_or_default();
    let mut found = (0, 0.0);
    for range in accepted.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let range = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts
            .find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")))
            .map_or(1.0, |q| q.parse().unwrap_or(0.0));
        let specific = match &*range {
            range if range == essence => 3,
            range if range.strip_suffix("/*") == Some(family) => 2,
            "*/*" => 1,
            _ => 0,
        };
        if specific > found.0 {
            found = (specific, weight);
        }
    }
    found.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_range_decides() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8";
        for (accepted, media_type, expected) in [
            ("", "application/json", 1.0),
            ("*/*", "text/csv; charset=utf-8", 1.0),
            ("text/csv", "application/json", 0.0),
            ("text/*;q=0.5", "text/csv; charset=utf-8", 0.5),
            (browser, "text/html; charset=utf-8", 1.0),
            (browser, "application/json", 0.8),
            ("application/json;q=0, */*", "application/json", 0.0),
        ] {
            assert!((weight(accepted, media_type) - expected).abs() < 0.001, "{accepted} {media_type}");
        }
    }
}
