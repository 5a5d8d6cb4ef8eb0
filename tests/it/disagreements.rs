//! The checker that every exchange of the tests passes through is itself tested here: exchanges that agree with the document are
//! altered so that they disagree, in each of the six ways that `make judge` plants in the document.

use prongsai::auth::scope::Role;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::support::contract::Exchange;
use crate::support::samples::measure;
use crate::support::{Service, spawn};

/// An exchange that took place, to be altered.
struct Recorded {
    request: reqwest::Request,
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Recorded {
    fn disagreements(&self) -> Vec<String> {
        let Self { request, status, headers, body } = self;
        Exchange { request, status: *status, headers, body }.disagreements()
    }

    /// Whether the checker finds just this.
    #[track_caller]
    fn is_found(&self, sign: &str) {
        let found = self.disagreements();
        assert!(found.iter().any(|line| line.contains(sign)), "{sign:?} is not in {found:#?}");
    }
}

/// An exchange that agrees with the document.
async fn exchange(service: &Service, method: &str, path: &str, body: Option<&Value>) -> Recorded {
    let client = reqwest::Client::new();
    let request = client.request(method.parse().unwrap(), format!("{}{path}", service.address));
    let request = request.bearer_auth(service.token(Role::Editor));
    let request = match body {
        Some(body) => request.json(body).build().unwrap(),
        None => request.build().unwrap(),
    };
    let response = client.execute(request.try_clone().unwrap()).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let recorded = Recorded { request, status, headers, body: response.bytes().await.unwrap().into() };
    assert_eq!(recorded.disagreements(), [""; 0]);
    recorded
}

async fn created() -> Recorded {
    let created = exchange(&spawn().await, "POST", "/v1/measures", Some(&measure(2567, 1))).await;
    assert_eq!(created.status, 201);
    created
}

#[tokio::test]
async fn a_renamed_field_is_found() {
    let mut created = created().await;
    let mut body: Value = serde_json::from_slice(&created.body).unwrap();
    let title = body.as_object_mut().unwrap().remove("title").unwrap();
    body["headline"] = title;
    created.body = body.to_string().into();
    created.is_found("\"title\" is a required property");
    created.is_found("'headline' was unexpected");
}

#[tokio::test]
async fn an_undocumented_status_is_found() {
    let created = Recorded { status: 202, ..created().await };
    created.is_found("post /v1/measures 202: the status is not documented");
}

#[tokio::test]
async fn a_missing_header_is_found() {
    let mut created = created().await;
    created.headers.remove("location").unwrap();
    created.is_found("post /v1/measures 201: Location is missing");
}

#[tokio::test]
async fn a_request_that_is_refused_although_the_document_allows_it_is_found() {
    let service = spawn().await;
    let mut body = measure(2567, 1);
    body["number"] = json!(1_000_000);
    let mut refused = exchange(&service, "POST", "/v1/measures", Some(&body)).await;
    assert_eq!(refused.status, 422);
    *refused.request.body_mut() = Some(measure(2567, 1).to_string().into());
    refused.is_found("the request was refused although the document allows it");
}

#[tokio::test]
async fn an_unknown_parameter_that_is_accepted_is_found() {
    let mut listed = exchange(&spawn().await, "GET", "/v1/measures", None).await;
    listed.request.url_mut().set_query(Some("colour=red"));
    listed.is_found("the request was accepted: colour is no parameter");
}

#[tokio::test]
async fn a_security_requirement_that_only_one_side_knows_is_found() {
    let mut created = created().await;
    created.request.headers_mut().remove("authorization").unwrap();
    created.is_found("the request was accepted: needs a token, and did without");
    let agency = exchange(&spawn().await, "GET", "/v1/agency", None).await;
    Recorded { status: 401, ..agency }.is_found("get /v1/agency 401: the status is not documented");
}
