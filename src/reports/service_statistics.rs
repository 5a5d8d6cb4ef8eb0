//! Service requests by month and service, and of the year by channel: the figures that the public sees in the statistics.

use std::borrow::Cow;

use entity::codes::Label;
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use utoipa::ToSchema;

use super::document::{Cell, Column, Document, Grid};
use super::envelope::{Head, Missing};
use super::months::{ReportedMonth, as_of_note, sum};
use super::report::{Frame, Report};
use crate::domain::count::Count;
use crate::domain::period::Period;
use crate::domain::thai;
use crate::error::Result;
use crate::statistics::cases::{Section, StatisticsView};
use crate::statistics::e_services::{self, EServiceBreakdown};
use crate::statistics::shape::Slice;

/// The requests for services of one fiscal year.
#[derive(Serialize, ToSchema)]
pub struct ServiceStatisticsReport {
    #[serde(flatten)]
    head: Head,
    /// How many requests were received.
    #[schema(value_type = Count)]
    total: u64,
    /// How many of them are closed.
    #[schema(value_type = Count)]
    finished_count: u64,
    /// How many of them are open.
    #[schema(value_type = Count)]
    in_progress_count: u64,
    /// The twelve months, October first, of all services.
    #[schema(min_items = 12, max_items = 12)]
    months: Vec<ReportedMonth>,
    /// The services.
    #[schema(max_items = 1000)]
    services: Vec<ReportedService>,
    /// The requests of the year by channel, as of the last midnight; null where the table as a whole is suppressed.
    #[schema(required, max_items = 10)]
    channels: Option<Vec<Slice>>,
}

/// The requests for one service.
#[derive(Serialize, ToSchema)]
#[schema(as = ServiceFigures)]
struct ReportedService {
    /// Code of the service.
    #[schema(max_length = 50, example = "public-lighting")]
    code: String,
    /// Name of the service.
    label: Label,
    /// How many requests were received.
    #[schema(value_type = Count)]
    total: u64,
    /// The twelve months, October first.
    #[schema(min_items = 12, max_items = 12)]
    months: Vec<ReportedMonth>,
}

const CHANNELS: [Column; 2] =
    [Column::new("channel", "ช่องทางการให้บริการ", "Channel", 70), Column::new("total", "จำนวนคำขอทั้งปี", "Requests", 30)];

const SUPPRESSED: &str = "ตัวเลขบางรายการไม่แสดง เพื่อป้องกันการระบุตัวบุคคล";

pub async fn report(moment: &DatabaseTransaction, frame: &Frame) -> Result<Report> {
    let view = StatisticsView::of_public(Period::Month, frame.now);
    let figures = e_services::count(moment, frame.year, &view).await?.current;
    let channels = figures.all.breakdown.and_then(|breakdown| breakdown.by_channel);
    let months = |periods: Vec<_>| periods.into_iter().map(|period| ReportedMonth::of(period, frame)).collect();
    let service = |Section { value, label, figures }: Section<EServiceBreakdown>| {
        let (total, months) = (figures.total, months(figures.periods));
        ReportedService { code: value, label, total, months }
    };
    let services: Vec<_> = figures.by_service.into_iter().map(service).collect();
    let months: Vec<ReportedMonth> = months(figures.all.periods);
    let head = Head {
        as_of: view.breakdown_as_of(), ..frame.head("สถิติการให้บริการ", None)
    };
    let by_channel = channels_table(channels.as_deref());
    let is_suppressed = channels.as_ref().is_none_or(|slices| slices.iter().any(|slice| slice.total.is_none()));
    let notes = is_suppressed.then(|| SUPPRESSED.to_owned()).into_iter().chain([as_of_note(frame)]).collect();
    let document = Document { notes, ..frame.document(&head, vec![services_table(&months, &services), by_channel])? };
    let unseen = is_suppressed.then(|| {
        let figures = Label::new("จำนวนของช่องทางที่ไม่แสดงต่อประชาชน", "figures of channels that are suppressed");
        Missing::whole("จำแนกตามช่องทาง".to_owned(), "channels", figures)
    });
    let missing = ReportedMonth::missing(&months).chain(unseen).collect();
    let (total, finished_count, in_progress_count) =
        (figures.all.total, figures.all.finished_count, figures.all.in_progress_count);
    let data = ServiceStatisticsReport { head, total, finished_count, in_progress_count, months, services, channels };
    Report::new(&data, document, missing)
}

/// A row for each service, a column for each month.
fn services_table(months: &[ReportedMonth], services: &[ReportedService]) -> Grid {
    let month = |month: &ReportedMonth| Column {
        field: Cow::Owned(month.key.clone()),
        label: Label { th: thai::short_month(month.starts_on).into(), en: month.label.en.clone() },
        width: 6,
    };
    let name = Column::new("label", "บริการ", "Service", 20);
    let columns = [name].into_iter().chain(months.iter().map(month)).chain([Column::new("total", "รวม", "Total", 8)]);
    let row = |name: &str, months: &[ReportedMonth]| {
        let counts = months.iter().map(|month| month.cell(month.total));
        let total = sum(months.iter().map(|month| month.total));
        [Cell::Text(name.to_owned())].into_iter().chain(counts).chain([total]).collect()
    };
    let rows =
        services.iter().map(|service| row(&service.label.th, &service.months)).chain([row("รวมทุกบริการ", months)]);
    Grid {
        caption: Some("จำนวนคำขอรับบริการ จำแนกตามบริการและเดือน".to_owned()),
        columns: columns.collect(),
        rows: rows.collect(),
        if_empty: String::new(),
    }
}

fn channels_table(channels: Option<&[Slice]>) -> Grid {
    let row = |slice: &Slice| {
        let total = slice.total.map_or_else(|| Cell::Absent("ไม่แสดง".to_owned()), Cell::Number);
        vec![Cell::Text(slice.label.th.to_string()), total]
    };
    Grid {
        caption: Some("จำนวนคำขอรับบริการ จำแนกตามช่องทาง".to_owned()),
        columns: CHANNELS.into(),
        rows: channels.unwrap_or_default().iter().map(row).collect(),
        if_empty: SUPPRESSED.to_owned(),
    }
}
