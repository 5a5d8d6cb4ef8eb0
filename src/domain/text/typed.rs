//! Codes, numbers and addresses as people type them, and as messengers and word processors change them.

use unicode_normalization::UnicodeNormalization;

/// A character without typography: dashes are hyphens, quotation marks are straight, Thai digits are Arabic.
pub fn plain(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => '-',
        '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{FF07}' => '\'',
        '\u{201C}'..='\u{201F}' | '\u{2033}' | '\u{FF02}' => '"',
        '\u{E50}'..='\u{E59}' => char::from_digit(u32::from(c) - 0xE50, 10).unwrap_or(c),
        c => c,
    }
}

/// The letters and digits of a code, whatever stands around and between them.
pub fn letters_and_digits(text: &str) -> String {
    text.nfkc().map(plain).filter(char::is_ascii_alphanumeric).collect()
}
