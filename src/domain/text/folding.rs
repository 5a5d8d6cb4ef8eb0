//! Texts made alike: for search, for comparing names, and for passwords. Nothing here is shown to anybody.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::cleaning::cleaned;
use super::composition::composed;
use super::typed::plain;

/// A text as searching compares it: in small letters, of one width, with Arabic digits, plain dashes and quotation marks, one blank
/// where there are several, and no mark twice.
pub fn folded(text: &str) -> String {
    let wide = cleaned(text);
    let narrow: String = wide.nfkc().flat_map(char::to_lowercase).map(plain).nfkc().collect();
    let mut folded = String::with_capacity(narrow.len());
    let mut last = None;
    for c in composed(&narrow).chars() {
        let c = if c.is_whitespace() { ' ' } else { c };
        let repeats =
            last == Some(c) && (c == ' ' || matches!(c, '\u{E31}' | '\u{E34}'..='\u{E3A}' | '\u{E47}'..='\u{E4E}'));
        if repeats {
            continue;
        }
        // Whether a blank is written before a mark of repetition or of abbreviation differs, and a comma between thousands.
        let is_between = match c {
            'ๆ' | 'ฯ' => folded.ends_with(' '),
            '0'..='9' => folded.strip_suffix(',').is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit())),
            _ => false,
        };
        if is_between {
            folded.pop();
        }
        folded.push(c);
        last = Some(c);
    }
    folded
}

/// What `q` looks through: every text, folded, a line each.
pub fn searchable<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(|text| folded(text) + "\n").collect()
}

/// Whether two names look alike to people (UTS 39, section 4), in small letters or in capitals, whatever their blanks.
pub fn look_alike(one: &str, other: &str) -> bool {
    let skeleton = |name: &str| unicode_security::skeleton(name).filter(|c| !c.is_whitespace()).collect::<String>();
    let (one, other) = (folded(one), folded(other));
    skeleton(&one) == skeleton(&other) || skeleton(&one.to_uppercase()) == skeleton(&other.to_uppercase())
}

/// A password as it is hashed, whichever keyboard it was typed on (NIST SP 800-63B, 3.1.1.2). Blanks and capitals count.
pub fn password(text: &str) -> Zeroizing<String> {
    let cleaned = Zeroizing::new(cleaned(text));
    let mut password = Zeroizing::new(String::with_capacity(4 * cleaned.len()));
    password.extend(cleaned.nfkc().map(|c| if c.is_whitespace() { ' ' } else { c }));
    password
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_finds_a_word_in_every_spelling() {
        for (one, other) in [
            ("ทำงาน", "ท\u{E4D}\u{E32}งาน"),
            ("น้ำ", "น\u{E4D}\u{E49}\u{E32}"),
            ("แม่", "เเม่"),
            ("ที่่", "ที่"),
            ("ปี ๒๕๖๗", "ปี 2567"),
            ("ＡＢＣ １２", "abc 12"),
            ("ปี\u{A0}\n2567", "ปี 2567"),
            ("พ.ศ. 2566–2570", "พ.ศ. 2566-2570"),
            ("“โปร่งใส”", "\"โปร่งใส\""),
            ("ÉCOLE", "école"),
            ("ฤๅษี", "ฤาษี"),
            ("ต่าง ๆ", "ต่างๆ"),
            ("งบ 1,200,000 บาท", "งบ 1200000 บาท"),
        ] {
            assert_eq!(folded(one), folded(other));
        }
        assert_ne!(folded("นำ"), folded("น้ำ"));
        assert_eq!(searchable(["Aำ", "ข"]), "aำ\nข\n");
    }

    #[test]
    fn names_that_look_alike_are_one_and_others_are_not() {
        for (one, other) in [
            ("กองช่าง", "กอง ช่าง"),
            ("กองช่าง", "กอง\u{200B}ช่าง"),
            ("แผนงาน", "เเผนงาน"),
            ("สำนักปลัด", "ส\u{E4D}\u{E32}นักปลัด"),
            ("Legal", "Lеgаl"),
            ("งานที่ ๑", "งานที่ 1"),
            ("ฝ่าย O", "ฝ่าย 0"),
            ("Unit 1", "Unit I"),
            ("LEGAL", "legal"),
        ] {
            assert!(look_alike(one, other), "{one} {other}");
        }
        for (one, other) in [("กองช่าง", "กองคลัง"), ("ฝ่ายที่ 1", "ฝ่ายที่ 2"), ("Legal", "Regal")]
        {
            assert!(!look_alike(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_password_is_the_same_on_another_keyboard() {
        for (one, other) in
            [("ทำนาปลูกข้าว", "ท\u{E4D}\u{E32}นาปลูกข้าว"), ("ｐａｓｓ　word", "pass word"), ("caf\u{E9}", "cafe\u{301}")]
        {
            assert_eq!(password(one), password(other));
        }
        assert_ne!(password("Pass"), password("pass"));
        assert_ne!(password("pass "), password("pass"));
    }
}
