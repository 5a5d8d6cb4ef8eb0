//! The background jobs of a service. A job that fails, or panics, is logged, shown at `/health/ready`, and tried again.

use std::path::PathBuf;
use std::time::Duration;

use crate::app::State;
use crate::auth::key::KeyRing;
use crate::conditions::Condition;
use crate::db::LOST_AFTER;
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Result};
use crate::ledger::Author;
use crate::note::Verifier;
use crate::{audit, clock, db, retention, storage};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// How soon a write of another process is seen.
const POLL: Duration = Duration::from_millis(500);

/// How soon a job that has failed is tried again.
const RETRY: Duration = Duration::from_secs(60);

/// Starts every job: its name, how long after the start it first runs, how often it runs, and what it does. `keys` is the file of
/// the signing keys.
pub fn start(app: &State, keys: Option<PathBuf>) {
    every(app, "availability", POLL, POLL, |app| async move {
        app.db.check_availability().await;
        Ok(())
    });
    every(app, "revisions", POLL, POLL, follow_writes);
    every(app, "keys", 5 * SECOND, 5 * SECOND, move |app| read_keys(app, keys.clone()));
    every(app, "storage", SECOND, 10 * SECOND, |app| async move { storage::check(&app).await });
    every(app, "clock", 10 * SECOND, 10 * SECOND, |app| async move { app.clock.look(&app.db).await });
    every(app, "identity_provider", 300 * SECOND, 300 * SECOND, read_provider);
    every(app, "audit_log", Duration::ZERO, HOUR, sign_log);
    every(app, "returned_files", Duration::ZERO, 24 * HOUR, |app| async move { app.files.return_named(&app.db).await });
    // Nothing is moved or destroyed before somebody could have noticed a wrong database or a wrong clock.
    every(app, "unclaimed_files", HOUR, HOUR, sweep_files);
    every(app, "retention", HOUR, 24 * HOUR, destroy_due);
}

fn every<F, Fut>(app: &State, name: &'static str, first: Duration, period: Duration, run: F)
where
    F: Fn(State) -> Fut + Send + 'static,
    Fut: Future<Output = Result<()>> + Send + 'static,
{
    let app = app.clone();
    tokio::spawn(async move {
        tokio::time::sleep(first).await;
        loop {
            let mut task = tokio::spawn(run(app.clone()));
            // A query to a host that is gone is never answered.
            let done = tokio::select! {
                done = &mut task => done.unwrap_or_else(|panic| {
                    tracing::error!(job = name, %panic, "a background job has failed");
                    Err(Code::Internal.into())
                }),
                () = app.db.availability.lost_for(LOST_AFTER) => Err(Code::Unavailable.into()),
            };
            task.abort();
            if let Err(error) = done {
                tracing::warn!(job = name, %error, "a background job has failed");
                app.db.conditions.begin(Condition::JobFailed(name), db::now());
                tokio::time::sleep(period.min(RETRY)).await;
            } else {
                app.db.conditions.end(Condition::JobFailed(name));
                tokio::time::sleep(period).await;
            }
        }
    });
}

/// Learns what other processes have written, whose rights have changed, and whether the schema is still this program's.
async fn follow_writes(app: State) -> Result<()> {
    if app.db.availability.is_away() {
        return Ok(());
    }
    // First: the tables that are read next may be others by now.
    if app.db.newer_schema().await?.is_some() {
        app.db.conditions.begin(Condition::SchemaChanged, db::now());
        return Ok(());
    }
    app.db.load_revisions().await?;
    app.standing.refresh(&app.db).await
}

/// Takes over what changes in the file of the signing keys, and forgets callers who have not asked for a while.
async fn read_keys(app: State, file: Option<PathBuf>) -> Result<()> {
    app.limits.tidy();
    let Some(file) = file else { return Ok(()) };
    let read = tokio::task::spawn_blocking(move || KeyRing::read(&file)).await.map_err(|_| Code::Internal)?;
    app.tokens.replace(read.map_err(|fault| Code::Internal.because(fault.clone(), fault))?);
    Ok(())
}

async fn read_provider(app: State) -> Result<()> {
    let Some(provider) = &app.provider else { return Ok(()) };
    provider.refresh().await.map_err(|fault| Code::Unavailable.because(fault.clone(), fault))
}

/// Looks through the whole log once, and signs it if it has grown.
async fn sign_log(app: State) -> Result<()> {
    if app.db.log_is_broken.get().is_some() {
        return Ok(());
    }
    if app.log_was_read.get().is_none() {
        let verifier = Verifier::of(&app.audit_key, &app.tokens.issuer);
        let moment = app.db.long_snapshot().await?;
        if let Some(fault) = audit::store::fault_in_depth(&moment, &verifier).await? {
            app.db.break_log(fault);
            return Ok(());
        }
        let _ = app.log_was_read.set(());
    }
    match audit::store::sign(&app.db, &app.audit_key, &app.tokens.issuer).await {
        Err(error) if error.code() == Code::LogBroken => app.db.break_log(error.to_string()),
        signed => signed?,
    }
    Ok(())
}

/// Moves files whose write was cut off to the quarantine. While nothing is written, the database may be a wrong or a late one.
async fn sweep_files(app: State) -> Result<()> {
    if app.db.conditions.all().iter().any(|(condition, _)| condition.stops_writes()) {
        return Ok(());
    }
    app.clock.look(&app.db).await?;
    let doubt = clock::examine(&app.db).await?;
    app.files.sweep(&app.db, db::now(), doubt).await
}

/// Destroys what need not be kept any longer. Nothing is destroyed before the whole log was found to be the one that was signed.
async fn destroy_due(app: State) -> Result<()> {
    if app.db.log_is_broken.get().is_some() || app.log_was_read.get().is_none() {
        return Ok(());
    }
    app.clock.look(&app.db).await?;
    let today = bangkok_day(db::now());
    let (run, done) = retention::run(&app.db, &Author::program("retention"), &app.retention, today).await;
    tracing::info!(destroyed = run.destroyed, listed = run.listed, doubt = ?run.doubt, "retention has run");
    done
}
