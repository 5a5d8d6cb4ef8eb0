//! Of which year the data of an item is; since when nothing refers to a link, and when somebody asked for its check.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let years = Table::alter().table("ita_item").add_column(integer("years_before").default(0)).to_owned();
        manager.alter_table(years).await?;
        for time in ["unused_since", "asked_at"] {
            let column = timestamp_with_time_zone_null(time);
            manager.alter_table(Table::alter().table("link").add_column(column).to_owned()).await?;
        }
        // As an import does.
        let stated = "UPDATE ita_item SET years_before = 1 \
             WHERE CAST(conditions AS text) LIKE '%รายงานผลของปี พ.ศ. ' || (fiscal_year - 1) || '%' \
             AND (subject IS NULL OR subject NOT LIKE 'integrity_measures%')";
        manager.get_connection().execute_unprepared(stated).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [("ita_item", "years_before"), ("link", "unused_since"), ("link", "asked_at")] {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
