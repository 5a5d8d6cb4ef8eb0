//! Statistics of complaints. The three totals that the law requires are exact for everyone; details are protected
//! except for auditors. The public sees all of it as of the last midnight in Bangkok: figures that change with a complaint would
//! disclose when it was filed.

use chrono::{DateTime, NaiveDate, Utc};
use entity::codes::{Coded, Label};
use entity::complaint::{Channel, Kind, Outcome, Status};
use entity::{complaint_category, reported_figure, unit};
use sea_orm::{DatabaseTransaction, EntityTrait};
use serde::Serialize;
use utoipa::ToSchema;

use super::cases::{ProcessingTime, Section, StatisticsView, Tabular};
use super::counts::Recorded;
use super::reported::Reported;
use super::shape::{Envelope, Names, Rows, Sheet, Slice, Year};
use crate::agency;
use crate::cases::tallies::{GENERAL, INTEGRITY, Months};
use crate::domain::count::Count;
use crate::domain::coverage::{RecordedFrom, Recording};
use crate::domain::disclosure::Disclosure;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::tally::Tally;
use crate::domain::thai;
use crate::domain::working_days::midnight;
use crate::error::Result;
use crate::http::spreadsheet::Cell;
use crate::reported_figures;

/// Complaints of a fiscal year, by when they were received.
#[derive(Serialize, ToSchema)]
pub struct ComplaintFigures {
    #[serde(flatten)]
    year: Year,
    /// How many complaints were received; null where a group has no figures.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 12)]
    total: Option<u64>,
    /// Two groups: `integrity`, corruption and misconduct, which the ITA submission asks for, and `general`, complaints about services
    /// and feedback.
    #[schema(min_items = 2, max_items = 2)]
    pub by_group: Vec<ComplaintGroup>,
}

/// Complaints of one group.
#[derive(Serialize, ToSchema)]
pub struct ComplaintGroup {
    /// The figures of the group.
    #[serde(flatten)]
    pub section: Section<ComplaintBreakdown>,
    /// Whether none was received, which is a result as well: in the whole year, or in a year that has not ended until `recorded_until`.
    /// Null where that cannot be said: days of the year were not recorded, or the figures are of another time, and cases can have been
    /// entered since.
    #[schema(required, example = false)]
    pub none_received: Option<bool>,
    /// The sentence to publish where none was received, which says of which days and as of which: cases that came before can be entered
    /// later. Null otherwise.
    #[schema(required, max_length = 1000, example = json!(null))]
    pub statement: Option<String>,
}

/// Complaints by several dimensions.
#[derive(Serialize, ToSchema)]
pub struct ComplaintBreakdown {
    /// The instant of the breakdown; null for the present. That of the public is the last midnight in Bangkok.
    #[schema(required, example = "2024-04-10T17:00:00Z")]
    as_of: Option<DateTime<Utc>>,
    /// How many complaints the breakdown is of.
    #[schema(value_type = Count)]
    total: u64,
    /// How many of them are closed, which is the sum of `by_result`.
    #[schema(value_type = Count)]
    finished_count: u64,
    /// By category; null where the table as a whole is suppressed.
    #[schema(required, max_items = 1000)]
    by_category: Option<Vec<Slice>>,
    /// By channel; null where the table as a whole is suppressed.
    #[schema(required, max_items = 10)]
    by_channel: Option<Vec<Slice>>,
    /// By the unit that handles them; null where the table as a whole is suppressed.
    #[schema(required, max_items = 1000)]
    by_unit: Option<Vec<Slice>>,
    /// Closed complaints by their outcome, or by the status in which they were closed without one; null where the table as a whole is
    /// suppressed.
    #[schema(required, max_items = 10)]
    by_result: Option<Vec<Slice>>,
    /// The time until the first answer.
    first_answer: ProcessingTime,
    /// The time until the conclusion.
    conclusion: ProcessingTime,
    /// How many open complaints were late with the first answer or the conclusion; null where it is suppressed.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    overdue_count: Option<u64>,
    /// How many were reopened; null where it is suppressed.
    #[schema(required, minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 0)]
    reopened_count: Option<u64>,
}

/// What the figures are shown with.
struct Frame {
    view: StatisticsView,
    /// The name of the agency.
    agency: String,
    recorded_from: RecordedFrom,
    /// The instant of the figures.
    at: DateTime<Utc>,
    reported: Vec<reported_figure::Model>,
    categories: Vec<complaint_category::Model>,
    channels: Names,
    units: Names,
    results: Names,
}

/// A group of complaints.
struct Group {
    value: &'static str,
    /// Under which they are counted.
    subject: &'static str,
    label: Label,
    kinds: [Kind; 2],
    recorded_from: fn(&RecordedFrom) -> Option<NaiveDate>,
    /// What there was none of.
    none: &'static str,
}

/// The code of the group that the ITA submission asks for.
pub const OF_INTEGRITY: &str = "integrity";

fn groups() -> [Group; 2] {
    [
        Group {
            value: OF_INTEGRITY,
            subject: INTEGRITY,
            label: Label::new("การทุจริตและประพฤติมิชอบ", "corruption and misconduct"),
            kinds: [Kind::Corruption, Kind::Misconduct],
            recorded_from: |stated| stated.integrity,
            none: "ไม่มีเรื่องร้องเรียนการทุจริตและประพฤติมิชอบของเจ้าหน้าที่",
        },
        Group {
            value: "general",
            subject: GENERAL,
            label: Label::new("ร้องเรียนทั่วไปและข้อเสนอแนะ", "general complaints and feedback"),
            kinds: [Kind::Service, Kind::Feedback],
            recorded_from: |stated| stated.general,
            none: "ไม่มีเรื่องร้องเรียนทั่วไป ข้อเสนอแนะ หรือคำชมเชย",
        },
    ]
}

pub async fn count(
    moment: &DatabaseTransaction,
    year: FiscalYear,
    view: StatisticsView,
    now: DateTime<Utc>,
) -> Result<Envelope<ComplaintFigures>> {
    let units = unit::Entity::find().all(moment).await?;
    let units = units.into_iter().map(|unit| (unit.code, Label::named(unit.name_th, unit.name_en)));
    let at = view.breakdown_as_of().unwrap_or(now);
    let agency = agency::store::find(moment).await?.agency;
    let frame = Frame {
        recorded_from: agency::store::recorded_from(moment, &agency, at).await?,
        agency: agency.name_th,
        at,
        reported: reported_figures::store::of_years(moment, [year.before(), year]).await?,
        categories: complaint_category::Entity::find().all(moment).await?,
        channels: Names::of_codes(Channel::ALL.iter().copied()),
        units: Names::new(units).or_none(Label::new("ยังไม่ระบุส่วนราชการ", "no unit yet")),
        results: Names::of_codes(Outcome::ALL.iter().copied()).and([
            Status::Rejected,
            Status::Withdrawn,
            Status::Converted,
        ]),
        view,
    };
    Ok(Envelope {
        fiscal_year: year.number(),
        period: frame.view.period,
        as_of: frame.view.breakdown_as_of(),
        current: frame.figures(moment, year).await?,
        previous: frame.figures(moment, year.before()).await?,
    })
}

impl Frame {
    async fn figures(&self, moment: &DatabaseTransaction, year: FiscalYear) -> Result<ComplaintFigures> {
        let subjects = [INTEGRITY, GENERAL].map(str::to_owned);
        let months = match self.view.months_before(moment, &subjects, year).await? {
            Some(before) => before,
            None => self.view.months(moment, &subjects, year).await?,
        };
        let none = Months::default();
        let of_group = |group: &Group| self.group(year, group, months.get(group.subject).unwrap_or(&none));
        let by_group: Vec<_> = groups().iter().map(of_group).collect();
        let total = by_group.iter().map(|group| group.section.figures.counts.total).sum();
        Ok(ComplaintFigures { year: Year::of(year), total, by_group })
    }

    fn group(&self, year: FiscalYear, group: &Group, months: &Months) -> ComplaintGroup {
        let breakdown = |tally: &Tally| self.breakdown(tally, &group.kinds);
        let shown = |tally: &Tally| (self.view.disclosure != Disclosure::TotalsOnly).then(|| breakdown(tally));
        let from = (group.recorded_from)(&self.recorded_from);
        let months = Recorded {
            year,
            months,
            recording: Recording::new(from, self.at),
            reported: Reported::of(&self.reported, group.subject),
        };
        let figures = self.view.figures(year, &months, shown, breakdown);
        // Nothing is said of days that were not recorded, nor of today, which is not over. Figures of another time lack cases that were
        // entered since.
        let last_midnight = midnight(self.view.day);
        let until_today = Recording::new(from, last_midnight).of(year.span());
        let days = until_today.said_of(year).filter(|_| !self.view.is_of_another_time());
        let none_received = figures.counts.total.zip(days.as_ref()).map(|(total, _)| total == 0);
        let statement = days.filter(|_| none_received == Some(true));
        ComplaintGroup {
            none_received,
            statement: statement
                .map(|days| format!("{days} {}{} {}", self.agency, group.none, thai::as_known(last_midnight))),
            section: Section { value: group.value.to_owned(), label: group.label.clone(), figures },
        }
    }

    fn breakdown(&self, tally: &Tally, kinds: &[Kind]) -> ComplaintBreakdown {
        let view = &self.view;
        let categories = self.categories.iter().filter(|category| kinds.contains(&category.kind)).cloned();
        let categories = categories.map(|category| (category.code, Label::named(category.name_th, category.name_en)));
        ComplaintBreakdown {
            as_of: view.breakdown_as_of(),
            total: tally.total,
            finished_count: tally.finished,
            by_category: view.slices(tally, "category", &Names::new(categories), tally.total),
            by_channel: view.slices(tally, "channel", &self.channels, tally.total),
            by_unit: view.slices(tally, "unit", &self.units, tally.total),
            by_result: view.slices(tally, "outcome", &self.results, tally.finished),
            first_answer: view.days(tally, "first_answer", tally.total),
            conclusion: view.days(tally, "conclusion", tally.finished),
            overdue_count: view.some(tally.overdue(view.day), tally.in_progress()),
            reopened_count: view.some(tally.marks.get("reopened").copied().unwrap_or(0), tally.total),
        }
    }
}

pub fn rows(statistics: &Envelope<ComplaintFigures>, sheet: &mut Sheet) {
    for figures in [&statistics.current, &statistics.previous] {
        let year = FiscalYear::stored(figures.year.fiscal_year);
        for ComplaintGroup { section, none_received, statement } in &figures.by_group {
            let Section { value, label, figures } = section;
            figures.rows(sheet, year, statistics.period, Some((value, label)));
            let mut rows = sheet.of_year(year.number()).section(value, label);
            rows.text("none_received", *none_received);
            rows.text("statement", statement.as_deref());
        }
    }
    sheet.of_year(statistics.fiscal_year).text("as_of", statistics.as_of);
}

impl Tabular for ComplaintBreakdown {
    fn rows(&self, rows: &mut Rows<'_>) {
        for (dimension, slices) in [
            ("category", &self.by_category),
            ("channel", &self.by_channel),
            ("unit", &self.by_unit),
            ("result", &self.by_result),
        ] {
            rows.slices(dimension, slices.as_deref().unwrap_or_default());
        }
        self.first_answer.rows(rows, "first_answer");
        self.conclusion.rows(rows, "conclusion");
        rows.number("overdue_count", self.overdue_count.map(Cell::whole));
        rows.number("reopened_count", self.reopened_count.map(Cell::whole));
    }
}
