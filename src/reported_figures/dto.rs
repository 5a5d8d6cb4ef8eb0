//! Reported figures as clients see them.

use chrono::{DateTime, NaiveDate, Utc};
use entity::codes::{Coded, Label};
use entity::reported_figure::{Column, Entity, Kind, Model};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::store::Row;
use crate::domain::count::Count;
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::name::Name;
use crate::domain::period;
use crate::domain::rule::Rules;
use crate::domain::text::{Line, WebAddress};
use crate::http::list::{Filter, Tabular};
use crate::http::several::{Codes, FiscalYears};
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::references::Referred;
use crate::revisions::Resource;

/// Figures of a year, or of a part of it, that were reported before its cases were recorded here.
#[derive(Serialize, ToSchema)]
pub struct ReportedFigure {
    /// Id of the reported figure, a UUIDv7.
    pub id: Uuid,
    /// Which cases the figures are of.
    pub kind: Kind,
    /// The name of `kind`.
    pub kind_label: Label,
    /// Code of the e-service; null for all e-services together, and for complaints.
    #[schema(required, max_length = 50, example = json!(null))]
    pub e_service: Option<String>,
    /// Name of the e-service; null where `e_service` is.
    #[schema(required)]
    pub e_service_name: Option<Name>,
    /// The fiscal year of the period.
    #[schema(minimum = 2500, maximum = 2700, example = 2566)]
    pub fiscal_year: i32,
    /// The period, as statistics name it: `2566`, `2566-H1`, `2566-Q1` or `2566-M01`.
    #[schema(max_length = 10, example = "2566")]
    pub period: String,
    /// The name of the period.
    pub period_label: Label,
    /// The first day of the period.
    #[schema(example = "2022-10-01")]
    pub starts_on: NaiveDate,
    /// The last day of the period.
    #[schema(example = "2023-09-30")]
    pub ends_on: NaiveDate,
    /// How many cases were received.
    #[schema(value_type = Count)]
    pub total: i64,
    /// How many of them were closed.
    #[schema(value_type = Count)]
    pub finished_count: i64,
    /// How many of them were open.
    #[schema(value_type = Count)]
    pub in_progress_count: i64,
    /// Title of the source, in which the figures were reported.
    #[schema(max_length = 300, example = "รายงานสถิติเรื่องร้องเรียน ประจำปีงบประมาณ พ.ศ. 2566")]
    pub source_title: String,
    /// Address of the source.
    #[schema(max_length = 2000, example = "https://www.example.go.th/o24-2566.pdf")]
    pub source_url: String,
    /// Time at which the record was created.
    pub created_at: DateTime<Utc>,
    /// Time of the last change of the record.
    pub updated_at: DateTime<Utc>,
}

/// The fields of a reported figure that can be written.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "integrity",
    "period": "2566",
    "total": 12,
    "finished_count": 10,
    "source_title": "รายงานสถิติเรื่องร้องเรียน ประจำปีงบประมาณ พ.ศ. 2566",
    "source_url": "https://www.example.go.th/o24-2566.pdf",
}))]
pub struct ReportedFigureInput {
    /// Which cases the figures are of.
    pub kind: Kind,
    /// Code of the e-service. Without one, figures of `service_requests` are of all e-services together. Complaints have none.
    #[schema(example = json!(null))]
    pub e_service: Option<Line<50>>,
    /// The period, which must be over: a year (`2566`), a half (`2566-H1`), a quarter (`2566-Q1`) or a month (`2566-M01`, which is
    /// October) of it.
    #[schema(max_length = 8, pattern = "^[0-9]{4}(-(H[12]|Q[1-4]|M(0[1-9]|1[0-2])))?$", example = "2566")]
    pub period: String,
    /// How many cases were received.
    #[schema(minimum = 0, maximum = 1_000_000_000, example = 12)]
    pub total: i64,
    /// How many of them were closed.
    #[schema(minimum = 0, maximum = 1_000_000_000, example = 10)]
    pub finished_count: i64,
    /// Title of the source, in which the figures were reported.
    pub source_title: Line<300>,
    /// Address of the source, `http` or `https`.
    #[schema(example = "https://www.example.go.th/o24-2566.pdf")]
    pub source_url: WebAddress<2000>,
}

impl Validate for ReportedFigureInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let is_of_service = self.kind == Kind::ServiceRequests;
        let no_service = FieldCode::NotForThis.because(
            "ใช้กับตัวเลขของคำขอรับบริการ (service_requests) เท่านั้น",
            "must be left out: figures of complaints are of no e-service",
        );
        let no_period = FieldCode::NotPlausible.because(
            "ต้องเป็นช่วงเวลาของปีงบประมาณ พ.ศ. 2500 ถึง 2700 เช่น 2566-Q1",
            "must be a period of a fiscal year from 2500 to 2700, such as 2566-Q1",
        );
        Rules::default()
            .require(period::named(&self.period).is_some(), "period", no_period)
            .require(self.finished_count <= self.total, "finished_count", FieldCode::MoreThanTotal)
            .require(is_of_service || self.e_service.is_none(), "e_service", no_service)
            .end()
    }
}

/// Which reported figures to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportedFigureFilter {
    /// Records of this fiscal year.
    #[param(inline, explode = false, example = json!([2566]))]
    pub fiscal_year: Option<FiscalYears>,
    /// Figures of cases of these kinds.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["integrity"]))]
    pub kind: Option<Vec<Kind>>,
    /// Codes of e-services.
    #[param(inline, explode = false, example = json!(["public-lighting"]))]
    pub e_service: Option<Codes>,
    /// Sort order. A minus sign reverses a field. By default latest period first.
    #[param(inline, explode = false, min_items = 1, max_items = 1, example = json!(["period"]))]
    pub sort: Option<Vec<ReportedFigureSort>>,
}

type ReportedFigureSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "reported-figures";
    const BY: &'static [(&'static str, Column)] = &[("period", Column::Period), ("updated_at", Column::UpdatedAt)];
}

impl Filter for ReportedFigureFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::Period, Order::Desc)])
    }
}

impl From<Row> for ReportedFigure {
    fn from(row: Row) -> Self {
        let Row { figure, e_service } = row;
        let Model {
            id,
            kind,
            subject: _,
            e_service_id: _,
            fiscal_year,
            period,
            total,
            finished_count,
            source_title,
            source_url,
            version: _,
            created_at,
            updated_at,
        } = figure;
        // It was checked when it was stored.
        let part = period::named(&period).unwrap_or_else(|| period::whole(FiscalYear::stored(fiscal_year)));
        Self {
            id,
            kind,
            kind_label: kind.label(),
            e_service_name: e_service.as_ref().map(Referred::name),
            e_service: e_service.map(|service| service.code),
            fiscal_year,
            period,
            period_label: part.label,
            starts_on: part.days.0,
            ends_on: part.days.1,
            total,
            finished_count,
            in_progress_count: total - finished_count,
            source_title,
            source_url,
            created_at,
            updated_at,
        }
    }
}

impl From<&Row> for ReportedFigureInput {
    fn from(Row { figure: row, e_service }: &Row) -> Self {
        Self {
            kind: row.kind,
            e_service: e_service.as_ref().map(|service| service.code.clone().into()),
            period: row.period.clone(),
            total: row.total,
            finished_count: row.finished_count,
            source_title: row.source_title.clone().into(),
            source_url: row.source_url.clone().into(),
        }
    }
}

impl Tabular for ReportedFigure {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |figure| figure.id.to_string().into()),
        ("kind", |figure| Cell::code(figure.kind)),
        ("e_service", |figure| Cell::records(Resource::EServices, figure.e_service.iter())),
        ("fiscal_year", |figure| figure.fiscal_year.into()),
        ("period", |figure| Cell::Code(figure.period.clone(), figure.period_label.clone())),
        ("starts_on", |figure| figure.starts_on.into()),
        ("ends_on", |figure| figure.ends_on.into()),
        ("total", |figure| Cell::count(figure.total)),
        ("finished_count", |figure| Cell::count(figure.finished_count)),
        ("in_progress_count", |figure| Cell::count(figure.in_progress_count)),
        ("source_title", |figure| figure.source_title.as_str().into()),
        ("source_url", |figure| figure.source_url.as_str().into()),
        ("created_at", |figure| figure.created_at.into()),
        ("updated_at", |figure| figure.updated_at.into()),
    ];
}
