//! What all reports have in JSON, whatever their rows are: the head, which record a row is of, and what is missing.

use chrono::{DateTime, Utc};
use entity::codes::Label;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::document::Column;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::thai;

/// What a report is about.
#[derive(Serialize, ToSchema)]
pub struct Head {
    /// Title of the report, in Thai.
    #[schema(max_length = 1000, example = "รายงานผลการดำเนินการป้องกันการทุจริต ประจำปีงบประมาณ พ.ศ. ๒๕๖๗")]
    pub title: String,
    /// Name of the municipality, in Thai.
    #[schema(max_length = 300, example = "เทศบาลเมืองชัยนาท")]
    pub agency: String,
    /// Fiscal year of the report, Buddhist era.
    pub fiscal_year: FiscalYear,
    /// The instant at which a record that the report is made of last changed; null where there is none.
    #[schema(required, example = "2024-04-10T17:00:00Z")]
    pub as_of: Option<DateTime<Utc>>,
    /// The columns of the printed table, in order, each with the field of a row that it shows.
    #[schema(max_items = 20)]
    pub columns: Vec<Column>,
}

/// What the reports of a year are made of, beside their rows.
pub struct About {
    pub agency: String,
    pub year: FiscalYear,
    pub as_of: Option<DateTime<Utc>>,
}

impl About {
    pub fn head(self, report: &str, columns: &[Column]) -> Head {
        let Self { agency, year, as_of } = self;
        let title = format!("{report} ประจำปีงบประมาณ พ.ศ. {}", thai::digits(year));
        Head { title, agency, fiscal_year: year, as_of, columns: columns.to_vec() }
    }
}

/// The measure or project that a row is of.
#[derive(Clone, Serialize, ToSchema)]
pub struct ReportedRecord {
    /// Id of the measure or project.
    pub id: Uuid,
    /// Number of the measure within the year; of a project its position in the report.
    #[schema(minimum = 1, maximum = 10000, example = 2)]
    pub number: i32,
    /// Title of the measure or project.
    #[schema(max_length = 1000, example = "สร้างกระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ")]
    pub title: String,
}

impl ReportedRecord {
    /// As the table has it.
    pub fn numbered(&self) -> String {
        format!("{}. {}", thai::digits(self.number), self.title)
    }
}

/// The data that a record lacks for a complete report.
#[derive(Serialize, ToSchema)]
#[schema(as = MissingFields)]
pub struct Missing {
    #[serde(flatten)]
    record: ReportedRecord,
    /// The missing fields.
    #[schema(max_items = 10)]
    fields: Vec<MissingField>,
}

/// A field that is missing.
#[derive(Serialize, ToSchema)]
struct MissingField {
    /// Name of the field.
    #[schema(max_length = 50, example = "outcomes")]
    field: &'static str,
    /// What people call the field: the heading of its column.
    label: Label,
}

impl Missing {
    /// What of a record is not stated, of fields that are columns; nothing where all is.
    pub fn of<const N: usize>(
        record: &ReportedRecord,
        columns: &[Column],
        is_stated: [(&'static str, bool); N],
    ) -> Option<Self> {
        let lacks = |field: &&Column| is_stated.contains(&(field.field, false));
        let missing = columns
            .iter()
            .filter(lacks)
            .map(|Column { field, label, .. }| MissingField { field, label: label.clone() });
        let fields: Vec<_> = missing.collect();
        (!fields.is_empty()).then(|| Self { record: record.clone(), fields })
    }

    /// For the staff, in Thai.
    pub fn line(&self) -> String {
        let names: Vec<&str> = self.fields.iter().map(|field| &*field.label.th).collect();
        format!("{}: ยังไม่ระบุ {}", self.record.numbered(), names.join(", "))
    }
}
