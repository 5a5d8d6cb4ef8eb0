//! Background jobs: one table, and a supervisor. A job that fails, or panics, is logged, shown at `/health/ready`, and tried
//! again.

use std::error::Error as _;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::app::{moved, storage};
use crate::audit_log::author::Author;
use crate::audit_log::{Broken, SIGNING};
use crate::conditions::Condition;
use crate::crypto::keys::KeyRing;
use crate::db::{self, LOST_AFTER};
use crate::domain::working_days::bangkok_day;
use crate::e_services::requests::{phones, unconfirmed};
use crate::error::{Code, Error, Result};
use crate::http::idempotency;
use crate::http::middleware::shutdown::Phase;
use crate::retention::run::{Run, run};
use crate::state::{App, State};
use crate::{accounts, audit, clock, holidays, links};

const SECOND: Duration = Duration::from_secs(1);
const TEN_SECONDS: Duration = Duration::from_secs(10);
const FIVE_MINUTES: Duration = Duration::from_secs(300);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// How soon a write of another process is seen.
const POLL: Duration = Duration::from_millis(500);

/// How soon a change of the file of signing keys is seen.
const KEYS: Duration = Duration::from_secs(5);

/// How soon a job that has failed is tried again.
const RETRY: Duration = Duration::from_secs(60);

/// A job: its name, how long after the start it first runs, how often it runs, and what it does.
struct Job {
    name: &'static str,
    first: Duration,
    period: Duration,
    run: fn(State) -> BoxFuture<'static, Result<()>>,
}

const JOBS: &[Job] = &[
    Job { name: "availability", first: POLL, period: POLL, run: |app| check_availability(app).boxed() },
    Job { name: "revisions", first: POLL, period: POLL, run: |app| follow_writes(app).boxed() },
    Job { name: "keys", first: KEYS, period: KEYS, run: |app| read_keys(app).boxed() },
    Job { name: "storage", first: SECOND, period: TEN_SECONDS, run: |app| check_storage(app).boxed() },
    Job { name: "failed_logins", first: SECOND, period: SECOND, run: |app| write_first_failures(app).boxed() },
    Job { name: "failed_login_counts", first: HOUR, period: HOUR, run: |app| write_failure_counts(app).boxed() },
    Job { name: "provider_subjects", first: TEN_SECONDS, period: TEN_SECONDS, run: |app| record_seen(app).boxed() },
    Job { name: "clock", first: TEN_SECONDS, period: TEN_SECONDS, run: |app| look_at_clock(app).boxed() },
    Job { name: "identity_provider", first: FIVE_MINUTES, period: FIVE_MINUTES, run: |app| read_provider(app).boxed() },
    Job { name: "kept_responses", first: HOUR, period: HOUR, run: |app| expire_responses(app).boxed() },
    Job { name: SIGNING, first: Duration::ZERO, period: HOUR, run: |app| sign_log(app).boxed() },
    Job { name: "returned_files", first: Duration::ZERO, period: DAY, run: |app| return_files(app).boxed() },
    Job { name: "addresses", first: Duration::ZERO, period: DAY, run: |app| move_addresses(app).boxed() },
    Job { name: "links", first: FIVE_MINUTES, period: FIVE_MINUTES, run: |app| check_links(app).boxed() },
    Job { name: "due_days", first: TEN_SECONDS, period: FIVE_MINUTES, run: |app| move_due_days(app).boxed() },
    Job { name: "bookings", first: FIVE_MINUTES, period: FIVE_MINUTES, run: |app| release_bookings(app).boxed() },
    Job { name: "phones", first: SECOND, period: TEN_SECONDS, run: |app| index_phones(app).boxed() },
    // Delayed, so that an operator can notice a wrong database or clock before anything is moved or destroyed.
    Job { name: "unclaimed_files", first: HOUR, period: HOUR, run: |app| sweep_files(app).boxed() },
    Job { name: "retention", first: HOUR, period: DAY, run: |app| destroy_due(app).boxed() },
];

/// Starts every job.
pub fn start(app: &State) {
    for job in JOBS {
        app.db.conditions.add_job(job.name);
        tokio::spawn(supervise(app.clone(), job));
    }
}

/// Writes what is only in memory, before the database is closed.
pub async fn finish(app: &App) {
    if let Err(error) = app.auth.failures.write_counts(&app.db).await {
        tracing::warn!(%error, "the last failed logins could not be written to the audit log");
    }
    // A copy of the database that is restored after this stop is noticed if it is older.
    if takes_writes(app)
        && app.audit.was_read.get().is_some()
        && let Err(error) = sign(app).await
    {
        tracing::warn!(%error, "the audit log could not be signed at the end");
    }
}

/// Runs a job again and again, whether it succeeds, fails or panics.
async fn supervise(app: State, job: &'static Job) {
    let Job { name, first, period, run } = *job;
    tokio::time::sleep(first).await;
    loop {
        let mut task = tokio::spawn(run(app.clone()));
        // A query to a host that is gone is never answered.
        let done = tokio::select! {
            done = &mut task => done.unwrap_or_else(|panic| Err(Error::internal(panic))),
            () = app.db.availability.lost_for(LOST_AFTER) => Err(Code::Unavailable.into()),
        };
        task.abort();
        // The database is closed as the process ends.
        if done.is_err() && app.http.shutdown.phase() == Phase::Ending {
            return;
        }
        if let Err(error) = done {
            tracing::error!(job = name, %error, cause = error.source(), "a background job has failed and is tried again");
            drop(error);
            app.db.conditions.begin(Condition::JobFailed(name), app.db.now());
            tokio::time::sleep(period.min(RETRY)).await;
        } else {
            app.db.conditions.succeeded(name, app.db.now());
            tokio::time::sleep(period).await;
        }
    }
}

async fn check_availability(app: State) -> Result<()> {
    app.db.check_availability().await;
    Ok(())
}

async fn check_storage(app: State) -> Result<()> {
    storage::check(&app).await
}

async fn write_first_failures(app: State) -> Result<()> {
    if takes_writes(&app) { app.auth.failures.write_first(&app.db).await } else { Ok(()) }
}

async fn write_failure_counts(app: State) -> Result<()> {
    if takes_writes(&app) { app.auth.failures.write_counts(&app.db).await } else { Ok(()) }
}

/// Records who of the identity provider has been here.
async fn record_seen(app: State) -> Result<()> {
    if takes_writes(&app) { accounts::record_seen(&app).await } else { Ok(()) }
}

fn takes_writes(app: &App) -> bool {
    !app.db.availability.is_away() && !app.db.conditions.stop_writes()
}

async fn look_at_clock(app: State) -> Result<()> {
    app.clock.look(&app.db).await
}

async fn return_files(app: State) -> Result<()> {
    app.cases.blobs.return_named(&app.db).await
}

/// Refreshes revisions and the schema check, for writes of other processes, and revoked rights, for those of every process.
async fn follow_writes(app: State) -> Result<()> {
    if app.db.availability.is_away() {
        return Ok(());
    }
    // First: a newer schema may have changed the tables that are read next.
    if app.db.newer_schema().await?.is_some() {
        app.db.conditions.begin(Condition::SchemaChanged, app.db.now());
        return Ok(());
    }
    app.db.load_revisions().await?;
    app.auth.people.refresh(&app.db).await?;
    app.auth.revocations.refresh(&app.db).await
}

/// Reloads the signing keys when their file changes, and removes idle callers from the rate limiter.
async fn read_keys(app: State) -> Result<()> {
    app.http.rate_limits.tidy();
    let Some(file) = app.auth.signing_keys_file.clone() else { return Ok(()) };
    let read = tokio::task::spawn_blocking(move || KeyRing::read(&file)).await.map_err(Error::internal)?;
    app.auth.tokens.replace(read.map_err(|error| Code::Internal.because(error.clone(), error))?);
    Ok(())
}

async fn expire_responses(app: State) -> Result<()> {
    if takes_writes(&app) { idempotency::expire(&app.db).await } else { Ok(()) }
}

async fn read_provider(app: State) -> Result<()> {
    let Some(provider) = &app.auth.provider else { return Ok(()) };
    provider.keys.refresh().await.map_err(|error| Code::Unavailable.because(error.clone(), error))
}

/// Verifies the whole log once, and signs it if it has grown.
async fn sign_log(app: State) -> Result<()> {
    if app.db.log_is_broken.get().is_some() {
        return Ok(());
    }
    if app.audit.was_read.get().is_none() {
        if !is_whole(&app).await? {
            return Ok(());
        }
        let _ = app.audit.was_read.set(());
    }
    sign(&app).await
}

/// Whether the log is the one that was signed, from the texts of all events. If it is not, nothing is written any more.
async fn is_whole(app: &App) -> Result<bool> {
    let moment = app.db.long_snapshot().await?;
    let inconsistency = audit::store::inconsistency_in_depth(&moment, &app.audit.verifier()).await?;
    moment.rollback().await?;
    let is_whole = inconsistency.is_none();
    inconsistency.into_iter().for_each(|reason| app.db.break_log(Broken::Changed(reason)));
    Ok(is_whole)
}

async fn sign(app: &App) -> Result<()> {
    let kept = app.audit.kept().await?;
    match audit::store::sign(&app.db, &app.audit, kept).await {
        Ok(Ok(note)) => app.audit.keep(note).await?,
        Ok(Err(broken)) => app.db.break_log(broken),
        Err(error) if error.code() == Code::LogBroken => app.db.break_log(Broken::Changed(error.to_string())),
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Gives public files the addresses below the `--public-url` of now, where it is set. It is tried again soon if the database is away.
async fn move_addresses(app: State) -> Result<()> {
    if !app.site.public_url_is_set {
        return Ok(());
    }
    if app.db.availability.is_away() {
        return Err(Code::Unavailable.into());
    }
    if takes_writes(&app) { moved::move_to(&app.db, &app.site.public_url).await } else { Ok(()) }
}

/// Learns which links published records and answers to the ITA have, and checks them.
async fn check_links(app: State) -> Result<()> {
    if takes_writes(&app) { links::job::run(&app).await } else { Ok(()) }
}

/// Moves due days that have become holidays and were not moved when these were entered.
async fn move_due_days(app: State) -> Result<()> {
    if takes_writes(&app) { holidays::due_days::run(&app).await } else { Ok(()) }
}

/// Gives back days whose booking nobody has confirmed; none while the clock is in doubt.
async fn release_bookings(app: State) -> Result<()> {
    if !takes_writes(&app) {
        return Ok(());
    }
    app.clock.look(&app.db).await?;
    if clock::examine(&app.db).await?.is_some() {
        return Ok(());
    }
    unconfirmed::release(&app.cases).await
}

/// Makes requests found by the ends of telephone numbers that are not hashed yet.
async fn index_phones(app: State) -> Result<()> {
    if takes_writes(&app) { phones::index(&app.cases).await } else { Ok(()) }
}

/// Moves files whose write was cut off to the quarantine. While nothing is written, the database may be a wrong or a late one.
async fn sweep_files(app: State) -> Result<()> {
    if !takes_writes(&app) {
        return Ok(());
    }
    app.clock.look(&app.db).await?;
    let doubt = clock::examine(&app.db).await?;
    // The times of files are the machine's.
    app.cases.blobs.sweep(&app.db, db::machine_now(), doubt).await
}

/// Runs the retention rules, only after the whole log was verified.
async fn destroy_due(app: State) -> Result<()> {
    if app.db.log_is_broken.get().is_some() || app.audit.was_read.get().is_none() {
        return Ok(());
    }
    app.clock.look(&app.db).await?;
    // What is destroyed cannot be had again.
    if !is_whole(&app).await? {
        return Ok(());
    }
    let today = bangkok_day(app.db.now());
    let (run, done) = run(&app.db, &Author::program("retention"), &app.cases.retention, today).await;
    let Run { destroyed, still_on_disk, listed, unapproved, overlooked, doubt } = run;
    tracing::info!(destroyed, still_on_disk, listed, unapproved, overlooked, ?doubt, "retention has run");
    if doubt.is_none() {
        app.db.conditions.set(Condition::DestructionUnapproved, overlooked > 0, app.db.now());
    }
    done
}
