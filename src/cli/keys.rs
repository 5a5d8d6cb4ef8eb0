//! Keys, and tokens that are signed by hand.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use chrono::TimeDelta;
use clap::Subcommand;
use prongsai::auth::key::{KeyRing, SigningKey};
use prongsai::auth::scope::{self, Role};
use prongsai::auth::token::{Grant, Tokens};
use prongsai::config::KeyArgs;
use prongsai::db;

use super::told;

#[derive(Subcommand)]
pub enum Token {
    /// Print a token
    Issue {
        #[command(flatten)]
        key: KeyArgs,
        /// Gives the role's scopes; may be repeated
        #[arg(long, value_enum)]
        role: Vec<Role>,
        /// Gives a scope such as measures:write; may be repeated
        #[arg(long)]
        scope: Vec<String>,
        /// How long it is good: 90s, 15m, 1h, up to a day. It cannot be taken back
        #[arg(long, default_value = "10m", value_parser = lifetime)]
        ttl: TimeDelta,
        /// Whom audit events name
        #[arg(long, default_value = "operator")]
        subject: String,
    },
}

pub fn keygen(file: &Path, renew: bool) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{}: {error}", file.display());
    let ring =
        if renew { KeyRing::read(file)?.renewed(db::now())? } else { KeyRing::of(SigningKey::generate(db::now())?) };
    if renew {
        // Whoever reads the file meanwhile sees the old one or the new one, whole.
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut written = tempfile::NamedTempFile::new_in(folder).map_err(told)?;
        written.write_all(ring.to_pem().as_bytes()).map_err(told)?;
        let old = std::fs::metadata(file).map_err(told)?;
        written.as_file().set_permissions(old.permissions()).map_err(told)?;
        std::os::unix::fs::chown(written.path(), Some(old.uid()), Some(old.gid())).map_err(told)?;
        written.persist(file).map_err(|error| told(error.error))?;
    } else {
        use std::os::unix::fs::OpenOptionsExt;
        let mut open = std::fs::OpenOptions::new();
        let mut written = open.write(true).create_new(true).mode(0o600).open(file).map_err(told)?;
        written.write_all(ring.to_pem().as_bytes()).map_err(told)?;
    }
    let newest = ring.keys().first().map(SigningKey::id).unwrap_or_default();
    println!("{} (key {newest})", file.display());
    Ok(())
}

pub fn token(
    key: &KeyArgs,
    roles: &[Role],
    scopes: Vec<String>,
    ttl: TimeDelta,
    subject: &str,
) -> Result<String, Vec<String>> {
    let mut faults: Vec<_> = scopes
        .iter()
        .filter(|scope| !scope::is_known(scope))
        .map(|scope| {
            let known: Vec<_> = scope::names().collect();
            format!("--scope: {scope} is none of {}", known.join(", "))
        })
        .collect();
    if roles.is_empty() && scopes.is_empty() {
        faults.push("--role or --scope: say what the token is good for".to_owned());
    }
    let read = key.read().map_err(|fault| faults.push(fault)).ok();
    let Some(ring) = read.filter(|_| faults.is_empty()) else { return Err(faults) };
    let mut held: Vec<String> = Role::scopes_of(roles).into_iter().map(str::to_owned).collect();
    held.extend(scopes.into_iter().filter(|scope| !held.contains(scope)).collect::<Vec<_>>());
    let grant = Grant { subject: subject.to_owned(), scopes: held, roles: roles.to_vec(), ..Grant::default() };
    Tokens::new(ring, &key.issuer).issue(grant, db::now(), ttl).map_err(told)
}

fn lifetime(text: &str) -> Result<TimeDelta, String> {
    let wrong = || format!("{text:?} is not a time such as 90s, 15m or 1h");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let number: u32 = number.parse().map_err(|_| wrong())?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => return Err(wrong()),
    };
    let lifetime = TimeDelta::seconds(i64::from(number) * seconds);
    let allowed = TimeDelta::seconds(1)..=TimeDelta::days(1);
    if allowed.contains(&lifetime) { Ok(lifetime) } else { Err(format!("{text:?} is not between 1s and 1d")) }
}
