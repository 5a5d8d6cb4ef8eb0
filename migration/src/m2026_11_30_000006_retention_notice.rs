//! Retention: the list with what auditors read and the day of destruction, what cases were filed or closed as before, and service
//! requests on hold.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, date, json_binary, pk_uuid, text, text_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

const CASES: [&str; 2] = ["complaint", "service_request"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in CASES {
            let formerly = Table::alter().table(table).add_column(json_binary("formerly").default("[]")).to_owned();
            manager.alter_table(formerly).await?;
        }
        let held = Table::alter().table("service_request").add_column(boolean("on_hold").default(false)).to_owned();
        manager.alter_table(held).await?;
        // What was listed before is listed again, and has the whole notice.
        manager.drop_table(Table::drop().table("retention_listing").to_owned()).await?;
        manager.create_table(listing()).await?;
        let order = "CREATE INDEX retention_listing_order ON retention_listing (destroy_on, case_id)";
        manager.get_connection().execute_unprepared(order).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("retention_listing").to_owned()).await?;
        let before =
            Table::create().table("retention_listing").col(pk_uuid("case_id")).col(date("listed_on")).to_owned();
        manager.create_table(before).await?;
        let connection = manager.get_connection();
        connection.execute_unprepared("ALTER TABLE service_request DROP COLUMN on_hold").await?;
        for table in CASES {
            connection.execute_unprepared(&format!("ALTER TABLE {table} DROP COLUMN formerly")).await?;
        }
        Ok(())
    }
}

fn listing() -> TableCreateStatement {
    Table::create()
        .table("retention_listing")
        .col(pk_uuid("case_id"))
        .col(text("reference"))
        .col(text("kind"))
        .col(text_null("e_service"))
        .col(text("outcome"))
        .col(date("closed_on"))
        .col(date("ends_on"))
        .col(date("listed_on"))
        .col(date("destroy_on"))
        .to_owned()
}
