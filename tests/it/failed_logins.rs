//! Failed logins: what the audit log keeps of them, and who waits because of them.

use std::time::Duration;

use chrono::TimeDelta;
use prongsai::app::config::Settings;
use prongsai::auth::scope::Role;
use prongsai::http::middleware::rate_limit::LimitSettings;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::accounts::code_of;
use crate::cli::{Served, done, run};
use crate::support::{Answer, PASSWORD, Service, spawn, spawn_with};

/// A service behind a proxy that tells where a request comes from.
async fn behind_proxy() -> Service {
    let limits = LimitSettings { trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()], ..LimitSettings::default() };
    spawn_with(Settings { limits, ..Settings::default() }).await
}

impl Service {
    async fn try_login(&self, login: &str, password: &str) -> Answer {
        self.post("/v1/login").json(&json!({ "login": login, "password": password })).send().await
    }

    async fn try_from(&self, address: &str, login: &str, password: &str) -> Answer {
        let body = json!({ "login": login, "password": password });
        self.post("/v1/login").header("X-Forwarded-For", address).json(&body).send().await
    }

    async fn try_with(&self, device: &str, login: &str, password: &str) -> Answer {
        let body = json!({ "login": login, "password": password, "device_token": device });
        self.post("/v1/login").header("X-Forwarded-For", "192.0.2.66").json(&body).send().await
    }

    /// Guesses from other addresses, once from each, until one has to wait; then it is the longest wait.
    async fn guess_from_many_addresses(&self, login: &str) {
        for number in 0..200 {
            let address = std::net::Ipv4Addr::from(0x0A00_0000 + number).to_string();
            if self.try_from(&address, login, "wrong").await.status == 429 {
                assert!(number >= 100, "only {number} guesses were judged");
                self.tamper(&["UPDATE login_attempt SET failures = 110"]).await;
                return;
            }
        }
        panic!("nobody has to wait");
    }

    async fn try_client(&self, id: &str) -> Answer {
        let request = self.post("/oauth/token").header("Content-Type", "application/x-www-form-urlencoded");
        request.body(format!("grant_type=client_credentials&client_id={id}&client_secret=x")).send().await
    }

    /// The events of an action, the oldest first: the record and the note of each.
    pub async fn events_of(&self, action: &str) -> Vec<(Value, Value)> {
        let export = self.get("/v1/audit/export").token(&self.token(Role::Auditor)).send().await.expect(200).text();
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let events = export.lines().map(read).filter(|line| line["kind"] == "event");
        let events = events.map(|line| [&line["leaf"], &line["detail"]].map(|part| read(part.as_str().unwrap())));
        let events = events.filter(|[leaf, _]| leaf["action"] == action);
        events.map(|[leaf, detail]| (leaf["record"].clone(), detail["note"].clone())).collect()
    }

    /// Waits until an action is in the log so many times.
    pub async fn logged(&self, action: &str, many: usize) {
        let (path, auditor) = (format!("/v1/audit/events?action={action}"), self.token(Role::Auditor));
        for _ in 0..50 {
            let events = self.get(&path).token(&auditor).send().await.expect(200).json();
            if events["items"].as_array().unwrap().len() >= many {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{action} was not logged {many} times");
    }
}

#[tokio::test]
async fn a_burst_of_denied_tokens_is_two_events_for_each_client_and_for_all_that_are_unknown() {
    let service = spawn().await;
    let (id, _) = service.add_client(&["measures:read"]).await;
    for _ in 0..100 {
        service.try_client(&id).await.expect(401);
        // A stranger's id is no record of ours.
        service.try_client(&Uuid::now_v7().to_string()).await.expect(401);
    }
    service.app.auth.failures.write_counts(service.db()).await.unwrap();
    let firsts: Vec<Value> = service.events_of("token_denied").await.into_iter().map(|(record, _)| record).collect();
    assert_eq!(firsts.len(), 2, "{firsts:?}");
    assert!(firsts.contains(&json!(id)) && firsts.contains(&Value::Null), "{firsts:?}");
    for (record, note) in service.events_of("token_denials").await {
        assert!(record == json!(id) || record.is_null());
        assert_eq!(note["further"], 99);
    }
    // The next hour begins anew.
    service.try_client(&id).await.expect(401);
    service.app.auth.failures.write_counts(service.db()).await.unwrap();
    assert_eq!(service.events_of("token_denied").await.len(), 3);
    assert_eq!(service.events_of("token_denials").await.len(), 2);
}

#[tokio::test]
async fn the_first_failed_login_is_an_event_within_seconds_and_those_that_follow_are_counted() {
    let service = spawn().await;
    let id = service.add_user("somchai", &[]).await;
    for login in ["somchai", "somchai", "nobody", "nobody", "nobody-else"] {
        service.try_login(login, "wrong").await.expect(401);
    }
    service.logged("login_failed", 2).await;
    let firsts = service.events_of("login_failed").await;
    assert!(firsts.iter().any(|(record, _)| *record == json!(id)), "{firsts:?}");
    assert!(firsts.iter().any(|(record, _)| record.is_null()), "{firsts:?}");
    assert_eq!(service.events_of("login_failures").await, []);
    service.app.auth.failures.write_counts(service.db()).await.unwrap();
    let counts = service.events_of("login_failures").await;
    let further = |of: &Value| counts.iter().find(|(record, _)| record == of).map(|(_, note)| note["further"].clone());
    assert_eq!((further(&json!(id)), further(&Value::Null)), (Some(json!(1)), Some(json!(2))));
    assert_eq!(service.events_of("login_failed").await.len(), 2);
    service.try_login("somchai", PASSWORD).await.expect(200);
    assert_eq!(service.events_of("login").await.len(), 1);
}

#[tokio::test]
async fn what_was_counted_is_written_before_the_process_ends() {
    let mut served = Served::start().await;
    let http = reqwest::Client::new();
    for _ in 0..3 {
        let request = http.post(format!("{}/oauth/token", served.address));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let answer = request.body("grant_type=client_credentials&client_id=x&client_secret=y").send().await.unwrap();
        assert_eq!(answer.status(), 401);
    }
    assert!(served.process.terminate());
    let export = done(run(&["audit", "export", "--database-url", &served.database_url]));
    let lines = |action: &str| export.matches(&format!("\\\"action\\\":\\\"{action}\\\"")).count();
    assert_eq!((lines("token_denied"), lines("token_denials")), (1, 1), "{export}");
}

#[tokio::test]
async fn a_right_password_without_its_code_is_an_event_and_a_wrong_code_a_failure() {
    let service = spawn().await;
    let id = service.add_user("somchai", &[]).await;
    let tokens = service.try_login("somchai", PASSWORD).await.expect(200).json();
    let post =
        |path: &str, body: Value| service.post(path).token(tokens["access_token"].as_str().unwrap()).json(&body).send();
    let enrolment = post("/v1/me/second-factor", json!({ "password": PASSWORD })).await.expect(200).json();
    let code = code_of(enrolment["secret"].as_str().unwrap(), service.now());
    post("/v1/me/second-factor/confirmation", json!({ "code": code })).await.expect(200);
    for _ in 0..8 {
        service.try_login("somchai", PASSWORD).await.problem(401, "second_factor_required");
    }
    service.logged("login_without_code", 1).await;
    assert_eq!(service.events_of("login_without_code").await, [(json!(id), Value::Null)]);
    let with_code = json!({ "login": "somchai", "password": PASSWORD, "code": code });
    for _ in 0..5 {
        service.post("/v1/login").json(&with_code).send().await.problem(401, "invalid_credentials");
    }
    service.post("/v1/login").json(&with_code).send().await.problem(429, "too_many_attempts");
    service.logged("login_with_wrong_code", 1).await;
    assert_eq!(service.events_of("login_with_wrong_code").await[0].0, json!(id));
}

#[tokio::test]
async fn whoever_has_stolen_a_token_can_neither_enrol_an_app_nor_guess_the_password() {
    let service = spawn().await;
    let id = service.add_user("somchai", &[]).await;
    let tokens = service.try_login("somchai", PASSWORD).await.expect(200).json();
    let enrol = |password: &str| {
        let request = service.post("/v1/me/second-factor").token(tokens["access_token"].as_str().unwrap());
        request.json(&json!({ "password": password })).send()
    };
    for _ in 0..5 {
        enrol("wrong").await.problem(403, "wrong_password");
    }
    enrol(PASSWORD).await.problem(429, "too_many_attempts");
    service.logged("password_wrong", 1).await;
    assert_eq!(service.events_of("password_wrong").await[0].0, json!(id));
    // The owner logs in.
    service.try_login("somchai", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn failures_make_the_next_try_from_the_same_address_wait_whether_there_is_such_a_login_or_not() {
    let service = behind_proxy().await;
    service.add_user("somchai", &[]).await;
    for login in ["somchai", "nobody"] {
        for _ in 0..5 {
            service.try_from("192.0.2.1", login, "wrong").await.problem(401, "invalid_credentials");
        }
        let refused = service.try_from("192.0.2.1", login, PASSWORD).await;
        assert_eq!(refused.header("retry-after"), "1");
        refused.problem(429, "too_many_attempts");
    }
    // The owner is elsewhere.
    service.try_from("192.0.2.2", "somchai", PASSWORD).await.expect(200);
    service.try_from("192.0.2.1", "somchai", PASSWORD).await.expect(429);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    service.try_from("192.0.2.1", "somchai", PASSWORD).await.expect(200);
    // Whoever gets in starts anew.
    service.try_from("192.0.2.1", "somchai", "wrong").await.problem(401, "invalid_credentials");
    service.try_from("192.0.2.1", "somchai", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn many_guesses_at_once_are_no_faster() {
    let service = spawn().await;
    service.add_user("somchai", &[]).await;
    let answers = futures_util::future::join_all((0..30).map(|_| service.try_login("somchai", "wrong"))).await;
    let judged = answers.iter().filter(|answer| answer.status == 401).count();
    assert_eq!(judged, 5);
}

#[tokio::test]
async fn guesses_from_many_addresses_make_every_login_wait_but_that_of_a_known_device() {
    let service = behind_proxy().await;
    let other = service.sibling().await;
    let id = service.add_user("somchai", &[]).await;
    let tokens = service.try_from("192.0.2.1", "somchai", PASSWORD).await.expect(200).json();
    let device = tokens["device_token"].as_str().unwrap();
    for login in ["somchai", "nobody"] {
        service.guess_from_many_addresses(login).await;
        for process in [&service, &other] {
            process.try_from("192.0.2.1", login, PASSWORD).await.problem(429, "too_many_attempts");
        }
    }
    // Another account's logins do not wait.
    service.add_user("somsri", &[]).await;
    service.try_from("192.0.2.1", "somsri", PASSWORD).await.expect(200);
    let again = other.try_with(device, "somchai", PASSWORD).await.expect(200).json();
    assert_eq!(again.get("device_token"), None);
    // Its own failures make the device wait, and it is of its own account alone.
    service.try_with(device, "nobody", PASSWORD).await.problem(429, "too_many_attempts");
    for _ in 0..5 {
        service.try_with(device, "somchai", "wrong").await.expect(401);
    }
    service.try_with(device, "somchai", PASSWORD).await.problem(429, "too_many_attempts");
    // A new password ends it.
    let set = service.post(&format!("/v1/users/{id}/password")).token(&service.token(Role::Admin));
    set.json(&json!({ "password": PASSWORD })).send().await.expect(204);
    other.try_with(device, "somchai", PASSWORD).await.problem(429, "too_many_attempts");
}

#[tokio::test]
async fn an_account_has_ten_known_devices() {
    let service = behind_proxy().await;
    service.add_user("somchai", &[]).await;
    let mut devices = Vec::new();
    for _ in 0..11 {
        let tokens = service.try_login("somchai", PASSWORD).await.expect(200).json();
        devices.push(tokens["device_token"].as_str().unwrap().to_owned());
    }
    let is_known = async |device: &str| {
        let tokens = service.try_with(device, "somchai", PASSWORD).await.expect(200).json();
        tokens.get("device_token").is_none()
    };
    assert!(is_known(&devices[1]).await && is_known(&devices[10]).await);
    assert!(!is_known(&devices[0]).await);
}

#[tokio::test]
async fn marks_of_a_clock_that_was_ahead_keep_nobody_out_and_no_code_is_taken_twice() {
    let service = behind_proxy().await;
    service.add_user("somchai", &[]).await;
    let tokens = service.try_from("192.0.2.1", "somchai", PASSWORD).await.expect(200).json();
    let post =
        |path: &str, body: Value| service.post(path).token(tokens["access_token"].as_str().unwrap()).json(&body).send();
    let enrolment = post("/v1/me/second-factor", json!({ "password": PASSWORD })).await.expect(200).json();
    let secret = enrolment["secret"].as_str().unwrap();
    let right = service.now();
    let code = |days: i64| code_of(secret, right + TimeDelta::days(days));
    post("/v1/me/second-factor/confirmation", json!({ "code": code(0) })).await.expect(200);
    let log_in = |code: &str| {
        let body = json!({ "login": "somchai", "password": PASSWORD, "code": code });
        service.post("/v1/login").header("X-Forwarded-For", "192.0.2.1").json(&body).send()
    };
    service.db().clock.set(right + TimeDelta::days(2));
    service.guess_from_many_addresses("somchai").await;
    service.try_from("192.0.2.1", "somchai", PASSWORD).await.problem(429, "too_many_attempts");
    let unlock = |service: &Service| {
        let (folder, url) = (service.folder.path().join("audit.pem"), service.database_url.clone());
        std::fs::write(&folder, crate::support::AUDIT_KEY).unwrap();
        run(&["user", "unlock", "somchai", "--audit-key", folder.to_str().unwrap(), "--database-url", &url])
    };
    done(unlock(&service));
    log_in(&code(2)).await.expect(200);
    service.guess_from_many_addresses("somchai").await;
    service.db().clock.set(right);
    // Neither the wait nor the step of the code is believed; what was taken before is taken no more.
    log_in(&code(0)).await.problem(401, "invalid_credentials");
    log_in(&code_of(secret, right + TimeDelta::seconds(30))).await.expect(200);
    service.db().clock.set(right + TimeDelta::days(2));
    log_in(&code(2)).await.problem(401, "invalid_credentials");
    assert_eq!(service.events_of("unlock").await.len(), 1);
}
