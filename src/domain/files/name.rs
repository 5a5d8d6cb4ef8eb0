//! Names of files, as their senders call them.

use super::types::Media;
use crate::domain::text;

/// Characters of a name.
const LONGEST: usize = 200;

/// What is left of a name without folders, characters that cannot be seen, and what is too long; the end stays.
pub fn cleaned(name: &str) -> Option<String> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = text::cleaned(name).replace(['\n', '\t'], "");
    let name = name.trim().trim_matches('.').trim();
    let (stem, end) = split(name);
    let left = LONGEST.saturating_sub(end.chars().count());
    let name = format!("{}{end}", stem.chars().take(left).collect::<String>());
    (!name.is_empty()).then_some(name)
}

/// A name to save a file under, which ends as files of its type do: nobody starts it by opening it.
pub fn safe(name: &str, media: Media) -> String {
    let end = split(name).1.trim_start_matches('.').to_ascii_lowercase();
    let known = media.extensions();
    if known.contains(&&*end) { name.to_owned() } else { format!("{name}.{}", known[0]) }
}

/// The name, and the end with its dot if it has a short one.
fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 && name.len() - at <= 10 => name.split_at(at),
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_it_looks_like() {
        for (name, expected) in [
            ("สลิป.jpg", Some("สลิป.jpg")),
            ("../../etc/passwd", Some("passwd")),
            ("C:\\Users\\a\\b.pdf", Some("b.pdf")),
            ("a\u{202E}gpj.exe", Some("agpj.exe")),
            (" a\r\nb\0.txt ", Some("ab.txt")),
            ("e\u{301}.txt", Some("é.txt")),
            ("..", None),
            ("", None),
            ("\u{200B}", None),
        ] {
            assert_eq!(cleaned(name).as_deref(), expected, "{name:?}");
        }
        let long = cleaned(&format!("{}.jpeg", "ก".repeat(300))).unwrap();
        assert_eq!((long.chars().count(), long.ends_with("ก.jpeg")), (200, true));
    }

    #[test]
    fn a_saved_file_ends_as_its_type_does() {
        for (name, media, expected) in [
            ("a.JPG", Media::Jpeg, "a.JPG"),
            ("a.jpeg", Media::Jpeg, "a.jpeg"),
            ("report.bat", Media::Text, "report.bat.txt"),
            ("a", Media::Pdf, "a.pdf"),
            (".html", Media::Text, ".html.txt"),
            ("งบ.csv", Media::Text, "งบ.csv.txt"),
            ("IMG_0001.MOV", Media::Mov, "IMG_0001.MOV"),
            ("เสียง.mp3", Media::M4a, "เสียง.mp3.m4a"),
        ] {
            assert_eq!(safe(name, media), expected);
        }
    }
}
