//! The audit log as a Merkle tree (RFC 6962). The events of before, which no release had, are in no tree and are dropped.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, binary, binary_null, integer, text, timestamp_with_time_zone, uuid_null};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What is only ever added to.
const APPEND_ONLY: [&str; 3] = ["audit_event", "audit_node", "audit_checkpoint"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("audit_event").to_owned()).await?;
        for table in [audit_event(), audit_detail(), audit_node(), audit_head(), audit_checkpoint()] {
            manager.create_table(table).await?;
        }
        for sql in [
            "INSERT INTO audit_head (id, size, subtrees) VALUES (1, 0, '')",
            "CREATE INDEX audit_event_of_record ON audit_event (record_id)",
            "CREATE INDEX audit_event_of_actor ON audit_event (actor)",
            "CREATE INDEX audit_event_by_hour ON audit_event (hour)",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        for table in APPEND_ONLY {
            refuse_change(manager, table).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Custom("the audit log is not taken back".to_owned()))
    }
}

fn audit_event() -> TableCreateStatement {
    Table::create()
        .table("audit_event")
        .col(big_integer("seq").primary_key())
        .col(timestamp_with_time_zone("hour"))
        .col(text("action"))
        .col(text("resource"))
        .col(uuid_null("record_id"))
        .col(text("role"))
        .col(text("actor"))
        .col(binary_null("commitment"))
        .col(binary("hash"))
        .to_owned()
}

fn audit_detail() -> TableCreateStatement {
    Table::create()
        .table("audit_detail")
        .col(big_integer("seq").primary_key())
        .col(binary("salt"))
        .col(text("text"))
        .foreign_key(ForeignKey::create().from("audit_detail", "seq").to("audit_event", "seq"))
        .to_owned()
}

fn audit_node() -> TableCreateStatement {
    Table::create()
        .table("audit_node")
        .col(integer("level"))
        .col(big_integer("position"))
        .col(binary("hash"))
        .primary_key(Index::create().col("level").col("position"))
        .to_owned()
}

fn audit_head() -> TableCreateStatement {
    Table::create()
        .table("audit_head")
        .col(integer("id").primary_key())
        .col(big_integer("size"))
        .col(binary("subtrees"))
        .to_owned()
}

fn audit_checkpoint() -> TableCreateStatement {
    Table::create()
        .table("audit_checkpoint")
        .col(big_integer("size").primary_key())
        .col(text("note"))
        .col(timestamp_with_time_zone("signed_at"))
        .to_owned()
}

/// Makes a table append-only for every user of the database. PostgreSQL has the function since the foundation.
async fn refuse_change(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let statements = match manager.get_database_backend() {
        DbBackend::Postgres => vec![format!(
            "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
             EXECUTE FUNCTION refuse_change()"
        )],
        _ => ["UPDATE", "DELETE"]
            .map(|change| {
                format!(
                    "CREATE TRIGGER {table}_no_{change} BEFORE {change} ON {table} \
                     BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END"
                )
            })
            .to_vec(),
    };
    for sql in statements {
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}
