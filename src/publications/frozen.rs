//! A report as it is frozen: assembled once, kept as JSON, rendered from that alone.

use chrono::NaiveDate;
use entity::codes::Coded;
use entity::publication::{Model, Signer};
use entity::publication_step;
use entity::report::ReportSubject;
use entity::state::Publication;
use serde_json::Value;

use super::{statement, store};
use crate::db::Db;
use crate::domain::field_code::Violation;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::period::Part;
use crate::domain::working_days::bangkok_day;
use crate::error::{Error, Result};
use crate::http::negotiation::{Format, ReportFormat};
use crate::http::spool::{Body, Keep, off_thread};
use crate::reports::document::Signature;
use crate::reports::{self, Report};

/// A report with what its publication needs to know of it.
pub struct Frozen {
    /// What stands for it in addresses.
    pub series: String,
    pub title: String,
    pub chain: Vec<Signer>,
    /// What the report lacks, as JSON.
    pub missing: Value,
    /// First and last day without complaints, of a statement of none.
    pub none: Option<(NaiveDate, NaiveDate)>,
    /// JSON.
    pub report: String,
}

/// A report of what is published now; or a statement that there were no complaints in a part of the year, or why that cannot be said.
pub async fn freeze(
    db: &Db,
    year: FiscalYear,
    subject: ReportSubject,
    none_in: Option<Part>,
) -> Result<Result<Frozen, Violation>> {
    if let Some(part) = none_in {
        return statement::freeze(db, year, part).await;
    }
    let report = reports::assemble(db, subject, year, &[Publication::Published]).await?;
    Frozen::of(report, subject.slug(), None).map(Ok)
}

impl Frozen {
    pub fn of(report: Report, series: String, none: Option<(NaiveDate, NaiveDate)>) -> Result<Self> {
        let signer = |Signature { step, post, acting_for, .. }: &Signature| Signer {
            step: *step,
            post: post.clone(),
            acting_for: acting_for.clone(),
        };
        Ok(Self {
            series,
            title: report.document.title.join(" "),
            chain: report.document.signatures.iter().map(signer).collect(),
            missing: serde_json::to_value(&report.missing).map_err(Error::internal)?,
            none,
            report: serde_json::to_string(&report).map_err(Error::internal)?,
        })
    }
}

/// A frozen report under these signatures, of the first steps of its chain.
fn signed(report: &str, signatures: &[publication_step::Model]) -> Result<Report> {
    let mut report: Report = serde_json::from_str(report).map_err(Error::internal)?;
    for (place, step) in report.document.signatures.iter_mut().zip(signatures) {
        place.signed_on = Some(bangkok_day(step.at));
    }
    Ok(report)
}

/// The files of a frozen report under these signatures, one of each step of its chain.
pub async fn render(report: &str, signatures: &[publication_step::Model]) -> Result<Vec<(ReportFormat, Vec<u8>)>> {
    let report = signed(report, signatures)?;
    let file = move |format: &ReportFormat| {
        let mut bytes = Vec::new();
        report.write(Format::from(*format), Keep::InMemory, &mut bytes).map(|()| (*format, bytes))
    };
    off_thread(move || ReportFormat::ALL.iter().map(file).collect()).await.map_err(Error::internal)
}

/// A file of a version that is on its way, as its signers read it.
pub async fn draft(db: &Db, publication: &Model, format: Format) -> Result<Body> {
    let report = store::content(db.reader(), publication).await?;
    let signatures = store::signatures(db.reader(), publication).await?;
    signed(&report, &signatures)?.body(format).await
}

/// The data of a frozen report, which is its file in JSON.
pub fn data(report: &str) -> Result<Value> {
    let report: Report = serde_json::from_str(report).map_err(Error::internal)?;
    Ok(report.data)
}
