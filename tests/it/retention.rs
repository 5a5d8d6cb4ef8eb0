//! The end of what people wrote, and the keys that it is sealed under.

use entity::sealed_identity;
use prongsai::app::retention::{Run, due, run};
use prongsai::audit_log::author::Author;
use prongsai::clock::Doubt;
use prongsai::db::{self, Db};
use prongsai::domain::retention::Retention;
use prongsai::error::Code;
use reqwest::Response;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::audit::{verified, without_detail};
use crate::cli;
use crate::cli::{Served, done};
use crate::complaints::{open, open_on_time};
use crate::support::samples::{complaint, lighting};
use crate::support::{Service, on_postgres};

impl Service {
    /// A complaint that was withdrawn eleven years ago.
    async fn old_complaint(&self) -> Value {
        let mut body = complaint();
        body["reporter"] = json!({ "name": "สมหญิง รักไทย" });
        let given = self.report(&body).await;
        self.withdraw(&given).await;
        let closed = self.today() - chrono::Months::new(11 * 12);
        let reference = given["reference"].as_str().unwrap();
        self.tamper(&[&format!("UPDATE complaint SET closed_on = '{closed}' WHERE reference = '{reference}'")]).await;
        given
    }

    /// What is due is listed on one day, and destroyed on the next.
    async fn retain(&self, retention: &Retention) -> usize {
        let today = self.today();
        assert_eq!(self.run_on(retention, today - chrono::Days::new(1)).await.destroyed, 0);
        self.run_on(retention, today).await.destroyed
    }

    async fn run_on(&self, retention: &Retention, day: chrono::NaiveDate) -> Run {
        let (run, done) = run(self.db(), &Author::program("retention"), retention, day).await;
        done.unwrap();
        run
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
        figures.expect(200).json()["integrity"].clone()
    };
    let before = figures().await;
    assert_eq!(service.retain(&Retention::default()).await, 1);
    assert_eq!(service.retain(&Retention::default()).await, 0);

    let left = officer.get(&address).send().await.expect(200).json();
    for gone in ["subject", "description", "happened", "place", "accused", "assignee_id"] {
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
    let closed = service.today() - chrono::Months::new(6 * 12);
    service.tamper(&[&format!("UPDATE service_request SET closed_on = '{closed}'")]).await;
    assert_eq!(service.retain(&"request=7y".parse().unwrap()).await, 0);
    assert_eq!(service.retain(&Retention::default()).await, 1);
    let left = officer.find_request(&given).await;
    for gone in ["form", "applicant", "place", "public_note", "assignee_id"] {
        assert_eq!(left[gone], json!(null), "{gone}");
    }
    assert_eq!((&left["status"], &left["rating"]), (&json!("completed"), &json!(5)));
    service.rate(&given["receipt"], 1).await.problem(404, "unknown_receipt");
    officer.step_request(&left, json!({ "action": "reopen", "text": "x" })).await.problem(409, "destroyed");
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn deleted_data_that_a_reader_keeps_on_the_disk_is_reported_and_removed_by_a_later_run() {
    let service = open().await;
    service.old_complaint().await;
    let (author, retention, today) = (Author::program("retention"), Retention::default(), service.today());
    service.run_on(&retention, today - chrono::Days::new(1)).await;
    let reader = service.db().snapshot().await.unwrap();
    assert_eq!(sealed_identity::Entity::find().count(&reader).await.unwrap(), 1);
    let (destroyed, done) = run(service.db(), &author, &retention, today).await;
    assert_eq!(destroyed.destroyed, 1);
    assert_eq!(done.unwrap_err().code(), Code::Unavailable);
    reader.rollback().await.unwrap();
    let (destroyed, done) = run(service.db(), &author, &retention, today).await;
    done.unwrap();
    assert_eq!(destroyed.destroyed, 0);
    if !on_postgres() {
        let log = format!("{}-wal", db::file_of(&service.database_url).display());
        assert_eq!(std::fs::metadata(log).unwrap().len(), 0);
    }
}

#[tokio::test]
async fn what_is_held_is_kept_and_what_is_due_can_be_seen_before() {
    let service = open_on_time().await;
    let given = service.old_complaint().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let address = format!("/v1/complaints/{}", officer.find(&given).await["id"].as_str().unwrap());
    let hold = async |on_hold: bool| {
        let patch = service.patch(&address).token(&officer.token).header("If-Match", "*");
        patch.json(&json!({ "on_hold": on_hold })).send().await.expect(200);
    };
    hold(true).await;
    assert_eq!(service.retain(&Retention::default()).await, 0);
    hold(false).await;
    assert_eq!(service.retain(&"corruption.withdrawn=20y".parse().unwrap()).await, 0);
    let due = due(service.db().reader(), &Retention::default(), service.today()).await.unwrap();
    assert_eq!(due[0].0.closed.reference, given["reference"].as_str().unwrap());
    let dry = ["retention", "run", "--dry-run", "--database-url", &service.database_url];
    let told = done(cli::run(&dry));
    assert!(
        told.contains(given["reference"].as_str().unwrap())
            && told.ends_with("0 would be destroyed, 1 listed for a later day\n"),
        "{told}"
    );
    let real = ["retention", "run", "--database-url", &service.database_url];
    assert_eq!(done(cli::run(&real)), "0 destroyed, 1 listed for a later day\n");
    assert_eq!(done(cli::run(&real)), "0 destroyed, 1 listed for a later day\n");
    let yesterday = service.today() - chrono::Days::new(1);
    service.tamper(&[&format!("UPDATE retention_listing SET listed_on = '{yesterday}'")]).await;
    assert!(done(cli::run(&dry)).ends_with("1 would be destroyed, 0 listed for a later day\n"));
    assert_eq!(done(cli::run(&real)), "1 destroyed, 0 listed for a later day\n");
    assert_eq!(done(cli::run(&dry)), "0 would be destroyed, 0 listed for a later day\n");
}

#[tokio::test]
async fn what_is_no_longer_due_is_taken_off_the_list() {
    let service = open().await;
    service.old_complaint().await;
    let today = service.today();
    assert_eq!(service.run_on(&Retention::default(), today - chrono::Days::new(2)).await.listed, 1);
    let longer = "corruption.withdrawn=20y".parse().unwrap();
    assert_eq!(service.run_on(&longer, today - chrono::Days::new(1)).await, Run::default());
    assert_eq!(service.run_on(&Retention::default(), today).await, Run { listed: 1, ..Run::default() });
}

#[tokio::test]
async fn a_clock_far_from_the_log_destroys_nothing_until_an_operator_confirms_it() {
    for (shift, doubt, condition) in [(-8, Doubt::Ahead, "clock_ahead"), (2, Doubt::Behind, "clock_behind")] {
        let service = open_on_time().await;
        service.old_complaint().await;
        let today = service.today();
        service.run_on(&Retention::default(), today - chrono::Days::new(1)).await;
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
        assert_eq!(service.run_on(&Retention::default(), today).await.destroyed, 1);
        assert_eq!(service.get("/health/ready").send().await.expect(200).json()["status"], "ok");
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
