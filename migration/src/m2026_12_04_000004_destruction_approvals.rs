//! Who approved that a case is destroyed. What was listed before is not approved.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text_null, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [timestamp_with_time_zone_null("approved_at"), text_null("approved_by")] {
            manager.alter_table(Table::alter().table("retention_listing").add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["approved_by", "approved_at"] {
            manager.alter_table(Table::alter().table("retention_listing").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
