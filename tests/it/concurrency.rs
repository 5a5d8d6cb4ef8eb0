//! Many at once.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use prongsai::auth::scope::Role;
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::{Value, json};

use crate::support::samples::measure;
use crate::support::{Service, spawn};

/// Sends a creation again and again until it is done, as a client should.
async fn persist(service: &Service, token: &str, key: &str, body: &Value) -> Value {
    for _ in 0..200 {
        let request = service.post("/v1/measures").token(token).header("Idempotency-Key", key).json(body);
        let answer = request.send().await;
        match answer.status {
            201 => return answer.json(),
            409 => assert_eq!(answer.json()["code"], "idempotency_key_in_progress"),
            503 => assert_eq!(answer.header("retry-after"), "1"),
            _ => panic!("{}", answer.text()),
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
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
        async move { persist(process, &token, &format!("key-{no}"), &body).await["id"].to_string() }
    });
    let ids: HashSet<String> = join_all(requests).await.into_iter().collect();
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
    let mut created = [first, second].map(|answer| answer.expect(200).json()["created"].as_i64().unwrap());
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
