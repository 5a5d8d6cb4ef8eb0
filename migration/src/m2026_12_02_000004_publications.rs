//! Posts and who holds them, and reports that are signed and published.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, date_null, integer, json_binary, pk_uuid, text, text_null, text_uniq, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in
            [post(), post_holder(), publication(), publication_content(), publication_step(), publication_file()]
        {
            manager.create_table(table).await?;
        }
        for index in [
            "CREATE INDEX post_holder_of_account ON post_holder (account_id)",
            "CREATE INDEX publication_order ON publication (published_at, id)",
            // The number of a version that was given up is free again.
            "CREATE UNIQUE INDEX publication_number ON publication (fiscal_year, series, number) \
             WHERE status <> 'abandoned'",
            "CREATE UNIQUE INDEX publication_open ON publication (fiscal_year, series) \
             WHERE status IN ('draft', 'in_signing', 'returned')",
            "CREATE UNIQUE INDEX publication_file_format ON publication_file (publication_id, format)",
            // Nobody takes two steps of one round.
            "CREATE UNIQUE INDEX publication_step_person ON publication_step (publication_id, round, account_id)",
            "CREATE INDEX publication_step_of_account ON publication_step (account_id)",
        ] {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in
            ["publication_file", "publication_step", "publication_content", "publication", "post_holder", "post"]
        {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn post() -> TableCreateStatement {
    Table::create()
        .table("post")
        .col(pk_uuid("id"))
        .col(text_uniq("name_th"))
        .col(text_null("name_en"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn post_holder() -> TableCreateStatement {
    Table::create()
        .table("post_holder")
        .col(uuid("post_id"))
        .col(uuid("account_id"))
        .primary_key(Index::create().col("post_id").col("account_id"))
        .foreign_key(
            ForeignKey::create().from("post_holder", "post_id").to("post", "id").on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(ForeignKey::create().from("post_holder", "account_id").to("account", "id"))
        .to_owned()
}

fn publication() -> TableCreateStatement {
    Table::create()
        .table("publication")
        .col(pk_uuid("id"))
        .col(integer("fiscal_year"))
        .col(text("subject"))
        .col(text("series"))
        .col(integer("number"))
        .col(text("status"))
        .col(text("title"))
        .col(date_null("none_from"))
        .col(date_null("none_until"))
        .col(text_null("reason"))
        .col(json_binary("chain"))
        .col(json_binary("missing"))
        .col(text_null("override_reason"))
        .col(integer("round"))
        .col(integer("signatures"))
        .col(json_binary("editors"))
        .col(text("content_sha256"))
        .col(json_binary("files"))
        .col(timestamp_with_time_zone_null("published_at"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn of_publication(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, "publication_id").to("publication", "id").to_owned()
}

fn publication_content() -> TableCreateStatement {
    Table::create()
        .table("publication_content")
        .col(pk_uuid("publication_id"))
        .col(text("report"))
        .foreign_key(&mut of_publication("publication_content"))
        .to_owned()
}

fn publication_step() -> TableCreateStatement {
    Table::create()
        .table("publication_step")
        .col(uuid("publication_id"))
        .col(integer("round"))
        .col(integer("position"))
        .col(text("step"))
        .col(text("post"))
        .col(text_null("acting_for"))
        .col(uuid("account_id"))
        .col(text("outcome"))
        .col(text_null("comment"))
        .col(timestamp_with_time_zone("at"))
        .primary_key(Index::create().col("publication_id").col("round").col("position"))
        .foreign_key(&mut of_publication("publication_step"))
        .foreign_key(ForeignKey::create().from("publication_step", "account_id").to("account", "id"))
        .to_owned()
}

fn publication_file() -> TableCreateStatement {
    Table::create()
        .table("publication_file")
        .col(pk_uuid("id"))
        .col(uuid("publication_id"))
        .col(text("format"))
        .col(binary("bytes"))
        .foreign_key(&mut of_publication("publication_file"))
        .to_owned()
}
