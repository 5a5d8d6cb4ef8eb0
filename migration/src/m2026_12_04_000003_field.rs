//! What the crews in the field look for: ends of telephone numbers, places around a point, and photos of before and after.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{binary, pk_uuid, text_null, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Their numbers are hashed once the service runs, which has the keys that the numbers are sealed under.
const UNINDEXED: &str =
    "INSERT INTO unindexed_case (case_id) SELECT id FROM service_request WHERE destroyed_on IS NULL";

const INDEXES: &[(&str, &str)] = &[
    ("case_phone_by_hash", "case_phone (hash)"),
    ("service_request_by_place", "service_request (latitude, longitude) WHERE latitude IS NOT NULL"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let phone = Table::create()
            .table("case_phone")
            .col(uuid("case_id"))
            .col(binary("hash"))
            .primary_key(Index::create().col("case_id").col("hash"))
            .to_owned();
        let unindexed = Table::create().table("unindexed_case").col(pk_uuid("case_id")).to_owned();
        for table in [phone, unindexed] {
            manager.create_table(table).await?;
        }
        manager.alter_table(Table::alter().table("case_file").add_column(text_null("taken")).to_owned()).await?;
        let connection = manager.get_connection();
        connection.execute_unprepared(UNINDEXED).await?;
        for (name, columns) in INDEXES {
            connection.execute_unprepared(&format!("CREATE INDEX {name} ON {columns}")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX service_request_by_place").await?;
        manager.alter_table(Table::alter().table("case_file").drop_column("taken").to_owned()).await?;
        for table in ["unindexed_case", "case_phone"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
