//! Rights of accounts and clients: officers for complaints and officers for service requests have roles of their own, and who works for
//! all units says so. What no admin does alone to an account waits for another admin's approval.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, integer, json_binary, pk_uuid, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The role of before, and those that take its place, as they stand in the list of an account.
const OFFICER: &str = r#""officer""#;
const OFFICERS: &str = r#""complaint_officer","service_officer""#;

/// The roles and scopes that depend on units.
const ROLES: &[&str] = &["editor", "complaint_officer", "service_officer"];
const SCOPES: &[&str] = &[
    "measures:read",
    "measures:write",
    "projects:read",
    "projects:write",
    "e-services:write",
    "service-requests:handle",
    "complaints:handle",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared(&replaced(manager, OFFICER, OFFICERS)).await?;
        for (table, column, names) in [("account", "roles", ROLES), ("client", "scopes", SCOPES)] {
            let depends: Vec<_> =
                names.iter().map(|name| format!("CAST({column} AS TEXT) LIKE '%\"{name}\"%'")).collect();
            let depends = depends.join(" OR ");
            for sql in [
                format!("ALTER TABLE {table} ADD COLUMN all_units boolean NOT NULL DEFAULT FALSE"),
                // No unit meant all of them.
                format!(
                    "UPDATE {table} SET all_units = TRUE \
                     WHERE ({depends}) AND id NOT IN (SELECT subject_id FROM subject_unit)"
                ),
                // Units of whoever has no right that depends on them.
                format!("DELETE FROM subject_unit WHERE subject_id IN (SELECT id FROM {table} WHERE NOT ({depends}))"),
            ] {
                connection.execute_unprepared(&sql).await?;
            }
        }
        manager.create_table(user_approval()).await?;
        connection
            .execute_unprepared("CREATE INDEX user_approval_of_account ON user_approval (account_id)")
            .await
            .map(drop)
    }

    /// Whoever works for no unit would work for all of them, and is disabled instead.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("user_approval").to_owned()).await?;
        let connection = manager.get_connection();
        for table in ["account", "client"] {
            let disabled = format!(
                "UPDATE {table} SET active = FALSE \
                 WHERE NOT all_units AND id NOT IN (SELECT subject_id FROM subject_unit)"
            );
            connection.execute_unprepared(&disabled).await?;
            connection.execute_unprepared(&format!("ALTER TABLE {table} DROP COLUMN all_units")).await?;
        }
        for (roles, role) in [
            (OFFICERS, OFFICER),
            (r#""service_officer","complaint_officer""#, OFFICER),
            (r#""complaint_officer""#, OFFICER),
            (r#""service_officer""#, OFFICER),
        ] {
            connection.execute_unprepared(&replaced(manager, roles, role)).await?;
        }
        Ok(())
    }
}

fn user_approval() -> TableCreateStatement {
    Table::create()
        .table("user_approval")
        .col(pk_uuid("id"))
        .col(uuid("account_id"))
        .col(text("operation"))
        .col(json_binary("roles"))
        .col(boolean("all_units"))
        .col(json_binary("units"))
        .col(uuid("requested_by"))
        .col(timestamp_with_time_zone("requested_at"))
        .col(text("status"))
        .col(uuid_null("decided_by"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("used_at"))
        .col(integer("version"))
        .foreign_key(ForeignKey::create().from("user_approval", "account_id").to("account", "id"))
        .to_owned()
}

/// The statement that replaces a part of each account's roles.
fn replaced(manager: &SchemaManager, part: &str, by: &str) -> String {
    match manager.get_database_backend() {
        // The text of jsonb has a space after each comma.
        DbBackend::Postgres => {
            let part = part.replace(',', ", ");
            format!(
                "UPDATE account SET roles = replace(roles::text, '{part}', '{by}')::jsonb \
                 WHERE roles::text LIKE '%{part}%'"
            )
        }
        _ => format!("UPDATE account SET roles = replace(roles, '{part}', '{by}') WHERE roles LIKE '%{part}%'"),
    }
}
