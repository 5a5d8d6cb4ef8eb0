//! Many at once.

use entity::codes::Coded;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use entity::complaint::Status;
use futures_util::stream::{self, StreamExt};
use prongsai::auth::scope::Role;
use prongsai::domain::complaint::Action;
use prongsai::domain::workflow::Action as _;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::support::samples::{complaint, measure};
use crate::support::{Service, hold_writes, spawn, spawn_filled};

/// Sends a creation again and again until it is done, as a client should.
async fn persist(service: &Service, token: &str, key: &str, body: &Value) -> Value {
    for _ in 0..200 {
        let request = service.post("/v1/measures").token(token).header("Idempotency-Key", key).json(body);
        let answer = request.send().await;
        match answer.status {
            201 => return answer.json(),
            409 => assert_eq!(answer.json()["code"], "idempotency_key_in_progress"),
            503 => {}
            _ => panic!("{}", answer.text()),
        }
        assert_eq!(answer.header("retry-after"), "1");
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    panic!("{key} was never done");
}

#[tokio::test]
async fn a_thousand_creations_with_two_hundred_keys_make_two_hundred_records() {
    let service = spawn().await;
    let other = service.sibling().await;
    let token = service.token(Role::Editor);
    let requests = (0..1000).map(|index| {
        let (process, no) = (if index % 2 == 0 { &service } else { &other }, 1 + index % 200);
        let (token, body) = (token.clone(), measure(2567, no));
        async move { persist(process, &token, &format!("the-key-of-number-{no}"), &body).await["id"].to_string() }
    });
    // The server gives a request five seconds to come, and all of these come from one thread.
    let ids: HashSet<String> = stream::iter(requests).buffer_unordered(250).collect().await;
    assert_eq!(ids.len(), 200);
    let list = service.get("/v1/measures?include_total=true&limit=1").token(&token).send().await.json();
    assert_eq!(list["page"]["total"], 200);
}

#[tokio::test]
async fn of_two_editors_with_one_etag_one_wins() {
    let service = spawn().await;
    let other = service.sibling().await;
    let address = service.publish("/v1/measures", &measure(2567, 1)).await;
    let token = service.token(Role::Editor);
    for round in 0..20 {
        let etag = service.get(&address).token(&token).send().await.header("etag").to_owned();
        let change = |process: &Service, title: String| {
            let request = process.patch(&address).token(&token).header("If-Match", &etag);
            request.json(&json!({ "title": title })).send()
        };
        let (first, second) = tokio::join!(change(&service, format!("ก{round}")), change(&other, format!("ข{round}")));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "{} {}", first.text(), second.text());
        let winner = if first.status == 200 { first } else { second };
        let now = service.get(&address).token(&token).send().await.json();
        assert_eq!(now["title"], winner.json()["title"]);
    }
}

#[tokio::test]
async fn no_reader_sees_an_older_state_than_an_acknowledged_write() {
    let service = Arc::new(spawn().await);
    let address = service.publish("/v1/measures", &measure(2567, 1)).await;
    let token = service.token(Role::Editor);
    let done = Arc::new(AtomicBool::new(false));
    // Readers keep the answers warm, so that the cache has every chance to be wrong.
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (service, done, address) = (service.clone(), done.clone(), address.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    service.get("/v1/measures").send().await.expect(200);
                    service.get(&address).send().await.expect(200);
                }
            })
        })
        .collect();
    for round in 0..100 {
        let title = format!("รอบที่ {round}");
        let patch = service.patch(&address).token(&token).header("If-Match", "*").json(&json!({ "title": title }));
        patch.send().await.expect(200);
        let list = service.get("/v1/measures").send().await.expect(200).json();
        assert_eq!(list["items"][0]["title"], title.as_str());
        assert_eq!(service.get(&address).send().await.expect(200).json()["title"], title.as_str());
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test]
async fn another_processs_write_is_seen_within_a_second() {
    let service = spawn().await;
    let other = service.sibling().await;
    let address = service.publish("/v1/measures", &measure(2567, 1)).await;
    let old = async |title: &str| other.get("/v1/measures").send().await.json()["items"][0]["title"] != title;
    for round in 0..3 {
        let title = format!("รอบที่ {round}");
        other.get("/v1/measures").send().await.expect(200);
        service.change(&address, &json!({ "title": title })).await;
        let written = std::time::Instant::now();
        while old(&title).await {
            assert!(written.elapsed().as_millis() < 1500, "still old");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn two_who_carry_a_year_forward_at_once_do_it_once() {
    let service = spawn().await;
    let other = service.sibling().await;
    for no in 1..=5 {
        service.create("/v1/measures", &measure(2567, no)).await;
    }
    let token = service.token(Role::Editor);
    let carry = |process: &Service| process.post("/v1/fiscal-years/2568/carry-forward").token(&token).send();
    let (first, second) = tokio::join!(carry(&service), carry(&other));
    let mut created = [first, second].map(|answer| answer.expect(200).json()["created_count"].as_i64().unwrap());
    created.sort_unstable();
    assert_eq!(created, [0, 5]);
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_no_transaction_behind() {
    let service = spawn().await;
    let token = service.token(Role::Editor);
    for no in 1..=30 {
        let request = service.post("/v1/measures").token(&token).json(&measure(2567, no)).send();
        let _ = tokio::time::timeout(std::time::Duration::from_millis(u64::from(no as u32 % 10)), request).await;
    }
    for no in 31..=60 {
        service.create("/v1/measures", &measure(2567, no)).await;
    }
    if service.db().reader().get_database_backend() == DbBackend::Postgres {
        let stuck = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
        let row = service.db().reader().query_one_raw(sea_orm::Statement::from_string(DbBackend::Postgres, stuck));
        assert_eq!(row.await.unwrap().unwrap().try_get_by_index::<i64>(0).unwrap(), 0);
    }
}

/// Numbers that look random and are the same every time (Knuth's MMIX).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// What an office does with complaints, one thing after the other; gives the messages that were acknowledged.
async fn work_at(service: &Service, seed: u64, receipts: &[Value], ids: &[String]) -> Vec<String> {
    let (officer, mut numbers, mut acknowledged) = (service.token(Role::ComplaintOfficer), Numbers(seed), Vec::new());
    let actions = ["accept", "investigate", "ask", "resume", "conclude", "reopen", "reject"];
    for turn in 0..500 {
        let which = numbers.below(ids.len());
        let (id, text) = (&ids[which], format!("{seed}-{turn}"));
        let mut has_text = true;
        let answer = match numbers.below(10) {
            0..4 => {
                let message = json!({ "receipt": receipts[which], "text": text });
                service.post("/v1/complaints/lookup/messages").once().json(&message).send().await
            }
            4 => {
                let message = json!({ "text": text, "public": true });
                service.post(&format!("/v1/complaints/{id}/messages")).token(&officer).json(&message).send().await
            }
            _ => {
                let action = actions[numbers.below(actions.len())];
                let mut step = json!({ "action": action });
                has_text = ["ask", "conclude", "reopen", "reject"].contains(&action);
                if has_text {
                    step["text"] = json!(text);
                }
                if action == "conclude" {
                    step["outcome"] = json!("unsubstantiated");
                }
                service.post(&format!("/v1/complaints/{id}/transitions")).token(&officer).json(&step).send().await
            }
        };
        match answer.status {
            200 | 201 => acknowledged.extend(has_text.then_some(text)),
            409 => drop(answer.problem(409, "illegal_transition")),
            503 => {}
            status => panic!("{status}: {}", answer.text()),
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_do_a_thousand_things_and_no_step_is_skipped_and_no_message_lost() {
    let service = crate::complaints::open().await;
    let other = service.sibling().await;
    let (officer, mut receipts, mut ids) = (service.token(Role::ComplaintOfficer), Vec::new(), Vec::new());
    for _ in 0..8 {
        let given = service.report(&complaint()).await;
        let path = format!("/v1/complaints?reference={}", given["reference"].as_str().unwrap());
        let found = service.get(&path).token(&officer).send().await.expect(200).json();
        ids.push(found["items"][0]["id"].as_str().unwrap().to_owned());
        receipts.push(given["receipt"].clone());
    }
    let (first, second) = tokio::join!(work_at(&service, 1, &receipts, &ids), work_at(&other, 2, &receipts, &ids));
    let acknowledged: Vec<String> = first.into_iter().chain(second).collect();
    assert!(acknowledged.len() > 200, "only {} messages were taken", acknowledged.len());
    let mut said = Vec::new();
    for id in &ids {
        let mut events = Vec::new();
        let mut path = Some(format!("/v1/complaints/{id}/timeline?limit=100"));
        while let Some(next) = path {
            let page = service.get(&next).token(&officer).send().await.expect(200).json();
            events.extend(page["items"].as_array().unwrap().iter().cloned());
            path = page["page"]["next"].as_str().map(str::to_owned);
        }
        let numbers: Vec<_> = events.iter().map(|event| event["number"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>());
        // Each step leads on from where the one before it led to.
        let mut status = Status::Received;
        for event in &events[1..] {
            let action = Action::ALL.iter().find(|action| action.code() == event["action"]);
            if let Some(action) = action {
                status = action.after(status, None).unwrap_or_else(|| panic!("{action:?} from {status:?}"));
            }
            assert!(event["status"].is_null() || event["status"] == json!(status), "{event}");
        }
        let now = service.get(&format!("/v1/complaints/{id}")).token(&officer).send().await.expect(200).json();
        assert_eq!(now["status"], json!(status));
        said.extend(events.iter().filter_map(|event| event["text"].as_str().map(str::to_owned)));
    }
    for message in &acknowledged {
        assert_eq!(said.iter().filter(|text| *text == message).count(), 1, "{message}");
    }
}

#[tokio::test]
async fn of_many_whole_lists_some_wait_or_are_refused() {
    let service = spawn_filled().await;
    let officer = service.token(Role::ComplaintOfficer);
    let table = |query: &str| service.get(&format!("/v1/complaints?format=csv{query}")).token(&officer).send();
    let first = service.app.http.admission.whole_list().await.unwrap();
    table("").await.expect(200);
    let second = service.app.http.admission.whole_list().await.unwrap();
    table("").await.problem(503, "unavailable");
    table("&limit=100").await.expect(200);
    let (waits, ()) = tokio::join!(table(""), async { drop(first) });
    waits.expect(200);
    drop(second);
}

#[tokio::test]
async fn of_many_reports_some_wait_or_are_refused() {
    let service = spawn_filled().await;
    let editor = service.token(Role::Editor);
    let report = || service.get("/v1/reports/integrity-measures?fiscal_year=2567").token(&editor).send();
    let admission = &service.app.http.admission;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(admission.report().await.unwrap());
    }
    report().await.problem(503, "unavailable");
    let (waits, ()) = tokio::join!(report(), async { held.truncate(3) });
    waits.expect(200);
}

/// Nothing but the key keeps two complaints apart: no other value of them is unique.
#[tokio::test]
async fn a_key_that_two_processes_have_at_once_files_one_complaint() {
    let service = spawn_filled().await;
    let other = service.sibling().await;
    let count = async || entity::complaint::Entity::find().count(service.db().reader()).await.unwrap();
    let before = count().await;
    let held = hold_writes(&service.database_url).await;
    let send = |process: &Service| {
        let request = process.post("/v1/complaints").header("Idempotency-Key", "one-key-for-two-processes");
        request.json(&complaint()).send()
    };
    // Both have looked for an earlier answer by the time when either may write.
    let release = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        held.rollback().await.unwrap();
    };
    let (first, second, ()) = tokio::join!(send(&service), send(&other), release);
    assert_eq!((first.status, second.status), (201, 201), "{} {}", first.text(), second.text());
    assert_eq!(first.json()["receipt"], second.json()["receipt"]);
    assert_eq!(count().await, before + 1);
}
