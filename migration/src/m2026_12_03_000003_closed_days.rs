//! Days that are closed for bookings.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date, pk_uuid, text, timestamp_with_time_zone, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(closed_day()).await?;
        let once = "CREATE UNIQUE INDEX closed_day_once ON closed_day (e_service_id, date, part)";
        manager.get_connection().execute_unprepared(once).await?;
        let order = "CREATE INDEX closed_day_order ON closed_day (date, id)";
        manager.get_connection().execute_unprepared(order).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("closed_day").to_owned()).await
    }
}

fn closed_day() -> TableCreateStatement {
    Table::create()
        .table("closed_day")
        .col(pk_uuid("id"))
        .col(uuid("e_service_id"))
        .col(date("date"))
        .col(text("part"))
        .col(text("reason"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(ForeignKey::create().from("closed_day", "e_service_id").to("e_service", "id"))
        .to_owned()
}
