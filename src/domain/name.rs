//! The name of a thing that has one in both languages.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::text::Line;

/// A name in Thai and, where there is one, in English.
#[derive(Clone, Serialize, ToSchema)]
pub struct Name {
    /// Name in Thai.
    #[schema(max_length = 300, example = "งานนิติการ")]
    pub th: String,
    /// Name in English; null if there is none.
    #[schema(required, max_length = 300, example = "Legal Affairs Section")]
    pub en: Option<String>,
}

/// A name in Thai and, where there is one, in English.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "th": "งานนิติการ", "en": "Legal Affairs Section" }))]
pub struct NameInput {
    /// Name in Thai.
    pub th: Line<300>,
    /// Name in English.
    pub en: Option<Line<300>>,
}

impl NameInput {
    pub fn new(th: &str, en: Option<&str>) -> Self {
        Self { th: th.to_owned().into(), en: en.map(|en| en.to_owned().into()) }
    }
}
