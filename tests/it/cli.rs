//! The command line, as its users meet it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Database, Statement};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::samples::measure;
use crate::support::{
    AUDIT_KEY, CONTENT_KEYS, CUSTODIANS, KEY, Service, hold_writes, new_database, on_postgres, spawn_on_time,
};

pub fn prongsai(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_prongsai"));
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

pub fn run(arguments: &[&str]) -> Output {
    prongsai(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
pub fn done(output: Output) -> String {
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

/// A process of ours, ended with the test.
pub struct Running(Child);

impl Running {
    fn start(mut command: Command) -> (Self, String) {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        (Self(child), line)
    }

    pub fn terminate(&mut self) -> bool {
        self.signal("TERM");
        self.ends()
    }

    pub fn signal(&self, name: &str) {
        Command::new("kill").args([format!("-{name}"), self.0.id().to_string()]).status().unwrap();
    }

    /// Waits for the end; whether it was without a fault.
    pub fn ends(&mut self) -> bool {
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(20) {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn help_shows_every_command_and_setting() {
    let help = done(run(&["--help"]));
    for command in [
        "serve",
        "demo",
        "migrate",
        "backup",
        "restore",
        "import",
        "openapi",
        "keygen",
        "token",
        "user",
        "client",
        "audit",
        "keys",
        "retention",
        "identity",
    ] {
        assert!(help.contains(command), "{command}");
    }
    let help = done(run(&["serve", "--help"]));
    for setting in
        ["DATABASE_URL", "PRONGSAI_SIGNING_KEY", "PRONGSAI_LISTEN", "PRONGSAI_CORS_ORIGINS", "PRONGSAI_CUSTODIAN_KEYS"]
    {
        assert!(help.contains(setting), "{setting}");
    }
}

#[test]
fn every_fault_of_the_settings_is_told_at_once_and_no_secret_is() {
    let output =
        prongsai(&["serve", "--listen", "x", "--cache-mib", "0", "--public-url", "ftp://a", "--workers", "many"])
            .args(["--limit-reads", "many", "--trusted-proxies", "x", "--second-factor-roles", "king"])
            .args(["--link-check", "maybe", "--link-check-allowed", "0.0.0.0/0"])
            .args(["--first-answer-days", "0", "--custodian-keys", "/dev/null"])
            .args(["--attachments", "ftp://a", "--attachment-mib", "65", "--drain-seconds", "9"])
            .env("DATABASE_URL", "mysql://user:hunter2@host/db")
            .env("PRONGSAI_CORS_ORIGINS", "https://ok.example,nonsense")
            .output()
            .unwrap();
    assert!(!output.status.success());
    let told = stderr(&output);
    for setting in [
        "--listen",
        "--cache-mib",
        "--public-url",
        "--workers",
        "--database-url",
        "--cors-origins",
        "--signing-key",
        "--audit-key",
        "--content-keys",
        "--custodian-keys",
        "--first-answer-days",
        "--attachments",
        "--attachment-mib",
        "--drain-seconds",
        "--limit-reads",
        "--link-check:",
        "--link-check-allowed",
        "--trusted-proxies",
        "--second-factor-roles",
    ] {
        assert!(told.contains(setting), "{setting} is not in {told}");
    }
    assert!(!told.contains("hunter2"));
    let help = prongsai(&["serve", "--help"]).env("DATABASE_URL", "postgres://user:hunter2@host/db").output().unwrap();
    assert!(!done(help).contains("hunter2"));
}

#[test]
fn nothing_of_the_password_of_a_database_is_repeated() {
    for url in [
        "postgres://u:a/hunter2@h/d",
        "postgres://u:12/hunter2@h/d",
        "postgres://u:hunter2#x@h/d",
        "postgres://u:hunter2?x@h/d",
        "postgres://u:hunter2@[::1/d",
        "postgresql://u:hunter2@h:port/d",
        "postgres:/u:hunter2@h/d",
    ] {
        for command in [&["migrate"][..], &["demo", "--port", "0"], &["user", "enable", "x"], &["backup", "x"]] {
            let told = stderr(&run(&[command, &["--database-url", url]].concat()));
            assert!(!told.contains("hunter2") && !told.is_empty(), "{command:?} {url}: {told}");
        }
    }
}

#[test]
fn a_file_of_sqlite_has_any_name_and_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    for (name, file) in [
        ("a%20b.db", "a%20b.db"),
        ("c?d#e.db", "c?d#e.db"),
        ("ฐานข้อมูล 1.db", "ฐานข้อมูล 1.db"),
        ("f.db?mode=rwc", "f.db"),
    ] {
        let url = format!("sqlite:{}", folder.path().join(name).display());
        done(run(&["migrate", "--database-url", &url]));
        let mode = folder.path().join(file).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let names = folder.path().read_dir().unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    let there: Vec<_> = names.filter(|name| name.ends_with(".db")).collect();
    assert_eq!(there.len(), 4, "{there:?}");
}

#[test]
fn a_service_that_others_reach_is_told_its_address() {
    let refused = |listen: &str| stderr(&run(&["serve", "--listen", listen]));
    for listen in ["0.0.0.0:8080", "192.0.2.1:8080", "[::]:8080"] {
        assert!(refused(listen).contains("--public-url: is needed"), "{listen}");
    }
    for listen in ["127.0.0.1:8080", "[::1]:8080"] {
        assert!(!refused(listen).contains("--public-url"), "{listen}");
    }
}

#[test]
fn without_certificates_of_authorities_that_is_what_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let url = format!("sqlite:{}", path("a.db"));
    done(run(&["migrate", "--database-url", &url]));
    for (kind, name) in [("signing", "t"), ("signing", "a"), ("content", "c")] {
        done(run(&["keygen", kind, &path(name)]));
    }
    let (tokens, audit, content) = (path("t"), path("a"), path("c"));
    let mut serve = prongsai(&["serve", "--database-url", &url, "--signing-key", &tokens, "--audit-key", &audit]);
    serve.args(["--content-keys", &content, "--oidc-issuer", "https://id.example.go.th", "--oidc-roles", "it=admin"]);
    serve.args(["--oidc-jwks", "https://id.example.go.th/jwks.json", "--listen", "127.0.0.1:0"]);
    let told = serve.env("SSL_CERT_FILE", "/nonexistent").env("SSL_CERT_DIR", "/nonexistent").output().unwrap();
    let told = stderr(&told);
    assert!(told.lines().last().unwrap().contains("No CA certificates"), "{told}");
}

#[test]
fn a_key_is_made_once_and_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key.pem");
    let path = file.to_str().unwrap();
    done(run(&["keygen", "signing", path]));
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!run(&["keygen", "signing", path]).status.success());
    let token = done(run(&["token", "issue", "--role", "editor", "--ttl", "1h", "--signing-key", path]));
    assert_eq!(token.trim().split('.').count(), 3);
    for wrong in [&["--ttl", "1y"][..], &["--ttl", ""], &["--role", "king"], &["--scope", "everything"]] {
        let output = run(&[&["token", "issue", "--role", "editor", "--signing-key", path], wrong].concat());
        assert!(!output.status.success(), "{wrong:?}");
    }
    assert!(stderr(&run(&["token", "issue", "--signing-key", path])).contains("--role or --scope"));
}

#[tokio::test]
async fn a_new_service_is_migrated_loaded_and_served_by_its_commands() {
    let folder = tempfile::tempdir().unwrap();
    let url = &*new_database(&folder).await;
    let key = folder.path().join("key.pem");
    let key = key.to_str().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let file = |name: &str| data.join(name).to_str().unwrap().to_owned();
    let audit = folder.path().join("audit.pem");
    let audit = audit.to_str().unwrap();
    done(run(&["keygen", "signing", key]));
    done(run(&["keygen", "signing", audit]));
    let content = folder.path().join("content.keys");
    let content = content.to_str().unwrap();
    done(run(&["keygen", "content", content]));
    let keys = ["--signing-key", key, "--audit-key", audit, "--content-keys", content];
    let serve = [&["serve", "--database-url", url, "--listen", "127.0.0.1:0"][..], &keys].concat();
    assert!(stderr(&run(&serve)).contains("prongsai migrate"));
    done(run(&["migrate", "--database-url", url]));
    let import = |what: &[&str]| run(&[&["import", "--database-url", url], what].concat());
    let measures = file("measures-2567.json");
    assert!(stderr(&import(&["measures", &measures, "--fiscal-year", "2567"])).contains("import the units first"));
    assert!(stderr(&import(&["measures", &measures, "--fiscal-year", "2024"])).contains("write 2567"));
    assert!(stderr(&import(&["units", &measures])).contains("measures-2567.json"));
    assert_eq!(done(import(&["agency", &file("agency.json")])), "1 new\n");
    assert_eq!(done(import(&["units", &file("reference.json")])), "9 new\n");
    assert_eq!(done(import(&["holidays", &file("holidays.json")])), "56 new\n");
    assert_eq!(done(import(&["complaint-categories", &file("reference.json")])), "12 new\n");
    assert_eq!(done(import(&["measures", &measures, "--fiscal-year", "2567"])), "6 new\n");
    assert_eq!(done(import(&["measures", &measures, "--fiscal-year", "2567"])), "0 new\n");
    assert_eq!(done(import(&["e-services", &file("e-services.json")])), "4 new\n");
    assert_eq!(done(import(&["guides", &file("guides.json")])), "21 new\n");
    assert_eq!(done(import(&["guides", &file("guides.json")])), "0 new\n");
    assert_eq!(done(import(&["projects", &file("projects-2567.json"), "--fiscal-year", "2567"])), "3 new\n");
}

#[tokio::test]
async fn the_demonstration_is_ready_when_it_says_so_and_stops_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let url = new_database(&folder).await;
    let website = "http://localhost:5173";
    let mut arguments = vec!["demo", "--json", "--port", "0", "--cors-origins", website];
    if on_postgres() {
        arguments.extend(["--database-url", &url]);
    }
    let (mut demo, line) = Running::start(prongsai(&arguments));
    let ready: Value = serde_json::from_str(&line).unwrap();
    let address = ready["address"].as_str().unwrap();
    let list: Value =
        reqwest::get(format!("{address}/v1/measures?fiscal_year=2567")).await.unwrap().json().await.unwrap();
    assert_eq!(list["items"].as_array().unwrap().len(), 6);
    let editor = ready["tokens"]["editor"].as_str().unwrap();
    let carried =
        reqwest::Client::new().post(format!("{address}/v1/fiscal-years/2568/carry-forward")).bearer_auth(editor);
    let carried = carried.header("Origin", website).send().await.unwrap();
    assert_eq!(
        (carried.status().as_u16(), &carried.headers()["access-control-allow-origin"]),
        (200, &website.parse().unwrap())
    );
    // The limits of the service. What is left of one is told to who is known by a token alone.
    assert_eq!(carried.headers()["ratelimit"], "\"writes\";r=299;t=60");
    let agency: Value = reqwest::get(format!("{address}/v1/agency")).await.unwrap().json().await.unwrap();
    assert_eq!([&agency["intake_units"]["integrity"], &agency["intake_units"]["general"]], ["legal", "clerk-office"]);
    let public = reqwest::get(format!("{address}/v1/units")).await.unwrap();
    assert_eq!(public.headers()["ratelimit-policy"], "\"reads\";q=1200;w=60");
    assert!(!public.headers().contains_key("ratelimit"));
    for role in ["complaint_officer", "service_officer", "custodian", "approver", "auditor", "integrator", "admin"] {
        assert!(ready["tokens"][role].is_string(), "{role}");
    }
    // The year of the ITA as it is in April: the link is fetched by a job, soon after the start.
    let (client, readiness) = (reqwest::Client::new(), format!("{address}/v1/ita/2567/readiness"));
    let mut found = Value::Null;
    for _ in 0..60 {
        found = client.get(&readiness).bearer_auth(editor).send().await.unwrap().json().await.unwrap();
        if found["broken_links"][0]["state"] == "dead" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let broken = found["broken_links"].as_array().unwrap();
    assert_eq!((broken.len(), &broken[0]["state"]), (1, &json!("dead")), "{found}");
    assert!(broken[0]["title"].as_str().unwrap().starts_with("O26"), "{found}");
    let items = found["items"].as_array().unwrap();
    let codes = |is_it: &dyn Fn(&Value) -> bool| -> Vec<&str> {
        items.iter().filter(|item| is_it(item)).map(|item| item["code"].as_str().unwrap()).collect()
    };
    assert_eq!(items.len(), 35);
    assert_eq!(codes(&|item| item["state"] == "ready" && item["missing"] == json!([])), ["O1", "O3", "O35"]);
    let lacks = |item: &Value, kind: &str| item["missing"].as_array().unwrap().iter().any(|gap| gap["kind"] == kind);
    assert_eq!(codes(&|item| item["state"] == "drafted" && lacks(item, "part")), ["O33"]);
    assert_eq!(codes(&|item| lacks(item, "broken_link")), ["O26"]);
    let published = items[34]["paste"]["addresses"].as_str().unwrap();
    assert!(published.ends_with("/v1/publications/2567/integrity-measures-report/v1.html"), "{published}");
    let page = client.get(published).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("บันทึกข้อความ") && page.contains("ปลัดเทศบาลเมืองชัยนาท"), "{page}");
    assert!(demo.terminate());
    assert!(reqwest::get(format!("{address}/health/live")).await.is_err());
}

#[tokio::test]
async fn a_demonstration_that_was_killed_starts_again_on_its_database() {
    let folder = tempfile::tempdir().unwrap();
    let url = new_database(&folder).await;
    let arguments = ["demo", "--json", "--port", "0", "--database-url", &url];
    for is_there in [
        "SELECT 1 FROM post",
        "SELECT 1 FROM publication",
        "SELECT 1 FROM publication_step WHERE position > 0",
        "SELECT 1 FROM ita_disclosure WHERE state <> 'open'",
    ] {
        let demo = prongsai(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let demo = Running(demo);
        let begun = Instant::now();
        while !has_row(&url, is_there).await {
            assert!(begun.elapsed() < Duration::from_secs(60), "{is_there}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drop(demo);
    }
    let (mut demo, line) = Running::start(prongsai(&arguments));
    let ready: Value = serde_json::from_str(&line).unwrap();
    let readiness = format!("{}/v1/ita/2567/readiness", ready["address"].as_str().unwrap());
    let editor = ready["tokens"]["editor"].as_str().unwrap();
    let found: Value =
        reqwest::Client::new().get(readiness).bearer_auth(editor).send().await.unwrap().json().await.unwrap();
    let count = |state: &str| found["items"].as_array().unwrap().iter().filter(|item| item["state"] == state).count();
    assert_eq!((count("ready"), count("drafted"), count("open")), (3, 2, 30), "{found}");
    assert!(demo.terminate());
}

/// Whether a query finds something in a database that may not be migrated yet.
async fn has_row(url: &str, sql: &str) -> bool {
    let Ok(db) = Database::connect(url).await else { return false };
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let found = db.query_one_raw(statement).await;
    db.close().await.unwrap();
    found.is_ok_and(|row| row.is_some())
}

/// A service started by its command on a migrated database, its log in a file.
pub struct Served {
    pub process: Running,
    pub address: String,
    pub database_url: String,
    pub key: String,
    pub content: String,
    pub folder: Arc<TempDir>,
}

impl Served {
    pub async fn start() -> Self {
        Self::start_with(&["--drain-seconds", "0"]).await
    }

    /// With these flags beside the usual ones.
    pub async fn start_with(flags: &[&str]) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let database_url = new_database(&folder).await;
        let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        done(run(&["keygen", "signing", &file("key.pem")]));
        done(run(&["keygen", "signing", &file("audit.pem")]));
        done(run(&["keygen", "content", &file("content.keys")]));
        let keys = ["one.key", "two.key"].map(|name| done(run(&["keygen", "custodian", &file(name)])));
        std::fs::write(file("custodians.txt"), keys.concat()).unwrap();
        done(run(&["migrate", "--database-url", &database_url]));
        Self::serve(folder, database_url, flags, &[]).await
    }

    /// The same service in a process with more in its environment. The process of before is killed.
    pub async fn again(self, environment: &[(&str, String)]) -> Self {
        let Self { process, folder, database_url, .. } = self;
        drop(process);
        Self::serve(folder, database_url, &[], environment).await
    }

    /// The same service on a database, with more in its environment. The process of before has ended.
    pub async fn on(self, database_url: &str, environment: &[(&str, String)]) -> Self {
        Self::serve(self.folder, database_url.to_owned(), &["--drain-seconds", "0"], environment).await
    }

    /// Another process on the database and files of a service, with its keys.
    pub async fn beside(service: &Service) -> Self {
        let ahead = service.now() - prongsai::db::machine_now();
        assert!(ahead.num_minutes() == 0, "a service beside another process has the machine's clock: spawn_on_time");
        for (name, text) in
            [("key.pem", KEY), ("audit.pem", AUDIT_KEY), ("content.keys", CONTENT_KEYS), ("custodians.txt", CUSTODIANS)]
        {
            std::fs::write(service.folder.path().join(name), text).unwrap();
        }
        Self::serve(service.folder.clone(), service.database_url.clone(), &["--drain-seconds", "0"], &[]).await
    }

    /// With the keys that are in the folder.
    async fn serve(folder: Arc<TempDir>, database_url: String, flags: &[&str], environment: &[(&str, String)]) -> Self {
        let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (key, content) = (file("key.pem"), file("content.keys"));
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = format!("127.0.0.1:{port}");
        let serve = ["serve", "--database-url", &database_url, "--listen", &listen, "--challenge-bits", "0"];
        let keys = ["--signing-key", &key, "--audit-key", &file("audit.pem"), "--content-keys", &content];
        let mut command = prongsai(&[&serve[..], &keys].concat());
        command.args(["--custodian-keys", &file("custodians.txt"), "--attachments", &file("attachments")]);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.args(flags);
        command.stderr(std::fs::File::create(file("log")).unwrap());
        let process = Running(command.spawn().unwrap());
        let started = Instant::now();
        while !run(&["health", &listen]).status.success() {
            let log = || std::fs::read_to_string(file("log")).unwrap();
            assert!(started.elapsed() < Duration::from_secs(20), "the service does not start: {}", log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { process, address: format!("http://{listen}"), database_url, key, content, folder }
    }
}

#[tokio::test]
async fn without_certificates_of_the_machine_the_service_starts_and_checks_no_links() {
    let none = ["SSL_CERT_FILE", "SSL_CERT_DIR"].map(|name| (name, "/nonexistent".to_owned()));
    let served = Served::start().await.again(&none).await;
    let ready: Value = reqwest::get(format!("{}/health/ready", served.address)).await.unwrap().json().await.unwrap();
    assert_eq!((&ready["status"], &ready["conditions"][0]["code"]), (&json!("degraded"), &json!("links_unchecked")));
}

#[tokio::test]
async fn without_a_folder_for_temporary_files_all_but_workbooks_is_answered() {
    let mut served = Served::start().await.again(&[("TMPDIR", "/nonexistent".to_owned())]).await;
    let status = async |format: &str| {
        reqwest::get(format!("{}/v1/units?format={format}", served.address)).await.unwrap().status().as_u16()
    };
    assert_eq!([status("json").await, status("csv").await, status("xlsx").await], [200, 200, 503]);
    assert!(served.process.terminate());
    // At the start, and with the request.
    let log = std::fs::read_to_string(served.folder.path().join("log")).unwrap();
    assert_eq!(log.matches("a temporary file cannot be used").count(), 2, "{log}");
    assert!(log.contains("/nonexistent"), "{log}");
}

#[tokio::test]
async fn the_log_has_the_operation_and_nothing_of_what_was_asked() {
    let mut served = Served::start().await;
    let path = format!("{}/v1/measures?q=canary", served.address);
    let request = reqwest::Client::new().get(&path).header("User-Agent", "canary/1").bearer_auth("canary");
    assert_eq!(request.send().await.unwrap().status(), 401);
    assert!(served.process.terminate());
    let log = std::fs::read_to_string(served.folder.path().join("log")).unwrap();
    assert!(log.contains("\"route\":\"/v1/measures\"") && log.contains("\"status\":401"), "{log}");
    assert!(!log.contains("canary"), "{log}");
    let requests = log.lines().filter(|line| line.contains("\"request\""));
    assert!(requests.clone().count() > 0 && requests.clone().all(|line| !line.contains("127.0.0.1")), "{log}");
}

#[tokio::test]
async fn a_service_that_is_told_to_stop_finishes_what_it_has_accepted() {
    let mut served = Served::start().await;
    let token = done(run(&["token", "issue", "--role", "editor", "--signing-key", &served.key]));
    let held = hold_writes(&served.database_url).await;
    let request = reqwest::Client::new().post(format!("{}/v1/measures", served.address)).bearer_auth(token.trim());
    let request = tokio::spawn(request.json(&measure(2567, 1)).send());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let stopped = tokio::task::spawn_blocking(move || served.process.terminate());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!request.is_finished());
    held.rollback().await.unwrap();
    assert_eq!(request.await.unwrap().unwrap().status(), 201);
    assert!(stopped.await.unwrap());
}

#[tokio::test]
async fn a_log_that_cannot_be_written_keeps_nobody_from_an_answer() {
    let service = spawn_on_time().await;
    std::os::unix::fs::symlink("/dev/full", service.folder.path().join("log")).unwrap();
    let served = Served::beside(&service).await;
    let answer = reqwest::get(format!("{}/v1/measures", served.address)).await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn health_tells_a_service_that_is_not_there_and_finds_one_where_it_listens() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(!run(&["health", &format!("127.0.0.1:{port}")]).status.success());
    let served = Served::start().await;
    let port = served.address.rsplit_once(':').unwrap().1.to_owned();
    let everywhere = prongsai(&["health"]).env("PRONGSAI_LISTEN", format!("0.0.0.0:{port}")).output().unwrap();
    done(everywhere);
}

#[tokio::test]
async fn the_operator_adds_people_and_programs_and_keeps_people_out() {
    let served = Served::start().await;
    let url = &*served.database_url;
    let user = |arguments: &[&str]| run(&[&["user"], arguments, &["--database-url", url]].concat());
    let password = done(user(&["add", "somchai", "--name", "สมชาย ใจดี", "--role", "editor"]));
    let log_in = async |password: &str| {
        let body = serde_json::json!({ "login": "somchai", "password": password.trim() });
        let login = reqwest::Client::new().post(format!("{}/v1/login", served.address)).json(&body);
        login.send().await.unwrap().status().as_u16()
    };
    assert_eq!(log_in(&password).await, 200);
    let renewed = done(user(&["set-password", "somchai"]));
    assert_eq!((log_in(&password).await, log_in(&renewed).await), (401, 200));
    done(user(&["disable", "somchai"]));
    assert_eq!(log_in(&renewed).await, 401);
    done(user(&["enable", "somchai"]));
    done(user(&["reset-second-factor", "somchai"]));
    done(user(&["set-roles", "somchai", "--role", "custodian", "--role", "complaint_officer", "--units", "all"]));
    assert_eq!(log_in(&renewed).await, 200);
    for (arguments, told) in [
        (&["add", "somchai", "--name", "x"][..], "/login"),
        (&["add", "Som Chai", "--name", "x"], "/login"),
        (&["add", "other", "--name", "x", "--role", "editor", "--units", "nowhere"], "/units/0"),
        (&["set-roles", "somchai", "--role", "custodian", "--units", "all"], "/units"),
        (&["disable", "nobody"], "nobody"),
    ] {
        let output = user(arguments);
        assert!(!output.status.success() && stderr(&output).contains(told), "{arguments:?}: {}", stderr(&output));
    }
    let client = |arguments: &[&str]| run(&[&["client"], arguments, &["--database-url", url]].concat());
    let added = done(client(&["add", "x", "--scope", "complaints:handle", "--units", "all"]));
    let (id, first) = added.trim().split_once('\n').unwrap();
    let second = done(client(&["new-secret", id, "--overlap-hours", "0"]));
    let token = async |secret: &str| {
        let token =
            reqwest::Client::new().post(format!("{}/oauth/token", served.address)).basic_auth(id, Some(secret.trim()));
        let token = token.header("Content-Type", "application/x-www-form-urlencoded");
        token.body("grant_type=client_credentials").send().await.unwrap().status().as_u16()
    };
    assert_eq!((token(first).await, token(&second).await), (401, 200));
    let client = client(&["add", "x", "--scope", "everything"]);
    assert!(!client.status.success() && stderr(&client).contains("/scopes"), "{}", stderr(&client));
}

#[tokio::test]
async fn a_log_is_exported_and_verified_by_commands() {
    let mut served = Served::start().await;
    let path = |name: &str| served.folder.path().join(name).to_str().unwrap().to_owned();
    let (audit_key, export) = (path("audit.pem"), path("export.jsonl"));
    let key = done(run(&["audit", "key", "--audit-key", &audit_key]));
    let url = served.database_url.clone();
    let exported = done(run(&["audit", "export", "--database-url", &url, "--audit-key", &audit_key]));
    std::fs::write(&export, &exported).unwrap();
    let ok = done(run(&["audit", "verify", &export, "--key", key.trim()]));
    assert!(ok.starts_with("OK: 2 events"), "{ok}");
    let checkpoint = exported.lines().last().unwrap();
    let note: Value = serde_json::from_str(checkpoint).unwrap();
    std::fs::write(path("kept"), note["note"].as_str().unwrap()).unwrap();
    std::fs::write(path("key"), &key).unwrap();
    done(run(&["audit", "verify", &export, "--key", &path("key"), "--since", &path("kept")]));
    std::fs::write(
        &export,
        exported.replace("\"migrate\\\"", "\"nobody\\\"").replace("\\\"migrate\\\"", "\\\"nobody\\\""),
    )
    .unwrap();
    let failed = run(&["audit", "verify", &export, "--key", key.trim()]);
    assert!(!failed.status.success() && stdout(&failed).contains("event 0: "), "{}", stdout(&failed));
    for (arguments, told) in [
        (vec!["nowhere", "--key", key.trim()], "nowhere"),
        (vec![&*export, "--key", "x"], "--key"),
        (vec![&*export, "--key", key.trim(), "--since", &*export], "--since"),
    ] {
        let output = run(&[&["audit", "verify"], &arguments[..]].concat());
        assert!(!output.status.success() && stderr(&output).contains(told), "{}", stderr(&output));
    }
    assert!(served.process.terminate());
}

#[tokio::test]
async fn a_key_is_renewed_in_its_file_while_the_service_runs() {
    let served = Served::start().await;
    let kids = async || {
        let jwks: Value =
            reqwest::get(format!("{}/.well-known/jwks.json", served.address)).await.unwrap().json().await.unwrap();
        jwks["keys"].as_array().unwrap().len()
    };
    assert_eq!(kids().await, 1);
    done(run(&["keygen", "signing", &served.key, "--renew"]));
    let began = Instant::now();
    while kids().await != 2 {
        assert!(began.elapsed() < Duration::from_secs(20), "the new key is not read");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn one_key_for_two_purposes_and_an_example_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (one, example) = (folder.path().join("one.pem"), folder.path().join("example.pem"));
    let (one, example) = (one.to_str().unwrap(), example.to_str().unwrap());
    done(run(&["keygen", "signing", one]));
    // From RFC 8410, section 10.3.
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    std::fs::write(example, pem).unwrap();
    let told = |key: &str, audit: &str| stderr(&run(&["serve", "--signing-key", key, "--audit-key", audit]));
    assert!(told(one, one).contains("--audit-key: is a key of --signing-key"));
    assert!(told(example, one).contains("is an example"));
}
