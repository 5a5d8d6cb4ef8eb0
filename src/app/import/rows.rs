//! Files of rows: each is checked, and all of the new ones are written at once or none.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::BoxFuture;
use sea_orm::{EntityTrait, QuerySelect, Select, TryGetable};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::checked;
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::db::{Db, Write};
use crate::domain::message::Language;
use crate::domain::text::without_bom;
use crate::error::Error;
use crate::http::body::Body;
use crate::schema::validate::normalise;

/// The author in the audit log.
pub(super) const PROGRAM: &str = "import";

/// The values of a column of existing records.
pub(super) async fn values<E: EntityTrait, T>(
    db: &Db,
    select: Select<E>,
    column: E::Column,
) -> Result<HashSet<T>, String>
where
    T: TryGetable + Eq + Hash + Send + 'static,
{
    let values = select.select_only().column(column).into_tuple().all(db.reader()).await.map_err(message)?;
    Ok(values.into_iter().collect())
}

/// Errors of a file that are listed.
const MOST_FAULTS: usize = 100;

/// Rows with their numbers.
pub(super) type Numbered<T> = Vec<(usize, T)>;

/// The new records of a file with the numbers of their rows, or what is wrong with each row that is none.
pub(super) fn each<T>(
    rows: Vec<Value>,
    read: impl Fn(Value) -> Result<Option<T>, String>,
) -> Result<Numbered<T>, String> {
    each_of((1..).zip(rows), Vec::new(), read)
}

/// The same of numbered rows, with faults that were found already.
pub(super) fn each_of<T>(
    rows: impl IntoIterator<Item = (usize, Value)>,
    mut faults: Vec<String>,
    read: impl Fn(Value) -> Result<Option<T>, String>,
) -> Result<Numbered<T>, String> {
    let mut records = Vec::new();
    for (number, mut row) in rows {
        // What is there already is as it is stored.
        normalise(&mut row);
        match read(row) {
            Ok(record) => records.extend(record.map(|record| (number, record))),
            Err(fault) => faults.push(format!("row {number}: {fault}")),
        }
    }
    if faults.is_empty() { Ok(records) } else { Err(listed(faults)) }
}

/// Those whose code no record has in this column.
pub(super) async fn with_new_codes<T: Body, E: EntityTrait>(
    db: &Db,
    rows: Vec<Value>,
    select: Select<E>,
    column: E::Column,
) -> Result<Numbered<T>, String> {
    let there: HashSet<String> = values(db, select, column).await?;
    each(rows, |row| {
        let code = row["code"].as_str().unwrap_or_default().to_owned();
        (!there.contains(&code)).then(|| record(&code, row)).transpose()
    })
}

/// The first faults of a file, and how many more there are.
pub(in crate::app) fn first(mut faults: Vec<String>) -> Vec<String> {
    let more = faults.len().saturating_sub(MOST_FAULTS);
    faults.truncate(MOST_FAULTS);
    faults.extend((more > 0).then(|| format!("and {more} more")));
    faults
}

/// The same, each in a line.
pub(super) fn listed(faults: Vec<String>) -> String {
    first(faults).join("\n")
}

/// The audit events of a record that was added.
pub(super) type Inserted<'a> = BoxFuture<'a, Result<Vec<Event>, Error>>;

/// Adds the new records of a file in one write; returns their number.
pub(super) async fn add<T: Send + 'static>(
    db: &Arc<Db>,
    inputs: Numbered<T>,
    insert: fn(&Write, T) -> Inserted<'_>,
) -> Result<usize, String> {
    let count = inputs.len();
    if count == 0 {
        return Ok(0);
    }
    let at = Arc::new(AtomicUsize::new(0));
    let row = at.clone();
    let written = write(db, move |write| async move {
        let mut events = Vec::new();
        for (number, input) in inputs {
            row.store(number, Ordering::Relaxed);
            events.extend(insert(&write, input).await?);
        }
        row.store(0, Ordering::Relaxed);
        write.commit(events, ())
    });
    written.await.map_err(|error| match at.load(Ordering::Relaxed) {
        0 => error,
        number => format!("row {number}: {error}"),
    })?;
    Ok(count)
}

pub(super) fn parse<T: DeserializeOwned>(file: &str) -> Result<T, String> {
    serde_json::from_str(without_bom(file)).map_err(|error| format!("is not the file that was expected: {error}"))
}

/// A record checked as the API checks it.
pub(super) fn record<T: Body>(name: &str, value: Value) -> Result<T, String> {
    checked(value).map_err(|error| format!("{name}: {}", error.localized(Language::English)))
}

pub(super) async fn write<F, Fut>(db: &Arc<Db>, work: F) -> Result<(), String>
where
    F: FnOnce(Write) -> Fut + Send + 'static,
    Fut: Future<Output = Result<(), Error>> + Send + 'static,
{
    db.write(&Author::program(PROGRAM), work).await.map_err(|error| error.localized(Language::English))
}

pub(super) fn message(error: sea_orm::DbErr) -> String {
    error.to_string()
}
