//! What carries a measure: e-services with their figures, and projects with their budgets.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::codes::Label;
use entity::project::Model as ProjectModel;
use entity::state::{Publication, Status};
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::document::{Cell, Column, Grid};
use super::months::count_or;
use super::report::Frame;
use crate::domain::baht::Baht;
use crate::domain::coverage::Covered;
use crate::domain::period::Period;
use crate::error::Result;
use crate::projects;
use crate::statistics::cases::StatisticsView;
use crate::statistics::counts::Counts;
use crate::statistics::e_services;

/// An e-service that carries a measure, with its requests of the year as of the last midnight.
#[derive(Clone, Serialize, ToSchema)]
pub struct CarryingService {
    /// Code of the e-service.
    #[schema(max_length = 50, example = "public-lighting")]
    code: String,
    /// Name of the e-service.
    label: Label,
    #[serde(flatten)]
    covered: Covered,
    #[serde(flatten)]
    counts: Counts,
}

/// A project that carries a measure.
#[derive(Serialize, ToSchema)]
pub struct CarryingProject {
    /// Id of the project.
    id: Uuid,
    /// Title of the project.
    #[schema(max_length = 1000, example = "โครงการอบรมคุณธรรมและจริยธรรมพนักงานเทศบาล")]
    title: String,
    /// Progress of the work.
    status: Status,
    /// Whether the project states that it used no budget.
    #[schema(example = false)]
    no_budget_used: bool,
    /// Allocated budget in baht; null if not stated.
    #[schema(required)]
    budget_allocated_baht: Option<Baht>,
    /// Budget spent, in baht; null if not stated.
    #[schema(required)]
    budget_spent_baht: Option<Baht>,
}

/// The e-services and projects of a year, for its measures.
pub struct Carriers {
    /// The first day of the figures of e-services; none where there are none.
    pub recorded_from: Option<NaiveDate>,
    services: HashMap<String, CarryingService>,
    projects: HashMap<Uuid, Vec<CarryingProject>>,
}

impl Carriers {
    pub async fn read(moment: &DatabaseTransaction, frame: &Frame, states: &[Publication]) -> Result<Self> {
        let view = StatisticsView::of_reports(Period::Year, frame.now);
        let figures = e_services::count(moment, frame.year, &view, frame.now).await?.current;
        let recorded_from = figures.all.covered.recorded_from;
        let services = figures.by_service.into_iter().map(|section| {
            let (covered, counts) = (section.figures.covered, section.figures.counts);
            let service = CarryingService { code: section.value.clone(), label: section.label, covered, counts };
            (section.value, service)
        });
        let mut projects: HashMap<Uuid, Vec<CarryingProject>> = HashMap::new();
        for row in projects::store::published(moment, frame.year.number(), states).await? {
            if let Some(measure) = row.project.measure_id {
                projects.entry(measure).or_default().push(row.project.into());
            }
        }
        Ok(Self { recorded_from, services: services.collect(), projects })
    }

    pub fn services(&self, codes: &[String]) -> Vec<CarryingService> {
        codes.iter().filter_map(|code| self.services.get(code)).cloned().collect()
    }

    /// Those of a measure, which no other has.
    pub fn projects(&mut self, measure: Uuid) -> Vec<CarryingProject> {
        self.projects.remove(&measure).unwrap_or_default()
    }
}

impl From<ProjectModel> for CarryingProject {
    fn from(project: ProjectModel) -> Self {
        Self {
            id: project.id,
            title: project.title,
            status: project.status,
            no_budget_used: project.no_budget_used,
            budget_allocated_baht: project.budget_allocated.map(Baht::from_satang),
            budget_spent_baht: project.budget_spent.map(Baht::from_satang),
        }
    }
}

const SERVICES: [Column; 5] = [
    Column::new("title", "มาตรการ/แนวทาง", "Measure", 34),
    Column::new("e_services", "บริการ", "Service", 30),
    Column::new("total", "คำขอทั้งหมด", "Requests", 12),
    Column::new("finished_count", "ดำเนินการแล้วเสร็จ", "Finished", 12),
    Column::new("in_progress_count", "อยู่ระหว่างดำเนินการ", "In progress", 12),
];

const PROJECTS: [Column; 4] = [
    Column::new("title", "มาตรการ/แนวทาง", "Measure", 34),
    Column::new("projects", "โครงการ/กิจกรรม", "Project", 36),
    Column::new("budget_allocated_baht", "งบประมาณที่ได้รับจัดสรร (บาท)", "Budget allocated (baht)", 15),
    Column::new("budget_spent_baht", "งบประมาณที่เบิกจ่ายแล้ว (บาท)", "Budget spent (baht)", 15),
];

fn table(caption: &str, columns: &[Column], rows: Vec<Vec<Cell>>) -> Option<Grid> {
    let (caption, columns) = (Some(caption.to_owned()), columns.to_vec());
    (!rows.is_empty()).then(|| Grid { caption, columns, rows, ..Grid::default() })
}

/// The services of measures, each with what the measure is called.
pub fn services_table<'a>(of: impl Iterator<Item = (String, &'a [CarryingService])>) -> Option<Grid> {
    let row = |measure: &str, service: &CarryingService| {
        let counts = service.counts.each().map(|count| count_or(count, &service.covered.coverage_label.th));
        let names = [measure, &service.label.th].map(|name| Cell::Text(name.to_owned()));
        names.into_iter().chain(counts).collect()
    };
    let rows = of.flat_map(|(measure, services)| services.iter().map(move |it| row(&measure, it)).collect::<Vec<_>>());
    table("คำขอรับบริการของบริการที่ดำเนินการตามมาตรการ", &SERVICES, rows.collect())
}

/// The projects of measures.
pub fn projects_table<'a>(of: impl Iterator<Item = (String, &'a [CarryingProject])>) -> Option<Grid> {
    let row = |measure: &str, project: &CarryingProject| {
        let absent = || {
            Cell::Absent(
                if project.no_budget_used {
                    "ไม่ใช้งบประมาณ"
                } else {
                    "ยังไม่ระบุ"
                }
                .to_owned(),
            )
        };
        let budgets = [project.budget_allocated_baht, project.budget_spent_baht];
        let budgets = budgets.map(|amount| amount.map_or_else(absent, Cell::Amount));
        let names = [measure, &project.title].map(|name| Cell::Text(name.to_owned()));
        names.into_iter().chain(budgets).collect()
    };
    let rows = of.flat_map(|(measure, projects)| projects.iter().map(move |it| row(&measure, it)).collect::<Vec<_>>());
    table("โครงการ/กิจกรรมที่ดำเนินการตามมาตรการ", &PROJECTS, rows.collect())
}
