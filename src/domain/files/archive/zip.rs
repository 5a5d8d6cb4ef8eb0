//! ZIP archives by their central directory (APPNOTE.TXT 4.3). Entries are unpacked one at a time and within a limit.

use std::collections::{BTreeSet, HashSet};

use memchr::memmem;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};

use super::super::types::{Finding, Unfit};
use super::super::{bytes, signature};

/// How an entry begins.
pub const ENTRY: &[u8] = b"PK\x03\x04";

const DIRECTORY: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";

/// Of an end without its comment.
const END_LENGTH: usize = 22;

/// Of a descriptor, which can follow an entry: a signature, a checksum and two lengths.
const DESCRIPTOR_LENGTH: usize = 24;

/// Of padding that can follow the archive.
const FARTHEST_END: usize = 1 << 20;

const MOST_ENTRIES: usize = 2000;

/// Bytes of everything, unpacked.
const LARGEST: u64 = 256 << 20;

/// Unpacked to packed, of an entry that is not small. Documents reach 50, deflate's utmost is 1032.
const DENSEST: u64 = 200;

/// An archive whose directory has been read.
pub struct Archive<'a> {
    pub entries: Vec<Entry<'a>>,
    /// What is outside of the entries.
    pub findings: BTreeSet<Finding>,
}

/// Reads the directory. Unknown if it is not consistent, ambiguous if readers would see other entries, a bomb if it grows.
pub fn open(file: &[u8]) -> Result<Archive<'_>, Unfit> {
    let consistent = |end: &End| end.offset.checked_add(end.size) == Some(end.at) && has_directory(file, end.offset);
    let end = ends(file).find(consistent).ok_or(Unfit::Unknown)?;
    // Readers that begin from behind would open another archive. One that is stored in this one ends earlier.
    if ends(file).any(|other| other.at > end.at && other.has_entries(file)) {
        return Err(Unfit::Ambiguous);
    }
    if end.entries > MOST_ENTRIES {
        return Err(Unfit::Bomb);
    }
    let mut directory = file.get(end.offset..end.at).unwrap_or_default();
    let (mut entries, mut names) = (Vec::new(), HashSet::new());
    for _ in 0..end.entries {
        let entry = Entry::read(file, &mut directory).ok_or(Unfit::Unknown)?;
        if entry.leaves_its_folder() {
            return Err(Unfit::Unknown);
        }
        if !names.insert(entry.name.clone()) {
            return Err(Unfit::Ambiguous);
        }
        entries.push(entry);
    }
    if !directory.is_empty() {
        return Err(Unfit::Unknown);
    }
    let mut findings = gaps(file, &entries, end.offset)?;
    let comment = file.get(end.at + END_LENGTH..).unwrap_or_default();
    let (comment, rest) = comment.split_at_checked(end.comment).unwrap_or((comment, &[]));
    findings.extend(signature::recognized(comment).into_iter().chain(signature::foreign(rest)));
    Ok(Archive { entries, findings })
}

/// What is between the entries. Entries that share their bytes, and those that grow very much, are bombs.
fn gaps(file: &[u8], entries: &[Entry], end: usize) -> Result<BTreeSet<Finding>, Unfit> {
    let unpacked: u64 = entries.iter().map(|entry| entry.unpacked).sum();
    let is_dense =
        |entry: &Entry| entry.unpacked > 1 << 20 && entry.unpacked / (entry.packed.len() as u64).max(1) > DENSEST;
    if unpacked > LARGEST || entries.iter().any(is_dense) {
        return Err(Unfit::Bomb);
    }
    let mut spans: Vec<_> = entries.iter().map(|entry| (entry.start, entry.end)).collect();
    spans.sort_unstable();
    spans.push((end, end));
    let (mut findings, mut last) = (BTreeSet::new(), 0);
    for (start, end) in spans {
        let gap = start.checked_sub(last).ok_or(Unfit::Bomb)?;
        if gap > DESCRIPTOR_LENGTH {
            findings.extend(signature::foreign(file.get(last..start).unwrap_or_default()));
        }
        last = end;
    }
    Ok(findings)
}

/// Whether a program that looks for an archive finds one, wherever in the file it begins.
pub fn is_within(file: &[u8]) -> bool {
    ends(file).any(|end| end.has_entries(file))
}

fn has_directory(file: &[u8], at: usize) -> bool {
    file.get(at..).is_some_and(|directory| directory.starts_with(DIRECTORY))
}

/// The end of a directory.
struct End {
    at: usize,
    entries: usize,
    size: usize,
    offset: usize,
    comment: usize,
}

impl End {
    /// Whether its directory stands before it, wherever the archive begins.
    fn has_entries(&self, file: &[u8]) -> bool {
        self.entries > 0 && self.at.checked_sub(self.size).is_some_and(|start| has_directory(file, start))
    }
}

/// What looks like an end of a directory, where such an end can stand.
fn ends(file: &[u8]) -> impl Iterator<Item = End> {
    let first = file.len().saturating_sub(END_LENGTH + usize::from(u16::MAX) + FARTHEST_END);
    let tail = file.get(first..).unwrap_or_default();
    memmem::find_iter(tail, END).filter_map(move |at| {
        let end = tail.get(at..)?;
        Some(End {
            at: first + at,
            entries: bytes::le16(end, 10)?.into(),
            size: bytes::le32(end, 12)? as usize,
            offset: bytes::le32(end, 16)? as usize,
            comment: bytes::le16(end, 20)?.into(),
        })
    })
}

/// An entry as the directory has it.
pub struct Entry<'a> {
    /// In small letters.
    pub name: String,
    method: u16,
    is_encrypted: bool,
    packed: &'a [u8],
    unpacked: u64,
    start: usize,
    end: usize,
}

impl<'a> Entry<'a> {
    fn read(file: &'a [u8], directory: &mut &[u8]) -> Option<Self> {
        let entry = directory.strip_prefix(DIRECTORY).and(Some(*directory))?;
        let lengths = [28, 30, 32].map(|at| bytes::le16(entry, at).map(usize::from));
        let [Some(name), Some(extra), Some(comment)] = lengths else { return None };
        let name_bytes = entry.get(46..46 + name)?;
        *directory = entry.get(46 + name + extra + comment..)?;
        let start = bytes::le32(entry, 42)? as usize;
        let local = file.get(start..)?;
        // Readers differ in whose name they take.
        let is_same = local.starts_with(ENTRY) && local.get(30..30 + name)? == name_bytes;
        let content = 30 + usize::from(bytes::le16(local, 26)?) + usize::from(bytes::le16(local, 28)?);
        let packed = local.get(content..)?.get(..bytes::le32(entry, 20)? as usize)?;
        is_same.then(|| Self {
            name: String::from_utf8_lossy(name_bytes).to_lowercase().replace('\\', "/"),
            method: bytes::le16(entry, 10).unwrap_or_default(),
            is_encrypted: bytes::le16(entry, 8).is_some_and(|flags| flags & 1 == 1),
            packed,
            unpacked: bytes::le32(entry, 24).unwrap_or_default().into(),
            start,
            end: start + content + packed.len(),
        })
    }

    fn leaves_its_folder(&self) -> bool {
        self.name.starts_with('/') || self.name.contains(':') || self.name.split('/').any(|part| part == "..")
    }

    /// The first bytes, unpacked. Nothing if they cannot be.
    pub fn start(&self, most: usize) -> Option<Vec<u8>> {
        match self.method {
            _ if self.is_encrypted => None,
            0 => Some(bytes::start(self.packed, most).to_vec()),
            8 => Some(decompress_to_vec_with_limit(self.packed, most).unwrap_or_else(|failed| failed.output)),
            _ => None,
        }
    }

    /// All of it, unpacked. It is a bomb if it is larger than the directory says.
    pub fn content(&self, most: usize) -> Result<Option<Vec<u8>>, Unfit> {
        if self.is_encrypted || self.unpacked > most as u64 || !matches!(self.method, 0 | 8) {
            return Ok(None);
        }
        if self.method == 0 {
            return Ok((self.packed.len() <= most).then(|| self.packed.to_vec()));
        }
        match decompress_to_vec_with_limit(self.packed, self.unpacked as usize) {
            Ok(content) => Ok(Some(content)),
            Err(failed) if failed.status == TINFLStatus::HasMoreOutput => Err(Unfit::Bomb),
            Err(_) => Ok(None),
        }
    }
}
