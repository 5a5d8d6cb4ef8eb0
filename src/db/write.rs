//! One write: a transaction that takes its audit events with it, and is committed or rolled back in one place.

use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

use super::Db;
use crate::audit_log::append::{self, Event};
use crate::audit_log::author::Author;
use crate::conditions::Condition;
use crate::error::{Code, Error, Result};
use crate::revisions::{Resource, RevisionSet};

/// A write that has begun, as a connection. Without [`commit`](Write::commit) it leaves nothing behind. A clone is the same write.
#[derive(Clone)]
pub struct Write {
    transaction: Arc<DatabaseTransaction>,
    pub author: Author,
    pub now: DateTime<Utc>,
    /// The revisions before this write.
    pub at: RevisionSet,
    /// What the log is given, once the write is to be committed.
    recorded: Arc<OnceLock<Recorded>>,
}

/// The events of a write, and who they are by in the end: a login begins as nobody's.
struct Recorded {
    author: Author,
    events: Vec<Event>,
    when: When,
}

/// After which end of the work a write is committed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Succeeded,
    Failed,
}

/// Runs `work` in a transaction: commits it if `work` asked for that and succeeds, or fails in a way that it wants to be recorded;
/// else rolls it back.
pub(super) async fn run<T, F, Fut>(db: &Arc<Db>, author: Author, work: F) -> Result<T>
where
    F: FnOnce(Write) -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let done = transact(db, author, work).await;
    match done.as_ref().map_err(Error::code) {
        Err(Code::StorageFull) => db.conditions.begin(Condition::StorageFull, db.now()),
        Err(Code::ReadOnly) => db.conditions.begin(Condition::ReadOnly, db.now()),
        _ => {}
    }
    done
}

async fn transact<T, F, Fut>(db: &Arc<Db>, author: Author, work: F) -> Result<T>
where
    F: FnOnce(Write) -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let write = Write::begin(db, author).await?;
    let (transaction, recorded, now) = (write.transaction.clone(), write.recorded.clone(), write.now);
    let committed_before = db.commits.as_ref().map(|commits| commits.count());
    let done = work(write).await;
    let transaction = Arc::into_inner(transaction).ok_or(Code::Internal)?;
    let recorded = Arc::into_inner(recorded).and_then(OnceLock::into_inner);
    let raised = match recorded.filter(|recorded| done.is_ok() || recorded.when == When::Failed) {
        Some(recorded) => record(&transaction, recorded, now).await.map(Some),
        None => Ok(None),
    };
    let Ok(Some(raised)) = raised else {
        // A connection whose rollback fails is not used again: the pool finds it in a transaction.
        if let Err(error) = transaction.rollback().await {
            tracing::warn!(%error, "a transaction could not be rolled back");
        }
        return raised.and(done);
    };
    if let Err(error) = transaction.commit().await {
        let error = Error::from(error);
        // On a full or read-only disk nothing was written; after any other error of a COMMIT the write may be there.
        let is_known = error.code().status() < 500 || [Code::StorageFull, Code::ReadOnly].contains(&error.code());
        return Err(if is_known { error } else { Code::OutcomeUnknown.into() });
    }
    if committed_before.is_some_and(|before| db.commits.as_ref().is_some_and(|commits| commits.count() == before)) {
        tracing::error!("a COMMIT has not ended its transaction");
        return Err(Code::Internal.into());
    }
    // Before the write is acknowledged, so that no reader of this process sees an older state after that.
    for (resource, number) in raised {
        db.revisions.raise(resource, number);
    }
    done
}

/// The last statements of a transaction: the new revisions, and the events in the audit log.
async fn record(
    transaction: &DatabaseTransaction,
    recorded: Recorded,
    now: DateTime<Utc>,
) -> Result<Vec<(Resource, i64)>> {
    let Recorded { author, events, when: _ } = recorded;
    let mut changed: Vec<_> = events.iter().filter_map(|event| event.changes).collect();
    changed.sort_unstable();
    changed.dedup();
    let mut revisions = Vec::new();
    for resource in changed {
        revisions.push((resource, raise(transaction, resource, now).await?));
    }
    // PostgreSQL answers the COMMIT of a transaction in which a statement has failed with a ROLLBACK and no error; the next
    // statement fails. The log's are the last, so that others wait for the tree no longer than for the commit.
    if events.is_empty() {
        transaction.execute_unprepared("SELECT 1").await?;
    }
    append::append(transaction, &author, now, events).await?;
    Ok(revisions)
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

impl Write {
    async fn begin(db: &Arc<Db>, author: Author) -> Result<Self> {
        db.refuse_writes()?;
        // SQLite: a deferred transaction that reads before it writes fails at once when another one writes meanwhile.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let at = db.revisions.snapshot();
        let transaction = Arc::new(db.writer.begin_with_options(options).await?);
        Ok(Self { transaction, author, now: db.now(), at, recorded: Arc::default() })
    }

    /// Marks the write to be committed with its audit events once the work has succeeded. `value` is what the work returns: an
    /// error after this rolls everything back.
    pub fn commit<T>(self, events: impl IntoIterator<Item = Event>, value: T) -> Result<T> {
        self.mark(events, When::Succeeded)?;
        Ok(value)
    }

    /// Runs a part of the work whose statements are undone if it fails, while the write goes on.
    pub async fn part<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.execute_unprepared("SAVEPOINT part").await?;
        let done = work.await;
        if done.is_err() {
            self.execute_unprepared("ROLLBACK TO SAVEPOINT part").await?;
        }
        self.execute_unprepared("RELEASE SAVEPOINT part").await?;
        done
    }

    /// Marks the write to be committed although the work fails with this error: a failed login is recorded.
    pub fn commit_failure<T>(self, events: impl IntoIterator<Item = Event>, error: Error) -> Result<T> {
        self.mark(events, When::Failed)?;
        Err(error)
    }

    fn mark(self, events: impl IntoIterator<Item = Event>, when: When) -> Result<()> {
        let recorded = Recorded { author: self.author, events: events.into_iter().collect(), when };
        self.recorded.set(recorded).map_err(|_| Error::internal("a write was committed twice"))
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Write {
    fn get_database_backend(&self) -> DbBackend {
        self.transaction.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.transaction.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.transaction.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.transaction.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.transaction.query_all_raw(statement).await
    }
}
