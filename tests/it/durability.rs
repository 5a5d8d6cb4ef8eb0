//! What was acknowledged is there after the fault of a disk or of a connection, and after a restart.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use prongsai::audit_log::author::Author;
use prongsai::auth::scope::Role;
use sea_orm::{ConnectionTrait, Database};

use crate::cli::Served;
use crate::support::samples::measure;
use crate::support::{Service, hold_writes, on_postgres, spawn, spawn_on_time};

/// Calls of a process on files, which fail when they are told to; see tests/soak/faults.c.
struct Faults {
    library: PathBuf,
    control: PathBuf,
}

impl Faults {
    fn compile(folder: &Path) -> Self {
        let (library, control) = (folder.join("faults.so"), folder.join("faults"));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/soak/faults.c");
        let mut compile = Command::new("cc");
        compile.args(["-shared", "-fPIC", "-O2", "-o"]).args([&library, Path::new(source)]).arg("-ldl");
        assert!(compile.status().unwrap().success());
        std::fs::write(&control, [0; 24]).unwrap();
        Self { library, control }
    }

    fn environment(&self, call: &str, errno: &str) -> Vec<(&'static str, String)> {
        let path = |path: &Path| path.to_str().unwrap().to_owned();
        vec![
            ("LD_PRELOAD", path(&self.library)),
            ("FAULT_CONTROL", path(&self.control)),
            ("FAULT_PATHS", "prongsai.db".to_owned()),
            ("FAULT_CALLS", call.to_owned()),
            ("FAULT_ERRNO", errno.to_owned()),
        ]
    }

    /// The next call fails.
    fn arm(&self) {
        let control = OpenOptions::new().write(true).open(&self.control).unwrap();
        control.write_all_at(&1i64.to_ne_bytes(), 8).unwrap();
        control.write_all_at(&0i64.to_ne_bytes(), 16).unwrap();
        control.write_all_at(&1i64.to_ne_bytes(), 0).unwrap();
    }

    /// How many calls there were since.
    fn disarm(&self) -> i64 {
        let control = OpenOptions::new().read(true).write(true).open(&self.control).unwrap();
        control.write_all_at(&0i64.to_ne_bytes(), 0).unwrap();
        let mut seen = [0; 8];
        File::read_exact_at(&control, &mut seen, 16).unwrap();
        i64::from_ne_bytes(seen)
    }
}

/// A refused write, then ten that are acknowledged, which a restart must find.
async fn ten_writes_last(service: &mut Service, served: Served, first: i32) -> Served {
    let stale = service.patch("/v1/agency").token(&service.token(Role::Admin)).header("If-Match", "\"0.0\"");
    stale.json(&serde_json::json!({ "phone": "056-411-000" })).send().await.problem(412, "precondition_failed");
    let mut addresses = Vec::new();
    for no in first..first + 10 {
        addresses.push(service.publish("/v1/measures", &measure(2567, no)).await);
    }
    let served = served.again(&[]).await;
    service.address = served.address.clone();
    for address in addresses {
        service.get(&address).send().await.expect(200);
    }
    served
}

#[tokio::test]
async fn after_a_fault_of_the_disk_what_is_acknowledged_lasts() {
    if on_postgres() {
        return;
    }
    let mut service = spawn_on_time().await;
    let faults = Faults::compile(service.folder.path());
    let mut served = Served::beside(&service).await;
    for (round, (call, errno)) in [("fsync", "EIO"), ("write", "EIO"), ("write", "ENOSPC")].into_iter().enumerate() {
        let first = 100 * (round as i32 + 1);
        served = served.again(&faults.environment(call, errno)).await;
        service.address = served.address.clone();
        // A background job may be the one that meets the fault.
        let mut statuses = Vec::new();
        while statuses.last() != Some(&503) && statuses.len() < 5 {
            faults.arm();
            let no = first - 1 - statuses.len() as i32;
            let write = service.post("/v1/measures").token(&service.token(Role::Editor)).json(&measure(2567, no));
            statuses.push(write.send().await.status);
            assert!(faults.disarm() > 0, "{call} {errno}: no call was counted");
        }
        assert_eq!(statuses.last(), Some(&503), "{call} {errno}");
        served = ten_writes_last(&mut service, served, first).await;
    }
}

#[tokio::test]
async fn after_the_end_of_its_connection_what_is_acknowledged_lasts() {
    if !on_postgres() {
        return;
    }
    let mut service = spawn_on_time().await;
    let served = Served::beside(&service).await;
    service.address = served.address.clone();
    let held = hold_writes(&service.database_url).await;
    let write = service.post("/v1/measures").token(&service.token(Role::Editor)).json(&measure(2567, 99));
    let write = tokio::spawn(write.send());
    tokio::time::sleep(Duration::from_millis(500)).await;
    let direct = Database::connect(&service.database_url).await.unwrap();
    let waiting = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    direct.execute_unprepared(waiting).await.unwrap();
    assert_eq!(write.await.unwrap().status, 503);
    held.rollback().await.unwrap();
    ten_writes_last(&mut service, served, 100).await;
}

#[tokio::test]
async fn a_transaction_that_the_database_has_given_up_is_not_acknowledged() {
    let service = spawn().await;
    // PostgreSQL gives it up after any error; SQLite is made to.
    let end = if on_postgres() { "SELECT 1 / 0" } else { "ROLLBACK" };
    let written = service.db().write(&Author::program("test"), move |write| async move {
        let _ = write.execute_unprepared(end).await;
        write.commit([], ())
    });
    assert!(written.await.is_err());
    service.publish("/v1/measures", &measure(2567, 1)).await;
}
