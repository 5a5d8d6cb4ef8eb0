//! Complaints of corruption and misconduct by month: the figures that the public sees in the statistics.

use entity::codes::Label;
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use utoipa::ToSchema;

use super::document::{Cell, Column, Document, Grid};
use super::envelope::{Head, Missing};
use super::months::{ReportedMonth, ReportedTotals, as_of_note};
use super::report::{Frame, Report};
use crate::domain::period::Period;
use crate::domain::thai;
use crate::error::{Code, Result};
use crate::statistics::cases::StatisticsView;
use crate::statistics::complaints::{self, OF_INTEGRITY};

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
    /// The sentence that there were none in the months that are over; null where there were some, or a month was not recorded.
    #[schema(
        required,
        max_length = 1000,
        example = "ในปีงบประมาณ พ.ศ. 2567 (1 ตุลาคม 2566 ถึง 30 กันยายน 2567) เทศบาลเมืองชัยนาทไม่มีเรื่องร้องเรียนการทุจริตและประพฤติมิชอบของเจ้าหน้าที่"
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
    let statistics = complaints::count(moment, frame.year, view).await?;
    let mut groups = statistics.current.by_group.into_iter().map(|group| group.section);
    let figures = groups.find(|group| group.value == OF_INTEGRITY).ok_or(Code::Internal)?.figures;
    let months: Vec<_> = figures.periods.into_iter().map(|period| ReportedMonth::of(period, frame)).collect();
    let (statement, totals) = (statement(&months, frame), ReportedTotals::of(&months));
    let head = Head {
        as_of, ..frame.head("สถิติเรื่องร้องเรียนการทุจริตและประพฤติมิชอบของเจ้าหน้าที่", None)
    };
    let rows = months.iter().map(cells).chain([total(&totals)]).collect();
    let table = Grid { columns: COLUMNS.into(), rows, has_total: true, ..Grid::default() };
    let notes = statement.iter().map(thai::digits).chain([as_of_note(frame)]).collect();
    let document = Document { notes, ..frame.document(&head, vec![table])? };
    let since = Label::new("วันที่เริ่มบันทึกเรื่องทั้งหมดในระบบ", "day from which all cases are recorded");
    let unknown = frame.agency.recording_began_on.is_none();
    let unknown = unknown.then(|| Missing::whole("ข้อมูลเทศบาล".to_owned(), "recording_began_on", since));
    let missing = unknown.into_iter().chain(ReportedMonth::missing(&months)).collect();
    Report::new(&ComplaintStatisticsReport { head, totals, months, statement }, document, missing)
}

/// A sentence that can be published as it stands: of the year, or of its months until now.
fn statement(months: &[ReportedMonth], frame: &Frame) -> Option<String> {
    let until = ReportedMonth::none_until(months, frame)?;
    let (first, last) = frame.year.span();
    let days = format!("{} ถึง {}", thai::date(first), thai::date(until));
    let period = match until == last {
        true => format!("ในปีงบประมาณ พ.ศ. {} ({days})", frame.year),
        false => format!("ตั้งแต่วันที่ {days}"),
    };
    Some(format!("{period} {}ไม่มีเรื่องร้องเรียนการทุจริตและประพฤติมิชอบของเจ้าหน้าที่", frame.agency.name_th))
}

fn cells(month: &ReportedMonth) -> Vec<Cell> {
    let counts = [month.total, month.finished_count, month.in_progress_count];
    let name = Cell::Text(thai::digits(&month.label.th));
    [name].into_iter().chain(counts.map(|count| month.cell(count))).collect()
}

fn total(totals: &ReportedTotals) -> Vec<Cell> {
    let counts = [totals.total, totals.finished_count, totals.in_progress_count];
    [Cell::Text("รวม".to_owned())].into_iter().chain(counts.map(ReportedTotals::cell)).collect()
}
