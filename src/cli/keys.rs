//! Keys, and tokens that are signed by hand.

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::Subcommand;

use super::message;
use prongsai::app::config::keys::KeyArgs;
use prongsai::auth::scope::{self, Role};
use prongsai::auth::token::{Grant, Tokens};
use prongsai::cases::custodians::CustodianKey;
use prongsai::cases::vault::ContentKeys;
use prongsai::crypto::keys::{KeyRing, SigningKey};
use prongsai::crypto::owner_file;
use prongsai::db;
use prongsai::domain::units::Units;

#[derive(Subcommand)]
pub enum Token {
    /// Print a token, for all units
    Issue {
        #[command(flatten)]
        key: KeyArgs,
        /// Gives the role's scopes; may be repeated
        #[arg(long, value_enum)]
        role: Vec<Role>,
        /// Gives a scope such as measures:write; may be repeated
        #[arg(long)]
        scope: Vec<String>,
        /// Lifetime of the token: 90s, 15m, 1h, up to a day. It cannot be revoked
        #[arg(long, default_value = "10m", value_parser = lifetime)]
        ttl: TimeDelta,
        /// Subject of the token, the author in audit events
        #[arg(long, default_value = "operator")]
        subject: String,
    },
}

#[derive(Subcommand)]
pub enum Keygen {
    /// Make a signing key; tokens and the audit log need one each
    Signing {
        /// File to write; it must not exist, unless it is renewed
        file: PathBuf,
        /// Add a new key for tokens to an existing file. It signs one minute later, when every process has read the
        /// file; the old key verifies until the next renewal
        #[arg(long)]
        renew: bool,
    },
    /// Make a custodian's key, as age-keygen does, and print the public key for --custodian-keys. Make and keep it on
    /// the custodian's own machine
    Custodian {
        /// File to write; it must not exist
        file: PathBuf,
    },
    /// Make a key that encrypts the texts and files of cases. Without it they cannot be recovered
    Content {
        /// File to write; it must not exist
        file: PathBuf,
    },
}

pub fn keygen(what: Keygen) -> Result<(), String> {
    let (file, id) = match what {
        Keygen::Signing { file, renew: false } => {
            let ring = KeyRing::of(SigningKey::generate(db::machine_now())?);
            owner_file::create(&file, &ring.to_pem())?;
            (file, newest(&ring))
        }
        Keygen::Signing { file, renew: true } => {
            let ring = KeyRing::read(&file)?.renewed(db::machine_now())?;
            owner_file::replace(&file, &ring.to_pem())?;
            (file, newest(&ring))
        }
        Keygen::Custodian { file } => {
            let key = CustodianKey::generate();
            owner_file::create(&file, &key.text(db::machine_now()))?;
            println!("{}", key.public());
            return Ok(());
        }
        Keygen::Content { file } => {
            let keys = ContentKeys::generate()?;
            owner_file::create(&file, &keys.text())?;
            (file, keys.id().to_owned())
        }
    };
    println!("{} (key {id})", file.display());
    Ok(())
}

fn newest(ring: &KeyRing) -> String {
    ring.keys().first().map(SigningKey::id).unwrap_or_default()
}

pub fn token(
    key: &KeyArgs,
    roles: &[Role],
    scopes: Vec<String>,
    ttl: TimeDelta,
    subject: &str,
) -> Result<String, Vec<String>> {
    let mut errors: Vec<_> = scopes
        .iter()
        .filter(|scope| scope::named(scope).is_none())
        .map(|scope| {
            let known: Vec<_> = scope::names().collect();
            format!("--scope: {scope} is none of {}", known.join(", "))
        })
        .collect();
    if roles.is_empty() && scopes.is_empty() {
        errors.push("--role or --scope: say what the token is good for".to_owned());
    }
    let read = key.read().map_err(|error| errors.push(error)).ok();
    let Some(ring) = read.filter(|_| errors.is_empty()) else { return Err(errors) };
    let mut held: Vec<String> = Role::scopes_of(roles).into_iter().map(str::to_owned).collect();
    held.extend(scopes.into_iter().filter(|scope| !held.contains(scope)).collect::<Vec<_>>());
    let grant = Grant {
        subject: subject.to_owned(),
        scopes: held,
        roles: roles.to_vec(),
        units: Units::All,
        ..Grant::default()
    };
    Tokens::new(ring, &key.issuer).issue(grant, db::machine_now(), ttl).map_err(message)
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
