//! The end of what people wrote, and the keys that it is sealed under.

use chrono::{Days, Months, NaiveDate};
use entity::{case_key, retention_listing, sealed_identity};
use prongsai::audit_log::append::Event;
use prongsai::audit_log::author::Author;
use prongsai::auth::scope::Role;
use prongsai::cases::retention::{APPROVE_DESTRUCTION, destroy};
use prongsai::clock::{self, Doubt};
use prongsai::complaints::store::Row as Complaint;
use prongsai::crypto::signed_note::Verifier;
use prongsai::db::{self, Db};
use prongsai::domain::retention::Retention;
use prongsai::error::Code;
use prongsai::retention::run::{Run, run};
use prongsai::revisions::Resource;
use reqwest::Response;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, Database, DbBackend, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    Statement, TransactionOptions, TransactionTrait,
};
use serde_json::{Value, json};

use crate::audit::{judged, verified, without_detail};
use crate::cli;
use crate::cli::{Served, done};
use crate::complaints::{Officer, open, open_on_time};
use crate::support::samples::{complaint, lighting, named_complaint};
use crate::support::{Answer, Service, audit_key, faults, hold_writes, on_postgres};

impl Service {
    /// A complaint that was withdrawn eleven years ago.
    pub async fn old_complaint(&self) -> Value {
        let mut body = complaint();
        body["reporter"] = json!({ "full_name": "สมหญิง รักไทย" });
        let given = self.report(&body).await;
        self.withdraw(&given).await;
        self.close_on(&given, self.today() - Months::new(11 * 12)).await;
        given
    }

    /// Sets the day on which a complaint was closed.
    pub async fn close_on(&self, given: &Value, day: NaiveDate) {
        let reference = given["reference"].as_str().unwrap();
        self.tamper(&[&format!("UPDATE complaint SET closed_on = '{day}' WHERE reference = '{reference}'")]).await;
    }

    /// What is due is listed on one day, and destroyed 30 days later.
    pub async fn retain(&self, retention: &Retention) -> usize {
        let today = self.today();
        assert_eq!(self.run_on(retention, today - Days::new(30)).await.destroyed, 0);
        self.run_on(retention, today).await.destroyed
    }

    /// Approves what is listed, and runs retention as on a day.
    pub async fn run_on(&self, retention: &Retention, day: NaiveDate) -> Run {
        self.approve_all().await;
        let (run, done) = run(self.db(), &Author::program("retention"), retention, day).await;
        done.unwrap();
        run
    }

    pub async fn approve_all(&self) {
        use retention_listing::{Column, Entity, Kind};
        let listed = Entity::find().filter(Column::ApprovedAt.is_null()).all(self.db().reader()).await.unwrap();
        if listed.is_empty() {
            return;
        }
        let write = self.db().write(&Author::program("approver"), |write| async move {
            let approved = Entity::update_many().col_expr(Column::ApprovedAt, Expr::value(write.now));
            approved.col_expr(Column::ApprovedBy, Expr::value("x")).exec(&write).await?;
            let events = listed.into_iter().map(|listing| {
                let is_request = listing.kind == Kind::Request;
                let resource = if is_request { Resource::ServiceRequests } else { Resource::Complaints };
                Event::happened(APPROVE_DESTRUCTION, resource.name(), Some(listing.case_id))
            });
            write.commit(events.collect::<Vec<_>>(), ())
        });
        write.await.unwrap();
    }

    /// What auditors see of the list.
    async fn due(&self, query: &str) -> Vec<Value> {
        let path = format!("/v1/retention/due?{query}");
        let page = self.get(&path).token(&self.token(Role::Auditor)).send().await.expect(200).json();
        page["items"].as_array().unwrap().clone()
    }
}

impl Officer<'_> {
    /// Corrects a complaint.
    pub async fn correct(&self, given: &Value, patch: Value) -> Answer {
        let address = format!("/v1/complaints/{}", self.find(given).await["id"].as_str().unwrap());
        self.service.patch(&address).token(&self.token).header("If-Match", "*").json(&patch).send().await
    }

    async fn conclude(&self, given: &Value, outcome: &str) {
        let mut end = json!({ "action": "conclude", "outcome": outcome, "text": "สอบข้อเท็จจริงแล้ว" });
        if outcome == "referred" {
            end["referral"] = json!({ "authority": "สำนักงาน ป.ป.ช." });
        }
        self.step(&self.find(given).await, end).await.expect(200);
    }
}

#[tokio::test]
async fn what_was_written_is_destroyed_when_its_time_has_come_and_the_figures_stay() {
    let service = open().await;
    let given = service.old_complaint().await;
    let young = service.report(&complaint()).await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let found = officer.find(&given).await;
    let address = format!("/v1/complaints/{}", found["id"].as_str().unwrap());
    service.ask_for_identity(&officer.token, &found).await;
    let year = prongsai::domain::fiscal_year::FiscalYear::at(service.now()).unwrap();
    let figures = async || {
        let figures = service.get(&format!("/v1/statistics/complaints?fiscal_year={year}"));
        let figures = figures.token(&service.token(prongsai::auth::scope::Role::Auditor)).send().await;
        figures.expect(200).json()["current"]["by_group"][0].clone()
    };
    let before = figures().await;
    assert_eq!(service.retain(&Retention::default()).await, 1);
    assert_eq!(service.retain(&Retention::default()).await, 0);

    let left = officer.get(&address).send().await.expect(200).json();
    for gone in ["subject", "description", "occurred_text", "location_text", "accused", "assignee_id"] {
        assert_eq!(left[gone], json!(null), "{gone}");
    }
    assert_eq!((&left["category"], &left["status"]), (&json!("bribery"), &json!("withdrawn")));
    assert_eq!(left["destroyed_on"], json!(service.today().to_string()));
    let timeline = officer.get(&format!("{address}/timeline")).send().await.expect(200).json();
    assert_eq!(timeline["items"], json!([]));
    assert_eq!(sealed_identity::Entity::find().count(service.db().reader()).await.unwrap(), 0);
    service.look_up(&given["receipt"]).await.problem(404, "unknown_receipt");
    let note = json!({ "text": "x", "public": false });
    officer.post(&format!("{address}/messages")).json(&note).send().await.problem(409, "destroyed");
    let patch = service.patch(&address).token(&officer.token).header("If-Match", "*").json(&json!({ "on_hold": true }));
    patch.send().await.problem(409, "destroyed");
    assert_eq!(figures().await, before);
    service.look_up(&young["receipt"]).await.expect(200);
    // What the log kept beside its leaves went with it; the leaves, and so the tree, stay.
    let export = service.export().await;
    assert_eq!(verified(&export, None), Vec::<String>::new());
    assert!(without_detail(&export, "seal") == export && without_detail(&export, "request_identity") == export);
    // That of the destruction itself stays.
    assert_eq!(verified(&without_detail(&export, "destroy"), None).len(), 2);
}

#[tokio::test]
async fn a_service_request_comes_to_its_end_like_a_complaint() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    let given = service.ask_for("public-lighting", &lighting()).await;
    let found = officer.find_request(&given).await;
    officer.complete(&found).await;
    service.rate(&given["receipt"], 5).await.expect(200);
    let closed = service.today() - Months::new(6 * 12);
    service.tamper(&[&format!("UPDATE service_request SET closed_on = '{closed}'")]).await;
    assert_eq!(service.retain(&"request=7y".parse().unwrap()).await, 0);
    assert_eq!(service.retain(&Retention::default()).await, 1);
    let left = officer.find_request(&given).await;
    for gone in ["form", "applicant", "location", "public_note", "assignee_id"] {
        assert_eq!(left[gone], json!(null), "{gone}");
    }
    assert_eq!((&left["status"], &left["rating"]), (&json!("completed"), &json!(5)));
    service.rate(&given["receipt"], 1).await.problem(404, "unknown_receipt");
    officer.step_request(&left, json!({ "action": "reopen", "text": "x" })).await.problem(409, "destroyed");
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn deleted_data_that_a_reader_keeps_on_the_disk_is_not_said_to_be_destroyed_until_a_later_run_removes_it() {
    let service = open_on_time().await;
    service.old_complaint().await;
    let (retention, today) = (Retention::default(), service.today());
    service.run_on(&retention, today - Days::new(30)).await;
    service.approve_all().await;
    let reader = service.db().snapshot().await.unwrap();
    assert_eq!(sealed_identity::Entity::find().count(&reader).await.unwrap(), 1);
    let command = ["retention", "run", "--database-url", &service.database_url];
    let ran = cli::run(&command);
    let (told, fault) = (String::from_utf8(ran.stdout).unwrap(), String::from_utf8(ran.stderr).unwrap());
    assert_eq!(told, "0 destroyed, 1 deleted and still on the disk, 0 listed, 0 of them due and not approved\n");
    assert!(!ran.status.success() && fault.contains("still on the disk"), "{fault}");
    let (ran, done) = run(service.db(), &Author::program("retention"), &retention, today).await;
    assert_eq!((ran, done.unwrap_err().code()), (Run::default(), Code::Unavailable));
    reader.rollback().await.unwrap();
    assert_eq!(service.run_on(&retention, today).await, Run::default());
    if !on_postgres() {
        let log = format!("{}-wal", db::file_of(&service.database_url).display());
        assert_eq!(std::fs::metadata(log).unwrap().len(), 0);
    }
}

#[tokio::test]
async fn on_postgresql_a_role_that_sees_or_may_do_too_little_does_not_say_that_data_is_removed() {
    if !on_postgres() {
        return;
    }
    let service = open().await;
    let role = format!("r{}", uuid::Uuid::now_v7().simple());
    service.tamper(&[&format!("CREATE ROLE {role} LOGIN")]).await;
    let (_, address) = service.database_url.rsplit_once('@').unwrap();
    let db = Db::connect(&format!("postgres://{role}@{address}")).await.unwrap();
    // VACUUM passes over what belongs to others, with a warning.
    assert_eq!(db.purge_deleted().await.unwrap_err().code(), Code::Unavailable);
    for table in ["case_key", "sealed_identity", "case_phone"] {
        service.tamper(&[&format!("ALTER TABLE {table} OWNER TO {role}")]).await;
    }
    db.purge_deleted().await.unwrap();
    // What a transaction of another role can see is not shown to this one.
    let other = service.db().snapshot().await.unwrap();
    other.execute_unprepared("SELECT FROM complaint").await.unwrap();
    assert_eq!(db.purge_deleted().await.unwrap_err().code(), Code::Unavailable);
    other.rollback().await.unwrap();
    db.purge_deleted().await.unwrap();
    // Nor does one that writes to another database of the server: snapshots are as old as it.
    let (server, _) = service.database_url.rsplit_once('/').unwrap();
    let elsewhere = Database::connect(format!("{server}/postgres")).await.unwrap();
    let writes = elsewhere.begin_with_options(TransactionOptions::default()).await.unwrap();
    writes.execute_unprepared("SELECT pg_current_xact_id()").await.unwrap();
    assert_eq!(db.purge_deleted().await.unwrap_err().code(), Code::Unavailable);
    writes.rollback().await.unwrap();
    db.purge_deleted().await.unwrap();
    elsewhere.close().await.unwrap();
}

/// The last bytes of a key and of an identity, as they are stored.
async fn stored(service: &Service, case: uuid::Uuid) -> [Vec<u8>; 2] {
    let key = case_key::Entity::find_by_id(case).one(service.db().reader()).await.unwrap().unwrap().sealed;
    let identity = sealed_identity::Entity::find_by_id(case).one(service.db().reader()).await.unwrap().unwrap().sealed;
    [key, identity].map(|sealed| sealed[sealed.len() - 40..].to_vec())
}

/// How many of the files of the database have these bytes.
async fn files_with(service: &Service, bytes: &[u8]) -> usize {
    let files = if on_postgres() {
        service.tamper(&["CHECKPOINT"]).await;
        let folder = "SELECT current_setting('data_directory') || '/base/' || oid FROM pg_database \
                      WHERE datname = current_database()";
        let row = service.db().reader().query_one_raw(Statement::from_string(DbBackend::Postgres, folder)).await;
        let folder: String = row.unwrap().unwrap().try_get_by_index(0).unwrap();
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect()
    } else {
        let file = db::file_of(&service.database_url).display().to_string();
        vec![format!("{file}-wal").into(), file.into()]
    };
    files.iter().filter(|file| std::fs::read(file).unwrap().windows(bytes.len()).any(|found| found == bytes)).count()
}

#[tokio::test]
async fn the_key_and_the_identity_of_a_destroyed_case_are_in_no_file_of_the_database() {
    let service = open().await;
    // A page that has nothing else would be cut off, and what is written after it would be moved over it.
    service.report(&named_complaint()).await;
    let given = service.old_complaint().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let case = officer.find(&given).await["id"].as_str().unwrap().parse().unwrap();
    let bytes = stored(&service, case).await;
    for bytes in &bytes {
        assert_ne!(files_with(&service, bytes).await, 0);
    }
    assert_eq!(service.retain(&Retention::default()).await, 1);
    for bytes in &bytes {
        assert_eq!(files_with(&service, bytes).await, 0);
    }
}

#[tokio::test]
async fn a_case_is_listed_for_thirty_days_and_destroyed_when_its_retention_has_ended_as_well() {
    let service = open().await;
    let [late, early] = [service.old_complaint().await, service.old_complaint().await];
    let today = service.today();
    // Retention ends in 30 days; the other's has ended.
    let closed_on = today + Days::new(30) - Months::new(120);
    service.close_on(&late, closed_on).await;
    let retention = Retention::default();
    assert_eq!(service.run_on(&retention, today - Days::new(1)).await, Run { listed: 1, ..Run::default() });
    assert_eq!(service.run_on(&retention, today).await, Run { listed: 2, ..Run::default() });
    let due = service.due("").await;
    let days =
        |case: &Value| ["reference", "listed_on", "retention_ends_on", "destroy_on"].map(|name| case[name].clone());
    let ends_on = today - Months::new(11 * 12) + Months::new(120);
    let day = |day: NaiveDate| json!(day.to_string());
    let expected = [
        [early["reference"].clone(), day(today - Days::new(1)), day(ends_on), day(today + Days::new(29))],
        [late["reference"].clone(), day(today), day(closed_on + Months::new(120)), day(today + Days::new(30))],
    ];
    assert_eq!(due.iter().map(days).collect::<Vec<_>>(), expected);
    for (after, destroyed, listed) in [(28, 0, 2), (29, 1, 1), (30, 1, 0)] {
        let run = service.run_on(&retention, today + Days::new(after)).await;
        assert_eq!(run, Run { destroyed, listed, ..Run::default() }, "after {after} days");
    }
    assert_eq!(service.due("").await, Vec::<Value>::new());
    // A setting that is made shorter gives as much notice.
    let other = service.old_complaint().await;
    service.close_on(&other, today - Months::new(24)).await;
    let shorter = "corruption.withdrawn=1m".parse().unwrap();
    assert_eq!(service.run_on(&retention, today).await.listed, 0);
    assert_eq!(service.run_on(&shorter, today + Days::new(1)).await.listed, 1);
    assert_eq!(service.run_on(&shorter, today + Days::new(30)).await.destroyed, 0);
    assert_eq!(service.run_on(&shorter, today + Days::new(31)).await.destroyed, 1);
}

/// Approves the destruction of cases, as a person.
async fn approve(approver: &Officer<'_>, cases: &[Value]) -> Answer {
    let ids: Vec<&Value> = cases.iter().map(|case| &case["id"]).collect();
    let body = json!({ "case_ids": ids, "document_number": "ชน 52001/118" });
    approver.post("/v1/retention/approvals").once().json(&body).send().await
}

#[tokio::test]
async fn nothing_is_destroyed_before_a_person_has_approved_it_as_it_is_listed() {
    let service = open().await;
    let approver = service.person("approver", &[Role::Approver], &[]).await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let (approved, left) = (service.old_complaint().await, service.old_complaint().await);
    let (retention, today) = (Retention::default(), service.today());
    let run_only = async |day: NaiveDate| run(service.db(), &Author::program("retention"), &retention, day).await.0;
    assert_eq!(run_only(today - Days::new(30)).await, Run { listed: 2, ..Run::default() });
    assert_eq!(run_only(today).await, Run { listed: 2, unapproved: 2, ..Run::default() });
    let due = service.due("approved=false").await;
    assert_eq!((due.len(), &due[0]["approved_at"], &due[0]["approved_by_name"]), (2, &json!(null), &json!(null)));
    let ours = due.iter().find(|case| case["reference"] == approved["reference"]).unwrap().clone();
    let done = approve(&approver, std::slice::from_ref(&ours)).await.expect(200).json();
    assert_eq!(done["approved_count"], 1);
    // A second click approves nothing anew, nor does another letter.
    assert_eq!(approve(&approver, std::slice::from_ref(&ours)).await.expect(200).json()["approved_count"], 0);
    let other = json!({ "case_ids": [ours["id"]], "document_number": "ชน 52001/200" });
    let other = approver.post("/v1/retention/approvals").once().json(&other).send().await.expect(200).json();
    assert_eq!(other["approved_count"], 0);
    run_only(today - Days::new(1)).await;
    let page = "/v1/reports/destruction-list?format=csv";
    let page = service.get(page).token(&approver.token).send().await.expect(200).text();
    assert!(page.contains("โดย สมศรี ใจดี") && page.contains("หนังสือที่ ชน 52001/118"), "{page}");
    let listed = service.due("approved=true").await;
    assert_eq!(listed[0]["document_number"], "ชน 52001/118");
    assert_eq!((&listed[0]["reference"], &listed[0]["approved_at"]), (&approved["reference"], &done["approved_at"]));
    assert_eq!(
        (&listed[0]["approved_by_id"], &listed[0]["approved_by_name"]),
        (&json!(approver.id), &json!("สมศรี ใจดี"))
    );
    assert_eq!(run_only(today).await, Run { destroyed: 1, listed: 1, unapproved: 1, ..Run::default() });
    assert_eq!(officer.find(&approved).await["destroyed_on"], json!(service.today().to_string()));
    assert_eq!(officer.find(&left).await["destroyed_on"], json!(null));
    let log = "/v1/audit/events?action=approve_destruction";
    let log = service.get(log).token(&service.token(Role::Auditor)).send().await.expect(200).json();
    let said = ["actor_id", "record_id"].map(|field| log["items"][0][field].clone());
    assert_eq!((log["items"].as_array().unwrap().len(), said), (1, [json!(approver.id), ours["id"].clone()]));
    // The number of the letter outlives the case.
    let export = service.export().await;
    let events = export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let approvals =
        events.filter(|line| line["leaf"].as_str().is_some_and(|leaf| leaf.contains("approve_destruction")));
    let details: Vec<String> = approvals.map(|line| line["detail"].as_str().unwrap().to_owned()).collect();
    assert!(details.len() == 1 && details[0].contains("ชน 52001/118"), "{details:?}");
    // Nor does anything else destroy what nobody has approved.
    let other = officer.find(&left).await["id"].as_str().unwrap().parse().unwrap();
    let program = Author::program("retention");
    let destroyed = destroy::<Complaint>(service.db(), &program, &retention, today, other).await.unwrap();
    assert!(!destroyed);
    // The day on which the other was closed was changed by the test.
    let changed = format!("record complaints {}", officer.find(&left).await["id"].as_str().unwrap());
    assert_eq!(verified(&service.export().await, None), [changed]);
}

#[tokio::test]
async fn an_approval_that_the_log_does_not_have_destroys_nothing_and_is_found() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let given = service.report(&complaint()).await;
    service.withdraw(&given).await;
    let retention = "corruption.withdrawn=1m".parse().unwrap();
    let (closed_on, author) = (service.today(), Author::program("retention"));
    let due = closed_on + Months::new(1);
    let forged = "UPDATE retention_listing SET approved_at = ".to_owned();
    let forged = forged + &format!("'{}', approved_by = 'x'", service.now().to_rfc3339());
    for day in [closed_on + Days::new(5), due + Days::new(10)] {
        run(service.db(), &author, &retention, day).await.1.unwrap();
        service.tamper(&[&forged]).await;
    }
    let (done, _) = run(service.db(), &author, &retention, due + Days::new(11)).await;
    assert_eq!(done, Run { listed: 1, unapproved: 1, ..Run::default() });
    assert_eq!(service.due("").await[0]["approved_at"], json!(null));
    service.approve_all().await;
    assert_eq!(run(service.db(), &author, &retention, due + Days::new(11)).await.0.destroyed, 1);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
    // Whatever else destroys a case is found.
    let other = service.report(&complaint()).await;
    service.withdraw(&other).await;
    run(service.db(), &author, &retention, closed_on + Days::new(5)).await.1.unwrap();
    service.tamper(&[&forged]).await;
    let id = officer.find(&other).await["id"].as_str().unwrap().parse().unwrap();
    assert!(destroy::<Complaint>(service.db(), &author, &retention, due + Days::new(41), id).await.unwrap());
    let found = verified(&service.export().await, None);
    assert!(found.len() == 1 && found[0].starts_with("event "), "{found:?}");
}

#[tokio::test]
async fn an_approval_ends_when_its_case_is_reopened_also_if_it_is_closed_again_on_the_same_day() {
    let service = open().await;
    let approver = service.person("approver", &[Role::Approver], &[]).await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let technician = service.service_officer("somsak", &[]).await;
    let given = service.report(&complaint()).await;
    officer.steps(&officer.find(&given).await, &["accept", "investigate"]).await;
    officer.conclude(&given, "unsubstantiated").await;
    let asked = service.ask_for("public-lighting", &lighting()).await;
    technician.complete(&technician.find_request(&asked).await).await;
    let (retention, today) = ("corruption=1m,request=1m".parse().unwrap(), service.today());
    let run_only = async |day: NaiveDate| run(service.db(), &Author::program("retention"), &retention, day).await.0;
    assert_eq!(run_only(today + Days::new(5)).await.listed, 2);
    approve(&approver, &service.due("").await).await.expect(200);
    let again = json!({ "action": "reopen", "text": "มีพยานหลักฐานใหม่" });
    officer.step(&officer.find(&given).await, again.clone()).await.expect(200);
    technician.step_request(&technician.find_request(&asked).await, again).await.expect(200);
    assert_eq!(service.due("").await, Vec::<Value>::new());
    officer.conclude(&given, "unsubstantiated").await;
    let done = json!({ "action": "complete", "text": "เปลี่ยนหลอดแล้ว" });
    technician.step_request(&technician.find_request(&asked).await, done).await.expect(200);
    run_only(today + Days::new(5)).await;
    assert_eq!(run_only(today + Days::new(40)).await, Run { listed: 2, unapproved: 2, ..Run::default() });
}

#[tokio::test]
async fn what_nobody_approves_in_the_review_after_the_year_in_which_it_was_due_is_overlooked() {
    let service = open().await;
    service.old_complaint().await;
    let retention = Retention::default();
    let run_only = async |day: &str| {
        let (run, done) = run(service.db(), &Author::program("retention"), &retention, day.parse().unwrap()).await;
        done.unwrap();
        run
    };
    run_only("2026-11-01").await;
    let waiting = Run { listed: 1, unapproved: 1, ..Run::default() };
    assert_eq!(run_only("2027-03-01").await, waiting);
    assert_eq!(run_only("2027-03-02").await, Run { overlooked: 1, ..waiting });
}

#[tokio::test]
async fn an_approval_of_what_another_process_has_just_listed_is_not_lost() {
    let service = open().await;
    service.old_complaint().await;
    let (retention, today, author) = (Retention::default(), service.today(), Author::program("retention"));
    run(service.db(), &author, &retention, today).await.1.unwrap();
    let listing = retention_listing::Entity::find().one(service.db().reader()).await.unwrap().unwrap();
    service.tamper(&["DELETE FROM retention_listing"]).await;
    let other = service.db().write(&author, move |write| async move {
        let approved_at = Some(write.now);
        let event = Event::happened(APPROVE_DESTRUCTION, Resource::Complaints.name(), Some(listing.case_id));
        let listing = retention_listing::Model { approved_at, approved_by: Some("x".to_owned()), ..listing };
        retention_listing::Entity::insert(listing.into_active_model()).exec(&write).await?;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        write.commit([event], ())
    });
    let meanwhile = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        run(service.db(), &author, &retention, today).await
    };
    let (other, (listed, done)) = tokio::join!(other, meanwhile);
    other.unwrap();
    done.unwrap();
    assert_eq!((listed.listed, service.due("approved=true").await.len()), (1, 1));
}

#[tokio::test]
async fn a_second_click_while_an_approval_runs_is_told_so() {
    let service = open().await;
    let approver = service.person("approver", &[Role::Approver], &[]).await;
    service.old_complaint().await;
    service.run_on(&Retention::default(), service.today()).await;
    let body = json!({ "case_ids": [service.due("").await[0]["id"]] });
    let click =
        || approver.post("/v1/retention/approvals").header("Idempotency-Key", "a-key-of-one-click").json(&body).send();
    let held = hold_writes(&service.database_url).await;
    let second = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let second = click().await;
        held.rollback().await.unwrap();
        second
    };
    let (first, second) = tokio::join!(click(), second);
    second.problem(409, "idempotency_key_in_progress");
    assert_eq!(first.expect(200).json()["approved_count"], 1);
}

#[tokio::test]
async fn an_approval_ends_with_a_hold_or_another_end_and_is_refused_for_what_is_not_listed() {
    let service = open().await;
    let approver = service.person("approver", &[Role::Approver], &[]).await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let [held, other] = [service.old_complaint().await, service.old_complaint().await];
    let (retention, today) = (Retention::default(), service.today());
    let run_only = async |day: NaiveDate| run(service.db(), &Author::program("retention"), &retention, day).await.0;
    run_only(today - Days::new(30)).await;
    let due = service.due("").await;
    approve(&approver, &due).await.expect(200);
    // It is closed on another day than the list says.
    service.close_on(&other, today - Months::new(12 * 12)).await;
    for on_hold in [true, false] {
        officer.correct(&held, json!({ "on_hold": on_hold })).await.expect(200);
    }
    assert_eq!(run_only(today + Days::new(31)).await, Run { listed: 2, unapproved: 2, ..Run::default() });
    // All or none, and each fault is told.
    officer.correct(&held, json!({ "on_hold": true })).await.expect(200);
    let find = |given: &Value| due.iter().find(|case| case["reference"] == given["reference"]).unwrap().clone();
    let cases = [find(&held), find(&other), json!({ "id": uuid::Uuid::now_v7() })];
    let problem = approve(&approver, &cases).await.problem(422, "validation_failed");
    let refused = [("#/case_ids/0", "illegal_transition"), ("#/case_ids/2", "not_found")];
    assert_eq!(faults(&problem), refused.map(|(place, code)| (place.to_owned(), code.to_owned())));
    assert_eq!(service.due("approved=true").await, Vec::<Value>::new());
    for (cases, code) in [(vec![], "too_few"), (vec![find(&other); 2], "duplicate")] {
        let problem = approve(&approver, &cases).await.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [("#/case_ids".to_owned(), code.to_owned())]);
    }
    // A program is no named person, and an auditor only reads.
    let program = service.token(Role::Approver);
    let body = json!({ "case_ids": [find(&other)["id"]] });
    let refused = service.post("/v1/retention/approvals").token(&program).once().json(&body).send().await;
    refused.problem(403, "no_account");
    let auditor = service.person("auditor", &[Role::Auditor], &[]).await;
    approve(&auditor, &[find(&other)]).await.problem(403, "insufficient_scope");
}

#[tokio::test]
async fn the_list_to_approve_is_a_document_without_what_is_held_or_concerns_the_reader() {
    let service = open().await;
    let approver = service.person("approver", &[Role::Approver], &[]).await;
    let [held, kept, recused] =
        [service.old_complaint().await, service.old_complaint().await, service.old_complaint().await];
    let officer = service.complaint_officer("somchai", &[]).await;
    service.run_on(&Retention::default(), service.today()).await;
    officer.correct(&held, json!({ "on_hold": true })).await.expect(200);
    let [held, kept, recused] = [held, kept, recused].map(|given| given["reference"].as_str().unwrap().to_owned());
    service
        .tamper(&[&format!("UPDATE complaint SET recused = '[\"{}\"]' WHERE reference = '{recused}'", approver.id)])
        .await;
    let read = async |format: &str| {
        let path = format!("/v1/reports/destruction-list?format={format}");
        service.get(&path).token(&approver.token).send().await.expect(200)
    };
    let cases = read("json").await.json()["cases"].clone();
    assert_eq!((cases.as_array().unwrap().len(), &cases[0]["reference"]), (1, &json!(kept)));
    let page = read("html").await.text();
    assert!(page.contains(&kept) && !page.contains(&held) && !page.contains(&recused), "{page}");
    assert!(page.contains("บัญชีเรื่องที่ขอทำลาย") && page.contains("ข้อ ๖๖") && page.contains("ประธานกรรมการทำลายหนังสือ"));
    assert!(read("csv").await.text().contains(&kept));
    for format in ["docx", "xlsx"] {
        assert_eq!(&read(format).await.body[..2], b"PK", "{format}");
    }
    service.get("/v1/reports/destruction-list").token(&officer.token).send().await.problem(403, "insufficient_scope");
    let due = service.due("").await;
    let due: Vec<Value> = due.into_iter().filter(|case| case["reference"] == recused).collect();
    let problem = approve(&approver, &due).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/case_ids/0".to_owned(), "not_found".to_owned())]);
}

#[tokio::test]
async fn auditors_page_filter_and_download_what_will_be_destroyed_and_read_no_texts() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let technician = service.service_officer("somsak", &[]).await;
    let today = service.today();
    let mut references = vec![service.old_complaint().await["reference"].clone()];
    service.run_on(&Retention::default(), today - Days::new(2)).await;
    for _ in 0..2 {
        references.push(service.old_complaint().await["reference"].clone());
    }
    let given = service.ask_for("public-lighting", &lighting()).await;
    technician.complete(&technician.find_request(&given).await).await;
    service.tamper(&["UPDATE service_request SET closed_on = '2015-03-31'"]).await;
    references.push(given["reference"].clone());
    assert_eq!(service.run_on(&Retention::default(), today).await.listed, 4);
    let auditor = service.token(Role::Auditor);
    let (mut next, mut found) = (Some("/v1/retention/due?limit=1".to_owned()), Vec::new());
    while let Some(path) = next {
        let page = service.get(&path).token(&auditor).send().await.expect(200).json();
        found.extend(page["items"].as_array().unwrap().iter().map(|case| case["reference"].clone()));
        next = page["page"]["next"].as_str().map(str::to_owned);
    }
    assert_eq!(found, references);
    let after = today + Days::new(29);
    let those = async |query: &str| -> Vec<Value> {
        service.due(query).await.iter().map(|case| case["reference"].clone()).collect()
    };
    assert_eq!(those(&format!("destroy_before={after}")).await, references[..1]);
    assert_eq!(those("kind=request,feedback").await, references[3..]);
    officer.correct(&json!({ "reference": references[0] }), json!({ "on_hold": true })).await.expect(200);
    assert_eq!(those(&format!("destroy_before={after}")).await, Vec::<Value>::new());
    assert_eq!(those("on_hold=true").await, references[..1]);
    assert_eq!(those("on_hold=false").await, references[1..]);

    let case = service.due("kind=request").await[0].clone();
    let (e_service, outcome) = (&case["e_service"], &case["result"]);
    assert_eq!(
        (e_service, outcome, &case["retention_ends_on"]),
        (&json!("public-lighting"), &json!("completed"), &json!("2020-03-31"))
    );
    let table = service.get("/v1/retention/due?format=csv").token(&auditor).send().await.expect(200).text();
    assert_eq!(table.lines().count(), 5);
    let text = complaint()["subject"].as_str().unwrap().to_owned();
    assert!(!table.contains(&text) && table.contains(references[3].as_str().unwrap()), "{table}");
    service.get("/v1/retention/due").token(&officer.token).send().await.problem(403, "insufficient_scope");
}

#[tokio::test]
async fn what_is_held_stays_listed_and_gets_the_whole_notice_when_it_is_released() {
    let service = open_on_time().await;
    let given = service.old_complaint().await;
    let reference = given["reference"].as_str().unwrap();
    let officer = service.complaint_officer("somchai", &[]).await;
    let (retention, today) = (Retention::default(), service.today());
    service.run_on(&retention, today - Days::new(30)).await;
    officer.correct(&given, json!({ "on_hold": true })).await.expect(200);
    let held = service.due("").await[0].clone();
    assert_eq!(
        [&held["on_hold"], &held["destroy_on"], &held["hold_reason"]],
        [&json!(true), &json!(null), &json!(null)]
    );
    assert!(held["held_at"].is_string());
    assert_eq!(service.run_on(&retention, today).await, Run { listed: 1, ..Run::default() });
    // What was held by a token that an operator has issued, under the name of the command line, ends by a token as well.
    let address = format!("/v1/complaints/{}", officer.find(&given).await["id"].as_str().unwrap());
    let issued = service.foreign("operator");
    for on_hold in [false, true, false, true] {
        let patch = service.patch(&address).token(&issued).header("If-Match", "*");
        patch.json(&json!({ "on_hold": on_hold })).send().await.expect(200);
    }
    officer.correct(&given, json!({ "on_hold": false })).await.expect(200);
    let released = service.due("").await[0].clone();
    let day = today + Days::new(30);
    assert_eq!([&released["destroy_on"], &released["held_at"]], [&json!(day.to_string()), &json!(null)]);
    assert_eq!(service.run_on(&retention, today + Days::new(29)).await.destroyed, 0);

    let of_the_command = |command: &str, reference: &str, reason: &str| {
        cli::run(&["retention", command, reference, "--reason", reason, "--database-url", &service.database_url])
    };
    let due = || done(cli::run(&["retention", "due", "--database-url", &service.database_url]));
    done(of_the_command("hold", &reference.to_lowercase(), "คดีแดงที่ 12/2570"));
    let fault = String::from_utf8(of_the_command("hold", reference, "x").stderr).unwrap();
    assert!(fault.contains("is on hold already"), "{fault}");
    assert_eq!(service.due("").await[0]["hold_reason"], "คดีแดงที่ 12/2570");
    let told = due();
    // No officer ends it.
    let address = format!("/v1/complaints/{}", officer.find(&given).await["id"].as_str().unwrap());
    for off in [json!(false), json!(null)] {
        let patch = service.patch(&address).token(&officer.token).header("If-Match", "*");
        patch.json(&json!({ "on_hold": off })).send().await.problem(409, "illegal_transition");
    }
    let line = format!("on hold since {today}: คดีแดงที่ 12/2570\n1 listed\n");
    assert!(told.starts_with(&format!("{reference}  corruption withdrawn, ")) && told.ends_with(&line), "{told}");
    assert_eq!(service.run_on(&retention, today + Days::new(30)).await.destroyed, 0);
    done(of_the_command("release", reference, "คดีถึงที่สุด"));
    let told = due();
    assert!(
        told.ends_with(&format!("listed on {today}, can be destroyed on {day}, not approved\n1 listed\n")),
        "{told}"
    );
    let real = ["retention", "run", "--database-url", &service.database_url];
    assert_eq!(
        done(cli::run(&real)),
        "0 destroyed, 0 deleted and still on the disk, 1 listed, 0 of them due and not approved\n"
    );
    let ago = today - Days::new(30);
    service.tamper(&[&format!("UPDATE retention_listing SET listed_on = '{ago}', destroy_on = '{today}'")]).await;
    service.approve_all().await;
    // Nothing is destroyed on the word of a log that was changed.
    let changed = |actor: &str| format!("UPDATE audit_event SET actor = {actor} WHERE seq = 3");
    service.tamper(&[&changed("actor || 'x'")]).await;
    let refused = cli::run(&real);
    let fault = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && fault.contains("event 3 is not the one that was written"), "{fault}");
    service.tamper(&[&changed("substr(actor, 1, length(actor) - 1)")]).await;
    assert_eq!(
        done(cli::run(&real)),
        "1 destroyed, 0 deleted and still on the disk, 0 listed, 0 of them due and not approved\n"
    );
    assert_eq!(due(), "0 listed\n");
    for (reference, told) in [(reference, "destroyed"), ("AAAA-AAAA", "has this number"), ("x", "has this number")] {
        let refused = of_the_command("hold", reference, "x");
        let fault = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && fault.to_lowercase().contains(told), "{fault}");
    }
    let empty = of_the_command("hold", reference, " ");
    assert!(!empty.status.success());
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn a_service_request_is_held_and_released_by_an_operator() {
    let service = open_on_time().await;
    let officer = service.service_officer("somchai", &[]).await;
    let given = service.ask_for("public-lighting", &lighting()).await;
    officer.complete(&officer.find_request(&given).await).await;
    let reference = given["reference"].as_str().unwrap();
    let of_the_command = |command: &str| {
        let place = ["--database-url", &service.database_url];
        done(cli::run(&[&["retention", command, reference, "--reason", "อยู่ระหว่างอุทธรณ์"][..], &place].concat()))
    };
    of_the_command("hold");
    assert_eq!(officer.find_request(&given).await["on_hold"], true);
    service.tamper(&["UPDATE service_request SET closed_on = '2015-03-31'"]).await;
    assert_eq!(service.retain(&Retention::default()).await, 0);
    assert_eq!(service.due("on_hold=true").await[0]["hold_reason"], "อยู่ระหว่างอุทธรณ์");
    of_the_command("release");
    let today = service.today();
    assert_eq!(service.run_on(&Retention::default(), today + Days::new(29)).await.destroyed, 0);
    assert_eq!(service.run_on(&Retention::default(), today + Days::new(30)).await.destroyed, 1);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn a_refiled_complaint_is_kept_as_long_as_what_it_was_and_the_log_keeps_that_it_was_refiled() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let given = service.report(&complaint()).await;
    let refiled = json!({ "kind": "feedback", "category": "suggestion" });
    officer.correct(&given, refiled.clone()).await.expect(200);
    officer.steps(&officer.find(&given).await, &["accept", "investigate"]).await;
    officer.conclude(&given, "referred").await;
    service.close_on(&given, service.today() - Months::new(110)).await;
    assert_eq!(service.retain(&Retention::default()).await, 0);
    assert_eq!(service.due("").await, Vec::<Value>::new());
    service.close_on(&given, service.today() - Months::new(121)).await;
    assert_eq!(service.retain(&Retention::default()).await, 1);
    let id = officer.find(&given).await["id"].as_str().unwrap().to_owned();
    let export = service.export().await;
    let events = export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let about = |line: &Value| line["kind"] == "event" && line["leaf"].as_str().unwrap().contains(&id);
    let mut kept = events.filter(about).filter_map(|line| line["detail"].as_str().map(str::to_owned));
    let detail: Value = serde_json::from_str(&kept.next().unwrap()).unwrap();
    assert_eq!(detail["note"], json!({ "from": "corruption", "to": "feedback" }));
    assert_eq!(detail["document"], json!(null));
    // Beside it there are those of the approval and of the destruction itself.
    assert_eq!(kept.count(), 2);
    assert_eq!(verified(&export, None), Vec::<String>::new());
    let told = judged(&export, None, &Verifier::of(&audit_key(), "prongsai")).destroyed;
    assert!(told.len() == 1 && told[0].contains(&format!("complaints {id}, in event")), "{told:?}");
    // Whoever removes the rest of it, too, is found.
    service.tamper(&["DELETE FROM complaint"]).await;
    let findings = verified(&service.export().await, None);
    assert_eq!(findings, [format!("record complaints {id}")]);
}

#[tokio::test]
async fn another_outcome_after_reopening_never_shortens_the_retention() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let given = service.report(&complaint()).await;
    officer.steps(&officer.find(&given).await, &["accept", "investigate"]).await;
    officer.conclude(&given, "substantiated").await;
    let again = json!({ "action": "reopen", "text": "มีพยานหลักฐานใหม่" });
    officer.step(&officer.find(&given).await, again.clone()).await.expect(200);
    officer.conclude(&given, "unsubstantiated").await;
    service.close_on(&given, service.today() - Months::new(19 * 12)).await;
    let technician = service.service_officer("somsak", &[]).await;
    let request = service.ask_for("public-lighting", &lighting()).await;
    technician.complete(&technician.find_request(&request).await).await;
    technician.step_request(&technician.find_request(&request).await, again).await.expect(200);
    let done = json!({ "action": "complete", "text": "เปลี่ยนหลอดแล้ว" });
    technician.step_request(&technician.find_request(&request).await, done).await.expect(200);
    service
        .tamper(&[&format!(
            "UPDATE service_request SET closed_on = '{}', status = 'rejected'",
            service.today() - Months::new(9 * 12)
        )])
        .await;
    let longest = |years: u32| format!("corruption.substantiated={years}y,request.completed={}y", years / 2);
    assert_eq!(service.retain(&longest(20).parse().unwrap()).await, 0);
    assert_eq!(service.retain(&longest(18).parse().unwrap()).await, 2);
}

#[tokio::test]
async fn the_kind_of_a_closed_complaint_does_not_change_and_its_category_may() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let given = service.report(&complaint()).await;
    officer.steps(&officer.find(&given).await, &["accept", "investigate"]).await;
    officer.conclude(&given, "substantiated").await;
    let refiled = json!({ "kind": "feedback", "category": "suggestion" });
    let refused = officer.correct(&given, refiled.clone()).await.problem(409, "illegal_transition");
    assert!(refused["detail"].as_str().unwrap().ends_with("เว้นแต่นำกลับมาดำเนินการใหม่ก่อน"), "{refused}");
    assert_eq!(officer.find(&given).await["kind"], "corruption");
    let other = officer.correct(&given, json!({ "category": "embezzlement" })).await.expect(200).json();
    assert_eq!((&other["kind"], &other["category"]), (&json!("corruption"), &json!("embezzlement")));
    let again = json!({ "action": "reopen", "text": "มีพยานหลักฐานใหม่" });
    officer.step(&officer.find(&given).await, again).await.expect(200);
    assert_eq!(officer.correct(&given, refiled).await.expect(200).json()["kind"], "feedback");
}

#[tokio::test]
async fn what_is_no_longer_due_is_taken_off_the_list() {
    let service = open().await;
    service.old_complaint().await;
    let today = service.today();
    assert_eq!(service.run_on(&Retention::default(), today - Days::new(31)).await.listed, 1);
    let longer = "corruption.withdrawn=20y".parse().unwrap();
    assert_eq!(service.run_on(&longer, today - Days::new(1)).await, Run::default());
    assert_eq!(service.run_on(&Retention::default(), today).await, Run { listed: 1, ..Run::default() });
}

#[tokio::test]
async fn a_clock_far_from_the_log_destroys_nothing_until_an_operator_confirms_it_and_its_days_are_no_notice() {
    for (shift, doubt, condition) in [(-8, Doubt::Ahead, "clock_ahead"), (2, Doubt::Behind, "clock_behind")] {
        let service = open_on_time().await;
        service.old_complaint().await;
        let today = service.today();
        service.run_on(&Retention::default(), today - Days::new(30)).await;
        service.approve_all().await;
        // The clock is as it is: the log is moved against it.
        let newest = (service.now() + chrono::TimeDelta::days(shift)).to_rfc3339();
        service.tamper(&[&format!("UPDATE audit_event SET hour = '{newest}'")]).await;
        for _ in 0..2 {
            let run = service.run_on(&Retention::default(), today).await;
            assert_eq!(run, Run { doubt: Some(doubt), ..Run::default() });
        }
        let ready = service.get("/health/ready").send().await.expect(200).json();
        assert_eq!(ready["conditions"][0]["code"], condition);
        let url = &*service.database_url;
        let refused = cli::run(&["retention", "run", "--database-url", url]);
        let told = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && told.contains("confirm-clock"), "{told}");
        done(cli::run(&["retention", "confirm-clock", "--database-url", url]));
        for (after, destroyed) in [(0, 0), (29, 0), (30, 1)] {
            assert_eq!(service.run_on(&Retention::default(), today + Days::new(after)).await.destroyed, destroyed);
        }
        assert_eq!(service.get("/health/ready").send().await.expect(200).json()["status"], "ok");
    }
}

#[tokio::test]
async fn one_start_eleven_years_ahead_lists_nothing_and_destroys_nothing() {
    let service = open().await;
    let given = service.report(&complaint()).await;
    service.withdraw(&given).await;
    service.run_on(&Retention::default(), service.today()).await;
    let now = service.now();
    service.db().clock.set(now + chrono::TimeDelta::days(4015));
    let run = service.run_on(&Retention::default(), service.today()).await;
    assert_eq!(run, Run { doubt: Some(Doubt::Ahead), ..Run::default() });
    assert_eq!(retention_listing::Entity::find().count(service.db().reader()).await.unwrap(), 0);
    // Confirmed by mistake, it lists, and nothing more.
    clock::confirm(service.db()).await.unwrap();
    let run = service.run_on(&Retention::default(), service.today()).await;
    assert_eq!(run, Run { listed: 1, ..Run::default() });
    service.look_up(&given["receipt"]).await.expect(200);
}

#[tokio::test]
async fn a_clock_that_was_ahead_for_one_run_gives_no_notice() {
    let service = open().await;
    service.old_complaint().await;
    let (retention, now, today) = (Retention::default(), service.now(), service.today());
    assert_eq!(service.run_on(&retention, today).await.listed, 1);
    // Approvals are events, by which the clock is judged as well.
    service.approve_all().await;
    service.db().clock.set(now + chrono::TimeDelta::days(40));
    assert_eq!(service.run_on(&retention, service.today()).await.doubt, Some(Doubt::Ahead));
    // Somebody takes it for right.
    clock::confirm(service.db()).await.unwrap();
    assert_eq!(service.run_on(&retention, service.today()).await, Run { listed: 1, ..Run::default() });
    assert_eq!(service.due("").await[0]["listed_on"], json!(service.today().to_string()));
    // It is set right.
    service.approve_all().await;
    service.db().clock.set(now);
    assert_eq!(service.run_on(&retention, today).await.doubt, Some(Doubt::Behind));
    clock::confirm(service.db()).await.unwrap();
    for (after, destroyed) in [(0, 0), (29, 0), (30, 1)] {
        assert_eq!(service.run_on(&retention, today + Days::new(after)).await.destroyed, destroyed, "{after}");
    }
}

/// Asks a service that runs in a process of its own.
async fn ask(served: &Served, path: &str, token: Option<&str>, body: Option<Value>) -> Response {
    let (client, url) = (reqwest::Client::new(), format!("{}{path}", served.address));
    let request = match &body {
        Some(body) => client.post(url).json(body).header("Idempotency-Key", uuid::Uuid::now_v7().to_string()),
        None => client.get(url),
    };
    let request = token.into_iter().fold(request, |request, token| request.bearer_auth(token));
    request.send().await.unwrap()
}

/// A service in a process of its own that takes complaints, and the token of an officer.
async fn serve() -> (Served, String) {
    let served = Served::start().await;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/data/reference.json");
    done(cli::run(&["import", "complaint-categories", file, "--database-url", &served.database_url]));
    let issue = ["token", "issue", "--role", "complaint_officer", "--ttl", "1h", "--signing-key", &served.key];
    let token = done(cli::run(&issue)).trim().to_owned();
    (served, token)
}

#[tokio::test]
async fn content_keys_are_rotated_while_the_service_runs() {
    let (served, officer) = serve().await;
    let old = std::fs::read_to_string(&served.content).unwrap();
    ask(&served, "/v1/complaints", None, Some(complaint())).await.error_for_status().unwrap();
    let rotate = ["keys", "rotate", "--wait", "0", "--content-keys", &served.content];
    let told = done(cli::run(&[&rotate[..], &["--database-url", &served.database_url]].concat()));
    assert!(told.ends_with("1 cases sealed anew\n"), "{told}");
    let new = std::fs::read_to_string(&served.content).unwrap();
    assert!(new != old && new.lines().count() == 1);
    ask(&served, "/v1/complaints", None, Some(complaint())).await.error_for_status().unwrap();
    let list: Value = ask(&served, "/v1/complaints", Some(&officer), None).await.json().await.unwrap();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    for item in items {
        let path = format!("/v1/complaints/{}", item["id"].as_str().unwrap());
        let read: Value = ask(&served, &path, Some(&officer), None).await.json().await.unwrap();
        assert_eq!(read["subject"], complaint()["subject"]);
    }
}

#[tokio::test]
async fn a_rotation_that_leaves_old_keys_on_the_disk_says_so() {
    let (served, _) = serve().await;
    ask(&served, "/v1/complaints", None, Some(complaint())).await.error_for_status().unwrap();
    let reader = Db::connect(&served.database_url).await.unwrap();
    let reading = reader.snapshot().await.unwrap();
    assert_eq!(entity::case_key::Entity::find().count(&reading).await.unwrap(), 1);
    let rotate = ["keys", "rotate", "--wait", "0", "--content-keys", &served.content];
    let rotated = cli::run(&[&rotate[..], &["--database-url", &served.database_url]].concat());
    let (told, fault) = (String::from_utf8(rotated.stdout).unwrap(), String::from_utf8(rotated.stderr).unwrap());
    assert!(told.ends_with("1 cases sealed anew\n"), "{told}");
    assert!(!rotated.status.success() && fault.contains("still on the disk"), "{fault}");
}
