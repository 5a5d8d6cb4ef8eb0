//! The report on integrity measures: six columns, as the municipality prints it.

use serde::Serialize;
use utoipa::ToSchema;

use super::document::{Column, Document, numbered};
use super::envelope::{About, Head, Missing, ReportedRecord};
use crate::domain::text::{Line, Lines};
use crate::measures::Measure;
use crate::measures::store::Row;

/// The report on integrity measures of one fiscal year.
#[derive(Serialize, ToSchema)]
pub struct IntegrityMeasuresReport {
    #[serde(flatten)]
    head: Head,
    /// One row for each measure.
    #[schema(max_items = 9999)]
    rows: Vec<ReportedMeasure>,
    /// Measures that lack results or outcomes. The ITA item requires both.
    #[schema(max_items = 9999)]
    missing: Vec<Missing>,
}

/// A row of the report: one measure.
#[derive(Serialize, ToSchema)]
struct ReportedMeasure {
    #[serde(flatten)]
    record: ReportedRecord,
    /// How the measure is implemented, in order.
    #[schema(value_type = Vec<Lines<2000>>, max_items = 100)]
    methods: Vec<String>,
    /// Names of the responsible units, in Thai.
    #[schema(value_type = Vec<Line<300>>, max_items = 50, example = json!(["ทุกส่วนราชการ"]))]
    responsible: Vec<String>,
    /// Period of the measure, in free text.
    #[schema(max_length = 200, example = "ปีงบประมาณ พ.ศ. ๒๕๖๖")]
    period_text: String,
    /// What was done, in order.
    #[schema(value_type = Vec<Lines<2000>>, max_items = 100)]
    results: Vec<String>,
    /// What was achieved, in order.
    #[schema(value_type = Vec<Lines<2000>>, max_items = 100)]
    outcomes: Vec<String>,
}

const COLUMNS: [Column; 6] = [
    Column::new("title", "มาตรการ", "Measure", 16),
    Column::new("methods", "วิธีการดำเนินการ", "Methods", 21),
    Column::new("responsible", "หน่วยงานที่รับผิดชอบ", "Responsible units", 11),
    Column::new("period_text", "ระยะเวลาดำเนินการ", "Period", 12),
    Column::new("results", "ผลการดำเนินการ", "Results", 20),
    Column::new("outcomes", "ผลลัพธ์หรือความสำเร็จของการดำเนินการ", "Outcomes", 20),
];

impl IntegrityMeasuresReport {
    pub fn of(about: About, measures: Vec<Row>) -> Self {
        let rows: Vec<_> = measures.into_iter().map(|row| ReportedMeasure::from(Measure::from(row))).collect();
        Self {
            head: about.head("รายงานผลการดำเนินการเพื่อส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน", &COLUMNS),
            missing: rows.iter().filter_map(ReportedMeasure::missing).collect(),
            rows,
        }
    }

    pub fn document(&self) -> Document {
        let row = |row: &ReportedMeasure| {
            vec![
                vec![row.record.numbered()],
                numbered(&row.methods),
                row.responsible.clone(),
                vec![row.period_text.clone()],
                numbered(&row.results),
                numbered(&row.outcomes),
            ]
        };
        Document {
            title: vec![self.head.title.clone(), self.head.agency.clone()],
            columns: COLUMNS.into(),
            rows: self.rows.iter().map(row).collect(),
            if_empty: "ไม่มีมาตรการที่เผยแพร่ในปีงบประมาณนี้".to_owned(),
            notes: Vec::new(),
            missing: self.missing.iter().map(Missing::line).collect(),
        }
    }
}

impl ReportedMeasure {
    fn missing(&self) -> Option<Missing> {
        let texts = [("methods", &self.methods), ("results", &self.results), ("outcomes", &self.outcomes)];
        Missing::of(&self.record, &COLUMNS, texts.map(|(field, texts)| (field, !texts.is_empty())))
    }
}

impl From<Measure> for ReportedMeasure {
    fn from(measure: Measure) -> Self {
        let Measure { id, number, title, methods, responsible, period_text, results, outcomes, .. } = measure;
        let record = ReportedRecord { id, number, title };
        Self { record, methods, responsible: responsible.names, period_text, results, outcomes }
    }
}
