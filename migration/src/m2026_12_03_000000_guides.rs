//! Texts that the agency keeps for citizens and officers, which of them the sender of a case was shown, and
//! what a reporter says at the end.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    date_null, integer, integer_null, json_binary, pk_uuid, text, text_null, timestamp_with_time_zone,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(guide()).await?;
        let versions =
            Index::create().name("guide_version").table("guide").col("code").col("version").unique().to_owned();
        manager.create_index(versions).await?;
        for table in ["complaint", "service_request"] {
            let notices = Table::alter().table(table).add_column(json_binary("notices").default("[]")).to_owned();
            manager.alter_table(notices).await?;
        }
        for column in [date_null("reopening_requested_on"), integer_null("rating")] {
            manager.alter_table(Table::alter().table("complaint").add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["complaint", "service_request"] {
            manager.alter_table(Table::alter().table(table).drop_column("notices").to_owned()).await?;
        }
        for column in ["reopening_requested_on", "rating"] {
            manager.alter_table(Table::alter().table("complaint").drop_column(column).to_owned()).await?;
        }
        manager.drop_table(Table::drop().table("guide").to_owned()).await
    }
}

fn guide() -> TableCreateStatement {
    Table::create()
        .table("guide")
        .col(pk_uuid("id"))
        .col(text("code"))
        .col(integer("version"))
        .col(text("occasion"))
        .col(text("title_th"))
        .col(text_null("title_en"))
        .col(text("text_th"))
        .col(text_null("text_en"))
        .col(text_null("law"))
        .col(text_null("law_check"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned()
}
