//! What a case goes back to after a wait: the status of a service request, and the due day of a complaint. The number of the letter that
//! approves a destruction.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date_null, text_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: [(&str, &str); 2] = [("service_request", "status_before"), ("retention_listing", "document_number")];

const DUE: &str = "conclusion_due_before";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in COLUMNS {
            manager.alter_table(Table::alter().table(table).add_column(text_null(column)).to_owned()).await?;
        }
        manager.alter_table(Table::alter().table("complaint").add_column(date_null(DUE)).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in COLUMNS {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        manager.alter_table(Table::alter().table("complaint").drop_column(DUE).to_owned()).await
    }
}
