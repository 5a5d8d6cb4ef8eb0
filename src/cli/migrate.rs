//! Bringing the schema up to date, after a copy of what is there.

use std::path::PathBuf;

use clap::Args;

use super::{connect, one};
use prongsai::app::config::DatabaseArgs;
use prongsai::backup::before_migration;

#[derive(Args)]
pub struct Migrate {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Folder for the copy of a database with data, which is made before the migration; by default the folder of the
    /// SQLite file, or data. PostgreSQL needs pg_dump
    #[arg(long, value_name = "FOLDER")]
    copy_to: Option<PathBuf>,
    /// Make no copy, if there is a backup
    #[arg(long, conflicts_with = "copy_to")]
    no_copy: bool,
}

pub async fn migrate(command: Migrate) -> Result<(), Vec<String>> {
    let Migrate { database, copy_to, no_copy } = command;
    let failed = |error: sea_orm::DbErr| one(format!("--database-url: {error}"));
    let db = connect(&database).await?;
    if !no_copy && db.is_outdated().await.map_err(failed)? {
        let copy = before_migration::copy(&db, &database.database_url, copy_to.as_deref()).await;
        let copy =
            copy.map_err(|error| one(format!("the copy before the migration, --copy-to or --no-copy: {error}")))?;
        println!("copied to {}", copy.display());
    }
    let applied = db.migrate(prongsai::app::migrated::changes).await.map_err(failed)?;
    println!("{} migrations applied", applied.len());
    Ok(())
}
