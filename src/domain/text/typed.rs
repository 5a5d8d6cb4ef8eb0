//! Codes, numbers and addresses as people type them, and as messengers and word processors change them.

use unicode_normalization::UnicodeNormalization;

/// What word processors, messengers and Thai keyboards have in place of plain characters: dashes, quotation marks, digits.
pub const TYPOGRAPHY: [(char, char); 37] = [
    ('\u{2010}', '-'),
    ('\u{2011}', '-'),
    ('\u{2012}', '-'),
    ('\u{2013}', '-'),
    ('\u{2014}', '-'),
    ('\u{2015}', '-'),
    ('\u{2043}', '-'),
    ('\u{2212}', '-'),
    ('\u{FE58}', '-'),
    ('\u{FE63}', '-'),
    ('\u{FF0D}', '-'),
    ('\u{2018}', '\''),
    ('\u{2019}', '\''),
    ('\u{201A}', '\''),
    ('\u{201B}', '\''),
    ('\u{2032}', '\''),
    ('\u{FF07}', '\''),
    ('\u{201C}', '"'),
    ('\u{201D}', '"'),
    ('\u{201E}', '"'),
    ('\u{201F}', '"'),
    ('\u{2033}', '"'),
    ('\u{FF02}', '"'),
    ('๐', '0'),
    ('๑', '1'),
    ('๒', '2'),
    ('๓', '3'),
    ('๔', '4'),
    ('๕', '5'),
    ('๖', '6'),
    ('๗', '7'),
    ('๘', '8'),
    ('๙', '9'),
    // LAKKHANGYAO, which most people type as SARA AA.
    ('\u{E45}', '\u{E32}'),
    ('\u{A0}', ' '),
    ('\u{202F}', ' '),
    ('\u{3000}', ' '),
];

/// A character without typography.
pub fn plain(c: char) -> char {
    // Most of what is written here is not among them.
    if matches!(c, '\0'..='~' | '\u{E01}'..='\u{E44}') {
        return c;
    }
    TYPOGRAPHY.iter().find(|(typed, _)| *typed == c).map_or(c, |(_, plain)| *plain)
}

/// The letters and digits of a code, whatever stands around and between them.
pub fn letters_and_digits(text: &str) -> String {
    text.nfkc().map(plain).filter(char::is_ascii_alphanumeric).collect()
}
