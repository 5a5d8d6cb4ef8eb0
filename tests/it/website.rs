//! The website at `/website/`, and where `/` leads a browser.

use std::fs;

use prongsai::app::config::Settings;
use prongsai::app::website;
use prongsai::http::middleware::rate_limit::LimitSettings;
use tempfile::TempDir;

use crate::support::{spawn, spawn_with};

/// What Chromium and Firefox send as they open a page.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A website of the municipality's own, and settings that serve it.
fn own() -> (TempDir, Settings) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("ข่าว")).unwrap();
    write("index.html", "<!doctype html><title>เทศบาล</title>");
    write("ข่าว/index.html", "<!doctype html><title>ข่าว</title>");
    write("app.js", "export {};");
    write(".htpasswd", "secret");
    let website = Some(folder.path().to_owned());
    (folder, Settings { website, ..Settings::default() })
}

#[tokio::test]
async fn a_browser_that_opens_the_service_is_led_to_the_website_and_programs_get_json() {
    let (_folder, settings) = own();
    let service = spawn_with(settings).await;
    for accept in [BROWSER, "text/html"] {
        let led = service.get("/").header("Accept", accept).send().await.expect(303);
        assert_eq!(led.header("location"), "website/");
        assert!(led.header("vary").contains("Accept"), "{}", led.header("vary"));
    }
    for accept in ["*/*", "application/json", "application/json, text/html;q=0.5"] {
        let index = service.get("/").header("Accept", accept).send().await.expect(200);
        assert_eq!(index.json()["title"], "Prongsai", "{accept}");
    }
    assert_eq!(service.get("/v1").header("Accept", BROWSER).send().await.expect(200).json()["title"], "Prongsai");
}

#[tokio::test]
async fn without_a_website_a_browser_gets_a_page_of_what_is_here() {
    let service = spawn().await;
    let page = service.get("/").header("Accept", BROWSER).send().await.expect(200);
    assert!(
        page.text().contains("<html lang=\"th\">") && page.text().contains("href=\"/v1/measures\""),
        "{}",
        page.text()
    );
    let page = service.get("/?lang=en").header("Accept", BROWSER).send().await.expect(200);
    assert!(page.text().contains("Published without a token"), "{}", page.text());
    service.get("/website/").send().await.problem(404, "not_found");
    service.get("/website/index.html").send().await.problem(404, "not_found");
}

#[tokio::test]
async fn the_files_of_a_folder_are_served_and_nothing_beside_them() {
    let (_folder, settings) = own();
    let service = spawn_with(settings).await;
    for path in ["/website", "/website/%E0%B8%82%E0%B9%88%E0%B8%B2%E0%B8%A7"] {
        let led = service.get(path).send().await;
        assert!([307, 308].contains(&led.status), "{path}: {}", led.text());
        assert!(led.header("location").ends_with('/'), "{}", led.header("location"));
    }
    let page = service.get("/website/").send().await.expect(200);
    assert!(page.text().contains("เทศบาล"));
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("content-security-policy"), "frame-ancestors 'self'");
    assert_eq!(page.header("cache-control"), "public, no-cache");
    let again = service.get("/website/").header("If-None-Match", page.header("etag")).send().await.expect(304);
    assert!(again.body.is_empty());
    let inner = service.get("/website/%E0%B8%82%E0%B9%88%E0%B8%B2%E0%B8%A7/").send().await.expect(200);
    assert!(inner.text().contains("ข่าว"));
    assert_eq!(service.get("/website/app.js").send().await.expect(200).header("content-type"), "text/javascript");
    service.get("/website/nothing.html").send().await.problem(404, "not_found");
    for hidden in [
        &"a".repeat(300),
        "%00",
        "app.js%2findex.html",
        ".htpasswd",
        "%2e%2e/prongsai.db",
        "..%2fprongsai.db",
        "..%5cprongsai.db",
        "a/..%2f..%2fprongsai.db",
    ] {
        let refused = service.get(&format!("/website/{hidden}")).send().await;
        assert!([400, 404].contains(&refused.status), "{hidden}: {}", refused.text());
    }
    service.post("/website/app.js").send().await.problem(405, "method_not_allowed");
}

#[tokio::test]
async fn the_files_are_not_counted_as_requests_to_the_api() {
    let (_folder, mut settings) = own();
    settings.limits = LimitSettings { reads: Some("1/60s".parse().unwrap()), ..LimitSettings::default() };
    let service = spawn_with(settings).await;
    service.get("/v1/measures").send().await.expect(200);
    service.get("/v1/measures").send().await.problem(429, "too_many_requests");
    for _ in 0..20 {
        service.get("/website/app.js").send().await.expect(200);
    }
}

#[test]
fn the_example_in_the_binary_is_that_of_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    website::write_example(folder.path()).unwrap();
    let of = |folder: &std::path::Path| {
        let mut files = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => files.push((path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap())),
                }
            }
        }
        files.sort();
        files
    };
    let repository = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/website");
    assert!(of(folder.path()) == of(&repository));
}
