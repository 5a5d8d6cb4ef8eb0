//! Backups: made under load, verified, restored.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use prongsai::auth::scope::Role;
use prongsai::crypto::signed_note::Verifier;
use prongsai::domain::merkle::sha256;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cli::{done, prongsai, run};
use crate::secrets::is_in;
use crate::support::form::Form;
use crate::support::samples::{complaint, photo};
use crate::support::{AUDIT_KEY, CONTENT_KEYS, CUSTODIANS, KEY, Service, new_database, on_postgres, spawn_filled};

/// A service with files and a checkpoint, its backup, and the files of its keys.
struct Backup {
    service: Service,
    folder: TempDir,
}

impl Backup {
    async fn of(service: Service) -> Self {
        service.sign().await;
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in
            [("signing", KEY), ("audit", AUDIT_KEY), ("content", CONTENT_KEYS), ("custodians", CUSTODIANS)]
        {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self { service, folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = prongsai(&[&["backup"], arguments].concat());
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("DATABASE_URL", &self.service.database_url);
        command.env("PRONGSAI_ATTACHMENTS", self.service.folder.path().join("attachments"));
        command
    }

    fn make(&self) -> Output {
        self.command(&[&self.path("backup")]).output().unwrap()
    }

    fn verify(&self, arguments: &[&str]) -> Output {
        let backup = self.path("backup");
        let keys = ["--audit-key", &self.path("audit"), "--content-keys", &self.path("content")].map(str::to_owned);
        let arguments =
            if arguments.is_empty() { keys.each_ref().map(|it| &**it).to_vec() } else { arguments.to_vec() };
        self.command(&[&["verify", &*backup][..], &arguments].concat()).output().unwrap()
    }

    fn restore(&self, folder: &TempDir, database_url: &str) -> Output {
        let attachments = folder.path().join("attachments");
        let place = ["--database-url", database_url, "--attachments", attachments.to_str().unwrap()];
        let mut command = prongsai(&[&["restore", &*self.path("backup")][..], &place].concat());
        command.env("PATH", std::env::var_os("PATH").unwrap()).output().unwrap()
    }

    fn manifest(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.path("backup/manifest.json")).unwrap()).unwrap()
    }

    fn write_manifest(&self, manifest: &Value) {
        std::fs::write(self.path("backup/manifest.json"), manifest.to_string()).unwrap();
    }

    /// The names of files of cases within the backup.
    fn attachments(&self) -> Vec<String> {
        let manifest = self.manifest();
        let names = manifest["files"].as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap().to_owned());
        names.filter(|name| name.starts_with("attachments/")).collect()
    }
}

fn all(output: &Output) -> String {
    String::from_utf8_lossy(&[&*output.stdout, &*output.stderr].concat()).into_owned()
}

#[track_caller]
fn refused(output: &Output, message: &str) {
    let text = all(output);
    assert!(!output.status.success() && text.contains(message), "{message} is not in {text}");
}

fn everything_in(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (vec![folder.to_owned()], vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for path in std::fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            found.push(path.clone());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

#[tokio::test]
async fn what_was_acknowledged_before_a_backup_under_load_is_in_the_restored_service() {
    let backup = Backup::of(spawn_filled().await).await;
    let given = backup.service.report(&complaint()).await;
    backup.service.attach(&given["receipt"], "ภาพ.jpg", &photo()).await.expect(201);
    let mut command = backup.command(&[&backup.path("backup")]);
    let running = tokio::task::spawn_blocking(move || command.output().unwrap());
    for _ in 0..40 {
        let other = backup.service.report(&complaint()).await;
        backup.service.attach(&other["receipt"], "ภาพ.jpg", &photo()).await.expect(201);
        if running.is_finished() {
            break;
        }
    }
    let made = done(running.await.unwrap());
    assert!(made.contains("--content-keys"), "{made}");
    let verified = done(backup.verify(&[]));
    assert!(verified.lines().last().unwrap().starts_with("OK: "), "{verified}");

    let folder = tempfile::tempdir().unwrap();
    let url = new_database(&folder).await;
    let message = done(backup.restore(&folder, &url));
    assert!(message.contains("restored: ") && message.contains("--issuer prongsai"), "{message}");
    let restored = Service::on(folder, url).await;
    restored.get("/health/ready").send().await.expect(200);
    let lookup = restored.post("/v1/complaints/lookup").json(&json!({ "receipt": given["receipt"] })).send().await;
    let found = lookup.expect(200).json();
    let body = json!({ "receipt": given["receipt"], "id": found["attachments"][0]["id"] });
    let file = restored.post("/v1/complaints/lookup/attachments/download").json(&body).send().await;
    assert_eq!(file.expect(200).body, photo());
    restored.report(&complaint()).await;
}

#[tokio::test]
async fn public_files_are_in_a_backup_and_a_changed_byte_of_them_is_found() {
    let backup = Backup::of(spawn_filled().await).await;
    let form = Form::new().field("title", "ประกาศ").file("ประกาศ.txt", "ประกาศเทศบาล".as_bytes());
    let editor = backup.service.token(Role::Editor);
    let file = backup.service.post("/v1/public-files").token(&editor).form(form).send().await.expect(201).json();
    done(backup.make());
    done(backup.verify(&[]));
    let folder = tempfile::tempdir().unwrap();
    let url = new_database(&folder).await;
    done(backup.restore(&folder, &url));
    let restored = Service::on(folder, url).await;
    let content = format!("/v1/public-files/{}/content", file["id"].as_str().unwrap());
    assert_eq!(restored.get(&content).send().await.expect(200).text(), "ประกาศเทศบาล");

    // Somebody changes the file and the manifest, but not the row.
    let mut manifest = backup.manifest();
    let entries = manifest["files"].as_array_mut().unwrap();
    let entry = entries.iter_mut().find(|entry| entry["sha256"] == file["sha256"]).unwrap();
    let path = backup.path(&format!("backup/{}", entry["name"].as_str().unwrap()));
    let changed = std::fs::read_to_string(&path).unwrap().replace("เทศบาล", "เทศบาณ");
    std::fs::write(&path, &changed).unwrap();
    entry["sha256"] = json!(data_encoding::HEXLOWER.encode(&sha256(&[changed.as_bytes()])));
    backup.write_manifest(&manifest);
    if on_postgres() {
        // Its rows are read once they are restored.
        let folder = tempfile::tempdir().unwrap();
        let url = new_database(&folder).await;
        refused(&backup.restore(&folder, &url), "is not the public file of its row");
    } else {
        refused(&backup.verify(&[]), "is not the public file of its row");
    }
}

#[tokio::test]
async fn every_damage_is_found_and_not_restored() {
    let backup = Backup::of(spawn_filled().await).await;
    done(backup.make());
    let (file, folder) = (backup.attachments()[0].clone(), tempfile::tempdir().unwrap());
    let (database, url) =
        (backup.manifest()["files"][0]["name"].as_str().unwrap().to_owned(), new_database(&folder).await);
    for name in [&file, &database] {
        let path = backup.path(&format!("backup/{name}"));
        let whole = std::fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 1;
        for (bytes, message) in [(&flipped[..], "SHA-256"), (&whole[..middle], "bytes, not")] {
            std::fs::write(&path, bytes).unwrap();
            refused(&backup.verify(&[]), &format!("{name}: "));
            refused(&backup.restore(&folder, &url), message);
        }
        std::fs::remove_file(&path).unwrap();
        refused(&backup.verify(&[]), &format!("{name}: is missing"));
        std::fs::write(&path, &whole).unwrap();
    }
    std::fs::write(backup.path("backup/extra"), "").unwrap();
    refused(&backup.verify(&[]), "extra: is not in the manifest");
    std::fs::remove_file(backup.path("backup/extra")).unwrap();
    done(backup.verify(&[]));
    std::fs::rename(backup.path("backup/manifest.json"), backup.path("manifest.json")).unwrap();
    refused(&backup.verify(&[]), "was not finished");
    refused(&backup.restore(&folder, &url), "was not finished");
    assert!(!folder.path().join("attachments").exists());
}

#[tokio::test]
async fn rows_and_files_that_disagree_are_found_though_every_hash_is_right() {
    let backup = Backup::of(spawn_filled().await).await;
    done(backup.make());
    let manifest = backup.manifest();
    let files = backup.attachments();
    // One that a row names is gone, from the manifest as well.
    let gone = backup.path(&format!("backup/{}", files[0]));
    std::fs::rename(&gone, backup.path("gone")).unwrap();
    let mut changed = manifest.clone();
    changed["files"].as_array_mut().unwrap().retain(|file| file["name"] != json!(files[0]));
    backup.write_manifest(&changed);
    if on_postgres() {
        assert!(done(backup.verify(&[])).contains("not checked: the rows"));
        let folder = tempfile::tempdir().unwrap();
        refused(&backup.restore(&folder, &new_database(&folder).await), "is missing, and a row names it");
        return;
    }
    refused(&backup.verify(&[]), "is missing, and a row names it");
    // One is of the right size and not what was sealed.
    let other = vec![7; std::fs::metadata(backup.path("gone")).unwrap().len() as usize];
    std::fs::write(&gone, &other).unwrap();
    changed = manifest.clone();
    let entry = changed["files"].as_array_mut().unwrap().iter_mut().find(|file| file["name"] == json!(files[0]));
    entry.unwrap()["sha256"] = json!(data_encoding::HEXLOWER.encode(&sha256(&[&other])));
    backup.write_manifest(&changed);
    assert!(done(backup.verify(&["--audit-key", &backup.path("audit")])).contains("not checked: whether files"));
    refused(&backup.verify(&[]), "cannot be opened");
}

#[tokio::test]
async fn the_checkpoint_is_checked_with_the_key_of_the_log() {
    let backup = Backup::of(spawn_filled().await).await;
    done(backup.make());
    let key = Verifier::of(&backup.service.app.audit.key, "prongsai").text();
    assert!(!done(backup.verify(&["--key", &key])).contains("signature"));
    let unchecked = done(backup.command(&["verify", &backup.path("backup")]).output().unwrap());
    assert!(unchecked.contains("not checked: the signature"), "{unchecked}");
    done(run(&["keygen", "signing", &backup.path("stranger")]));
    refused(&backup.verify(&["--audit-key", &backup.path("stranger")]), "checkpoint: is not signed by this key");
    refused(&backup.verify(&["--key", "nonsense"]), "--key: ");
}

#[tokio::test]
async fn a_file_that_is_missing_is_named_and_the_rest_is_restored() {
    let backup = Backup::of(spawn_filled().await).await;
    let stored = everything_in(&backup.service.folder.path().join("attachments"));
    std::fs::remove_file(stored.iter().find(|path| path.is_file()).unwrap()).unwrap();
    refused(&backup.make(), "1 files are missing");
    assert_eq!(backup.manifest()["missing"].as_array().unwrap().len(), 1);
    refused(&backup.verify(&[]), "was missing when the backup was made");
    let folder = tempfile::tempdir().unwrap();
    let url = new_database(&folder).await;
    assert!(done(backup.restore(&folder, &url)).contains("was missing"));
    let restored = everything_in(&folder.path().join("attachments")).iter().filter(|path| path.is_file()).count();
    assert_eq!(restored, backup.attachments().len());
}

#[tokio::test]
async fn a_place_that_is_not_empty_is_refused_and_stays_as_it_is() {
    let backup = Backup::of(spawn_filled().await).await;
    done(backup.make());
    refused(&backup.make(), "is not empty");
    done(backup.verify(&[]));
    let message = all(&backup.restore(&tempfile::tempdir().unwrap(), &backup.service.database_url));
    assert!(message.contains("--database-url: ") && message.contains("already"), "{message}");
    let folder = tempfile::tempdir().unwrap();
    let url = new_database(&folder).await;
    std::fs::create_dir(folder.path().join("attachments")).unwrap();
    std::fs::write(folder.path().join("attachments/file"), "").unwrap();
    refused(&backup.restore(&folder, &url), "has files already");
    std::fs::remove_file(folder.path().join("attachments/file")).unwrap();
    if let Some(file) = url.strip_prefix("sqlite:") {
        std::fs::write(format!("{file}.restoring"), "").unwrap();
        refused(&backup.restore(&folder, &url), "is of a restore that did not end");
        std::fs::remove_file(format!("{file}.restoring")).unwrap();
    }
    let other = if on_postgres() { "sqlite:x.db" } else { "postgres://127.0.0.1:1/x" };
    refused(&backup.restore(&folder, other), "--database-url: the backup is of");
    done(backup.restore(&folder, &url));
}

#[tokio::test]
async fn keys_are_in_a_backup_only_when_asked_for_and_all_is_for_its_owner_alone() {
    let backup = Backup::of(spawn_filled().await).await;
    done(backup.make());
    let (signing, audit, content) = (backup.path("signing"), backup.path("audit"), backup.path("content"));
    let secrets = [KEY, AUDIT_KEY, CONTENT_KEYS].map(|key| key.lines().find(|line| !line.starts_with('-')).unwrap());
    for path in everything_in(Path::new(&backup.path("backup"))).iter().filter(|path| path.is_file()) {
        let bytes = std::fs::read(path).unwrap();
        assert!(secrets.iter().all(|secret| !is_in(secret, &bytes)), "{}", path.display());
    }
    let target = backup.path("with-keys");
    let with_keys = ["--with-keys", &target];
    let faults = backup.command(&with_keys).output().unwrap();
    for setting in ["--signing-key", "--audit-key", "--content-keys"] {
        refused(&faults, setting);
    }
    let keys = ["--signing-key", &signing, "--audit-key", &audit, "--content-keys", &content];
    let custodians = ["--custodian-keys", &backup.path("custodians")].map(str::to_owned);
    done(backup.command(&[&with_keys[..], &keys, &custodians.each_ref().map(|it| &**it)].concat()).output().unwrap());
    for (name, key) in [("signing-key", KEY), ("audit-key", AUDIT_KEY), ("content-keys", CONTENT_KEYS)] {
        assert_eq!(std::fs::read_to_string(format!("{target}/keys/{name}")).unwrap(), key);
    }
    done(backup.command(&["verify", &target]).output().unwrap());
    for path in everything_in(Path::new(&target)) {
        let mode = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
    }
}

#[tokio::test]
async fn a_pg_dump_that_is_missing_or_too_old_is_reported() {
    if !on_postgres() {
        return;
    }
    let backup = Backup::of(spawn_filled().await).await;
    let programs = tempfile::tempdir().unwrap();
    let make = || backup.command(&[&backup.path("backup")]).env("PATH", programs.path()).output().unwrap();
    refused(&make(), "pg_dump is not installed; on Debian the package postgresql-client");
    std::fs::remove_dir(backup.path("backup")).unwrap();
    let pg_dump = programs.path().join("pg_dump");
    std::fs::write(&pg_dump, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n").unwrap();
    std::fs::set_permissions(&pg_dump, std::fs::Permissions::from_mode(0o755)).unwrap();
    refused(&make(), "pg_dump 9.6.24 is older than the server");
    assert!(!Path::new(&backup.path("backup/manifest.json")).exists());
}
