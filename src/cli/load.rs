//! Loading files.

use std::path::PathBuf;

use clap::Subcommand;
use entity::codes::Coded;
use entity::report::ReportSubject;

use super::{one, usable};
use prongsai::app::config::DatabaseArgs;
use prongsai::app::import;
use prongsai::domain::fiscal_year::FiscalYear;

#[derive(Subcommand)]
pub enum Import {
    /// The agency's own particulars
    Agency { file: PathBuf },
    /// Units, as {"units": [...]}
    Units { file: PathBuf },
    /// Public holidays, as a list of {"date", "name"}, or as CSV with the columns date, name_th and name_en. The running
    /// service moves what is due on one of them
    Holidays { file: PathBuf },
    /// Categories of complaints, as {"complaint_categories": [...]}
    ComplaintCategories { file: PathBuf },
    /// E-services with their forms, as {"e_services": [...]}; published immediately
    EServices { file: PathBuf },
    /// Texts for citizens and officers, as {"guides": [...]}
    Guides { file: PathBuf },
    /// A year's table of measures, as a list; they are completed and published
    Measures {
        file: PathBuf,
        /// Fiscal year of the Buddhist era, such as 2567
        #[arg(long)]
        fiscal_year: i32,
    },
    /// The items of the ITA in a fiscal year, as {"fiscal_year", "items": [...]}
    ItaItems {
        file: PathBuf,
        /// Check the file and write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// A year's projects, as {"projects": [...]}; they are published
    Projects {
        file: PathBuf,
        /// Fiscal year of the Buddhist era, such as 2567
        #[arg(long)]
        fiscal_year: i32,
    },
    /// The texts around the table of a report and its memo, as {"memo": {...}, "report": {"title", "opening", "closing"}}
    ReportFrame {
        file: PathBuf,
        /// Fiscal year of the Buddhist era, such as 2567
        #[arg(long)]
        fiscal_year: i32,
        /// The report, such as integrity_measures_report
        #[arg(long, value_parser = subject)]
        subject: ReportSubject,
    },
}

fn subject(code: &str) -> Result<ReportSubject, String> {
    let known = || ReportSubject::ALL.iter().map(|subject| subject.code()).collect::<Vec<_>>().join(", ");
    ReportSubject::of_code(&code.replace('-', "_")).ok_or_else(|| format!("must be one of {}", known()))
}

pub async fn load(what: Import, database: &DatabaseArgs) -> Result<(), Vec<String>> {
    let db = usable(database).await?;
    let (Import::Agency { file }
    | Import::Units { file }
    | Import::Holidays { file }
    | Import::ComplaintCategories { file }
    | Import::EServices { file }
    | Import::Guides { file }
    | Import::ItaItems { file, .. }
    | Import::Measures { file, .. }
    | Import::Projects { file, .. }
    | Import::ReportFrame { file, .. }) = &what;
    let message = |error: String| one(format!("{}: {error}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| message(error.to_string()))?;
    let is_trial = matches!(what, Import::ItaItems { dry_run: true, .. });
    let loaded = match what {
        Import::Agency { .. } => import::agency(&db, &text).await.map(|()| 1),
        Import::Units { .. } => import::units(&db, &text).await,
        Import::Holidays { .. } => import::holidays(&db, &text).await,
        Import::ComplaintCategories { .. } => import::complaint_categories(&db, &text).await,
        Import::EServices { .. } => import::e_services(&db, &text).await,
        Import::Guides { .. } => import::guides(&db, &text).await,
        Import::ItaItems { dry_run, .. } => import::ita_items(&db, &text, dry_run).await,
        Import::Measures { fiscal_year, .. } => import::measures(&db, &text, year(fiscal_year)?).await,
        Import::Projects { fiscal_year, .. } => import::projects(&db, &text, year(fiscal_year)?).await,
        Import::ReportFrame { fiscal_year, subject, .. } => {
            import::report_frame(&db, &text, year(fiscal_year)?, subject).await
        }
    };
    println!("{} new{}", loaded.map_err(message)?, if is_trial { "; nothing was written" } else { "" });
    Ok(())
}

fn year(number: i32) -> Result<FiscalYear, Vec<String>> {
    FiscalYear::try_from(number).map_err(|error| {
        let hint = FiscalYear::meant_by(number.into()).map(|meant| format!("; {number} is Gregorian, write {meant}"));
        one(format!("--fiscal-year: {error}{}", hint.unwrap_or_default()))
    })
}
