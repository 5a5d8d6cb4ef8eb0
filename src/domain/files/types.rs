//! File type detection by content alone; rejects files that are valid as more than one type. The name given by the
//! sender is ignored.

use super::{image, zip};

/// What can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    Jpeg,
    Png,
    Webp,
    Pdf,
    Docx,
    Xlsx,
    Mp3,
    Mp4,
    Text,
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// None of the types that can be sent, or not whole.
    Unknown,
    /// It is something else as well, to a program that reads it differently.
    Ambiguous,
    Macros,
    /// An archive, or a document, within the document.
    Nested,
    /// It would become too large where it is opened.
    Bomb,
}

const ALL: [Media; 9] =
    [Media::Jpeg, Media::Png, Media::Webp, Media::Pdf, Media::Docx, Media::Xlsx, Media::Mp3, Media::Mp4, Media::Text];

/// Where readers of PDF look for its header.
const PDF_HEADER_WITHIN: usize = 1024;

impl Media {
    pub fn media_type(self) -> &'static str {
        match self {
            Media::Jpeg => "image/jpeg",
            Media::Png => "image/png",
            Media::Webp => "image/webp",
            Media::Pdf => "application/pdf",
            Media::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Media::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Media::Mp3 => "audio/mpeg",
            Media::Mp4 => "video/mp4",
            Media::Text => "text/plain",
        }
    }

    pub fn named(media_type: &str) -> Option<Self> {
        ALL.into_iter().find(|media| media.media_type() == media_type)
    }

    /// The ends that names of such files have, the usual one first.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Media::Jpeg => &["jpg", "jpeg"],
            Media::Png => &["png"],
            Media::Webp => &["webp"],
            Media::Pdf => &["pdf"],
            Media::Docx => &["docx"],
            Media::Xlsx => &["xlsx"],
            Media::Mp3 => &["mp3"],
            Media::Mp4 => &["mp4", "m4v"],
            Media::Text => &["txt", "csv", "log"],
        }
    }

    /// What a file is.
    pub fn of(file: &[u8]) -> Result<Self, Unfit> {
        let media = match infer::get(file).map(|kind| kind.mime_type()) {
            Some("image/jpeg") => image::is_jpeg(file).map(|()| Media::Jpeg)?,
            Some("image/png") => image::is_png(file).map(|()| Media::Png)?,
            Some("image/webp") => image::is_webp(file).map(|()| Media::Webp)?,
            Some("application/pdf") => pdf(file)?,
            Some("audio/mpeg") => Media::Mp3,
            Some("video/mp4") => Media::Mp4,
            _ if file.starts_with(zip::ENTRY) => zip::document(file)?,
            // Some texts begin like another type: by its first two bytes, "BM", a text can be a bitmap.
            _ => text(file)?,
        };
        let start = &file[..file.len().min(PDF_HEADER_WITHIN)];
        let is_archive = matches!(media, Media::Docx | Media::Xlsx);
        if (media != Media::Pdf && find(start, b"%PDF-").is_some()) || (!is_archive && zip::is_within(file)) {
            return Err(Unfit::Ambiguous);
        }
        Ok(media)
    }
}

fn pdf(file: &[u8]) -> Result<Media, Unfit> {
    const END: &[u8] = b"%%EOF";
    if !file.starts_with(b"%PDF-") {
        // Readers look for the header further on, and what stands before it could be anything.
        return Err(Unfit::Ambiguous);
    }
    let end = file.windows(END.len()).rposition(|window| window == END).ok_or(Unfit::Unknown)?;
    let rest = &file[end + END.len()..];
    if rest.iter().all(u8::is_ascii_whitespace) { Ok(Media::Pdf) } else { Err(Unfit::Ambiguous) }
}

fn text(file: &[u8]) -> Result<Media, Unfit> {
    let text = std::str::from_utf8(file).map_err(|_| Unfit::Unknown)?;
    if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
        return Err(Unfit::Unknown);
    }
    let start: String = text.trim_start_matches('\u{FEFF}').trim_start().chars().take(PDF_HEADER_WITHIN).collect();
    let start = start.to_ascii_lowercase();
    let opens =
        start.strip_prefix('<').is_some_and(|rest| rest.starts_with(|c: char| c.is_alphabetic() || "!?".contains(c)));
    if opens || ["<html", "<script", "<svg", "<!doctype"].iter().any(|tag| start.contains(tag)) {
        return Err(Unfit::Ambiguous);
    }
    Ok(Media::Text)
}

/// Where a part begins.
pub fn find(file: &[u8], part: &[u8]) -> Option<usize> {
    file.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_text_and_a_page_is_none() {
        for fine in ["ปลาทู", "BMW สีแดง", "\u{FEFF}a\tb\r\n", "a < b", "<3", "ID is 5"] {
            assert_eq!(Media::of(fine.as_bytes()), Ok(Media::Text), "{fine}");
        }
        for page in ["<html>", " \n<svg onload=x>", "\u{FEFF}<?xml?>", "<!DOCTYPE html>", "a <script>x</script>"] {
            assert_eq!(Media::of(page.as_bytes()), Err(Unfit::Ambiguous), "{page}");
        }
        for wrong in [&b"a\0b"[..], b"\xFF\xFE\x00", b"MZ\x90\x00", b"\x1B[2J", b"GIF89a\x01\x00", b"\xA1\xA2"] {
            assert_eq!(Media::of(wrong), Err(Unfit::Unknown), "{wrong:?}");
        }
        assert_eq!(Media::of(b"see %PDF-1.4"), Err(Unfit::Ambiguous));
    }

    #[test]
    fn a_pdf_begins_at_its_beginning_and_ends_at_its_end() {
        assert_eq!(Media::of(b"%PDF-1.7\n1 0 obj\n%%EOF\n"), Ok(Media::Pdf));
        assert_eq!(Media::of(b"%PDF-1.7\n%%EOF\n2 0 obj\n%%EOF\r\n"), Ok(Media::Pdf));
        assert_eq!(Media::of(b"%PDF-1.7\n%%EOF\nPK"), Err(Unfit::Ambiguous));
        assert_eq!(Media::of(b"%PDF-1.7\n1 0 obj"), Err(Unfit::Unknown));
        assert_eq!(Media::of(b"junk %PDF-1.7\n%%EOF"), Err(Unfit::Ambiguous));
    }

    #[test]
    fn sound_and_film_are_known_by_how_they_begin() {
        assert_eq!(Media::of(b"ID3\x04\x00\x00\x00\x00\x00\x00"), Ok(Media::Mp3));
        assert_eq!(Media::of(b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00"), Ok(Media::Mp4));
        assert_eq!(Media::of(b"ID3\x04\x00%PDF-1.7"), Err(Unfit::Ambiguous));
    }

    #[test]
    fn every_type_is_found_by_its_name() {
        for media in ALL {
            assert_eq!(Media::named(media.media_type()), Some(media));
        }
    }
}
