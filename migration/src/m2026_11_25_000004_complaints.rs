//! Complaints and their categories, what all cases have (receipts, keys, timelines), and idempotency keys that say nothing.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, binary_null, boolean, date, date_null, integer, integer_null, json_binary, pk_uuid, text, text_null,
    text_uniq, timestamp_with_time_zone, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What is remembered for a day may be forgotten once.
        manager.drop_table(Table::drop().table("idempotency_key").to_owned()).await?;
        for table in [
            idempotency_key(),
            complaint_category(),
            complaint(),
            receipt(),
            case_key(),
            case_event(),
            used_challenge(),
        ] {
            manager.create_table(table).await?;
        }
        for sql in [
            "CREATE INDEX idempotency_key_age ON idempotency_key (created_at)",
            "CREATE INDEX complaint_order ON complaint (received_at, id)",
            "CREATE INDEX complaint_of_unit ON complaint (unit_id, received_at)",
            "CREATE INDEX complaint_of_assignee ON complaint (assignee_id)",
            "CREATE INDEX complaint_of_category ON complaint (category_id)",
            "CREATE INDEX complaint_open ON complaint (first_answer_due_on) WHERE closed_on IS NULL",
            "CREATE INDEX complaint_unconcluded ON complaint (conclusion_due_on) WHERE closed_on IS NULL",
            "CREATE INDEX complaint_closed ON complaint (closed_on) WHERE destroyed_on IS NULL",
            "CREATE INDEX used_challenge_end ON used_challenge (expires_at)",
            "CREATE INDEX receipt_of_case ON receipt (case_id)",
            "CREATE UNIQUE INDEX case_event_order ON case_event (case_id, no)",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["used_challenge", "case_event", "case_key", "receipt", "complaint", "complaint_category"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn idempotency_key() -> TableCreateStatement {
    Table::create()
        .table("idempotency_key")
        .col(text("actor"))
        .col(binary("key"))
        .col(binary("fingerprint"))
        .col(integer("status"))
        .col(text_null("location"))
        .col(text_null("etag"))
        .col(binary("body"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("actor").col("key"))
        .to_owned()
}

fn complaint_category() -> TableCreateStatement {
    Table::create()
        .table("complaint_category")
        .col(pk_uuid("id"))
        .col(text_uniq("code"))
        .col(text("kind"))
        .col(text("name_th"))
        .col(text_null("name_en"))
        .col(boolean("active"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn complaint() -> TableCreateStatement {
    let refers = |column: &'static str, table: &'static str| {
        ForeignKey::create().from("complaint", column).to(table, "id").to_owned()
    };
    Table::create()
        .table("complaint")
        .col(pk_uuid("id"))
        .col(text_uniq("reference"))
        .col(text("kind"))
        .col(uuid("category_id"))
        .col(text("channel"))
        .col(text("status"))
        .col(text_null("outcome"))
        .col(integer("fiscal_year"))
        .col(date("received_on"))
        .col(timestamp_with_time_zone("received_at"))
        .col(uuid_null("unit_id"))
        .col(uuid_null("assignee_id"))
        .col(uuid_null("accused_unit_id"))
        .col(json_binary("recused"))
        .col(integer("first_answer_days"))
        .col(date("first_answer_due_on"))
        .col(json_binary("first_answer_holidays"))
        .col(date_null("first_answered_on"))
        .col(integer_null("first_answer_took"))
        .col(integer("conclusion_days"))
        .col(date("clock_from"))
        .col(date_null("waiting_since"))
        .col(integer("waited_days"))
        .col(date_null("conclusion_due_on"))
        .col(json_binary("conclusion_holidays"))
        .col(date_null("closed_on"))
        .col(integer_null("conclusion_took"))
        .col(integer("reopened"))
        .col(boolean("on_hold"))
        .col(date_null("destroyed_on"))
        .col(binary("subject"))
        .col(binary("report"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(&mut refers("category_id", "complaint_category"))
        .foreign_key(&mut refers("unit_id", "unit"))
        .foreign_key(&mut refers("accused_unit_id", "unit"))
        .foreign_key(&mut refers("assignee_id", "account"))
        .to_owned()
}

fn receipt() -> TableCreateStatement {
    Table::create().table("receipt").col(binary("hash").primary_key()).col(uuid("case_id")).to_owned()
}

fn case_key() -> TableCreateStatement {
    Table::create().table("case_key").col(pk_uuid("case_id")).col(text("ring_key")).col(binary("sealed")).to_owned()
}

fn case_event() -> TableCreateStatement {
    Table::create()
        .table("case_event")
        .col(pk_uuid("id"))
        .col(uuid("case_id"))
        .col(integer("no"))
        .col(timestamp_with_time_zone("at"))
        .col(text("action"))
        .col(text("side"))
        .col(text_null("actor"))
        .col(boolean("public"))
        .col(text_null("status"))
        .col(binary_null("text"))
        .to_owned()
}

fn used_challenge() -> TableCreateStatement {
    Table::create()
        .table("used_challenge")
        .col(binary("hash").primary_key())
        .col(timestamp_with_time_zone("expires_at"))
        .to_owned()
}
