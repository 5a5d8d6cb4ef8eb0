//! Which websites may read an answer, and which requests their scripts may send.

use prongsai::app::config::Settings;
use prongsai::auth::scope::Role;
use serde_json::json;

use crate::support::ask::Operation;
use crate::support::document::DOCUMENT;
use crate::support::{Answer, Service, spawn_with};

/// The origin that the service is configured with.
const PORTAL: &str = "https://www.example.go.th";

const OTHER: &str = "https://data.example.org";

async fn service() -> Service {
    spawn_with(Settings { cors_origins: vec![PORTAL.to_owned()], ..Settings::default() }).await
}

async fn preflight(service: &Service, origin: &str, method: &str, path: &str, headers: &[&str]) -> Answer {
    let request = service.request("OPTIONS", path).header("Origin", origin);
    let request = request.header("Access-Control-Request-Method", method);
    let add =
        |request: crate::support::Request, headers: &&str| request.header("Access-Control-Request-Headers", headers);
    headers.iter().fold(request, add).send().await
}

fn allowed_origin(answer: &Answer) -> &str {
    answer.header("access-control-allow-origin")
}

fn varies_by(answer: &Answer, name: &str) -> bool {
    answer.headers.get_all("vary").iter().any(|vary| vary.to_str().unwrap().contains(name))
}

/// The names of a header that lists some.
fn listed<'a>(answer: &'a Answer, header: &str) -> Vec<&'a str> {
    answer.header(header).split(", ").filter(|name| !name.is_empty()).collect()
}

fn has(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[tokio::test]
async fn what_is_read_without_a_token_is_readable_from_every_origin() {
    let service = service().await;
    for (path, status) in [
        ("/", 200),
        ("/v1/measures", 200),
        ("/v1/measures?format=csv", 200),
        ("/openapi.json", 200),
        ("/problems", 200),
        ("/problems/not_found", 200),
        ("/open311/discovery.json", 200),
        ("/open311/v2/services.json", 200),
        ("/open311/v2/services.xml", 200),
        ("/v1/measures?limit=0", 400),
        ("/v1/users", 401),
        ("/v1/nothing", 404),
    ] {
        for method in ["GET", "HEAD"] {
            let plain = service.request(method, path).send().await;
            for origin in [PORTAL, OTHER, "null"] {
                let answer = service.request(method, path).header("Origin", origin).send().await.expect(status);
                assert_eq!(allowed_origin(&answer), "*", "{path}");
                assert_eq!(answer.header("access-control-allow-credentials"), "");
                // Whatever keeps an answer may give it to every origin, but not to who has a token.
                let varies = ["Origin", "Authorization"].map(|name| varies_by(&answer, name));
                assert_eq!(varies, [false, true], "{path}");
                let exposed = "access-control-expose-headers";
                assert_eq!((allowed_origin(&plain), plain.header(exposed)), ("*", answer.header(exposed)), "{path}");
            }
        }
    }
}

#[tokio::test]
async fn what_a_token_reads_is_readable_from_configured_origins_only() {
    let service = service().await;
    for (token, status) in [(service.token(Role::Editor), 200), ("forged".to_owned(), 401)] {
        for (origin, allowed) in [(PORTAL, PORTAL), (OTHER, ""), ("null", ""), ("https://www.example.go.th.evil", "")] {
            let answer = service.get("/v1/measures").token(&token).header("Origin", origin).send().await;
            assert_eq!(allowed_origin(&answer), allowed);
            assert_eq!(answer.header("access-control-allow-credentials"), "");
            assert!(varies_by(&answer, "Origin") && varies_by(&answer, "Authorization"));
            answer.expect(status);
        }
    }
}

#[tokio::test]
async fn what_is_sent_is_answered_readably_to_configured_origins_only() {
    let service = service().await;
    for (origin, allowed) in [(PORTAL, PORTAL), (OTHER, "")] {
        let lookup = service.post("/v1/complaints/lookup").header("Origin", origin).json(&json!({ "receipt": "no" }));
        let open311 = service.post("/open311/v2/requests.json").header("Origin", origin);
        for answer in [lookup.send().await.expect(404), open311.send().await] {
            assert_eq!(allowed_origin(&answer), allowed);
            assert_eq!(answer.header("access-control-expose-headers").is_empty(), allowed.is_empty());
            assert!(varies_by(&answer, "Origin"));
        }
    }
}

#[tokio::test]
async fn the_cache_mixes_no_origins() {
    let service = service().await;
    let editor = service.token(Role::Editor);
    for _ in 0..2 {
        for origin in [OTHER, PORTAL] {
            let request = || service.get("/v1/units").header("Origin", origin);
            let (public, staff) = (request().send().await, request().token(&editor).send().await);
            assert_eq!(allowed_origin(&public), "*");
            assert_eq!(allowed_origin(&staff), if origin == PORTAL { PORTAL } else { "" });
            let unchanged = request().header("If-None-Match", public.header("etag")).send().await.expect(304);
            assert_eq!(allowed_origin(&unchanged), "*");
        }
    }
}

#[tokio::test]
async fn a_preflight_of_a_read_without_a_token_is_granted_to_every_origin() {
    let service = service().await;
    for path in ["/v1/measures", "/open311/v2/requests.json", "/openapi.json"] {
        for method in ["GET", "HEAD"] {
            let answer = preflight(&service, OTHER, method, path, &["if-none-match,traceparent"]).await.expect(204);
            assert_eq!((allowed_origin(&answer), answer.header("access-control-allow-methods")), ("*", "GET, HEAD"));
            let headers = listed(&answer, "access-control-allow-headers");
            assert!(has(&headers, "if-none-match") && has(&headers, "traceparent"), "{headers:?}");
            assert_eq!((answer.header("access-control-max-age"), answer.body.len()), ("3600", 0));
        }
    }
}

#[tokio::test]
async fn a_preflight_of_a_configured_origin_is_granted_with_any_header() {
    let service = service().await;
    let headers = "authorization,if-match,traceparent,x-of-a-library";
    for method in ["GET", "PATCH"] {
        let path = "/v1/measures/01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11";
        let answer = preflight(&service, PORTAL, method, path, &[headers]).await.expect(204);
        assert_eq!(allowed_origin(&answer), PORTAL);
        assert_eq!(answer.header("access-control-allow-methods"), "GET, PATCH, DELETE, HEAD");
        assert!(listed(&answer, "access-control-allow-headers").contains(&"*"));
        assert!(varies_by(&answer, "Origin"));
    }
}

#[tokio::test]
async fn any_other_preflight_is_403_and_says_what_to_configure() {
    let service = service().await;
    let (read, send) = ("/v1/measures", "/v1/complaints");
    for (method, path, headers) in [
        ("POST", send, &["content-type,idempotency-key"][..]),
        ("POST", send, &[]),
        ("post", send, &[]),
        ("get", read, &[]),
        ("PATCH", read, &[]),
        ("GET", read, &["authorization"]),
        ("GET", read, &["AUTHORIZATION"]),
        ("GET", read, &["accept , Authorization\t,x"]),
        ("GET", read, &["accept", "authorization"]),
    ] {
        for origin in [OTHER, "null", "https://www.example.go.th:8443", "http://www.example.go.th"] {
            let answer = preflight(&service, origin, method, path, headers).await;
            assert_eq!(allowed_origin(&answer), "", "{method} {headers:?}");
            let problem = answer.problem(403, "origin_not_allowed");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains("--cors-origins") && detail.contains(origin), "{detail}");
        }
    }
    let of_open311 = preflight(&service, OTHER, "DELETE", "/open311/v2/requests.json", &[]).await.expect(403);
    assert!(of_open311.text().contains("--cors-origins"), "{}", of_open311.text());
}

/// A browser keeps the headers that a preflight allowed for all methods of the address, and sends a POST without a preflight of
/// its own where they suffice.
#[tokio::test]
async fn what_a_preflight_of_a_read_allows_is_not_enough_for_a_write() {
    let service = service().await;
    let answer = preflight(&service, OTHER, "GET", "/v1/complaints", &["content-type"]).await.expect(204);
    let headers = listed(&answer, "access-control-allow-headers");
    let writes = Operation::all().into_iter().filter(|operation| operation.method != "GET");
    let of_writes: Vec<_> =
        writes.flat_map(|write| write.parameters("header").map(|(name, ..)| name).collect::<Vec<_>>()).collect();
    assert!(of_writes.contains(&"Idempotency-Key"));
    for name in of_writes.into_iter().chain(["*", "Authorization", "Content-Type"]) {
        assert!(!has(&headers, name), "{name}");
    }
}

#[tokio::test]
async fn a_preflight_lists_the_methods_that_its_address_has() {
    let service = service().await;
    for (path, methods) in [
        ("/v1/measures", "GET, POST, HEAD"),
        ("/v1/measures/batch", "POST"),
        ("/v1/agency", "GET, PATCH, HEAD"),
        ("/health/live", "GET, HEAD"),
        ("/open311/v2/services.xml", "GET, HEAD"),
        ("/open311/v2/requests.json", "GET, HEAD, POST"),
    ] {
        // Also of a method that it does not have.
        for method in ["GET", "PUT", "POST"] {
            let answer = preflight(&service, PORTAL, method, path, &[]).await.expect(204);
            assert_eq!(answer.header("access-control-allow-methods"), methods, "{path}");
        }
    }
    let answer = preflight(&service, OTHER, "GET", "/v1/measures/batch", &[]).await.expect(204);
    assert_eq!(answer.header("access-control-allow-methods"), "");
    for path in ["/v1/nothing", "/open311/v2/nothing.json"] {
        for origin in [PORTAL, OTHER] {
            let answer = preflight(&service, origin, "POST", path, &[]).await.expect(404);
            assert_eq!(answer.header("access-control-allow-methods"), "");
        }
    }
}

#[tokio::test]
async fn the_headers_are_complete_and_in_one_order() {
    let service = service().await;
    let read = service.get("/v1/measures").header("Origin", PORTAL).send().await;
    let exposed = listed(&read, "access-control-expose-headers");
    for name in DOCUMENT["components"]["headers"].as_object().unwrap().keys() {
        // A script may read these of every answer.
        assert!(has(&exposed, name) || name == "Cache-Control", "{name}");
    }
    let granted = preflight(&service, PORTAL, "POST", "/v1/measures", &[]).await;
    let allowed = listed(&granted, "access-control-allow-headers");
    let parameters = Operation::all();
    let parameters = parameters.iter().flat_map(|operation| operation.parameters("header"));
    for name in parameters.map(|(name, ..)| name).chain(["Authorization", "Content-Type", "X-Request-Id", "*"]) {
        assert!(has(&allowed, name), "{name}");
    }
    let other = preflight(&service, OTHER, "GET", "/v1/measures", &[]).await;
    for names in [exposed, allowed, listed(&other, "access-control-allow-headers")] {
        let mut sorted = names.clone();
        sorted.sort_by_key(|name| name.to_lowercase());
        assert_eq!(names, sorted);
    }
    for _ in 0..3 {
        let again = service.get("/v1/nothing").header("Origin", OTHER).send().await;
        let name = "access-control-expose-headers";
        assert_eq!(again.header(name), read.header(name));
    }
}
