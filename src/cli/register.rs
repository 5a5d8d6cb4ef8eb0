//! Importing files and registers of cases.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::load::{self, Import};
use super::{message, one, usable};
use prongsai::accounts;
use prongsai::app::config::DatabaseArgs;
use prongsai::app::config::cases::CaseArgs;
use prongsai::app::config::keys::ContentKeyArgs;
use prongsai::app::register::table::{self, Encoding};
use prongsai::app::register::{self, Complaints, Names, Office, ServiceRequests, Summary};
use prongsai::auth::scope::{ComplaintsHandle, Scope, ServiceRequestsHandle};
use prongsai::cases::vault::Vault;

#[derive(Subcommand)]
pub enum Imported {
    #[command(flatten)]
    File(Import),
    /// A register of complaints that came on paper or before the service, as CSV or XLSX with a row for each
    ///
    /// Columns, by these names or their Thai headings: register_no, received_on, kind, category, channel, subject; and, as far as
    /// known, description, occurred_text, location_text, accused, accused_unit, first_answered_on, status (concluded, rejected or
    /// withdrawn; empty while the complaint is open), closed_on, outcome, result, referral_authority, referral_letter_no,
    /// referral_letter_on. Dates are 2024-04-24, 24/4/2567 or date cells.
    /// docs/operations.md explains them; docs/registers has samples.
    #[command(verbatim_doc_comment)]
    Complaints(Box<Register>),
    /// A register of service requests that came on paper or before the service, as CSV or XLSX with a row for each
    ///
    /// Columns, by these names or their Thai headings: register_no, received_on, e_service, channel; and, as far as known, form.NAME
    /// for each field of the form, applicant_name, applicant_phone, applicant_email, latitude, longitude, address, booked_on, status
    /// (completed, rejected, referred or cancelled; empty while the request is open), closed_on, result, referral_authority,
    /// referral_letter_no, referral_letter_on. Dates are 2024-04-24, 24/4/2567 or date cells. docs/operations.md explains them; docs/registers has samples.
    #[command(verbatim_doc_comment)]
    ServiceRequests(Box<Register>),
}

#[derive(Args)]
pub struct Register {
    file: PathBuf,
    /// Login of the officer who enters the cases; the audit log and the timelines name them
    #[arg(long = "as", value_name = "LOGIN")]
    officer: String,
    /// Check the file, say what would be entered, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Encoding of a CSV file
    #[arg(long, value_enum, default_value = "utf-8")]
    encoding: Encoding,
    #[command(flatten)]
    content: ContentKeyArgs,
    #[command(flatten)]
    cases: CaseArgs,
}

pub async fn import(what: Imported, database: &DatabaseArgs) -> Result<(), Vec<String>> {
    match what {
        Imported::File(what) => load::load(what, database).await,
        Imported::Complaints(register) => enter::<Complaints, ComplaintsHandle>(*register, database).await,
        Imported::ServiceRequests(register) => {
            enter::<ServiceRequests, ServiceRequestsHandle>(*register, database).await
        }
    }
}

async fn enter<R: register::Register, S: Scope>(from: Register, database: &DatabaseArgs) -> Result<(), Vec<String>> {
    let Register { file, officer, dry_run, encoding, content, cases } = from;
    let db = usable(database).await?;
    let in_file = |error: String| format!("{}: {error}", file.display());
    let bytes = std::fs::read(&file).map_err(|error| one(in_file(error.to_string())))?;
    let rows = table::read(&bytes, encoding).map_err(|error| one(in_file(error)))?;
    let office = Office {
        names: Names::read(&db).await.map_err(message)?,
        author: accounts::officer::<S>(&db, &officer).await.map_err(message)?,
        vault: Vault::new(content.read().map_err(one)?, content.content_keys.clone()),
        settings: cases.check().map_err(Vec::from)?,
        boundary: cases.read_boundary().map_err(one)?,
        db,
    };
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bar = bar();
    let import = register::Import { office: Arc::new(office), name, bar: &bar };
    let wrong = |faults: Vec<String>| faults.into_iter().map(in_file).collect::<Vec<_>>();
    let checked = import.check::<R>(&rows).await.map_err(wrong)?;
    bar.suspend(|| warn(&checked.summary));
    if !dry_run {
        import.enter::<R>(&checked).await.map_err(wrong)?;
    }
    bar.finish_and_clear();
    print(&checked.summary, dry_run);
    Ok(())
}

/// What was entered, or would be, by fiscal year and kind.
fn print(summary: &Summary, is_trial: bool) {
    for ((year, kind), count) in &summary.counts {
        println!("{year} {kind}: {count}");
    }
    let entered: usize = summary.counts.values().sum();
    let skipped = summary.skipped.len();
    let done = if is_trial { "would be entered; nothing was written" } else { "entered" };
    if skipped > 0 {
        let more = if skipped > MOST_ROWS { ", ..." } else { "" };
        println!("there already: rows {}{more}", listed(summary.skipped.iter().take(MOST_ROWS)));
    }
    println!("{entered} {done}; {skipped} are there already");
}

/// Rows that are named.
const MOST_ROWS: usize = 20;

/// Says of which years working days are counted without all holidays: what was computed of a closed case is not computed again.
fn warn(summary: &Summary) {
    if !summary.incomplete_years.is_empty() {
        let years = listed(&summary.incomplete_years);
        println!(
            "warning: usual holidays are not entered of {years}: enter them first, or the days that cases took are too many"
        );
    }
}

fn listed<T: ToString>(them: impl IntoIterator<Item = T>) -> String {
    them.into_iter().map(|it| it.to_string()).collect::<Vec<_>>().join(", ")
}

/// Shows progress on a terminal, and nothing anywhere else.
fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{pos} of {len} {wide_bar} {eta}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
