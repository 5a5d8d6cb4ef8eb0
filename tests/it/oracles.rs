//! Nobody learns when somebody reported: what the public, an editor, a custodian's colleague and an officer of another unit can read is
//! the same before and after reports, messages, files and withdrawals.

use std::collections::BTreeMap;

use prongsai::auth::scope::Role;
use serde_json::{Value, json};

use crate::support::ask::{Ask, Operation};
use crate::support::samples::{complaint, named_complaint, photo};
use crate::support::{Answer, Service, spawn_filled};

/// A header of the one response, and what is random or about the service alone.
const OF_THE_RESPONSE: &str = "date";
const OF_THE_SERVICE: [&str; 2] = ["get_challenge", "get_readiness"];

/// Status, headers and body.
type Seen = (u16, BTreeMap<String, String>, String);

fn seen(answer: Answer) -> Seen {
    let headers = answer.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let headers = headers.filter(|(name, _)| name != OF_THE_RESPONSE).collect();
    (answer.status, headers, String::from_utf8_lossy(&answer.body).into_owned())
}

/// Everything that can be read, as several callers read it.
struct Watch {
    asks: Vec<(String, Ask)>,
}

impl Watch {
    async fn of(service: &Service) -> Self {
        let officer = service.complaint_officer("builder", &["public-works"]).await.token;
        let callers = [
            ("public", None),
            ("editor", Some(service.token(Role::Editor))),
            ("approver", Some(service.token(Role::Approver))),
            ("admin", Some(service.token(Role::Admin))),
            ("officer of another unit", Some(officer)),
        ];
        let mut asks = Vec::new();
        let is_read = |operation: &&Operation| {
            operation.method == "GET"
                && !OF_THE_SERVICE.iter().any(|name| operation.document()["operationId"] == **name)
        };
        for operation in Operation::all().iter().filter(is_read) {
            let right = Ask::right(service, operation)
                .await
                .without("Authorization")
                .header("X-Request-Id", "the-same-each-time");
            for (caller, token) in &callers {
                let mut ask = right.clone();
                if let Some(token) = token {
                    ask = ask.header("Authorization", &format!("Bearer {token}"));
                }
                let tables = operation.parameters("query").any(|(name, schema, _)| {
                    name == "format"
                        && schema["schema"]["enum"].as_array().is_some_and(|all| all.contains(&json!("csv")))
                });
                if tables {
                    asks.push((format!("{caller}: {} as CSV", operation.template), ask.clone().query("format", "csv")));
                }
                if operation.template == "/v1/statistics/complaints" {
                    let this_year = prongsai::domain::fiscal_year::FiscalYear::at(service.now()).unwrap();
                    ask = ask.query("fiscal_year", &this_year.to_string()).query("period", "month");
                }
                asks.push((format!("{caller}: {}", operation.template), ask));
            }
        }
        Self { asks }
    }

    async fn look(&self, service: &Service) -> BTreeMap<String, Seen> {
        let mut all = BTreeMap::new();
        for (name, ask) in &self.asks {
            all.insert(name.clone(), seen(ask.send(service).await));
        }
        all
    }
}

#[tokio::test]
async fn nobody_learns_that_somebody_reported() {
    let service = spawn_filled().await;
    service.tamper(&["UPDATE complaint SET unit_id = (SELECT id FROM unit WHERE code = 'legal')"]).await;
    let watch = Watch::of(&service).await;
    watch.look(&service).await;
    // Whatever is cached now stays so, and is another response once it is made anew: the time that this takes would tell as well.
    service.tamper(&["UPDATE agency SET name_th = 'เทศบาลอื่น'"]).await;
    let before = watch.look(&service).await;
    for round in 0..5 {
        for number in 0..10 {
            let mut body = if number % 3 == 0 { named_complaint() } else { complaint() };
            match number % 4 {
                0 => (body["kind"], body["category"]) = (json!("misconduct"), json!("abuse-of-power")),
                2 => (body["kind"], body["category"]) = (json!("service"), json!("nuisance")),
                _ => {}
            }
            let receipt = service.report(&body).await["receipt"].clone();
            let message = json!({ "receipt": receipt, "text": format!("เพิ่มเติม {round}.{number}") });
            service.post("/v1/complaints/lookup/messages").once().json(&message).send().await.expect(201);
            if number == 0 {
                service.attach(&receipt, "ภาพ.jpg", &photo()).await.expect(201);
            }
            if number % 2 == 0 {
                let withdrawal = json!({ "receipt": receipt });
                service.post("/v1/complaints/lookup/withdrawal").once().json(&withdrawal).send().await.expect(200);
            }
        }
        let after = watch.look(&service).await;
        for (name, was) in &before {
            assert_eq!(&after[name], was, "{name}, after {round}");
        }
    }
    // The counts are there for those who may see them.
    let auditor = service.token(Role::Auditor);
    let year = prongsai::domain::fiscal_year::FiscalYear::at(service.now()).unwrap();
    let exact = service.get(&format!("/v1/statistics/complaints?fiscal_year={year}")).token(&auditor).send().await;
    let exact = exact.expect(200).json();
    assert_eq!(exact["current"]["total"], 52);
}

#[tokio::test]
async fn a_number_of_the_log_is_in_a_history_for_auditors_alone() {
    let service = spawn_filled().await;
    let measures = service.get("/v1/measures").send().await.expect(200).json();
    let history = format!("/v1/measures/{}/history", measures["items"][0]["id"].as_str().unwrap());
    let numbers =
        |history: Value| history["items"].as_array().unwrap().iter().filter(|it| it.get("seq").is_some()).count();
    let editor = service.token(Role::Editor);
    assert_eq!(numbers(service.get(&history).send().await.expect(200).json()), 0);
    assert_eq!(numbers(service.get(&history).token(&editor).send().await.expect(200).json()), 0);
    let auditor = service.token(Role::Auditor);
    assert!(numbers(service.get(&history).token(&auditor).send().await.expect(200).json()) > 0);
}

#[tokio::test]
async fn the_figures_of_complaints_are_of_the_last_midnight_and_say_so() {
    let service = spawn_filled().await;
    let year = prongsai::domain::fiscal_year::FiscalYear::at(service.now()).unwrap();
    let path = format!("/v1/statistics/complaints?fiscal_year={year}");
    let figures = async || service.get(&path).send().await.expect(200).json();
    let midnight = |service: &Service| prongsai::domain::working_days::midnight(service.today());
    let first = figures().await;
    assert_eq!((&first["as_of"], &first["current"]["by_group"][0]["total"]), (&json!(midnight(&service)), &json!(0)));
    service.db().clock.set(service.now() + chrono::TimeDelta::days(1));
    service.db().load_revisions().await.unwrap();
    let second = figures().await;
    assert_eq!((&second["as_of"], &second["current"]["by_group"][0]["total"]), (&json!(midnight(&service)), &json!(2)));
    let table = service.get(&format!("{path}&format=csv")).send().await.expect(200).text();
    assert!(table.contains(&format!(",as_of,,,,,{}T00:00:00+07:00", service.today())), "{table}");
}
