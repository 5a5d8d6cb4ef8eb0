//! Units that do not exist any more are kept, since whether one could be deleted would tell whether a complaint refers to it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::boolean;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let active = boolean("active").default(true).to_owned();
        manager.alter_table(Table::alter().table("unit").add_column(active).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("unit").drop_column("active").to_owned()).await
    }
}
