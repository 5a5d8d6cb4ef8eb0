//! Responses that are kept for repeated requests: those about a case are made again from the case, of which only the id is kept.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        // Rows from before hold texts of cases. A request of the last day that is sent again would take effect twice without its
        // row, so they stay, and are deleted within a day.
        connection.execute_unprepared("ALTER TABLE idempotency_key ADD COLUMN record_id uuid").await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("ALTER TABLE idempotency_key DROP COLUMN record_id").await.map(drop)
    }
}
