//! The ITA's items by year, the agency's answers to them, and the years themselves.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean_null, date, integer, integer_null, json_binary, pk_uuid, text, text_null, timestamp_with_time_zone,
    uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [year(), item(), disclosure()] {
            manager.create_table(table).await?;
        }
        for index in [
            "CREATE UNIQUE INDEX ita_item_number ON ita_item (fiscal_year, number)",
            "CREATE UNIQUE INDEX ita_item_subject ON ita_item (fiscal_year, subject)",
            "CREATE INDEX ita_disclosure_of_unit ON ita_disclosure (unit_id)",
            // An answer is carried into the next year once.
            "CREATE UNIQUE INDEX ita_disclosure_carried_from ON ita_disclosure (carried_from)",
        ] {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["ita_disclosure", "ita_item", "ita_year"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn year() -> TableCreateStatement {
    Table::create()
        .table("ita_year")
        .col(pk_uuid("id"))
        .col(integer("fiscal_year").unique_key())
        .col(date("due_on"))
        .col(text_null("result"))
        .col(integer_null("score"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn item() -> TableCreateStatement {
    Table::create()
        .table("ita_item")
        .col(pk_uuid("id"))
        .col(integer("fiscal_year"))
        .col(integer("number"))
        .col(text_null("subject"))
        .col(text("indicator"))
        .col(text("sub_indicator"))
        .col(text("title"))
        .col(json_binary("conditions"))
        .col(json_binary("required_parts"))
        .col(text("confidence"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(ForeignKey::create().from("ita_item", "fiscal_year").to("ita_year", "fiscal_year"))
        .to_owned()
}

fn disclosure() -> TableCreateStatement {
    Table::create()
        .table("ita_disclosure")
        .col(pk_uuid("id"))
        .col(text("state"))
        .col(boolean_null("disclosed"))
        .col(json_binary("links"))
        .col(text_null("explanation"))
        .col(json_binary("parts"))
        .col(uuid_null("unit_id"))
        .col(text_null("notes"))
        .col(uuid_null("carried_from"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(
            ForeignKey::create().from("ita_disclosure", "id").to("ita_item", "id").on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(ForeignKey::create().from("ita_disclosure", "unit_id").to("unit", "id"))
        .foreign_key(ForeignKey::create().from("ita_disclosure", "carried_from").to("ita_item", "id"))
        .to_owned()
}
