//! Records that a merge patch changes, and their deletion: alike for every resource.

use std::sync::Arc;

use sea_orm::{EntityTrait, PrimaryKeyTrait};
use serde::Serialize;
use uuid::Uuid;

use super::body::{Body, Patch};
use super::etag::IfMatch;
use super::response::WriteResponse;
use crate::audit_log::append::{Event, Logged};
use crate::audit_log::author::Author;
use crate::db::select::Selected;
use crate::db::{Db, Write, undeletable};
use crate::error::{Code, Error, Result};
use crate::revisions::RevisionSet;

/// A record with an id and a version.
pub trait Record: Logged + Selected<Table: EntityTrait<PrimaryKey: PrimaryKeyTrait<ValueType = Uuid>>> {
    /// What clients send: the record as a patch sees it.
    type Input: Body + Serialize + for<'a> From<&'a Self> + Send;

    /// What clients see.
    type Answer: Serialize + From<Self>;

    /// Rises with each change; `If-Match` compares it.
    fn version(&self) -> i32;

    /// The version, and the revisions of what else shows in the record.
    fn etag(&self, at: RevisionSet) -> String;

    /// The record, locked until this write ends.
    fn lock(write: &Write, id: Uuid) -> impl Future<Output = Result<Self>> + Send;

    fn update(self, write: &Write, input: Self::Input) -> impl Future<Output = Result<Self>> + Send;

    /// Rejects the deletion of a record that its state keeps. What other records refer to is kept by the database.
    fn check_deletable(&self) -> Result<()> {
        Ok(())
    }

    /// The error of a deletion that references of others prevent. It names their kinds only: the caller may not see them all.
    fn in_use() -> Error {
        Code::InUse.into()
    }
}

/// Applies a merge patch to a record that is still as the client has read it.
pub async fn update<R: Record>(
    db: &Arc<Db>,
    author: &Author,
    id: Uuid,
    if_match: IfMatch,
    patch: Patch<R::Input>,
) -> Result<WriteResponse> {
    db.write(author, move |write| async move {
        let row = R::lock(&write, id).await?;
        if_match.check(row.version())?;
        let input = patch.onto(&R::Input::from(&row))?;
        let row = row.update(&write, input).await?;
        let (etag, event) = (row.etag(write.at), Event::about("update", &row));
        let written = WriteResponse::changed(&R::Answer::from(row), etag)?;
        write.commit([event], written)
    })
    .await
}

/// Deletes a record that is still as the client has read it.
pub async fn delete<R: Record>(db: &Arc<Db>, author: &Author, id: Uuid, if_match: IfMatch) -> Result<WriteResponse> {
    db.write(author, move |write| async move {
        let row = R::lock(&write, id).await?;
        if_match.check(row.version())?;
        row.check_deletable()?;
        R::Table::delete_by_id(id).exec(&write).await.map_err(|error| undeletable(error, R::in_use))?;
        write.commit([Event::deleted(R::RESOURCE, id)], WriteResponse::no_content())
    })
    .await
}
