//! What guards against a wrong database and a wrong clock: the identity of the database, the list of what retention will
//! destroy, the objects of destroyed files, and a fast way to the log's events about the clock.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date, integer, pk_uuid, text};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let identity = Table::create()
            .table("database_identity")
            .col(integer("id").primary_key())
            .col(text("identity"))
            .to_owned();
        let listed =
            Table::create().table("retention_listing").col(pk_uuid("case_id")).col(date("listed_on")).to_owned();
        let destroyed = Table::create().table("destroyed_object").col(text("object").primary_key()).to_owned();
        for table in [identity, listed, destroyed] {
            manager.create_table(table).await?;
        }
        let random = match manager.get_database_backend() {
            DbBackend::Postgres => "replace(gen_random_uuid()::text, '-', '')",
            _ => "lower(hex(randomblob(16)))",
        };
        let connection = manager.get_connection();
        connection
            .execute_unprepared(&format!("INSERT INTO database_identity (id, identity) VALUES (1, {random})"))
            .await?;
        connection
            .execute_unprepared("CREATE INDEX audit_event_clock ON audit_event (seq) WHERE resource = 'clock'")
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX audit_event_clock").await?;
        for table in ["destroyed_object", "retention_listing", "database_identity"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
