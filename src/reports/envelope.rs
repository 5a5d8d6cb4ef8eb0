//! What all reports have in JSON, whatever their rows are: the head, and what they lack.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use entity::codes::Label;
use entity::report::ReportSubject;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::document::Column;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::text::Line;

/// What a report is about.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = ReportHead)]
pub struct Head {
    /// The report.
    pub subject: ReportSubject,
    /// Lines of the title, in Thai.
    #[schema(value_type = Vec<Line<1000>>, max_items = 5, example = json!(["รายงานผลการดำเนินการป้องกันการทุจริต ประจำปีงบประมาณ พ.ศ. ๒๕๖๗", "เทศบาลเมืองชัยนาท อำเภอเมืองชัยนาท จังหวัดชัยนาท"]))]
    pub title: Vec<String>,
    /// Name of the municipality, in Thai.
    #[schema(max_length = 300, example = "เทศบาลเมืองชัยนาท")]
    pub agency: String,
    /// Fiscal year of the report, Buddhist era.
    pub fiscal_year: FiscalYear,
    /// Of statistics the instant of the figures. Of other reports the instant at which a record that the report is made of last
    /// changed; null where there is none.
    #[schema(required, example = "2024-04-10T17:00:00Z")]
    pub as_of: Option<DateTime<Utc>>,
    /// Paragraph before the table; null if there is none.
    #[schema(required, max_length = 5000, example = "มีการดำเนินการตามมาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน ดังนี้")]
    pub opening: Option<String>,
    /// Paragraph below the table; null if there is none.
    #[schema(required, max_length = 5000, example = json!(null))]
    pub closing: Option<String>,
}

/// A report as it is answered.
#[derive(Serialize, ToSchema)]
#[schema(as = AnsweredReport)]
pub struct Answered<R> {
    #[serde(flatten)]
    pub report: R,
    /// What the report lacks. Only with a token that has `report-frames:read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 10000)]
    pub missing: Option<Vec<Missing>>,
}

/// What a record, or the report as a whole, lacks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = MissingParts)]
pub struct Missing {
    /// Id of the measure or project, or code of the e-service; null where the report as a whole lacks it.
    #[schema(required, max_length = 50, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    pub id: Option<String>,
    /// What lacks it, as the report prints it.
    #[schema(max_length = 1100, example = "๒. สร้างกระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ")]
    pub title: String,
    /// What is missing.
    #[schema(max_items = 20)]
    pub fields: Vec<MissingField>,
}

/// A part that is missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MissingField {
    /// Name of the part: of a record its field.
    #[schema(value_type = String, max_length = 50, example = "outcomes")]
    pub field: Cow<'static, str>,
    /// What people call the part.
    pub label: Label,
}

impl Missing {
    /// The fields of a record that are columns and not stated; nothing where all are.
    pub fn of<const N: usize>(
        id: String,
        title: String,
        columns: &[Column],
        is_stated: [(&'static str, bool); N],
    ) -> Option<Self> {
        let lacks = |column: &&Column| is_stated.iter().any(|(field, stated)| *field == column.field && !stated);
        let field = |Column { field, label, .. }: &Column| MissingField { field: field.clone(), label: label.clone() };
        let fields: Vec<_> = columns.iter().filter(lacks).map(field).collect();
        (!fields.is_empty()).then_some(Self { id: Some(id), title, fields })
    }

    /// All columns, of a report without rows.
    pub fn all<R>(rows: &[R], columns: &[Column]) -> Option<Self> {
        let field = |Column { field, label, .. }: &Column| MissingField { field: field.clone(), label: label.clone() };
        let fields = columns.iter().map(field).collect();
        rows.is_empty()
            .then(|| Self { id: None, title: "รายการที่เผยแพร่".to_owned(), fields })
    }

    /// Something that the report as a whole lacks.
    pub fn whole(title: String, field: &'static str, label: Label) -> Self {
        Self { id: None, title, fields: vec![MissingField { field: field.into(), label }] }
    }

    /// For the staff, in Thai.
    pub fn line(&self) -> String {
        let names: Vec<&str> = self.fields.iter().map(|field| &*field.label.th).collect();
        format!("{}: ยังไม่ระบุ {}", self.title, names.join(", "))
    }
}
