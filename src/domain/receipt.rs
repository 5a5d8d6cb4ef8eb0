//! The receipt (ใบรับเรื่อง) of a reporter or applicant: 128 random bits in base32, with a check character, in groups of four.
//!
//! The alphabet is Crockford's, which leaves out I, L, O and U; the check is Luhn's, over 32 characters.

use unicode_normalization::UnicodeNormalization;

use super::text::typed::{letters_and_digits, plain};

/// Digits and letters without look-alikes.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters that carry the bits, before the check.
const LENGTH: usize = 26;

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Receipt([u8; 16]);

impl Receipt {
    pub fn of(bits: [u8; 16]) -> Self {
        Self(bits)
    }

    pub fn bits(&self) -> &[u8; 16] {
        &self.0
    }

    /// As it is shown, once.
    pub fn text(&self) -> String {
        let number = u128::from_be_bytes(self.0);
        let mut digits: Vec<u8> =
            (0..LENGTH).rev().map(|place| u8::try_from(number >> (5 * place) & 31).unwrap_or_default()).collect();
        digits.push(check_of(&digits));
        let mut text = String::new();
        for (index, digit) in digits.into_iter().enumerate() {
            if index > 0 && index % 4 == 0 {
                text.push('-');
            }
            text.push(ALPHABET[usize::from(digit)].into());
        }
        text
    }

    /// As it may be typed or pasted: in small letters, with look-alikes, with whatever a messenger puts around and between the groups.
    pub fn read(text: &str) -> Option<Self> {
        Self::of_code(text).or_else(|| words(text).find_map(Self::of_code))
    }

    fn of_code(text: &str) -> Option<Self> {
        let digits = digits(text)?;
        let (check, digits) = digits.split_last()?;
        // Of 130 bits the first two are none.
        if digits.len() != LENGTH || digits[0] > 7 || check_of(digits) != *check {
            return None;
        }
        let number = digits.iter().fold(0, |number: u128, digit| number << 5 | u128::from(*digit));
        Some(Self(number.to_be_bytes()))
    }
}

/// The number of a case that people quote: eight characters of the alphabet.
pub fn reference(characters: [u8; 8]) -> String {
    let text: String = characters.iter().map(|bits| char::from(ALPHABET[usize::from(bits % 32)])).collect();
    format!("{}-{}", &text[..4], &text[4..])
}

/// The number that a person means, typed or pasted.
pub fn read_reference(text: &str) -> Option<String> {
    let of_code = |code: &str| digits(code)?.try_into().ok().map(reference);
    of_code(text).or_else(|| words(text).find_map(of_code))
}

/// Three characters or more of a number, if a text is nothing else.
pub fn part_of_reference(text: &str) -> Option<String> {
    let is_separator = |c: char| c.is_whitespace() || c == '-';
    let part: String = text.nfkc().map(plain).filter(|c| !is_separator(*c)).collect();
    let part = part.chars().map(digit).collect::<Option<Vec<u8>>>()?;
    let part: String = part.iter().map(|bits| char::from(ALPHABET[usize::from(*bits)])).collect();
    (3..=8).contains(&part.len()).then_some(part)
}

/// Where a code stands in a sentence.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ':' | '=' | '(' | ')'))
}

fn digits(text: &str) -> Option<Vec<u8>> {
    letters_and_digits(text).chars().map(digit).collect()
}

fn digit(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    ALPHABET.iter().position(|known| char::from(*known) == c).and_then(|digit| u8::try_from(digit).ok())
}

/// Finds one wrong character, and two neighbours that changed places.
fn check_of(digits: &[u8]) -> u8 {
    let sum = digits.iter().rev().enumerate().map(|(index, digit)| {
        let weighed = digit * (2 - u8::try_from(index % 2).unwrap_or_default());
        u32::from(weighed / 32 + weighed % 32)
    });
    u8::try_from((32 - sum.sum::<u32>() % 32) % 32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BITS: [u8; 16] = [0xFE, 1, 0x80, 3, 4, 0x5A, 6, 7, 8, 9, 0xA0, 0xB, 0xC, 0xD, 0xE, 0xF];

    #[test]
    fn a_receipt_is_read_however_it_was_typed() {
        for bits in [BITS, [0; 16], [0xFF; 16]] {
            let text = Receipt::of(bits).text();
            assert_eq!(text.len(), 33);
            for typed in [
                text.clone(),
                text.to_lowercase(),
                text.replace('-', ""),
                text.replace('-', " "),
                text.replace('0', "o").replace('1', "l"),
                text.replace('-', "\u{2011}"),
                text.replace('-', " \u{2013} "),
                text.replace('-', "\u{A0}"),
                text.replace('-', "\n"),
                text.replace('-', "\u{200B}"),
                format!("“{text}”."),
                format!("ใบรับเรื่อง: *{text}*"),
                format!("Your receipt: {text} (keep it)"),
                text.chars()
                    .map(|c| if c == '-' { 'ー' } else { char::from_u32(u32::from(c) + 0xFEE0).unwrap() })
                    .collect(),
            ] {
                assert!(Receipt::read(&typed).is_some_and(|read| read.bits() == &bits), "{typed}");
            }
        }
    }

    #[test]
    fn a_number_is_read_however_it_was_typed() {
        let number = reference([7, 35, 20, 41, 0, 1, 2, 3]);
        assert_eq!(number, "73M9-0123");
        for typed in [
            "73M9-0123",
            "73m9o123",
            " 73m9 Ol23",
            "73M90I23",
            "73M9/0123",
            "๗๓M9–0123.",
            "'73m9 0123'\n",
            "Case no. 73M9-0123",
        ] {
            assert_eq!(read_reference(typed), Some(number.clone()), "{typed}");
        }
        for wrong in ["", "73M9-012", "73M9-01234", "73M9-012U", "ใบรับ"] {
            assert_eq!(read_reference(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_part_of_a_number_is_nothing_else() {
        for (typed, part) in [("73m9", "73M9"), ("M9-01", "M901"), ("๗๓M", "73M"), ("73M9 O123", "73M90123")] {
            assert_eq!(part_of_reference(typed).as_deref(), Some(part), "{typed}");
        }
        for other in ["73", "ซอย 123", "12/4", "73M9-01234", "UUU"] {
            assert_eq!(part_of_reference(other), None, "{other}");
        }
    }

    #[test]
    fn one_wrong_character_and_two_that_changed_places_are_found() {
        let text: Vec<char> = Receipt::of(BITS).text().replace('-', "").chars().collect();
        for place in 0..text.len() {
            for other in ALPHABET.iter().map(|c| char::from(*c)).filter(|c| *c != text[place]) {
                let mut wrong = text.clone();
                wrong[place] = other;
                assert!(Receipt::read(&wrong.iter().collect::<String>()).is_none(), "{wrong:?}");
            }
            if place > 0 && text[place] != text[place - 1] && !['0', 'Z'].contains(&text[place]) {
                let mut wrong = text.clone();
                wrong.swap(place, place - 1);
                assert!(Receipt::read(&wrong.iter().collect::<String>()).is_none(), "{wrong:?}");
            }
        }
        for wrong in ["", "-", "ใบรับ", "0000-0000", &"0".repeat(28)] {
            assert!(Receipt::read(wrong).is_none(), "{wrong}");
        }
    }
}
