//! Complaints that become service requests, and the other way round: which case goes on with which, and receipts that open both.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{binary, uuid, uuid_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

const CASES: [&str; 2] = ["complaint", "service_request"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for table in CASES {
            manager.alter_table(Table::alter().table(table).add_column(uuid_null("continues")).to_owned()).await?;
            // One case goes on with another at most once.
            let sql = format!("CREATE UNIQUE INDEX {table}_continues ON {table} (continues)");
            connection.execute_unprepared(&sql).await?;
        }
        replace_receipts(manager, Index::create().primary().col("hash").col("case_id"), "").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The receipt of a case that was converted opens the first one again.
        let first = "WHERE NOT EXISTS (SELECT 1 FROM receipt AS other WHERE other.hash = receipt.hash AND other.case_id < receipt.case_id)";
        replace_receipts(manager, Index::create().primary().col("hash"), first).await?;
        for table in CASES {
            manager.get_connection().execute_unprepared(&format!("DROP INDEX {table}_continues")).await?;
            manager.alter_table(Table::alter().table(table).drop_column("continues").to_owned()).await?;
        }
        Ok(())
    }
}

/// SQLite cannot change the primary key of a table.
async fn replace_receipts(
    manager: &SchemaManager<'_>,
    key: &mut IndexCreateStatement,
    kept: &str,
) -> Result<(), DbErr> {
    let table =
        Table::create().table("new_receipt").col(binary("hash")).col(uuid("case_id")).primary_key(key).to_owned();
    manager.create_table(table).await?;
    let connection = manager.get_connection();
    for sql in [
        &*format!("INSERT INTO new_receipt (hash, case_id) SELECT hash, case_id FROM receipt {kept}"),
        "DROP TABLE receipt",
        "ALTER TABLE new_receipt RENAME TO receipt",
        "CREATE INDEX receipt_of_case ON receipt (case_id)",
    ] {
        connection.execute_unprepared(sql).await?;
    }
    Ok(())
}
