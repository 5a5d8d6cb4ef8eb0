//! Codes of the API: each is declared once, with its name and its meaning in Thai and in English.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

/// A name or sentence for people, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Label {
    /// In Thai.
    #[schema(value_type = String, max_length = 1000, example = "ดำเนินการแล้วเสร็จ")]
    pub th: Cow<'static, str>,
    /// In English; in Thai where there is no English name.
    #[schema(value_type = String, max_length = 1000, example = "completed")]
    pub en: Cow<'static, str>,
}

impl Label {
    pub const fn new(th: &'static str, en: &'static str) -> Self {
        Self { th: Cow::Borrowed(th), en: Cow::Borrowed(en) }
    }

    /// The name of a record, which may have no English one.
    pub fn named(th: String, en: Option<String>) -> Self {
        let en = en.unwrap_or_else(|| th.clone());
        Self { th: th.into(), en: en.into() }
    }
}

/// A code with its name and its meaning.
#[derive(Debug)]
pub struct Code {
    pub code: &'static str,
    pub label: Label,
    pub meaning: Label,
}

impl Code {
    /// A code with its name and its meaning, each in Thai and in English.
    pub const fn new(
        code: &'static str,
        label: (&'static str, &'static str),
        meaning: (&'static str, &'static str),
    ) -> Self {
        Self { code, label: Label::new(label.0, label.1), meaning: Label::new(meaning.0, meaning.1) }
    }
}

/// The name of a code as it was stored: of one that is no longer known, the code.
pub fn label_of(code: &str, known: Option<&Code>) -> Label {
    known.map_or_else(|| Label::named(code.to_owned(), None), |known| known.label.clone())
}

/// The codes of several lists, each once: the first list that has a code names it.
pub fn united(lists: impl IntoIterator<Item = &'static [Code]>) -> Vec<&'static Code> {
    let mut all: Vec<&Code> = Vec::new();
    for code in lists.into_iter().flatten() {
        if all.iter().all(|other| other.code != code.code) {
            all.push(code);
        }
    }
    all
}

/// An enum of codes.
pub trait Coded: Copy + 'static {
    /// What clients call the list of codes.
    const NAME: &'static str;
    /// What the codes are about.
    const MEANING: Label;
    const CODES: &'static [Code];
    const ALL: &'static [Self];

    /// The code of this value.
    fn coded(self) -> &'static Code;

    fn code(self) -> &'static str {
        self.coded().code
    }

    fn label(self) -> Label {
        self.coded().label.clone()
    }

    /// The value of a code.
    fn of_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.code() == code)
    }
}

/// The schema of some codes of a list: names and meanings are in the description, and in extensions that generators keep.
pub fn schema<'a>(about: &str, codes: impl IntoIterator<Item = &'a Code>) -> RefOr<Schema> {
    let codes: Vec<&Code> = codes.into_iter().collect();
    let line = |code: &&Code| format!("- `{}` ({}): {}", code.code, code.label.th, code.meaning.en);
    let lines: Vec<_> = codes.iter().map(line).collect();
    let labels: Map<String, Value> = codes.iter().map(|code| (code.code.to_owned(), json!(code.label))).collect();
    let meanings: Vec<&str> = codes.iter().map(|code| &*code.meaning.en).collect();
    let extensions = ExtensionsBuilder::new().add("x-labels", labels).add("x-enum-descriptions", meanings).build();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(format!("{about}\n\n{}", lines.join("\n"))))
        .enum_values(Some(codes.iter().map(|code| code.code)))
        .extensions(Some(extensions))
        .into()
}

/// Declares an enum whose values clients see as codes.
#[macro_export]
macro_rules! codes {
    (
        $(#[$attribute:meta])*
        pub enum $enum:ident = $name:literal ($about_th:literal, $about:literal) {
            $(
                $(#[$of_variant:meta])*
                $variant:ident = $code:literal ($th:literal, $en:literal, $meaning_th:literal, $meaning:literal),
            )*
        }
    ) => {
        #[doc = $about]
        $(#[$attribute])*
        pub enum $enum {
            $(
                #[doc = $meaning]
                $(#[$of_variant])*
                $variant,
            )*
        }

        impl $crate::codes::Coded for $enum {
            const NAME: &'static str = $name;
            const MEANING: $crate::codes::Label = $crate::codes::Label::new($about_th, $about);
            const CODES: &'static [$crate::codes::Code] = &[
                $($crate::codes::Code::new($code, ($th, $en), ($meaning_th, $meaning)),)*
            ];
            const ALL: &'static [Self] = &[$(Self::$variant,)*];

            fn coded(self) -> &'static $crate::codes::Code {
                &Self::CODES[self as usize]
            }
        }

        impl $crate::utoipa::PartialSchema for $enum {
            fn schema() -> $crate::utoipa::openapi::RefOr<$crate::utoipa::openapi::Schema> {
                $crate::codes::schema($about, <Self as $crate::codes::Coded>::CODES)
            }
        }

        impl $crate::utoipa::ToSchema for $enum {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
    };
}
