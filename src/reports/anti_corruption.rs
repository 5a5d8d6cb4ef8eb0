//! The annual anti-corruption report: per project its result, budget, problems and recommendations.

use entity::state::Publication;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::document::{Cell, Column, Document, Evidence as PrintedEvidence, Grid};
use super::envelope::{Head, Missing};
use super::report::{Frame, Report};
use crate::domain::baht::{Baht, Total};
use crate::domain::coverage::Known;
use crate::domain::thai;
use crate::error::Result;
use crate::evidence::Evidence;
use crate::projects::{Project, store};

/// The annual anti-corruption report of one fiscal year.
#[derive(Serialize, ToSchema)]
pub struct AntiCorruptionReport {
    #[serde(flatten)]
    head: Head,
    #[serde(flatten)]
    known: Known,
    /// The columns of the printed table, in order, each with the field of a row that it shows.
    #[schema(max_items = 20)]
    columns: Vec<Column>,
    /// One row for each project.
    #[schema(max_items = 10000)]
    rows: Vec<ReportedProject>,
    /// Sum of the allocated budgets, in baht; null where no project states one.
    #[schema(required)]
    budget_allocated_baht: Option<Total>,
    /// Sum of the budgets spent, in baht; null where no project states one.
    #[schema(required)]
    budget_spent_baht: Option<Total>,
}

/// A row of the report: one project. Fields that were not stated are null.
#[derive(Serialize, ToSchema)]
struct ReportedProject {
    /// Id of the project.
    id: Uuid,
    /// Position of the project in the report.
    #[schema(minimum = 1, maximum = 10000, example = 2)]
    number: i32,
    /// Title of the project.
    #[schema(max_length = 1000, example = "โครงการอบรมคุณธรรมและจริยธรรมพนักงานเทศบาล")]
    title: String,
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
    /// Pages and files that show what was done.
    #[schema(max_items = 50)]
    evidence: Vec<Evidence>,
}

const COLUMNS: [Column; 6] = [
    Column::new("title", "โครงการ/กิจกรรม", "Project or activity", 18),
    Column::new("result", "ผลการดำเนินการ", "Result", 22),
    Column::new("budget_allocated_baht", "งบประมาณที่ได้รับจัดสรร (บาท)", "Budget allocated (baht)", 14),
    Column::new("budget_spent_baht", "งบประมาณที่ใช้ (บาท)", "Budget spent (baht)", 14),
    Column::new("problems", "ปัญหา/อุปสรรค", "Problems and obstacles", 16),
    Column::new("recommendations", "ข้อเสนอแนะ", "Recommendations", 16),
];

pub async fn report(db: &impl ConnectionTrait, frame: &Frame, states: &[Publication]) -> Result<Report> {
    let opening = format!(
        "{}ดำเนินโครงการและกิจกรรมเพื่อป้องกันการทุจริต ส่งเสริมมาตรฐานจริยธรรมและธรรมาภิบาล ประจำปีงบประมาณ พ.ศ. {} ดังนี้",
        frame.agency.name_th,
        thai::digits(frame.year)
    );
    let projects = store::published(db, frame.year.number(), states).await?;
    let rows = (1..).zip(projects).map(|(number, row)| ReportedProject::of(number, row.into()));
    let rows: Vec<ReportedProject> = rows.collect();
    let known = frame.known(&rows);
    let head = frame.head("รายงานผลการดำเนินการป้องกันการทุจริต", known.figure(opening));
    let evidence = rows
        .iter()
        .flat_map(|row| PrintedEvidence::about(format!("โครงการที่ {}", thai::digits(row.number)), &row.evidence));
    let sum = |amount: fn(&ReportedProject) -> Option<i64>| {
        let stated: Vec<i64> = rows.iter().filter_map(amount).collect();
        (!stated.is_empty()).then(|| Total::from_satang(stated.iter().sum()))
    };
    let allocated = sum(|row| row.budget_allocated_baht.map(Baht::satang));
    let spent = sum(|row| if row.no_budget_used { Some(0) } else { row.budget_spent_baht.map(Baht::satang) });
    let table = Grid {
        columns: COLUMNS.into(),
        rows: rows.iter().map(ReportedProject::cells).collect(),
        if_empty: format!("ไม่มีโครงการหรือกิจกรรมที่เผยแพร่ในปีงบประมาณนี้ ({})", known.coverage_label.th),
        ..Grid::default()
    };
    // What nobody states is told to the staff, as missing.
    let sums = [("ที่ได้รับจัดสรร", allocated), ("ที่เบิกจ่ายแล้ว", spent)].into_iter();
    let sums = sums.filter_map(|(what, sum)| Some(format!("{what} {} บาท", thai::digits(thai::grouped(sum?)))));
    let sums: Vec<String> = sums.collect();
    let notes =
        if sums.is_empty() { Vec::new() } else { vec![format!("รวมงบประมาณ{}", sums.join(" "))] };
    let document = Document { notes, evidence: evidence.collect(), ..frame.document(&head, vec![table])? };
    let mut missing: Vec<_> = rows.iter().filter_map(ReportedProject::missing).collect();
    missing.extend(Missing::all(&rows, &COLUMNS));
    let data = AntiCorruptionReport {
        head,
        known,
        columns: COLUMNS.into(),
        rows,
        budget_allocated_baht: allocated,
        budget_spent_baht: spent,
    };
    Report::new(&data, document, missing)
}

impl ReportedProject {
    fn of(number: i32, project: Project) -> Self {
        Self {
            id: project.id,
            number,
            title: project.title,
            result: project.result,
            no_budget_used: project.no_budget_used,
            budget_allocated_baht: project.budget_allocated_baht,
            budget_spent_baht: project.budget_spent_baht,
            problems: project.problems,
            recommendations: project.recommendations,
            evidence: project.evidence,
        }
    }

    fn numbered(&self) -> String {
        format!("{}. {}", thai::digits(self.number), self.title)
    }

    fn cells(&self) -> Vec<Cell> {
        let amount = |amount: Option<Baht>| amount.map_or_else(|| Cell::stated(None), Cell::Amount);
        let spent = if self.no_budget_used {
            Cell::Text("ไม่ใช้งบประมาณ".to_owned())
        } else {
            amount(self.budget_spent_baht)
        };
        vec![
            Cell::Text(self.numbered()),
            Cell::stated(self.result.as_deref()),
            amount(self.budget_allocated_baht),
            spent,
            Cell::stated(self.problems.as_deref()),
            Cell::stated(self.recommendations.as_deref()),
        ]
    }

    fn missing(&self) -> Option<Missing> {
        let is_stated = [
            ("result", self.result.is_some()),
            ("budget_spent_baht", self.no_budget_used || self.budget_spent_baht.is_some()),
            ("problems", self.problems.is_some()),
            ("recommendations", self.recommendations.is_some()),
        ];
        Missing::of(self.id.to_string(), self.numbered(), &COLUMNS, is_stated)
    }
}
