//! Assembling a report from the tables, and rendering one, which may have been stored, without them.

use std::io;

use chrono::{DateTime, Utc};
use entity::report::ReportSubject;
use entity::state::Publication;
use entity::{agency, report_frame};
use sea_orm::{DatabaseTransaction, EntityTrait};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::{Document, Grid};
use super::envelope::{Head, Missing};
use super::{anti_corruption, complaint_statistics, docx, html, integrity_measures, service_statistics, services};
use crate::db::{Db, last_change};
use crate::domain::coverage::Known;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::thai;
use crate::error::{Code, Error, Result};
use crate::http::negotiation::Format;
use crate::http::spool::{Body, Keep, Out};
use crate::http::spreadsheet::{write_csv, write_xlsx};
use crate::report_frames;
use crate::revisions::Resource;

/// A report in all that its formats are made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// As JSON, without what is missing.
    pub data: Value,
    /// As it is printed.
    pub document: Document,
    /// What it lacks, for staff.
    pub missing: Vec<Missing>,
}

impl Report {
    pub(super) fn new(data: &impl Serialize, document: Document, missing: Vec<Missing>) -> Result<Self> {
        Ok(Self { data: serde_json::to_value(data).map_err(Error::internal)?, document, missing })
    }

    /// The report as a file. Nothing in it is encrypted in the database.
    pub async fn body(self, format: Format) -> Result<Body> {
        let keep = Keep::Anywhere;
        Body::write(keep, move |out| self.write(format, keep, out)).await
    }

    /// Reads no table and writes nothing of what is missing.
    pub fn write(&self, format: Format, keep: Keep, out: Out<'_>) -> io::Result<()> {
        let document = &self.document;
        match format {
            Format::Html => out.write_all(html::render(document, &[]).as_bytes()),
            Format::Docx => docx::write(out, document),
            Format::Xlsx => write_xlsx(out, keep, self.sheet_name(), &document.printed_sheets()),
            Format::Csv => write_csv(out, document.plain_rows()),
            _ => serde_json::to_writer(out, &self.data).map_err(io::Error::from),
        }
    }

    /// The name of the sheet of a workbook: the subject.
    fn sheet_name(&self) -> &str {
        self.data["subject"].as_str().unwrap_or("data")
    }
}

/// What a report is made of, beside its rows.
pub(super) struct Frame {
    pub subject: ReportSubject,
    pub year: FiscalYear,
    pub now: DateTime<Utc>,
    pub as_of: Option<DateTime<Utc>>,
    pub agency: agency::Model,
    pub set: report_frame::Model,
}

impl Frame {
    /// The head of a report with these texts of its own. The year is added to the title.
    pub fn head(&self, title: &str, opening: Option<String>) -> Head {
        let own_title = || vec![format!("{title} ประจำปีงบประมาณ พ.ศ. {}", thai::digits(self.year)), self.place()];
        Head {
            subject: self.subject,
            title: Some(self.set.title.0.clone()).filter(|lines| !lines.is_empty()).unwrap_or_else(own_title),
            agency: self.agency.name_th.clone(),
            fiscal_year: self.year,
            as_of: self.as_of,
            opening: self.set.opening.clone().or(opening),
            closing: self.set.closing.clone(),
        }
    }

    /// How much is known of the year by the records of it.
    pub fn known<R>(&self, rows: &[R]) -> Known {
        Known::of(self.year.span(), self.now, !rows.is_empty())
    }

    /// The agency with its district and province.
    fn place(&self) -> String {
        let agency::Model { name_th, district, province, .. } = &self.agency;
        let district = district.as_ref().map(|name| format!(" อำเภอ{name}")).unwrap_or_default();
        let province = province.as_ref().map(|name| format!(" จังหวัด{name}")).unwrap_or_default();
        format!("{name_th}{district}{province}")
    }

    /// A document with its tables, and nothing below them yet.
    pub fn document(&self, head: &Head, tables: Vec<Grid>) -> Result<Document> {
        let mut memo = report_frames::memo_of(&self.set)?;
        let signers = memo.as_mut().map(|memo| std::mem::take(&mut memo.signers)).unwrap_or_default();
        Ok(Document {
            memo,
            title: head.title.clone(),
            opening: head.opening.clone(),
            tables,
            notes: Vec::new(),
            evidence: Vec::new(),
            closing: head.closing.clone(),
            signatures: signers.into_iter().map(Into::into).collect(),
        })
    }
}

/// What a report depends on.
pub(super) fn depends_on(subject: ReportSubject) -> &'static [Resource] {
    use Resource::{Agency, EServices, ItaItems, Measures, Projects, ReportFrames, ReportedFigures, Today, Units};
    match subject {
        ReportSubject::IntegrityMeasures => &[Agency, Measures, Units, ReportFrames, Today],
        ReportSubject::IntegrityMeasuresReport => {
            &[Agency, Measures, Projects, EServices, Units, ReportFrames, ReportedFigures, Today]
        }
        ReportSubject::AntiCorruptionReport => &[Agency, Projects, Units, ReportFrames, Today],
        // Not on cases, whose figures are of the last midnight: a cached response that ends with each of them would tell when one is
        // filed.
        ReportSubject::ComplaintStatistics => &[Agency, ReportFrames, ReportedFigures, Today],
        ReportSubject::ServiceStatistics => &[Agency, EServices, ReportFrames, ReportedFigures, Today],
        ReportSubject::EService => &[Agency, EServices, Units, ReportFrames, Today],
        ReportSubject::ServiceManual => &[Agency, EServices, Units, ItaItems, ReportFrames, Today],
    }
}

/// A report of the records in these states of publication, as everybody sees their figures.
pub async fn assemble(
    db: &Db,
    subject: ReportSubject,
    fiscal_year: FiscalYear,
    states: &[Publication],
) -> Result<Report> {
    let moment = db.snapshot().await?;
    let frame = Frame {
        subject,
        year: fiscal_year,
        now: db.now(),
        as_of: last_change(&moment, depends_on(subject)).await?,
        agency: agency::Entity::find().one(&moment).await?.ok_or(Code::NotFound)?,
        set: report_frames::store::find(&moment, fiscal_year, subject).await?,
    };
    let mut report = of_subject(&moment, &frame, states).await?;
    report.missing.extend(report.document.missing_of_memo());
    moment.rollback().await?;
    Ok(report)
}

async fn of_subject(moment: &DatabaseTransaction, frame: &Frame, states: &[Publication]) -> Result<Report> {
    match frame.subject {
        ReportSubject::IntegrityMeasures => integrity_measures::plan(moment, frame, states).await,
        ReportSubject::IntegrityMeasuresReport => integrity_measures::report(moment, frame, states).await,
        ReportSubject::AntiCorruptionReport => anti_corruption::report(moment, frame, states).await,
        ReportSubject::ComplaintStatistics => complaint_statistics::report(moment, frame).await,
        ReportSubject::ServiceStatistics => service_statistics::report(moment, frame).await,
        ReportSubject::EService => services::catalogue(moment, frame).await,
        ReportSubject::ServiceManual => services::manual(moment, frame).await,
    }
}
