//! What lies in the database, and who may open it.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use entity::{audit_event, idempotency_key};
use futures_util::future::join_all;
use migration::{Migrator, MigratorTrait};
use prongsai::auth::scope::Role;
use prongsai::db::Db;
use sea_orm::{ConnectionTrait, Database, DbBackend, EntityTrait, PaginatorTrait, QueryOrder, Statement};
use serde_json::json;

use crate::audit::verified;
use crate::cli::{Served, done, prongsai, run};
use crate::support::samples::measure;
use crate::support::{Service, hold_writes, new_database, on_postgres, spawn, spawn_filled, spawn_on_time};

#[tokio::test]
async fn every_write_is_an_audit_event() {
    let service = spawn().await;
    let address = service.publish("/v1/measures", &measure(2567, 1)).await;
    service.change(&address, &json!({ "topic": 1 })).await;
    service.transition(&address, &json!({ "action": "unpublish", "reason": "ผิด" })).await;
    let draft = service.create("/v1/measures", &measure(2567, 2)).await;
    let draft = format!("/v1/measures/{}", draft["id"].as_str().unwrap());
    service.delete(&draft).token(&service.token(Role::Editor)).header("If-Match", "*").send().await.expect(204);
    let events = audit_event::Entity::find().order_by_asc(audit_event::Column::Seq).all(service.db().reader()).await;
    let events = events.unwrap();
    let actions: Vec<_> = events.iter().map(|event| &*event.action).collect();
    assert_eq!(actions[1..], ["create", "publish", "update", "unpublish", "create", "delete"]);
    assert!(
        events[1..]
            .iter()
            .all(|event| event.actor == "tester" && event.role == "editor" && event.resource == "measures")
    );
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_behind() {
    let service = spawn().await;
    service.create("/v1/measures", &measure(2567, 1)).await;
    let request =
        service.post("/v1/measures").token(&service.token(Role::Editor)).header("Idempotency-Key", "a-key-of-the-test");
    request.json(&measure(2567, 1)).send().await.problem(409, "already_exists");
    let db = service.db().reader();
    assert_eq!(audit_event::Entity::find().count(db).await.unwrap(), 2);
    assert_eq!(idempotency_key::Entity::find().count(db).await.unwrap(), 0);
}

#[tokio::test]
async fn audit_events_cannot_be_changed_or_removed() {
    let service = spawn().await;
    service.create("/v1/measures", &measure(2567, 1)).await;
    let direct = Database::connect(&service.database_url).await.unwrap();
    for sql in ["UPDATE audit_event SET actor = 'nobody'", "DELETE FROM audit_event"] {
        let error = direct.execute_unprepared(sql).await.unwrap_err();
        assert!(error.to_string().contains("only ever added"), "{error}");
    }
}

#[tokio::test]
async fn a_database_without_the_schema_or_with_a_newer_one_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let url = new_database(&folder).await;
    let db = Db::connect(&url).await.unwrap();
    assert!(db.schema_error().await.unwrap().unwrap().contains("prongsai migrate"));
    db.migrate(prongsai::app::migrated::changes).await.unwrap();
    db.migrate(prongsai::app::migrated::changes).await.unwrap();
    assert_eq!(db.schema_error().await.unwrap(), None);
    let direct = Database::connect(&url).await.unwrap();
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m2999_01_01_000001_future', 0)";
    direct.execute_unprepared(newer).await.unwrap();
    assert!(db.schema_error().await.unwrap().unwrap().contains("newer"));
    let migrate = run(&["migrate", "--database-url", &url]);
    let told = String::from_utf8(migrate.stderr).unwrap();
    assert!(!migrate.status.success() && told.contains("m2999_01_01_000001_future"), "{told}");
}

#[tokio::test]
async fn a_process_under_which_somebody_migrated_writes_nothing_more_and_says_so() {
    let service = spawn().await;
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m2999_01_01_000001_future', 0)";
    Database::connect(&service.database_url).await.unwrap().execute_unprepared(newer).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let write = service.post("/v1/measures").token(&service.token(Role::Editor)).json(&measure(2567, 1));
    write.send().await.problem(503, "schema_changed");
    let ready = service.get("/health/ready").send().await.expect(200).json();
    assert_eq!((&ready["status"], &ready["conditions"][0]["code"]), (&json!("read_only"), &json!("schema_changed")));
}

#[tokio::test]
async fn a_database_that_takes_no_writes_is_not_called_busy() {
    if !on_postgres() {
        return;
    }
    let mut service = spawn_on_time().await;
    let name = service.database_url.rsplit_once('/').unwrap().1;
    let read_only = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    Database::connect(&service.database_url).await.unwrap().execute_unprepared(&read_only).await.unwrap();
    let served = Served::beside(&service).await;
    service.address = served.address.clone();
    let write = service.post("/v1/measures").token(&service.token(Role::Editor)).json(&measure(2567, 1));
    write.send().await.problem(503, "read_only");
    let ready = service.get("/health/ready").send().await.expect(200).json();
    let codes: Vec<_> = ready["conditions"].as_array().unwrap().iter().map(|condition| &condition["code"]).collect();
    assert!(ready["status"] == "read_only" && codes.contains(&&json!("read_only")), "{ready}");
    service.get("/v1/measures").send().await.expect(200);
}

#[tokio::test]
async fn several_that_migrate_at_once_all_succeed_and_the_log_begins_once() {
    let folder = tempfile::tempdir().unwrap();
    let url = new_database(&folder).await;
    let commands =
        [(); 3].map(|()| prongsai(&["migrate", "--database-url", &url]).stderr(Stdio::piped()).spawn().unwrap());
    for command in commands {
        done(command.wait_with_output().unwrap());
    }
    let db = Db::connect(&url).await.unwrap();
    assert_eq!(audit_event::Entity::find().count(db.reader()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_behind_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let url = new_database(&folder).await;
    let direct = Database::connect(&url.replace("prongsai.db", "prongsai.db?mode=rwc")).await.unwrap();
    direct.execute_unprepared("CREATE TABLE complaint (id INTEGER)").await.unwrap();
    let migrate = run(&["migrate", "--database-url", &url]);
    let told = String::from_utf8(migrate.stderr).unwrap();
    assert!(!migrate.status.success() && told.contains("complaint") && told.contains("already exists"), "{told}");
    direct.execute_unprepared("DROP TABLE complaint").await.unwrap();
    done(run(&["migrate", "--database-url", &url]));
}

#[tokio::test]
async fn a_database_with_data_is_copied_before_it_is_migrated() {
    let service = spawn().await;
    service.create("/v1/measures", &measure(2567, 1)).await;
    let direct = Database::connect(&service.database_url).await.unwrap();
    Migrator::down(&direct, Some(1)).await.unwrap();
    let folder = service.folder.path().join("copies");
    let migrate = || {
        let mut migrate = prongsai(&["migrate", "--database-url", &service.database_url]);
        migrate.arg("--copy-to").arg(&folder).env("PATH", std::env::var_os("PATH").unwrap()).output().unwrap()
    };
    let printed = done(migrate());
    let copy = printed.lines().next().unwrap().strip_prefix("copied to ").unwrap();
    assert_eq!(std::fs::metadata(copy).unwrap().permissions().mode() & 0o777, 0o600);
    if on_postgres() {
        assert!(std::fs::read(copy).unwrap().starts_with(b"PGDMP"));
    } else {
        let copied = Db::connect(&format!("sqlite:{copy}")).await.unwrap();
        // Its columns have the names of then.
        let count = Statement::from_string(DbBackend::Sqlite, "SELECT COUNT(*) AS measures FROM measure");
        let measures = copied.reader().query_one_raw(count).await.unwrap().unwrap();
        assert_eq!(measures.try_get::<i64>("", "measures").unwrap(), 1);
        assert!(copied.is_outdated().await.unwrap());
    }
    assert_eq!(done(migrate()), "0 migrations applied\n");
    let is_copy = |name: &str| name.ends_with(".sqlite") || name.ends_with(".dump");
    let copies =
        std::fs::read_dir(&folder).unwrap().filter(|it| is_copy(it.as_ref().unwrap().file_name().to_str().unwrap()));
    assert_eq!(copies.count(), 1);
}

#[tokio::test]
async fn more_writes_than_may_wait_are_refused_at_once() {
    let service = Arc::new(spawn().await);
    let held = hold_writes(&service.database_url).await;
    let token = service.token(Role::Editor);
    let began = Instant::now();
    let write = |number: i32| {
        let (service, token) = (service.clone(), token.clone());
        async move {
            let answer = service.post("/v1/measures").token(&token).json(&measure(2567, number)).send().await;
            (answer.status, began.elapsed())
        }
    };
    let answers = join_all((1..=200).map(write)).await;
    assert!(answers.iter().all(|(status, _)| *status == 503));
    let shed = answers.iter().filter(|(_, after)| *after < Duration::from_millis(1500)).count();
    assert!(shed >= 60, "{shed} of 200 were refused at once");
    assert!(answers.iter().all(|(_, after)| *after < Duration::from_secs(5)));
    held.rollback().await.unwrap();
    service.create("/v1/measures", &measure(2567, 1)).await;
}

#[tokio::test]
async fn sqlite_is_opened_so_that_no_commit_is_lost_and_no_query_planned_twice() {
    if on_postgres() {
        return;
    }
    let service = spawn().await;
    let ask = async |sql: &str| {
        let query = sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, sql);
        let row = service.db().reader().query_one_raw(query).await.unwrap().unwrap();
        row.try_get_by_index::<String>(0).or_else(|_| row.try_get_by_index::<i64>(0).map(|n| n.to_string())).unwrap()
    };
    for (sql, value) in [
        ("PRAGMA journal_mode", "wal"),
        ("PRAGMA synchronous", "2"),
        ("PRAGMA foreign_keys", "1"),
        ("PRAGMA trusted_schema", "0"),
        ("PRAGMA secure_delete", "1"),
        // Without it every LIMIT is planned anew: see .cargo/config.toml.
        ("SELECT sqlite_compileoption_used('ENABLE_QPSG')", "1"),
    ] {
        assert_eq!(ask(sql).await, value, "{sql}");
    }
}

#[tokio::test]
async fn a_file_loaded_twice_changes_nothing() {
    let service = spawn_filled().await;
    let before = service.get("/v1/measures").send().await;
    prongsai::app::demo::fill(service.db()).await.unwrap();
    let after = service.get("/v1/measures").send().await;
    assert_eq!((before.header("etag"), &before.body), (after.header("etag"), &after.body));
}

#[tokio::test]
async fn a_busy_database_is_503_and_the_next_try_goes_through() {
    let service = spawn().await;
    let held = hold_writes(&service.database_url).await;
    let editor = service.token(Role::Editor);
    let send = || {
        let request = service.post("/v1/measures").token(&editor).header("Idempotency-Key", "a-key-of-the-test");
        request.json(&measure(2567, 1)).send()
    };
    let busy = send().await;
    assert_eq!(busy.header("retry-after"), "1");
    busy.problem(503, "unavailable");
    service.get("/health/live").send().await.expect(200);
    held.rollback().await.unwrap();
    send().await.expect(201);
}

#[tokio::test]
async fn a_migration_that_renames_keeps_every_record_and_the_log_has_what_it_changed() {
    let service = crate::complaints::open().await;
    let unpublished = service.publish("/v1/measures", &measure(2568, 1)).await;
    service.transition(&unpublished, &json!({ "action": "unpublish", "reason": "ผิด" })).await;
    // Its number is free again.
    service.publish("/v1/measures", &measure(2568, 1)).await;
    let given = service.ask_for("public-lighting", &crate::support::samples::lighting()).await;
    let officer = service.service_officer("somchai", &[]).await;
    let request = officer.find_request(&given).await;
    let direct = Database::connect(&service.database_url).await.unwrap();
    // What came later goes with the way down, and is put back.
    const LATER: [&str; 5] = ["ita_year", "ita_item", "ita_disclosure", "report_frame", "guide"];
    for table in LATER.iter().chain(&["agency"]) {
        direct.execute_unprepared(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await.unwrap();
    }
    let names = Migrator::migrations().iter().position(|migration| migration.name().ends_with("_names")).unwrap();
    Migrator::down(&direct, Some((Migrator::migrations().len() - names) as u32)).await.unwrap();
    let old =
        "SELECT COUNT(*) AS old FROM measure WHERE publication = 'withdrawn' AND withdrawn_reason = 'ผิด' AND no = 1";
    let old = direct.query_one_raw(Statement::from_string(direct.get_database_backend(), old)).await.unwrap().unwrap();
    assert_eq!(old.try_get::<i64>("", "old").unwrap(), 1);
    service.db().migrate(prongsai::app::migrated::changes).await.unwrap();
    for table in LATER {
        direct.execute_unprepared(&format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await.unwrap();
    }
    let agency = ["district", "integrity_recorded_from", "general_recorded_from", "service_requests_recorded_from"]
        .map(|column| format!("{column} = (SELECT {column} FROM kept_agency)"));
    direct.execute_unprepared(&format!("UPDATE agency SET {}", agency.join(", "))).await.unwrap();
    service.get(&unpublished).send().await.problem(410, "unpublished");
    let again = officer.find_request(&given).await;
    assert_eq!((&again["status"], &again["channel"]), (&json!("received"), &json!("web")));
    assert_eq!((&again["status"], &again["channel"]), (&request["status"], &request["channel"]));
    assert_eq!(service.look_up_request(&given["receipt"]).await.expect(200).json()["timeline"][0]["side"], "sender");
    assert_eq!(verified(&service.export().await, None), [] as [&str; 0]);
}

#[tokio::test]
async fn a_migration_keeps_the_meaning_of_rights_and_the_log_says_what_it_changed() {
    let folder = tempfile::tempdir().unwrap();
    let url = new_database(&folder).await;
    let direct = Database::connect(&url.replace("prongsai.db", "prongsai.db?mode=rwc")).await.unwrap();
    let migrations = Migrator::migrations();
    let before = migrations.iter().position(|migration| migration.name().ends_with("_rights")).unwrap();
    Migrator::up(&direct, Some(before as u32)).await.unwrap();
    let id = |number: u32| if on_postgres() { format!("'{number:032}'") } else { format!("x'{number:032}'") };
    let day = "'2026-11-01 00:00:00+00:00'";
    let unit = format!(
        "INSERT INTO unit (id, code, name_th, version, created_at, updated_at) \
         VALUES ({}, 'legal', 'x', 1, {day}, {day})",
        id(9)
    );
    direct.execute_unprepared(&unit).await.unwrap();
    for (number, login, roles) in [
        (1, "a.officer", r#"["editor","officer"]"#),
        (2, "b.officer", r#"["officer"]"#),
        (3, "c.auditor", r#"["auditor"]"#),
        (4, "d.auditor", r#"["auditor"]"#),
    ] {
        let id = id(number);
        let account = format!(
            "INSERT INTO account (id, login, name, roles, active, stamp, version, created_at, updated_at) \
             VALUES ({id}, '{login}', 'x', '{roles}', true, 1, 1, {day}, {day})"
        );
        direct.execute_unprepared(&account).await.unwrap();
    }
    for (number, scopes) in [(5, r#"["complaints:submit"]"#), (6, r#"["measures:read"]"#), (7, r#"["measures:read"]"#)]
    {
        let client = format!(
            "INSERT INTO client (id, name, scopes, active, stamp, version, created_at, updated_at) \
             VALUES ({}, '{number}', '{scopes}', true, 1, 1, {day}, {day})",
            id(number)
        );
        direct.execute_unprepared(&client).await.unwrap();
    }
    for subject in [2, 4, 7] {
        let link = format!("INSERT INTO subject_unit (subject_id, unit_id) VALUES ({}, {})", id(subject), id(9));
        direct.execute_unprepared(&link).await.unwrap();
    }
    Db::connect(&url).await.unwrap().migrate(prongsai::app::migrated::changes).await.unwrap();
    let service = Service::on(folder, url).await;
    let admin = service.token(Role::Admin);
    let list = async |path: &str| service.get(path).token(&admin).send().await.expect(200).json()["items"].clone();
    let users = list("/v1/users").await;
    let rights: Vec<_> = users.as_array().unwrap().iter().map(|user| (&user["roles"], &user["units"])).collect();
    let both =
        [json!(["editor", "complaint_officer", "service_officer"]), json!(["complaint_officer", "service_officer"])];
    let (all, legal, none, auditor) = (json!("all"), json!(["legal"]), json!([]), json!(["auditor"]));
    assert_eq!(rights, [(&both[0], &all), (&both[1], &legal), (&auditor, &none), (&auditor, &none)]);
    let clients = list("/v1/clients").await;
    let units: Vec<_> = clients.as_array().unwrap().iter().map(|client| &client["units"]).collect();
    assert_eq!(units, [&none, &all, &legal]);
    // But for the unit, which the test has put there without an event.
    let findings = verified(&service.export().await, None);
    assert_eq!(findings, ["record units 00000000-0000-0000-0000-000000000009"]);
}
