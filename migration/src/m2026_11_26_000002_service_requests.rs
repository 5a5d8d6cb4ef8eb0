//! Requests for e-services.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, date, date_null, integer, integer_null, json_binary, pk_uuid, text, text_null, text_uniq,
    timestamp_with_time_zone, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(service_request()).await?;
        for sql in [
            "CREATE INDEX service_request_order ON service_request (received_at, id)",
            "CREATE INDEX service_request_of_service ON service_request (e_service_id, received_at)",
            "CREATE INDEX service_request_of_unit ON service_request (unit_id, received_at)",
            "CREATE INDEX service_request_of_assignee ON service_request (assignee_id)",
            "CREATE INDEX service_request_booked ON service_request (e_service_id, booked_on) WHERE booked_on IS NOT NULL",
            "CREATE INDEX service_request_open ON service_request (due_on) WHERE closed_on IS NULL",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("service_request").to_owned()).await
    }
}

fn service_request() -> TableCreateStatement {
    let refers = |column: &'static str, table: &'static str| {
        ForeignKey::create().from("service_request", column).to(table, "id").to_owned()
    };
    Table::create()
        .table("service_request")
        .col(pk_uuid("id"))
        .col(text_uniq("reference"))
        .col(uuid("e_service_id"))
        .col(integer("form_version"))
        .col(text("channel"))
        .col(text("status"))
        .col(integer("fiscal_year"))
        .col(date("received_on"))
        .col(timestamp_with_time_zone("received_at"))
        .col(uuid("unit_id"))
        .col(uuid_null("assignee_id"))
        .col(integer("working_days"))
        .col(date("clock_from"))
        .col(date("due_on"))
        .col(json_binary("holidays"))
        .col(date_null("closed_on"))
        .col(integer_null("took"))
        .col(integer("reopened"))
        .col(integer_null("rating"))
        .col(integer_null("latitude"))
        .col(integer_null("longitude"))
        .col(date_null("booked_on"))
        .col(text_null("public_note"))
        .col(date_null("destroyed_on"))
        .col(binary("content"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(&mut refers("e_service_id", "e_service"))
        .foreign_key(&mut refers("unit_id", "unit"))
        .foreign_key(&mut refers("assignee_id", "account"))
        .to_owned()
}
