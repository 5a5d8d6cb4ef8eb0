//! Hashing the telephone numbers of requests that are from before they were hashed, and of all after a rotation of the content keys.

use std::sync::Arc;

use entity::unindexed_case::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::dto::content;
use super::store::Row;
use crate::audit_log::author::Author;
use crate::cases::{Case, Cases, phones};
use crate::error::{Code, Result};

/// Requests in one transaction.
const BATCH: u64 = 100;

/// Makes all requests found by the ends of their telephone numbers. One that cannot be opened is passed over, and tried again the
/// next time; then this fails, after the others.
pub async fn index(cases: &Arc<Cases>) -> Result<()> {
    let (mut last, mut failed) = (Uuid::nil(), None);
    loop {
        let some = Entity::find().select_only().column(Column::CaseId).filter(Column::CaseId.gt(last));
        let some = some.order_by_asc(Column::CaseId).limit(BATCH);
        let some: Vec<Uuid> = some.into_tuple().all(cases.db.reader()).await?;
        let Some(end) = some.last() else { return failed.map_or(Ok(()), Err) };
        last = *end;
        let state = cases.clone();
        let unopened = cases
            .db
            .write(&Author::program("phones"), |write| async move {
                let mut unopened = None;
                for id in some {
                    // Locked, so that nothing stays of one that is destroyed meanwhile.
                    let row = Row::lock_any(&write, id).await?;
                    // Nothing is written in one that is destroyed.
                    let written = match content(&row, &state.vault) {
                        Ok(written) => written,
                        Err(error) => {
                            unopened = Some(error);
                            continue;
                        }
                    };
                    if let Some(phone) = written.and_then(|content| content.applicant?.phone)
                        && !phones::add(&state.vault, &write, id, &phone.into_inner()).await?
                    {
                        return Err(Code::Internal.into());
                    }
                    phones::is_indexed(&write, id).await?;
                }
                write.commit([], unopened)
            })
            .await?;
        failed = failed.or(unopened);
    }
}
