//! What of a publication is shown to whom: to the public posts and days, to the staff names and comments as well.

use entity::codes::Coded;
use entity::publication::{File, Model, Signer};
use entity::publication_step::Outcome;
use sea_orm::ConnectionTrait;

use super::dto::{PeriodOfNone, PublishedFile, ReportPublication, ReportSignature, ReportSigner};
use super::store::{self, Row, Step};
use crate::auth::Viewer;
use crate::domain::fiscal_year::FiscalYear;
use crate::error::{Code, Result};
use crate::http::negotiation::ReportFormat;
use crate::state::App;

/// To whom something is shown.
pub struct Shown {
    /// The address of the service.
    url: String,
    pub to_staff: bool,
}

impl Shown {
    pub fn to<S>(app: &App, viewer: &Viewer<S>) -> Self {
        Self { url: app.site.public_url.clone(), to_staff: viewer.author.is_some() }
    }

    pub fn to_the_staff(app: &App) -> Self {
        Self { url: app.site.public_url.clone(), to_staff: true }
    }

    pub fn to_everybody(app: &App) -> Self {
        Self { url: app.site.public_url.clone(), to_staff: false }
    }

    /// A version as it is stored now, with what it lacks.
    pub async fn written(&self, db: &impl ConnectionTrait, publication: Model) -> Result<ReportPublication> {
        let missing = self.to_staff.then(|| serde_json::from_value(publication.missing.clone()).unwrap_or_default());
        let row = store::with_steps(db, vec![publication]).await?.pop().ok_or(Code::Internal)?;
        Ok(ReportPublication { missing, ..self.publication(row) })
    }

    pub fn publication(&self, row: Row) -> ReportPublication {
        let Row { publication, steps } = row;
        let files = publication.files.0.iter().filter_map(|file| self.file(&publication, file)).collect();
        let is_shown = |step: &Step| {
            self.to_staff || (step.step.round == publication.round && step.step.outcome == Outcome::Signed)
        };
        let signatures = steps.into_iter().filter(is_shown).map(|step| self.signature(step)).collect();
        let Model {
            id,
            fiscal_year,
            subject,
            series,
            number,
            status,
            title,
            none_from,
            none_until,
            reason,
            chain,
            missing,
            override_reason,
            round: _,
            signatures: _,
            editors: _,
            content_sha256: _,
            files: _,
            published_at,
            version: _,
            created_at,
            updated_at,
        } = publication;
        ReportPublication {
            id,
            fiscal_year: FiscalYear::stored(fiscal_year),
            subject,
            series,
            number,
            status,
            title,
            no_complaints: none_from.zip(none_until).map(|(starts_on, ends_on)| PeriodOfNone { starts_on, ends_on }),
            reason,
            chain: chain.0.into_iter().map(signer).collect(),
            signatures,
            files,
            missing_count: self.to_staff.then(|| missing.as_array().map_or(0, Vec::len)),
            missing: None,
            override_reason: override_reason.filter(|_| self.to_staff),
            published_at,
            created_at,
            updated_at,
        }
    }

    fn file(&self, publication: &Model, file: &File) -> Option<PublishedFile> {
        let format = ReportFormat::of_code(&file.format)?;
        let url = format!("{}{}", self.url, store::address_of_file(publication, format));
        Some(PublishedFile { format, url, sha256: file.sha256.clone(), size_bytes: file.size_bytes })
    }

    fn signature(&self, Step { step, name }: Step) -> ReportSignature {
        let entity::publication_step::Model {
            publication_id: _,
            round,
            position: _,
            step,
            post,
            acting_for,
            account_id: _,
            outcome,
            comment,
            at,
        } = step;
        ReportSignature {
            round: self.to_staff.then_some(round),
            signer: signer(Signer { step, post, acting_for }),
            outcome,
            signed_at: at,
            name: self.to_staff.then_some(name),
            comment: comment.filter(|_| self.to_staff),
        }
    }
}

fn signer(Signer { step, post, acting_for }: Signer) -> ReportSigner {
    ReportSigner { step, post, acting_for }
}
