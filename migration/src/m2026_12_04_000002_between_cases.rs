//! What cases have to do with each other: of which one a case is a duplicate; and to which authority it was referred.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json_binary_null, uuid_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

const CASES: [&str; 2] = ["complaint", "service_request"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in CASES {
            for column in [uuid_null("duplicate_of"), json_binary_null("referral")] {
                manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
            }
            let sql = format!("CREATE INDEX {table}_duplicate_of ON {table} (duplicate_of)");
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in CASES {
            let connection = manager.get_connection();
            connection.execute_unprepared(&format!("DROP INDEX {table}_duplicate_of")).await?;
            for column in ["referral", "duplicate_of"] {
                manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
            }
        }
        Ok(())
    }
}
