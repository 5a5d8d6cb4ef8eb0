//! Complaints of corruption and misconduct by month: the figures that the public sees in the statistics.

use sea_orm::DatabaseTransaction;
use serde::Serialize;
use utoipa::ToSchema;

use super::document::{Cell, Column, Document, Grid};
use super::envelope::Head;
use super::months::{Elsewhere, ReportedMonth, ReportedTotals, as_of_note, missing_day, since_note};
use super::report::{Frame, Report};
use crate::domain::period::Period;
use crate::domain::thai;
use crate::error::{Code, Result};
use crate::statistics::cases::StatisticsView;
use crate::statistics::complaints::{self, OF_INTEGRITY};
use crate::statistics::reported::ReportedCounts;

/// The complaints of corruption and misconduct of one fiscal year, as of the last midnight.
#[derive(Serialize, ToSchema)]
pub struct ComplaintStatisticsReport {
    #[serde(flatten)]
    head: Head,
    #[serde(flatten)]
    totals: ReportedTotals,
    /// The twelve months, October first.
    #[schema(min_items = 12, max_items = 12)]
    months: Vec<ReportedMonth>,
    /// What was reported of the year in another way, where it was not wholly recorded here. It is not in the figures.
    #[schema(max_items = 19)]
    reported: Vec<ReportedCounts>,
    /// The sentence that there were none in the year, or until now, which says as of which day; null where there were some, or days were
    /// not recorded.
    #[schema(
        required,
        max_length = 1000,
        example = "ในปีงบประมาณ พ.ศ. 2567 (1 ตุลาคม 2566 ถึง 30 กันยายน 2567) เทศบาลเมืองชัยนาทไม่มีเรื่องร้องเรียนการทุจริตและประพฤติมิชอบของเจ้าหน้าที่ (ข้อมูล ณ สิ้นวันที่ 10 เมษายน 2568)"
    )]
    statement: Option<String>,
}

const COLUMNS: [Column; 4] = [
    Column::new("label", "ประจำเดือน", "Month", 34),
    Column::new("total", "เรื่องทั้งหมด", "Received", 22),
    Column::new("finished_count", "ดำเนินการแล้วเสร็จ", "Finished", 22),
    Column::new("in_progress_count", "อยู่ระหว่างดำเนินการ", "In progress", 22),
];

pub async fn report(moment: &DatabaseTransaction, frame: &Frame) -> Result<Report> {
    let view = StatisticsView::of_reports(Period::Month, frame.now);
    let as_of = view.as_of();
    let statistics = complaints::count(moment, frame.year, view, frame.now).await?;
    let mut groups = statistics.current.by_group.into_iter();
    let group = groups.find(|group| group.section.value == OF_INTEGRITY).ok_or(Code::Internal)?;
    let (figures, statement) = (group.section.figures, group.statement);
    let totals = ReportedTotals::of(&figures);
    let reported = figures.reported;
    let months: Vec<_> = figures.periods.into_iter().map(ReportedMonth::of).collect();
    let head = Head {
        as_of, ..frame.head("สถิติเรื่องร้องเรียนการทุจริตและประพฤติมิชอบของเจ้าหน้าที่", None)
    };
    let rows = months.iter().map(cells).chain([total(&totals)]).collect();
    let table = Grid { columns: COLUMNS.into(), rows, has_total: true, ..Grid::default() };
    let since = since_note(totals.covered.recorded_from, frame);
    let notes = statement.iter().map(thai::digits).chain(since).chain([as_of_note(frame)]).collect();
    let of = "การทุจริตและประพฤติมิชอบ";
    let figures = reported.iter().map(|it| (of, it)).collect();
    let elsewhere = Elsewhere { of: Column::new("kind", "ประเภทเรื่อง", "Kind", 20), figures };
    let tables = [table].into_iter().chain(elsewhere.table()).collect();
    let document = Document { notes, ..frame.document(&head, tables)? };
    let unknown = missing_day(frame.agency.integrity_recorded_from);
    let missing = unknown.into_iter().chain(ReportedMonth::missing(&months)).collect();
    Report::new(&ComplaintStatisticsReport { head, totals, months, reported, statement }, document, missing)
}

fn cells(month: &ReportedMonth) -> Vec<Cell> {
    let counts = month.counts.each();
    [month.name()].into_iter().chain(counts.map(|count| month.cell(count))).collect()
}

fn total(totals: &ReportedTotals) -> Vec<Cell> {
    let counts = totals.counts.each();
    [Cell::Text("รวม".to_owned())].into_iter().chain(counts.map(ReportedTotals::cell)).collect()
}
