//! The list of cases due for destruction, as a committee examines it and its chief approves it on paper: Regulation of the Office of
//! the Prime Minister on Correspondence B.E. 2526, section 66.

use actix_web::{HttpRequest, get};
use chrono::NaiveDate;
use entity::agency;
use entity::codes::Coded;
use entity::report::SigningStep;
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::document::{Cell, Column, Document, Grid, Signature};
use super::report::Report;
use crate::auth::Actor;
use crate::auth::scope::RetentionRead;
use crate::domain::thai;
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Result};
use crate::http::negotiation::{self, Format, ReportFormat};
use crate::http::params::Query;
use crate::http::response::ReadResponse;
use crate::http::route::Kind;
use crate::retention::{DueCase, unheld};
use crate::state::State;

/// The cases whose destruction can be approved.
#[derive(Serialize, ToSchema)]
pub struct DestructionList {
    /// Name of the municipality, in Thai.
    #[schema(max_length = 300, example = "เทศบาลเมืองชัยนาท")]
    agency: String,
    /// Day of the list.
    #[schema(example = "2024-03-15")]
    date: NaiveDate,
    /// The cases that are not on hold, the first to be destroyed first.
    #[schema(max_items = 1000000)]
    cases: Vec<DueCase>,
}

/// In which format to read the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Format of the response. Takes precedence over `Accept`.
    #[param(inline, example = "docx")]
    format: Option<ReportFormat>,
}

/// Get the list of cases to destroy
///
/// Returns the cases due for destruction as a list to examine, sign and approve on paper. Cases on hold are left out, and
/// complaints from which the caller is recused.
#[utoipa::path(
    tag = "retention",
    extensions(("x-kind" = json!([Kind::Report]))),
    security(("bearer" = ["retention:read"])),
    params(Asked),
    responses((status = 200, body = DestructionList)),
)]
#[get("/v1/reports/destruction-list")]
pub async fn get_destruction_list(
    app: State,
    actor: Actor<RetentionRead>,
    asked: Query<Asked>,
    request: HttpRequest,
) -> Result<ReadResponse> {
    let format = Format::wanted(asked.0.format.map(Format::from), &request, negotiation::REPORT)?;
    let _permit = app.http.admission.report().await?;
    let (db, date) = (app.db.reader(), bangkok_day(app.db.now()));
    let agency = agency::Entity::find().one(db).await?.ok_or(Code::NotFound)?.name_th;
    let list = DestructionList { agency, date, cases: unheld(db, &actor.author).await? };
    if format == Format::Json {
        return ReadResponse::json(&list, &[]);
    }
    let report = Report { data: Value::Null, document: list.document(), missing: Vec::new() };
    let (body, file_name) = (report.body(format).await?, Some("destruction-list".to_owned()));
    Ok(ReadResponse { file_name, ..ReadResponse::new(body, format, &[]) })
}

const COLUMNS: [Column; 7] = [
    Column::new("number", "ลำดับ", "No.", 7),
    Column::new("reference", "เลขรับเรื่อง", "Reference", 15),
    Column::new("kind", "ประเภท", "Kind", 18),
    Column::new("closed_on", "วันที่สิ้นสุด", "Closed on", 15),
    Column::new("retention_ends_on", "ครบกำหนดจัดเก็บ", "Retention ends on", 15),
    Column::new("decision", "การพิจารณา", "Decision", 15),
    Column::new("note", "หมายเหตุ", "Note", 15),
];

/// Who examines it and who approves it.
const SIGNERS: [(SigningStep, &str); 4] = [
    (SigningStep::Endorsed, "ประธานกรรมการทำลายหนังสือ"),
    (SigningStep::Endorsed, "กรรมการ"),
    (SigningStep::Endorsed, "กรรมการ"),
    (SigningStep::Approved, "หัวหน้าหน่วยงาน"),
];

impl DestructionList {
    fn document(&self) -> Document {
        let table = Grid {
            columns: COLUMNS.into(),
            rows: self.cases.iter().zip(1..).map(row).collect(),
            if_empty: "ไม่มีเรื่องที่ครบกำหนดจัดเก็บ".to_owned(),
            ..Grid::default()
        };
        let signature = |(step, post): (SigningStep, &str)| Signature {
            step,
            post: post.to_owned(),
            acting_for: None,
            note: None,
            signed_on: None,
        };
        Document {
            memo: None,
            title: vec!["บัญชีเรื่องที่ขอทำลาย".to_owned(), self.agency.clone()],
            opening: Some(thai::digits(OPENING)),
            tables: vec![table],
            notes: vec![thai::digits(format!("ข้อมูล ณ วันที่ {}", thai::date(self.date)))],
            evidence: Vec::new(),
            closing: None,
            signatures: SIGNERS.map(signature).into(),
        }
    }
}

fn row((case, number): (&DueCase, u64)) -> Vec<Cell> {
    let day = |day| Cell::Text(thai::digits(thai::date(day)));
    let approved = case.approved_at.map(|at| {
        let by = case.approved_by_name.as_ref().map(|name| format!(" โดย {name}")).unwrap_or_default();
        format!("อนุมัติแล้ว {}{by}", thai::digits(thai::date(bangkok_day(at))))
    });
    let letter = case.document_number.as_ref().map(|number| format!("หนังสือที่ {number}"));
    vec![
        Cell::Number(number),
        Cell::Text(case.reference.clone()),
        Cell::Text(case.kind.label().th.to_string()),
        day(case.closed_on),
        day(case.retention_ends_on),
        Cell::Text(approved.unwrap_or_default()),
        Cell::Text(letter.unwrap_or_default()),
    ]
}

const OPENING: &str = "ตามระเบียบสำนักนายกรัฐมนตรีว่าด้วยงานสารบรรณ พ.ศ. 2526 ข้อ 66 ถึงข้อ 70 \
    ขอเสนอบัญชีเรื่องร้องเรียนและคำขอรับบริการที่สิ้นสุดแล้วและครบกำหนดจัดเก็บ หรือจะครบกำหนดภายใน 30 วัน เพื่อพิจารณาอนุมัติให้ทำลาย \
    ระบบจะทำลายเรื่องหลังจากผู้มีอำนาจอนุมัติในระบบแล้วเท่านั้น";
