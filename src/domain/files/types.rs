//! Types of files, by content alone: the name and media type given by the sender are ignored.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::archive::{ooxml, zip};
use super::audio::{amr, mpeg, ogg, wav};
use super::image::{jpeg, png, webp};
use super::{boxes, pdf, signature, text};

/// What can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    Jpeg,
    Png,
    Webp,
    Heic,
    Avif,
    Pdf,
    Docx,
    Xlsx,
    Pptx,
    Mp3,
    Aac,
    M4a,
    Ogg,
    Amr,
    Wav,
    Mp4,
    Mov,
    ThreeGp,
    Text,
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// None of the types that can be sent, or not whole.
    Unknown,
    /// Which type it is depends on the program that reads it.
    Ambiguous,
    /// It would become too large where it is opened.
    Bomb,
}

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Finding = "FileFinding" ("สิ่งที่ควรระวังในไฟล์", "Dangerous or unusual content of a file.") {
        Script = "script" (
            "มีสคริปต์", "script",
            "มี JavaScript หรือภาพหรือหน้าเว็บที่มีสคริปต์",
            "It has JavaScript, or a drawing or page with a script."
        ),
        Macros = "macros" (
            "มีมาโคร", "macros",
            "มีมาโครของ Office (VBA หรือ Excel 4.0)",
            "It has macros of Office (VBA, or Excel 4.0 macro sheets)."
        ),
        Executable = "executable" (
            "มีโปรแกรม", "executable",
            "มีโปรแกรมของ Windows, Linux หรือ macOS หรือเชลล์สคริปต์",
            "It has a program for Windows, Linux or macOS, or a shell script."
        ),
        EmbeddedObject = "embedded_object" (
            "มีวัตถุ OLE", "embedded object",
            "มีวัตถุ OLE ฝังอยู่",
            "It has an OLE object."
        ),
        #[serde(rename = "activex")]
        ActiveX = "activex" (
            "มี ActiveX", "ActiveX control",
            "มีตัวควบคุม ActiveX",
            "It has an ActiveX control."
        ),
        RemoteContent = "remote_content" (
            "มีเนื้อหาจากเครือข่าย", "remote content",
            "โหลดหรือส่งข้อมูลผ่านเครือข่ายเมื่อเปิดหรือใช้",
            "It loads or sends data over the network when it is opened or used."
        ),
        LaunchAction = "launch_action" (
            "มีคำสั่งเปิดโปรแกรม", "launch action",
            "เริ่มโปรแกรมหรือเปิดไฟล์อื่น",
            "It starts a program or opens another file."
        ),
        EmbeddedFile = "embedded_file" (
            "มีไฟล์ฝังอยู่", "embedded file",
            "มีเอกสารหรือไฟล์อื่นฝังอยู่",
            "It has another document or file embedded."
        ),
        Archive = "archive" (
            "มีไฟล์บีบอัด", "archive",
            "มีไฟล์บีบอัด (ZIP, RAR, 7z, gzip) อยู่ภายในหรือต่อท้าย",
            "It has an archive (ZIP, RAR, 7z, gzip) within or behind it."
        ),
        Encrypted = "encrypted" (
            "มีส่วนที่เข้ารหัส", "encrypted",
            "มีส่วนที่เข้ารหัส หรือใหญ่หรือผิดปกติเกินกว่าจะตรวจได้",
            "A part of it is encrypted, or too large or too unusual to be examined."
        ),
        HiddenData = "hidden_data" (
            "มีข้อมูลซ่อน", "hidden data",
            "มีข้อมูลที่ไม่อยู่ในรูปแบบที่รู้จัก หรือมีรูปแบบที่สอง",
            "It has bytes of no known part, or a second format."
        ),
    }
}

/// What a file is, and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    pub media: Media,
    pub findings: BTreeSet<Finding>,
    /// Whether `image::without_metadata` makes a copy.
    pub has_view: bool,
}

impl Examined {
    /// A file without a view.
    pub fn of(media: Media, findings: impl IntoIterator<Item = Finding>) -> Self {
        Self { media, findings: findings.into_iter().collect(), has_view: false }
    }

    pub fn with_view(self) -> Self {
        Self { has_view: true, ..self }
    }
}

/// The media type and the extensions of names, the usual one first.
type Row = (Media, &'static str, &'static [&'static str]);

const ALL: [Row; 19] = [
    (Media::Jpeg, "image/jpeg", &["jpg", "jpeg"]),
    (Media::Png, "image/png", &["png"]),
    (Media::Webp, "image/webp", &["webp"]),
    (Media::Heic, "image/heic", &["heic", "heif"]),
    (Media::Avif, "image/avif", &["avif"]),
    (Media::Pdf, "application/pdf", &["pdf"]),
    (Media::Docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"]),
    (Media::Xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"]),
    (Media::Pptx, "application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"]),
    (Media::Mp3, "audio/mpeg", &["mp3"]),
    (Media::Aac, "audio/aac", &["aac"]),
    (Media::M4a, "audio/mp4", &["m4a"]),
    (Media::Ogg, "audio/ogg", &["ogg", "oga", "opus"]),
    (Media::Amr, "audio/amr", &["amr", "awb"]),
    (Media::Wav, "audio/wav", &["wav"]),
    (Media::Mp4, "video/mp4", &["mp4", "m4v"]),
    (Media::Mov, "video/quicktime", &["mov", "qt"]),
    (Media::ThreeGp, "video/3gpp", &["3gp", "3g2"]),
    // Not csv: Excel runs its formulas.
    (Media::Text, "text/plain", &["txt"]),
];

impl Media {
    /// The media type (RFC 6838), without parameters.
    pub fn media_type(self) -> &'static str {
        self.row().1
    }

    /// `None` for media types that nothing here is examined as.
    pub fn named(media_type: &str) -> Option<Self> {
        ALL.iter().find(|row| row.1 == media_type).map(|row| row.0)
    }

    /// The extensions that names of such files have, the usual one first.
    pub fn extensions(self) -> &'static [&'static str] {
        self.row().2
    }

    fn row(self) -> &'static Row {
        &ALL[self as usize]
    }
}

/// The type of a file, and what is dangerous in it. Linear in its length.
pub fn examine(file: &[u8]) -> Result<Examined, Unfit> {
    let mut examined = match by_signature(file) {
        // Its first bytes lie: what else it is depends on who reads it.
        Some(Err(Unfit::Unknown)) if pdf::is_within(file) => Err(Unfit::Ambiguous),
        // Words can look like signatures: "I'm free" like a box of unused room.
        Some(Err(Unfit::Unknown)) => text::examine_words(file),
        Some(walked) => walked,
        None if pdf::is_within(file) => pdf::examine(file),
        None if file.starts_with(signature::PDF) => text::examine_words(file),
        None => text::examine(file),
    }?;
    if !matches!(examined.media, Media::Docx | Media::Xlsx | Media::Pptx | Media::Pdf | Media::Text) {
        examined.findings.extend(signature::within(file));
    }
    Ok(examined)
}

fn by_signature(file: &[u8]) -> Option<Result<Examined, Unfit>> {
    Some(match file {
        [0xFF, 0xD8, 0xFF, ..] => jpeg::examine(file),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => webp::examine(file),
        [b'R', b'I' | b'F', b'F' | b'6', b'F' | b'4', _, _, _, _, b'W', b'A', b'V', b'E', ..] => wav::examine(file),
        _ if file.starts_with(png::SIGNATURE) => png::examine(file),
        _ if file.starts_with(zip::ENTRY) => ooxml::examine(file),
        _ if file.starts_with(b"OggS") => ogg::examine(file),
        _ if file.starts_with(b"#!AMR") => amr::examine(file),
        _ if boxes::begins(file) => boxes::examine(file),
        _ if mpeg::begins(file) => mpeg::examine(file),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_found_by_its_name() {
        for (index, (media, name, _)) in ALL.into_iter().enumerate() {
            assert_eq!((media as usize, Media::named(name), media.media_type()), (index, Some(media), name));
        }
    }
}
