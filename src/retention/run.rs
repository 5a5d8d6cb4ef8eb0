//! The daily run. It lists a case 30 days before its retention ends, and destroys it when its retention has ended, it has been listed
//! for 30 days, and a person has approved that: a clock or a setting that was wrong is noticed before anything is destroyed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate};
use entity::retention_listing::{ActiveModel, Column, Entity, Kind, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, Iterable, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::dto::DueCase;
use super::store::{AT_ONCE, Row, approved, shown};
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::cases::retention::{Expirable, destroy};
use crate::clock::{self, Doubt};
use crate::complaints::store::Row as Complaint;
use crate::db::{Db, Write};
use crate::domain::retention::{NOTICE, Retention};
use crate::e_services::requests::store::Row as ServiceRequest;
use crate::error::Result;

/// How long after the end of a calendar year it is reviewed what was due in it: Regulation of the Office of the Prime Minister on
/// Correspondence B.E. 2526, section 66.
const REVIEW: Days = Days::new(60);

/// What a run did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Run {
    pub destroyed: usize,
    /// Deleted by this run, but still on the disk: a later run removes it.
    pub still_on_disk: usize,
    /// To be destroyed by a run on a later day, on hold, or not approved.
    pub listed: usize,
    /// Those of them whose day has come, and which wait for the approval of a person.
    pub unapproved: usize,
    /// Those of them that were due in a calendar year whose review is over.
    pub overlooked: usize,
    /// Why nothing was listed or destroyed.
    pub doubt: Option<Doubt>,
}

/// The list as a run would leave it today, before it destroys anything.
pub async fn due(db: &Db, retention: &Retention, today: NaiveDate) -> Result<Vec<DueCase>> {
    let listed = by_id(Entity::find().all(db.reader()).await?);
    shown(db.reader(), planned(db.reader(), retention, today, &listed).await?).await
}

/// Updates the list, and destroys what is to be destroyed today.
pub async fn run(db: &Arc<Db>, author: &Author, retention: &Retention, today: NaiveDate) -> (Run, Result<()>) {
    let mut run = Run::default();
    let done = list_and_destroy(db, author, retention, today, &mut run).await;
    (run, done)
}

async fn list_and_destroy(
    db: &Arc<Db>,
    author: &Author,
    retention: &Retention,
    today: NaiveDate,
    run: &mut Run,
) -> Result<()> {
    run.doubt = clock::examine(db).await?;
    if run.doubt.is_some() {
        return Ok(());
    }
    let rows = list(db, author, retention, today).await?;
    let (mut deleted, mut done) = (0, Ok(()));
    let due = rows.iter().filter(|row| !row.on_hold && row.listing.destroy_on <= today);
    let (approved, unapproved): (Vec<&Row>, Vec<&Row>) = due.partition(|row| row.listing.approved_at.is_some());
    run.unapproved = unapproved.len();
    let reviewed = (today - REVIEW).year();
    run.overlooked = unapproved.iter().filter(|row| row.listing.destroy_on.year() < reviewed).count();
    // A failure does not stop the others.
    for Row { listing, .. } in approved {
        let destroyed = match listing.kind {
            Kind::Request => destroy::<ServiceRequest>(db, author, retention, today, listing.case_id).await,
            _ => destroy::<Complaint>(db, author, retention, today, listing.case_id).await,
        };
        match destroyed {
            Ok(was_due) => deleted += usize::from(was_due),
            Err(error) => done = Err(error),
        }
    }
    run.listed = rows.len() - deleted;
    // Also without anything deleted now: a reader may have prevented it after an earlier run, or after a rotation of keys.
    let removed = db.purge_deleted().await;
    if removed.is_ok() {
        run.destroyed = deleted;
    } else {
        run.still_on_disk = deleted;
    }
    done.and(removed)
}

/// Updates the list: adds and changes what is due, and removes what is no longer due. Its daily event also records the time, for
/// the clock check at the next start.
async fn list(db: &Arc<Db>, author: &Author, retention: &Retention, today: NaiveDate) -> Result<Vec<Row>> {
    let retention = retention.clone();
    db.write(author, move |write| async move {
        // Nothing is approved, held or listed by another process between reading and writing. Readers do not wait.
        if write.get_database_backend() == DbBackend::Postgres {
            write.execute_unprepared("LOCK TABLE retention_listing IN EXCLUSIVE MODE").await?;
        }
        let before = by_id(Entity::find().all(&write).await?);
        let rows = planned(&write, &retention, today, &before).await?;
        let (added, removed) = save(&write, &before, &rows).await?;
        let note = json!({ "day": today, "added": added, "removed": removed });
        write.commit([Event::happened("list", "retention", None).with(note)], rows)
    })
    .await
}

/// Saves what has changed; gives how many rows were added and removed.
async fn save(write: &Write, before: &HashMap<Uuid, Model>, rows: &[Row]) -> Result<(usize, usize)> {
    let now: HashSet<Uuid> = rows.iter().map(|row| row.listing.case_id).collect();
    let removed: Vec<Uuid> = before.keys().filter(|id| !now.contains(id)).copied().collect();
    for ids in removed.chunks(AT_ONCE) {
        Entity::delete_many().filter(Column::CaseId.is_in(ids.iter().copied())).exec(write).await?;
    }
    let is_new = |listing: &&Model| before.get(&listing.case_id) != Some(listing);
    let changed: Vec<Model> = rows.iter().map(|row| &row.listing).filter(is_new).cloned().collect();
    for listings in changed.chunks(AT_ONCE) {
        let rows = listings.iter().cloned().map(ActiveModel::from);
        let there = OnConflict::column(Column::CaseId).update_columns(Column::iter()).to_owned();
        Entity::insert_many(rows).on_conflict(there).exec_without_returning(write).await?;
    }
    Ok((now.iter().filter(|id| !before.contains_key(id)).count(), removed.len()))
}

/// The cases that are listed today, the first to be destroyed first.
async fn planned(
    db: &impl ConnectionTrait,
    retention: &Retention,
    today: NaiveDate,
    before: &HashMap<Uuid, Model>,
) -> Result<Vec<Row>> {
    let last = today + NOTICE;
    let confirmed_on = clock::confirmed_on(db).await?;
    // A day to come was written by a wrong clock; and while the clock was in doubt the days did not pass one by one.
    let is_believed = |day: &NaiveDate| *day <= today && confirmed_on.is_none_or(|confirmed_on| confirmed_on <= *day);
    let mut closed = Complaint::closed(db, retention, last).await?;
    closed.extend(ServiceRequest::closed(db, retention, last).await?);
    let marked: Vec<Uuid> = before.values().filter(|it| it.approved_at.is_some()).map(|it| it.case_id).collect();
    let approved_in_log = approved(db, &marked).await?;
    let rows = closed.into_iter().filter_map(|closed| {
        let ends_on = closed.ends_on(retention).filter(|day| *day <= last)?;
        let listed_on = before.get(&closed.id).map(|listing| listing.listed_on).filter(is_believed);
        let (on_hold, before) = (closed.on_hold, before.get(&closed.id));
        let mut listing = closed.listing(ends_on, listed_on.unwrap_or(today));
        // What is approved is the case as it was listed then, and the list alone is no proof of it.
        if let Some(before) = before.filter(|before| approved_in_log.contains(&before.case_id)) {
            let Model { approved_at, approved_by, document_number, .. } = before.clone();
            let approved = Model { approved_at, approved_by, document_number, ..listing.clone() };
            if *before == approved {
                listing = approved;
            }
        }
        Some(Row { listing, on_hold })
    });
    let mut rows: Vec<Row> = rows.collect();
    rows.sort_by_key(|row| (row.listing.destroy_on, row.listing.case_id));
    Ok(rows)
}

fn by_id(listings: Vec<Model>) -> HashMap<Uuid, Model> {
    listings.into_iter().map(|listing| (listing.case_id, listing)).collect()
}
