//! E-services and their forms.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer_null, boolean, integer, integer_null, json_binary, pk_uuid, text, text_null, text_uniq,
    timestamp_with_time_zone, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [e_service(), e_service_form()] {
            manager.create_table(table).await?;
        }
        for sql in [
            "CREATE INDEX e_service_of_unit ON e_service (unit_id)",
            "CREATE UNIQUE INDEX e_service_form_version ON e_service_form (e_service_id, version)",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["e_service_form", "e_service"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn e_service() -> TableCreateStatement {
    Table::create()
        .table("e_service")
        .col(pk_uuid("id"))
        .col(text_uniq("code"))
        .col(text("name_th"))
        .col(text_null("name_en"))
        .col(uuid("unit_id"))
        .col(text_null("legal_basis"))
        .col(json_binary("papers"))
        .col(json_binary("steps"))
        .col(big_integer_null("fee"))
        .col(integer("working_days"))
        .col(integer_null("capacity"))
        .col(text_null("channel_url"))
        .col(boolean("located"))
        .col(boolean("open311"))
        .col(integer("form_version"))
        .col(text("publication"))
        .col(text_null("withdrawn_reason"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(ForeignKey::create().from("e_service", "unit_id").to("unit", "id"))
        .to_owned()
}

fn e_service_form() -> TableCreateStatement {
    Table::create()
        .table("e_service_form")
        .col(pk_uuid("id"))
        .col(uuid("e_service_id"))
        .col(integer("version"))
        .col(text("schema"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(ForeignKey::create().from("e_service_form", "e_service_id").to("e_service", "id"))
        .to_owned()
}
