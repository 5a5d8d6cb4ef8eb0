//! Complaints: recusals that a second person has yet to confirm, and reporters' wishes to withdraw.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date_null, json_binary_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [json_binary_null("recusal_proposal"), date_null("withdrawal_requested_on")] {
            manager.alter_table(Table::alter().table("complaint").add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["withdrawal_requested_on", "recusal_proposal"] {
            manager.alter_table(Table::alter().table("complaint").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
