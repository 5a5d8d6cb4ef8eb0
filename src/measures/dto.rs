//! Measures as clients see them. Examples are the municipality's own.

use chrono::{DateTime, NaiveDate, Utc};
use entity::measure::{Column, Entity, Evidence as StoredEvidence, EvidenceKind, Model};
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
use crate::domain::text::{Line, Lines, WebAddress};
use crate::http::list::{Filter, Tabular};
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};

/// Printed where a measure is everybody's.
pub const ALL_UNITS: &str = "ทุกส่วนราชการ";

/// An integrity measure of one fiscal year.
#[derive(Serialize, ToSchema)]
pub struct Measure {
    pub id: Uuid,
    #[schema(value_type = FiscalYear)]
    pub fiscal_year: i32,
    /// Number within the year.
    #[schema(minimum = 1, maximum = 9999, example = 2)]
    pub number: i32,
    #[schema(max_length = 1000, example = "สร้างกระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ")]
    pub title: String,
    /// How it is done, in order.
    #[schema(value_type = Vec<Lines<2000>>, max_items = 100, example = json!(["ประชาสัมพันธ์บนเว็บไซต์ของเทศบาล"]))]
    pub methods: Vec<String>,
    pub responsible: Responsible,
    /// The period as it was written.
    #[schema(max_length = 200, example = "ปีงบประมาณ พ.ศ. ๒๕๖๖")]
    pub period_text: String,
    #[schema(required, example = json!(null))]
    pub starts_on: Option<NaiveDate>,
    #[schema(required, example = json!(null))]
    pub ends_on: Option<NaiveDate>,
    /// What was done, in order.
    #[schema(value_type = Vec<Lines<2000>>, max_items = 100, example = json!(["จัดทำคู่มือแนวทางการปฏิบัติงาน", "ประกาศมาตรการ NO Gift Policy"]))]
    pub results: Vec<String>,
    /// What came of it, in order.
    #[schema(value_type = Vec<Lines<2000>>, max_items = 100, example = json!(["เจ้าหน้าที่ปฏิบัติงานด้วยความโปร่งใส และมีประสิทธิภาพ"]))]
    pub outcomes: Vec<String>,
    #[schema(max_items = 50)]
    pub evidence: Vec<Evidence>,
    pub status: Status,
    /// Topic of the analysis in the measures' plan, 1 to 7.
    #[schema(required, minimum = 1, maximum = 7, example = 1)]
    pub topic: Option<i16>,
    /// The measure of an earlier year that this one continues.
    #[schema(required, example = json!(null))]
    pub predecessor_id: Option<Uuid>,
    pub publication: Publication,
    #[schema(required, max_length = 1000, example = json!(null))]
    pub unpublished_reason: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Who is responsible: every unit, or these.
#[derive(Serialize, ToSchema)]
pub struct Responsible {
    pub all_units: bool,
    /// Codes of the units, in the order in which they were written.
    #[schema(value_type = Vec<Line<50>>, max_items = 50, example = json!(["strategy-budget", "legal"]))]
    pub units: Vec<String>,
    /// The names as tables print them.
    #[schema(value_type = Vec<Line<300>>, max_items = 50, example = json!(["กองยุทธศาสตร์ฯ", "งานนิติการ"]))]
    pub names: Vec<String>,
}

/// A page or file on the municipality's website that shows what was done.
#[derive(Serialize, ToSchema)]
pub struct Evidence {
    #[schema(max_length = 300, example = "ประกาศมาตรการ NO Gift Policy")]
    pub title: String,
    pub kind: EvidenceKind,
    #[schema(max_length = 2000, example = "https://www.example.go.th/no-gift-policy.pdf")]
    pub url: String,
}

/// What can be written of a measure.
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
}))]
pub struct MeasureInput {
    pub fiscal_year: FiscalYear,
    /// Number within the year, as in the report.
    #[schema(minimum = 1, maximum = 9999, example = 2)]
    pub number: i32,
    pub title: Line<1000>,
    /// How it is done, in order.
    #[serde(default)]
    #[schema(max_items = 100, example = json!(["ประชาสัมพันธ์บนเว็บไซต์ของเทศบาล"]))]
    pub methods: Vec<Lines<2000>>,
    pub responsible: ResponsibleInput,
    /// The period as it is written, in whatever era.
    pub period_text: Line<200>,
    #[schema(example = "2022-10-01")]
    pub starts_on: Option<NaiveDate>,
    #[schema(example = "2023-09-30")]
    pub ends_on: Option<NaiveDate>,
    /// What was done, in order.
    #[serde(default)]
    #[schema(max_items = 100, example = json!(["จัดทำคู่มือแนวทางการปฏิบัติงาน", "ประกาศมาตรการ NO Gift Policy"]))]
    pub results: Vec<Lines<2000>>,
    /// What came of it, in order.
    #[serde(default)]
    #[schema(max_items = 100, example = json!(["เจ้าหน้าที่ปฏิบัติงานด้วยความโปร่งใส และมีประสิทธิภาพ"]))]
    pub outcomes: Vec<Lines<2000>>,
    /// Pages and files on the municipality's website that show what was done.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub evidence: Vec<EvidenceInput>,
    #[serde(default = "planned")]
    pub status: Status,
    /// Topic of the analysis in the measures' plan, 1 to 7.
    #[schema(minimum = 1, maximum = 7, example = 1)]
    pub topic: Option<i16>,
    /// The measure of an earlier year that this one continues.
    #[schema(example = json!(null))]
    pub predecessor_id: Option<Uuid>,
}

/// Who is responsible: every unit, or these. One of the two must be given.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponsibleInput {
    #[serde(default)]
    #[schema(example = false)]
    pub all_units: bool,
    /// Codes of the units, in the order in which they are printed.
    #[serde(default)]
    #[schema(max_items = 50, example = json!(["strategy-budget", "legal"]))]
    pub units: Vec<Line<50>>,
}

/// A page or file on the municipality's website that shows what was done.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceInput {
    pub title: Line<300>,
    pub kind: EvidenceKind,
    /// Only http and https.
    pub url: WebAddress<2000>,
}

impl Validate for MeasureInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let ResponsibleInput { all_units, units } = &self.responsible;
        let twice = units.iter().enumerate().any(|(index, unit)| units[..index].contains(unit));
        let backwards = self.starts_on.zip(self.ends_on).is_some_and(|(from, to)| to < from);
        Rules::default()
            .require(*all_units == units.is_empty(), "responsible", FieldCode::AllOrSome)
            .require(!twice, "responsible", FieldCode::Duplicate.because("มีส่วนราชการซ้ำ", "must not name a unit twice"))
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
    /// Measures of this fiscal year.
    #[param(inline, example = 2567)]
    pub fiscal_year: Option<FiscalYear>,
    /// Measures with one of these statuses.
    #[param(inline, explode = false, min_items = 1, max_items = 4, example = json!(["in_progress", "completed"]))]
    pub status: Option<Vec<Status>>,
    /// Measures in one of these states; the public sees `published` only.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["published"]))]
    pub publication: Option<Vec<Publication>>,
    /// Measures that the unit with this code is responsible for, also where every unit is.
    #[param(max_length = 50, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "legal")]
    pub unit: Option<String>,
    /// Measures on this topic of the plan's analysis.
    #[param(minimum = 1, maximum = 7, example = 1)]
    pub topic: Option<i16>,
    /// Measures with this number.
    #[param(minimum = 1, maximum = 9999, example = 2)]
    pub number: Option<i32>,
    /// Measures with this anywhere in their texts.
    #[param(inline, example = "โปร่งใส")]
    pub q: Option<Line<100>>,
    /// What to order by, a minus for the other direction. By default the latest year first, then the number.
    #[param(inline, explode = false, min_items = 1, max_items = 4, example = json!(["-updated_at"]))]
    pub sort: Option<Vec<MeasureSort>>,
}

type MeasureSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "measures";
    const BY: &'static [Column] = &[Column::FiscalYear, Column::Number, Column::CreatedAt, Column::UpdatedAt];
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
            evidence: evidence.0.into_iter().map(Evidence::from).collect(),
            status,
            topic,
            predecessor_id,
            publication,
            unpublished_reason,
            created_at,
            updated_at,
        }
    }
}

impl From<StoredEvidence> for Evidence {
    fn from(StoredEvidence { title, kind, url }: StoredEvidence) -> Self {
        Self { title, kind, url }
    }
}

impl From<EvidenceInput> for StoredEvidence {
    fn from(EvidenceInput { title, kind, url }: EvidenceInput) -> Self {
        Self { title: title.into_inner(), kind, url: url.into_inner() }
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
            evidence: measure
                .evidence
                .0
                .iter()
                .map(|StoredEvidence { title, kind, url }| EvidenceInput {
                    title: title.clone().into(),
                    kind: *kind,
                    url: url.clone().into(),
                })
                .collect(),
            status: measure.status,
            topic: measure.topic,
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
        ("evidence", |measure| {
            measure.evidence.iter().map(|link| format!("{} {}", link.title, link.url)).collect::<Vec<_>>()[..].into()
        }),
        ("status", |measure| Cell::name(&measure.status)),
        ("topic", |measure| measure.topic.map(i32::from).into()),
        ("predecessor_id", |measure| measure.predecessor_id.map(|id| id.to_string()).into()),
        ("publication", |measure| Cell::name(&measure.publication)),
        ("unpublished_reason", |measure| measure.unpublished_reason.as_deref().into()),
        ("created_at", |measure| measure.created_at.into()),
        ("updated_at", |measure| measure.updated_at.into()),
    ];
}
