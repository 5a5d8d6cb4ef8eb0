//! Thai in one spelling: what is typed, pasted or extracted from a PDF in another order of code points is the same word.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

const MAI_HAN_AKAT: char = '\u{E31}';
const SARA_AA: char = '\u{E32}';
const LAKKHANGYAO: char = '\u{E45}';
const SARA_AM: char = '\u{E33}';
const PHINTHU: char = '\u{E3A}';
const SARA_E: char = '\u{E40}';
const SARA_AE: char = '\u{E41}';
const NIKHAHIT: char = '\u{E4D}';

/// A text in Unicode's composed form (NFC), with Thai as a keyboard of today types it: a vowel before the mark of its tone, SARA AM
/// and SARA AE as one character. Unicode has no canonical order for these, since their combining class is 0.
pub fn composed(text: &str) -> String {
    let mut composed = Zeroizing::new(String::with_capacity(text.len()));
    let mut marks: Vec<char> = Vec::new();
    for c in without_private_use(text).nfc() {
        match c {
            _ if is_mark(c) => {
                // A tone that was typed behind SARA AM belongs before it.
                let follows_am = marks.is_empty() && is_tone(c) && composed.ends_with(SARA_AM);
                if follows_am {
                    composed.pop();
                    composed.extend([c, SARA_AM]);
                } else {
                    marks.push(c);
                }
            }
            SARA_AA | LAKKHANGYAO if marks.contains(&NIKHAHIT) => {
                marks.retain(|mark| *mark != NIKHAHIT);
                put(&mut composed, &mut marks);
                composed.push(SARA_AM);
            }
            SARA_E if marks.is_empty() && composed.ends_with(SARA_E) => {
                composed.pop();
                composed.push(SARA_AE);
            }
            _ => {
                put(&mut composed, &mut marks);
                composed.push(c);
            }
        }
    }
    put(&mut composed, &mut marks);
    let mut text = String::with_capacity(composed.len());
    text.extend(composed.nfc());
    text
}

/// Marks in their order: vowels, then tones.
fn put(composed: &mut String, marks: &mut Vec<char>) {
    marks.sort_by_key(|mark| is_tone(*mark));
    composed.extend(marks.drain(..));
}

fn is_mark(c: char) -> bool {
    matches!(c, MAI_HAN_AKAT | '\u{E34}'..=PHINTHU | '\u{E47}'..='\u{E4E}')
}

fn is_tone(c: char) -> bool {
    matches!(c, '\u{E48}'..='\u{E4C}')
}

/// Thai fonts of before 2000 have the shifted forms of marks in the Private Use Area, and PDFs made with them still give those. What is
/// not beside a Thai character is left: macOS has its arrow keys there.
fn without_private_use(text: &str) -> impl Iterator<Item = char> + Clone {
    let is_thai = |c: char| matches!(c, '\u{E00}'..='\u{E7F}' | '\u{F700}'..='\u{F71A}');
    let before = std::iter::once('\0').chain(text.chars());
    let after = text.chars().skip(1).chain(['\0']);
    let between = before.zip(text.chars()).zip(after);
    between.map(move |((before, c), after)| if is_thai(before) || is_thai(after) { from_private_use(c) } else { c })
}

fn from_private_use(c: char) -> char {
    match c {
        '\u{F700}' => '\u{E10}',
        '\u{F70F}' => '\u{E0D}',
        '\u{F701}'..='\u{F704}' => shifted(c, '\u{F701}', '\u{E34}'),
        '\u{F705}'..='\u{F709}' => shifted(c, '\u{F705}', '\u{E48}'),
        '\u{F70A}'..='\u{F70E}' => shifted(c, '\u{F70A}', '\u{E48}'),
        '\u{F710}' => MAI_HAN_AKAT,
        '\u{F711}' => NIKHAHIT,
        '\u{F712}' => '\u{E47}',
        '\u{F713}'..='\u{F717}' => shifted(c, '\u{F713}', '\u{E48}'),
        '\u{F718}'..='\u{F71A}' => shifted(c, '\u{F718}', '\u{E38}'),
        c => c,
    }
}

fn shifted(c: char, from: char, to: char) -> char {
    char::from_u32(u32::from(c) - u32::from(from) + u32::from(to)).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_one_spelling_however_it_was_typed() {
        for (typed, word) in [
            ("ท\u{E4D}\u{E32}", "ทำ"),
            ("น\u{E49}\u{E4D}\u{E32}", "น้ำ"),
            ("น\u{E4D}\u{E49}\u{E32}", "น้ำ"),
            ("น\u{E33}\u{E49}", "น้ำ"),
            ("ท\u{E4D}\u{E45}", "ทำ"),
            ("เเม่", "แม่"),
            ("ท\u{E48}\u{E35}", "ที่"),
            ("ป\u{E49}\u{E31}น", "ปั้น"),
            ("ผ\u{E49}\u{E39}", "ผู้"),
            ("สิทธ\u{E4C}\u{E34}", "สิทธิ์"),
            ("ป\u{F70A}\u{F712}", "ป็่"),
            ("ฝ\u{F701}\u{F705}น", "ฝิ่น"),
            ("a\u{F700}b", "a\u{F700}b"),
            ("e\u{301}", "é"),
            ("ตา", "ตา"),
            ("เ เ", "เ เ"),
        ] {
            assert_eq!(composed(typed), word, "{typed:?}");
            assert_eq!(composed(word), word);
        }
    }
}
