//! Finds what has changed since an event of the audit log: for everyone, and of cases for officers.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        // The conditions of src/changes/store.rs, word for word.
        connection
            .execute_unprepared(
                "CREATE INDEX audit_event_public ON audit_event (seq) WHERE resource NOT IN \
                 ('access', 'complaints', 'identity-requests', 'links', 'sealed-identities', 'service-requests', 'sessions')",
            )
            .await?;
        connection
            .execute_unprepared(
                "CREATE INDEX audit_event_cases ON audit_event (seq) WHERE resource IN ('complaints', 'service-requests') \
                 AND action NOT IN ('export', 'list', 'read', 'read_named', 'search')",
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared("DROP INDEX audit_event_public").await?;
        connection.execute_unprepared("DROP INDEX audit_event_cases").await.map(drop)
    }
}
