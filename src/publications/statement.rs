//! The statement that there were no complaints of corruption and misconduct in a part of a year: a result as well, which is said of
//! finished periods that were wholly recorded only.

use chrono::{DateTime, Months, NaiveDate, Utc};
use entity::publication::Model;
use entity::report::ReportSubject;
use sea_orm::ConnectionTrait;
use serde::Serialize;

use super::frozen::Frozen;
use crate::agency;
use crate::cases::tallies::{self, INTEGRITY};
use crate::db::Db;
use crate::domain::coverage::{Coverage, Recording};
use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::fiscal_year::{FiscalYear, Span};
use crate::domain::message::Language;
use crate::domain::period::{self, Part};
use crate::domain::thai;
use crate::domain::working_days::{bangkok_day, midnight};
use crate::error::{Code, Error, FieldError, Result};
use crate::report_frames;
use crate::reports::Report;
use crate::reports::document::{Cell, Column, Document, Grid};

/// What stands for a statement in addresses, in front of its period.
const SERIES: &str = "no-complaints";

const COLUMNS: [Column; 2] = [
    Column::new("month", "ประจำเดือน", "Month", 50),
    Column::new("complaint_count", "จำนวนเรื่องร้องเรียน", "Complaints", 50),
];

/// A statement in JSON.
#[derive(Serialize)]
struct Statement {
    subject: ReportSubject,
    title: Vec<String>,
    agency: String,
    fiscal_year: FiscalYear,
    as_of: DateTime<Utc>,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    statement: String,
    complaint_count: u64,
}

/// The part of a year that a client names as statistics do: `2567-Q1`.
pub fn part(year: FiscalYear, key: &str) -> Result<Part> {
    let part = period::all(year).find(|known| known.key == key).ok_or_else(|| {
        let violation = FieldCode::NotForThis.because(
            format!("ต้องเป็นช่วงเวลาของปีงบประมาณ พ.ศ. {year} เช่น {year}-Q1"),
            format!("must be a part of the fiscal year {year}, such as {year}-Q1"),
        );
        FieldError::at("/no_complaints_in", violation)
    })?;
    Ok(part)
}

/// The part of the year that a statement is of.
pub fn part_of(publication: &Model) -> Option<Part> {
    let days = publication.none_from.zip(publication.none_until)?;
    period::all(FiscalYear::stored(publication.fiscal_year)).find(|part| part.days == days)
}

/// A statement for a part of a year, or why it cannot be made. It is signed by those who sign the statistics, and has neither their memo
/// nor their closing, which speak of something else.
pub async fn freeze(db: &Db, year: FiscalYear, part: Part) -> Result<Result<Frozen, Violation>> {
    let (moment, now) = (db.snapshot().await?, db.now());
    if let Some(violation) = refusal(&moment, part.days, now).await? {
        return Ok(Err(violation));
    }
    let agency = agency::store::find(&moment).await?.agency;
    let frame = report_frames::store::find(&moment, year, ReportSubject::ComplaintStatistics).await?;
    moment.rollback().await?;
    let signers = report_frames::memo_of(&frame)?.map(|memo| memo.signers).unwrap_or_default();
    let (starts_on, ends_on) = part.days;
    let between = format!("ระหว่างวันที่ {} ถึงวันที่ {}", thai::date(starts_on), thai::date(ends_on));
    let between = thai::digits(between);
    let as_of = midnight(bangkok_day(now));
    let known = thai::digits(thai::as_known(as_of));
    let statement = format!("{between} {} ไม่มีเรื่องร้องเรียนการทุจริตและประพฤติมิชอบของเจ้าหน้าที่ {known}", agency.name_th);
    let title = vec!["คำรับรองว่าไม่มีเรื่องร้องเรียนการทุจริตและประพฤติมิชอบ".to_owned(), between, agency.name_th.clone()];
    let data = Statement {
        subject: ReportSubject::ComplaintStatistics,
        title: title.clone(),
        agency: agency.name_th,
        fiscal_year: year,
        as_of,
        starts_on,
        ends_on,
        statement: statement.clone(),
        complaint_count: 0,
    };
    let document = Document {
        memo: None,
        title,
        opening: None,
        tables: vec![months(part.days)],
        // Every format has the notes, and those who sign do so below them.
        notes: vec![statement],
        evidence: Vec::new(),
        closing: None,
        signatures: signers.into_iter().map(Into::into).collect(),
    };
    let data = serde_json::to_value(data).map_err(Error::internal)?;
    Frozen::of(Report { data, document, missing: Vec::new() }, series(year, &part), Some(part.days)).map(Ok)
}

/// The error of a step towards the publication of a statement that can be made no more.
pub fn no_longer(violation: Violation) -> Error {
    let [th, en] = [Language::Thai, Language::English].map(|language| violation.message.localized(language));
    Code::IllegalTransition.because(format!("คำรับรองนี้ใช้ไม่ได้แล้ว: {th}"), format!("The period of the statement {en}."))
}

/// `no-complaints` of a year, `no-complaints-q1` of a part of it.
fn series(year: FiscalYear, part: &Part) -> String {
    let part = part.key.replacen(&year.to_string(), "", 1);
    format!("{SERIES}{}", part.to_lowercase())
}

/// The first days of the months of a span.
fn firsts((first, last): Span) -> impl Iterator<Item = NaiveDate> {
    (0..12).filter_map(move |month| first.checked_add_months(Months::new(month))).filter(move |day| *day <= last)
}

fn months(days: Span) -> Grid {
    let row = |day| vec![Cell::Text(thai::digits(thai::month(day).0)), Cell::Number(0)];
    Grid { columns: COLUMNS.into(), rows: firsts(days).map(row).collect(), ..Grid::default() }
}

/// Why nothing can be said of a period: it has not ended, was not wholly recorded, or there were complaints. The figures are those of
/// the last midnight, as the public has them: those of now would tell when somebody reported.
pub async fn refusal(db: &impl ConnectionTrait, days: Span, now: DateTime<Utc>) -> Result<Option<Violation>> {
    let today = bangkok_day(now);
    let agency = agency::store::find(db).await?.agency;
    let since = agency.integrity_recorded_from;
    let then = agency::store::recorded_from(db, &agency, midnight(today)).await?.integrity;
    let covers = |since| Recording::new(since, midnight(today)).of(days).coverage == Coverage::Recorded;
    if days.1 >= today {
        return Ok(Some(FieldCode::NotEnded.into()));
    }
    if !covers(then) {
        let (th, en) = match since {
            Some(_) if covers(since) => (
                "ข้อมูลเทศบาลระบุในวันนี้ว่าบันทึกเรื่องร้องเรียนครบถ้วนในช่วงเวลานี้ ตัวเลขเป็นของสิ้นวันที่ผ่านมา โปรดทำคำรับรองตั้งแต่วันพรุ่งนี้".to_owned(),
                "is stated to be wholly recorded since today, and the figures are those of the last midnight: make the statement tomorrow"
                    .to_owned(),
            ),
            Some(since) => (
                format!("บันทึกเรื่องร้องเรียนครบถ้วนตั้งแต่วันที่ {}", thai::date(since)),
                format!("must begin on {since} or later: before that day not all complaints were recorded"),
            ),
            None => (
                "ข้อมูลเทศบาลยังไม่ระบุว่าบันทึกเรื่องร้องเรียนครบถ้วนตั้งแต่เมื่อใด (recorded_from.integrity)".to_owned(),
                "must be a period in which all complaints were recorded: the agency does not say since when that is so (recorded_from.integrity)"
                    .to_owned(),
            ),
        };
        return Ok(Some(FieldCode::NotRecorded.because(th, en)));
    }
    let year = FiscalYear::of(days.0).ok_or(Code::Internal)?;
    let counted = tallies::of_year_before(db, &[INTEGRITY.to_owned()], year, today).await?;
    let counted = counted.get(INTEGRITY);
    let (first_of_year, _) = year.span();
    let had_some = firsts((first_of_year, days.1)).zip(1..).find(|(day, month)| {
        *day >= days.0 && counted.and_then(|months| months.get(month)).is_some_and(|tally| tally.total > 0)
    });
    Ok(had_some.map(|(day, _)| {
        let (th, en) = thai::month(day);
        FieldCode::SomeReceived.because(
            format!("เดือน{th} มีเรื่องร้องเรียน"),
            format!("must be a period without complaints: there were some in {en}"),
        )
    }))
}
