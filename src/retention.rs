//! The end of what people wrote, in cases of every kind.

use std::sync::Arc;

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use crate::cases::retention::{self, Due};
use crate::complaints::store::Row as Complaint;
use crate::db::Db;
use crate::domain::retention::Retention;
use crate::e_services::requests::store::Row as ServiceRequest;
use crate::error::{Error, Result};
use crate::ledger::Author;

/// What is to be destroyed today.
pub async fn due(db: &impl ConnectionTrait, retention: &Retention, today: NaiveDate) -> Result<Vec<Due>> {
    let mut due = retention::due::<Complaint>(db, retention, today).await?;
    due.extend(retention::due::<ServiceRequest>(db, retention, today).await?);
    Ok(due)
}

/// Destroys it, and tells how many cases that were.
pub async fn run(db: &Arc<Db>, author: &Author, retention: &Retention, today: NaiveDate) -> (usize, Result<()>) {
    let (complaints, one) = retention::run::<Complaint>(db, author, retention, today).await;
    let (requests, other) = retention::run::<ServiceRequest>(db, author, retention, today).await;
    (complaints + requests, one.and(other).and(db.forget().await.map_err(Error::from)))
}
