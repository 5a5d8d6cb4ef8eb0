//! Since when cases are recorded here, for each kind; figures that were reported before; the e-services that carry a measure.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, date_null, integer, json_binary, pk_uuid, text, timestamp_with_time_zone, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

const DAYS: [&str; 3] = ["integrity_recorded_from", "general_recorded_from", "service_requests_recorded_from"];

const BEFORE: &str = "recording_began_on";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in DAYS {
            add(manager, column).await?;
        }
        let [one, two, three] = DAYS;
        let copy = format!("UPDATE agency SET {one} = {BEFORE}, {two} = {BEFORE}, {three} = {BEFORE}");
        manager.get_connection().execute_unprepared(&copy).await?;
        manager.alter_table(Table::alter().table("agency").drop_column(BEFORE).to_owned()).await?;
        let e_services = json_binary("e_services").default("[]").to_owned();
        manager.alter_table(Table::alter().table("measure").add_column(e_services).to_owned()).await?;
        manager.create_table(reported_figure()).await?;
        for index in [
            "CREATE UNIQUE INDEX reported_figure_once ON reported_figure (subject, period)",
            "CREATE INDEX reported_figure_of_service ON reported_figure (e_service_id)",
        ] {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("reported_figure").to_owned()).await?;
        manager.alter_table(Table::alter().table("measure").drop_column("e_services").to_owned()).await?;
        add(manager, BEFORE).await?;
        let [one, two, three] = DAYS;
        // One day stood for all kinds.
        let copy = format!("UPDATE agency SET {BEFORE} = {one} WHERE {one} = {two} AND {one} = {three}");
        manager.get_connection().execute_unprepared(&copy).await?;
        for column in DAYS {
            manager.alter_table(Table::alter().table("agency").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

async fn add(manager: &SchemaManager<'_>, column: &'static str) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table("agency").add_column(date_null(column)).to_owned()).await
}

fn reported_figure() -> TableCreateStatement {
    Table::create()
        .table("reported_figure")
        .col(pk_uuid("id"))
        .col(text("kind"))
        .col(text("subject"))
        .col(uuid_null("e_service_id"))
        .col(integer("fiscal_year"))
        .col(text("period"))
        .col(big_integer("total"))
        .col(big_integer("finished_count"))
        .col(text("source_title"))
        .col(text("source_url"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(ForeignKey::create().from("reported_figure", "e_service_id").to("e_service", "id"))
        .to_owned()
}
