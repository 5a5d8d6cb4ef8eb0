//! Sealed identities of those who come with their name, and who asked to see them. What was received before is anonymous.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, binary_null, integer, pk_uuid, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
    uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(sealed_identity()).await?;
        manager.create_table(identity_request()).await?;
        for sql in [
            "ALTER TABLE complaint ADD COLUMN anonymous boolean NOT NULL DEFAULT true",
            "CREATE INDEX identity_request_of_case ON identity_request (case_id, id)",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["identity_request", "sealed_identity"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        manager.get_connection().execute_unprepared("ALTER TABLE complaint DROP COLUMN anonymous").await?;
        Ok(())
    }
}

fn sealed_identity() -> TableCreateStatement {
    Table::create()
        .table("sealed_identity")
        .col(pk_uuid("case_id"))
        .col(binary("sealed"))
        .col(timestamp_with_time_zone("sealed_at"))
        .to_owned()
}

fn identity_request() -> TableCreateStatement {
    Table::create()
        .table("identity_request")
        .col(pk_uuid("id"))
        .col(uuid("case_id"))
        .col(text("requested_by"))
        .col(timestamp_with_time_zone("requested_at"))
        .col(binary("reason"))
        .col(text("status"))
        .col(text_null("decided_by"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(binary_null("answer"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .col(timestamp_with_time_zone_null("handed_over_at"))
        .col(integer("version"))
        .to_owned()
}
