//! Sentences in the two languages of the service.

use std::borrow::Cow;

use entity::codes::Label;
use serde::Deserialize;

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
    pub enum Language = "Language" ("ภาษาของข้อความ", "Language of texts.") {
        #[serde(rename = "th")]
        Thai = "th" ("ภาษาไทย", "Thai", "ข้อความเป็นภาษาไทย", "Texts are in Thai."),
        #[serde(rename = "en")]
        English = "en" ("ภาษาอังกฤษ", "English", "ข้อความเป็นภาษาอังกฤษ", "Texts are in English."),
    }
}

impl Language {
    pub fn tag(self) -> &'static str {
        match self {
            Language::Thai => "th",
            Language::English => "en",
        }
    }
}

/// A label in one language.
pub trait Localized {
    fn localized(&self, language: Language) -> &str;
}

impl Localized for Label {
    fn localized(&self, language: Language) -> &str {
        match language {
            Language::Thai => &self.th,
            Language::English => &self.en,
        }
    }
}

/// A sentence in Thai and in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    th: Cow<'static, str>,
    en: Cow<'static, str>,
}

impl Message {
    pub fn new(th: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self { th: th.into(), en: en.into() }
    }

    /// The sentence, with the name of its subject in front.
    pub fn about(&self, name: &str) -> Self {
        Self::new(format!("{name}: {}", self.th), format!("{name}: {}", self.en))
    }

    /// The same with a name in each language.
    pub fn named(&self, Label { th, en }: &Label) -> Self {
        Self::new(format!("{th}: {}", self.th), format!("{en}: {}", self.en))
    }

    /// The sentence, with what comes after it.
    pub fn followed_by(&self, th: &str, en: &str) -> Self {
        Self::new(format!("{}{th}", self.th), format!("{}{en}", self.en))
    }

    pub fn localized(&self, language: Language) -> &str {
        match language {
            Language::Thai => &self.th,
            Language::English => &self.en,
        }
    }

    pub fn into_localized(self, language: Language) -> Cow<'static, str> {
        match language {
            Language::Thai => self.th,
            Language::English => self.en,
        }
    }
}

impl From<Message> for Label {
    fn from(Message { th, en }: Message) -> Self {
        Self { th, en }
    }
}
