//! Programs that send cases for their visitors: which case is of which program, and which of its messages were taken.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{pk_uuid, text, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sender = Table::create()
            .table("case_sender")
            .col(pk_uuid("case_id"))
            .col(uuid("client_id"))
            .foreign_key(ForeignKey::create().from("case_sender", "client_id").to("client", "id"))
            .to_owned();
        let message = Table::create()
            .table("sent_message")
            .col(uuid("case_id"))
            .col(text("sent_id"))
            .col(uuid("event_id"))
            .primary_key(Index::create().col("case_id").col("sent_id"))
            .to_owned();
        for table in [sender, message] {
            manager.create_table(table).await?;
        }
        for index in [
            "CREATE INDEX case_sender_of_client ON case_sender (client_id)",
            // A program may say no more than its secret.
            "CREATE UNIQUE INDEX client_secret_hash ON client_secret (hash)",
        ] {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX client_secret_hash").await?;
        for table in ["sent_message", "case_sender"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
