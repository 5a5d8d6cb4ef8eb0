//! Files that are sent with cases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, boolean, integer, pk_uuid, text, text_null, text_uniq, timestamp_with_time_zone, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("case_file")
            .col(pk_uuid("id"))
            .col(uuid("case_id"))
            .col(timestamp_with_time_zone("at"))
            .col(text("side"))
            .col(text_null("actor"))
            .col(boolean("public"))
            .col(text("media_type"))
            .col(integer("size"))
            .col(binary("label"))
            .col(text_uniq("object"))
            .to_owned();
        manager.create_table(table).await?;
        manager
            .get_connection()
            .execute_unprepared("CREATE INDEX case_file_order ON case_file (case_id, id)")
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("case_file").to_owned()).await
    }
}
