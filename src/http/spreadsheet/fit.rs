//! What room a text takes in a cell.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

/// Points of a line, in the font that Thai falls back to, and of the highest row of Excel.
const LINE: f64 = 16.0;
pub const HIGHEST: f64 = 409.0;

/// Lines that a text takes in a column. Words are not broken, so that a line seldom is full.
pub fn lines(text: &str, column: usize) -> usize {
    let lines = text.lines().map(|line| match line.width() {
        width if width <= column => 1,
        width => (width * 10).div_ceil(column * 9),
    });
    lines.sum::<usize>().max(1)
}

pub fn height(lines: usize) -> f64 {
    (lines as f64 * LINE).min(HIGHEST)
}

/// A text in pieces that each fit into the highest row of a column. They end between words.
pub fn pieces(text: &str, column: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for word in text.split_inclusive([' ', '\n']) {
        match pieces.last_mut() {
            Some(piece) if height(lines(&format!("{piece}{word}"), column)) < HIGHEST => piece.push_str(word),
            _ => pieces.push(word.to_owned()),
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// As many lines of a text as a cell of XLSX can hold, with a mark where some are left out. CSV has them all.
pub fn truncated(text: &str) -> Cow<'_, str> {
    const MOST: usize = 32_767;
    let length = |text: &str| text.encode_utf16().count();
    if length(text) <= MOST {
        return text.into();
    }
    let mut room = MOST - 2;
    let fits = |line: &&str| {
        let needed = length(line) + 1;
        let fits = needed <= room;
        room = room.saturating_sub(needed);
        fits
    };
    let lines: Vec<_> = text.lines().take_while(fits).collect();
    if lines.is_empty() {
        let mut room = MOST - 1;
        let fits = |c: &char| room.checked_sub(c.len_utf16()).map(|left| room = left).is_some();
        return format!("{}…", text.chars().take_while(fits).collect::<String>()).into();
    }
    format!("{}\n…", lines.join("\n")).into()
}
