//! Rights of accounts: officers for complaints and officers for service requests have roles of their own.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The role of before, and those that take its place, as they stand in the list of an account.
const OFFICER: &str = r#""officer""#;
const OFFICERS: &str = r#""complaint_officer","service_officer""#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(&replaced(manager, OFFICER, OFFICERS)).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for (roles, role) in [
            (r#""complaint_officer","service_officer""#, OFFICER),
            (r#""service_officer","complaint_officer""#, OFFICER),
            (r#""complaint_officer""#, OFFICER),
            (r#""service_officer""#, OFFICER),
        ] {
            connection.execute_unprepared(&replaced(manager, roles, role)).await?;
        }
        Ok(())
    }
}

/// The statement that replaces a part of each account's roles.
fn replaced(manager: &SchemaManager, part: &str, by: &str) -> String {
    match manager.get_database_backend() {
        // The text of jsonb has a space after each comma.
        DbBackend::Postgres => {
            let part = part.replace(',', ", ");
            format!(
                "UPDATE account SET roles = replace(roles::text, '{part}', '{by}')::jsonb WHERE roles::text LIKE '%{part}%'"
            )
        }
        _ => format!("UPDATE account SET roles = replace(roles, '{part}', '{by}') WHERE roles LIKE '%{part}%'"),
    }
}
