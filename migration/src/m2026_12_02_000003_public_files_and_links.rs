//! Public files, evidence of projects, and links with what was found behind them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer_null, integer, integer_null, json_binary, pk_uuid, text, text_null, text_uniq,
    timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [public_file(), link(), link_use()] {
            manager.create_table(table).await?;
        }
        let evidence = json_binary("evidence").default("[]").take();
        let project = Table::alter().table("project").add_column(evidence).to_owned();
        manager.alter_table(project).await?;
        for index in [
            "CREATE INDEX public_file_order ON public_file (created_at, id)",
            "CREATE INDEX link_due ON link (next_check_at)",
            "CREATE INDEX link_use_of_year ON link_use (fiscal_year)",
        ] {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let project = Table::alter().table("project").drop_column("evidence").to_owned();
        manager.alter_table(project).await?;
        for table in ["link_use", "link", "public_file"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn public_file() -> TableCreateStatement {
    Table::create()
        .table("public_file")
        .col(pk_uuid("id"))
        .col(text("title"))
        .col(text("file_name"))
        .col(text("media_type"))
        .col(integer("size"))
        .col(text("sha256"))
        .col(text("url"))
        .col(text_uniq("object"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn link() -> TableCreateStatement {
    Table::create()
        .table("link")
        .col(pk_uuid("id"))
        .col(text("url"))
        .col(text_uniq("url_sha256"))
        .col(text("state"))
        .col(text_null("reason_th"))
        .col(text_null("reason_en"))
        .col(integer_null("http_status"))
        .col(text_null("media_type"))
        .col(big_integer_null("size"))
        .col(text_null("sha256"))
        .col(text_null("declared_sha256"))
        .col(timestamp_with_time_zone("first_seen_at"))
        .col(timestamp_with_time_zone_null("checked_at"))
        .col(timestamp_with_time_zone_null("last_good_at"))
        .col(timestamp_with_time_zone_null("changed_at"))
        .col(integer("failures"))
        .col(timestamp_with_time_zone("next_check_at"))
        .col(integer("version"))
        .to_owned()
}

fn link_use() -> TableCreateStatement {
    Table::create()
        .table("link_use")
        .col(uuid("link_id"))
        .col(text("resource"))
        .col(text("record"))
        .col(text("title"))
        .col(integer_null("fiscal_year"))
        .primary_key(Index::create().col("link_id").col("resource").col("record"))
        .foreign_key(
            ForeignKey::create().from("link_use", "link_id").to("link", "id").on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}
