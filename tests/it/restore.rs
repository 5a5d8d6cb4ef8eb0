//! An older copy of the database: the service notices it, and goes on once an operator has acknowledged it.

use std::path::PathBuf;
use std::process::Output;

use prongsai::audit::report::Outcome;
use prongsai::audit_log::checkpoint::Checkpoint;
use prongsai::crypto::keys::SigningKey;
use prongsai::crypto::signed_note::Verifier;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::audit::judged;
use crate::cli::{Served, done, run};
use crate::support::copy_of;
use crate::support::samples::measure;

const REASON: &str = "ดิสก์เสีย กู้คืนชุดสำรองของวันที่ 28";

impl Served {
    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn kept(&self) -> String {
        std::fs::read_to_string(self.file("audit.pem.checkpoints")).unwrap()
    }

    fn token(&self, role: &str) -> String {
        let issue = ["token", "issue", "--role", role, "--ttl", "1h", "--signing-key", &self.key];
        done(run(&issue)).trim().to_owned()
    }

    async fn write(&self, no: i32) -> (u16, Value) {
        let post = reqwest::Client::new().post(format!("{}/v1/measures", self.address));
        let answer = post.bearer_auth(self.token("editor")).json(&measure(2567, no)).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn read(&self, path: &str) -> (u16, String) {
        let get = reqwest::Client::new().get(format!("{}{path}", self.address)).bearer_auth(self.token("auditor"));
        let answer = get.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// A checkpoint of now, as an auditor keeps it.
    async fn checkpoint(&self) -> String {
        let (status, note) = self.read("/v1/audit/checkpoint").await;
        assert_eq!(status, 200, "{note}");
        note
    }

    async fn health(&self) -> Value {
        reqwest::get(format!("{}/health/ready", self.address)).await.unwrap().json().await.unwrap()
    }

    /// Ends the process, and copies its database.
    async fn copy(&mut self) -> (TempDir, String) {
        assert!(self.process.terminate());
        let folder = tempfile::tempdir().unwrap();
        let url = copy_of(&self.database_url, &folder).await;
        (folder, url)
    }

    /// A command on the log of this service.
    fn audit(&self, command: &[&str], database_url: &str) -> Output {
        let key = self.file("audit.pem");
        run(&[&["audit"], command, &["--database-url", database_url, "--audit-key", key.to_str().unwrap()]].concat())
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey::from_pem(&std::fs::read_to_string(self.file("audit.pem")).unwrap()).unwrap()
    }

    fn verifier(&self) -> Verifier {
        Verifier::of(&self.signing_key(), "prongsai")
    }
}

fn told(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A service whose log has six events; a copy of its database with the first three; and the checkpoint of all six. The process
/// has ended.
async fn six_and_three() -> (Served, TempDir, String, String) {
    let mut served = Served::start().await;
    assert_eq!(served.write(1).await.0, 201);
    served.checkpoint().await;
    let (folder, older) = served.copy().await;
    let url = served.database_url.clone();
    let mut served = served.on(&url, &[]).await;
    for no in [2, 3] {
        assert_eq!(served.write(no).await.0, 201);
    }
    let kept = served.checkpoint().await;
    assert!(kept.starts_with("prongsai\n6\n"), "{kept}");
    assert!(served.process.terminate());
    (served, folder, older, kept)
}

#[tokio::test]
async fn an_older_copy_is_noticed_and_written_to_once_it_is_acknowledged() {
    let (served, _folder, older, kept) = six_and_three().await;
    let mut served = served.on(&older, &[]).await;
    let (status, problem) = served.write(4).await;
    assert_eq!((status, &problem["code"]), (503, &json!("log_broken")));
    let login = reqwest::Client::new().post(format!("{}/v1/login", served.address));
    let login = login.json(&json!({ "login": "nobody", "password": "any password" })).send().await.unwrap();
    assert_eq!(login.status(), 503);
    assert_eq!(served.read("/v1/measures").await.0, 200);
    for path in ["/v1/audit/checkpoint", "/v1/audit/export"] {
        assert_eq!(served.read(path).await.0, 503, "{path}");
    }
    let health = served.health().await;
    assert_eq!((&health["status"], &health["conditions"][0]["code"]), (&json!("read_only"), &json!("log_broken")));
    let reason = health["conditions"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("restore") && reason.contains("`prongsai audit acknowledge-restore`"), "{reason}");
    assert!(served.process.terminate());
    // To an auditor a log that was cut looks the same.
    assert!(told(&served.audit(&["export"], &older)).contains("acknowledge-restore"));
    let export = done(run(&["audit", "export", "--database-url", &older]));
    let cut = judged(&export, Some(&kept), &served.verifier());
    assert_eq!((cut.outcome, cut.places), (Outcome::Failed, vec!["since 6".to_owned()]));

    let acknowledge = |reason: &str| served.audit(&["acknowledge-restore", "--reason", reason], &older);
    for reason in ["", " ", "two\nlines"] {
        assert!(told(&acknowledge(reason)).contains("--reason"));
    }
    let acknowledged = done(acknowledge(REASON));
    assert!(acknowledged.contains("events 3 to 5 were lost"), "{acknowledged}");
    assert!(told(&acknowledge(REASON)).contains("there is nothing to acknowledge"));
    let mut served = served.on(&older, &[]).await;
    assert_eq!(served.health().await["status"], "ok");
    for no in 4..=8 {
        assert_eq!(served.write(no).await.0, 201);
    }
    served.checkpoint().await;
    assert!(served.process.terminate());

    let export = done(served.audit(&["export"], &older));
    let restored = judged(&export, Some(&kept), &served.verifier());
    assert_eq!((restored.outcome, restored.places), (Outcome::Restored, vec![]));
    let [restore] = &restored.restores[..] else { panic!("{:?}", restored.restores) };
    let end = format!(": events 3 to 5 were lost, acknowledged in event 3: {REASON}");
    assert!(restore.starts_with("restored at 20") && restore.ends_with(&end), "{restore}");
    let without = judged(&export, None, &served.verifier());
    assert_eq!((without.outcome, without.restores.len()), (Outcome::Ok, 1));
    let (file, since) = (served.file("export"), served.file("since"));
    std::fs::write(&file, &export).unwrap();
    std::fs::write(&since, &kept).unwrap();
    let (file, since, key) = (file.to_str().unwrap(), since.to_str().unwrap(), served.verifier().text());
    let verify = run(&["audit", "verify", file, "--key", &key, "--since", since]);
    let lines = String::from_utf8_lossy(&verify.stdout).into_owned();
    assert_eq!(verify.status.code(), Some(3), "{lines}");
    assert!(lines.contains(&end) && lines.contains("\nRESTORED: since 6 is of the log before a restore"), "{lines}");
}

#[tokio::test]
async fn an_acknowledgement_explains_no_other_checkpoint_and_none_without_a_signature() {
    let (served, _folder, older, kept) = six_and_three().await;
    done(served.audit(&["acknowledge-restore", "--reason", REASON], &older));
    let export = done(run(&["audit", "export", "--database-url", &older]));
    let key = served.signing_key();
    let signed = |size: u64| Checkpoint { origin: "prongsai".to_owned(), size, root: [7; 32] }.sign(&key);
    for (size, outcome) in [
        // Both logs have had these three events.
        (3, Outcome::Failed),
        // Of these nobody but the auditor knows what they were.
        (5, Outcome::Restored),
        // Not the one that the acknowledgement names, and more than it says was signed.
        (6, Outcome::Failed),
        (7, Outcome::Failed),
    ] {
        let judgement = judged(&export, Some(&signed(size)), &served.verifier());
        assert_eq!(judgement.outcome, outcome, "{size}: {:?}", judgement.places);
    }
    let unsigned: String = export
        .lines()
        .filter(|line| !line.contains("\"kind\":\"checkpoint\""))
        .map(|line| format!("{line}\n"))
        .collect();
    let judgement = judged(&unsigned, Some(&kept), &served.verifier());
    assert_eq!((judgement.outcome, judgement.restores.len()), (Outcome::Failed, 0));
}

#[tokio::test]
async fn an_older_copy_that_was_written_to_is_noticed_although_it_is_longer() {
    let (served, _folder, older, kept) = six_and_three().await;
    let elsewhere = ("PRONGSAI_CHECKPOINT_FILE", served.file("other").to_str().unwrap().to_owned());
    let mut served = served.on(&older, &[elsewhere]).await;
    for no in 2..=6 {
        assert_eq!(served.write(no).await.0, 201);
    }
    served.checkpoint().await;
    assert!(served.process.terminate());
    let mut served = served.on(&older, &[]).await;
    assert_eq!(served.write(7).await.0, 503);
    assert!(served.health().await["conditions"][0]["reason"].as_str().unwrap().contains("acknowledge-restore"));
    assert!(served.process.terminate());
    let acknowledged = done(served.audit(&["acknowledge-restore", "--reason", REASON], &older));
    assert!(acknowledged.contains("events 3 to 5 were lost"), "{acknowledged}");
    let served = served.on(&older, &[]).await;
    assert_eq!(served.write(7).await.0, 201);
    let export = done(served.audit(&["export"], &older));
    let judgement = judged(&export, Some(&kept), &served.verifier());
    assert_eq!((judgement.outcome, judgement.places), (Outcome::Restored, vec![]));
    assert!(export.contains(r#"\"divergence\":\"forked\""#));
}

#[tokio::test]
async fn a_log_that_is_rewritten_is_no_restore() {
    let (served, _folder, older, _) = six_and_three().await;
    let direct = sea_orm::Database::connect(&older).await.unwrap();
    let head = "UPDATE audit_head SET size = 4";
    sea_orm::ConnectionTrait::execute_unprepared(&direct, head).await.unwrap();
    direct.close().await.unwrap();
    let refused = told(&served.audit(&["acknowledge-restore", "--reason", REASON], &older));
    assert!(refused.contains("call the auditors"), "{refused}");
}

#[tokio::test]
async fn a_log_that_has_merely_grown_is_served_after_half_a_line_and_after_another_process() {
    let mut served = Served::start().await;
    assert_eq!(served.write(1).await.0, 201);
    let first = served.checkpoint().await;
    assert!(served.process.terminate());
    let whole = served.kept();
    let file = served.file("audit.pem.checkpoints");
    std::fs::write(&file, format!("{whole}{}", &whole[..20])).unwrap();
    let url = served.database_url.clone();
    let own = ("PRONGSAI_CHECKPOINT_FILE", served.file("other").to_str().unwrap().to_owned());
    let mut served = served.on(&url, &[own]).await;
    assert_eq!(served.write(2).await.0, 201);
    served.checkpoint().await;
    assert!(served.process.terminate());
    let mut served = served.on(&url, &[]).await;
    assert_eq!(served.health().await["status"], "ok");
    assert_eq!(served.write(3).await.0, 201);
    let last = served.checkpoint().await;
    assert!(served.process.terminate());
    let notes: Vec<Value> = served.kept().lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert!(notes.iter().any(|line| line["note"] == first.as_str()));
    assert_eq!(notes.last().unwrap()["note"], last);
    let refused = told(&served.audit(&["acknowledge-restore", "--reason", REASON], &url));
    assert!(refused.contains("there is nothing to acknowledge"), "{refused}");
}

#[tokio::test]
async fn a_checkpoint_file_that_cannot_be_used_is_told_at_the_start_and_fails_no_request_later() {
    let served = Served::start().await;
    let (key, audit, content) = (&served.key, served.file("audit.pem"), &served.content);
    let audit = audit.to_str().unwrap();
    let nowhere = format!("{}/nowhere/file", served.folder.path().display());
    for file in [&*nowhere, key, "/", "/dev/null"] {
        let keys = ["--signing-key", key, "--audit-key", audit, "--content-keys", content];
        let serve = ["serve", "--database-url", &served.database_url, "--checkpoint-file", file];
        let told = told(&run(&[&serve[..], &keys].concat()));
        assert!(told.contains(&format!("--checkpoint-file: {file}")), "{told}");
    }
    assert_eq!(served.write(1).await.0, 201);
    let file = served.file("audit.pem.checkpoints");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    served.checkpoint().await;
    let (status, export) = served.read("/v1/audit/export").await;
    assert_eq!(status, 200, "{export}");
    assert_eq!(served.write(2).await.0, 201);
    let health = served.health().await;
    let condition = &health["conditions"][0];
    assert_eq!((&condition["code"], &condition["job"]), (&json!("job_failed"), &json!("audit_log")), "{health}");
}
