//! How people are reached: telephone numbers, mail addresses and national ids, as they are written on paper and in messengers.

use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Deserializer, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use zeroize::Zeroize;

use super::text::typed::{letters_and_digits, plain};

/// Digits of three alphabets of a keyboard, and what stands around and between them.
macro_rules! digit {
    () => {
        r"[0-9\u0E50-\u0E59\uFF10-\uFF19]"
    };
}

/// From an emergency number of three digits to several numbers with their extensions, with what people write in front.
pub(super) const PHONE: &str = concat!(
    r"^([Tt][Ee][Ll]|[Pp][Hh][Oo][Nn][Ee]|[Mm][Oo][Bb][Ii][Ll][Ee]|เบอร์โทรศัพท์|เบอร์โทร|เบอร์|โทรศัพท์|โทรฯ|โทร|มือถือ|\u2706|\u260E)?",
    r"[ .:+(\uFF0B\uFF08]*",
    digit!(),
    r"(([\s().,;:/~#*+\u2010-\u2015\u2212\uFF0D\uFF08\uFF09-]|ต่อ|ถึง|หรือ|และ|กด|[Ee][Xx][Tt]|[Xx])*",
    digit!(),
    r"){2,}[ .)#*]*$"
);

/// A character of a local part: `atext` of RFC 5322, 3.2.3, and letters of other scripts (RFC 6531). Those of a label of a domain.
macro_rules! address {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00C0-\u024F\u0E01-\u0E5B-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00C0-\u024F\u0E01-\u0E5B-]+)*",
            r"@([A-Za-z0-9\u00C0-\u024F\u0E01-\u0E5B]([A-Za-z0-9\u00C0-\u024F\u0E01-\u0E5B-]*[A-Za-z0-9\u00C0-\u024F\u0E01-\u0E5B])?\.)+",
            r"[A-Za-z\u00C0-\u024F\u0E01-\u0E5B][A-Za-z0-9\u00C0-\u024F\u0E01-\u0E5B-]*",
            $after
        )
    };
}

/// The dot-atoms of RFC 5322, 3.4.1; a domain of two labels or more.
const ADDRESS: &str = address!("^", "$");

/// The same with what programs and sentences put around it.
pub(super) const EMAIL: &str = address!("^([Mm][Aa][Ii][Ll][Tt][Oo]:)?<?", ">?[.,;]?$");

/// Thirteen digits, with blanks, hyphens or full stops between as the card and forms have them.
pub(super) const NATIONAL_ID: &str = concat!(r"^(", digit!(), r"[\s.\u2010-\u2015\u2212-]*){13}$");

macro_rules! contact {
    ($(#[$doc:meta])* $name:ident, $longest:literal, $pattern:ident, $read:expr, $description:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Zeroize)]
        pub struct $name(String);

        impl $name {
            pub fn into_inner(self) -> String {
                self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut typed = String::deserialize(deserializer)?;
                let read = $read(&typed);
                typed.zeroize();
                Ok(Self(read))
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .max_length(Some($longest))
                    .pattern(Some($pattern))
                    .description(Some($description))
                    .examples([$example])
                    .into()
            }
        }

        impl ToSchema for $name {}
    };
}

contact!(
    /// A telephone number.
    Phone, 100, PHONE, |text: &str| text.nfkc().map(plain).map(|c| if c.is_whitespace() { ' ' } else { c }).collect::<String>(),
    "A telephone number of three digits or more, with spaces, hyphens, full stops and brackets between; `ต่อ` or `ext` before an \
     extension. It is kept with Arabic digits and plain hyphens.",
    "056-411-234 ต่อ 12"
);

contact!(
    /// A mail address.
    Email, 254, EMAIL, bare_address,
    "A mail address (RFC 5322, 3.4.1), without comments and quotation marks; letters may be Thai (RFC 6531).",
    "somying@example.com"
);

contact!(
    /// A Thai national id (เลขประจำตัวประชาชน): its digits alone.
    NationalId, 40, NATIONAL_ID, letters_and_digits,
    "Thirteen digits, with blanks or hyphens between as the card has them; the last follows from the others. It is kept without them.",
    "1 2345 67890 12 1"
);

impl NationalId {
    /// Whether the last digit follows from the others.
    pub fn is_one(&self) -> bool {
        // No copy of the digits stays in memory.
        let digits = || self.0.bytes().map(|digit| u32::from(digit.wrapping_sub(b'0')));
        let sum: u32 = digits().zip((2..=13).rev()).map(|(digit, weight)| digit * weight).sum();
        digits().count() == 13 && digits().all(|digit| digit < 10) && digits().next_back() == Some((11 - sum % 11) % 10)
    }
}

fn bare_address(text: &str) -> String {
    let text =
        text.get(..7).filter(|start| start.eq_ignore_ascii_case("mailto:")).map_or(text, |start| &text[start.len()..]);
    text.trim_matches(['<', '>', '.', ',', ';']).to_owned()
}

/// Whether a text is a mail address.
pub fn is_email(text: &str) -> bool {
    #[expect(clippy::expect_used, reason = "the pattern is a constant, and a test uses it")]
    static SHAPE: LazyLock<Regex> = LazyLock::new(|| Regex::new(ADDRESS).expect("the pattern is right"));
    SHAPE.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, text: &str) -> bool {
        Regex::new(pattern).unwrap().is_match(text)
    }

    fn read<T: for<'de> Deserialize<'de>>(text: &str) -> T {
        serde_json::from_value(text.into()).unwrap()
    }

    #[test]
    fn a_telephone_number_is_taken_as_people_write_it() {
        for (typed, kept) in [
            ("081-234-5678", "081-234-5678"),
            ("056-411-234 ต่อ 12", "056-411-234 ต่อ 12"),
            ("๐๘๑-๒๓๔-๕๖๗๘", "081-234-5678"),
            ("1669", "1669"),
            ("191", "191"),
            ("081.234.5678", "081.234.5678"),
            ("081\u{2011}234\u{2013}5678", "081-234-5678"),
            ("+66 (0) 81 234 5678", "+66 (0) 81 234 5678"),
            ("(056) 411234 ext. 12", "(056) 411234 ext. 12"),
            ("056-411234-5, 081-2345678", "056-411234-5, 081-2345678"),
            ("056-411-234 #12", "056-411-234 #12"),
            ("โทร. 081 234 5678", "โทร. 081 234 5678"),
            ("０８１-２３４-５６７８", "081-234-5678"),
            ("081\u{A0}234\u{A0}5678", "081 234 5678"),
            ("081\t234\u{3000}5678", "081 234 5678"),
            ("เบอร์ 081-2345678", "เบอร์ 081-2345678"),
            ("โทรฯ 056-411234 กด 0", "โทรฯ 056-411234 กด 0"),
            ("Phone: 081 234 5678", "Phone: 081 234 5678"),
            ("☎ 056 411 234", "☎ 056 411 234"),
        ] {
            assert!(fits(PHONE, typed), "{typed}");
            assert_eq!(read::<Phone>(typed).into_inner(), kept);
        }
        for wrong in ["", "12", "a@b.c", "somchai1234", "ไม่มี", "081-234-5678 ครับผม", "--"] {
            assert!(!fits(PHONE, wrong), "{wrong}");
        }
    }

    #[test]
    fn a_mail_address_is_what_rfc_5322_commonly_allows() {
        for address in [
            "somying@example.com",
            "o'neil@example.com",
            "a+b_c.d@x-y.example.go.th",
            "สมหญิง@ไปรษณีย์.ไทย",
            "jürgen@müller.de",
            "x@1669.th",
        ] {
            assert!(is_email(address), "{address}");
        }
        for wrong in [
            "",
            "a",
            "a@",
            "@b.c",
            "a@b",
            "a..b@c.d",
            ".a@b.c",
            "a@b..c",
            "a b@c.d",
            "a@-b.c",
            "a@b.1",
            "a@b.c, d@e.f",
            "<a@b.c>",
        ] {
            assert!(!is_email(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_mail_address_is_taken_out_of_what_surrounds_it() {
        for typed in ["mailto:a@b.co", "<a@b.co>", "a@b.co.", "MAILTO:a@b.co,", "a@b.co"] {
            assert!(fits(EMAIL, typed), "{typed}");
            assert_eq!(read::<Email>(typed).into_inner(), "a@b.co");
        }
    }

    #[test]
    fn a_national_id_is_taken_as_the_card_has_it() {
        for (typed, is_one) in [
            ("1234567890121", true),
            ("1101700230708", true),
            ("1 1017 00230 70 8", true),
            ("1-1017-00230-70-8", true),
            ("1\u{2011}1017\u{2011}00230\u{2011}70\u{2011}8", true),
            ("๑ ๑๐๑๗ ๐๐๒๓๐ ๗๐ ๘", true),
            ("1.1017.00230.70.8", true),
            ("1\u{3000}1017\u{3000}00230\u{3000}70\u{3000}8", true),
            ("1234567890122", false),
            ("2134567890121", false),
        ] {
            assert!(fits(NATIONAL_ID, typed), "{typed}");
            let read: NationalId = read(typed);
            assert_eq!((read.is_one(), read.into_inner().len()), (is_one, 13), "{typed}");
        }
        for wrong in ["", "123456789012", "12345678901210", "123456789012x"] {
            assert!(!fits(NATIONAL_ID, wrong), "{wrong}");
        }
    }
}
