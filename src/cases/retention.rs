//! Data retention of cases: some time after a case was closed, its texts, its key and the names of its officers are
//! destroyed. The counted properties stay, for the statistics.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::Case;
use crate::audit_log::append::{DESTROY, Event};
use crate::audit_log::author::Author;
use crate::db::Db;
use crate::domain::retention::Retention;
use crate::error::Result;

/// What of a closed case decides how long it is kept: what was written is not read for it.
pub struct Closed {
    pub id: Uuid,
    pub reference: String,
    /// As settings name it.
    pub kind: String,
    pub outcome: String,
    pub closed_on: NaiveDate,
}

/// A case whose time has come.
pub struct Due {
    pub closed: Closed,
    /// The first day on which it is no longer kept.
    pub ends_on: NaiveDate,
}

/// A case that is not kept for ever.
pub trait Expirable: Case {
    /// Those that may be due, the oldest first.
    fn closed<C: ConnectionTrait>(
        db: &C,
        retention: &Retention,
        today: NaiveDate,
    ) -> impl Future<Output = Result<Vec<Closed>>> + Send;

    /// This one, if it is closed, and neither kept for now nor destroyed already.
    fn as_closed(&self) -> Option<Closed>;

    /// Forgets what is in the row itself.
    fn forget(&mut self, today: NaiveDate);
}

/// What is to be destroyed today, the oldest first.
pub async fn due<P: Expirable>(db: &impl ConnectionTrait, retention: &Retention, today: NaiveDate) -> Result<Vec<Due>> {
    let closed = P::closed(db, retention, today).await?.into_iter();
    Ok(closed.filter_map(|closed| due_of(closed, retention, today)).collect())
}

fn due_of(closed: Closed, retention: &Retention, today: NaiveDate) -> Option<Due> {
    let ends_on = retention.ends(&closed.kind, &closed.outcome, closed.closed_on)?;
    (ends_on <= today).then_some(Due { closed, ends_on })
}

/// Destroys the cases of `ripe` that are due, one by one; returns their number. A failure does not stop the others: the
/// last error is returned at the end.
pub async fn run<P: Expirable>(
    db: &Arc<Db>,
    author: &Author,
    retention: &Retention,
    today: NaiveDate,
    ripe: &HashSet<Uuid>,
) -> (usize, Result<()>) {
    let due = match due::<P>(db.reader(), retention, today).await {
        Ok(due) => due,
        Err(error) => return (0, Err(error)),
    };
    let (mut destroyed, mut done) = (0, Ok(()));
    for Due { closed, .. } in due.into_iter().filter(|due| ripe.contains(&due.closed.id)) {
        match destroy::<P>(db, author, retention, today, closed.id).await {
            Ok(was_due) => destroyed += usize::from(was_due),
            Err(error) => done = Err(error),
        }
    }
    (destroyed, done)
}

/// Whether it was still due: it may have been reopened or put on hold since.
async fn destroy<P: Expirable>(
    db: &Arc<Db>,
    author: &Author,
    retention: &Retention,
    today: NaiveDate,
    id: Uuid,
) -> Result<bool> {
    let retention = retention.clone();
    db.write(author, move |write| async move {
        let mut case = P::lock_any(&write, id).await?;
        if case.as_closed().and_then(|closed| due_of(closed, &retention, today)).is_none() {
            return Ok(false);
        }
        let mut events = super::destroy(&write, id).await?;
        case.forget(today);
        let case = case.touch(&write).await?;
        events.push(Event::about(DESTROY, &case));
        write.commit(events, true)
    })
    .await
}
