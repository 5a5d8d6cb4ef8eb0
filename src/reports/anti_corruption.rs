//! The annual anti-corruption report: per project its result, budget, problems and recommendations.

use serde::Serialize;
use utoipa::ToSchema;

use super::NOT_STATED;
use super::document::{Column, Document};
use super::envelope::{About, Head, Missing, ReportedRecord};
use crate::domain::baht::{Baht, Total};
use crate::domain::thai;
use crate::projects::Project;
use crate::projects::store::Row;

/// The annual anti-corruption report of one fiscal year.
#[derive(Serialize, ToSchema)]
pub struct AntiCorruptionReport {
    #[serde(flatten)]
    head: Head,
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
    #[serde(flatten)]
    record: ReportedRecord,
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
    Column::new("title", "โครงการ/กิจกรรม", "Project or activity", 22),
    Column::new("result", "ผลการดำเนินการ", "Result", 26),
    Column::new("budget_spent_baht", "งบประมาณที่ใช้ (บาท)", "Budget spent (baht)", 14),
    Column::new("problems", "ปัญหาและอุปสรรค", "Problems and obstacles", 19),
    Column::new("recommendations", "ข้อเสนอแนะ", "Recommendations", 19),
];

impl AntiCorruptionReport {
    pub fn of(about: About, projects: Vec<Row>) -> Self {
        let rows = (1..).zip(projects).map(|(number, row)| ReportedProject::of(number, row.into()));
        let rows: Vec<_> = rows.collect();
        let sum = |amount: fn(&ReportedProject) -> Option<Baht>| {
            Total::from_satang(rows.iter().filter_map(amount).map(Baht::satang).sum())
        };
        Self {
            head: about.head("รายงานผลการดำเนินการป้องกันการทุจริต", &COLUMNS),
            budget_allocated_baht: sum(|row| row.budget_allocated_baht),
            budget_spent_baht: sum(|row| row.budget_spent_baht),
            missing: rows.iter().filter_map(ReportedProject::missing).collect(),
            rows,
        }
    }

    pub fn document(&self) -> Document {
        let row = |row: &ReportedProject| {
            let lines = |text: &Option<String>| -> Vec<String> {
                text.as_deref().unwrap_or(NOT_STATED).lines().map(str::to_owned).collect()
            };
            vec![
                vec![row.record.numbered()],
                lines(&row.result),
                row.budget(),
                lines(&row.problems),
                lines(&row.recommendations),
            ]
        };
        let total = |total: Total| thai::grouped(total);
        Document {
            title: vec![self.head.title.clone(), self.head.agency.clone()],
            columns: COLUMNS.into(),
            rows: self.rows.iter().map(row).collect(),
            if_empty: "ไม่มีโครงการหรือกิจกรรมที่เผยแพร่ในปีงบประมาณนี้".to_owned(),
            notes: vec![format!(
                "รวมงบประมาณที่ได้รับจัดสรร {} บาท เบิกจ่ายแล้ว {} บาท",
                total(self.budget_allocated_baht),
                total(self.budget_spent_baht)
            )],
            missing: self.missing.iter().map(Missing::line).collect(),
        }
    }
}

impl ReportedProject {
    fn of(number: i32, project: Project) -> Self {
        Self {
            record: ReportedRecord { id: project.id, number, title: project.title },
            result: project.result,
            no_budget_used: project.no_budget_used,
            budget_allocated_baht: project.budget_allocated_baht,
            budget_spent_baht: project.budget_spent_baht,
            problems: project.problems,
            recommendations: project.recommendations,
        }
    }

    fn missing(&self) -> Option<Missing> {
        let is_stated = [
            ("result", self.result.is_some()),
            ("budget_spent_baht", self.no_budget_used || self.budget_spent_baht.is_some()),
            ("problems", self.problems.is_some()),
            ("recommendations", self.recommendations.is_some()),
        ];
        Missing::of(&self.record, &COLUMNS, is_stated)
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
