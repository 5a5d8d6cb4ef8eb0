//! Service requests by month and service, and of the year by channel, as of the last midnight.

use std::borrow::Cow;

use entity::codes::Label;
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use utoipa::ToSchema;

use super::document::{Cell, Column, Document, Grid};
use super::envelope::{Head, Missing};
use super::months::{
    Elsewhere, NO_FIGURES, ReportedMonth, ReportedTotals, as_of_note, count_or, missing_day, since_note,
};
use super::report::{Frame, Report};
use crate::domain::period::Period;
use crate::domain::thai;
use crate::error::Result;
use crate::statistics::cases::{Section, StatisticsView};
use crate::statistics::e_services::{self, EServiceBreakdown};
use crate::statistics::reported::ReportedCounts;
use crate::statistics::shape::Slice;

/// The requests for services of one fiscal year, as of the last midnight.
#[derive(Serialize, ToSchema)]
pub struct ServiceStatisticsReport {
    #[serde(flatten)]
    head: Head,
    #[serde(flatten)]
    totals: ReportedTotals,
    /// The twelve months, October first, of all services.
    #[schema(min_items = 12, max_items = 12)]
    months: Vec<ReportedMonth>,
    /// What was reported of all services in another way, where the year was not wholly recorded here. It is not in the figures.
    #[schema(max_items = 19)]
    reported: Vec<ReportedCounts>,
    /// The services.
    #[schema(max_items = 1000)]
    services: Vec<ReportedService>,
    /// The requests of the year by channel; null where the table as a whole is suppressed, or no month has figures.
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
    #[serde(flatten)]
    totals: ReportedTotals,
    /// The twelve months, October first.
    #[schema(min_items = 12, max_items = 12)]
    months: Vec<ReportedMonth>,
    /// What was reported of the service in another way, where the year was not wholly recorded here. It is not in the figures.
    #[schema(max_items = 19)]
    reported: Vec<ReportedCounts>,
}

const CHANNELS: [Column; 2] =
    [Column::new("channel", "ช่องทางการให้บริการ", "Channel", 70), Column::new("total", "จำนวนคำขอทั้งปี", "Requests", 30)];

const SUPPRESSED: &str = "ตัวเลขบางรายการไม่แสดง เพื่อป้องกันการระบุตัวบุคคล";

pub async fn report(moment: &DatabaseTransaction, frame: &Frame) -> Result<Report> {
    let view = StatisticsView::of_reports(Period::Month, frame.now);
    let figures = e_services::count(moment, frame.year, &view, frame.now).await?.current;
    let months = |periods: Vec<_>| periods.into_iter().map(ReportedMonth::of).collect();
    let service = |Section { value, label, figures }: Section<EServiceBreakdown>| {
        let totals = ReportedTotals::of(&figures);
        ReportedService { code: value, label, totals, months: months(figures.periods), reported: figures.reported }
    };
    let services: Vec<_> = figures.by_service.into_iter().map(service).collect();
    let totals = ReportedTotals::of(&figures.all);
    let reported = figures.all.reported;
    let months: Vec<ReportedMonth> = months(figures.all.periods);
    let has_figures = totals.covered.has_figures();
    let channels = figures.all.breakdown.and_then(|breakdown| breakdown.by_channel);
    let head = Head { as_of: view.as_of(), ..frame.head("สถิติการให้บริการ", None) };
    let is_hidden = |slices: &Vec<Slice>| slices.iter().any(|slice| slice.total.is_none());
    let is_suppressed = has_figures && channels.as_ref().is_none_or(is_hidden);
    let by_channel = Grid {
        caption: Some("จำนวนคำขอรับบริการ จำแนกตามช่องทาง".to_owned()),
        columns: CHANNELS.into(),
        rows: channels.iter().flatten().map(channel_row).collect(),
        if_empty: if is_suppressed { SUPPRESSED } else { NO_FIGURES }.to_owned(),
        ..Grid::default()
    };
    let tables = [services_table(&months, &totals, &services), by_channel];
    let tables = tables.into_iter().chain(elsewhere(&reported, &services)).collect();
    let suppressed = is_suppressed.then(|| SUPPRESSED.to_owned());
    let since = since_note(totals.covered.recorded_from, frame);
    let notes = suppressed.into_iter().chain(since).chain([as_of_note(frame)]).collect();
    let document = Document { notes, ..frame.document(&head, tables)? };
    let unseen = is_suppressed.then(|| {
        let figures = Label::new("จำนวนของช่องทางที่ไม่แสดงต่อประชาชน", "figures of channels that are suppressed");
        Missing::whole("จำแนกตามช่องทาง".to_owned(), "channels", figures)
    });
    let unknown = missing_day(frame.agency.service_requests_recorded_from);
    let missing = unknown.into_iter().chain(ReportedMonth::missing(&months)).chain(unseen).collect();
    Report::new(&ServiceStatisticsReport { head, totals, months, reported, services, channels }, document, missing)
}

const ALL: &str = "รวมทุกบริการ";

/// What was reported, of all services and of each.
fn elsewhere(reported: &[ReportedCounts], services: &[ReportedService]) -> Option<Grid> {
    let of_all = reported.iter().map(|it| (ALL, it));
    let of_each = services.iter().flat_map(|service| service.reported.iter().map(|it| (&*service.label.th, it)));
    let figures = of_all.chain(of_each).collect();
    Elsewhere { of: Column::new("service", "บริการ", "Service", 20), figures }.table()
}

/// A row for each service, a column for each month.
fn services_table(months: &[ReportedMonth], totals: &ReportedTotals, services: &[ReportedService]) -> Grid {
    let month = |month: &ReportedMonth| Column {
        field: Cow::Owned(month.key.clone()),
        label: Label { th: thai::short_month(month.starts_on).into(), en: month.label.en.clone() },
        width: 6,
    };
    let name = Column::new("label", "บริการ", "Service", 20);
    let columns = [name].into_iter().chain(months.iter().map(month)).chain([Column::new("total", "รวม", "Total", 8)]);
    let row = |name: &str, months: &[ReportedMonth], totals: &ReportedTotals| {
        let counts = months.iter().map(|month| month.cell(month.counts.total));
        let total = ReportedTotals::cell(totals.counts.total);
        [Cell::Text(name.to_owned())].into_iter().chain(counts).chain([total]).collect()
    };
    let rows = services.iter().map(|service| row(&service.label.th, &service.months, &service.totals));
    let rows = rows.chain([row(ALL, months, totals)]);
    Grid {
        caption: Some("จำนวนคำขอรับบริการ จำแนกตามบริการและเดือน".to_owned()),
        columns: columns.collect(),
        rows: rows.collect(),
        has_total: true,
        ..Grid::default()
    }
}

fn channel_row(slice: &Slice) -> Vec<Cell> {
    vec![Cell::Text(slice.label.th.to_string()), count_or(slice.total, "ไม่แสดง")]
}
