//! The status of a service request to which it goes back after a wait.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = Table::alter().table("service_request").add_column(text_null("status_before")).to_owned();
        manager.alter_table(column).await?;
        // What waits was to be in progress after it.
        let sql = "UPDATE service_request SET status_before = 'in_progress' WHERE status IN ('awaiting_applicant', 'paused')";
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("service_request").drop_column("status_before").to_owned()).await
    }
}
