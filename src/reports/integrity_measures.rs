//! The report on integrity measures: six columns, as the municipality prints it.

use serde::Serialize;
use utoipa::ToSchema;

use super::document::{Column, Document, numbered};
use super::{Missing, NOT_STATED};
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::text::{Line, Lines};
use crate::domain::thai;
use crate::measures::Measure;
use crate::measures::store::Row;

/// The report on integrity measures of one fiscal year.
#[derive(Serialize, ToSchema)]
pub struct IntegrityMeasuresReport {
    /// Title of the report, in Thai.
    #[schema(
        max_length = 1000,
        example = "รายงานผลการดำเนินการเพื่อส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน ประจำปีงบประมาณ พ.ศ. ๒๕๖๗"
    )]
    title: String,
    /// Name of the municipality, in Thai.
    #[schema(max_length = 300, example = "เทศบาลเมืองชัยนาท")]
    agency: String,
    /// Fiscal year of the report, Buddhist era.
    fiscal_year: FiscalYear,
    /// The headings of the six columns, in the order of a row's fields.
    #[schema(value_type = Vec<Line<100>>, min_items = 6, max_items = 6)]
    columns: Vec<&'static str>,
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
    /// Number of the measure within the year.
    #[schema(minimum = 1, maximum = 9999, example = 2)]
    number: i32,
    /// Title of the measure.
    #[schema(max_length = 1000, example = "สร้างกระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ")]
    measure: String,
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
    Column { heading: "มาตรการ", width: 16 },
    Column { heading: "วิธีการดำเนินการ", width: 21 },
    Column { heading: "หน่วยงานที่รับผิดชอบ", width: 11 },
    Column { heading: "ระยะเวลาดำเนินการ", width: 12 },
    Column { heading: "ผลการดำเนินการ", width: 20 },
    Column {
        heading: "ผลลัพธ์หรือความสำเร็จของการดำเนินการ", width: 20
    },
];

impl IntegrityMeasuresReport {
    pub fn of(agency: String, year: FiscalYear, measures: Vec<Row>) -> Self {
        let rows: Vec<_> = measures.into_iter().map(|row| ReportedMeasure::from(Measure::from(row))).collect();
        let missing = rows.iter().filter_map(|row| {
            let lacks = [("methods", &row.methods), ("results", &row.results), ("outcomes", &row.outcomes)];
            let fields: Vec<_> = lacks.iter().filter(|(_, texts)| texts.is_empty()).map(|(name, _)| *name).collect();
            (!fields.is_empty()).then(|| Missing { record: row.number.to_string(), fields })
        });
        Self {
            title: format!(
                "รายงานผลการดำเนินการเพื่อส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน ประจำปีงบประมาณ พ.ศ. {}",
                thai::digits(year)
            ),
            agency,
            fiscal_year: year,
            columns: COLUMNS.map(|column| column.heading).to_vec(),
            missing: missing.collect(),
            rows,
        }
    }

    pub fn document(&self) -> Document {
        let row = |row: &ReportedMeasure| {
            vec![
                vec![format!("{}. {}", thai::digits(row.number), row.measure)],
                numbered(&row.methods),
                row.responsible.clone(),
                vec![row.period_text.clone()],
                numbered(&row.results),
                numbered(&row.outcomes),
            ]
        };
        let lack = |missing: &Missing| format!("มาตรการที่ {} {NOT_STATED} {}", missing.record, missing.names());
        Document {
            title: vec![self.title.clone(), self.agency.clone()],
            columns: COLUMNS.into(),
            rows: self.rows.iter().map(row).collect(),
            if_empty: "ไม่มีมาตรการที่เผยแพร่ในปีงบประมาณนี้".to_owned(),
            notes: Vec::new(),
            missing: self.missing.iter().map(lack).collect(),
        }
    }
}

impl From<Measure> for ReportedMeasure {
    fn from(measure: Measure) -> Self {
        let Measure { number, title, methods, responsible, period_text, results, outcomes, .. } = measure;
        Self { number, measure: title, methods, responsible: responsible.names, period_text, results, outcomes }
    }
}
