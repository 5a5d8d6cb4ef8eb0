//! Public holidays, a day each.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date_uniq, integer, pk_uuid, text, text_null, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(holiday()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("holiday").to_owned()).await
    }
}

fn holiday() -> TableCreateStatement {
    Table::create()
        .table("holiday")
        .col(pk_uuid("id"))
        .col(date_uniq("day"))
        .col(text("name_th"))
        .col(text_null("name_en"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}
