//! How SQLite runs the queries that read large tables. What it plans is the same for any data, as it keeps no statistics.

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use tempfile::tempdir;

use crate::support::migrated_sqlite;

/// A query as the service asks it, and the index that its plan must name.
const QUERIES: &[(&str, &str)] = &[
    // Lists of complaints: filters, and orders.
    (
        "SELECT * FROM complaint WHERE fiscal_year = 2567 ORDER BY received_at DESC, id LIMIT 21",
        "complaint_of_year (fiscal_year=?)",
    ),
    ("SELECT count(*) FROM complaint WHERE fiscal_year = 2567", "complaint_of_year (fiscal_year=?)"),
    (
        "SELECT * FROM complaint WHERE received_on >= '2024-01-01' AND received_on <= '2024-01-31' \
         ORDER BY received_at DESC, id LIMIT 21",
        "complaint_by_day (received_on>? AND received_on<?)",
    ),
    ("SELECT * FROM complaint ORDER BY updated_at, id LIMIT 21", "complaint_by_change"),
    ("SELECT * FROM complaint ORDER BY updated_at DESC, id LIMIT 21", "complaint_by_change"),
    (
        "SELECT * FROM complaint WHERE updated_at >= '2024-01-01' ORDER BY updated_at, id LIMIT 21",
        "complaint_by_change (updated_at>?)",
    ),
    ("SELECT * FROM complaint ORDER BY first_answer_due_on, id LIMIT 21", "complaint_by_first_answer"),
    // Lists of service requests.
    (
        "SELECT * FROM service_request WHERE fiscal_year = 2567 ORDER BY received_at DESC, id LIMIT 21",
        "service_request_of_year (fiscal_year=?)",
    ),
    (
        "SELECT * FROM service_request WHERE received_on >= '2024-01-01' ORDER BY received_at DESC, id LIMIT 21",
        "service_request_by_day (received_on>?)",
    ),
    ("SELECT * FROM service_request ORDER BY updated_at, id LIMIT 21", "service_request_by_change"),
    (
        "SELECT * FROM service_request WHERE updated_at >= '2024-01-01' ORDER BY updated_at, id LIMIT 21",
        "service_request_by_change (updated_at>?)",
    ),
    ("SELECT * FROM service_request ORDER BY due_on, id LIMIT 21", "service_request_by_due_day"),
    // Ends of telephone numbers, and places.
    (
        "SELECT * FROM service_request WHERE id IN (SELECT case_id FROM case_phone WHERE hash IN (x'01'))",
        "case_phone_by_hash (hash=?)",
    ),
    (
        "SELECT * FROM service_request WHERE latitude BETWEEN 15180000 AND 15190000 \
         AND longitude BETWEEN 100120000 AND 100130000",
        "service_request_by_place (latitude>? AND latitude<?)",
    ),
    // The work list, over both tables.
    ("SELECT count(*) FROM open_case WHERE assignee_id = x'01'", "complaint_open_of_assignee (assignee_id=?)"),
    ("SELECT count(*) FROM open_case WHERE assignee_id = x'01'", "service_request_open_of_assignee (assignee_id=?)"),
    ("SELECT * FROM open_case WHERE unit_id IN (x'01', x'02')", "complaint_open_of_unit (unit_id=?)"),
    ("SELECT * FROM open_case WHERE unit_id IN (x'01', x'02')", "service_request_open_of_unit (unit_id=?)"),
    ("SELECT count(*) FROM open_case WHERE due_on < '2024-01-01'", "complaint_open_of_unit"),
    // Retention.
    (
        "SELECT * FROM service_request WHERE closed_on <= '2020-01-01' AND destroyed_on IS NULL",
        "service_request_closed (closed_on<?)",
    ),
    ("SELECT * FROM retention_listing ORDER BY destroy_on, case_id LIMIT 21", "retention_listing_order"),
    // The public feed of what was done.
    (
        "SELECT reference FROM service_request WHERE status = 'completed' AND e_service_id IN (x'01', x'02') \
         ORDER BY closed_on DESC, id DESC LIMIT 50",
        "service_request_ended (status=?)",
    ),
    // What has changed for everyone, and for officers, whose conditions are those of src/changes/store.rs.
    (
        "SELECT seq, resource, record_id, hash FROM audit_event WHERE (resource NOT IN ('access', 'complaints', \
         'identity-requests', 'links', 'sealed-identities', 'service-requests', 'sessions')) AND seq > 7 \
         ORDER BY seq LIMIT 1000",
        "audit_event_public (seq>?)",
    ),
    (
        "SELECT seq, resource, record_id, hash FROM audit_event WHERE (resource IN ('complaints', 'service-requests') \
         AND action NOT IN ('export', 'list', 'read', 'read_named', 'search')) AND seq > 7 ORDER BY seq LIMIT 1000",
        "audit_event_cases (seq>?)",
    ),
    // After a failed login.
    ("DELETE FROM login_attempt WHERE last_at < '2024-01-01'", "login_attempt_age (last_at<?)"),
];

async fn texts(db: &DatabaseConnection, sql: &str, column: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", column).unwrap()).collect()
}

#[tokio::test]
async fn queries_of_large_tables_use_their_index_and_sort_no_more_than_ties() {
    let folder = tempdir().unwrap();
    let db = Database::connect(migrated_sqlite(&folder).await).await.unwrap();
    for (query, index) in QUERIES {
        let plan = texts(&db, &format!("EXPLAIN QUERY PLAN {query}"), "detail").await;
        let is_used = plan.iter().any(|step| step.ends_with(&format!("INDEX {index}")));
        // A range of days is sorted by the time; it has the rows that it finds and no others.
        let sorts = plan.iter().any(|step| step == "USE TEMP B-TREE FOR ORDER BY") && !index.contains("by_day");
        assert!(is_used && !sorts, "{query}\n{plan:#?}");
    }
}

#[tokio::test]
async fn every_foreign_key_has_an_index() {
    let folder = tempdir().unwrap();
    let db = Database::connect(migrated_sqlite(&folder).await).await.unwrap();
    let tables = texts(&db, "SELECT name FROM sqlite_schema WHERE type = 'table'", "name").await;
    let mut without = Vec::new();
    for table in &tables {
        for column in texts(&db, &format!("PRAGMA foreign_key_list({table})"), "from").await {
            let query = format!("EXPLAIN QUERY PLAN DELETE FROM {table} WHERE {column} = x'01'");
            if texts(&db, &query, "detail").await.iter().any(|step| step.starts_with("SCAN")) {
                without.push(format!("{table}.{column}"));
            }
        }
    }
    assert_eq!(without, Vec::<String>::new());
}
