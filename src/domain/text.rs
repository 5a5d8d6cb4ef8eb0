//! Text that people wrote: normalised to NFC, otherwise unchanged. Control characters, zero-width characters and marks that turn
//! the direction of writing (Unicode TR 36) are rejected: a name must be what it looks like.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};
use zeroize::Zeroize;

/// Control, zero-width and bidirectional characters, and the specials at the end of the plane, as a class of a regular expression.
macro_rules! unseen {
    () => {
        r"\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF0-\uFFFF"
    };
}

/// One line with something to see in it.
const LINE: &str =
    concat!(r"^[^\u0000-\u001F", unseen!(), r"]*[^\s\u0000-\u001F", unseen!(), r"][^\u0000-\u001F", unseen!(), "]*$");

/// An address on the web: only http and https, and nothing that cannot be seen.
const WEB: &str = concat!(r"^https?://[^\s/\u0000-\u001F", unseen!(), r"][^\s\u0000-\u001F", unseen!(), "]*$");

/// Lines with something to see in them; tabs and line ends are allowed.
const LINES: &str = concat!(
    r"^[^\u0000-\u0008\u000B-\u000C\u000E-\u001F",
    unseen!(),
    r"]*[^\s\u0000-\u001F",
    unseen!(),
    r"][^\u0000-\u0008\u000B-\u000C\u000E-\u001F",
    unseen!(),
    "]*$"
);

/// One line of text, 1 to `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line<const MAX: usize>(String);

/// Text that may have several lines, 1 to `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lines<const MAX: usize>(String);

/// An http or https address, 1 to `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WebAddress<const MAX: usize>(String);

macro_rules! text {
    ($name:ident, $pattern:ident, $format:expr) => {
        impl<const MAX: usize> $name<MAX> {
            pub fn into_inner(self) -> String {
                self.0
            }
        }

        impl<const MAX: usize> From<String> for $name<MAX> {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl<const MAX: usize> Deref for $name<MAX> {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl<const MAX: usize> Zeroize for $name<MAX> {
            fn zeroize(&mut self) {
                self.0.zeroize();
            }
        }

        impl<const MAX: usize> fmt::Display for $name<MAX> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<'de, const MAX: usize> Deserialize<'de> for $name<MAX> {
            /// Composed and checked against the schema below before anything is deserialised.
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::from)
            }
        }

        impl<const MAX: usize> PartialSchema for $name<MAX> {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .min_length(Some(1))
                    .max_length(Some(MAX))
                    .pattern(Some($pattern))
                    .format($format)
                    .into()
            }
        }

        impl<const MAX: usize> ToSchema for $name<MAX> {
            fn name() -> std::borrow::Cow<'static, str> {
                format!("{}{MAX}", stringify!($name)).into()
            }
        }
    };
}

text!(Line, LINE, None);
text!(Lines, LINES, None);
// RFC 3987: paths may be in Thai.
text!(WebAddress, WEB, Some(SchemaFormat::Custom("iri".to_owned())));

/// A text in Unicode's composed form.
pub fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// A text as searching compares it.
pub fn folded(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).collect()
}

/// The first character of a text that may not be in it.
pub fn unseen_character(text: &str) -> Option<char> {
    text.chars().find(|c| {
        (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
            || matches!(c, '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFF}')
    })
}

/// What `q` looks through: every text, lower-cased, a line each.
pub fn searchable<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(|text| folded(text) + "\n").collect()
}
