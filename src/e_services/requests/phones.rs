//! Hashing the telephone numbers of requests that are from before they were hashed, and of all after a rotation of the content keys.

use std::sync::Arc;

use entity::unindexed_case::{Column, Entity};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::dto::content;
use super::store::Row;
use crate::audit_log::author::Author;
use crate::cases::{Case, Cases, phones};
use crate::error::Result;

/// Requests in one transaction.
const BATCH: u64 = 100;

/// Makes all requests found by the ends of their telephone numbers.
pub async fn index(cases: &Arc<Cases>) -> Result<()> {
    loop {
        let some = Entity::find().select_only().column(Column::CaseId).order_by_asc(Column::CaseId).limit(BATCH);
        let some: Vec<Uuid> = some.into_tuple().all(cases.db.reader()).await?;
        if some.is_empty() {
            return Ok(());
        }
        let state = cases.clone();
        cases
            .db
            .write(&Author::program("phones"), |write| async move {
                for id in some {
                    // Locked, so that nothing stays of one that is destroyed meanwhile.
                    let row = Row::lock_any(&write, id).await?;
                    // One whose key is gone is found by nothing that was written in it; that is logged.
                    let written = content(&row, &state.vault).ok().flatten();
                    if let Some(phone) = written.and_then(|content| content.applicant?.phone) {
                        phones::add(&state.vault, &write, id, &phone.into_inner()).await?;
                    }
                    phones::is_indexed(&write, id).await?;
                }
                write.commit([], ())
            })
            .await?;
    }
}
