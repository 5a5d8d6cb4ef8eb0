//! Items of the ITA as clients see them.

use chrono::{DateTime, Utc};
use entity::ita_item::{Column, Confidence, Entity, Model, Subject};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::domain::fiscal_year::FiscalYear;
use crate::domain::ita::ItemCode;
use crate::domain::text::{Line, Lines};
use crate::http::list::{Filter, Tabular};
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};

/// An item of the ITA's open data assessment (OIT) in one fiscal year.
#[derive(Serialize, ToSchema)]
pub struct ItaItem {
    /// Id of the item, a UUIDv7.
    pub id: Uuid,
    /// Fiscal year of the assessment, Buddhist era.
    pub fiscal_year: FiscalYear,
    /// Code of the item in this year.
    pub code: ItemCode,
    /// What the item is about, the same in every year; null where nothing depends on it.
    #[schema(required, example = "integrity_measures_report")]
    pub subject: Option<Subject>,
    /// Indicator that the item counts for, with its number.
    #[schema(max_length = 300, example = "10 การป้องกันการทุจริต")]
    pub indicator: String,
    /// Sub-indicator that the item counts for, with its number.
    #[schema(max_length = 300, example = "10.2 มาตรการส่งเสริมคุณธรรมและความโปร่งใส")]
    pub sub_indicator: String,
    /// Title of the item.
    #[schema(max_length = 300, example = "รายงานผลการดำเนินการเพื่อส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน")]
    pub title: String,
    /// What the disclosed data must be, in order.
    #[schema(value_type = Vec<Lines<1000>>, max_items = 50, example = json!(["เป็นรายงานผลของปี พ.ศ. 2566"]))]
    pub conditions: Vec<String>,
    /// Parts that the disclosed data must have, in order. Without one of them the item scores nothing.
    #[schema(value_type = Vec<Line<500>>, max_items = 50, example = json!(["ผลการดำเนินการตามมาตรการ", "ผลลัพธ์หรือความสำเร็จของการดำเนินการ"]))]
    pub required_parts: Vec<String>,
    /// How many years before `fiscal_year` the data is of: 1 where an assessment asks for the results of the year before, 0 where it
    /// asks for its own year. The service answers the item with what is published of that year.
    #[schema(minimum = 0, maximum = 5, example = 1)]
    pub years_before: i32,
    /// How sure these texts are.
    pub confidence: Confidence,
    /// Time at which the record was created.
    pub created_at: DateTime<Utc>,
    /// Time of the last change of the record.
    pub updated_at: DateTime<Utc>,
}

/// The writable fields of an item.
#[derive(Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "O36",
    "subject": null,
    "indicator": "10 การป้องกันการทุจริต",
    "sub_indicator": "10.2 มาตรการส่งเสริมคุณธรรมและความโปร่งใส",
    "title": "การติดตามผลมาตรการส่งเสริมคุณธรรมและความโปร่งใส",
    "conditions": ["เป็นการดำเนินการในปี พ.ศ. 2567"],
    "required_parts": ["ผลการติดตามแต่ละมาตรการ"],
    "confidence": "sourced",
}))]
pub struct ItaItemInput {
    /// Code of the item in this year.
    pub code: ItemCode,
    /// What the item is about. A year has one item of a subject.
    pub subject: Option<Subject>,
    /// Indicator that the item counts for, with its number.
    pub indicator: Line<300>,
    /// Sub-indicator that the item counts for, with its number.
    pub sub_indicator: Line<300>,
    /// Title of the item.
    pub title: Line<300>,
    /// What the disclosed data must be, in order.
    #[serde(default)]
    #[schema(max_items = 50, example = json!(["เป็นการดำเนินการในปี พ.ศ. 2567"]))]
    pub conditions: Vec<Lines<1000>>,
    /// Parts that the disclosed data must have, in order.
    #[serde(default)]
    #[schema(max_items = 50, example = json!(["ผลการติดตามแต่ละมาตรการ"]))]
    pub required_parts: Vec<Line<500>>,
    /// How many years before `fiscal_year` the data is of. By default as the conditions say: "รายงานผลของปี พ.ศ. 2566" in the assessment
    /// of 2567 is 1; without such words it is 0. It is 0 for measures, which have the fiscal year of the assessment to which they are
    /// reported.
    #[schema(minimum = 0, maximum = 5, example = 0)]
    pub years_before: Option<i32>,
    /// How sure these texts are.
    pub confidence: Confidence,
}

/// Which items to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ItaItemFilter {
    /// Items about one of these subjects.
    #[param(inline, explode = false, min_items = 1, max_items = 17, example = json!(["integrity_measures_report"]))]
    pub subject: Option<Vec<Subject>>,
    /// Items with this text in their title.
    #[param(inline, example = "มาตรการ")]
    pub q: Option<Line<100>>,
    /// Sort order. A minus sign reverses a field. By default in the order of the codes.
    #[param(inline, explode = false, min_items = 1, max_items = 1, example = json!(["-code"]))]
    pub sort: Option<Vec<ItaItemSort>>,
}

pub type ItaItemSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "ita-items";
    const BY: &'static [(&'static str, Column)] = &[("code", Column::Number)];
}

impl Filter for ItaItemFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::Number, Order::Asc)])
    }
}

impl From<Model> for ItaItem {
    fn from(row: Model) -> Self {
        let Model {
            id,
            fiscal_year,
            number,
            subject,
            indicator,
            sub_indicator,
            title,
            conditions,
            required_parts,
            years_before,
            confidence,
            version: _,
            created_at,
            updated_at,
        } = row;
        Self {
            id,
            fiscal_year: FiscalYear::stored(fiscal_year),
            code: ItemCode::stored(number),
            subject,
            indicator,
            sub_indicator,
            title,
            conditions: conditions.0,
            required_parts: required_parts.0,
            years_before,
            confidence,
            created_at,
            updated_at,
        }
    }
}

impl From<&Model> for ItaItemInput {
    fn from(row: &Model) -> Self {
        Self {
            code: ItemCode::stored(row.number),
            subject: row.subject,
            indicator: row.indicator.clone().into(),
            sub_indicator: row.sub_indicator.clone().into(),
            title: row.title.clone().into(),
            conditions: row.conditions.0.iter().cloned().map(Lines::from).collect(),
            required_parts: row.required_parts.0.iter().cloned().map(Line::from).collect(),
            years_before: Some(row.years_before),
            confidence: row.confidence,
        }
    }
}

impl Tabular for ItaItem {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |item| item.id.to_string().into()),
        ("fiscal_year", |item| item.fiscal_year.number().into()),
        ("code", |item| item.code.to_string().into()),
        ("subject", |item| item.subject.map_or(Cell::Empty, Cell::code)),
        ("indicator", |item| item.indicator.as_str().into()),
        ("sub_indicator", |item| item.sub_indicator.as_str().into()),
        ("title", |item| item.title.as_str().into()),
        ("conditions", |item| item.conditions[..].into()),
        ("required_parts", |item| item.required_parts[..].into()),
        ("years_before", |item| item.years_before.into()),
        ("confidence", |item| Cell::code(item.confidence)),
        ("created_at", |item| item.created_at.into()),
        ("updated_at", |item| item.updated_at.into()),
    ];
}
