//! Devices that have logged in to an account, the steps of the one-time codes that were taken instead of the last one, and the
//! people of the identity provider.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, boolean, date, integer, pk_uuid, text_uniq, timestamp_with_time_zone, uuid, uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(known_device()).await?;
        manager.create_table(provider_subject()).await?;
        let (json, list) = match manager.get_database_backend() {
            DbBackend::Postgres => ("jsonb", "jsonb_build_array(last_step)"),
            _ => ("jsonb_text", "json_array(last_step)"),
        };
        let connection = manager.get_connection();
        for sql in [
            "CREATE INDEX known_device_of_account ON known_device (account_id)".to_owned(),
            "CREATE INDEX provider_subject_of_account ON provider_subject (account_id)".to_owned(),
            format!("ALTER TABLE credential ADD COLUMN used_steps {json} NOT NULL DEFAULT '[]'"),
            format!("UPDATE credential SET used_steps = {list} WHERE last_step > 0"),
            "ALTER TABLE credential DROP COLUMN last_step".to_owned(),
        ] {
            connection.execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let last = match manager.get_database_backend() {
            DbBackend::Postgres => "(SELECT max(step::bigint) FROM jsonb_array_elements_text(used_steps) AS step)",
            _ => "(SELECT max(value) FROM json_each(used_steps))",
        };
        let connection = manager.get_connection();
        for sql in [
            "ALTER TABLE credential ADD COLUMN last_step bigint NOT NULL DEFAULT 0".to_owned(),
            format!("UPDATE credential SET last_step = coalesce({last}, 0)"),
            "ALTER TABLE credential DROP COLUMN used_steps".to_owned(),
        ] {
            connection.execute_unprepared(&sql).await?;
        }
        manager.drop_table(Table::drop().table("provider_subject").to_owned()).await?;
        manager.drop_table(Table::drop().table("known_device").to_owned()).await
    }
}

fn known_device() -> TableCreateStatement {
    Table::create()
        .table("known_device")
        .col(binary("hash").primary_key())
        .col(uuid("account_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .foreign_key(ForeignKey::create().from("known_device", "account_id").to("account", "id"))
        .to_owned()
}

fn provider_subject() -> TableCreateStatement {
    Table::create()
        .table("provider_subject")
        .col(pk_uuid("id"))
        .col(text_uniq("subject"))
        .col(uuid_null("account_id"))
        .col(boolean("active"))
        .col(date("first_seen_on"))
        .col(date("last_seen_on"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(ForeignKey::create().from("provider_subject", "account_id").to("account", "id"))
        .to_owned()
}
