//! Measures as clients see them. Examples are the municipality's own.

use chrono::{DateTime, NaiveDate, Utc};
use entity::measure::{Column, Entity, Model};
use entity::state::{Publication, Status};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::store::Row;
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::rule::Rules;
use crate::domain::status::planned;
use crate::domain::text::{Line, Lines};
use crate::evidence::{self, Evidence, EvidenceInput};
use crate::http::list::{Filter, Tabular};
use crate::http::several::{Codes, FiscalYears, Numbers};
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::revisions::Resource;

/// Printed where a measure is everybody's.
pub const ALL_UNITS: &str = "ทุกส่วนราชการ";

/// An integrity measure of one fiscal year.
#[derive(Serialize, ToSchema)]
pub struct Measure {
    /// Id of the measure, a UUIDv7.
    pub id: Uuid,
    /// Fiscal year of the measure, Buddhist era.
    #[schema(value_type = FiscalYear)]
    pub fiscal_year: i32,
    /// Number of the measure within the fiscal year.
    #[schema(minimum = 1, maximum = 9999, example = 2)]
    pub number: i32,
    /// Title of the measure.
    #[schema(max_length = 1000, example = "สร้างกระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ")]
    pub title: String,
    /// How the measure is implemented, in order.
    #[schema(value_type = Vec<Lines<2000>>, max_items = 100, example = json!(["ประชาสัมพันธ์บนเว็บไซต์ของเทศบาล"]))]
    pub methods: Vec<String>,
    /// Units that are responsible for the measure.
    pub responsible: Responsible,
    /// Period in free text, as entered.
    #[schema(max_length = 200, example = "ปีงบประมาณ พ.ศ. ๒๕๖๖")]
    pub period_text: String,
    /// First day of the measure; null if not stated.
    #[schema(required, example = json!(null))]
    pub starts_on: Option<NaiveDate>,
    /// Last day of the measure; null if not stated.
    #[schema(required, example = json!(null))]
    pub ends_on: Option<NaiveDate>,
    /// What was done, in order.
    #[schema(value_type = Vec<Lines<2000>>, max_items = 100, example = json!(["จัดทำคู่มือแนวทางการปฏิบัติงาน", "ประกาศมาตรการ NO Gift Policy"]))]
    pub results: Vec<String>,
    /// What was achieved, in order.
    #[schema(value_type = Vec<Lines<2000>>, max_items = 100, example = json!(["เจ้าหน้าที่ปฏิบัติงานด้วยความโปร่งใส และมีประสิทธิภาพ"]))]
    pub outcomes: Vec<String>,
    /// Pages and files that show what was done.
    #[schema(max_items = 50)]
    pub evidence: Vec<Evidence>,
    /// Progress of the work.
    pub status: Status,
    /// Topic of the plan of measures, 1 to 7; null if not stated.
    #[schema(required, minimum = 1, maximum = 7, example = 1)]
    pub topic: Option<i16>,
    /// How the measure is followed up and reported on; null if not stated.
    #[schema(required, max_length = 2000, example = "รายงานผลต่อปลัดเทศบาลทุกไตรมาส")]
    pub follow_up: Option<String>,
    /// Codes of the e-services that carry the measure, in the order of entry; reports show their figures. Projects that carry it name it
    /// as their `measure_id`.
    #[schema(value_type = Vec<Line<50>>, max_items = 20, example = json!(["public-lighting"]))]
    pub e_services: Vec<String>,
    /// Id of the measure of an earlier year that this measure continues; null if there is none.
    #[schema(required, example = json!(null))]
    pub predecessor_id: Option<Uuid>,
    /// Who can see the record.
    pub publication: Publication,
    /// Public reason for which the record was unpublished; null if it is not.
    #[schema(required, max_length = 1000, example = json!(null))]
    pub unpublished_reason: Option<String>,
    /// Time at which the record was created.
    pub created_at: DateTime<Utc>,
    /// Time of the last change of the record.
    pub updated_at: DateTime<Utc>,
}

/// The responsible units: every unit, or the units listed.
#[derive(Serialize, ToSchema)]
pub struct Responsible {
    /// Whether every unit is responsible.
    pub all_units: bool,
    /// Codes of the units, in the order of entry.
    #[schema(value_type = Vec<Line<50>>, max_items = 50, example = json!(["strategy-budget", "legal"]))]
    pub units: Vec<String>,
    /// Names of the units, as reports print them.
    #[schema(value_type = Vec<Line<300>>, max_items = 50, example = json!(["กองยุทธศาสตร์ฯ", "งานนิติการ"]))]
    pub names: Vec<String>,
}

/// The writable fields of a measure.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "fiscal_year": 2568,
    "number": 2,
    "title": "สร้างกระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ",
    "methods": ["ประชาสัมพันธ์บนเว็บไซต์ของเทศบาล"],
    "responsible": { "units": ["strategy-budget", "legal"] },
    "period_text": "ปีงบประมาณ พ.ศ. ๒๕๖๘",
    "starts_on": "2024-10-01",
    "ends_on": "2025-09-30",
    "results": ["จัดทำคู่มือแนวทางการปฏิบัติงาน", "ประกาศมาตรการ NO Gift Policy"],
    "outcomes": ["เจ้าหน้าที่ปฏิบัติงานด้วยความโปร่งใส และมีประสิทธิภาพ"],
    "evidence": [{
        "title": "ประกาศมาตรการ NO Gift Policy",
        "kind": "announcement",
        "url": "https://www.example.go.th/no-gift-policy.pdf",
    }],
    "status": "completed",
    "topic": 1,
    "e_services": ["public-lighting"],
}))]
pub struct MeasureInput {
    /// Fiscal year of the measure, Buddhist era.
    pub fiscal_year: FiscalYear,
    /// Number of the measure within the fiscal year, as in the report.
    #[schema(minimum = 1, maximum = 9999, example = 2)]
    pub number: i32,
    /// Title of the measure.
    pub title: Line<1000>,
    /// How the measure is implemented, in order.
    #[serde(default)]
    #[schema(max_items = 100, example = json!(["ประชาสัมพันธ์บนเว็บไซต์ของเทศบาล"]))]
    pub methods: Vec<Lines<2000>>,
    /// Units that are responsible for the measure.
    pub responsible: ResponsibleInput,
    /// Period in free text, in any era.
    pub period_text: Line<200>,
    /// First day of the measure, in the Gregorian calendar.
    #[schema(example = "2022-10-01")]
    pub starts_on: Option<NaiveDate>,
    /// Last day of the measure, in the Gregorian calendar. Not before `starts_on`.
    #[schema(example = "2023-09-30")]
    pub ends_on: Option<NaiveDate>,
    /// What was done, in order.
    #[serde(default)]
    #[schema(max_items = 100, example = json!(["จัดทำคู่มือแนวทางการปฏิบัติงาน", "ประกาศมาตรการ NO Gift Policy"]))]
    pub results: Vec<Lines<2000>>,
    /// What was achieved, in order.
    #[serde(default)]
    #[schema(max_items = 100, example = json!(["เจ้าหน้าที่ปฏิบัติงานด้วยความโปร่งใส และมีประสิทธิภาพ"]))]
    pub outcomes: Vec<Lines<2000>>,
    /// Pages and files that show what was done.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub evidence: Vec<EvidenceInput>,
    /// Progress of the work. `planned` if absent.
    #[serde(default = "planned")]
    pub status: Status,
    /// Topic of the plan of measures, 1 to 7; null if not stated.
    #[schema(minimum = 1, maximum = 7, example = 1)]
    pub topic: Option<i16>,
    /// How the measure is followed up and reported on; null if not stated.
    #[schema(example = "รายงานผลต่อปลัดเทศบาลทุกไตรมาส")]
    pub follow_up: Option<Lines<2000>>,
    /// Codes of the e-services that carry the measure, in the order in which reports show them. A project says itself which measure it
    /// carries.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["public-lighting"]))]
    pub e_services: Vec<Line<50>>,
    /// Id of the measure of an earlier year that this measure continues; null if there is none.
    #[schema(example = json!(null))]
    pub predecessor_id: Option<Uuid>,
}

/// The responsible units. Exactly one of `all_units` and `units` is required.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponsibleInput {
    /// Whether every unit is responsible. Not together with `units`.
    #[serde(default)]
    #[schema(example = false)]
    pub all_units: bool,
    /// Codes of the units, in the order in which reports print them.
    #[serde(default)]
    #[schema(max_items = 50, example = json!(["strategy-budget", "legal"]))]
    pub units: Vec<Line<50>>,
}

impl Validate for MeasureInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let ResponsibleInput { all_units, units } = &self.responsible;
        let is_twice = |codes: &[Line<50>]| codes.iter().enumerate().any(|(at, code)| codes[..at].contains(code));
        let backwards = self.starts_on.zip(self.ends_on).is_some_and(|(from, to)| to < from);
        Rules::default()
            .require(*all_units == units.is_empty(), "responsible", FieldCode::AllOrSome)
            .require(
                !is_twice(units),
                "responsible",
                FieldCode::Duplicate.because("มีส่วนราชการซ้ำ", "must not name a unit twice"),
            )
            .require(
                !is_twice(&self.e_services),
                "e_services",
                FieldCode::Duplicate.because("มีบริการซ้ำ", "must not name an e-service twice"),
            )
            .require(
                !backwards,
                "ends_on",
                FieldCode::BeforeStart.because("วันสิ้นสุดต้องไม่ก่อนวันเริ่มต้น", "must not be before starts_on"),
            )
            .end()
    }
}

/// Which measures to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MeasureFilter {
    /// Records of this fiscal year.
    #[param(inline, explode = false, example = json!([2567]))]
    pub fiscal_year: Option<FiscalYears>,
    /// Measures with one of these statuses.
    #[param(inline, explode = false, min_items = 1, max_items = 4, example = json!(["in_progress", "completed"]))]
    pub status: Option<Vec<Status>>,
    /// Measures with one of these publication states. Others than `published` need a token with
    /// `measures:read`.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["published"]))]
    pub publication: Option<Vec<Publication>>,
    /// Measures for which one of the units with these codes is responsible, including those for which every unit is.
    #[param(inline, explode = false, example = json!(["legal"]))]
    pub unit: Option<Codes>,
    /// Measures on these topics of the plan, 1 to 7.
    #[param(inline, explode = false, example = json!([1]))]
    pub topic: Option<Numbers<7>>,
    /// Measures with one of these numbers.
    #[param(inline, explode = false, example = json!([2]))]
    pub number: Option<Numbers<9999>>,
    /// Records changed at this time or later.
    #[param(example = "2024-04-01T00:00:00Z")]
    pub updated_from: Option<DateTime<Utc>>,
    /// Records changed at this time or earlier.
    #[param(example = "2024-04-30T16:59:59Z")]
    pub updated_to: Option<DateTime<Utc>>,
    /// Measures with this text in any of their texts.
    #[param(inline, example = "โปร่งใส")]
    pub q: Option<Line<100>>,
    /// Sort order. A minus sign reverses a field. By default latest year first, then by number.
    #[param(inline, explode = false, min_items = 1, max_items = 4, example = json!(["-updated_at"]))]
    pub sort: Option<Vec<MeasureSort>>,
}

type MeasureSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "measures";
    const BY: &'static [(&'static str, Column)] = &[
        ("fiscal_year", Column::FiscalYear),
        ("number", Column::Number),
        ("starts_on", Column::StartsOn),
        ("created_at", Column::CreatedAt),
        ("updated_at", Column::UpdatedAt),
    ];
}

impl Filter for MeasureFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::FiscalYear, Order::Desc), (Column::Number, Order::Asc)])
    }
}

impl From<Row> for Measure {
    fn from(row: Row) -> Self {
        let Row { measure, units } = row;
        let Model {
            id,
            fiscal_year,
            number,
            title,
            all_units,
            methods,
            period_text,
            starts_on,
            ends_on,
            results,
            outcomes,
            evidence,
            status,
            topic,
            follow_up,
            e_services,
            predecessor_id,
            publication,
            unpublished_reason,
            search: _,
            version: _,
            created_at,
            updated_at,
        } = measure;
        let (codes, mut names): (Vec<_>, Vec<_>) = units.0.into_iter().map(|unit| (unit.code, unit.name)).unzip();
        if all_units {
            names.push(ALL_UNITS.to_owned());
        }
        Self {
            id,
            fiscal_year,
            number,
            title,
            methods: methods.0,
            responsible: Responsible { all_units, units: codes, names },
            period_text,
            starts_on,
            ends_on,
            results: results.0,
            outcomes: outcomes.0,
            evidence: evidence::shown(evidence),
            status,
            topic,
            follow_up,
            e_services: e_services.0,
            predecessor_id,
            publication,
            unpublished_reason,
            created_at,
            updated_at,
        }
    }
}

impl From<&Row> for MeasureInput {
    fn from(Row { measure, units }: &Row) -> Self {
        let lines = |texts: &entity::texts::Texts| texts.0.iter().cloned().map(Lines::from).collect();
        Self {
            fiscal_year: FiscalYear::stored(measure.fiscal_year),
            number: measure.number,
            title: measure.title.clone().into(),
            methods: lines(&measure.methods),
            responsible: ResponsibleInput {
                all_units: measure.all_units,
                units: units.0.iter().map(|unit| unit.code.clone().into()).collect(),
            },
            period_text: measure.period_text.clone().into(),
            starts_on: measure.starts_on,
            ends_on: measure.ends_on,
            results: lines(&measure.results),
            outcomes: lines(&measure.outcomes),
            evidence: evidence::as_sent(&measure.evidence),
            status: measure.status,
            topic: measure.topic,
            follow_up: measure.follow_up.clone().map(Lines::from),
            e_services: measure.e_services.0.iter().cloned().map(Line::from).collect(),
            predecessor_id: measure.predecessor_id,
        }
    }
}

impl Tabular for Measure {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |measure| measure.id.to_string().into()),
        ("fiscal_year", |measure| measure.fiscal_year.into()),
        ("number", |measure| measure.number.into()),
        ("title", |measure| measure.title.as_str().into()),
        ("methods", |measure| measure.methods[..].into()),
        ("responsible", |measure| measure.responsible.names[..].into()),
        ("period_text", |measure| measure.period_text.as_str().into()),
        ("starts_on", |measure| measure.starts_on.into()),
        ("ends_on", |measure| measure.ends_on.into()),
        ("results", |measure| measure.results[..].into()),
        ("outcomes", |measure| measure.outcomes[..].into()),
        ("evidence", |measure| evidence::lines(&measure.evidence)[..].into()),
        ("status", |measure| Cell::code(measure.status)),
        ("topic", |measure| measure.topic.map(i32::from).into()),
        ("follow_up", |measure| measure.follow_up.as_deref().into()),
        ("e_services", |measure| Cell::records(Resource::EServices, measure.e_services.iter())),
        ("predecessor_id", |measure| measure.predecessor_id.map(|id| id.to_string()).into()),
        ("publication", |measure| Cell::code(measure.publication)),
        ("unpublished_reason", |measure| measure.unpublished_reason.as_deref().into()),
        ("created_at", |measure| measure.created_at.into()),
        ("updated_at", |measure| measure.updated_at.into()),
    ];
}
