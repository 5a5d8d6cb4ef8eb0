//! The log as JSON Lines, complete for independent verification; docs/audit.md describes the format.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use entity::{audit_checkpoint, audit_detail, audit_event, audit_head, audit_node};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, TryStreamExt};
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use crate::audit_log::Records;
use crate::audit_log::append::{HEAD, Logged, leaf_text};
use crate::db::Db;
use crate::db::select::Selected;
use crate::error::{Code, Error, Result};
use crate::http::spool::{off_thread, unusable};

/// Version of the format.
const VERSION: u32 = 1;

/// Events that are asked for at once.
const PAGE: u64 = 1000;

/// Writes the log, as of now, into an unlinked temporary file.
pub async fn to_file(db: &Db, origin: &str, records: &[Records]) -> Result<File> {
    let transaction = db.long_snapshot().await?;
    let file = Arc::new(off_thread(tempfile::tempfile).await.map_err(unusable)?);
    let mut lines = Lines { file, gathered: Vec::new() };
    lines.all(&transaction, origin, records).await?;
    transaction.rollback().await?;
    lines.write().await?;
    let mut file = Arc::into_inner(lines.file).ok_or(Code::Internal)?;
    file.seek(SeekFrom::Start(0)).map_err(unusable)?;
    Ok(file)
}

/// Every `R` as a line of the export.
pub fn records<R: Logged + Selected>(db: &DatabaseTransaction) -> BoxFuture<'_, Result<BoxStream<'_, Result<Value>>>> {
    let line = |record: R| {
        let (resource, id, document) = (R::RESOURCE.name(), record.id(), record.document());
        json!({ "kind": "record", "resource": resource, "record": id, "document": document })
    };
    async move {
        let records = R::of(R::Table::find(), db.get_database_backend()).stream(db).await?;
        Ok(records.map_ok(line).map_err(Error::from).boxed())
    }
    .boxed()
}

struct Lines {
    file: Arc<File>,
    /// What is yet to be written.
    gathered: Vec<u8>,
}

/// Bytes that are written at once.
const GATHERED: usize = 256 * 1024;

impl Lines {
    async fn add(&mut self, line: &Value) -> Result<()> {
        writeln!(self.gathered, "{line}").map_err(unusable)?;
        if self.gathered.len() < GATHERED { Ok(()) } else { self.write().await }
    }

    async fn write(&mut self) -> Result<()> {
        let (file, gathered) = (self.file.clone(), std::mem::take(&mut self.gathered));
        off_thread(move || (&*file).write_all(&gathered)).await.map_err(unusable)
    }

    async fn all(&mut self, db: &DatabaseTransaction, origin: &str, records: &[Records]) -> Result<()> {
        // As stored: reporting errors in it is the verifier's task.
        let head = audit_head::Entity::find_by_id(HEAD).one(db).await?;
        let size = head.map_or(0, |head| head.size.max(0));
        self.add(&json!({ "kind": "export", "version": VERSION, "origin": origin, "size": size })).await?;
        self.events(db).await?;
        let mut nodes = audit_node::Entity::find()
            .order_by(audit_node::Column::Level, Order::Asc)
            .order_by(audit_node::Column::Position, Order::Asc)
            .stream(db)
            .await?;
        while let Some(audit_node::Model { level, position, hash }) = nodes.try_next().await? {
            let hash = BASE64_STANDARD.encode(hash);
            self.add(&json!({ "kind": "node", "level": level, "index": position, "hash": hash })).await?;
        }
        drop(nodes);
        for records in records {
            let mut records = records(db).await?;
            while let Some(record) = records.try_next().await? {
                self.add(&record).await?;
            }
        }
        let checkpoints = audit_checkpoint::Entity::find().order_by(audit_checkpoint::Column::Size, Order::Asc);
        let mut checkpoints = checkpoints.stream(db).await?;
        while let Some(checkpoint) = checkpoints.try_next().await? {
            self.add(&json!({ "kind": "checkpoint", "note": checkpoint.note })).await?;
        }
        Ok(())
    }

    async fn events(&mut self, db: &impl ConnectionTrait) -> Result<()> {
        let mut next = 0;
        loop {
            let events = audit_event::Entity::find()
                .filter(audit_event::Column::Seq.gte(next))
                .order_by(audit_event::Column::Seq, Order::Asc)
                .limit(PAGE)
                .find_also_related(audit_detail::Entity);
            let events = events.all(db).await?;
            let Some((last, _)) = events.last() else { return Ok(()) };
            next = last.seq + 1;
            for (event, detail) in events {
                let (salt, text) = detail.map(|it| (BASE64_STANDARD.encode(it.salt), it.text)).unzip();
                let (leaf, hash) = (leaf_text(&event), BASE64_STANDARD.encode(&event.hash));
                self.add(&json!({
                    "kind": "event", "seq": event.seq, "leaf": leaf, "hash": hash, "salt": salt, "detail": text,
                }))
                .await?;
            }
        }
    }
}
