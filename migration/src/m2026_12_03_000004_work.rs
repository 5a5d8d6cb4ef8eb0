//! The open cases of both kinds as one list, those that wait for the office's answer, and indexes for both.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{pk_uuid, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What was said before this migration, and is not answered. An answer has a text or changes the status; that a booked day is
/// free again is none.
const UNANSWERED: &str = "INSERT INTO unanswered_case (case_id, since) \
    SELECT said.case_id, MIN(said.at) FROM case_event said \
    WHERE said.side = 'sender' AND said.action NOT IN ('receive', 'rate') AND NOT EXISTS ( \
        SELECT 1 FROM case_event answer WHERE answer.case_id = said.case_id AND answer.no > said.no \
        AND answer.side = 'office' AND answer.public AND answer.action <> 'release' \
        AND (answer.text IS NOT NULL OR answer.status IS NOT NULL)) \
    GROUP BY said.case_id";

/// A complaint has two promises: the first answer until it is given, and the conclusion unless the clock stands still. One that is
/// closed and that its reporter wants reopened is work as well.
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

const INDEXES: &[(&str, &str)] = &[
    ("complaint_open_of_assignee", "complaint (assignee_id) WHERE closed_on IS NULL"),
    ("complaint_open_of_unit", "complaint (unit_id) WHERE closed_on IS NULL"),
    ("complaint_reopening_requested", "complaint (reopening_requested_on) WHERE reopening_requested_on IS NOT NULL"),
    ("service_request_open_of_assignee", "service_request (assignee_id) WHERE closed_on IS NULL"),
    ("service_request_open_of_unit", "service_request (unit_id) WHERE closed_on IS NULL"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("unanswered_case")
            .col(pk_uuid("case_id"))
            .col(timestamp_with_time_zone("since"))
            .to_owned();
        manager.create_table(table).await?;
        let connection = manager.get_connection();
        connection.execute_unprepared(UNANSWERED).await?;
        connection.execute_unprepared(OPEN_CASES).await?;
        for (name, columns) in INDEXES {
            connection.execute_unprepared(&format!("CREATE INDEX {name} ON {columns}")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for (name, _) in INDEXES {
            connection.execute_unprepared(&format!("DROP INDEX {name}")).await?;
        }
        connection.execute_unprepared("DROP VIEW open_case").await?;
        manager.drop_table(Table::drop().table("unanswered_case").to_owned()).await
    }
}
