//! Links of published records, fetched from a server of the test at 127.0.0.2, which the setting allows.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use prongsai::app::config::Settings;
use prongsai::app::import;
use prongsai::auth::scope::Role;
use prongsai::domain::merkle::sha256;
use prongsai::fetch::{Failure, FetchSettings, Fetcher};
use prongsai::http::middleware::shutdown::Phase;
use prongsai::links::{job, of, store};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::samples::{measure, project};
use crate::support::{Answer, Service, faults, spawn_with};

const LARGEST: usize = 64 * 1024;

/// What a path of the server has.
#[derive(Clone)]
enum Content {
    /// Status, media type and body.
    Body(u16, &'static str, Vec<u8>),
    Redirect(String),
    /// A byte now and then, without end.
    Drip,
    /// The beginning of a file, and no more.
    Torn,
    /// Headers without end.
    Headers,
    /// A file that says that it is compressed.
    Compressed(Vec<u8>),
    /// No answer at all.
    Silence,
}

/// A web server of the test.
struct Server {
    /// With the port.
    host: String,
    contents: Arc<Mutex<BTreeMap<String, Content>>>,
    connections: Arc<AtomicUsize>,
    running: tokio::task::JoinHandle<()>,
}

impl Server {
    async fn at(address: &str) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let (contents, connections) = (Arc::<Mutex<BTreeMap<_, _>>>::default(), Arc::new(AtomicUsize::new(0)));
        let (known, counted) = (contents.clone(), connections.clone());
        let running = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(answer(stream, known.clone()));
            }
        });
        Self { host, contents, connections, running }
    }

    fn has(&self, path: &str, content: Content) -> String {
        self.contents.lock().unwrap().insert(path.to_owned(), content);
        format!("http://{}{path}", self.host)
    }

    fn has_file(&self, path: &str, file: &str) -> String {
        self.has(path, Content::Body(200, "application/pdf", file.into()))
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn answer(mut stream: TcpStream, contents: Arc<Mutex<BTreeMap<String, Content>>>) {
    let mut head = Vec::new();
    let mut chunk = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(length) => head.extend_from_slice(&chunk[..length]),
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    assert!(head.contains("user-agent: prongsai/") && head.contains("(link check; +http"), "{head}");
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let content = contents.lock().unwrap().get(&path).cloned();
    let text = match content.unwrap_or(Content::Body(404, "text/html", b"not here".to_vec())) {
        Content::Body(status, kind, body) => {
            let head = format!("HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n");
            [head.into_bytes(), body].concat()
        }
        Content::Redirect(to) => {
            format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .into_bytes()
        }
        Content::Drip => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n").await;
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            return;
        }
        Content::Torn => {
            b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 100\r\n\r\n%PDF".to_vec()
        }
        Content::Headers => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
            while stream.write_all(&b"X-Header: x\r\n".repeat(100)).await.is_ok() {}
            return;
        }
        Content::Compressed(body) => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Encoding: gzip\r\n";
            [format!("{head}Connection: close\r\n\r\n").into_bytes(), body].concat()
        }
        Content::Silence => return tokio::time::sleep(Duration::from_secs(60)).await,
    };
    let _ = stream.write_all(&text).await;
    let _ = stream.shutdown().await;
}

fn checks() -> FetchSettings {
    FetchSettings {
        allowed: vec!["127.0.0.2/31".parse().unwrap()],
        time: Duration::from_millis(700),
        largest: LARGEST as u64,
        pause: Duration::ZERO,
        host_time: Duration::from_secs(60),
    }
}

async fn spawn_checking() -> Service {
    spawn_with(Settings { link_check: Some(checks()), ..Settings::default() }).await
}

impl Service {
    /// A published measure whose evidence are these links; gives its address.
    async fn publish_links(&self, number: i32, urls: &[&str]) -> String {
        let mut body = measure(2567, number);
        let link = |url: &&str| json!({ "title": "หลักฐาน", "kind": "other", "url": url });
        body["evidence"] = urls.iter().map(link).collect();
        self.publish("/v1/measures", &body).await
    }

    /// What the list has of links, by address.
    async fn links(&self) -> BTreeMap<String, Value> {
        let list = self.get("/v1/links?limit=100").token(&self.token(Role::Auditor)).send().await.expect(200).json();
        let links = list["items"].as_array().unwrap().iter();
        links.map(|link| (link["url"].as_str().unwrap().to_owned(), link.clone())).collect()
    }

    async fn run_checks(&self) {
        job::run(&self.app).await.unwrap();
    }

    async fn step(&self, link: &Value, action: &str) -> Answer {
        let path = format!("/v1/links/{}/transitions", link["id"].as_str().unwrap());
        let mut body = json!({ "action": action });
        if action == "accept" {
            body["sha256"] = link["sha256"].clone();
        }
        self.post(&path).token(&self.token(Role::Editor)).json(&body).send().await
    }

    fn a_day_passes(&self) {
        self.passes(TimeDelta::hours(25));
    }

    fn passes(&self, time: TimeDelta) {
        self.db().clock.set(self.now() + time);
    }
}

fn state(links: &BTreeMap<String, Value>, url: &str) -> String {
    links[url]["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_link_is_told_as_it_is_and_none_keeps_the_others_from_being_checked() {
    let service = spawn_checking().await;
    let (server, inner) = (Server::at("127.0.0.2").await, Server::at("127.0.0.1").await);
    let secret = inner.has_file("/secret", "ภายใน");
    let dying = Server::at("127.0.0.2").await;
    let dead = dying.has_file("/a.pdf", "a");
    dying.running.abort();
    drop(dying);
    let good = server.has_file("/good.pdf", "ประกาศ");
    let page = server.has("/page", Content::Body(200, "text/html; charset=utf-8", b"<p>1".to_vec()));
    let missing = format!("http://{}/missing", server.host);
    let inside = server.has("/inside", Content::Redirect(secret.clone()));
    let circle = server.has("/circle", Content::Redirect("/circle".to_owned()));
    let third = server.has("/3", Content::Redirect("/good.pdf".to_owned()));
    server.has("/2", Content::Redirect("/3".to_owned()));
    let thrice = server.has("/1", Content::Redirect("/2".to_owned()));
    let four_times = server.has("/0", Content::Redirect("/1".to_owned()));
    let drip = server.has("/drip", Content::Drip);
    let silent = server.has("/silent", Content::Silence);
    let torn = server.has("/torn", Content::Torn);
    let headers = server.has("/headers", Content::Headers);
    let empty = server.has("/empty", Content::Body(200, "application/pdf", Vec::new()));
    let nothing = server.has("/nothing", Content::Body(204, "application/pdf", Vec::new()));
    let bomb = server.has("/bomb", Content::Compressed(vec![0; 1000]));
    let elsewhere = server.has("/elsewhere", Content::Redirect("http://[::]:8080/".to_owned()));
    let large = server.has("/large", Content::Body(200, "application/pdf", vec![b'x'; LARGEST + 1]));
    let largest = server.has("/largest", Content::Body(200, "application/pdf", vec![b'x'; LARGEST]));
    let long = format!("{}?{}", good, "ก".repeat(1900));
    let file = server.has("/file", Content::Redirect("file:///etc/passwd".to_owned()));
    let expected = [
        (good, "good"),
        (page.clone(), "good"),
        (third, "good"),
        (thrice, "good"),
        (largest, "good"),
        (long, "dead"),
        (dead, "dead"),
        (missing.clone(), "dead"),
        (circle, "dead"),
        (four_times, "dead"),
        (drip, "timed_out"),
        (silent, "timed_out"),
        (torn, "dead"),
        (headers, "dead"),
        (empty, "empty"),
        (nothing, "empty"),
        (bomb.clone(), "good"),
        (elsewhere, "refused"),
        (large, "too_large"),
        (inside, "refused"),
        (file, "refused"),
        (secret, "refused"),
    ];
    let urls: Vec<&str> = expected.iter().map(|(url, _)| &**url).collect();
    service.publish_links(1, &urls).await;
    let expected = expected.map(|(url, state)| (url::Url::parse(&url).unwrap().to_string(), state));
    let began = Instant::now();
    service.run_checks().await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    let links = service.links().await;
    assert_eq!(links.len(), expected.len());
    for (url, expected) in &expected {
        let link = &links[url];
        assert_eq!(link["state"], *expected, "{link:#}");
        assert_eq!(link["reason"].is_null(), *expected == "good", "{link:#}");
        assert_eq!(link["failure_count"] == 0, *expected == "good", "{link:#}");
        assert_eq!(link["uses"][0]["resource"], "measures");
        assert_eq!(link["uses"][0]["fiscal_year"], 2567);
    }
    assert_eq!(inner.connections(), 0, "what is private was connected to");
    let good = &links[&expected[0].0];
    assert_eq!((&good["http_status"], &good["media_type"]), (&json!(200), &json!("application/pdf")));
    assert_eq!(good["sha256"], data_encoding::HEXLOWER.encode(&sha256(&["ประกาศ".as_bytes()])));
    assert_eq!((&good["declared_sha256"], &good["last_good_at"]), (&good["sha256"], &good["checked_at"]));
    assert!(links[&missing]["reason"]["en"].as_str().unwrap().contains("404"));
    assert!(links[&page]["declared_sha256"].is_null());
    assert_eq!(links[&bomb]["size_bytes"], 1000, "it is not unpacked");

    // Nothing is fetched twice on a day.
    let connections = server.connections();
    service.run_checks().await;
    assert_eq!(server.connections(), connections);
    for (query, found) in [
        ("state=dead", 7),
        ("state=refused,too_large", 5),
        ("state=empty", 2),
        ("fiscal_year=2567", 22),
        ("fiscal_year=2566", 0),
    ] {
        let path = format!("/v1/links?include_total=true&{query}");
        let list = service.get(&path).token(&service.token(Role::Editor)).send().await.expect(200).json();
        assert_eq!(list["page"]["total"], found, "{query}");
    }
    let csv = service.get("/v1/links?format=csv&labels=th").token(&service.token(Role::Auditor)).send().await;
    assert!(csv.expect(200).text().contains("ตอบช้าเกินไป"));
}

#[tokio::test]
async fn a_file_that_changes_is_told_until_an_editor_accepts_it() {
    let service = spawn_checking().await;
    let server = Server::at("127.0.0.2").await;
    let url = server.has_file("/a.pdf", "หนึ่ง");
    let page = server.has("/page", Content::Body(200, "text/html", b"1".to_vec()));
    service.publish_links(1, &[&url, &page]).await;
    service.run_checks().await;
    let first = service.links().await[&url].clone();
    service.step(&first, "accept").await.problem(409, "illegal_transition");
    server.has_file("/a.pdf", "สอง");
    server.has("/page", Content::Body(200, "text/html", b"2".to_vec()));
    service.a_day_passes();
    service.run_checks().await;
    let links = service.links().await;
    assert_eq!((state(&links, &url), state(&links, &page)), ("changed".to_owned(), "good".to_owned()));
    let changed = &links[&url];
    assert_eq!(changed["declared_sha256"], first["sha256"]);
    assert_ne!(changed["sha256"], first["sha256"]);
    assert_eq!(changed["changed_at"], changed["checked_at"]);

    // What it was comes back by itself; what it is becomes the evidence when somebody says so.
    server.has_file("/a.pdf", "หนึ่ง");
    service.a_day_passes();
    service.run_checks().await;
    assert_eq!(state(&service.links().await, &url), "good");
    // A page in the place of a file is another one as well.
    server.has("/a.pdf", Content::Body(200, "text/html", b"not found".to_vec()));
    service.a_day_passes();
    service.run_checks().await;
    assert_eq!(state(&service.links().await, &url), "changed");
    server.has_file("/a.pdf", "สอง");
    service.a_day_passes();
    service.run_checks().await;
    // Accepted is the file that was looked at, and no other.
    service.step(&first, "accept").await.problem(409, "illegal_transition");
    let unseen = service.step(&json!({ "id": changed["id"] }), "accept").await.problem(422, "validation_failed");
    assert_eq!(faults(&unseen), [("#/sha256".to_owned(), "needed".to_owned())]);
    let accepted = service.step(&changed.clone(), "accept").await.expect(200);
    assert_eq!((&accepted.json()["state"], &accepted.json()["changed_at"]), (&json!("good"), &Value::Null));
    assert_eq!(accepted.json()["declared_sha256"], changed["sha256"]);
    let path = format!("/v1/links/{}", changed["id"].as_str().unwrap());
    let got = service.get(&path).token(&service.token(Role::Auditor)).send().await.expect(200);
    assert_eq!((got.json(), got.header("etag")), (accepted.json(), accepted.header("etag")));
    service.a_day_passes();
    service.run_checks().await;
    assert_eq!(state(&service.links().await, &url), "good");
}

#[tokio::test]
async fn an_editor_asks_for_a_check_which_is_not_sooner_than_ten_minutes_after_the_last() {
    let service = spawn_checking().await;
    let server = Server::at("127.0.0.2").await;
    let url = server.has_file("/a.pdf", "หนึ่ง");
    service.publish_links(1, &[&url]).await;
    service.run_checks().await;
    let link = service.links().await[&url].clone();
    service.step(&link, "check").await.expect(200);
    service.run_checks().await;
    assert_eq!(server.connections(), 1);
    service.db().clock.set(service.now() + TimeDelta::minutes(11));
    server.contents.lock().unwrap().clear();
    service.run_checks().await;
    let dead = service.links().await[&url].clone();
    assert_eq!((server.connections(), &dead["state"], &dead["http_status"]), (2, &json!("dead"), &json!(404)));
    assert_eq!(dead["last_good_at"], link["last_good_at"]);
    for failures in 2..4 {
        service.a_day_passes();
        service.run_checks().await;
        assert_eq!(service.links().await[&url]["failure_count"], failures);
    }
    let known = of(service.db().reader(), service.now(), &[&url, "https://example.go.th/"]).await.unwrap();
    assert_eq!(known.len(), 1);
    assert!(known[&url].reason.as_ref().unwrap().th.contains("404") && known[&url].last_good_at.is_some());
}

#[tokio::test]
async fn links_are_those_of_published_records_and_no_others() {
    let service = spawn_checking().await;
    let server = Server::at("127.0.0.2").await;
    let url = server.has_file("/a.pdf", "หนึ่ง");
    let editor = service.token(Role::Editor);
    let mut draft = measure(2567, 9);
    draft["evidence"] = json!([{ "title": "ร่าง", "kind": "other", "url": format!("{url}?draft") }]);
    service.post("/v1/measures").token(&editor).json(&draft).send().await.expect(201);
    // The part behind # is of the page.
    let measure = service.publish_links(1, &[&format!("{url}#page=2"), &url]).await;
    let mut body = project(2566, "อบรม");
    body["evidence"] = json!([{ "title": "รายงาน", "kind": "report", "url": url }]);
    let project = service.publish("/v1/projects", &body).await;
    let admin = service.token(Role::Admin);
    let website = json!({ "website": format!("http://{}/", server.host) });
    service.patch("/v1/agency").token(&admin).header("If-Match", "*").json(&website).send().await.expect(200);
    service.run_checks().await;
    let links = service.links().await;
    assert_eq!(links.len(), 2, "{links:#?}");
    let years: Vec<_> = links[&url]["uses"].as_array().unwrap().iter().map(|it| it["fiscal_year"].clone()).collect();
    assert_eq!(years, [2567, 2566]);
    let withdraw = json!({ "action": "unpublish", "reason": "ผิด" });
    for (address, left) in [(measure, 2), (project, 1)] {
        service.post(&format!("{address}/transitions")).token(&editor).json(&withdraw).send().await.expect(200);
        service.run_checks().await;
        assert_eq!(service.links().await.len(), left);
    }
}

#[tokio::test]
async fn a_host_that_does_not_answer_has_its_other_links_put_off_and_those_that_were_asked_for_are_first() {
    let service = spawn_checking().await;
    let (silent, server) = (Server::at("127.0.0.3").await, Server::at("127.0.0.2").await);
    let mut urls: Vec<String> = (0..6).map(|number| silent.has(&format!("/{number}"), Content::Silence)).collect();
    urls.push(server.has_file("/a.pdf", "x"));
    service.publish_links(1, &urls.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let states = async || -> Vec<String> {
        let links = service.links().await;
        urls.iter().map(|url| state(&links, url)).collect()
    };
    service.run_checks().await;
    assert_eq!(silent.connections(), 3);
    let found = states().await;
    assert_eq!(found.iter().filter(|state| *state == "timed_out").count(), 3);
    assert_eq!((found.iter().filter(|state| *state == "unchecked").count(), &*found[6]), (3, "good"));
    service.run_checks().await;
    assert_eq!(silent.connections(), 3, "the rest waits for an hour");
    service.a_day_passes();
    let last =
        urls.iter().rev().skip(1).find(|url| found[urls.iter().position(|it| it == *url).unwrap()] == "unchecked");
    let last = last.unwrap();
    service.step(&service.links().await[last].clone(), "check").await.expect(200);
    service.run_checks().await;
    assert_eq!((silent.connections(), state(&service.links().await, last)), (6, "timed_out".to_owned()));
    let slow = FetchSettings { host_time: Duration::ZERO, ..checks() };
    let sibling = service.sibling_with(Settings { link_check: Some(slow), ..Settings::default() }).await;
    sibling.db().clock.set(service.now() + TimeDelta::hours(25));
    let connections = silent.connections();
    sibling.run_checks().await;
    assert_eq!(silent.connections(), connections, "a host has its time in a run");
}

#[tokio::test]
async fn a_check_that_was_begun_and_never_ended_is_made_again_after_some_minutes() {
    let service = spawn_checking().await;
    let server = Server::at("127.0.0.2").await;
    let url = server.has_file("/a.pdf", "x");
    service.publish_links(1, &[&url]).await;
    service.app.http.shutdown.enter(Phase::Draining);
    service.run_checks().await;
    service.app.http.shutdown.enter(Phase::Serving);
    let id = service.links().await[&url]["id"].as_str().unwrap().parse().unwrap();
    let db = &service.app.db;
    assert!(store::claim(db, id).await.unwrap() && !store::claim(db, id).await.unwrap());
    service.run_checks().await;
    assert_eq!(server.connections(), 0);
    service.passes(TimeDelta::minutes(6));
    service.run_checks().await;
    service.run_checks().await;
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_record_that_is_published_again_finds_what_was_declared_of_its_links() {
    let service = spawn_checking().await;
    let server = Server::at("127.0.0.2").await;
    let url = server.has_file("/a.pdf", "หนึ่ง");
    let path = format!("{}/transitions", service.publish_links(1, &[&url]).await);
    let editor = service.token(Role::Editor);
    let transition = async |body: Value| service.post(&path).token(&editor).json(&body).send().await.expect(200);
    service.run_checks().await;
    let first = service.links().await[&url].clone();
    transition(json!({ "action": "unpublish", "reason": "ผิด" })).await;
    service.run_checks().await;
    assert!(service.links().await.is_empty());
    let auditor = service.token(Role::Auditor);
    let address = format!("/v1/links/{}", first["id"].as_str().unwrap());
    service.get(&address).token(&auditor).send().await.problem(404, "not_found");
    service.step(&first, "check").await.problem(404, "not_found");
    service.passes(TimeDelta::days(179));
    server.has_file("/a.pdf", "สอง");
    service.run_checks().await;
    assert_eq!(server.connections(), 1, "nobody refers to it");
    transition(json!({ "action": "publish" })).await;
    service.run_checks().await;
    let again = service.links().await[&url].clone();
    assert_eq!((&again["id"], &again["state"]), (&first["id"], &json!("changed")));
    assert_eq!(again["declared_sha256"], first["sha256"]);
    // It is not kept for ever.
    transition(json!({ "action": "unpublish", "reason": "ผิด" })).await;
    service.run_checks().await;
    service.passes(TimeDelta::days(181));
    service.run_checks().await;
    transition(json!({ "action": "publish" })).await;
    service.run_checks().await;
    assert_ne!(service.links().await[&url]["id"], first["id"]);
}

/// Two processes may find at once that nobody refers to a link, and who does.
#[tokio::test]
async fn a_link_that_was_noted_as_unused_while_it_is_used_comes_back() {
    let service = spawn_checking().await;
    let server = Server::at("127.0.0.2").await;
    let url = server.has_file("/a.pdf", "x");
    service.publish_links(1, &[&url]).await;
    service.run_checks().await;
    let unused = "UPDATE link SET unused_since = checked_at";
    let db = sea_orm::Database::connect(&service.database_url).await.unwrap();
    db.execute_unprepared(unused).await.unwrap();
    assert!(service.links().await.is_empty());
    service.run_checks().await;
    assert_eq!(state(&service.links().await, &url), "good");
}

/// Answers are checked before they are entered anywhere; nothing of a draft is told to others.
#[tokio::test]
async fn what_is_wrong_with_the_links_of_an_answer_is_told_in_the_readiness_while_it_is_known() {
    let service = spawn_checking().await;
    import::ita_items(service.db(), include_str!("../../data/oit-2567.json"), false).await.unwrap();
    let server = Server::at("127.0.0.2").await;
    let changing = server.has_file("/changing.pdf", "หนึ่ง");
    let urls = [
        (server.has_file("/good.pdf", "x"), "good"),
        (changing.clone(), "changed"),
        (server.has("/torn", Content::Torn), "dead"),
        (server.has("/headers", Content::Headers), "dead"),
        (server.has("/drip", Content::Drip), "timed_out"),
        (server.has("/empty", Content::Body(200, "text/html", Vec::new())), "empty"),
        (server.has("/inside", Content::Redirect("http://127.0.0.1:8080/".to_owned())), "refused"),
    ];
    let links: Vec<Value> = urls.iter().map(|(url, _)| json!({ "title": "ก", "url": url })).collect();
    let change = service.patch("/v1/ita/2567/items/O5/disclosure").token(&service.token(Role::Editor));
    change.header("If-Match", "*").json(&json!({ "disclosed": true, "links": links })).send().await.expect(200);
    service.run_checks().await;
    server.has_file(changing.split_once(&server.host).unwrap().1, "สอง");
    service.a_day_passes();
    service.run_checks().await;
    let readiness = async || {
        let auditor = service.token(Role::Auditor);
        service.get("/v1/ita/2567/readiness").token(&auditor).send().await.expect(200).json()
    };
    let found = readiness().await;
    let line = &found["items"][4];
    let states: Vec<_> = line["links"].as_array().unwrap().iter().map(|link| link["state"].clone()).collect();
    assert_eq!(states, urls.each_ref().map(|(_, state)| json!(state)));
    assert_eq!(line["missing"].as_array().unwrap().len(), 6, "{line}");
    assert!(line["missing"].as_array().unwrap().iter().all(|gap| gap["kind"] == "broken_link"), "{line}");
    assert_eq!((found["broken_links"].as_array().unwrap().len(), &found["links_checked"]), (6, &json!(true)));
    // What was found long ago says nothing of today.
    service.passes(TimeDelta::days(8));
    let found = readiness().await;
    assert_eq!((&found["items"][4]["missing"], &found["broken_links"]), (&json!([]), &json!([])));
    let link = &found["items"][4]["links"][2];
    assert_eq!((&link["state"], &link["reason"]), (&json!("unchecked"), &Value::Null));
    assert!(link["checked_at"].is_string());
}

#[tokio::test]
async fn two_processes_check_each_link_once() {
    let service = spawn_checking().await;
    let server = Server::at("127.0.0.2").await;
    let urls: Vec<String> = (0..10).map(|number| server.has_file(&format!("/{number}"), "x")).collect();
    service.publish_links(1, &urls.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let sibling = service.sibling_with(Settings { link_check: Some(checks()), ..Settings::default() }).await;
    sibling.db().clock.set(service.now());
    service.run_checks().await;
    service.a_day_passes();
    sibling.a_day_passes();
    tokio::join!(service.run_checks(), sibling.run_checks());
    assert_eq!(server.connections(), 20);
}

#[tokio::test]
async fn a_process_that_is_about_to_end_begins_no_check() {
    let service = spawn_checking().await;
    let server = Server::at("127.0.0.2").await;
    service.publish_links(1, &[&server.has_file("/a.pdf", "x")]).await;
    service.app.http.shutdown.enter(Phase::Draining);
    service.run_checks().await;
    assert_eq!(server.connections(), 0);
    service.app.http.shutdown.enter(Phase::Serving);
    service.run_checks().await;
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn without_checks_links_are_listed_and_nothing_is_fetched() {
    let service = spawn_with(Settings::default()).await;
    let server = Server::at("127.0.0.2").await;
    let url = server.has_file("/a.pdf", "x");
    service.publish_links(1, &[&url]).await;
    service.run_checks().await;
    let links = service.links().await;
    assert_eq!((server.connections(), state(&links, &url)), (0, "unchecked".to_owned()));
    assert!(links[&url]["next_check_at"].is_null(), "{links:#?}");
    import::ita_items(service.db(), include_str!("../../data/oit-2567.json"), false).await.unwrap();
    let readiness = service.get("/v1/ita/2567/readiness").token(&service.token(Role::Auditor)).send().await.expect(200);
    assert_eq!(readiness.json()["links_checked"], false);
}

#[tokio::test]
async fn no_spelling_of_a_private_address_is_connected_to() {
    let (inner, allowed) = (Server::at("127.0.0.1").await, Server::at("127.0.0.2").await);
    let port = inner.host.rsplit_once(':').unwrap().1.to_owned();
    let fetcher = Fetcher::new(checks(), "http://127.0.0.1").unwrap();
    for url in [
        "http://127.0.0.1:PORT/",
        "http://localhost:PORT/",
        "http://LOCALHOST:PORT/",
        "http://0x7f000001:PORT/",
        "http://0x7f.1:PORT/",
        "http://2130706433:PORT/",
        "http://017700000001:PORT/",
        "http://127.1:PORT/",
        "http://[::1]:PORT/",
        "http://[::]:PORT/",
        "http://127.0.0.1.:PORT/",
        "http://localhost:8080/",
        "http://[::ffff:7f00:1]:8080/",
        "http://[::ffff:127.0.0.1]:PORT/",
        "http://[::127.0.0.1]:PORT/",
        "http://[64:ff9b::7f00:1]:PORT/",
        "http://[2002:7f00:1::1]:PORT/",
        "http://①②⑦.⓪.⓪.①:PORT/",
        "http://0:PORT/",
        "http://0.0.0.0:PORT/",
        "http://127.0.0.1/",
        "https://localhost/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1:8080/",
        "http://8.8.8.8:25/",
        "http://user:password@127.0.0.2:PORT/",
        "http://user@127.0.0.2/",
        "file:///etc/passwd",
        "ftp://127.0.0.2/x",
        "gopher://127.0.0.2:PORT/x",
        "javascript:alert(1)",
        "data:text/plain,x",
        "//127.0.0.2/",
        "",
    ] {
        let url = url.replace("PORT", &port);
        let found = fetcher.fetch(&url).await;
        assert!(matches!(found, Err(Failure::Refused(_))), "{url}: {found:?}");
    }
    assert_eq!((inner.connections(), allowed.connections()), (0, 0));
    // A name that leads to an allowed address passes.
    let file = allowed.has_file("/a", "x");
    assert_eq!(fetcher.fetch(&file).await.unwrap().size, 1);
    let mapped = file.replace("127.0.0.2", "[::ffff:127.0.0.2]");
    assert!(!matches!(fetcher.fetch(&mapped).await, Err(Failure::Refused(_))));
}

#[tokio::test]
async fn a_link_that_is_no_address_at_all_is_told() {
    let service = spawn_checking().await;
    service.publish_links(1, &["https://example.go.th/"]).await;
    let replace = "UPDATE measure SET evidence = '[{\"title\":\"a\",\"kind\":\"other\",\"url\":\"ftp://127.0.0.2/a\"},{\"title\":\"a\",\"kind\":\"other\",\"url\":\"http://[\"}]'";
    let db = sea_orm::Database::connect(&service.database_url).await.unwrap();
    db.execute_unprepared(replace).await.unwrap();
    service.run_checks().await;
    let links = service.links().await;
    assert_eq!(links.len(), 2);
    assert!(links.values().all(|link| link["state"] == "refused"), "{links:#?}");
}
