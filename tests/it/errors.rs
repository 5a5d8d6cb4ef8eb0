//! Errors that can be traced: what the log has of a 500, and what it does not call an error.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::Client;
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};

use crate::cli::{Served, done, run};

/// The lines of the log that have all of these texts.
fn lines(served: &Served, texts: &[&str]) -> Vec<String> {
    let log = std::fs::read_to_string(served.folder.path().join("log")).unwrap();
    log.lines().filter(|line| texts.iter().all(|text| line.contains(text))).map(str::to_owned).collect()
}

/// Takes a table away, as a database that somebody else has changed.
async fn rename(served: &Served, from: &str, to: &str) {
    let db = Database::connect(&served.database_url).await.unwrap();
    db.execute_unprepared(&format!("ALTER TABLE {from} RENAME TO {to}")).await.unwrap();
}

#[tokio::test]
async fn a_500_is_logged_once_with_its_cause_request_id_and_route() {
    let served = Served::start().await;
    let issue = ["token", "issue", "--role", "admin", "--signing-key", &served.key];
    let token = done(run(&issue)).trim().to_owned();
    let holiday = json!({ "date": "2027-01-01", "name": { "th": "วันขึ้นปีใหม่" } });
    let client = Client::new();
    rename(&served, "agency", "agency_away").await;
    rename(&served, "holiday", "holiday_away").await;
    let read = client.get(format!("{}/v1/agency", served.address));
    // A write runs in a task of its own.
    let write = client.post(format!("{}/v1/holidays", served.address)).bearer_auth(token).json(&holiday);
    for (request, id, route, table) in
        [(read, "trace-of-a-read", "/v1/agency", "agency"), (write, "trace-of-a-write", "/v1/holidays", "holiday")]
    {
        let answer = request.header("x-request-id", id).send().await.unwrap();
        assert_eq!(answer.status(), 500, "{route}");
        assert_eq!(answer.json::<Value>().await.unwrap()["request_id"], id);
        let errors = lines(&served, &["ERROR"]).into_iter().filter(|line| line.contains(id)).collect::<Vec<_>>();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(
            errors[0].contains(route) && errors[0].contains("\"cause\":") && errors[0].contains(table),
            "{errors:?}"
        );
    }
}

#[tokio::test]
async fn a_500_of_another_specification_is_logged_as_well() {
    let served = Served::start().await;
    rename(&served, "agency", "agency_away").await;
    let read = Client::new().get(format!("{}/open311/discovery.xml", served.address));
    let answer = read.header("x-request-id", "trace-of-a-read").send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (500, &"text/xml; charset=utf-8".parse().unwrap())
    );
    let errors = lines(&served, &["ERROR", "trace-of-a-read"]);
    assert!(errors.len() == 1 && errors[0].contains("/open311/discovery"), "{errors:?}");
}

#[tokio::test]
async fn bytes_that_are_not_http_are_no_error_of_the_service() {
    let served = Served::start().await;
    let host = served.address.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream.write_all(b"\x16\x03\x01\x02\x00 this is not HTTP\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(answer.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(lines(&served, &["ERROR"]), Vec::<String>::new());
}

#[tokio::test]
async fn a_job_that_fails_is_tried_again_and_readiness_shows_when_it_last_succeeded() {
    let served = Served::start().await;
    let job = async || -> (Value, bool) {
        let ready: Value =
            reqwest::get(format!("{}/health/ready", served.address)).await.unwrap().json().await.unwrap();
        let jobs = ready["jobs"].as_array().unwrap();
        let at = jobs.iter().find(|job| job["job"] == "revisions").unwrap()["last_succeeded_at"].clone();
        let conditions = ready["conditions"].as_array().unwrap();
        (at, conditions.iter().any(|condition| condition["job"] == "revisions"))
    };
    let until = async |wanted: &dyn Fn(&Value, bool) -> bool| -> Value {
        for _ in 0..100 {
            let (at, fails) = job().await;
            if wanted(&at, fails) {
                return at;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{:?}", job().await);
    };
    until(&|at, fails| at.is_string() && !fails).await;
    rename(&served, "revision", "revision_away").await;
    let last = until(&|_, fails| fails).await;
    assert!(!lines(&served, &["ERROR", "revisions", "\"cause\":"]).is_empty());
    rename(&served, "revision_away", "revision").await;
    let next = until(&|_, fails| !fails).await;
    assert!(next.as_str() > last.as_str(), "{last} {next}");
}
