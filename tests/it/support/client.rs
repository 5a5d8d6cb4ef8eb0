//! A client that trusts no answer: what is true of every answer is checked on each, and each against the document.

use reqwest::header::HeaderMap;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::contract::Exchange;
use super::examples::Recorder;
use super::form::Form;

pub struct Request(reqwest::RequestBuilder, Recorder);

impl Request {
    pub fn new(builder: reqwest::RequestBuilder, recorder: Recorder) -> Self {
        Self(builder, recorder)
    }

    pub fn token(self, token: &str) -> Self {
        Self(self.0.bearer_auth(token), self.1)
    }

    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value), self.1)
    }

    /// With an idempotency key that nobody else has.
    pub fn once(self) -> Self {
        self.header("Idempotency-Key", &Uuid::now_v7().to_string())
    }

    pub fn json(self, body: &impl Serialize) -> Self {
        Self(self.0.json(body), self.1)
    }

    pub fn body(self, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.body(body), self.1)
    }

    pub fn form(self, form: Form) -> Self {
        let (kind, body) = form.finish();
        self.header("Content-Type", &kind).body(body)
    }

    pub async fn send(self) -> Answer {
        let (client, request) = self.0.build_split();
        let request = request.expect("a request");
        let sent = request.try_clone().expect("a body that is whole");
        let response = client.execute(sent).await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let answer = Answer { status, headers, body: response.bytes().await.expect("a whole body").to_vec() };
        answer.check();
        let exchange = Exchange { request: &request, status, headers: &answer.headers, body: &answer.body };
        let disagreements = exchange.judge();
        assert!(disagreements.is_empty(), "the document says otherwise:\n{}", disagreements.join("\n"));
        self.1.note(&exchange);
        answer
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// What is true of every answer.
    fn check(&self) {
        assert!(self.status < 500 || self.status == 503, "{}", self.text());
        assert!(!self.header("x-request-id").is_empty());
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        assert!(!self.header("content-security-policy").is_empty());
        assert!(!self.header("cache-control").is_empty());
        let is_open311 = self.header("content-type").starts_with("text/xml") || self.body.starts_with(b"[");
        if self.status >= 400 && is_open311 {
            assert!(self.text().contains("code") && self.text().contains("description"), "{}", self.text());
        } else if self.status >= 400 && self.header("content-type") == "application/json" {
            // RFC 6749 has a shape of its own, and the document says where.
            assert!(
                self.json()["error"].is_string() && self.json()["error_description"].is_string(),
                "{}",
                self.text()
            );
        } else if self.status >= 400 && !self.body.is_empty() {
            assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
            let problem = self.json();
            assert_eq!(problem["status"], self.status);
            assert_eq!(problem["type"], format!("/problems/{}", problem["code"].as_str().unwrap()));
            assert_eq!(problem["request_id"], self.header("x-request-id"));
            assert!(problem["title"].is_string() && problem["detail"].is_string());
            assert_ne!(problem["title"], problem["detail"], "a detail tells more than the title");
        }
    }

    /// The same answer, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The problem, if it has this status and code.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        let problem = self.expect(status).json();
        assert_eq!(problem["code"], code, "{problem:#}");
        problem
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }
}

/// Where the errors of a problem are, and their codes.
pub fn faults(problem: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let place = |error: &Value| {
        let place = ["pointer", "parameter", "header"].iter().find_map(|kind| error.get(kind));
        text(place.expect("a place"))
    };
    problem["errors"].as_array().into_iter().flatten().map(|error| (place(error), text(&error["code"]))).collect()
}
