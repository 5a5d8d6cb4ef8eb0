//! The catalogue of e-services and the citizens' manual: what the municipality offers now.

use entity::codes::Label;
use entity::ita_item;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use utoipa::ToSchema;

use super::document::{Cell, Column, Grid};
use super::envelope::{Head, Missing, MissingField};
use super::report::{Frame, Report};
use crate::domain::baht::Baht;
use crate::domain::name::Name;
use crate::domain::text::{Line, Lines};
use crate::domain::thai;
use crate::e_services::{EService, store};
use crate::error::Result;

/// The services that are offered, with what a citizen needs to know of each.
#[derive(Serialize, ToSchema)]
pub struct ServicesReport {
    #[serde(flatten)]
    head: Head,
    /// The columns of the printed table, in order, each with the field of a row that it shows.
    #[schema(max_items = 20)]
    columns: Vec<Column>,
    /// One row for each service, by code.
    #[schema(max_items = 1000)]
    rows: Vec<OfferedService>,
}

/// A row of the catalogue and of the manual: one service.
#[derive(Serialize, ToSchema)]
struct OfferedService {
    /// Code of the service.
    #[schema(max_length = 50, example = "public-lighting")]
    code: String,
    /// Name of the service.
    name: Name,
    /// Name of the unit that carries it out.
    unit_name: Name,
    /// Steps of the service, in order.
    #[schema(value_type = Vec<Lines<1000>>, max_items = 50, example = json!(["รับคำขอ (1 วัน)", "ซ่อมแซม (4 วัน)"]))]
    steps: Vec<String>,
    /// Number of working days within which completion is promised.
    #[schema(minimum = 1, maximum = 1000, example = 5)]
    working_days: i32,
    /// Documents that the applicant needs.
    #[schema(value_type = Vec<Line<500>>, max_items = 50, example = json!(["สำเนาบัตรประจำตัวประชาชน"]))]
    papers: Vec<String>,
    /// Page on which the service can be requested; null if there is none.
    #[schema(required, max_length = 2000, example = "https://www.example.go.th/e-service/public-lighting")]
    channel_url: Option<String>,
    /// Fee in baht; null if it is not the same for everyone.
    #[schema(required, example = "0.00")]
    fee_baht: Option<Baht>,
    /// Law and regulation on which the service is based; null if not stated.
    #[schema(required, max_length = 2000, example = "พระราชบัญญัติเทศบาล พ.ศ. 2496 มาตรา 53")]
    legal_basis: Option<String>,
}

const CATALOGUE: [Column; 5] = [
    Column::new("name", "ชื่องาน", "Service", 20),
    Column::new("unit_name", "ส่วนราชการ", "Unit", 28),
    Column::new("channel_url", "ช่องทางการให้บริการ", "Channel", 27),
    Column::new("working_days", "ระยะเวลาที่ใช้ในการให้บริการ", "Time", 14),
    Column::new("fee_baht", "ค่าธรรมเนียม", "Fee", 11),
];

const MANUAL: [Column; 7] = [
    Column::new("name", "ชื่องาน", "Service", 13),
    Column::new("steps", "วิธีการ/ขั้นตอนการให้บริการ", "Steps", 23),
    Column::new("working_days", "ระยะเวลาที่ใช้ในการให้บริการ", "Time", 11),
    Column::new("channel_url", "ช่องทางการให้บริการ", "Channel", 15),
    Column::new("papers", "เอกสารหรือหลักฐานที่ต้องใช้", "Documents", 15),
    Column::new("fee_baht", "ค่าธรรมเนียม", "Fee", 10),
    Column::new("legal_basis", "กฎหมายที่เกี่ยวข้อง", "Law", 13),
];

const IF_EMPTY: &str = "ไม่มีบริการที่เปิดให้บริการ";

/// The catalogue: where each service is requested online.
pub async fn catalogue(db: &impl ConnectionTrait, frame: &Frame) -> Result<Report> {
    let opening =
        format!("{}เปิดให้บริการออนไลน์ (E-Service) ซึ่งประชาชนยื่นคำขอได้โดยไม่ต้องเดินทางมาติดต่อ ดังนี้", frame.agency.name_th);
    let head = frame.head("บริการออนไลน์ (E-Service)", Some(opening));
    let cells = |row: &OfferedService| {
        let [name, unit] = [&row.name, &row.unit_name].map(|name| Cell::Text(name.th.clone()));
        vec![name, unit, Cell::stated(row.channel_url.as_deref()), row.time(), row.fee()]
    };
    let lacks = |row: &OfferedService| {
        let is_stated = [("channel_url", row.channel_url.is_some())];
        Missing::of(row.code.clone(), row.name.th.clone(), &CATALOGUE, is_stated)
    };
    report(db, frame, head, &CATALOGUE, cells, lacks).await
}

/// The manual: the parts that the ITA items of the years ask for.
pub async fn manual(db: &impl ConnectionTrait, frame: &Frame) -> Result<Report> {
    let head = frame.head("คู่มือการให้บริการสำหรับประชาชน", None);
    let item = item_of_year(db, frame).await?;
    // Where no documents are needed, that is to be said in the years whose item asks for them. A year without the item asks for law.
    let (asks_for_law, asks_for_papers) =
        (asks_for(item.as_ref(), "กฎหมาย", true), asks_for(item.as_ref(), "เอกสาร", false));
    let cells = |row: &OfferedService| {
        let [name, law] = [Some(&row.name.th), row.legal_basis.as_ref()].map(|text| Cell::stated(text.map(|it| &**it)));
        let [steps, papers] = [&row.steps, &row.papers].map(|entries| Cell::Entries(entries.clone()));
        vec![name, steps, row.time(), row.channels(), papers, row.fee(), law]
    };
    let lacks = |row: &OfferedService| {
        let is_stated = [
            ("steps", !row.steps.is_empty()),
            ("legal_basis", !(asks_for_law && row.legal_basis.is_none())),
            ("fee_baht", row.fee_baht.is_some()),
            ("papers", !(asks_for_papers && row.papers.is_empty())),
        ];
        let missing = Missing::of(row.code.clone(), row.name.th.clone(), &MANUAL, is_stated);
        let time = Label::new("ระยะเวลาของแต่ละขั้นตอน", "time of each step");
        let timeless = !row.steps.is_empty() && !row.steps.iter().all(|step| states_time(step));
        let timeless = timeless.then_some(MissingField { field: "time".into(), label: time });
        match (missing, timeless) {
            (Some(mut missing), timeless) => {
                missing.fields.extend(timeless);
                Some(missing)
            }
            (None, timeless) => timeless.map(|field| Missing {
                id: Some(row.code.clone()),
                title: row.name.th.clone(),
                fields: vec![field],
            }),
        }
    };
    report(db, frame, head, &MANUAL, cells, lacks).await
}

async fn report(
    db: &impl ConnectionTrait,
    frame: &Frame,
    head: Head,
    columns: &[Column],
    cells: impl Fn(&OfferedService) -> Vec<Cell>,
    lacks: impl Fn(&OfferedService) -> Option<Missing>,
) -> Result<Report> {
    let services = store::offered(db).await?.into_iter().map(|row| EService::try_from(row).map(OfferedService::from));
    let rows = services.collect::<Result<Vec<_>>>()?;
    let table = Grid {
        columns: columns.to_vec(),
        rows: rows.iter().map(cells).collect(),
        if_empty: IF_EMPTY.to_owned(),
        ..Grid::default()
    };
    let document = frame.document(&head, vec![table])?;
    let missing = rows.iter().filter_map(lacks).collect();
    Report::new(&ServicesReport { head, columns: columns.to_vec(), rows }, document, missing)
}

/// The ITA item of the year about the manual.
async fn item_of_year(db: &impl ConnectionTrait, frame: &Frame) -> Result<Option<ita_item::Model>> {
    let of_year = ita_item::Column::FiscalYear.eq(frame.year.number());
    let manual = ita_item::Column::Subject.eq(ita_item::Subject::ServiceManual);
    Ok(ita_item::Entity::find().filter(of_year).filter(manual).one(db).await?)
}

/// Whether the item has a required part with this word in its name. That of 2567 asks for law, that of 2568 for documents.
fn asks_for(item: Option<&ita_item::Model>, word: &str, without_item: bool) -> bool {
    item.map_or(without_item, |item| item.required_parts.0.iter().any(|part| part.contains(word)))
}

/// Whether a step says how long it takes: a number and a unit of time.
fn states_time(step: &str) -> bool {
    let has_digit = step.chars().any(|c| c.is_ascii_digit() || ('๐'..='๙').contains(&c));
    has_digit && ["นาที", "ชั่วโมง", "วัน"].iter().any(|unit| step.contains(unit))
}

impl OfferedService {
    fn time(&self) -> Cell {
        Cell::Text(format!("ภายใน {} วันทำการ", thai::digits(self.working_days)))
    }

    fn fee(&self) -> Cell {
        match self.fee_baht {
            None => Cell::Text("เป็นไปตามที่กฎหมายกำหนด โปรดสอบถาม".to_owned()),
            Some(fee) if fee.satang() == 0 => Cell::Text("ไม่มีค่าธรรมเนียม".to_owned()),
            Some(fee) => Cell::Text(format!("{} บาท", thai::digits(thai::grouped(fee)))),
        }
    }

    fn channels(&self) -> Cell {
        let online = self.channel_url.as_ref().map(|url| format!("ระบบออนไลน์ {url}"));
        Cell::Entries([format!("ติดต่อด้วยตนเองที่{}", self.unit_name.th)].into_iter().chain(online).collect())
    }
}

impl From<EService> for OfferedService {
    fn from(service: EService) -> Self {
        let EService { code, name, unit_name, steps, working_days, papers, channel_url, fee_baht, legal_basis, .. } =
            service;
        Self { code, name, unit_name, steps, working_days, papers, channel_url, fee_baht, legal_basis }
    }
}
