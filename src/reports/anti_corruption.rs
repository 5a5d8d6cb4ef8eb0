//! The annual anti-corruption report: per project its result, budget, problems and recommendations.

use serde::Serialize;
use utoipa::ToSchema;

use super::document::{Column, Document};
use super::{Missing, NOT_STATED};
use crate::domain::baht::{Baht, Total};
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::thai;
use crate::projects::Project;
use crate::projects::store::Row;

/// The annual anti-corruption report of one fiscal year.
#[derive(Serialize, ToSchema)]
pub struct AntiCorruptionReport {
    /// Title of the report, in Thai.
    #[schema(max_length = 1000, example = "รายงานผลการดำเนินการป้องกันการทุจริต ประจำปีงบประมาณ พ.ศ. ๒๕๖๗")]
    title: String,
    /// Name of the municipality, in Thai.
    #[schema(max_length = 300, example = "เทศบาลเมืองชัยนาท")]
    agency: String,
    /// Fiscal year of the report, Buddhist era.
    fiscal_year: FiscalYear,
    /// One row for each project.
    #[schema(max_items = 10000)]
    rows: Vec<ReportedProject>,
    /// Sum of the allocated budgets, in baht.
    budget_allocated_baht: Total,
    /// Sum of the budgets spent, in baht.
    budget_spent_baht: Total,
    /// Projects that lack a result, budget, problems or recommendations. The ITA item requires all four.
    #[schema(max_items = 10000)]
    missing: Vec<Missing>,
}

/// A row of the report: one project. Fields that were not stated are null.
#[derive(Serialize, ToSchema)]
struct ReportedProject {
    /// Title of the project.
    #[schema(max_length = 1000, example = "โครงการอบรมคุณธรรมและจริยธรรมพนักงานเทศบาล")]
    project: String,
    /// Result of the project; null if not stated.
    #[schema(required, max_length = 10000, example = "พนักงานเทศบาลเข้ารับการอบรม 120 คน")]
    result: Option<String>,
    /// Whether the project states that it used no budget.
    #[schema(example = false)]
    no_budget_used: bool,
    /// Allocated budget in baht; null if not stated.
    #[schema(required)]
    budget_allocated_baht: Option<Baht>,
    /// Budget spent, in baht; null if not stated.
    #[schema(required)]
    budget_spent_baht: Option<Baht>,
    /// Problems and obstacles; null if not stated.
    #[schema(required, max_length = 10000, example = "ไม่มี")]
    problems: Option<String>,
    /// Recommendations; null if not stated.
    #[schema(required, max_length = 10000, example = "ควรจัดอย่างต่อเนื่อง")]
    recommendations: Option<String>,
}

const COLUMNS: [Column; 5] = [
    Column { heading: "โครงการ/กิจกรรม", width: 22 },
    Column { heading: "ผลการดำเนินการ", width: 26 },
    Column { heading: "งบประมาณ (บาท)", width: 14 },
    Column { heading: "ปัญหาและอุปสรรค", width: 19 },
    Column { heading: "ข้อเสนอแนะ", width: 19 },
];

impl AntiCorruptionReport {
    pub fn of(agency: String, year: FiscalYear, projects: Vec<Row>) -> Self {
        let rows: Vec<_> = projects.into_iter().map(|row| ReportedProject::from(Project::from(row))).collect();
        let sum = |amount: fn(&ReportedProject) -> Option<Baht>| {
            Total::from_satang(rows.iter().filter_map(amount).map(Baht::satang).sum())
        };
        let missing = rows.iter().filter_map(|row| {
            let fields = row.lacks();
            (!fields.is_empty()).then(|| Missing { record: row.project.clone(), fields })
        });
        Self {
            title: format!("รายงานผลการดำเนินการป้องกันการทุจริต ประจำปีงบประมาณ พ.ศ. {}", thai::digits(year)),
            agency,
            fiscal_year: year,
            budget_allocated_baht: sum(|row| row.budget_allocated_baht),
            budget_spent_baht: sum(|row| row.budget_spent_baht),
            missing: missing.collect(),
            rows,
        }
    }

    pub fn document(&self) -> Document {
        let row = |(no, row): (i32, &ReportedProject)| {
            let lines = |text: &Option<String>| -> Vec<String> {
                text.as_deref().unwrap_or(NOT_STATED).lines().map(str::to_owned).collect()
            };
            vec![
                vec![format!("{}. {}", thai::digits(no), row.project)],
                lines(&row.result),
                row.budget(),
                lines(&row.problems),
                lines(&row.recommendations),
            ]
        };
        let total = |total: Total| thai::grouped(total);
        let lack = |missing: &Missing| format!("{}: {NOT_STATED} {}", missing.record, missing.names());
        Document {
            title: vec![self.title.clone(), self.agency.clone()],
            columns: COLUMNS.into(),
            rows: (1..).zip(&self.rows).map(row).collect(),
            if_empty: "ไม่มีโครงการหรือกิจกรรมที่เผยแพร่ในปีงบประมาณนี้".to_owned(),
            notes: vec![format!(
                "รวมงบประมาณที่ได้รับจัดสรร {} บาท เบิกจ่ายแล้ว {} บาท",
                total(self.budget_allocated_baht),
                total(self.budget_spent_baht)
            )],
            missing: self.missing.iter().map(lack).collect(),
        }
    }
}

impl ReportedProject {
    fn lacks(&self) -> Vec<&'static str> {
        let stated = [
            ("result", self.result.is_some()),
            ("budget_spent_baht", self.no_budget_used || self.budget_spent_baht.is_some()),
            ("problems", self.problems.is_some()),
            ("recommendations", self.recommendations.is_some()),
        ];
        stated.into_iter().filter(|(_, stated)| !stated).map(|(name, _)| name).collect()
    }

    fn budget(&self) -> Vec<String> {
        match (self.no_budget_used, self.budget_allocated_baht, self.budget_spent_baht) {
            (true, ..) => vec!["ไม่ใช้งบประมาณ".to_owned()],
            (false, None, None) => vec![NOT_STATED.to_owned()],
            (false, allocated, spent) => {
                let line =
                    |name, amount: Option<Baht>| amount.map(|amount| format!("{name} {}", thai::grouped(amount)));
                line("ได้รับจัดสรร", allocated).into_iter().chain(line("เบิกจ่ายแล้ว", spent)).collect()
            }
        }
    }
}

impl From<Project> for ReportedProject {
    fn from(project: Project) -> Self {
        Self {
            project: project.title,
            result: project.result,
            no_budget_used: project.no_budget_used,
            budget_allocated_baht: project.budget_allocated_baht,
            budget_spent_baht: project.budget_spent_baht,
            problems: project.problems,
            recommendations: project.recommendations,
        }
    }
}
