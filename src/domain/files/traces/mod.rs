//! What a file tells about its author: places, times, devices, people. Read for the sender, who may not know.

mod audio;
mod document;
mod exif;
mod iptc;
mod picture;
mod video;
mod xmp;

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

use super::types::Media;
use super::{bytes, text};
use crate::domain::text::cleaned;

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
    #[serde(rename_all = "snake_case")]
    pub enum TraceKind = "FileTraceKind" ("สิ่งที่ไฟล์บอกเกี่ยวกับผู้ทำ", "Kind of what a file says about its author.") {
        Place = "place" (
            "สถานที่", "place",
            "พิกัดหรือชื่อสถานที่ที่สร้างไฟล์",
            "Where it was made: degrees of latitude and longitude where the format has them."
        ),
        Time = "time" (
            "เวลา", "time",
            "เวลาที่สร้าง แก้ไข หรือพิมพ์",
            "When it was made, changed or printed, as the format writes it."
        ),
        Device = "device" (
            "อุปกรณ์", "device",
            "ยี่ห้อและรุ่น",
            "Maker and model of the device."
        ),
        SerialNumber = "serial_number" (
            "หมายเลขเครื่อง", "serial number",
            "หมายเลขประจำอุปกรณ์",
            "Serial number of the device."
        ),
        Person = "person" (
            "บุคคล", "person",
            "ชื่อผู้จัดทำหรือเจ้าของ",
            "Name of an author or owner."
        ),
        Organisation = "organisation" (
            "หน่วยงาน", "organisation",
            "ชื่อหน่วยงาน",
            "Name of an organisation."
        ),
        Software = "software" (
            "โปรแกรม", "software",
            "โปรแกรมที่ใช้สร้างไฟล์",
            "Program that made the file."
        ),
        Comment = "comment" (
            "ข้อความกำกับ", "comment",
            "ชื่อเรื่อง คำอธิบาย และความเห็น",
            "Titles, descriptions and comments."
        ),
        Picture = "picture" (
            "ภาพภายใน", "picture",
            "ภาพตัวอย่าง ภาพอื่น หรือวิดีโอที่อยู่ภายใน",
            "A thumbnail, a further picture or a video inside."
        ),
        Unread = "unread" (
            "ส่วนที่อ่านไม่ได้", "unread",
            "ส่วนที่อ่านไม่ได้ และอาจบอกข้อมูลอื่นอีก",
            "A part that could not be read, and may say more."
        ),
    }
}

/// A piece of metadata in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FileTrace)]
pub struct Trace {
    /// What the value reveals.
    pub kind: TraceKind,
    /// Value in the file, without invisible characters, truncated to 200 characters.
    #[schema(max_length = 200, example = "15.18432, 100.12473")]
    pub value: String,
}

const MOST_TRACES: usize = 100;

/// Of these, kept free for what could not be read.
const ROOM_FOR_UNREAD: usize = 10;

/// Characters of a value.
const LONGEST: usize = 200;

/// Bytes of a value that are looked at, so that none costs more than it can tell.
const LARGEST_VALUE: usize = 4096;

/// Each once, in the order of the file; at most a hundred. Nothing for plain text.
pub fn traces(media: Media, file: &[u8]) -> Vec<Trace> {
    let mut found = Found::default();
    match media {
        Media::Jpeg => picture::jpeg(file, &mut found),
        Media::Png => picture::png(file, &mut found),
        Media::Webp => picture::webp(file, &mut found),
        Media::Heic | Media::Avif => picture::heif(file, &mut found),
        Media::Pdf => document::pdf(file, &mut found),
        Media::Docx | Media::Xlsx | Media::Pptx => document::ooxml(file, &mut found),
        Media::Mp3 | Media::Aac => audio::mpeg(file, &mut found),
        Media::Ogg => audio::ogg(file, &mut found),
        Media::Wav => audio::wav(file, &mut found),
        Media::Mp4 | Media::Mov | Media::M4a | Media::ThreeGp => video::boxes(file, &mut found),
        Media::Amr | Media::Text => {}
    }
    // Packets of XMP are the same in all of them, and made to be found without knowing the format.
    if media != Media::Text {
        xmp::packets(file, &mut found);
    }
    found.0
}

#[derive(Default)]
struct Found(Vec<Trace>);

impl Found {
    fn add(&mut self, kind: TraceKind, value: &str) {
        let most = MOST_TRACES - if kind == TraceKind::Unread { 0 } else { ROOM_FOR_UNREAD };
        if self.0.len() >= most {
            return;
        }
        // Ten times as many may be white space and the like.
        let start: String = value.chars().take(10 * LONGEST).filter(|c| *c != '\u{FFFD}').collect();
        let seen = cleaned(&start).replace(['\n', '\t'], " ");
        let degrees = (kind == TraceKind::Place).then(|| degrees(seen.trim())).flatten();
        let value: String = degrees.as_deref().unwrap_or(seen.trim()).chars().take(LONGEST).collect();
        let trace = Trace { kind, value };
        if !trace.value.is_empty() && !self.0.contains(&trace) {
            self.0.push(trace);
        }
    }

    /// Bytes in whatever encoding the program had.
    fn add_bytes(&mut self, kind: TraceKind, value: &[u8]) {
        let value = bytes::start(value, LARGEST_VALUE);
        let end = value.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        // The last zero can be half a character.
        let is_wide = value.starts_with(&[0xFF, 0xFE]) && end % 2 == 1;
        let value = bytes::start(value, end + usize::from(is_wide));
        self.add(kind, &text::decode(value).unwrap_or_else(|| String::from_utf8_lossy(value).into_owned()));
    }

    /// A value by its key, if keys of that name tell of anything.
    fn add_named(&mut self, key: &str, value: &str) {
        if let Some(kind) = kind(key) {
            self.add(kind, value);
        }
    }
}

/// The start of a value in UTF-8.
fn utf8(value: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes::start(value, LARGEST_VALUE))
}

/// Degrees as maps take them, from ISO 6709: `+15.1843+100.1247+021.000/`.
fn degrees(place: &str) -> Option<String> {
    let (latitude, rest) = signed(place)?;
    coordinates(latitude, signed(rest)?.0)
}

/// A sign and a number in digits, and what follows.
fn signed(text: &str) -> Option<(f64, &str)> {
    let digits = text.strip_prefix(['+', '-'])?;
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    Some((text.strip_suffix(rest)?.parse().ok()?, rest))
}

/// Degrees of latitude and longitude as maps take them, if they are on Earth.
fn coordinates(latitude: f64, longitude: f64) -> Option<String> {
    (latitude.abs() <= 90.0 && longitude.abs() <= 180.0).then(|| format!("{latitude:.5}, {longitude:.5}"))
}

/// What a key of any format means, by its last part: `dc:creator`, `com.apple.quicktime.make`, `ARTIST`.
fn kind(key: &str) -> Option<TraceKind> {
    let name = key.rsplit([':', '.', '/']).next()?.to_ascii_lowercase().replace(['-', '_', ' '], "");
    Some(match &*name {
        "artist" | "author" | "authors" | "creator" | "lastmodifiedby" | "manager" | "byline" | "owner"
        | "ownername" | "cameraownername" | "performer" | "composer" | "albumartist" | "copyright" | "rights"
        | "contact" | "engineer" | "encodedby" | "captionwriter" => TraceKind::Person,
        "company" | "organization" | "organisation" | "publisher" | "credit" | "source" => TraceKind::Organisation,
        "software" | "encoder" | "creatortool" | "softwareagent" | "producer" | "application" | "version"
        | "template" => TraceKind::Software,
        "make" | "model" | "device" | "manufacturer" | "lens" | "lensmodel" | "hostcomputer" => TraceKind::Device,
        "serialnumber" | "bodyserialnumber" | "lensserialnumber" => TraceKind::SerialNumber,
        "date" | "createdate" | "creationdate" | "moddate" | "modifydate" | "metadatadate" | "creationtime"
        | "created" | "modified" | "lastprinted" | "datecreated" | "datetimeoriginal" => TraceKind::Time,
        "location" | "iso6709" | "gpslatitude" | "gpslongitude" | "city" | "state" | "country" => TraceKind::Place,
        "title" | "subject" | "description" | "comment" | "comments" | "keywords" | "headline" | "category"
        | "hyperlinkbase" | "usercomment" => TraceKind::Comment,
        _ => return None,
    })
}
