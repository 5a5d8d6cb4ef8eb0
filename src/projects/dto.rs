//! Projects as clients see them.

use chrono::{DateTime, NaiveDate, Utc};
use entity::project::{Column, Entity, Model};
use entity::state::{Publication, Status};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::store::Row;
use crate::domain::baht::Baht;
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::name::Name;
use crate::domain::rule::Rules;
use crate::domain::status::planned;
use crate::domain::text::{Line, Lines};
use crate::evidence::{self, Evidence, EvidenceInput};
use crate::http::list::{Filter, Tabular};
use crate::http::several::{Codes, FiscalYears, Ids};
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::references::Referred;
use crate::revisions::Resource;

/// A project or activity of one fiscal year.
#[derive(Serialize, ToSchema)]
pub struct Project {
    /// Id of the project, a UUIDv7.
    pub id: Uuid,
    /// Fiscal year of the project, Buddhist era.
    #[schema(value_type = FiscalYear)]
    pub fiscal_year: i32,
    /// Title of the project.
    #[schema(max_length = 1000, example = "โครงการอบรมคุณธรรมและจริยธรรมพนักงานเทศบาล")]
    pub title: String,
    /// Id of the measure that the project implements.
    #[schema(required, example = json!(null))]
    pub measure_id: Option<Uuid>,
    /// Title of that measure; null if there is none or it is not published.
    #[schema(required, max_length = 1000, example = json!(null))]
    pub measure_title: Option<String>,
    /// Code of the unit that carries it out; null if none is stated.
    #[schema(required, max_length = 50, example = "personnel")]
    pub unit: Option<String>,
    /// Name of that unit.
    #[schema(required)]
    pub unit_name: Option<Name>,
    /// Whether the project states that it used no budget.
    #[schema(example = false)]
    pub no_budget_used: bool,
    /// Allocated budget in baht; null if not stated.
    #[schema(required)]
    pub budget_allocated_baht: Option<Baht>,
    /// Budget spent, in baht; null if not stated.
    #[schema(required)]
    pub budget_spent_baht: Option<Baht>,
    /// First day of the project; null if not stated.
    #[schema(required, example = "2024-02-05")]
    pub starts_on: Option<NaiveDate>,
    /// Last day of the project; null if not stated.
    #[schema(required, example = "2024-02-06")]
    pub ends_on: Option<NaiveDate>,
    /// Result of the project; null if not stated.
    #[schema(required, max_length = 10000, example = "พนักงานเทศบาลเข้ารับการอบรม 120 คน")]
    pub result: Option<String>,
    /// Problems and obstacles; null if not stated.
    #[schema(required, max_length = 10000, example = "ผู้เข้าอบรมติดภารกิจ")]
    pub problems: Option<String>,
    /// Recommendations; null if not stated.
    #[schema(required, max_length = 10000, example = "จัดอบรมนอกช่วงสิ้นปีงบประมาณ")]
    pub recommendations: Option<String>,
    /// Pages and files that show what was done.
    #[schema(max_items = 50)]
    pub evidence: Vec<Evidence>,
    /// Progress of the work.
    pub status: Status,
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

/// The writable fields of a project.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "fiscal_year": 2567,
    "title": "โครงการอบรมคุณธรรมและจริยธรรมพนักงานเทศบาล",
    "unit": "personnel",
    "budget_allocated_baht": "125000.00",
    "budget_spent_baht": "119450.00",
    "starts_on": "2024-02-05",
    "ends_on": "2024-02-06",
    "result": "พนักงานเทศบาลเข้ารับการอบรม 120 คน",
    "problems": "ผู้เข้าอบรมติดภารกิจ",
    "recommendations": "จัดอบรมนอกช่วงสิ้นปีงบประมาณ",
    "evidence": [{
        "title": "รายงานผลการอบรม",
        "kind": "report",
        "url": "https://www.example.go.th/training-2567.pdf",
    }],
    "status": "completed",
}))]
pub struct ProjectInput {
    /// Fiscal year of the project, Buddhist era.
    pub fiscal_year: FiscalYear,
    /// Title of the project.
    pub title: Line<1000>,
    /// Id of the measure that the project implements.
    #[schema(example = json!(null))]
    pub measure_id: Option<Uuid>,
    /// Code of the unit that carries out the project.
    pub unit: Option<Line<50>>,
    /// States that the project used no budget. Amounts are not allowed then.
    #[serde(default)]
    #[schema(example = false)]
    pub no_budget_used: bool,
    /// Allocated budget in baht.
    pub budget_allocated_baht: Option<Baht>,
    /// Budget spent, in baht.
    pub budget_spent_baht: Option<Baht>,
    /// First day of the project, in the Gregorian calendar.
    #[schema(example = "2024-02-05")]
    pub starts_on: Option<NaiveDate>,
    /// Last day of the project, in the Gregorian calendar. Not before `starts_on`.
    #[schema(example = "2024-02-06")]
    pub ends_on: Option<NaiveDate>,
    /// Result of the project.
    pub result: Option<Lines<10000>>,
    /// Problems and obstacles.
    pub problems: Option<Lines<10000>>,
    /// Recommendations.
    pub recommendations: Option<Lines<10000>>,
    /// Pages and files that show what was done.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub evidence: Vec<EvidenceInput>,
    /// Progress of the work. `planned` if absent.
    #[serde(default = "planned")]
    pub status: Status,
}

impl Validate for ProjectInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let backwards = self.starts_on.zip(self.ends_on).is_some_and(|(start, end)| end < start);
        let has_amount = self.budget_allocated_baht.is_some() || self.budget_spent_baht.is_some();
        Rules::default()
            .require(
                !backwards,
                "ends_on",
                FieldCode::BeforeStart.because("วันสิ้นสุดต้องไม่ก่อนวันเริ่มต้น", "must not be before starts_on"),
            )
            .require(!(self.no_budget_used && has_amount), "no_budget_used", FieldCode::HasAmount)
            .end()
    }
}

/// Which projects to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProjectFilter {
    /// Records of this fiscal year.
    #[param(inline, explode = false, example = json!([2567]))]
    pub fiscal_year: Option<FiscalYears>,
    /// Projects with one of these statuses.
    #[param(inline, explode = false, min_items = 1, max_items = 4, example = json!(["in_progress", "completed"]))]
    pub status: Option<Vec<Status>>,
    /// Projects with one of these publication states. Others than `published` need a token with
    /// `projects:read`.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["published"]))]
    pub publication: Option<Vec<Publication>>,
    /// Projects of the unit with this code.
    #[param(inline, explode = false, example = json!(["personnel"]))]
    pub unit: Option<Codes>,
    /// Projects that carry out this measure.
    #[param(inline, explode = false, example = json!(["01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"]))]
    pub measure_id: Option<Ids>,
    /// `true`: projects that state that they used no budget. `false`: all others.
    #[param(example = false)]
    pub no_budget_used: Option<bool>,
    /// Records changed at this time or later.
    #[param(example = "2024-04-01T00:00:00Z")]
    pub updated_from: Option<DateTime<Utc>>,
    /// Records changed at this time or earlier.
    #[param(example = "2024-04-30T16:59:59Z")]
    pub updated_to: Option<DateTime<Utc>>,
    /// Projects with this text in any of their texts.
    #[param(inline, example = "อบรม")]
    pub q: Option<Line<100>>,
    /// Sort order. A minus sign reverses a field. By default latest year first, then in the order of entry.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["-updated_at"]))]
    pub sort: Option<Vec<ProjectSort>>,
}

type ProjectSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "projects";
    const BY: &'static [(&'static str, Column)] = &[
        ("fiscal_year", Column::FiscalYear),
        ("budget_allocated_baht", Column::BudgetAllocated),
        ("budget_spent_baht", Column::BudgetSpent),
        ("starts_on", Column::StartsOn),
        ("created_at", Column::CreatedAt),
        ("updated_at", Column::UpdatedAt),
    ];
}

impl Filter for ProjectFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::FiscalYear, Order::Desc)])
    }
}

impl From<Row> for Project {
    fn from(row: Row) -> Self {
        let Row { project, unit, measure_title } = row;
        let Model {
            id,
            fiscal_year,
            title,
            measure_id,
            unit_id: _,
            no_budget_used,
            budget_allocated,
            budget_spent,
            starts_on,
            ends_on,
            result,
            problems,
            recommendations,
            evidence,
            status,
            publication,
            unpublished_reason,
            search: _,
            version: _,
            created_at,
            updated_at,
        } = project;
        Self {
            id,
            fiscal_year,
            title,
            measure_id,
            measure_title,
            unit_name: unit.as_ref().map(Referred::name),
            unit: unit.map(|unit| unit.code),
            no_budget_used,
            budget_allocated_baht: budget_allocated.map(Baht::from_satang),
            budget_spent_baht: budget_spent.map(Baht::from_satang),
            starts_on,
            ends_on,
            result,
            problems,
            recommendations,
            evidence: evidence::shown(evidence),
            status,
            publication,
            unpublished_reason,
            created_at,
            updated_at,
        }
    }
}

impl From<&Row> for ProjectInput {
    fn from(Row { project, unit, .. }: &Row) -> Self {
        let lines = |text: &Option<String>| text.clone().map(Lines::from);
        Self {
            fiscal_year: FiscalYear::stored(project.fiscal_year),
            title: project.title.clone().into(),
            measure_id: project.measure_id,
            unit: unit.as_ref().map(|unit| unit.code.clone().into()),
            no_budget_used: project.no_budget_used,
            budget_allocated_baht: project.budget_allocated.map(Baht::from_satang),
            budget_spent_baht: project.budget_spent.map(Baht::from_satang),
            starts_on: project.starts_on,
            ends_on: project.ends_on,
            result: lines(&project.result),
            problems: lines(&project.problems),
            recommendations: lines(&project.recommendations),
            evidence: evidence::as_sent(&project.evidence),
            status: project.status,
        }
    }
}

impl Tabular for Project {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |project| project.id.to_string().into()),
        ("fiscal_year", |project| project.fiscal_year.into()),
        ("title", |project| project.title.as_str().into()),
        ("measure_id", |project| project.measure_id.map(|id| id.to_string()).into()),
        ("measure_title", |project| project.measure_title.as_deref().into()),
        ("unit", |project| Cell::records(Resource::Units, &project.unit)),
        ("no_budget_used", |project| project.no_budget_used.into()),
        ("budget_allocated_baht", |project| project.budget_allocated_baht.into()),
        ("budget_spent_baht", |project| project.budget_spent_baht.into()),
        ("starts_on", |project| project.starts_on.into()),
        ("ends_on", |project| project.ends_on.into()),
        ("result", |project| project.result.as_deref().into()),
        ("problems", |project| project.problems.as_deref().into()),
        ("recommendations", |project| project.recommendations.as_deref().into()),
        ("evidence", |project| evidence::lines(&project.evidence)[..].into()),
        ("status", |project| Cell::code(project.status)),
        ("publication", |project| Cell::code(project.publication)),
        ("unpublished_reason", |project| project.unpublished_reason.as_deref().into()),
        ("created_at", |project| project.created_at.into()),
        ("updated_at", |project| project.updated_at.into()),
    ];
}
