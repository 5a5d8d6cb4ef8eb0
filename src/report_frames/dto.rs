//! Frames of reports as clients see them.

use chrono::{DateTime, Utc};
use entity::report::ReportSubject;
use entity::report_frame::{Column, Entity, Model};
use entity::texts::Texts;
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationErrors};

use crate::domain::fiscal_year::FiscalYear;
use crate::domain::memo::Memo;
use crate::domain::text::{Line, Lines};
use crate::error::{Error, Result};
use crate::http::list::{Filter, Tabular};
use crate::http::several::FiscalYears;
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};

/// What stands around the table of a report of one fiscal year. What is not set is the report's own text.
#[derive(Serialize, ToSchema)]
pub struct ReportFrame {
    /// Fiscal year of the report, Buddhist era.
    #[schema(value_type = FiscalYear)]
    pub fiscal_year: i32,
    /// The report.
    pub subject: ReportSubject,
    /// Lines of the title; none where the report has its own.
    #[schema(value_type = Vec<Line<300>>, max_items = 5, example = json!(["รายงานผลการดำเนินการเพื่อส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน", "เทศบาลเมืองชัยนาท อำเภอเมืองชัยนาท จังหวัดชัยนาท"]))]
    pub title: Vec<String>,
    /// Paragraph before the table; null where the report has its own.
    #[schema(
        required,
        max_length = 5000,
        example = "โดยมีการดำเนินการตามมาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน ประจำปีงบประมาณ พ.ศ. ๒๕๖๗ ดังนี้"
    )]
    pub opening: Option<String>,
    /// Paragraph below the table; null if there is none.
    #[schema(required, max_length = 5000, example = json!(null))]
    pub closing: Option<String>,
    /// The covering memo; null if there is none.
    #[schema(required)]
    pub memo: Option<Memo>,
    /// Time at which the record was created; null while nothing of it is set.
    #[schema(required)]
    pub created_at: Option<DateTime<Utc>>,
    /// Time of the last change of the record; null while nothing of it is set.
    #[schema(required)]
    pub updated_at: Option<DateTime<Utc>>,
}

/// The writable fields of a frame.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": ["รายงานผลการดำเนินการเพื่อส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน", "เทศบาลเมืองชัยนาท"],
    "opening": "โดยมีการดำเนินการตามมาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน ประจำปีงบประมาณ พ.ศ. ๒๕๖๗ ดังนี้",
    "memo": {
        "from": "งานวิเคราะห์นโยบายและแผน กองยุทธศาสตร์และงบประมาณ",
        "number": "ชน๕๒๐๐๖/-",
        "date": "2024-04-24",
        "subject": "การประเมินคุณธรรมและความโปร่งใสในการดำเนินงานของหน่วยงานภาครัฐ (ITA)",
        "to": ["นายกเทศมนตรีเมืองชัยนาท"],
        "sections": [{ "heading": "ข้อเท็จจริง", "text": "รายงานประกอบด้วย", "items": ["ปัญหา/อุปสรรค", "ข้อเสนอแนะ"] }],
        "closing": "จึงเรียนมาเพื่อโปรดทราบ",
        "signers": [{ "step": "acknowledged", "post": "นายกเทศมนตรีเมืองชัยนาท" }],
    },
}))]
pub struct ReportFrameInput {
    /// Lines of the title. Leave out for the report's own.
    #[serde(default)]
    #[schema(max_items = 5, example = json!(["รายงานผลการดำเนินการเพื่อส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน", "เทศบาลเมืองชัยนาท อำเภอเมืองชัยนาท จังหวัดชัยนาท"]))]
    pub title: Vec<Line<300>>,
    /// Paragraph before the table. Leave out for the report's own.
    #[schema(example = "โดยมีการดำเนินการตามมาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน ดังนี้")]
    pub opening: Option<Lines<5000>>,
    /// Paragraph below the table.
    #[schema(example = json!(null))]
    pub closing: Option<Lines<5000>>,
    /// The covering memo.
    pub memo: Option<Memo>,
}

impl Validate for ReportFrameInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        Ok(())
    }
}

/// Which frames to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportFrameFilter {
    /// Records of this fiscal year.
    #[param(inline, explode = false, example = json!([2567]))]
    pub fiscal_year: Option<FiscalYears>,
    /// Frames of these reports.
    #[param(inline, explode = false, min_items = 1, max_items = 7, example = json!(["integrity_measures_report"]))]
    pub subject: Option<Vec<ReportSubject>>,
    /// Sort order. A minus sign reverses a field. By default latest year first, then by report.
    #[param(inline, explode = false, min_items = 1, max_items = 4, example = json!(["-updated_at"]))]
    pub sort: Option<Vec<ReportFrameSort>>,
}

type ReportFrameSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "frames of reports";
    const BY: &'static [(&'static str, Column)] = &[
        ("fiscal_year", Column::FiscalYear),
        ("subject", Column::Subject),
        ("created_at", Column::CreatedAt),
        ("updated_at", Column::UpdatedAt),
    ];
}

impl Filter for ReportFrameFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::FiscalYear, Order::Desc), (Column::Subject, Order::Asc)])
    }
}

/// The memo of a frame.
pub fn memo_of(row: &Model) -> Result<Option<Memo>> {
    row.memo.clone().map(serde_json::from_value).transpose().map_err(Error::internal)
}

impl TryFrom<Model> for ReportFrame {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        let memo = memo_of(&row)?;
        let Model { id: _, fiscal_year, subject, title, opening, closing, memo: _, version, created_at, updated_at } =
            row;
        let at = |instant| (version > 0).then_some(instant);
        let (created_at, updated_at) = (at(created_at), at(updated_at));
        Ok(Self { fiscal_year, subject, title: title.0, opening, closing, memo, created_at, updated_at })
    }
}

impl TryFrom<&Model> for ReportFrameInput {
    type Error = Error;

    fn try_from(row: &Model) -> Result<Self> {
        Ok(Self {
            title: row.title.0.iter().cloned().map(Line::from).collect(),
            opening: row.opening.clone().map(Lines::from),
            closing: row.closing.clone().map(Lines::from),
            memo: memo_of(row)?,
        })
    }
}

impl ReportFrameInput {
    /// Writes the fields into a row.
    pub fn fill(self, row: &mut Model) -> Result<()> {
        let Self { title, opening, closing, memo } = self;
        row.title = Texts(title.into_iter().map(Line::into_inner).collect());
        row.opening = opening.map(Lines::into_inner);
        row.closing = closing.map(Lines::into_inner);
        row.memo = memo.map(serde_json::to_value).transpose().map_err(Error::internal)?;
        Ok(())
    }
}

impl Tabular for ReportFrame {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("fiscal_year", |frame| frame.fiscal_year.into()),
        ("report_subject", |frame| Cell::code(frame.subject)),
        ("title", |frame| frame.title[..].into()),
        ("opening", |frame| frame.opening.as_deref().into()),
        ("closing", |frame| frame.closing.as_deref().into()),
        ("memo", |frame| frame.memo.as_ref().and_then(|memo| memo.subject.as_deref()).into()),
        ("created_at", |frame| frame.created_at.into()),
        ("updated_at", |frame| frame.updated_at.into()),
    ];
}
