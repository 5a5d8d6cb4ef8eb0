//! One name for one thing: columns and values are called as the API calls them.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Table, column, its name from now on.
const COLUMNS: &[(&str, &str, &str)] = &[
    ("measure", "no", "number"),
    ("measure", "period", "period_text"),
    ("measure", "period_from", "starts_on"),
    ("measure", "period_to", "ends_on"),
    ("measure", "withdrawn_reason", "unpublished_reason"),
    ("project", "name", "title"),
    ("project", "withdrawn_reason", "unpublished_reason"),
    ("e_service", "located", "takes_location"),
    ("e_service", "withdrawn_reason", "unpublished_reason"),
    ("holiday", "day", "date"),
    ("complaint", "reopened", "reopen_count"),
    ("service_request", "reopened", "reopen_count"),
];

/// Table, column, value, what it is from now on.
const VALUES: &[(&str, &str, &str, &str)] = &[
    ("measure", "publication", "withdrawn", "unpublished"),
    ("project", "publication", "withdrawn", "unpublished"),
    ("e_service", "publication", "withdrawn", "unpublished"),
    ("service_request", "channel", "online", "web"),
    ("service_request", "status", "submitted", "received"),
    ("case_event", "side", "reporter", "sender"),
    ("case_file", "side", "reporter", "sender"),
];

/// Columns of JSON in which the channel of a service request is counted.
const COUNTED: &[(&str, &str)] = &[("case_tally", "tally"), ("case_tally", "before"), ("case_state", "counted")];

/// An unpublished measure gives its number back.
async fn reindex(manager: &SchemaManager<'_>, name: &str, number: &str, given_back: &str) -> Result<(), DbErr> {
    let sql =
        format!("CREATE UNIQUE INDEX {name} ON measure (fiscal_year, {number}) WHERE publication <> '{given_back}'");
    manager.get_connection().execute_unprepared(&sql).await.map(drop)
}

async fn rename(manager: &SchemaManager<'_>, table: &str, from: &str, to: &str) -> Result<(), DbErr> {
    let from = Alias::new(from);
    manager.alter_table(Table::alter().table(Alias::new(table)).rename_column(from, Alias::new(to)).to_owned()).await
}

async fn replace(manager: &SchemaManager<'_>, table: &str, column: &str, from: &str, to: &str) -> Result<(), DbErr> {
    let sql = format!("UPDATE {table} SET {column} = '{to}' WHERE {column} = '{from}'");
    manager.get_connection().execute_unprepared(&sql).await.map(drop)
}

/// The timelines of service requests. Complaints were always received.
async fn relabel(manager: &SchemaManager<'_>, from: &str, to: &str) -> Result<(), DbErr> {
    let sql = format!(
        "UPDATE case_event SET status = '{to}' \
         WHERE status = '{from}' AND case_id IN (SELECT id FROM service_request)"
    );
    manager.get_connection().execute_unprepared(&sql).await.map(drop)
}

async fn recount(manager: &SchemaManager<'_>, from: &str, to: &str) -> Result<(), DbErr> {
    for (table, column) in COUNTED {
        let sql = format!(
            "UPDATE {table} SET {column} = REPLACE({column}, '\"{from}\"', '\"{to}\"') \
             WHERE subject LIKE 'service-requests/%' AND {column} LIKE '%\"{from}\"%'"
        );
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX measure_no").await?;
        for (table, from, to) in COLUMNS {
            rename(manager, table, from, to).await?;
        }
        for (table, column, from, to) in VALUES {
            replace(manager, table, column, from, to).await?;
        }
        reindex(manager, "measure_number", "number", "unpublished").await?;
        relabel(manager, "submitted", "received").await?;
        recount(manager, "online", "web").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        recount(manager, "web", "online").await?;
        relabel(manager, "received", "submitted").await?;
        manager.get_connection().execute_unprepared("DROP INDEX measure_number").await?;
        for (table, column, from, to) in VALUES {
            replace(manager, table, column, to, from).await?;
        }
        for (table, from, to) in COLUMNS {
            rename(manager, table, to, from).await?;
        }
        reindex(manager, "measure_no", "no", "withdrawn").await
    }
}
