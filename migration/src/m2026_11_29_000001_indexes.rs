//! Indexes for foreign keys, for the filters and orders of lists, for retention, for the public feed and for recounts.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Each with its table and columns.
const INDEXES: &[(&str, &str)] = &[
    // Without one, each deletion of what is referred to reads the whole table.
    ("unit_of_parent", "unit (parent_id)"),
    ("project_of_measure", "project (measure_id)"),
    ("project_of_unit", "project (unit_id)"),
    ("complaint_of_accused_unit", "complaint (accused_unit_id)"),
    ("complaint_of_year", "complaint (fiscal_year, received_at, id)"),
    ("complaint_by_day", "complaint (received_on)"),
    ("complaint_by_change", "complaint (updated_at, id)"),
    ("complaint_by_first_answer", "complaint (first_answer_due_on, id)"),
    ("service_request_of_year", "service_request (fiscal_year, received_at, id)"),
    ("service_request_by_day", "service_request (received_on)"),
    ("service_request_by_change", "service_request (updated_at, id)"),
    ("service_request_by_due_day", "service_request (due_on, id)"),
    ("service_request_closed", "service_request (closed_on) WHERE destroyed_on IS NULL"),
    // The feed of what was done.
    ("service_request_ended", "service_request (status, closed_on, id)"),
    ("login_attempt_age", "login_attempt (last_at)"),
    // Instead of one without the id, by which pages of a recount had to be sorted.
    ("case_state_order", "case_state (subject, fiscal_year, from_at, id)"),
];

const BEFORE: &str = "CREATE INDEX case_state_of_year ON case_state (subject, fiscal_year, from_at)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for (name, columns) in INDEXES {
            connection.execute_unprepared(&format!("CREATE INDEX {name} ON {columns}")).await?;
        }
        connection.execute_unprepared("DROP INDEX case_state_of_year").await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared(BEFORE).await?;
        for (name, _) in INDEXES {
            connection.execute_unprepared(&format!("DROP INDEX {name}")).await?;
        }
        Ok(())
    }
}
