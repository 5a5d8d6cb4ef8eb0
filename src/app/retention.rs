//! Data retention for all kinds of cases. Due data is listed first and destroyed on a later day, so that a wrong clock
//! or setting is noticed before it destroys anything.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use entity::retention_listing::{ActiveModel, Column, Entity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::cases::retention::{self, Due};
use crate::clock::{self, Doubt};
use crate::complaints::store::Row as Complaint;
use crate::db::Db;
use crate::domain::retention::Retention;
use crate::e_services::requests::store::Row as ServiceRequest;
use crate::error::Result;

/// What a run did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Run {
    pub destroyed: usize,
    /// Due, and to be destroyed by a run on a later day.
    pub listed: usize,
    /// Why nothing was listed or destroyed.
    pub doubt: Option<Doubt>,
}

/// What is due, the oldest first, each with the day since which it is listed.
pub async fn due(
    db: &impl ConnectionTrait,
    retention: &Retention,
    today: NaiveDate,
) -> Result<Vec<(Due, Option<NaiveDate>)>> {
    let mut due = retention::due::<Complaint>(db, retention, today).await?;
    due.extend(retention::due::<ServiceRequest>(db, retention, today).await?);
    let listed = listed(db).await?;
    Ok(due.into_iter().map(|due| (listed.get(&due.closed.id).copied(), due)).map(|(since, due)| (due, since)).collect())
}

async fn listed(db: &impl ConnectionTrait) -> Result<HashMap<Uuid, NaiveDate>> {
    Ok(Entity::find().all(db).await?.into_iter().map(|row| (row.case_id, row.listed_on)).collect())
}

/// Destroys what is due and was listed before today, and lists the rest.
pub async fn run(db: &Arc<Db>, author: &Author, retention: &Retention, today: NaiveDate) -> (Run, Result<()>) {
    let mut run = Run::default();
    let done = destroy_and_list(db, author, retention, today, &mut run).await;
    (run, done)
}

async fn destroy_and_list(
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
    let due = due(db.reader(), retention, today).await?;
    let is_ripe = |since: &Option<NaiveDate>| since.is_some_and(|since| since < today);
    let ripe: HashSet<Uuid> = due.iter().filter(|(_, since)| is_ripe(since)).map(|(due, _)| due.closed.id).collect();
    run.listed = due.len() - ripe.len();
    list(db, author, today, due.into_iter().map(|(due, _)| due.closed.id).collect()).await?;
    let (complaints, one) = retention::run::<Complaint>(db, author, retention, today, &ripe).await;
    let (requests, other) = retention::run::<ServiceRequest>(db, author, retention, today, &ripe).await;
    run.destroyed = complaints + requests;
    // Also without anything destroyed now: a reader may have prevented it after an earlier run, or after a rotation of keys.
    let removed = db.purge_deleted().await;
    one.and(other).and(removed)
}

/// How many rows a statement names.
const CHUNK: usize = 500;

/// Updates the list: adds what is due today, and removes what is no longer due. Its daily event also records the time,
/// for the clock check at the next start.
async fn list(db: &Arc<Db>, author: &Author, today: NaiveDate, due: HashSet<Uuid>) -> Result<()> {
    db.write(author, move |write| async move {
        let listed = listed(&write).await?;
        let removed: Vec<Uuid> = listed.keys().filter(|id| !due.contains(id)).copied().collect();
        let added: Vec<Uuid> = due.into_iter().filter(|id| !listed.contains_key(id)).collect();
        for ids in removed.chunks(CHUNK) {
            Entity::delete_many().filter(Column::CaseId.is_in(ids.iter().copied())).exec(&write).await?;
        }
        for ids in added.chunks(CHUNK) {
            let rows = ids.iter().map(|id| ActiveModel { case_id: Set(*id), listed_on: Set(today) });
            // Another process may have listed them at the same time.
            let listed = OnConflict::column(Column::CaseId).do_nothing().to_owned();
            Entity::insert_many(rows).on_conflict(listed).exec_without_returning(&write).await?;
        }
        let note = json!({ "day": today, "added": added.len(), "removed": removed.len() });
        write.commit([Event::happened("list", "retention", None).with(note)], ())
    })
    .await
}
