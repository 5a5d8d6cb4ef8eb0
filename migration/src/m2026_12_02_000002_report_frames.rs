//! Frames of reports; where the agency is, and since when its cases are recorded here.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    date_null, integer, json_binary, json_binary_null, pk_uuid, text, text_null, timestamp_with_time_zone,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(frame()).await?;
        let index = "CREATE UNIQUE INDEX report_frame_of_year ON report_frame (fiscal_year, subject)";
        manager.get_connection().execute_unprepared(index).await?;
        for column in [text_null("district"), date_null("recording_began_on")] {
            manager.alter_table(Table::alter().table("agency").add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["recording_began_on", "district"] {
            manager.alter_table(Table::alter().table("agency").drop_column(column).to_owned()).await?;
        }
        manager.drop_table(Table::drop().table("report_frame").to_owned()).await
    }
}

fn frame() -> TableCreateStatement {
    Table::create()
        .table("report_frame")
        .col(pk_uuid("id"))
        .col(integer("fiscal_year"))
        .col(text("subject"))
        .col(json_binary("title"))
        .col(text_null("opening"))
        .col(text_null("closing"))
        .col(json_binary_null("memo"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}
