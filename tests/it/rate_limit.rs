//! Rate limits, and the connections of an address.

use std::io::{Read, Write};
use std::net::TcpStream;

use prongsai::app::config::Settings;
use prongsai::app::demo;
use prongsai::auth::scope::Role;
use prongsai::auth::token::Grant;
use prongsai::http::middleware::rate_limit::LimitSettings;
use serde_json::json;

use crate::support::ask::{Ask, Operation};
use crate::support::samples::complaint;
use crate::support::{Answer, Service, faults, spawn, spawn_filled, spawn_with};

async fn limited(limit: &str) -> Service {
    let limit = Some(limit.parse().unwrap());
    let limits = LimitSettings {
        reads: limit,
        writes: limit,
        logins: limit,
        complaints: limit,
        requests: limit,
        ..LimitSettings::default()
    };
    spawn_with(Settings { limits, ..Settings::default() }).await
}

#[tokio::test]
async fn what_is_left_is_told_and_when_nothing_is_left_the_answer_is_429() {
    let service = limited("3/3600s").await;
    let program = service.issue(Grant { subject: "program".to_owned(), ..Grant::default() });
    for left in ["2", "1", "0"] {
        let answer = service.get("/v1/units").token(&program).send().await.expect(200);
        assert_eq!(answer.header("ratelimit-policy"), "\"reads\";q=3;w=3600");
        assert_eq!(answer.header("ratelimit"), format!("\"reads\";r={left};t=3600"));
        // Of an address it would tell who shares it that somebody has sent something.
        let answer = service.get("/v1/units").send().await.expect(200);
        assert_eq!((answer.header("ratelimit-policy"), answer.header("ratelimit")), ("\"reads\";q=3;w=3600", ""));
    }
    let refused = service.get("/v1/units").send().await;
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=1200).contains(&wait), "{wait}");
    assert!(refused.header("ratelimit").starts_with("\"reads\";r=0;"));
    let problem = refused.problem(429, "too_many_requests");
    assert!(problem["detail"].as_str().unwrap().contains(&format!(" {wait} วินาที")), "{problem}");
    // Writes are another group, a token another caller, and whether the service lives may always be asked.
    service.post("/v1/login").json(&json!({ "login": "a", "password": "b" })).send().await.expect(401);
    service.get("/v1/units").token(&service.token(Role::Editor)).send().await.expect(200);
    service.get("/health/live").send().await.expect(200);
}

#[tokio::test]
async fn an_address_with_escapes_is_counted_as_what_it_is() {
    let service = limited("3/3600s").await;
    let answer = service.post("/v1/%6Cogin").json(&json!({ "login": "a", "password": "b" })).send().await;
    assert!(answer.header("ratelimit-policy").starts_with("\"logins\""), "{answer:?}");
}

#[tokio::test]
async fn each_operation_is_counted_in_its_group() {
    let service = limited("100/3600s").await;
    for (method, path, group) in [
        ("GET", "/v1/complaints", "reads"),
        ("HEAD", "/v1/units", "reads"),
        ("POST", "/v1/units", "writes"),
        ("POST", "/v1/nowhere", "writes"),
        ("POST", "/v1/complaints/lookup", "writes"),
        ("POST", "/oauth/token", "logins"),
        ("POST", "/oauth/revoke", "logins"),
        ("POST", "/v1/login/", "logins"),
        ("POST", "/v1/e-services/public-lighting/requests", "requests"),
        ("GET", "/open311/v2/requests.json", "reads"),
        ("POST", "/open311/v2/requests.json", "requests"),
        ("POST", "/open311/v2/requests.xml", "requests"),
        ("POST", "/open311/test/v2/requests.json", "requests"),
        ("POST", "/open311/test/v2/r%65quests.xml", "requests"),
    ] {
        let answer = service.request(method, path).send().await;
        let policy = answer.header("ratelimit-policy");
        assert!(policy.starts_with(&format!("\"{group}\";")), "{method} {path}: {policy}");
    }
}

#[tokio::test]
async fn a_limit_refills() {
    let service = limited("2/1s").await;
    for _ in 0..2 {
        service.get("/v1/units").send().await.expect(200);
    }
    service.get("/v1/units").send().await.expect(429);
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    service.get("/v1/units").send().await.expect(200);
}

#[tokio::test]
async fn a_forged_token_does_not_make_another_caller() {
    let service = limited("1/3600s").await;
    service.get("/v1/units").send().await.expect(200);
    service.get("/v1/units").header("Authorization", "Bearer x").send().await.expect(429);
}

#[tokio::test]
async fn every_operation_that_is_counted_answers_429() {
    let (service, strict) = (spawn_filled().await, limited("1/3600s").await);
    for operation in Operation::all().iter().filter(|operation| operation.documents(429)) {
        let right = Ask::right(&service, operation).await;
        right.send(&strict).await;
        right.send(&strict).await.problem(429, "too_many_requests");
    }
    let free = spawn().await.get("/v1/units").send().await.expect(200);
    assert_eq!(free.header("ratelimit"), "");
}

#[tokio::test]
async fn new_complaints_are_counted_apart_and_each_client_has_its_own() {
    let service = limited("1/3600s").await;
    demo::fill(service.db()).await.unwrap();
    service.report(&complaint()).await;
    let again = async |token: Option<&str>| {
        let request = service.post("/v1/complaints").once().json(&complaint());
        token.into_iter().fold(request, |request, token| request.token(token)).send().await
    };
    let refused = again(None).await;
    assert!(refused.header("ratelimit-policy").starts_with("\"complaints\""));
    refused.problem(429, "too_many_requests");
    // What was sent can still be read, and the website is another caller.
    service.post("/v1/complaints/lookup").json(&json!({ "receipt": "no" })).send().await.expect(404);
    let scopes = vec!["complaints:submit".to_owned()];
    let website = service.issue(Grant { subject: "website".to_owned(), scopes, ..Grant::default() });
    again(Some(&website)).await.expect(201);
    again(Some(&website)).await.problem(429, "too_many_requests");
}

#[tokio::test]
async fn each_visitor_of_a_website_is_counted_apart_and_the_website_a_hundred_times_as_much() {
    let service = limited("1/3600s").await;
    demo::fill(service.db()).await.unwrap();
    let grant = |subject: &str, scope: &str| Grant {
        subject: subject.to_owned(),
        scopes: vec![scope.to_owned()],
        ..Grant::default()
    };
    let website = service.issue(grant("website", "complaints:submit"));
    let sent = async |token: &str, visitor: &str| {
        let request = service.post("/v1/complaints").once().token(token).header("Prongsai-Visitor", visitor);
        request.json(&complaint()).send().await
    };
    sent(&website, "one").await.expect(201);
    let refused = sent(&website, "one").await;
    assert_eq!(refused.header("ratelimit-policy"), "\"complaints\";q=1;w=3600");
    refused.problem(429, "too_many_requests");
    for visitor in 2..=100 {
        sent(&website, &format!("{visitor}")).await.expect(201);
    }
    sent(&website, "101").await.problem(429, "too_many_requests");
    // Visitors of the same name of another website are others.
    sent(&service.issue(grant("another", "complaints:submit")), "one").await.expect(201);
}

#[tokio::test]
async fn only_a_website_names_its_visitor() {
    let service = limited("9/3600s").await;
    let lookup = async |token: Option<&str>, visitor: &str| {
        let request =
            service.post("/v1/complaints/lookup").json(&json!({ "receipt": "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S" }));
        let request = request.header("Prongsai-Visitor", visitor);
        token.into_iter().fold(request, |request, token| request.token(token)).send().await
    };
    let refused = |answer: Answer| faults(&answer.problem(400, "invalid_parameter"));
    let at = |code: &str| [("Prongsai-Visitor".to_owned(), code.to_owned())];
    assert_eq!(refused(lookup(None, "one").await), at("not_for_this"));
    assert_eq!(refused(lookup(Some(&service.token(Role::ComplaintOfficer)), "one").await), at("not_for_this"));
    let website = service.token_with(&["complaints:submit"]);
    for wrong in ["", "two words", &"x".repeat(65)] {
        assert_eq!(refused(lookup(Some(&website), wrong).await), at("bad_format"), "{wrong}");
    }
    lookup(Some(&website), &"x".repeat(64)).await.problem(404, "unknown_receipt");
    // A website whose token has ended is told so, and gets another.
    let sent = service.post("/v1/complaints").once().token("x").header("Prongsai-Visitor", "one").json(&complaint());
    sent.send().await.problem(401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_does_not_keep_all_connections() {
    let service = spawn().await;
    let host = service.address.trim_start_matches("http://").to_owned();
    let ask = move || {
        let mut stream = TcpStream::connect(&host).unwrap();
        stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = [0; 4096];
        let length = stream.read(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer[..length]).to_lowercase();
        assert!(answer.starts_with("http/1.1 200"), "{answer}");
        (stream, answer.contains("connection: close"))
    };
    let asked = tokio::task::spawn_blocking(move || {
        let answers: Vec<_> = (0..300).map(|_| ask()).collect();
        let closed: Vec<bool> = answers.iter().map(|(_, is_closed)| *is_closed).collect();
        drop(answers);
        // The service sees the end of those that were kept.
        let is_kept = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            !ask().1
        });
        (closed, is_kept)
    });
    let (closed, is_kept_again) = asked.await.unwrap();
    assert!(!closed[..250].contains(&true) && closed[299], "{closed:?}");
    assert!(is_kept_again);
}
