//! Shutting down, as clients and proxies meet it: the real process, and requests written by hand.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use prongsai::http::middleware::shutdown::Phase;
use serde_json::Value;
use uuid::Uuid;

use crate::cli::{Served, done, run};
use crate::support::form::Form;
use crate::support::samples::complaint;
use crate::support::spawn;

/// From the signal to the end of the process, whatever its clients do.
const WITHIN: Duration = Duration::from_secs(10);

const ATTACHMENTS: &str = "/v1/complaints/lookup/attachments";

/// A service that takes complaints, with these flags.
async fn serve(flags: &[&str]) -> Served {
    let served = Served::start_with(flags).await;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/data/reference.json");
    done(run(&["import", "complaint-categories", file, "--database-url", &served.database_url]));
    served
}

impl Served {
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Connects and sends what is given, as it is.
    fn sent(&self, request: &[u8]) -> TcpStream {
        let mut stream = self.connect();
        stream.write_all(request).unwrap();
        stream
    }

    /// A complaint, and the receipt of it.
    fn report(&self) -> String {
        let answer = answer(&mut self.sent(&reported()));
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        receipt_in(&answer)
    }

    /// A connection on which a file of 9 MB has begun to arrive, which nobody reads.
    fn unread_download(&self) -> TcpStream {
        let receipt = self.report();
        let (kind, body) = Form::new().field("receipt", &receipt).file("a.txt", &vec![b'a'; 9_000_000]).finish();
        let sent = answer(&mut self.sent(&post(ATTACHMENTS, &kind, body.len(), &body)));
        assert!(sent.starts_with("HTTP/1.1 201"), "{sent}");
        let body = serde_json::json!({ "receipt": receipt, "id": body_of(&sent)["id"] }).to_string();
        let asked = post(&format!("{ATTACHMENTS}/download"), "application/json", body.len(), body.as_bytes());
        let mut stream = self.sent(&asked);
        let mut begun = [0; 12];
        stream.read_exact(&mut begun).unwrap();
        assert_eq!(&begun, b"HTTP/1.1 200");
        stream
    }
}

/// A request with the head of a body of `length` bytes, and as much of the body as is given.
fn post(path: &str, kind: &str, length: usize, body: &[u8]) -> Vec<u8> {
    let key = Uuid::now_v7();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nIdempotency-Key: {key}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn reported() -> Vec<u8> {
    let body = complaint().to_string();
    post("/v1/complaints", "application/json", body.len(), body.as_bytes())
}

fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").into_bytes()
}

/// Head and body of an answer; empty where the connection was closed without one.
fn answer(stream: &mut TcpStream) -> String {
    let (mut read, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        let length = text.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let body = text.find("\r\n\r\n").map(|at| read.len() - at - 4);
        if body.is_some_and(|body| body >= length.unwrap_or(0)) {
            return text;
        }
        match stream.read(&mut part) {
            Ok(0) | Err(_) => return String::new(),
            Ok(count) => read.extend(&part[..count]),
        }
    }
}

fn body_of(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn receipt_in(answer: &str) -> String {
    body_of(answer)["receipt"].as_str().unwrap().to_owned()
}

/// Whether the answer is that the service shuts down, and that one may come back.
#[track_caller]
fn assert_shutting_down(answer: &str) {
    let head = answer.to_lowercase();
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer:?}");
    assert!(head.contains("\r\nretry-after: ") && head.contains("\r\nconnection: close"), "{answer}");
    assert_eq!(body_of(answer)["code"], "shutting_down");
}

#[tokio::test]
async fn of_what_was_sent_nothing_is_closed_without_an_answer() {
    for milliseconds in [0, 5, 20, 50] {
        let mut served = serve(&["--drain-seconds", "2", "--limit-complaints", "off"]).await;
        let mut streams: Vec<_> = (0..40).map(|_| served.sent(&get("/health/live"))).collect();
        for kept in &mut streams {
            assert!(answer(kept).starts_with("HTTP/1.1 200"));
        }
        for kept in &mut streams {
            kept.write_all(&reported()).unwrap();
        }
        streams.extend((0..40).map(|_| served.sent(&reported())));
        std::thread::sleep(Duration::from_millis(milliseconds));
        served.process.signal("TERM");
        let answers: Vec<_> = streams.iter_mut().map(answer).collect();
        let answered = answers.iter().filter(|answer| !answer.is_empty()).count();
        assert_eq!(answered, 80, "{milliseconds} ms before SIGTERM");
        assert!(served.process.ends());
    }
}

#[tokio::test]
async fn while_it_drains_the_service_answers_and_is_not_ready() {
    let mut served = serve(&["--drain-seconds", "3"]).await;
    let mut kept = served.sent(&get("/health/ready"));
    assert!(!answer(&mut kept).to_lowercase().contains("connection: close"));
    served.process.signal("TERM");
    let asked = Instant::now();
    while answer(&mut served.sent(&get("/health/ready"))).starts_with("HTTP/1.1 200") {
        assert!(asked.elapsed() < Duration::from_secs(2), "the service remains ready");
    }
    assert_shutting_down(&answer(&mut served.sent(&get("/health/ready"))));
    kept.write_all(&get("/v1/units")).unwrap();
    for stream in [&mut kept, &mut served.sent(&get("/v1/units")), &mut served.sent(&get("/nowhere"))] {
        let answer = answer(stream).to_lowercase();
        assert!(answer.contains("\r\nconnection: close"), "{answer:?}");
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    }
    served.report();
    assert!(!run(&["health", served.address.trim_start_matches("http://")]).status.success());
    assert!(served.process.ends() && asked.elapsed() >= Duration::from_secs(3) && asked.elapsed() < WITHIN);
}

#[tokio::test]
async fn what_is_still_arriving_at_the_end_is_refused_and_nothing_of_it_kept() {
    let mut served = serve(&["--drain-seconds", "0"]).await;
    let body = complaint().to_string();
    let mut json = served.sent(&post("/v1/complaints", "application/json", body.len(), &body.as_bytes()[..50]));
    let (kind, form) = Form::new().field("receipt", &served.report()).file("a.txt", &vec![b'a'; 1 << 20]).finish();
    let mut upload = served.sent(&post(ATTACHMENTS, &kind, form.len(), &form[..form.len() / 2]));
    // They have begun when the process is asked to end.
    std::thread::sleep(Duration::from_millis(300));
    let asked = Instant::now();
    served.process.signal("TERM");
    for stream in [&mut json, &mut upload] {
        assert_shutting_down(&answer(stream));
    }
    assert!(served.process.ends() && asked.elapsed() < WITHIN);
    let folders = std::fs::read_dir(served.folder.path().join("attachments")).unwrap();
    assert_eq!(folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap()).count(), 0);
    let key = served.folder.path().join("audit.pem");
    let export = ["audit", "export", "--database-url", &served.database_url, "--audit-key", key.to_str().unwrap()];
    let export = done(run(&export));
    assert_eq!(export.matches(r#"\"action\":\"receive\""#).count(), 1, "{export}");
}

#[tokio::test]
async fn no_client_keeps_the_process_from_ending() {
    let mut served = serve(&["--drain-seconds", "1"]).await;
    let unread = served.unread_download();
    let mut idle = served.sent(&get("/health/live"));
    answer(&mut idle);
    let half_a_head = served.sent(b"GET / HTTP/1.1\r\n");
    let slow = served.sent(&post("/v1/complaints", "application/json", 100, b"{"));
    let asked = Instant::now();
    assert!(served.process.terminate());
    assert!(asked.elapsed() < WITHIN, "{:?}", asked.elapsed());
    drop((unread, idle, half_a_head, slow));
}

#[tokio::test]
async fn an_interrupt_does_not_drain_and_a_second_signal_does_not_wait() {
    let mut served = serve(&["--drain-seconds", "8"]).await;
    let asked = Instant::now();
    served.process.signal("INT");
    assert!(served.process.ends() && asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    let mut served = serve(&["--drain-seconds", "8"]).await;
    let asked = Instant::now();
    served.process.signal("TERM");
    std::thread::sleep(Duration::from_millis(200));
    assert!(served.process.terminate() && asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_job_that_finds_the_database_closed_at_the_end_is_no_failure() {
    let service = spawn().await;
    service.app.http.shutdown.enter(Phase::Ending);
    service.db().close().await;
    // A job looks for the writes of other processes twice a second.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(service.db().conditions.all(), []);
}
