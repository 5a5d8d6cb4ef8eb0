//! PgBouncer before PostgreSQL: in session mode it is PostgreSQL, and in transaction mode nothing that can be relied on.

use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use prongsai::db::Db;
use tempfile::TempDir;
use url::Url;

use crate::support::samples::measure;
use crate::support::{need, on_postgres, spawn};

struct Pooler {
    process: Child,
    url: String,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// PgBouncer in a mode before a database.
fn pooler(folder: &TempDir, database_url: &str, mode: &str) -> Pooler {
    need("pgbouncer");
    let mut url = Url::parse(database_url).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (file, users) = (folder.path().join("pgbouncer.ini"), folder.path().join("users"));
    let settings = format!(
        "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
         auth_type = trust\nauth_file = {}\npool_mode = {mode}\ndefault_pool_size = 40\n",
        url.port().unwrap(),
        users.display()
    );
    std::fs::write(&file, settings).unwrap();
    std::fs::write(&users, "\"prongsai\" \"\"\n").unwrap();
    // It refuses to run as root, and reads its files as nobody.
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = Command::new("pgbouncer");
    if is_root() {
        command.args(["-u", "nobody"]);
    }
    let process = command.arg("-q").arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    url.set_port(Some(port)).unwrap();
    let pooler = Pooler { process, url: url.into() };
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return pooler;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("pgbouncer does not listen");
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|about| std::os::unix::fs::MetadataExt::uid(&about) == 0)
}

#[tokio::test]
async fn pgbouncer_is_served_from_in_session_mode_and_refused_in_transaction_mode() {
    if !on_postgres() {
        return;
    }
    let (direct, folder) = (spawn().await, tempfile::tempdir().unwrap());
    let transactions = pooler(&folder, &direct.database_url, "transaction");
    let error = Db::connect(&transactions.url).await.err().expect("is refused").to_string();
    assert!(error.contains("pool_mode = session"), "{error}");
    let sessions = pooler(&folder, &direct.database_url, "session");
    let service = direct.through(sessions.url.clone()).await;
    service.publish("/v1/measures", &measure(2567, 1)).await;
    assert_eq!(service.all("/v1/measures?fiscal_year=2567").await.len(), 1);
}
