//! One write: a transaction that takes its audit events with it, and is committed or rolled back in one place.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use entity::idempotency_key;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use super::{Db, KEY_LIFETIME, now};
use crate::answer::Written;
use crate::body::IdempotencyKey;
use crate::conditions::Condition;
use crate::error::{Code, Error, Result};
use crate::ledger::{self, Author, Event};
use crate::revisions::{Resource, Snapshot};

/// A write that has begun. Without [`commit`](Write::commit) it leaves nothing behind.
pub struct Write {
    transaction: Arc<DatabaseTransaction>,
    pub author: Author,
    key: Option<Arc<IdempotencyKey>>,
    pub now: DateTime<Utc>,
    /// The revisions before this write.
    pub at: Snapshot,
    /// What `commit` has asked for: the new revisions.
    ready: Arc<OnceLock<Vec<(Resource, i64)>>>,
}

/// Runs `work` in a transaction: commits it if `work` asked for that, whatever it answers (a failed login is an error, and is
/// recorded), else rolls it back.
pub(super) async fn run<F, Fut>(
    db: &Arc<Db>,
    author: Author,
    key: Option<Arc<IdempotencyKey>>,
    work: F,
) -> Result<Written>
where
    F: FnOnce(Write) -> Fut,
    Fut: Future<Output = Result<Written>>,
{
    let done = transact(db, author, key, work).await;
    match done.as_ref().map_err(Error::code) {
        Err(Code::StorageFull) => db.conditions.begin(Condition::StorageFull, now()),
        Err(Code::ReadOnly) => db.conditions.begin(Condition::ReadOnly, now()),
        _ => {}
    }
    done
}

async fn transact<F, Fut>(db: &Arc<Db>, author: Author, key: Option<Arc<IdempotencyKey>>, work: F) -> Result<Written>
where
    F: FnOnce(Write) -> Fut,
    Fut: Future<Output = Result<Written>>,
{
    let write = Write::begin(db, author, key).await?;
    let (transaction, ready) = (write.transaction.clone(), write.ready.clone());
    let committed_before = db.commits.as_ref().map(|commits| commits.count());
    let done = work(write).await;
    let transaction = Arc::into_inner(transaction).ok_or(Code::Internal)?;
    let Some(raised) = ready.get() else {
        // A connection whose rollback fails is not used again: the pool finds it in a transaction.
        if let Err(error) = transaction.rollback().await {
            tracing::warn!(%error, "a transaction could not be rolled back");
        }
        return done;
    };
    if let Err(error) = transaction.commit().await {
        let error = Error::from(error);
        // On a full or read-only disk nothing was written; after any other fault of a COMMIT the write may be there.
        let is_known = error.code().status() < 500 || [Code::StorageFull, Code::ReadOnly].contains(&error.code());
        return Err(if is_known { error } else { Code::OutcomeUnknown.into() });
    }
    if committed_before.is_some_and(|before| db.commits.as_ref().is_some_and(|commits| commits.count() == before)) {
        tracing::error!("a COMMIT has not ended its transaction");
        return Err(Code::Internal.into());
    }
    // Before the write is acknowledged, so that no reader of this process sees an older state after that.
    for (resource, number) in raised {
        db.revisions.raise(*resource, *number);
    }
    done
}

impl Write {
    async fn begin(db: &Arc<Db>, author: Author, key: Option<Arc<IdempotencyKey>>) -> Result<Self> {
        db.refuse_writes()?;
        // SQLite: a deferred transaction that reads before it writes fails at once when another one writes meanwhile.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let at = db.revisions.snapshot();
        let transaction = Arc::new(db.writer.begin_with_options(options).await?);
        Ok(Self { transaction, author, key, now: now(), at, ready: Arc::default() })
    }

    /// Has the write made permanent, with its audit events, the new revisions and the answer to its idempotency key, as soon as
    /// the work that it was given to has ended.
    pub async fn commit(self, events: impl IntoIterator<Item = Event>, written: Written) -> Result<Written> {
        let Self { transaction, author, key, now, at: _, ready } = self;
        let events: Vec<Event> = events.into_iter().collect();
        let mut changed: Vec<_> = events.iter().filter_map(|event| event.changes).collect();
        changed.sort_unstable();
        changed.dedup();
        if let Some(key) = key {
            remember(&transaction, &author.name, &key, &written, now).await?;
        }
        let mut revisions = Vec::new();
        for resource in changed {
            revisions.push((resource, raise(&transaction, resource, now).await?));
        }
        // PostgreSQL answers the COMMIT of a transaction in which a statement has failed with a ROLLBACK and no error; the next
        // statement fails. The log's are the last, so that others wait for the tree no longer than for the commit.
        if events.is_empty() {
            transaction.execute_unprepared("SELECT 1").await?;
        }
        ledger::append(&transaction, &author, now, events).await?;
        ready.set(revisions).map_err(|_| Error::from(Code::Internal))?;
        Ok(written)
    }
}

impl Deref for Write {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}
async fn remember(
    transaction: &DatabaseTransaction,
    actor: &str,
    key: &IdempotencyKey,
    written: &Written,
    now: DateTime<Utc>,
) -> Result<()> {
    idempotency_key::Entity::delete_many()
        .filter(idempotency_key::Column::CreatedAt.lte(now - KEY_LIFETIME))
        .exec(transaction)
        .await?;
    let row = idempotency_key::ActiveModel {
        actor: Set(actor.to_owned()),
        key: Set(key.name.clone()),
        fingerprint: Set(key.fingerprint.clone()),
        status: Set(written.status.as_u16().into()),
        location: Set(written.location.clone()),
        etag: Set(written.etag.clone()),
        body: Set(key.seal(&written.body)?),
        created_at: Set(now),
    };
    idempotency_key::Entity::insert(row).exec_without_returning(transaction).await?;
    Ok(())
}

/// Bumps the revision of a resource. The row stays locked until the commit, so numbers rise in commit order.
async fn raise(transaction: &DatabaseTransaction, resource: Resource, now: DateTime<Utc>) -> Result<i64, DbErr> {
    let statement = Statement::from_sql_and_values(
        transaction.get_database_backend(),
        "INSERT INTO revision (resource, number, changed_at) VALUES ($1, 1, $2) \
         ON CONFLICT (resource) DO UPDATE SET number = revision.number + 1, changed_at = excluded.changed_at \
         RETURNING number",
        [resource.name().into(), now.into()],
    );
    let row = transaction.query_one_raw(statement).await?;
    row.ok_or_else(|| DbErr::RecordNotFound(resource.name().to_owned()))?.try_get_by_index(0)
}
