//! The whole chain at once, for the demonstration.

use std::iter;
use std::sync::Arc;

use entity::publication::Model;
use entity::report::ReportSubject;

use super::dto::ReportPublicationTransition;
use super::signing::{self, Rights};
use super::{frozen, statement, store};
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::db::Db;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::signing::Action;
use crate::error::{Code, Result};

/// Drafts the first version of a report and has it signed: by these authors, one of each step of its chain, who hold the posts.
pub async fn publish(db: &Arc<Db>, year: FiscalYear, subject: ReportSubject, signers: &[Author]) -> Result<Model> {
    let (preparer, others) = signers.split_first().ok_or(Code::WrongPerson)?;
    let frozen = frozen::freeze(db, year, subject, None).await?.map_err(statement::no_longer)?;
    let draft = db.write(preparer, move |write| async move {
        let publication = store::insert(&write, (year, subject), None, frozen).await?;
        let event = Event::about("create", &publication);
        write.commit([event], publication)
    });
    let mut publication = draft.await?;
    let steps = others.iter().map(|signer| (Action::Sign, signer));
    for (action, signer) in iter::once((Action::Submit, preparer)).chain(steps) {
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
