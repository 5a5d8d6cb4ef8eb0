//! The ends of telephone numbers, by which people look for a case: the digits alone, of each number that somebody wrote.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::text::typed::plain;

/// Digits of an end. With nine, every Thai number is told from the others.
const SHORTEST: usize = 4;
const LONGEST: usize = 9;

/// Digits that are asked for at least where there are other characters between them than blanks: fewer may be those of a house.
const LOCAL: usize = 7;

/// What stands before an extension.
const EXTENSION: [&str; 6] = ["ต่อ", "กด", "ext", "x", "#", "*"];

/// What stands between two numbers.
const BETWEEN: [&str; 6] = [",", ";", "/", "หรือ", "และ", "ถึง"];

/// Every end of every number in a text as [`Phone`](super::contact::Phone) takes it, without extensions.
pub fn ends(written: &str) -> BTreeSet<String> {
    let mut text = readable(written);
    for between in BETWEEN {
        text = text.replace(between, ";");
    }
    let numbers = text.split(';').flat_map(|part| {
        let end = EXTENSION.iter().filter_map(|extension| part.find(extension)).min().unwrap_or(part.len());
        separate(national(&part[..end]))
    });
    let ends = |number: String| {
        (SHORTEST..=LONGEST.min(number.len())).map(move |length| number[number.len() - length..].to_owned())
    };
    numbers.filter(|number| number.len() >= SHORTEST).flat_map(ends).collect()
}

/// The end that is asked for, if a text is nothing else than a number or the end of one.
pub fn asked(text: &str) -> Option<String> {
    let text = readable(text);
    let is_number = text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || "+-.()".contains(c));
    let digits = if is_number { national(&text) } else { String::new() };
    let shortest = if text.contains(['-', '.', '(', ')']) { LOCAL } else { SHORTEST };
    (digits.len() >= shortest).then(|| digits[digits.len() - digits.len().min(LONGEST)..].to_owned())
}

fn readable(text: &str) -> String {
    text.nfkc().map(plain).flat_map(char::to_lowercase).collect()
}

/// The digits of a number as it is dialled within Thailand.
fn national(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    // No number of another kind is as long and begins so.
    let is_whole = |rest: &&str| rest.len() >= 8;
    let dialled = digits.strip_prefix("00").filter(is_whole).unwrap_or(&digits);
    match dialled.strip_prefix("66").filter(is_whole) {
        Some(rest) => format!("0{}", rest.trim_start_matches('0')),
        None => dialled.to_owned(),
    }
}

/// Numbers that only a blank separates, and without the end of a range: of `056-411234-5` the first.
fn separate(digits: String) -> Vec<String> {
    let (mut numbers, mut rest) = (Vec::new(), &*digits);
    while !rest.is_empty() {
        let is_mobile = ["06", "08", "09"].iter().any(|start| rest.starts_with(start));
        let length = if is_mobile { 10 } else { 9 };
        let length = if rest.starts_with('0') { length.min(rest.len()) } else { rest.len() };
        numbers.push(rest[..length].to_owned());
        rest = &rest[length..];
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_by_its_end_however_both_are_written() {
        for (written, typed) in [
            ("081-234-5678", "5678"),
            ("081-234-5678", "๕๖๗๘"),
            ("081-234-5678", "234-5678"),
            ("081-234-5678", "0812345678"),
            ("081-234-5678", "+66 81 234 5678"),
            ("081-234-5678", "006681 234 5678"),
            ("+66 (0) 81 234 5678", "081.234.5678"),
            ("66812345678", "(081) 2345678"),
            ("056-411-234 ต่อ 12", "056411234"),
            ("(056) 411234 ext. 12", "1234"),
            ("056-411234-5, 081-2345678", "411 234"),
            ("056-411234-5, 081-2345678", "5678"),
            ("081-234-5678 089-111-2222", "345678"),
            ("081-234-5678 089-111-2222", "112222"),
            ("โทร. 0812345678 หรือ 0891112222", "2222"),
            ("1669", "1669"),
            ("00 81 3 1234 5678", "+81 3 1234 5678"),
            ("+81 3 1234 5678", "00 81 3 1234 5678"),
            ("081-234-0012", "0012"),
        ] {
            let end = asked(typed).unwrap();
            assert!(ends(written).contains(&end), "{written} {typed} {end}");
        }
        for (written, typed) in [("081-234-5678", "1234"), ("056-411-234 ต่อ 1299", "1299"), ("056-411234-5", "2345")]
        {
            assert!(!ends(written).contains(&asked(typed).unwrap()), "{written} {typed}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_taken_for_one() {
        for text in ["", "123", "12/4", "12-34", "99.12-3", "(1234)", "ซอย 1234", "7K3M-9Q2X", "+66", "---", "🦀"]
        {
            assert_eq!(asked(text), None, "{text}");
        }
        assert_eq!(ends("191").len(), 0);
        assert_eq!(ends("0812345678").len(), 6);
        assert!(ends(&"9".repeat(100)).len() <= 6);
    }
}
