//! Bringing the schema up to date, after a copy of what is there.

use clap::Args;
use prongsai::config::DatabaseArgs;
use sea_orm::DbBackend;

use super::{connect, one};

#[derive(Args)]
pub struct Migrate {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Do not copy a database with data before its schema changes
    #[arg(long)]
    no_copy: bool,
}

pub async fn migrate(command: Migrate) -> Result<(), Vec<String>> {
    let Migrate { database, no_copy } = command;
    let told = |error: sea_orm::DbErr| one(format!("--database-url: {error}"));
    let db = connect(&database).await?;
    if db.backend() == DbBackend::Sqlite && !no_copy && db.is_outdated().await.map_err(told)? {
        let copy = db.copy_beside(&database.database_url).await.map_err(told)?;
        println!("copied to {}", copy.display());
    }
    let applied = db.migrate().await.map_err(told)?;
    println!("{} migrations applied", applied.len());
    Ok(())
}
