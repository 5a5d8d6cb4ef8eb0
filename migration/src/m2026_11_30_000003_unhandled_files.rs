//! Which files are of cases that the office has done nothing about yet: how much of them there may be is limited.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::boolean;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Those that are there already.
const UNHANDLED: &str = "UPDATE case_file SET unhandled = TRUE WHERE side = 'reporter' AND NOT EXISTS (SELECT 1 FROM case_event \
     WHERE case_event.case_id = case_file.case_id AND case_event.side = 'office')";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = Table::alter().table("case_file").add_column(boolean("unhandled").default(false)).to_owned();
        manager.alter_table(column).await?;
        let connection = manager.get_connection();
        connection.execute_unprepared(UNHANDLED).await?;
        connection
            .execute_unprepared("CREATE INDEX case_file_unhandled ON case_file (size) WHERE unhandled")
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX case_file_unhandled").await?;
        manager.alter_table(Table::alter().table("case_file").drop_column("unhandled").to_owned()).await
    }
}
