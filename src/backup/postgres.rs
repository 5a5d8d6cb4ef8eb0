//! PostgreSQL's own programs for a dump. Connection parameters, including the password, are passed in their
//! environment: arguments are visible to all users of the machine.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use percent_encoding::percent_decode_str;
use url::Url;

/// A server, as libpq finds it.
pub struct Server(Vec<(&'static str, String)>);

impl Server {
    pub fn of(address: &str) -> Result<Self, String> {
        let url = Url::parse(address).map_err(|error| format!("--database-url: {error}"))?;
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let mut set = Vec::new();
        let parts = [
            ("PGHOST", url.host_str().map(decoded)),
            ("PGPORT", url.port().map(|port| port.to_string())),
            ("PGUSER", Some(decoded(url.username()))),
            ("PGPASSWORD", url.password().map(decoded)),
            ("PGDATABASE", Some(decoded(url.path().trim_start_matches('/')))),
        ];
        set.extend(parts.into_iter().filter_map(|(name, value)| Some((name, value.filter(|it| !it.is_empty())?))));
        for (key, value) in url.query_pairs() {
            let name = match &*key {
                "host" | "hostaddr" => "PGHOST",
                "port" => "PGPORT",
                "user" => "PGUSER",
                "password" => "PGPASSWORD",
                "dbname" => "PGDATABASE",
                "sslmode" | "ssl-mode" => "PGSSLMODE",
                "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "PGSSLROOTCERT",
                "sslcert" | "ssl-cert" => "PGSSLCERT",
                "sslkey" | "ssl-key" => "PGSSLKEY",
                _ => continue,
            };
            set.push((name, value.into_owned()));
        }
        Ok(Self(set))
    }

    /// Writes the database as it is now, or in a snapshot that a transaction has exported.
    pub async fn dump(&self, snapshot: Option<&str>, file: File) -> Result<(), String> {
        let mut command = Command::new("pg_dump");
        command.args(["--format=custom", "--no-password", "--lock-wait-timeout=60s"]);
        command.args(snapshot.map(|snapshot| format!("--snapshot={snapshot}")));
        command.envs(self.0.iter().cloned()).stdout(file);
        run(command).await
    }

    /// Fills an empty database, whole or not at all. Owners and grants are those of the place that it is restored to.
    pub async fn restore(&self, dump: &Path) -> Result<(), String> {
        let mut command = Command::new("pg_restore");
        command.args(["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--no-password"]);
        // It wants a database; which one, the environment says.
        command.arg("--dbname=application_name=prongsai").arg(dump).envs(self.0.iter().cloned()).stdout(Stdio::null());
        run(command).await
    }
}

/// Whether a dump can be read, as far as its table of contents shows.
pub async fn list(dump: &Path) -> Result<(), String> {
    let mut command = Command::new("pg_restore");
    command.arg("--list").arg(dump).stdout(Stdio::null());
    run(command).await
}

/// Sees that pg_dump is there and not older than the server, which it would refuse.
pub async fn check_version(server: u32) -> Result<(), String> {
    let mut command = Command::new("pg_dump");
    command.arg("--version").stdout(Stdio::piped());
    let text = output(command).await?;
    // pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
    let version = text.split_whitespace().nth(2).unwrap_or_default();
    let major = version.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    match major.parse::<u32>() {
        Ok(major) if major >= server => Ok(()),
        Ok(_) => Err(format!(
            "pg_dump {version} is older than the server, PostgreSQL {server}; \
             on Debian the package postgresql-client-{server} has it"
        )),
        Err(_) => Err(format!("pg_dump does not print its version: {text:?}")),
    }
}

async fn run(command: Command) -> Result<(), String> {
    output(command).await.map(drop)
}

/// Waits for a program without holding up the rest of this one.
async fn output(mut command: Command) -> Result<String, String> {
    let name = command.get_program().display().to_string();
    command.stdin(Stdio::null());
    let ended = tokio::task::spawn_blocking(move || command.stderr(Stdio::piped()).spawn()?.wait_with_output()).await;
    let output = ended.map_err(|error| format!("{name}: {error}"))?.map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("{name} is not installed; on Debian the package postgresql-client has it"),
        _ => format!("{name}: {error}"),
    })?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(format!("{name}: {}", text(&output.stderr))) }
}
