//! The plan of integrity measures and the report on it: the columns that the municipality prints.

use entity::codes::Label;
use entity::state::Publication;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::carried::{Carriers, CarryingProject, CarryingService, projects_table, services_table};
use super::document::{Cell, Column, Document, Evidence as PrintedEvidence, Grid};
use super::envelope::{Head, Missing};
use super::months::{as_of_note, since_note};
use super::report::{Frame, Report};
use crate::domain::coverage::Known;
use crate::domain::text::{Line, Lines};
use crate::domain::thai;
use crate::error::Result;
use crate::evidence::Evidence;
use crate::measures::{Measure, store};

/// The plan of integrity measures of one fiscal year.
#[derive(Serialize, ToSchema)]
pub struct IntegrityMeasuresPlan {
    #[serde(flatten)]
    head: Head,
    #[serde(flatten)]
    known: Known,
    /// The columns of the printed table, in order, each with the field of a row that it shows.
    #[schema(max_items = 20)]
    columns: Vec<Column>,
    /// One row for each measure.
    #[schema(max_items = 9999)]
    rows: Vec<PlannedMeasure>,
}

/// The report on integrity measures of one fiscal year.
#[derive(Serialize, ToSchema)]
pub struct IntegrityMeasuresReport {
    #[serde(flatten)]
    head: Head,
    #[serde(flatten)]
    known: Known,
    /// The columns of the printed table, in order, each with the field of a row that it shows.
    #[schema(max_items = 20)]
    columns: Vec<Column>,
    /// One row for each measure.
    #[schema(max_items = 9999)]
    rows: Vec<ReportedMeasure>,
}

/// A row of the plan: one measure.
#[derive(Serialize, ToSchema)]
struct PlannedMeasure {
    /// Id of the measure.
    id: Uuid,
    /// Number of the measure within the year.
    #[schema(minimum = 1, maximum = 9999, example = 2)]
    number: i32,
    /// Title of the measure.
    #[schema(max_length = 1000, example = "สร้างกระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ")]
    title: String,
    /// How the measure is implemented, in order.
    #[schema(value_type = Vec<Lines<2000>>, max_items = 100)]
    methods: Vec<String>,
    /// Names of the responsible units, in Thai.
    #[schema(value_type = Vec<Line<300>>, max_items = 50, example = json!(["ทุกส่วนราชการ"]))]
    responsible: Vec<String>,
    /// Period of the measure, in free text.
    #[schema(max_length = 200, example = "ปีงบประมาณ พ.ศ. ๒๕๖๖")]
    period_text: String,
    /// Topic of the plan, 1 to 7; null if not stated.
    #[schema(required, minimum = 1, maximum = 7, example = 1)]
    topic: Option<i16>,
    /// How the measure is followed up and reported on; null if not stated.
    #[schema(required, max_length = 2000, example = "รายงานผลต่อปลัดเทศบาลทุกไตรมาส")]
    follow_up: Option<String>,
}

/// A row of the report: one measure.
#[derive(Serialize, ToSchema)]
struct ReportedMeasure {
    #[serde(flatten)]
    planned: PlannedMeasure,
    /// What was done, in order.
    #[schema(value_type = Vec<Lines<2000>>, max_items = 100)]
    results: Vec<String>,
    /// What was achieved, in order.
    #[schema(value_type = Vec<Lines<2000>>, max_items = 100)]
    outcomes: Vec<String>,
    /// Pages and files that show what was done.
    #[schema(max_items = 50)]
    evidence: Vec<Evidence>,
    /// The e-services that carry the measure, with their requests of the year.
    #[schema(max_items = 20)]
    e_services: Vec<CarryingService>,
    /// The projects of the year that carry the measure.
    #[schema(max_items = 10000)]
    projects: Vec<CarryingProject>,
}

/// As the municipality heads them.
const COLUMNS: [(&str, &str, &str); 6] = [
    ("title", "มาตรการ/แนวทาง", "Measure"),
    ("methods", "วิธีการดำเนินการ", "Methods"),
    ("responsible", "ผู้รับผิดชอบ", "Responsible units"),
    ("period_text", "ระยะเวลาดำเนินการ", "Period"),
    ("results", "ผลการดำเนินการ", "Results"),
    ("outcomes", "ผลลัพธ์หรือความสำเร็จของการดำเนินการ", "Outcomes"),
];

/// What a plan says of each measure beside that (ITA item "integrity measures": O34 of fiscal year 2567).
const FOLLOW_UP: Column = Column::new("follow_up", "การกำกับติดตามและรายงานผล", "Follow-up", 18);

/// The topics that a plan covers (ITA item "integrity measures": O34 of fiscal year 2567).
const TOPICS: [&str; 7] = [
    "กระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ",
    "การให้บริการและระบบ E-Service",
    "ช่องทางและรูปแบบการประชาสัมพันธ์เผยแพร่ข้อมูลข่าวสารภาครัฐ",
    "กระบวนการกำกับดูแลการใช้ทรัพย์สินของราชการ",
    "กระบวนการสร้างความโปร่งใสในการใช้งบประมาณและการจัดซื้อจัดจ้าง",
    "กระบวนการควบคุม ตรวจสอบการใช้อำนาจและการบริหารงานบุคคล",
    "กลไกและมาตรการในการแก้ไขและป้องกันการทุจริตภายในหน่วยงาน",
];

/// What stands where there are no measures, and why.
fn if_empty(known: &Known) -> String {
    format!("ไม่มีมาตรการที่เผยแพร่ในปีงบประมาณนี้ ({})", known.coverage_label.th)
}

/// The first columns, as wide as given.
fn columns(widths: &[u8]) -> Vec<Column> {
    let column = |((field, th, en), width): ((_, _, _), &u8)| Column::new(field, th, en, *width);
    COLUMNS.into_iter().zip(widths).map(column).collect()
}

async fn measures(db: &impl ConnectionTrait, frame: &Frame, states: &[Publication]) -> Result<Vec<Measure>> {
    let rows = store::published(db, frame.year.number(), states).await?;
    Ok(rows.into_iter().map(Measure::from).collect())
}

pub async fn plan(db: &impl ConnectionTrait, frame: &Frame, states: &[Publication]) -> Result<Report> {
    let opening = format!(
        "{}กำหนดมาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน ประจำปีงบประมาณ พ.ศ. {} ดังนี้",
        frame.agency.name_th,
        thai::digits(frame.year)
    );
    let rows: Vec<_> =
        measures(db, frame, states).await?.into_iter().map(|measure| PlannedMeasure::of(measure).0).collect();
    let known = frame.known(&rows);
    let head = frame.head("มาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน", known.figure(opening));
    let columns = [columns(&[24, 31, 13, 14]), vec![FOLLOW_UP]].concat();
    let follow_up = |row: &PlannedMeasure| Cell::stated(row.follow_up.as_deref());
    let cells = rows.iter().map(|row| [row.cells(), vec![follow_up(row)]].concat()).collect();
    let table = Grid { columns: columns.clone(), rows: cells, if_empty: if_empty(&known), ..Grid::default() };
    let document = frame.document(&head, vec![table])?;
    let mut missing: Vec<_> = rows.iter().filter_map(|row| row.missing(&columns)).collect();
    missing.extend(Missing::all(&rows, &columns));
    if frame.set.opening.is_none() {
        let analysis = Label::new("การวิเคราะห์ผลการประเมินของปีก่อน", "analysis of the assessment of the year before");
        missing.push(Missing::whole("ข้อความนำ".to_owned(), "opening", analysis));
    }
    missing.extend((1..).zip(TOPICS).filter(|(number, _)| rows.iter().all(|row| row.topic != Some(*number))).map(
        |(number, topic)| {
            let title = format!("ประเด็นที่ {} {topic}", thai::digits(number));
            Missing::whole(title, "topic", Label::new("มาตรการ", "a measure"))
        },
    ));
    Report::new(&IntegrityMeasuresPlan { head, known, columns, rows }, document, missing)
}

pub async fn report(db: &DatabaseTransaction, frame: &Frame, states: &[Publication]) -> Result<Report> {
    let opening = format!(
        "จากการวิเคราะห์ผลการประเมินคุณธรรมและความโปร่งใสในการดำเนินงาน ประจำปีงบประมาณ พ.ศ. {} \
         ได้มีการกำหนดมาตรการส่งเสริมคุณธรรมและความโปร่งใสของ{} \
         โดยมีการดำเนินการตามมาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน ประจำปีงบประมาณ พ.ศ. {} ดังนี้",
        thai::digits(frame.year.before()),
        frame.agency.name_th,
        thai::digits(frame.year)
    );
    let mut carriers = Carriers::read(db, frame, states).await?;
    let measures = measures(db, frame, states).await?.into_iter();
    let rows: Vec<_> = measures.map(|measure| ReportedMeasure::of(measure, &mut carriers)).collect();
    let known = frame.known(&rows);
    let head = frame.head("รายงานผลการดำเนินการเพื่อส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน", known.figure(opening));
    let columns = columns(&[16, 21, 11, 12, 20, 20]);
    let cells = rows.iter().map(ReportedMeasure::cells).collect();
    let table = Grid { columns: columns.clone(), rows: cells, if_empty: if_empty(&known), ..Grid::default() };
    let evidence = rows.iter().flat_map(ReportedMeasure::evidence).collect();
    let services = services_table(rows.iter().map(|row| (row.planned.numbered(), &row.e_services[..])));
    let projects = projects_table(rows.iter().map(|row| (row.planned.numbered(), &row.projects[..])));
    let notes = || since_note(carriers.recorded_from, frame).into_iter().chain([as_of_note(frame)]);
    let notes = services.iter().flat_map(|_| notes()).collect();
    let tables = [table].into_iter().chain(services).chain(projects).collect();
    let document = Document { evidence, notes, ..frame.document(&head, tables)? };
    let mut missing: Vec<_> = rows.iter().filter_map(|row| row.missing(&columns)).collect();
    missing.extend(Missing::all(&rows, &columns));
    Report::new(&IntegrityMeasuresReport { head, known, columns, rows }, document, missing)
}

impl PlannedMeasure {
    /// What is planned of a measure, and the rest of it.
    fn of(measure: Measure) -> (Self, [Vec<String>; 2], Vec<Evidence>) {
        let Measure {
            id,
            number,
            title,
            methods,
            responsible,
            period_text,
            results,
            outcomes,
            evidence,
            topic,
            follow_up,
            ..
        } = measure;
        let responsible = responsible.names;
        let planned = Self { id, number, title, methods, responsible, period_text, topic, follow_up };
        (planned, [results, outcomes], evidence)
    }

    fn numbered(&self) -> String {
        format!("{}. {}", thai::digits(self.number), self.title)
    }

    fn cells(&self) -> Vec<Cell> {
        let responsible = match &self.responsible[..] {
            [only] => Cell::Text(only.clone()),
            several => Cell::Entries(several.to_vec()),
        };
        let methods = Cell::Entries(self.methods.clone());
        vec![Cell::Text(self.numbered()), methods, responsible, Cell::Text(self.period_text.clone())]
    }

    fn missing(&self, columns: &[Column]) -> Option<Missing> {
        let topic = Column::new("topic", "ประเด็น", "Topic", 0);
        let columns = [columns, &[topic]].concat();
        let is_stated = [
            ("methods", !self.methods.is_empty()),
            ("follow_up", self.follow_up.is_some()),
            ("topic", self.topic.is_some()),
        ];
        Missing::of(self.id.to_string(), self.numbered(), &columns, is_stated)
    }
}

impl ReportedMeasure {
    fn of(measure: Measure, carriers: &mut Carriers) -> Self {
        let (e_services, projects) = (carriers.services(&measure.e_services), carriers.projects(measure.id));
        let (planned, [results, outcomes], evidence) = PlannedMeasure::of(measure);
        Self { planned, results, outcomes, evidence, e_services, projects }
    }

    fn cells(&self) -> Vec<Cell> {
        let mut cells = self.planned.cells();
        cells.extend([&self.results, &self.outcomes].map(|texts| Cell::Entries(texts.clone())));
        cells
    }

    fn evidence(&self) -> impl Iterator<Item = PrintedEvidence> {
        PrintedEvidence::about(format!("มาตรการที่ {}", thai::digits(self.planned.number)), &self.evidence)
    }

    fn missing(&self, columns: &[Column]) -> Option<Missing> {
        let texts = [("methods", &self.planned.methods), ("results", &self.results), ("outcomes", &self.outcomes)];
        let is_stated = texts.map(|(field, texts)| (field, !texts.is_empty()));
        Missing::of(self.planned.id.to_string(), self.planned.numbered(), columns, is_stated)
    }
}
