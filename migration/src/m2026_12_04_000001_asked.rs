//! Service requests whose applicant is asked for what is missing, and what the law wants told until when; which days are counted
//! until the first answer to a complaint.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date_null, integer, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

const DAYS: [&str; 7] = [
    "waiting_since",
    "answer_due_on",
    "reminder_on",
    "due_before",
    "delay_explained_on",
    "result_due_on",
    "result_told_on",
];

/// Indexes on the due day, which is none while the applicant is waited for.
const DUE: [(&str, &str); 2] = [
    ("service_request_open", "service_request (due_on) WHERE closed_on IS NULL"),
    ("service_request_by_due_day", "service_request (due_on, id)"),
];

const INDEXES: [(&str, &str); 1] =
    [("service_request_result_due", "service_request (result_due_on) WHERE result_due_on IS NOT NULL")];

/// As before, and since when the sender is waited for and was told of a delay. A request that is closed and whose applicant is still to
/// be told the result is work as well, of whoever is there: its officer may have left.
const OPEN_CASES: &str = "CREATE VIEW open_case AS \
    SELECT complaint.id AS id, 'complaint' AS kind, complaint.reference AS reference, complaint.status AS status, \
        complaint.unit_id AS unit_id, complaint.assignee_id AS assignee_id, \
        CAST(complaint.recused AS text) AS recused, complaint.received_at AS received_at, \
        CASE WHEN complaint.first_answered_on IS NULL AND (complaint.conclusion_due_on IS NULL \
            OR complaint.first_answer_due_on <= complaint.conclusion_due_on) \
            THEN 'first_answer' ELSE 'conclusion' END AS promise, \
        CASE WHEN complaint.first_answered_on IS NULL AND (complaint.conclusion_due_on IS NULL \
            OR complaint.first_answer_due_on <= complaint.conclusion_due_on) \
            THEN complaint.first_answer_due_on ELSE complaint.conclusion_due_on END AS due_on, \
        complaint.waiting_since AS waiting_since, CAST(NULL AS date) AS delay_explained_on, CAST(NULL AS date) AS reminder_on, \
        unanswered_case.since AS unanswered_at \
    FROM complaint LEFT JOIN unanswered_case ON unanswered_case.case_id = complaint.id \
    WHERE complaint.closed_on IS NULL \
    UNION ALL \
    SELECT complaint.id, 'complaint', complaint.reference, complaint.status, complaint.unit_id, complaint.assignee_id, \
        CAST(complaint.recused AS text), complaint.received_at, 'reopening', NULL, NULL, NULL, NULL, unanswered_case.since \
    FROM complaint LEFT JOIN unanswered_case ON unanswered_case.case_id = complaint.id \
    WHERE complaint.reopening_requested_on IS NOT NULL \
    UNION ALL \
    SELECT service_request.id, 'service_request', service_request.reference, service_request.status, \
        service_request.unit_id, service_request.assignee_id, '[]', service_request.received_at, \
        'completion', service_request.due_on, service_request.waiting_since, service_request.delay_explained_on, \
        service_request.reminder_on, unanswered_case.since \
    FROM service_request LEFT JOIN unanswered_case ON unanswered_case.case_id = service_request.id \
    WHERE service_request.closed_on IS NULL \
    UNION ALL \
    SELECT service_request.id, 'service_request', service_request.reference, service_request.status, \
        service_request.unit_id, NULL, '[]', service_request.received_at, \
        'result', service_request.result_due_on, NULL, NULL, NULL, unanswered_case.since \
    FROM service_request LEFT JOIN unanswered_case ON unanswered_case.case_id = service_request.id \
    WHERE service_request.result_due_on IS NOT NULL";

/// The view before.
const OPEN_CASES_BEFORE: &str = "CREATE VIEW open_case AS \
    SELECT complaint.id AS id, 'complaint' AS kind, complaint.reference AS reference, complaint.status AS status, \
        complaint.unit_id AS unit_id, complaint.assignee_id AS assignee_id, \
        CAST(complaint.recused AS text) AS recused, complaint.received_at AS received_at, \
        CASE WHEN complaint.first_answered_on IS NULL AND (complaint.conclusion_due_on IS NULL \
            OR complaint.first_answer_due_on <= complaint.conclusion_due_on) \
            THEN 'first_answer' ELSE 'conclusion' END AS promise, \
        CASE WHEN complaint.first_answered_on IS NULL AND (complaint.conclusion_due_on IS NULL \
            OR complaint.first_answer_due_on <= complaint.conclusion_due_on) \
            THEN complaint.first_answer_due_on ELSE complaint.conclusion_due_on END AS due_on, \
        unanswered_case.since AS unanswered_at \
    FROM complaint LEFT JOIN unanswered_case ON unanswered_case.case_id = complaint.id \
    WHERE complaint.closed_on IS NULL \
    UNION ALL \
    SELECT complaint.id, 'complaint', complaint.reference, complaint.status, complaint.unit_id, complaint.assignee_id, \
        CAST(complaint.recused AS text), complaint.received_at, 'reopening', NULL, unanswered_case.since \
    FROM complaint LEFT JOIN unanswered_case ON unanswered_case.case_id = complaint.id \
    WHERE complaint.reopening_requested_on IS NOT NULL \
    UNION ALL \
    SELECT service_request.id, 'service_request', service_request.reference, service_request.status, \
        service_request.unit_id, service_request.assignee_id, '[]', service_request.received_at, \
        'completion', service_request.due_on, unanswered_case.since \
    FROM service_request LEFT JOIN unanswered_case ON unanswered_case.case_id = service_request.id \
    WHERE service_request.closed_on IS NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP VIEW open_case").await?;
        for column in DAYS {
            add(manager, "service_request", date_null(column)).await?;
        }
        add(manager, "service_request", integer("waited_days").default(0).to_owned()).await?;
        change_due_day(manager, date_null("due_on")).await?;
        // What was promised before stays as it was promised; from now on the law's days are counted.
        add(manager, "complaint", text("first_answer_counted").default("working_days").to_owned()).await?;
        add(manager, "agency", text("first_answer_counted").default("calendar_days").to_owned()).await?;
        for (name, columns) in INDEXES {
            run(manager, &format!("CREATE INDEX {name} ON {columns}")).await?;
        }
        run(manager, OPEN_CASES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP VIEW open_case").await?;
        for (name, _) in INDEXES {
            run(manager, &format!("DROP INDEX {name}")).await?;
        }
        // There was no such status.
        run(manager, "UPDATE service_request SET due_on = waiting_since, status = 'in_progress' WHERE due_on IS NULL")
            .await?;
        change_due_day(manager, date_null("due_on").not_null().default("1970-01-01").to_owned()).await?;
        for column in DAYS.into_iter().chain(["waited_days"]) {
            remove(manager, "service_request", column).await?;
        }
        remove(manager, "complaint", "first_answer_counted").await?;
        remove(manager, "agency", "first_answer_counted").await?;
        run(manager, OPEN_CASES_BEFORE).await
    }
}

/// Puts the due days into a column of another kind: SQLite does not change a column.
async fn change_due_day(manager: &SchemaManager<'_>, column: ColumnDef) -> Result<(), DbErr> {
    for (name, _) in DUE {
        run(manager, &format!("DROP INDEX {name}")).await?;
    }
    run(manager, "ALTER TABLE service_request RENAME COLUMN due_on TO due_on_before").await?;
    add(manager, "service_request", column).await?;
    run(manager, "UPDATE service_request SET due_on = due_on_before").await?;
    remove(manager, "service_request", "due_on_before").await?;
    for (name, columns) in DUE {
        run(manager, &format!("CREATE INDEX {name} ON {columns}")).await?;
    }
    Ok(())
}

async fn add(manager: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await
}

async fn remove(manager: &SchemaManager<'_>, table: &'static str, column: &'static str) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await
}

async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await.map(drop)
}
