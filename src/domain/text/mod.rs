//! Text that people wrote. It comes in through [`cleaned`], is searched through [`folded`], and compared through [`look_alike`].

mod cleaning;
mod composition;
mod folding;
pub mod typed;

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};
use zeroize::Zeroize;

pub use self::cleaning::cleaned;
pub use self::folding::{folded, look_alike, password, searchable};

/// Characters that nobody sees, as a class of a regular expression; those beyond U+FFFF are left to the service.
macro_rules! unseen {
    () => {
        r"\u0000-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F-\u1160\u17B4-\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFDD0-\uFDEF\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFC\uFFFE-\uFFFF"
    };
}

/// Something to see.
pub const VISIBLE: &str = concat!(r"[^\s", unseen!(), "]");

/// A text to search for: three characters or more that are seen.
pub const SEARCHED: &str = concat!(r"^[^\s", unseen!(), r"](.*[^\s", unseen!(), r"]){2}$");

/// An address on the web: only http and https.
pub(super) const WEB: &str = concat!(r"^https?://[^\s/", unseen!(), r"][^\s\u0000-\u001F\u007F-\u009F]*$");

/// One line of text, 1 to `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line<const MAX: usize>(String);

/// Text that may have several lines, 1 to `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lines<const MAX: usize>(String);

/// An http or https address, 1 to `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WebAddress<const MAX: usize>(String);

/// What is pasted as two lines is read as one.
fn one_line(mut text: String) -> String {
    if text.contains(['\n', '\t']) {
        let line = text.replace(['\n', '\t'], " ");
        text.zeroize();
        text = line;
    }
    text
}

/// The text of a file without its byte order mark, which Windows programs put in front.
pub fn without_bom(text: &str) -> &str {
    text.strip_prefix('\u{FEFF}').unwrap_or(text)
}

macro_rules! text {
    ($name:ident, $read:expr, $pattern:ident, $format:expr) => {
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
            /// Cleaned and checked against the schema below before anything is deserialised.
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map($read).map(Self::from)
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

text!(Line, one_line, VISIBLE, None);
text!(Lines, std::convert::identity, VISIBLE, None);
// RFC 3987: paths may be in Thai.
text!(WebAddress, std::convert::identity, WEB, Some(SchemaFormat::Custom("iri".to_owned())));
