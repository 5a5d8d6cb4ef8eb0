//! How many statements a request sends to PostgreSQL: as many for a hundred records as for one.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prongsai::app::import;
use prongsai::auth::scope::Role;
use prongsai::db::Db;
use serde_json::{Value, json};

use crate::measures::fill;
use crate::support::samples::measure;
use crate::support::{Service, on_postgres, spawn_filled};

/// What a service sends in the background meanwhile, and may vary. A query for each record would be far more.
const NOISE: u64 = 12;

/// Passes on what a client and PostgreSQL say, and counts the statements (PostgreSQL's documentation, "Frontend/Backend Protocol").
struct Proxy {
    url: String,
    count: Arc<AtomicU64>,
}

impl Proxy {
    fn before(database_url: &str) -> Self {
        let (cluster, name) = database_url.rsplit_once('/').unwrap();
        let (user, server) = cluster.rsplit_once('@').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{user}@{}/{name}", listener.local_addr().unwrap());
        let (server, count) = (server.to_owned(), Arc::<AtomicU64>::default());
        let counter = count.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(&server).unwrap());
                let (mut answers, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                let counter = counter.clone();
                std::thread::spawn(move || pass_on(client, server, &counter));
                std::thread::spawn(move || std::io::copy(&mut answers, &mut to_client));
            }
        });
        Self { url, count }
    }

    /// The statements that are sent until `work` ends.
    async fn during<T>(&self, work: impl Future<Output = T>) -> (T, u64) {
        let before = self.count.load(Ordering::SeqCst);
        let done = work.await;
        (done, self.count.load(Ordering::SeqCst) - before)
    }
}

/// Reads the messages of a client one by one. The first ones have no type: a question for TLS, and the startup message.
fn pass_on(mut client: TcpStream, mut server: TcpStream, count: &AtomicU64) -> Option<()> {
    const ASKS_FOR_TLS: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
    let mut started = false;
    loop {
        let mut message = vec![0; if started { 5 } else { 4 }];
        client.read_exact(&mut message).ok()?;
        let length = u32::from_be_bytes(*message.last_chunk().unwrap()) as usize;
        let head = message.len();
        message.resize(head + length - 4, 0);
        client.read_exact(&mut message[head..]).ok()?;
        if started && [b'E', b'Q'].contains(&message[0]) {
            count.fetch_add(1, Ordering::SeqCst);
        }
        started |= message != ASKS_FOR_TLS;
        server.write_all(&message).ok()?;
    }
}

/// A service on the filled database, and what counts its statements.
async fn counted() -> Option<(Service, Proxy)> {
    if !on_postgres() {
        return None;
    }
    let filled = spawn_filled().await;
    let proxy = Proxy::before(&filled.database_url);
    Some((filled.through(proxy.url.clone()).await, proxy))
}

#[tokio::test]
async fn measures_are_carried_forward_together() {
    let Some((service, proxy)) = counted().await else { return };
    let editor = service.token(Role::Editor);
    let carry = async |year: i32| {
        let carry = service.post(&format!("/v1/fiscal-years/{year}/carry-forward")).token(&editor).send();
        let (carried, count) = proxy.during(carry).await;
        (carried.expect(200).json()["created_count"].as_u64().unwrap(), count)
    };
    let (few, for_few) = carry(2568).await;
    fill(&service, 2590, (1, 200)).await;
    let (many, for_many) = carry(2591).await;
    assert_eq!((few, many), (6, 200));
    assert!(for_many <= for_few + NOISE, "{for_few} for {few}, {for_many} for {many}");
}

#[tokio::test]
async fn units_are_looked_up_together() {
    let Some((service, proxy)) = counted().await else { return };
    let (editor, admin) = (service.token(Role::Editor), service.token(Role::Admin));
    let units: Vec<String> = (0..20).map(|number| format!("section-{number}")).collect();
    for code in &units {
        service.create("/v1/units", &json!({ "code": code, "name": { "th": format!("งาน {code}") } })).await;
    }
    let mut counts = Vec::new();
    for (no, some) in [(101, &units[..1]), (102, &units[..])] {
        let mut body = measure(2568, no);
        body["responsible"] = json!({ "all_units": false, "units": some });
        let (created, count) = proxy.during(service.post("/v1/measures").token(&editor).json(&body).send()).await;
        created.expect(201);
        let user = json!({ "login": format!("user{no}"), "display_name": "สมชาย", "roles": ["editor"], "units": some });
        let (created, of_user) = proxy.during(service.post("/v1/users").token(&admin).json(&user).send()).await;
        created.expect(201);
        counts.push((count, of_user));
    }
    assert!(counts[1].0 <= counts[0].0 + NOISE && counts[1].1 <= counts[0].1 + NOISE, "{counts:?}");
}

#[tokio::test]
async fn accounts_are_looked_up_together() {
    let Some((service, proxy)) = counted().await else { return };
    let officer = service.complaint_officer("somchai", &[]).await;
    let mut accounts = Vec::new();
    for number in 0..20 {
        accounts.push(service.add_user(&format!("user{number}"), &[]).await);
    }
    let complaint = service.all_of_office("/v1/complaints").await[0].clone();
    let address = format!("/v1/complaints/{}", complaint["id"].as_str().unwrap());
    let mut counts = Vec::new();
    for some in [&accounts[..1], &accounts[..]] {
        let recuse = service.post(&format!("{address}/recusals")).token(&officer.token);
        let (changed, count) =
            proxy.during(recuse.json(&json!({ "recused": some, "accused_unit": null })).send()).await;
        let proposed = changed.expect(200).json()["recusal_proposal"]["recused"].clone();
        assert_eq!(proposed.as_array().unwrap().len(), some.len());
        counts.push(count);
    }
    assert!(counts[1] <= counts[0] + NOISE, "{counts:?}");
}

#[tokio::test]
async fn what_is_there_is_looked_up_together_by_an_import() {
    let Some((service, proxy)) = counted().await else { return };
    let db = Db::connect(&proxy.url).await.unwrap();
    let file: Vec<Value> = serde_json::from_str(include_str!("../../data/holidays.json")).unwrap();
    let load = async |days: &[Value]| {
        let file = json!(days).to_string();
        let (added, count) = proxy.during(import::holidays(&db, &file)).await;
        assert_eq!(added, Ok(0));
        count
    };
    assert!(file.len() > 50);
    load(&file[..1]).await;
    let (few, many) = (load(&file[..1]).await, load(&file).await);
    assert!(many <= few + NOISE, "{few} for one, {many} for {}", file.len());
    drop(service);
}

#[tokio::test]
async fn a_proof_is_read_at_once() {
    let Some((service, proxy)) = counted().await else { return };
    let auditor = service.token(Role::Auditor);
    let prove = async |size: u64| {
        let path = format!("/v1/audit/proofs?seq=1&tree_size={size}");
        let (proof, count) = proxy.during(service.get(&path).token(&auditor).send()).await;
        proof.expect(200);
        count
    };
    let editor = service.token(Role::Editor);
    fill(&service, 2590, (1, 300)).await;
    service.post("/v1/fiscal-years/2591/carry-forward").token(&editor).send().await.expect(200);
    prove(2).await;
    let (few, many) = (prove(2).await, prove(299).await);
    assert!(many <= few + NOISE / 2, "{few} of 2 events, {many} of 299");
}
