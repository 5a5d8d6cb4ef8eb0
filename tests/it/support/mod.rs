//! A service of its own for each test, and a client for it.

pub mod ask;
mod client;
pub mod contract;
pub mod document;
pub mod examples;
pub mod form;
pub mod office;
pub mod samples;

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::account;
use prongsai::accounts;
use prongsai::accounts::{ClientInput, UserInput};
use prongsai::app;
use prongsai::app::Keys;
use prongsai::app::config::Settings;
use prongsai::app::demo;
use prongsai::auth::scope::{self, Role};
use prongsai::auth::token::Grant;
use prongsai::cases::custodians::Custodians;
use prongsai::cases::vault::ContentKeys;
use prongsai::crypto::keys::{KeyRing, SigningKey};
use prongsai::db;
use prongsai::db::Db;
use prongsai::domain::units::Units;
use prongsai::domain::working_days::{bangkok_day, midnight};
use prongsai::http::body::checked;
use prongsai::revisions::Resource;
use prongsai::state::State;
use sea_orm::{
    ColumnTrait, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait,
    QueryFilter, Statement, TransactionOptions, TransactionTrait,
};
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use uuid::Uuid;

pub use client::{Answer, Request, faults};
use examples::Recorder;

/// A running service with an empty, migrated database.
pub struct Service {
    pub address: String,
    pub app: State,
    pub database_url: String,
    client: reqwest::Client,
    pub recorder: Recorder,
    server: ServerHandle,
    /// The SQLite file and the attachments go with it.
    pub folder: Arc<TempDir>,
}

/// Whether the tests run on PostgreSQL.
pub fn on_postgres() -> bool {
    cluster().is_some()
}

#[expect(clippy::disallowed_methods, reason = "the tests' one setting")]
fn cluster() -> Option<String> {
    std::env::var("DATABASE_URL").ok().filter(|url| url.starts_with("postgres"))
}

/// The address of a new, empty database.
pub async fn new_database(folder: &TempDir) -> String {
    match cluster() {
        Some(cluster) => create(&cluster, "", Some(folder)).await,
        None => demo::sqlite_in(folder.path()),
    }
}

/// Creates a database in the cluster, for as long as a folder is there: drops those whose folders are gone, as the databases of
/// a thousand tests would fill the disk.
async fn create(cluster: &str, options: &str, folder: Option<&TempDir>) -> String {
    static CREATED: Mutex<Vec<(PathBuf, String)>> = Mutex::new(Vec::new());
    let admin = Database::connect(cluster).await.unwrap();
    let over: Vec<_> = CREATED.lock().unwrap().extract_if(.., |(folder, _)| !folder.exists()).collect();
    for (_, name) in over {
        admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    }
    let name = format!("t{}", Uuid::now_v7().simple());
    admin.execute_unprepared(&format!("CREATE DATABASE {name} {options}")).await.unwrap();
    if let Some(folder) = folder {
        CREATED.lock().unwrap().push((folder.path().to_owned(), name.clone()));
    }
    format!("{}/{name}", cluster.rsplit_once('/').unwrap().0)
}

/// A copy of a database that nobody has open.
pub async fn copy_of(database_url: &str, folder: &TempDir) -> String {
    let Some(cluster) = cluster() else {
        let url = demo::sqlite_in(folder.path());
        std::fs::copy(db::file_of(database_url), db::file_of(&url)).unwrap();
        return url;
    };
    copy_in(&cluster, database_url, folder).await
}

/// Keeps every write waiting until it is rolled back.
pub async fn hold_writes(database_url: &str) -> DatabaseTransaction {
    let blocker = Database::connect(database_url).await.unwrap();
    let held = blocker.begin_with_options(TransactionOptions::default()).await.unwrap();
    let lock = if on_postgres() {
        "DO $$ BEGIN EXECUTE (SELECT 'LOCK TABLE ' || string_agg(quote_ident(tablename), ', ') || ' IN EXCLUSIVE MODE' \
         FROM pg_tables WHERE schemaname = 'public'); END $$"
    } else {
        "UPDATE agency SET version = version"
    };
    held.execute_unprepared(lock).await.unwrap();
    held
}

/// Writes of a resource that have done all but commit. SQLite runs one write after the other, so there none is held.
pub struct HeldCommits(Option<(DatabaseTransaction, DatabaseConnection)>);

/// Keeps the writes of a resource waiting at their commit, where PostgreSQL raises the resource's revision.
pub async fn hold_commits(service: &Service, resource: &str) -> HeldCommits {
    if !on_postgres() {
        return HeldCommits(None);
    }
    let connect = || Database::connect(&service.database_url);
    let held = connect().await.unwrap().begin_with_options(TransactionOptions::default()).await.unwrap();
    let lock = format!("SELECT number FROM revision WHERE resource = '{resource}' FOR UPDATE");
    held.query_one_raw(Statement::from_string(DbBackend::Postgres, lock)).await.unwrap().unwrap();
    HeldCommits(Some((held, connect().await.unwrap())))
}

impl HeldCommits {
    /// Waits until so many writes wait for a lock.
    pub async fn waiting(&self, writes: i64) {
        let Some((_, observer)) = &self.0 else { return };
        let sql = "SELECT count(DISTINCT pid) FROM pg_stat_activity WHERE datname = current_database() \
                   AND cardinality(pg_blocking_pids(pid)) > 0";
        for _ in 0..100 {
            let row = observer.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
            if row.try_get_by_index::<i64>(0).unwrap() == writes {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{writes} writes never waited at once");
    }

    pub async fn release(self) {
        if let Some((held, _)) = self.0 {
            held.rollback().await.unwrap();
        }
    }
}

/// The address of a new database with the schema in it: a copy of one that was migrated once.
async fn migrated_database(folder: &TempDir) -> String {
    let Some(cluster) = cluster() else { return migrated_sqlite(folder).await };
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let template = TEMPLATE
        .get_or_init(|| async {
            let url = create(&cluster, "", None).await;
            migrate(&url).await;
            url
        })
        .await;
    copy_in(&cluster, template, folder).await
}

async fn copy_in(cluster: &str, template: &str, folder: &TempDir) -> String {
    create(cluster, &format!("TEMPLATE {}", template.rsplit_once('/').unwrap().1), Some(folder)).await
}

/// The same on SQLite.
pub async fn migrated_sqlite(folder: &TempDir) -> String {
    static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
    let url = demo::sqlite_in(folder.path());
    let template = TEMPLATE
        .get_or_init(|| async {
            migrate(&url).await;
            std::fs::read(db::file_of(&url)).unwrap()
        })
        .await;
    std::fs::write(db::file_of(&url), template).unwrap();
    url
}

async fn migrate(url: &str) {
    let db = Db::connect(url).await.unwrap();
    db.migrate(prongsai::app::migrated::changes).await.unwrap();
    db.close().await;
}

/// Migrates a database and enters the sample data the day before the service starts: the public's figures are of the last midnight.
async fn fill(url: &str, of_the_clock: TimeDelta) {
    let db = Db::connect(url).await.unwrap();
    db.clock.set(db::machine_now() + of_the_clock - TimeDelta::days(1));
    demo::fill(&db).await.unwrap();
    db.close().await;
}

/// A service with an empty database.
pub async fn spawn() -> Service {
    spawn_with(settings()).await
}

/// A service with the machine's clock, as the command line has on the same database.
pub async fn spawn_on_time() -> Service {
    let folder = tempfile::tempdir().unwrap();
    let url = migrated_database(&folder).await;
    start_ahead(TimeDelta::zero(), folder.into(), url, settings()).await
}

/// Settings with which all that the document has can be done.
fn settings() -> Settings {
    Settings { workers: 1, custodians: Some(custodians()), ..Settings::default() }
}

/// A service with settings of its own.
pub async fn spawn_with(settings: Settings) -> Service {
    let folder = tempfile::tempdir().unwrap();
    let url = migrated_database(&folder).await;
    start(folder.into(), url, Settings { workers: 1, ..settings }).await
}

/// A service with the municipality's units, the holidays, six measures and sample projects, a user, a client and two complaints
/// with names: somebody has asked for the name of the first, which has a photo; and a service request, which has one, too.
pub async fn spawn_filled() -> Service {
    used(spawn_unused(*TO_NOON).await).await
}

/// The service with the sample data, before anybody has sent anything, with a clock that is ahead of the machine's.
pub async fn spawn_unused(of_the_clock: TimeDelta) -> Service {
    let folder = tempfile::tempdir().unwrap();
    let url = migrated_database(&folder).await;
    fill(&url, of_the_clock).await;
    start_ahead(of_the_clock, folder.into(), url, settings()).await
}

/// The same at a time, which goes on.
pub async fn spawn_filled_at(time: DateTime<Utc>) -> Service {
    used(spawn_unused_at(time).await).await
}

/// The same at a time: its first events are of then, as a clock far from them is in doubt.
pub async fn spawn_unused_at(time: DateTime<Utc>) -> Service {
    let folder = tempfile::tempdir().unwrap();
    let url = new_database(&folder).await;
    let of_the_clock = time - db::machine_now();
    fill(&url, of_the_clock).await;
    start_ahead(of_the_clock, folder.into(), url, settings()).await
}

async fn used(service: Service) -> Service {
    let id = service.add_user("somsri", &[]).await;
    service.add_client(&["measures:read"]).await;
    accounts::add_seen(service.db(), vec!["oidc:248289761001".to_owned()]).await.unwrap();
    let grant = Grant { subject: id.to_string(), rights_version: Some(i32::MAX), ..grant(&["complaints:handle"]) };
    let given = service.report(&samples::named_complaint()).await;
    service.attach(&given["receipt"], "ภาพ.jpg", &samples::photo()).await.expect(201);
    service.ask_for_identity(&service.issue(grant), &service.all_of_office("/v1/complaints").await[0]).await;
    service.report(&samples::named_complaint()).await;
    let given = service.ask_for("public-lighting", &samples::lighting()).await;
    service.attach_to("service-requests", &given["receipt"], "ภาพ.jpg", &samples::photo()).await.expect(201);
    service.add_link("https://www.example.go.th/no-gift-policy.pdf").await;
    service
}

/// The signing key of every service of the tests, so that two on one database are one deployment.
pub const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----";

pub fn key() -> SigningKey {
    SigningKey::from_pem(KEY).unwrap()
}

/// The key that signs the audit log of every service of the tests.
pub const AUDIT_KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIH3kWq0cJmQb8mM1cVq3nqkYw2y9n0d6m8m7o4k1p2c3\n-----END PRIVATE KEY-----";

pub fn audit_key() -> SigningKey {
    SigningKey::from_pem(AUDIT_KEY).unwrap()
}

/// What every service of the tests seals under.
pub const CONTENT_KEYS: &str = "prongsai-content-key 6pwKRxqksENPnNPyiJzykjiqrGa6Ohn7YYHiBgDuaF8=";

/// The secret keys of the custodians of every service of the tests, which the services never see.
pub const CUSTODIAN_KEYS: [&str; 2] = [
    "AGE-SECRET-KEY-1KJJVU2KYQNRKP9DFC2EZZQX8VGQ9NQCRMCR5WC5EADE00SNZGYEQFF30G5",
    "AGE-SECRET-KEY-14VHJ8S0F8V4M9W7VNNMAPP63K068TYDVUTDPD6KLP5LCZGRVH0AS6ET82P",
];

/// Their public keys.
pub const CUSTODIANS: &str = "age18la5afygasljhvf7p5kftfx4hmmh3s8kvskkh662gdy5y06kcfpsq4sejr\n\
                              age1tr956lwhftp7xdydeln5tgnsduk7gq9nzvgla8fxz5pq2g37jetssvcnyg";

fn custodians() -> Custodians {
    Custodians::parse(CUSTODIANS).unwrap()
}

/// Sees that a program of others is there; installs its package of the same name where that is allowed.
pub fn need(program: &str) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _held = ONE_AT_A_TIME.lock().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/need.sh");
    assert!(Command::new(script).args([program, program]).status().unwrap().success(), "{program} is needed");
}

/// What every user of the tests types to log in.
pub const PASSWORD: &str = "ปลาทูทอดกับน้ำพริกกะปิ";

impl Service {
    /// Another process, as it were, on the same database and files.
    pub async fn sibling(&self) -> Service {
        self.sibling_with(settings()).await
    }

    pub async fn sibling_with(&self, settings: Settings) -> Service {
        start(self.folder.clone(), self.database_url.clone(), settings).await
    }

    /// The same with another way to the database.
    pub async fn through(&self, database_url: String) -> Service {
        start(self.folder.clone(), database_url, settings()).await
    }

    /// A service on a database and attachments that are there already.
    pub async fn on(folder: TempDir, database_url: String) -> Service {
        start(folder.into(), database_url, settings()).await
    }
}

async fn start(folder: Arc<TempDir>, database_url: String, settings: Settings) -> Service {
    start_ahead(*TO_NOON, folder, database_url, settings).await
}

/// The services of the tests begin at noon in Bangkok: no test of today's figures runs over midnight.
pub static TO_NOON: LazyLock<TimeDelta> = LazyLock::new(|| {
    let now = db::machine_now();
    let noon = midnight(bangkok_day(now)) + TimeDelta::hours(12);
    noon - now + TimeDelta::days(i64::from(noon < now))
});

/// The time by the clock of the services.
pub fn now() -> DateTime<Utc> {
    db::machine_now() + *TO_NOON
}

async fn start_ahead(
    of_the_clock: TimeDelta,
    folder: Arc<TempDir>,
    database_url: String,
    mut settings: Settings,
) -> Service {
    settings.files.place = folder.path().join("attachments").display().to_string();
    let (started, running) = tokio::sync::oneshot::channel();
    let url = database_url.clone();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = format!("http://{}", listener.local_addr().unwrap());
            let db = Db::connect(&url).await.unwrap();
            db.clock.set(db::machine_now() + of_the_clock);
            let content = ContentKeys::parse(CONTENT_KEYS).unwrap();
            let (tokens, audit) = (KeyRing::of(key()), audit_key());
            let keys = Keys { tokens, tokens_file: None, audit, checkpoints: None, content, content_file: None };
            let app = State::new(app::build(db, keys, &settings, address.clone()).await.unwrap());
            let server = app::server::server(app.clone(), &settings, listener).unwrap();
            let _ = started.send((address, app, server.handle()));
            server.await.unwrap();
        });
    });
    let (address, app, server) = running.await.unwrap();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    Service { address, app, database_url, client, recorder: Recorder::default(), server, folder }
}

impl Service {
    pub fn db(&self) -> &Arc<Db> {
        &self.app.db
    }

    /// The time of what this service writes now.
    pub fn now(&self) -> DateTime<Utc> {
        self.db().now()
    }

    /// The day in Bangkok.
    pub fn today(&self) -> NaiveDate {
        bangkok_day(self.now())
    }

    pub fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    pub fn post(&self, path: &str) -> Request {
        self.request("POST", path)
    }

    pub fn patch(&self, path: &str) -> Request {
        self.request("PATCH", path)
    }

    pub fn delete(&self, path: &str) -> Request {
        self.request("DELETE", path)
    }

    pub fn request(&self, method: &str, path: &str) -> Request {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.address) };
        Request::new(self.client.request(method.parse().unwrap(), url), self.recorder.clone())
    }

    pub fn token(&self, role: Role) -> String {
        self.token_of(&[role])
    }

    pub fn token_of(&self, roles: &[Role]) -> String {
        self.issue(Grant { roles: roles.to_vec(), ..grant(&Role::scopes_of(roles)) })
    }

    pub fn token_with(&self, scopes: &[&str]) -> String {
        self.issue(grant(scopes))
    }

    pub fn issue(&self, grant: Grant) -> String {
        self.app.auth.tokens.issue(grant, db::machine_now(), TimeDelta::hours(1)).unwrap()
    }

    /// Adds somebody of all units who can log in with [`PASSWORD`]; gives the id of the account.
    pub async fn add_user(&self, login: &str, roles: &[Role]) -> Uuid {
        let of_units = roles.iter().any(|role| role.is_of_units());
        let units = if of_units { json!("all") } else { json!([]) };
        let input = json!({ "login": login, "display_name": "สมศรี ใจดี", "roles": roles, "units": units });
        let input: UserInput = checked(input).unwrap();
        let db = self.db();
        accounts::add_user(db, input).await.unwrap();
        accounts::set_password(db, &self.app.auth.passwords, login, PASSWORD.to_owned()).await.unwrap();
        let account = account::Entity::find().filter(account::Column::Login.eq(login)).one(db.reader()).await.unwrap();
        account.unwrap().id
    }

    /// Adds a program of all units; gives its id and secret.
    pub async fn add_client(&self, scopes: &[&str]) -> (String, String) {
        let of_units = scopes.iter().any(|scope| scope::named(scope).unwrap().is_of_units());
        let units = if of_units { json!("all") } else { json!([]) };
        let input: ClientInput =
            checked(json!({ "display_name": "เว็บไซต์เทศบาล", "scopes": scopes, "units": units })).unwrap();
        let (id, secret) = accounts::add_client(self.db(), input).await.unwrap();
        (id.to_string(), secret)
    }

    /// Adds a link of a measure, as the job does when it finds a new one.
    pub async fn add_link(&self, url: &str) {
        use prongsai::links::{self, sources::Use};
        let (resource, record) = (Resource::Measures, "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11".to_owned());
        let (title, fiscal_year) = ("สร้างกระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ".to_owned(), Some(2567));
        let link = Use { resource, record, title, fiscal_year, url: url.to_owned() };
        links::synchronise(self.db(), vec![link]).await.unwrap();
    }

    /// A token of somebody who has an account and has logged in.
    pub async fn token_of_a_person(&self) -> String {
        let login = format!("u{}", Uuid::now_v7().simple());
        let id = self.add_user(&login, &[]).await;
        self.issue(Grant { subject: id.to_string(), rights_version: Some(2), ..Grant::default() })
    }
}

fn grant(scopes: &[&str]) -> Grant {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    Grant { subject: "tester".to_owned(), scopes, units: Units::All, ..Grant::default() }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Sends the order to stop; nobody waits for it.
        drop(self.server.stop(false));
    }
}
