//! Publications as clients see them.

use chrono::{DateTime, NaiveDate, Utc};
use entity::publication::{Column, Entity, Status};
use entity::publication_step::Outcome;
use entity::report::{ReportSubject, SigningStep};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::rule::Rules;
use crate::domain::signing::Action;
use crate::domain::text::Lines;
use crate::http::list::{Filter, Tabular};
use crate::http::negotiation::ReportFormat;
use crate::http::several::FiscalYears;
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::reports::envelope::Missing;

/// A version of a report: drafted, signed by a chain of posts, and published for good.
#[derive(Serialize, ToSchema)]
pub struct ReportPublication {
    /// Id of the version, a UUIDv7.
    pub id: Uuid,
    /// Fiscal year of the report, Buddhist era.
    pub fiscal_year: FiscalYear,
    /// The report.
    pub subject: ReportSubject,
    /// What stands for the report in addresses: its subject, or `no-complaints` and a period.
    #[schema(max_length = 50, example = "integrity-measures-report")]
    pub series: String,
    /// Number of the version: 1, 2, and so on.
    #[schema(minimum = 1, maximum = 100_000, example = 1)]
    pub number: i32,
    /// Status of the version.
    pub status: Status,
    /// Title of the report, in Thai.
    #[schema(max_length = 2000, example = "รายงานผลการดำเนินการเพื่อส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน")]
    pub title: String,
    /// The period without complaints, of a statement of none; null otherwise.
    #[schema(required)]
    pub no_complaints: Option<PeriodOfNone>,
    /// Why the version before was corrected; null for the first.
    #[schema(required, max_length = 2000, example = json!(null))]
    pub reason: Option<String>,
    /// The posts that sign, in order.
    #[schema(max_items = 10)]
    pub chain: Vec<ReportSigner>,
    /// What was signed. The public sees the signatures under which the version was published.
    #[schema(max_items = 1000)]
    pub signatures: Vec<ReportSignature>,
    /// The files, in all formats. None before it is published.
    #[schema(max_items = 5)]
    pub files: Vec<PublishedFile>,
    /// How many records lack something, where the report as a whole counts as one. Only for the staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = i32, minimum = 0, maximum = 20000, example = 0)]
    pub missing_count: Option<usize>,
    /// What the report lacks. Only for the staff, and not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = Vec<Missing>, max_items = 10000)]
    pub missing: Option<Vec<Missing>>,
    /// Why it is published although something is missing. Only for the staff, and where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = String, max_length = 2000, example = "สำนักงาน ป.ป.ช. ผ่อนผันให้ส่งภายหลัง")]
    pub override_reason: Option<String>,
    /// Time at which it was published; null before.
    #[schema(required, example = "2024-04-24T03:00:00Z")]
    pub published_at: Option<DateTime<Utc>>,
    /// Time at which the record was created.
    pub created_at: DateTime<Utc>,
    /// Time of the last change of the record.
    pub updated_at: DateTime<Utc>,
}

/// The period of a statement that there were no complaints.
#[derive(Serialize, ToSchema)]
pub struct PeriodOfNone {
    /// First day of the period.
    #[schema(example = "2023-10-01")]
    pub starts_on: NaiveDate,
    /// Last day of the period.
    #[schema(example = "2024-03-31")]
    pub ends_on: NaiveDate,
}

/// A post that signs a report.
#[derive(Serialize, ToSchema)]
pub struct ReportSigner {
    /// The step at which it signs.
    pub step: SigningStep,
    /// The post.
    #[schema(max_length = 300, example = "ปลัดเทศบาลเมืองชัยนาท")]
    pub post: String,
    /// The post for which it acts; null if it signs for itself.
    #[schema(required, max_length = 300, example = json!(null))]
    pub acting_for: Option<String>,
}

/// A signature under a report, or its return.
#[derive(Serialize, ToSchema)]
pub struct ReportSignature {
    /// How often the report was submitted before, and this time. Only for the staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = i32, minimum = 1, maximum = 100_000, example = 1)]
    pub round: Option<i32>,
    /// Who signs.
    #[serde(flatten)]
    pub signer: ReportSigner,
    /// What the signer did.
    pub outcome: Outcome,
    /// When.
    pub signed_at: DateTime<Utc>,
    /// Name of the person. Only for the staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = String, max_length = 200, example = "สมศรี ใจดี")]
    pub name: Option<String>,
    /// Comment of the signer. Only for the staff, and where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = String, max_length = 2000, example = "เรียน นายกเทศมนตรี เพื่อโปรดทราบ")]
    pub comment: Option<String>,
}

/// A published file. It never changes.
#[derive(Serialize, ToSchema)]
pub struct PublishedFile {
    /// Format of the file.
    pub format: ReportFormat,
    /// Permanent address of the file.
    #[schema(
        format = "uri",
        max_length = 2000,
        example = "http://127.0.0.1:8080/v1/publications/2567/integrity-measures-report/v1.docx"
    )]
    pub url: String,
    /// SHA-256 of its bytes, in hexadecimal.
    #[schema(
        pattern = "^[0-9a-f]{64}$",
        max_length = 64,
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    pub sha256: String,
    /// Size of the file, in bytes.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 18_432)]
    pub size_bytes: i64,
}

/// A version of a report to be drafted from the published data of the present.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "fiscal_year": 2567, "subject": "integrity_measures_report" }))]
pub struct ReportPublicationInput {
    /// Fiscal year of the report, Buddhist era.
    pub fiscal_year: FiscalYear,
    /// The report.
    pub subject: ReportSubject,
    /// Why the version before is corrected, for everybody. Required from the second version on; not for the first.
    #[schema(example = json!(null))]
    pub reason: Option<Lines<2000>>,
    /// In place of the report, a statement that there were no complaints of corruption and misconduct in a part of the year: the year,
    /// or a half, quarter or month of it, as statistics call them (`2567`, `2567-H1`, `2567-Q3`, `2567-M04`). Only for
    /// `complaint_statistics`.
    #[schema(max_length = 8, pattern = "^[0-9]{4}(-(H[12]|Q[1-4]|M(0[1-9]|1[0-2])))?$", example = json!(null))]
    pub no_complaints_in: Option<String>,
}

impl Validate for ReportPublicationInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let may = self.subject == ReportSubject::ComplaintStatistics;
        Rules::default()
            .require(self.no_complaints_in.is_none() || may, "no_complaints_in", FieldCode::NotForThis)
            .end()
    }
}

/// An action on a version.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "action": "sign" }))]
pub struct ReportPublicationTransition {
    /// The action to take.
    pub action: Action,
    /// Comment of the signer, for the staff. Required for `return`; only for `sign`, `submit` and `return`.
    #[schema(example = json!(null))]
    pub comment: Option<Lines<2000>>,
    /// Why the report is to be published although something is missing. Only for `submit`.
    #[schema(example = json!(null))]
    pub override_reason: Option<Lines<2000>>,
}

impl Validate for ReportPublicationTransition {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let comments = matches!(self.action, Action::Submit | Action::Sign | Action::Return);
        Rules::default()
            .require(self.comment.is_some() || self.action != Action::Return, "comment", FieldCode::Needed)
            .require(self.comment.is_none() || comments, "comment", FieldCode::NotForThis)
            .require(
                self.override_reason.is_none() || self.action == Action::Submit,
                "override_reason",
                FieldCode::NotForThis,
            )
            .end()
    }
}

/// Which versions to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportPublicationFilter {
    /// Records of this fiscal year.
    #[param(inline, explode = false, example = json!([2567]))]
    pub fiscal_year: Option<FiscalYears>,
    /// Versions of these reports.
    #[param(inline, explode = false, min_items = 1, max_items = 7, example = json!(["integrity_measures_report"]))]
    pub subject: Option<Vec<ReportSubject>>,
    /// Versions with one of these statuses. Without a token, only published ones are there.
    #[param(inline, explode = false, min_items = 1, max_items = 5, example = json!(["published"]))]
    pub status: Option<Vec<Status>>,
    /// Sort order. A minus sign reverses a field. By default latest first.
    #[param(inline, explode = false, min_items = 1, max_items = 5, example = json!(["-published_at"]))]
    pub sort: Option<Vec<ReportPublicationSort>>,
}

type ReportPublicationSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "publications";
    const BY: &'static [(&'static str, Column)] = &[
        ("fiscal_year", Column::FiscalYear),
        ("subject", Column::Subject),
        ("number", Column::Number),
        ("published_at", Column::PublishedAt),
        ("updated_at", Column::UpdatedAt),
    ];
}

impl Filter for ReportPublicationFilter {
    type Entity = Entity;

    /// Ids are by time.
    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::Id, Order::Desc)])
    }
}

impl Tabular for ReportPublication {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |it| it.id.to_string().into()),
        ("fiscal_year", |it| it.fiscal_year.number().into()),
        ("report_subject", |it| Cell::code(it.subject)),
        ("series", |it| it.series.as_str().into()),
        ("number", |it| it.number.into()),
        ("status", |it| Cell::code(it.status)),
        ("title", |it| it.title.as_str().into()),
        ("reason", |it| it.reason.as_deref().into()),
        ("files", |it| it.files.iter().map(|file| file.url.clone()).collect::<Vec<_>>()[..].into()),
        ("sha256", |it| it.files.iter().map(|file| file.sha256.clone()).collect::<Vec<_>>()[..].into()),
        ("published_at", |it| it.published_at.into()),
        ("created_at", |it| it.created_at.into()),
        ("updated_at", |it| it.updated_at.into()),
    ];
}
