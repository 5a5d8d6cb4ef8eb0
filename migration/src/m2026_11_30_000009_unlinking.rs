//! Approvals of what ends the link between a person of the identity provider and an account.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let subject = text_null("subject");
        manager.alter_table(Table::alter().table("user_approval").add_column(subject).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("user_approval").drop_column("subject").to_owned()).await
    }
}
