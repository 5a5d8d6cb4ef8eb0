//! Secrets of people and programs are nowhere to be read: not in the log, not in errors, not in the audit log, not in the database.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use memchr::memmem;
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use serde_json::{Value, json};

use crate::cli::{Served, done, prongsai, run};

/// Everything that is in the database, as bytes.
pub async fn contents(database_url: &str) -> Vec<u8> {
    if let Some(path) = database_url.strip_prefix("sqlite:") {
        let files = ["", "-wal", "-shm"].map(|end| std::fs::read(format!("{path}{end}")).unwrap_or_default());
        return files.concat();
    }
    let db = Database::connect(database_url).await.unwrap();
    let texts = async |sql: &str| {
        let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect::<Vec<_>>()
    };
    let mut all = String::new();
    for table in texts("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'").await {
        all.extend(texts(&format!("SELECT coalesce(t::text, '') FROM {table} t")).await);
    }
    all.into_bytes()
}

/// Backs the database up as its operators do; what the folder then has, that included, by name.
pub async fn left_in(folder: &Path, database_url: &str) -> Vec<(String, Vec<u8>)> {
    let backup = folder.join("backup");
    if let Some(path) = database_url.strip_prefix("sqlite:") {
        let db = Database::connect(format!("sqlite:{path}")).await.unwrap();
        db.execute_unprepared(&format!("VACUUM INTO '{}'", backup.display())).await.unwrap();
    } else {
        let dump = Command::new("pg_dump").arg(database_url).arg("--file").arg(&backup).status();
        assert!(dump.unwrap().success());
    }
    let (mut left, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => left.push((path.display().to_string(), std::fs::read(&path).unwrap())),
            }
        }
    }
    left
}

/// The ways in which a secret could have been written down.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes();
    // Wherever in a base64 text it began, the middle is one of three.
    let coded = (0..3).flat_map(|skip| {
        let bytes = bytes.get(skip..).unwrap_or_default();
        let whole = &bytes[..bytes.len() / 3 * 3];
        [BASE64_STANDARD_NO_PAD.encode(whole), BASE64_URL_SAFE_NO_PAD.encode(whole)]
    });
    let escaped = json!(secret).to_string();
    let in_ascii = |unit: u16| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    let in_ascii: String = secret.encode_utf16().map(in_ascii).collect();
    let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let texts =
        coded.chain([data_encoding::HEXLOWER.encode(bytes), escaped[1..escaped.len() - 1].to_owned(), in_ascii]);
    texts.map(String::into_bytes).chain([bytes.to_vec(), utf16]).collect()
}

pub fn is_in(secret: &str, haystack: &[u8]) -> bool {
    spellings(secret).iter().any(|spelling| memmem::find(haystack, spelling).is_some())
}

#[tokio::test]
async fn no_password_secret_or_token_is_written_down() {
    let mut served = Served::start().await;
    let (url, http) = (served.database_url.clone(), reqwest::Client::new());
    let password = "canary-password-ปลาทู";
    let mut add = prongsai(&["user", "add", "somchai", "--name", "สมชาย", "--role", "admin", "--password-stdin"]);
    let mut add = add.args(["--database-url", &url]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    writeln!(add.stdin.take().unwrap(), "{password}").unwrap();
    assert!(add.wait().unwrap().success());
    let client = done(run(&["client", "add", "เว็บไซต์", "--scope", "measures:read", "--database-url", &url]));
    let (client_id, client_secret) = client.trim().split_once('\n').unwrap();
    let mut said: Vec<String> = Vec::new();
    let mut post = async |path: &str, token: Option<&str>, body: Value| -> Value {
        let mut request = http.post(format!("{}{path}", served.address)).json(&body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let text = request.send().await.unwrap().text().await.unwrap();
        said.push(text.clone());
        serde_json::from_str(&text).unwrap_or_default()
    };
    // Somebody types the password where the login belongs, another a wrong one.
    post("/v1/login", None, json!({ "login": "canary-typed-as-login", "password": "canary-wrong-password" })).await;
    let tokens = post("/v1/login", None, json!({ "login": "somchai", "password": password })).await;
    let access = tokens["access_token"].as_str().unwrap().to_owned();
    let refresh = tokens["refresh_token"].as_str().unwrap().to_owned();
    let device = tokens["device_token"].as_str().unwrap().to_owned();
    let enrolment = post("/v1/me/second-factor", Some(&access), json!({ "password": password })).await;
    let secret = enrolment["secret"].as_str().unwrap().to_owned();
    let code = crate::accounts::code_of(&secret, prongsai::db::machine_now());
    let recovery = post("/v1/me/second-factor/confirmation", Some(&access), json!({ "code": code })).await;
    let recovery = recovery["recovery_codes"][0].as_str().unwrap().to_owned();
    let form = |fields: String| {
        let request = http.post(format!("{}/oauth/token", served.address));
        request.header("Content-Type", "application/x-www-form-urlencoded").body(fields).send()
    };
    let fields = format!("grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}");
    let of_client: Value = form(fields).await.unwrap().json().await.unwrap();
    let refreshed: Value =
        form(format!("grant_type=refresh_token&refresh_token={refresh}")).await.unwrap().json().await.unwrap();
    // A new password with a key that would keep the answer, and refusals that could repeat what was sent.
    let fresh = refreshed["access_token"].as_str().unwrap();
    let change = json!({ "current_password": password, "new_password": "canary-new-password-ข้าวเหนียว" });
    let request = http.post(format!("{}/v1/me/password", served.address)).bearer_auth(fresh).json(&change);
    assert_eq!(request.header("Idempotency-Key", "a-key-of-the-test").send().await.unwrap().status(), 204);
    let faulty = json!({ "login": "x", "password": "canary-faulty-password", "colour": "canary-colour" });
    post("/v1/login", None, faulty).await;
    let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    let secrets = [
        password.to_owned(),
        "canary-new-password-ข้าวเหนียว".to_owned(),
        "canary-wrong-password".to_owned(),
        "canary-typed-as-login".to_owned(),
        "canary-faulty-password".to_owned(),
        client_secret.to_owned(),
        refresh,
        device,
        refreshed["refresh_token"].as_str().unwrap().to_owned(),
        signature(&access),
        signature(of_client["access_token"].as_str().unwrap()),
        secret.clone(),
        recovery.clone(),
        recovery.replace('-', ""),
    ];
    let audit = done(run(&["audit", "export", "--database-url", &url]));
    assert!(served.process.terminate());
    let log = std::fs::read_to_string(served.folder.path().join("log")).unwrap();
    let database = contents(&url).await;
    // The search finds what is there.
    assert!(is_in("somchai", &database) && is_in("somchai", audit.as_bytes()) && is_in("/v1/login", log.as_bytes()));
    for secret in &secrets {
        for (place, text) in [("log", log.as_bytes()), ("audit", audit.as_bytes()), ("database", &database)] {
            assert!(!is_in(secret, text), "{secret} is in the {place}");
        }
    }
    let told = said.join("\n");
    for secret in [password, "canary-wrong-password", "canary-typed-as-login", "canary-faulty-password"] {
        assert!(!is_in(secret, told.as_bytes()), "{secret} is in an answer");
    }
    // The secret of the app as bytes, too.
    let raw = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    assert!(!database.windows(raw.len()).any(|part| part == raw));
}
