//! Agency, units, measures and projects, and the tables behind every write: revisions, idempotency keys, audit events.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, date_null, integer, json_binary, pk_auto, pk_uuid, small_integer_null,
    text, text_null, text_uniq, timestamp_with_time_zone, uuid, uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in
            [agency(), unit(), measure(), measure_unit(), project(), revision(), idempotency_key(), audit_event()]
        {
            manager.create_table(table).await?;
        }
        for sql in [
            // A withdrawn measure gives its number back.
            "CREATE UNIQUE INDEX measure_no ON measure (fiscal_year, no) WHERE publication <> 'withdrawn'",
            "CREATE INDEX measure_successor ON measure (predecessor_id)",
            "CREATE INDEX measure_order ON measure (fiscal_year, no, id)",
            "CREATE INDEX measure_unit_of_unit ON measure_unit (unit_id)",
            "CREATE INDEX project_order ON project (fiscal_year, id)",
            "CREATE INDEX idempotency_key_age ON idempotency_key (created_at)",
            "INSERT INTO agency (id, name_th, name_en, version, updated_at) \
             VALUES (1, 'เทศบาล', 'Municipality', 1, '2026-11-23T00:00:00+00:00')",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        refuse_change(manager, "audit_event").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in
            ["audit_event", "idempotency_key", "revision", "project", "measure_unit", "measure", "unit", "agency"]
        {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared("DROP FUNCTION refuse_change").await?;
        }
        Ok(())
    }
}

fn agency() -> TableCreateStatement {
    Table::create()
        .table("agency")
        .col(integer("id").primary_key())
        .col(text("name_th"))
        .col(text_null("name_en"))
        .col(text_null("province"))
        .col(text_null("address"))
        .col(text_null("phone"))
        .col(text_null("email"))
        .col(text_null("website"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn unit() -> TableCreateStatement {
    Table::create()
        .table("unit")
        .col(pk_uuid("id"))
        .col(text_uniq("code"))
        .col(uuid_null("parent_id"))
        .col(text("name_th"))
        .col(text_null("name_en"))
        .col(text_null("short_name"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(ForeignKey::create().from("unit", "parent_id").to("unit", "id"))
        .to_owned()
}

fn measure() -> TableCreateStatement {
    Table::create()
        .table("measure")
        .col(pk_uuid("id"))
        .col(integer("fiscal_year"))
        .col(integer("no"))
        .col(text("title"))
        .col(boolean("all_units"))
        .col(json_binary("methods"))
        .col(text("period"))
        .col(date_null("period_from"))
        .col(date_null("period_to"))
        .col(json_binary("results"))
        .col(json_binary("outcomes"))
        .col(json_binary("evidence"))
        .col(text("status"))
        .col(small_integer_null("topic"))
        .col(uuid_null("predecessor_id"))
        .col(text("publication"))
        .col(text_null("withdrawn_reason"))
        .col(text("search"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(ForeignKey::create().from("measure", "predecessor_id").to("measure", "id"))
        .to_owned()
}

fn measure_unit() -> TableCreateStatement {
    Table::create()
        .table("measure_unit")
        .col(uuid("measure_id"))
        .col(uuid("unit_id"))
        .col(integer("position"))
        .primary_key(Index::create().col("measure_id").col("unit_id"))
        .foreign_key(
            ForeignKey::create()
                .from("measure_unit", "measure_id")
                .to("measure", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(ForeignKey::create().from("measure_unit", "unit_id").to("unit", "id"))
        .to_owned()
}

fn project() -> TableCreateStatement {
    Table::create()
        .table("project")
        .col(pk_uuid("id"))
        .col(integer("fiscal_year"))
        .col(text("name"))
        .col(uuid_null("measure_id"))
        .col(uuid_null("unit_id"))
        .col(boolean("no_budget_used"))
        .col(big_integer_null("budget_allocated"))
        .col(big_integer_null("budget_spent"))
        .col(date_null("starts_on"))
        .col(date_null("ends_on"))
        .col(text_null("result"))
        .col(text_null("problems"))
        .col(text_null("recommendations"))
        .col(text("status"))
        .col(text("publication"))
        .col(text_null("withdrawn_reason"))
        .col(text("search"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(ForeignKey::create().from("project", "measure_id").to("measure", "id"))
        .foreign_key(ForeignKey::create().from("project", "unit_id").to("unit", "id"))
        .to_owned()
}

fn revision() -> TableCreateStatement {
    Table::create()
        .table("revision")
        .col(text("resource").primary_key())
        .col(big_integer("number"))
        .col(timestamp_with_time_zone("changed_at"))
        .to_owned()
}

fn idempotency_key() -> TableCreateStatement {
    Table::create()
        .table("idempotency_key")
        .col(text("actor"))
        .col(text("key"))
        .col(ColumnDef::new("fingerprint").binary().not_null())
        .col(integer("status"))
        .col(text_null("location"))
        .col(text_null("etag"))
        .col(text("body"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("actor").col("key"))
        .to_owned()
}

fn audit_event() -> TableCreateStatement {
    Table::create()
        .table("audit_event")
        .col(pk_auto("seq").big_integer())
        .col(timestamp_with_time_zone("at"))
        .col(text("actor"))
        .col(text("action"))
        .col(text("resource"))
        .col(uuid_null("record_id"))
        .to_owned()
}

/// Makes a table append-only for every user of the database.
async fn refuse_change(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let statements = match manager.get_database_backend() {
        DbBackend::Postgres => vec![
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME; END $$"
                .to_owned(),
            format!(
                "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
                 EXECUTE FUNCTION refuse_change()"
            ),
        ],
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
