//! Counts of cases, by month, and what they were made of at any time.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    date, integer, pk_uuid, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [case_tally(), case_state()] {
            manager.create_table(table).await?;
        }
        for sql in [
            "CREATE UNIQUE INDEX case_state_now ON case_state (case_id) WHERE until_at IS NULL",
            "CREATE INDEX case_state_of_year ON case_state (subject, fiscal_year, from_at)",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["case_state", "case_tally"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn case_tally() -> TableCreateStatement {
    Table::create()
        .table("case_tally")
        .col(text("subject"))
        .col(integer("fiscal_year"))
        .col(integer("month"))
        .col(text("tally"))
        .col(date("day"))
        .col(text("before"))
        .primary_key(Index::create().col("subject").col("fiscal_year").col("month"))
        .to_owned()
}

fn case_state() -> TableCreateStatement {
    Table::create()
        .table("case_state")
        .col(pk_uuid("id"))
        .col(uuid("case_id"))
        .col(text("subject"))
        .col(integer("fiscal_year"))
        .col(integer("month"))
        .col(text("counted"))
        .col(timestamp_with_time_zone("from_at"))
        .col(timestamp_with_time_zone_null("until_at"))
        .to_owned()
}
