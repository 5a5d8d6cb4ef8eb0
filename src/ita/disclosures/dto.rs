//! Answers to the items of the ITA as clients see them.

use chrono::{DateTime, Utc};
use entity::ita_disclosure::{Link, Model, Part, State};
use entity::ita_item::{self, Subject};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::store::Row;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::ita::{Action, ItemCode};
use crate::domain::name::Name;
use crate::domain::text::{Line, Lines, WebAddress};
use crate::http::list::{Filter, Tabular};
use crate::http::several::Codes;
use crate::http::sort;
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::ita::items::ItaItemSort;
use crate::references::Referred;
use crate::revisions::Resource;

/// The agency's answer to an item of the ITA.
#[derive(Serialize, ToSchema)]
pub struct ItaDisclosure {
    /// Fiscal year of the assessment, Buddhist era.
    pub fiscal_year: FiscalYear,
    /// Code of the item in this year.
    pub code: ItemCode,
    /// What the item is about; null where nothing depends on it.
    #[schema(required, example = "integrity_measures_report")]
    pub subject: Option<Subject>,
    /// Title of the item.
    #[schema(max_length = 300, example = "รายงานผลการดำเนินการเพื่อส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน")]
    pub title: String,
    /// Progress of the answer.
    pub state: State,
    /// Whether the agency discloses what the item asks for; null before it is decided.
    #[schema(required, example = true)]
    pub disclosed: Option<bool>,
    /// Where it is disclosed, in the order in which the addresses are entered into the ITA's form.
    #[schema(max_items = 20)]
    pub links: Vec<ItaLink>,
    /// Explanation for the assessor; null if none is stated.
    #[schema(required, max_length = 4000, example = "รายงานอยู่ในหน้าข้อมูลสาธารณะของเทศบาล")]
    pub explanation: Option<String>,
    /// Which required parts are shown where.
    #[schema(max_items = 50)]
    pub parts: Vec<ItaPart>,
    /// Code of the unit that prepares the answer; null if none is stated.
    #[schema(required, max_length = 50, example = "policy-planning")]
    pub unit: Option<String>,
    /// Name of that unit.
    #[schema(required)]
    pub unit_name: Option<Name>,
    /// Notes of the staff; null if there are none.
    #[schema(required, max_length = 4000, example = json!(null))]
    pub notes: Option<String>,
    /// Whether the answer was carried forward from the year before.
    #[schema(example = false)]
    pub carried_forward: bool,
    /// Time of the last change of the answer.
    pub updated_at: DateTime<Utc>,
}

/// An address at which something is disclosed.
#[derive(Clone, Serialize, ToSchema)]
pub struct ItaLink {
    /// Title of the page or file.
    #[schema(max_length = 300, example = "รายงานผลมาตรการส่งเสริมคุณธรรมและความโปร่งใส")]
    pub title: String,
    /// Address of the page or file. A public file has a permanent one.
    #[schema(max_length = 2000, example = "https://www.example.go.th/integrity-report-2567")]
    pub url: String,
    /// Id of the public file; null for a page or file elsewhere.
    #[schema(required, example = json!(null))]
    pub file_id: Option<Uuid>,
    /// How to find it from the first page of the website; null if not stated.
    #[schema(required, max_length = 1000, example = "หน้าแรก > ข้อมูลสาธารณะ > ITA 2567")]
    pub steps: Option<String>,
}

/// A required part of an item, and where it is shown.
#[derive(Clone, Serialize, ToSchema)]
pub struct ItaPart {
    /// Name of the part.
    #[schema(max_length = 500, example = "ผลการดำเนินการตามมาตรการ")]
    pub part: String,
    /// Number of the link that shows it, from 1.
    #[schema(minimum = 1, maximum = 20, example = 1)]
    pub link: i32,
    /// Place within that page or file; null if not stated.
    #[schema(required, max_length = 300, example = "คอลัมน์ผลการดำเนินการ")]
    pub place: Option<String>,
}

/// The writable fields of an answer.
#[derive(Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "disclosed": true,
    "links": [{
        "title": "รายงานผลมาตรการส่งเสริมคุณธรรมและความโปร่งใส",
        "url": "https://www.example.go.th/integrity-report-2567",
        "steps": "หน้าแรก > ข้อมูลสาธารณะ > ITA 2567",
    }],
    "parts": [
        { "part": "ผลการดำเนินการตามมาตรการ", "link": 1, "place": "คอลัมน์ผลการดำเนินการ" },
        { "part": "ผลลัพธ์หรือความสำเร็จของการดำเนินการ", "link": 1 },
    ],
    "unit": "policy-planning",
}))]
pub struct ItaDisclosureInput {
    /// Whether the agency discloses what the item asks for.
    #[schema(example = true)]
    pub disclosed: Option<bool>,
    /// Where it is disclosed, in the order in which the addresses are entered into the ITA's form.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub links: Vec<ItaLinkInput>,
    /// Explanation for the assessor.
    pub explanation: Option<Lines<4000>>,
    /// Which required parts are shown where. A part that the item does not ask for is kept, and listed in the readiness report.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub parts: Vec<ItaPartInput>,
    /// Code of the unit that prepares the answer.
    pub unit: Option<Line<50>>,
    /// Notes of the staff, which are no part of the answer.
    pub notes: Option<Lines<4000>>,
}

/// An address at which something is disclosed. Exactly one of `url` and `file_id` is required.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItaLinkInput {
    /// Title of the page or file.
    pub title: Line<300>,
    /// Address of the page or file, `http` or `https`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://www.example.go.th/integrity-report-2567")]
    pub url: Option<WebAddress<2000>>,
    /// Id of a public file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(null))]
    pub file_id: Option<Uuid>,
    /// How to find it from the first page of the website.
    pub steps: Option<Lines<1000>>,
}

/// A required part of an item, and where it is shown.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItaPartInput {
    /// Name of the part, as the item has it.
    pub part: Line<500>,
    /// Number of the link that shows it, from 1.
    #[schema(minimum = 1, maximum = 20, example = 1)]
    pub link: i32,
    /// Place within that page or file, such as a page number.
    pub place: Option<Line<300>>,
}

/// A step of an answer.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "action": "review" }))]
pub struct ItaDisclosureTransition {
    /// The step.
    pub action: Action,
}

/// Which answers to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ItaDisclosureFilter {
    /// Answers in one of these states.
    #[param(inline, explode = false, min_items = 1, max_items = 6, example = json!(["open", "drafted"]))]
    pub state: Option<Vec<State>>,
    /// Answers that the unit with this code prepares.
    #[param(inline, explode = false, example = json!(["policy-planning"]))]
    pub unit: Option<Codes>,
    /// Sort order. A minus sign reverses a field. By default in the order of the codes.
    #[param(inline, explode = false, min_items = 1, max_items = 1, example = json!(["-code"]))]
    pub sort: Option<Vec<ItaItemSort>>,
}

impl Filter for ItaDisclosureFilter {
    type Entity = ita_item::Entity;

    fn order(&self) -> Vec<(ita_item::Column, Order)> {
        sort::order(self.sort.as_deref(), &[(ita_item::Column::Number, Order::Asc)])
    }
}

impl From<Row> for ItaDisclosure {
    fn from(row: Row) -> Self {
        let code = row.code();
        let Row { item, answer, unit } = row;
        let Model {
            id: _,
            state,
            disclosed,
            links,
            explanation,
            parts,
            unit_id: _,
            notes,
            carried_from,
            version: _,
            updated_at,
        } = answer;
        Self {
            fiscal_year: FiscalYear::stored(item.fiscal_year),
            code,
            subject: item.subject,
            title: item.title,
            state,
            disclosed,
            links: links.0.into_iter().map(ItaLink::from).collect(),
            explanation,
            parts: parts.0.into_iter().map(ItaPart::from).collect(),
            unit_name: unit.as_ref().map(Referred::name),
            unit: unit.map(|unit| unit.code),
            notes,
            carried_forward: carried_from.is_some(),
            updated_at,
        }
    }
}

impl From<Link> for ItaLink {
    fn from(Link { title, url, file, steps }: Link) -> Self {
        Self { title, url, file_id: file.map(|file| file.id), steps }
    }
}

impl From<Part> for ItaPart {
    fn from(Part { part, link, place }: Part) -> Self {
        Self { part, link, place }
    }
}

impl From<&Row> for ItaDisclosureInput {
    fn from(Row { answer, unit, .. }: &Row) -> Self {
        let lines = |text: &Option<String>| text.clone().map(Lines::from);
        let link = |Link { title, url, file, steps }: &Link| ItaLinkInput {
            title: title.clone().into(),
            url: file.is_none().then(|| url.clone().into()),
            file_id: file.as_ref().map(|file| file.id),
            steps: steps.clone().map(Lines::from),
        };
        let part = |Part { part, link, place }: &Part| ItaPartInput {
            part: part.clone().into(),
            link: *link,
            place: place.clone().map(Line::from),
        };
        Self {
            disclosed: answer.disclosed,
            links: answer.links.0.iter().map(link).collect(),
            explanation: lines(&answer.explanation),
            parts: answer.parts.0.iter().map(part).collect(),
            unit: unit.as_ref().map(|unit| unit.code.clone().into()),
            notes: lines(&answer.notes),
        }
    }
}

impl From<ItaPartInput> for Part {
    fn from(ItaPartInput { part, link, place }: ItaPartInput) -> Self {
        Self { part: part.into_inner(), link, place: place.map(Line::into_inner) }
    }
}

impl Tabular for ItaDisclosure {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("fiscal_year", |answer| answer.fiscal_year.number().into()),
        ("code", |answer| answer.code.to_string().into()),
        ("subject", |answer| answer.subject.map_or(Cell::Empty, Cell::code)),
        ("title", |answer| answer.title.as_str().into()),
        ("state", |answer| Cell::code(answer.state)),
        ("disclosed", |answer| answer.disclosed.into()),
        ("links", |answer| {
            answer.links.iter().map(|link| format!("{} {}", link.title, link.url)).collect::<Vec<_>>()[..].into()
        }),
        ("explanation", |answer| answer.explanation.as_deref().into()),
        ("parts", |answer| answer.parts.iter().map(|part| part.part.clone()).collect::<Vec<_>>()[..].into()),
        ("unit", |answer| Cell::records(Resource::Units, &answer.unit)),
        ("notes", |answer| answer.notes.as_deref().into()),
        ("updated_at", |answer| answer.updated_at.into()),
    ];
}
