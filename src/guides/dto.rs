//! Guides as clients see them.

use chrono::{DateTime, Utc};
use entity::guide::{Column, Entity, LawCheck, Model, Occasion};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationErrors};

use crate::cases::guides::{filled_in, is_filled};
use crate::domain::field_code::FieldCode;
use crate::domain::name::{Name, NameInput};
use crate::domain::rule::Rules;
use crate::domain::text::{Line, Lines};
use crate::http::list::{Filter, Tabular};
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};

/// A text that the agency keeps for citizens and officers: a guide, a notice before something is sent, or a ready text.
#[derive(Serialize, ToSchema)]
pub struct Guide {
    /// Code that never changes, for programs.
    #[schema(max_length = 50, example = "protection-of-reporters")]
    pub code: String,
    /// Number of the version. The latest is in use; earlier ones are kept.
    #[schema(minimum = 1, maximum = 1000000, example = 1)]
    pub version: i32,
    /// When the text is shown or used.
    pub occasion: Occasion,
    /// Title of the text in Thai and English.
    pub title: Name,
    /// The text in Thai.
    #[schema(max_length = 8000, example = "เทศบาลเก็บชื่อและข้อมูลติดต่อของผู้ร้องเรียนเป็นความลับ")]
    pub text: String,
    /// The text in English; null if there is none.
    #[schema(
        required,
        max_length = 8000,
        example = "The municipality keeps name and contact data of reporters secret."
    )]
    pub text_en: Option<String>,
    /// The law that the text follows; null if it follows none.
    #[schema(required)]
    pub law: Option<Law>,
    /// Time at which this version was created.
    pub created_at: DateTime<Utc>,
}

/// The law that a text follows.
#[derive(Serialize, ToSchema)]
pub struct Law {
    /// The law with its section.
    #[schema(max_length = 1000, example = "พระราชบัญญัติข้อมูลข่าวสารของราชการ พ.ศ. 2540 มาตรา 23")]
    pub text: String,
    /// Whether the reference was compared with the law.
    pub check: LawCheck,
}

/// The law that a text follows: both fields, or none.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "พระราชบัญญัติข้อมูลข่าวสารของราชการ พ.ศ. 2540 มาตรา 23", "check": "known" }))]
pub struct LawInput {
    /// The law with its section.
    pub text: Option<Lines<1000>>,
    /// Whether the reference was compared with the law.
    pub check: Option<LawCheck>,
}

/// The writable fields of a guide.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "photos-of-others",
    "occasion": "complaint_intake",
    "title": { "th": "ภาพถ่ายที่มีบุคคลอื่น", "en": "Photos of other people" },
    "text": "หากมีบุคคลอื่นอยู่ในภาพ โปรดพิจารณาก่อนแนบ",
    "law": { "text": "พระราชบัญญัติคุ้มครองข้อมูลส่วนบุคคล พ.ศ. 2562 มาตรา 4 (1)", "check": "to_be_checked" },
}))]
pub struct GuideInput {
    /// Code of lower-case words separated by hyphens. It cannot be changed.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 50, example = "protection-of-reporters")]
    pub code: String,
    /// When the text is shown or used.
    pub occasion: Occasion,
    /// Title of the text in Thai and English.
    pub title: NameInput,
    /// The text in Thai. An empty line separates paragraphs. In texts about the end of a case, `{until}` stands for a day and
    /// `{reference}` for the number of a case, where the meaning of the occasion names it: it has to be there. A paragraph with `{until}` is
    /// left out while the day is not known.
    #[schema(example = "เทศบาลเก็บชื่อและข้อมูลติดต่อของผู้ร้องเรียนเป็นความลับ")]
    pub text: Lines<8000>,
    /// The text in English.
    #[schema(example = "The municipality keeps name and contact data of reporters secret.")]
    pub text_en: Option<Lines<8000>>,
    /// The law that the text follows. Leave out if it follows none.
    pub law: Option<LawInput>,
}

impl Validate for GuideInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let is_whole = self.law.as_ref().is_none_or(|law| law.text.is_some() == law.check.is_some());
        let halves =
            FieldCode::BothOrNone.because("ต้องระบุทั้งกฎหมายและการตรวจสอบ", "must have both text and check, or neither");
        let empty = || {
            FieldCode::NotForThis.because(
                "{until} และ {reference} ใช้ได้เฉพาะโอกาสที่ระบุไว้ และไม่ใช้วงเล็บปีกกาอย่างอื่น",
                "must have no braces, except for what is filled in on this occasion",
            )
        };
        let is_filled = |text: &Lines<8000>| is_filled(text, self.occasion);
        let needed = filled_in(self.occasion).unwrap_or_default();
        let lacking = || {
            FieldCode::MissingPart.because(
                format!("ต้องมี {needed} ความหมายของโอกาสที่ใช้ข้อความบอกว่าระบบแสดงสิ่งใดแทน"),
                format!("must have {needed}: the meaning of the occasion says what is shown in its place"),
            )
        };
        let has_it = |text: &Lines<8000>| text.contains(needed);
        Rules::default()
            .require(is_whole, "law", halves)
            .require(is_filled(&self.text), "text", empty())
            .require(self.text_en.as_ref().is_none_or(is_filled), "text_en", empty())
            .require(has_it(&self.text), "text", lacking())
            .require(self.text_en.as_ref().is_none_or(has_it), "text_en", lacking())
            .end()
    }
}

/// Which guides to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GuideFilter {
    /// Texts for one of these occasions.
    #[param(inline, explode = false, min_items = 1, max_items = 15, example = json!(["intake", "complaint_intake"]))]
    pub occasion: Option<Vec<Occasion>>,
    /// Texts whose Thai or English title contains this text.
    #[param(inline, example = "คุ้มครอง")]
    pub q: Option<Line<100>>,
    /// Sort order. A minus sign reverses a field. By default by code.
    #[param(inline, explode = false, min_items = 1, max_items = 2, example = json!(["-created_at"]))]
    pub sort: Option<Vec<GuideSort>>,
}

/// Which versions of a guide to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GuideVersionFilter {
    /// Only this version.
    #[param(minimum = 1, maximum = 1000000, example = 1)]
    pub version: Option<i32>,
    /// Sort order. A minus sign reverses a field. By default newest first.
    #[param(inline, explode = false, min_items = 1, max_items = 2, example = json!(["created_at"]))]
    pub sort: Option<Vec<GuideSort>>,
}

type GuideSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "guides";
    const BY: &'static [(&'static str, Column)] = &[("code", Column::Code), ("created_at", Column::CreatedAt)];
}

impl Filter for GuideFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::Code, Order::Asc)])
    }
}

impl Filter for GuideVersionFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::Version, Order::Desc)])
    }
}

impl From<Model> for Guide {
    fn from(row: Model) -> Self {
        let law = law_of(&row);
        let Model {
            id: _,
            code,
            version,
            occasion,
            title_th,
            title_en,
            text_th,
            text_en,
            law: _,
            law_check: _,
            created_at,
        } = row;
        let title = Name { th: title_th, en: title_en };
        Self { code, version, occasion, title, text: text_th, text_en, law, created_at }
    }
}

impl From<&Model> for GuideInput {
    fn from(row: &Model) -> Self {
        Self {
            code: row.code.clone(),
            occasion: row.occasion,
            title: NameInput::new(&row.title_th, row.title_en.as_deref()),
            text: row.text_th.clone().into(),
            text_en: row.text_en.clone().map(Lines::from),
            law: law_of(row).map(|law| LawInput { text: Some(law.text.into()), check: Some(law.check) }),
        }
    }
}

fn law_of(row: &Model) -> Option<Law> {
    row.law.clone().zip(row.law_check).map(|(text, check)| Law { text, check })
}

impl Tabular for Guide {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("code", |guide| guide.code.as_str().into()),
        ("version", |guide| guide.version.into()),
        ("occasion", |guide| Cell::code(guide.occasion)),
        ("title_th", |guide| guide.title.th.as_str().into()),
        ("title_en", |guide| guide.title.en.as_deref().into()),
        ("text", |guide| guide.text.as_str().into()),
        ("text_en", |guide| guide.text_en.as_deref().into()),
        ("law", |guide| guide.law.as_ref().map(|law| law.text.as_str()).into()),
        ("law_check", |guide| guide.law.as_ref().map(|law| Cell::code(law.check)).into()),
        ("created_at", |guide| guide.created_at.into()),
    ];
}
