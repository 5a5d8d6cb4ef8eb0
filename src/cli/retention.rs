//! Retention of cases, for the operator.

use clap::{Args, Subcommand};
use sea_orm::ActiveEnum;

use super::audit::LogArgs;
use super::{message, one, opened, usable};
use prongsai::app::config::DatabaseArgs;
use prongsai::app::config::keys::RetentionArgs;
use prongsai::audit::store;
use prongsai::audit_log::Broken;
use prongsai::audit_log::author::Author;
use prongsai::clock;
use prongsai::db::Db;
use prongsai::domain::text::cleaned;
use prongsai::domain::working_days::bangkok_day;
use prongsai::retention::DueCase;
use prongsai::retention::hold::{self, Change};
use prongsai::retention::run::{Run, due, run};

#[derive(Subcommand)]
pub enum Retention {
    /// List cases 30 days before their retention ends, and destroy those whose retention has ended, which have been
    /// listed for 30 days, and whose destruction is approved, as the service does once a day
    Run {
        #[command(flatten)]
        retention: RetentionArgs,
        #[command(flatten)]
        log: LogArgs,
    },
    /// Show the cases that a run would list today, when each can be destroyed, and whether that is approved; changes
    /// nothing
    Due {
        #[command(flatten)]
        retention: RetentionArgs,
    },
    /// Keep a complaint or service request, however long it has been closed; recorded in the audit log with the reason
    Hold(Case),
    /// Let retention of a held case go on; it is listed for another 30 days before it is destroyed
    Release(Case),
    /// Confirm that the clock of this machine is right, so that retention continues; recorded in the audit log. Every
    /// listed case gets another 30 days
    ConfirmClock,
}

#[derive(Args)]
pub struct Case {
    /// Number of the case, such as 7K3M-9Q2X
    reference: String,
    /// Why. Auditors read it; write nothing of what is in the case
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
}

/// A reason of up to 1,000 characters.
fn reason(text: &str) -> Result<String, String> {
    let text = cleaned(text).trim().to_owned();
    let is_fit = (1..=1000).contains(&text.chars().count());
    if is_fit { Ok(text) } else { Err("must have 1 to 1000 visible characters".to_owned()) }
}

pub async fn retention(command: Retention, database: &DatabaseArgs) -> Result<(), Vec<String>> {
    match command {
        Retention::Run { retention, log } => {
            let (spans, db) = (retention.read().map_err(one)?, opened(database).await?);
            let now = db.now();
            if let Some(doubt) = clock::examine(&db).await.map_err(message)? {
                return Err(one(doubt.sentence(now)));
            }
            refuse_other_log(&db, &log).await?;
            let (run, done) = run(&db, &Author::program("retention"), &spans, bangkok_day(now)).await;
            let Run { destroyed, still_on_disk, listed, unapproved, overlooked: _, doubt } = run;
            if let Some(doubt) = doubt {
                return Err(one(doubt.sentence(now)));
            }
            println!(
                "{destroyed} destroyed, {still_on_disk} deleted and still on the disk, {listed} listed, {unapproved} of them due and \
                 not approved"
            );
            done.map_err(message)
        }
        Retention::Due { retention } => {
            let (spans, db) = (retention.read().map_err(one)?, opened(database).await?);
            let cases = due(&db, &spans, bangkok_day(db.now())).await.map_err(message)?;
            cases.iter().for_each(print);
            println!("{} listed", cases.len());
            Ok(())
        }
        Retention::Hold(Case { reference, reason }) => {
            let db = usable(database).await?;
            hold::change(&db, Change::Hold, &reference, reason).await.map_err(message)
        }
        Retention::Release(Case { reference, reason }) => {
            let db = usable(database).await?;
            hold::change(&db, Change::Release, &reference, reason).await.map_err(message)
        }
        Retention::ConfirmClock => {
            let db = opened(database).await?;
            clock::confirm(&db).await.map_err(message)?;
            println!("{} is confirmed", db.now().format("%Y-%m-%d %H:%M UTC"));
            Ok(())
        }
    }
}

/// Nothing is destroyed on the word of a log that is not the one that was signed. With the audit key it is compared with the newest
/// checkpoint outside the database as well.
async fn refuse_other_log(db: &Db, args: &LogArgs) -> Result<(), Vec<String>> {
    let log = args.open_if_keyed(db)?;
    // Before the log: another process may sign meanwhile.
    let kept = match &log {
        Some(log) => log.kept().await.map_err(message)?,
        None => None,
    };
    let moment = db.long_snapshot().await.map_err(|error| one(error.to_string()))?;
    if let Some(error) = store::inconsistency_without_key(&moment).await.map_err(message)? {
        return Err(vec![error.clone(), Broken::Changed(error).reason().to_owned()]);
    }
    if let Some(log) = &log {
        let broken = store::inconsistency(&moment, &log.verifier(), kept.as_ref()).await.map_err(message)?;
        if let Some(broken) = broken {
            return Err(vec![broken.to_string(), broken.reason().to_owned()]);
        }
    }
    // A reader would keep on the disk what is destroyed now.
    moment.rollback().await.map_err(|error| one(error.to_string()))
}

fn print(case: &DueCase) {
    let DueCase { reference, closed_on, retention_ends_on, listed_on, result, .. } = case;
    let kind = case.kind.to_value();
    let what = case.e_service.as_ref().map_or(kind.clone(), |e_service| format!("{kind} {e_service}"));
    let end = match (case.destroy_on, case.held_at, &case.hold_reason) {
        (Some(day), ..) => match (case.approved_at, &case.approved_by_name) {
            (Some(at), Some(name)) => format!("approved by {name} on {}, will be destroyed on {day}", bangkok_day(at)),
            (Some(at), None) => format!("approved on {}, will be destroyed on {day}", bangkok_day(at)),
            (None, _) => format!("can be destroyed on {day}, not approved"),
        },
        (None, since, reason) => {
            let since = since.map_or(String::new(), |since| format!(" since {}", bangkok_day(since)));
            format!("on hold{since}{}", reason.as_ref().map_or(String::new(), |reason| format!(": {reason}")))
        }
    };
    println!(
        "{reference}  {what} {result}, closed on {closed_on}, kept until {retention_ends_on}, listed on {listed_on}, {end}"
    );
}
