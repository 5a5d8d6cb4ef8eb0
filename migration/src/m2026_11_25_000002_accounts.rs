//! Accounts, clients, and what they prove themselves with.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, binary, binary_null, boolean, integer, json_binary, pk_uuid, text, text_null, text_uniq,
    timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            account(),
            credential(),
            client(),
            client_secret(),
            subject_unit(),
            session(),
            refresh_token(),
            login_attempt(),
        ];
        for table in tables {
            manager.create_table(table).await?;
        }
        for sql in [
            "CREATE INDEX client_secret_of_client ON client_secret (client_id)",
            "CREATE INDEX subject_unit_of_unit ON subject_unit (unit_id)",
            "CREATE INDEX session_of_account ON session (account_id)",
            "CREATE INDEX session_end ON session (expires_at)",
            "CREATE INDEX refresh_token_of_session ON refresh_token (session_id)",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "login_attempt",
            "refresh_token",
            "session",
            "subject_unit",
            "client_secret",
            "client",
            "credential",
            "account",
        ] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn account() -> TableCreateStatement {
    Table::create()
        .table("account")
        .col(pk_uuid("id"))
        .col(text_uniq("login"))
        .col(text("name"))
        .col(json_binary("roles"))
        .col(boolean("active"))
        .col(integer("stamp"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn credential() -> TableCreateStatement {
    Table::create()
        .table("credential")
        .col(pk_uuid("account_id"))
        .col(text_null("password"))
        .col(binary_null("second_factor"))
        .col(boolean("confirmed"))
        .col(big_integer("last_step"))
        .col(json_binary("recovery_codes"))
        .foreign_key(ForeignKey::create().from("credential", "account_id").to("account", "id"))
        .to_owned()
}

fn client() -> TableCreateStatement {
    Table::create()
        .table("client")
        .col(pk_uuid("id"))
        .col(text("name"))
        .col(json_binary("scopes"))
        .col(boolean("active"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .col(integer("stamp"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn client_secret() -> TableCreateStatement {
    Table::create()
        .table("client_secret")
        .col(pk_uuid("id"))
        .col(uuid("client_id"))
        .col(binary("hash"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .col(timestamp_with_time_zone_null("last_used_at"))
        .foreign_key(ForeignKey::create().from("client_secret", "client_id").to("client", "id"))
        .to_owned()
}

fn subject_unit() -> TableCreateStatement {
    Table::create()
        .table("subject_unit")
        .col(uuid("subject_id"))
        .col(uuid("unit_id"))
        .primary_key(Index::create().col("subject_id").col("unit_id"))
        .foreign_key(ForeignKey::create().from("subject_unit", "unit_id").to("unit", "id"))
        .to_owned()
}

fn session() -> TableCreateStatement {
    Table::create()
        .table("session")
        .col(pk_uuid("id"))
        .col(uuid("account_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .foreign_key(ForeignKey::create().from("session", "account_id").to("account", "id"))
        .to_owned()
}

fn refresh_token() -> TableCreateStatement {
    Table::create()
        .table("refresh_token")
        .col(binary("hash").primary_key())
        .col(uuid("session_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("used_at"))
        .foreign_key(
            ForeignKey::create()
                .from("refresh_token", "session_id")
                .to("session", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn login_attempt() -> TableCreateStatement {
    Table::create()
        .table("login_attempt")
        .col(binary("subject").primary_key())
        .col(integer("failures"))
        .col(timestamp_with_time_zone("last_at"))
        .to_owned()
}
