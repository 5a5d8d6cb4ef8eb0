//! The whole chain at once, for the demonstration.

use std::sync::Arc;

use entity::publication::{Model, Status};
use entity::report::ReportSubject;

use super::dto::ReportPublicationTransition;
use super::signing::{self, Rights};
use super::{frozen, statement, store};
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::db::Db;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::signing::Action;
use crate::error::{Code, Error, Result};

/// Drafts the first version of a report and has it signed: by these authors, one of each step of its chain, who hold the posts. Goes
/// on where that ended before.
pub async fn publish(db: &Arc<Db>, year: FiscalYear, subject: ReportSubject, signers: &[Author]) -> Result<Model> {
    let mut publication = match store::last(db.reader(), year, &subject.slug()).await? {
        Some(publication) => publication,
        None => draft(db, year, subject, signers.first().ok_or(Code::WrongPerson)?).await?,
    };
    while publication.status != Status::Published {
        let position = usize::try_from(publication.signatures).map_err(Error::internal)?;
        let signer = signers.get(position).ok_or(Code::WrongPerson)?;
        let action = if publication.status == Status::InSigning { Action::Sign } else { Action::Submit };
        let (id, rights) = (publication.id, Rights { writes: true, approves: true });
        let prepared = signing::prepare(db, id, action, rights).await?;
        let step = db.write(signer, move |write| async move {
            let publication = store::lock(&write, id).await?;
            let input = ReportPublicationTransition { action, comment: None, override_reason: None };
            let (publication, events) = signing::take(&write, publication, input, rights, prepared).await?;
            write.commit(events, publication)
        });
        publication = step.await?;
    }
    Ok(publication)
}

async fn draft(db: &Arc<Db>, year: FiscalYear, subject: ReportSubject, preparer: &Author) -> Result<Model> {
    let frozen = frozen::freeze(db, year, subject, None).await?.map_err(statement::no_longer)?;
    let drafting = db.write(preparer, move |write| async move {
        let publication = store::insert(&write, (year, subject), None, frozen).await?;
        let event = Event::about("create", &publication);
        write.commit([event], publication)
    });
    drafting.await
}
