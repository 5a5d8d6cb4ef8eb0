//! Builds the files of the tables from their recipes: parts joined by ` + `, what a part has inside in brackets, text
//! in quotes, and ` - 9` for nine bytes cut off. All are synthetic and small.

use super::{documents, pictures, recordings};

/// The file of a recipe. Panics for a part that nobody knows.
pub fn build(recipe: &str) -> Vec<u8> {
    let mut file = Vec::new();
    for part in outside_of_brackets(recipe, " + ") {
        let (part, cut) = part.rsplit_once(" - ").map_or((part, 0), |(part, cut)| (part, cut.parse().unwrap()));
        file.extend(single(part));
        file.truncate(file.len() - cut);
    }
    file
}

fn single(part: &str) -> Vec<u8> {
    if let Some(text) = part.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        return text.replace("\\n", "\r\n").into_bytes();
    }
    let (name, inner) = match part.split_once('[') {
        Some((name, inner)) => (name, outside_of_brackets(inner.strip_suffix(']').unwrap(), ", ")),
        None => (part, Vec::new()),
    };
    trailing(name)
        .or_else(|| text(name, &inner))
        .or_else(|| pictures::part(name, &inner))
        .or_else(|| documents::part(name, &inner))
        .or_else(|| recordings::part(name, &inner))
        .unwrap_or_else(|| panic!("nobody knows the part {part:?}"))
}

fn outside_of_brackets<'a>(recipe: &'a str, separator: &str) -> Vec<&'a str> {
    let (mut parts, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0, false);
    for (at, c) in recipe.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '[' => depth += 1,
            ']' => depth -= 1,
            _ if depth == 0 && !quoted && at >= start && recipe[at..].starts_with(separator) => {
                parts.push(&recipe[start..at]);
                start = at + separator.len();
            }
            _ => {}
        }
    }
    parts.push(&recipe[start..]);
    parts
}

/// What stands behind a file, or is hidden in it.
fn trailing(name: &str) -> Option<Vec<u8>> {
    Some(match name {
        "nothing" => Vec::new(),
        "zeros" => vec![0; 2000],
        "erased" => vec![0xFF; 512],
        "newlines" => b"\r\n \t\n".to_vec(),
        "byte-order-mark" => b"\xEF\xBB\xBF".to_vec(),
        "junk" => b"\x01\x02\x03\x04 what is this".to_vec(),
        "rar" => [b"Rar!\x1A\x07\x01\0", &[9; 40][..]].concat(),
        "7z" => [b"7z\xBC\xAF\x27\x1C\0\x04", &[9; 40][..]].concat(),
        "gzip" => [b"\x1F\x8B\x08\0\0\0\0\0", &[9; 40][..]].concat(),
        "exe" => [&b"MZ\x90\0\x03\0\0\0"[..], &[4; 56], b"This program cannot be run in DOS mode.\r\n$PE\0\0"].concat(),
        "elf" => [b"\x7FELF\x02\x01\x01\0", &[0; 40][..]].concat(),
        "mach-o" => [b"\xCF\xFA\xED\xFE\x07\0\0\x01", &[0; 40][..]].concat(),
        "zlib" => b"\x78\x9C".to_vec(),
        "shell" => b"#!/bin/sh\nrm -rf ~\n".to_vec(),
        "ole" => [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", &[0; 504][..]].concat(),
        "html" => b"<html><script>alert(1)</script></html>".to_vec(),
        "svg" => b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec(),
        "gif" => b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(),
        "bitmap" => [b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0", &[0; 56][..]].concat(),
        _ => return None,
    })
}

fn text(name: &str, inner: &[&str]) -> Option<Vec<u8>> {
    let [text] = inner else { return None };
    let text = text.trim_matches('"').replace("\\n", "\r\n");
    Some(match name {
        "utf-16le" => [vec![0xFF, 0xFE], text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat(),
        "utf-16be" => [vec![0xFE, 0xFF], text.encode_utf16().flat_map(u16::to_be_bytes).collect()].concat(),
        "tis-620" => {
            text.chars().map(|c| if c.is_ascii() { c as u8 } else { (c as u32 - 0xE00 + 0xA0) as u8 }).collect()
        }
        _ => return None,
    })
}
