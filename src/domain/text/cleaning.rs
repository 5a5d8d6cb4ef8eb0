//! What text is when it comes in: lines end with LF, and nothing is in it that nobody sees.

use icu_properties::CodePointSetData;
use icu_properties::props::{DefaultIgnorableCodePoint, ExtendedPictographic};
use unicode_normalization::char::canonical_combining_class;
use zeroize::Zeroizing;

use super::composition::composed;

const ZERO_WIDTH_JOINER: char = '\u{200D}';
const ZERO_WIDTH_NON_JOINER: char = '\u{200C}';

/// The combining class of a virama.
const VIRAMA: u8 = 9;

const KEYCAP: char = '\u{20E3}';
const BLACK_FLAG: char = '\u{1F3F4}';

/// The flags of parts of a country that Unicode recommends (UTS 51, RGI): England, Scotland, Wales. Other tags hide text.
const TAGGED_FLAGS: [&str; 3] = [
    "\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
    "\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
    "\u{E0067}\u{E0062}\u{E0077}\u{E006C}\u{E0073}\u{E007F}",
];

/// A text that somebody wrote or pasted. CR LF, CR, and the line and page ends of Unicode become LF. Control characters but tabs,
/// characters that Unicode draws as nothing (Default_Ignorable_Code_Point) and those that stand for no character are dropped;
/// emoji keep what joins them. Thai is composed.
pub fn cleaned(text: &str) -> String {
    if text.bytes().all(|byte| byte == b'\n' || byte == b'\t' || (b' '..=b'~').contains(&byte)) {
        return text.to_owned();
    }
    if let Some(address) = address(text) {
        return address;
    }
    // It may be a reporter's name: no copy stays in memory.
    let mut seen = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\r' if rest.as_str().starts_with('\n') => {}
            '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => seen.push('\n'),
            '\n' | '\t' => seen.push(c),
            // A Braille cell without dots is a blank to everybody.
            '\u{2800}' => seen.push(' '),
            BLACK_FLAG => {
                seen.push(c);
                if let Some(tags) = TAGGED_FLAGS.iter().find(|tags| rest.as_str().starts_with(**tags)) {
                    seen.push_str(tags);
                    rest = rest.as_str()[tags.len()..].chars();
                }
            }
            _ if is_unseen(c) => {
                if joins(&seen, c, rest.as_str()) {
                    seen.push(c);
                }
            }
            _ => seen.push(c),
        }
    }
    composed(&seen)
}

/// A text that is an address on the web: without what nobody sees, and otherwise as it is, since another spelling would lead elsewhere.
/// A control character in it stays as a mark that something was there: no address has one.
fn address(text: &str) -> Option<String> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || is_unseen(c) && !c.is_control());
    let is_address = text.starts_with("http://") || text.starts_with("https://");
    let seen = |c: char| match c {
        c if c.is_control() => Some('\u{FFFD}'),
        c => (!is_unseen(c)).then_some(c),
    };
    (is_address && !text.contains(char::is_whitespace)).then(|| text.chars().filter_map(seen).collect())
}

/// Whether nothing is drawn for a character, or it stands for none.
fn is_unseen(c: char) -> bool {
    // Most of what is written here is found without a table.
    if matches!(c, ' '..='~' | '\u{E01}'..='\u{E5B}') {
        return false;
    }
    let is_none = matches!(c, '\u{FFF9}'..='\u{FFFC}' | '\u{FDD0}'..='\u{FDEF}') || u32::from(c) & 0xFFFE == 0xFFFE;
    c.is_control() || is_none || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether an unseen character belongs to what stands before it and what follows: in emoji (UTS 51, sections 1.4.5 and 2.5), and in
/// scripts that spell with joiners (UAX 31, section 2.3.1).
fn joins(before: &str, c: char, after: &str) -> bool {
    let pictographs = CodePointSetData::new::<ExtendedPictographic>();
    let last = before.chars().next_back();
    match c {
        '\u{FE0E}' | '\u{FE0F}' => {
            let is_key = last.is_some_and(|last| matches!(last, '0'..='9' | '#' | '*')) && after.starts_with(KEYCAP);
            is_key || last.is_some_and(|last| pictographs.contains(last))
        }
        ZERO_WIDTH_JOINER | ZERO_WIDTH_NON_JOINER if last.is_some_and(spells_with_joiners) => {
            let is_virama = |c| canonical_combining_class(c) == VIRAMA;
            last.is_some_and(is_virama) || after.chars().next().is_some_and(spells_with_joiners)
        }
        ZERO_WIDTH_JOINER => {
            let is_emoji = |c: &char| !matches!(c, '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}');
            // What follows is asked first: it ends the next search for what stands before.
            after.chars().next().is_some_and(|next| pictographs.contains(next))
                && before.chars().rev().find(is_emoji).is_some_and(|base| pictographs.contains(base))
        }
        _ => false,
    }
}

/// Arabic, as Persian and Urdu are written, and the scripts of India and Sri Lanka.
fn spells_with_joiners(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{6FF}' | '\u{750}'..='\u{77F}' | '\u{8A0}'..='\u{DFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_loses_what_nobody_sees() {
        for (pasted, text) in [
            ("เรียก\u{200B}รับเงิน", "เรียกรับเงิน"),
            ("\u{FEFF}ก", "ก"),
            ("ก\r\nข\rค\nง", "ก\nข\nค\nง"),
            ("ก\u{2028}ข\u{2029}ค\u{85}ง\u{B}จ\u{C}ฉ", "ก\nข\nค\nง\nจ\nฉ"),
            ("a\u{AD}b\u{34F}c\u{115F}d\u{180E}e\u{3164}f\u{FFA0}g", "abcdefg"),
            ("a\u{E0041}\u{E0100}\u{FE0F}b", "ab"),
            ("ซ่อน\u{202E}ไว้\u{2066}\u{200F}", "ซ่อนไว้"),
            ("a\0b\u{1B}[2Jc\u{7F}\u{9F}", "ab[2Jc"),
            ("a\u{FFFC}b\u{FFF9}\u{FFFE}\u{FDD0}\u{1FFFF}", "ab"),
            ("\u{2800}", " "),
            ("ก\tข\u{A0}ค", "ก\tข\u{A0}ค"),
            ("\u{FFFD}", "\u{FFFD}"),
            // Persian, Sinhala and Malayalam spell with joiners.
            ("می\u{200C}خواهم", "می\u{200C}خواهم"),
            ("ශ\u{DCA}\u{200D}රී", "ශ\u{DCA}\u{200D}රී"),
            ("അവന\u{D4D}\u{200D} ", "അവന\u{D4D}\u{200D} "),
            ("می\u{200C}\u{200C} ", "می "),
            ("http://a\u{202E}b\0\u{E0041}c", "http://ab\u{FFFD}c"),
            // Another spelling of an address leads elsewhere.
            (
                "\u{FEFF}https://example.go.th/ท\u{E4D}\u{E32}.pdf\u{200B}\n",
                "https://example.go.th/ท\u{E4D}\u{E32}.pdf",
            ),
        ] {
            assert_eq!(cleaned(pasted), text, "{pasted:?}");
        }
    }

    #[test]
    fn emoji_keep_what_joins_them() {
        for emoji in [
            "👨\u{200D}👩\u{200D}👧",
            "👩🏽\u{200D}⚖\u{FE0F}",
            "❤\u{FE0F}\u{200D}🔥",
            "1\u{FE0F}\u{20E3}",
            "☎\u{FE0E}",
            "🇹🇭",
        ] {
            assert_eq!(cleaned(emoji), emoji);
        }
        let wales = format!("{BLACK_FLAG}{}", TAGGED_FLAGS[2]);
        assert_eq!(cleaned(&wales), wales);
        for (hiding, seen) in [
            ("👨\u{200D}ก", "👨ก"),
            ("ก\u{200D}👩", "ก👩"),
            ("👨\u{200D}\u{200D}👩", "👨\u{200D}👩"),
            ("1\u{FE0F}ก", "1ก"),
            ("🏴\u{E0041}\u{E007F}", "🏴"),
        ] {
            assert_eq!(cleaned(hiding), seen, "{hiding:?}");
        }
    }

    #[test]
    fn a_cleaned_text_stays_as_it_is() {
        let pieces = [
            "ก", "\u{E4D}", "\u{E32}", "\u{E49}", "\u{E38}", "\u{E3A}", "เ", "e", "\u{301}", "👨", "\u{200D}",
            "\u{FE0F}", "\r", "\n",
        ];
        for number in 0..pieces.len().pow(4) {
            let text: String = (0..4).map(|place| pieces[number / pieces.len().pow(place) % pieces.len()]).collect();
            let once = cleaned(&text);
            assert_eq!(cleaned(&once), once, "{text:?}");
        }
    }
}
