//! Office documents are ZIP archives. They are checked by their central directory alone and never unpacked (APPNOTE.TXT
//! 4.3).

use std::collections::HashSet;

use super::types::{Media, Unfit, find};

/// How an entry begins.
pub const ENTRY: &[u8] = b"PK\x03\x04";

const DIRECTORY: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";

/// Of an end without its comment.
const END_LENGTH: usize = 22;

const MOST_ENTRIES: usize = 2000;

/// Bytes of everything, unpacked.
const LARGEST: u64 = 256 << 20;

/// Unpacked to packed, of an entry that is not small. Documents reach 50, deflate's utmost is 1032.
const DENSEST: u64 = 200;

const ARCHIVES: [&str; 14] =
    [".zip", ".jar", ".apk", ".7z", ".rar", ".gz", ".bz2", ".xz", ".docx", ".docm", ".xlsx", ".xlsm", ".pptx", ".pptm"];

/// Which document an archive is.
pub fn document(file: &[u8]) -> Result<Media, Unfit> {
    let end = ends(file).last().ok_or(Unfit::Unknown)?;
    // All of the file is the archive's: nothing before it, nothing after it.
    if end.at + END_LENGTH + end.comment != file.len() || end.offset + end.size != end.at {
        return Err(Unfit::Ambiguous);
    }
    if end.entries > MOST_ENTRIES {
        return Err(Unfit::Bomb);
    }
    let mut rest = &file[end.offset..end.at];
    let (mut names, mut unpacked, mut used) = (HashSet::new(), 0_u64, 0);
    for _ in 0..end.entries {
        let entry = Entry::read(&mut rest).ok_or(Unfit::Unknown)?;
        let begins = file.get(entry.offset..).is_some_and(|entry| entry.starts_with(ENTRY));
        if !begins || entry.encrypted || entry.leaves_its_folder() || !names.insert(entry.name.clone()) {
            return Err(Unfit::Unknown);
        }
        unpacked += entry.unpacked;
        used += 30 + entry.name.len() as u64 + entry.packed;
        if entry.unpacked > 1 << 20 && entry.unpacked / entry.packed.max(1) > DENSEST {
            return Err(Unfit::Bomb);
        }
        if entry.name.ends_with("vbaproject.bin") {
            return Err(Unfit::Macros);
        }
        if ARCHIVES.iter().any(|end| entry.name.ends_with(end)) {
            return Err(Unfit::Nested);
        }
    }
    // Entries that share their bytes are the other way to be small and become large.
    if unpacked > LARGEST || used > end.offset as u64 {
        return Err(Unfit::Bomb);
    }
    let has = |folder: &str| names.iter().any(|name| name.starts_with(folder));
    match (rest.is_empty() && names.contains("[content_types].xml"), has("word/"), has("xl/")) {
        (true, true, false) => Ok(Media::Docx),
        (true, false, true) => Ok(Media::Xlsx),
        _ => Err(Unfit::Unknown),
    }
}

/// Whether a program that looks for an archive finds one, wherever in the file it begins.
pub fn is_within(file: &[u8]) -> bool {
    ends(file).any(|end| {
        let directory = end.at.checked_sub(end.size).and_then(|start| file.get(start..));
        end.entries > 0 && directory.is_some_and(|directory| directory.starts_with(DIRECTORY))
    })
}

/// The end of a directory.
struct End {
    at: usize,
    entries: usize,
    size: usize,
    offset: usize,
    comment: usize,
}

/// What looks like an end of a directory, where such an end can stand.
fn ends(file: &[u8]) -> impl Iterator<Item = End> {
    let first = file.len().saturating_sub(END_LENGTH + usize::from(u16::MAX));
    let mut next = first;
    std::iter::from_fn(move || {
        let at = next + find(file.get(next..)?, END)?;
        next = at + 1;
        let end = file.get(at..)?;
        Some(End {
            at,
            entries: short(end, 10)?.into(),
            size: long(end, 12)? as usize,
            offset: long(end, 16)? as usize,
            comment: short(end, 20)?.into(),
        })
    })
}

/// An entry as the directory has it.
struct Entry {
    /// In small letters.
    name: String,
    encrypted: bool,
    packed: u64,
    unpacked: u64,
    offset: usize,
}

impl Entry {
    fn read(directory: &mut &[u8]) -> Option<Self> {
        let entry = *directory;
        if !entry.starts_with(DIRECTORY) {
            return None;
        }
        let (name, extra, comment) = (short(entry, 28)?, short(entry, 30)?, short(entry, 32)?);
        let name_end = 46 + usize::from(name);
        let name = String::from_utf8_lossy(entry.get(46..name_end)?).to_lowercase();
        *directory = entry.get(name_end + usize::from(extra) + usize::from(comment)..)?;
        Some(Self {
            name,
            encrypted: short(entry, 8)? & 1 == 1,
            packed: long(entry, 20)?.into(),
            unpacked: long(entry, 24)?.into(),
            offset: long(entry, 42)? as usize,
        })
    }

    fn leaves_its_folder(&self) -> bool {
        self.name.starts_with('/') || self.name.contains(['\\', ':']) || self.name.split('/').any(|part| part == "..")
    }
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::write::SimpleFileOptions;

    use super::*;

    fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    const TYPES: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");

    #[test]
    fn documents_are_known_by_their_folders() {
        let docx = archive(&[TYPES, ("word/document.xml", b"<w/>")]);
        assert_eq!(Media::of(&docx), Ok(Media::Docx));
        assert_eq!(Media::of(&archive(&[TYPES, ("xl/workbook.xml", b"<x/>")])), Ok(Media::Xlsx));
        assert_eq!(Media::of(&archive(&[("word/document.xml", b"<w/>")])), Err(Unfit::Unknown));
        assert_eq!(Media::of(&archive(&[TYPES, ("a.txt", b"a")])), Err(Unfit::Unknown));
        let pdf = [&b"%PDF-1.7\n"[..], &docx, b"%%EOF"].concat();
        assert_eq!(Media::of(&pdf), Err(Unfit::Ambiguous));
        for (before, after) in [(&b"x"[..], &b""[..]), (b"", b"x")] {
            assert!(Media::of(&[before, &docx, after].concat()).is_err());
        }
    }

    #[test]
    fn what_hides_or_grows_in_a_document_is_refused() {
        let with =
            |name, content: &[u8]| Media::of(&archive(&[TYPES, ("word/document.xml", b"<w/>"), (name, content)]));
        assert_eq!(with("word/vbaProject.bin", b"x"), Err(Unfit::Macros));
        assert_eq!(with("word/embeddings/a.XLSX", b"x"), Err(Unfit::Nested));
        assert_eq!(with("word/media/big.xml", &vec![0; 8 << 20]), Err(Unfit::Bomb));
        assert_eq!(with("word/../../a", b"x"), Err(Unfit::Unknown));
        let many: Vec<String> = (0..=MOST_ENTRIES).map(|no| format!("word/{no}")).collect();
        let many: Vec<_> = many.iter().map(|name| (&**name, &b""[..])).chain([TYPES]).collect();
        assert_eq!(Media::of(&archive(&many)), Err(Unfit::Bomb));
    }
}
