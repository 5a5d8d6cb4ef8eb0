//! Users and clients, for the operator at the machine.

use std::sync::Arc;

use chrono::TimeDelta;
use clap::Subcommand;
use serde_json::Value;
use uuid::Uuid;

use super::{message, one, usable};
use prongsai::accounts::{self, UserInput};
use prongsai::app::checked;
use prongsai::app::config::DatabaseArgs;
use prongsai::app::config::keys::AuditKeyArgs;
use prongsai::auth::attempts::Attempts;
use prongsai::auth::password::Passwords;
use prongsai::auth::scope::Role;
use prongsai::db::Db;

#[derive(Subcommand)]
pub enum User {
    /// Add a user and print a password for them to change
    Add {
        login: String,
        /// The person's name
        #[arg(long)]
        name: String,
        /// May be repeated
        #[arg(long, value_enum)]
        role: Vec<Role>,
        /// The units that the person works for: all, or codes with commas between
        #[arg(long, value_delimiter = ',')]
        units: Vec<String>,
        /// Read the password from standard input instead of making one
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give a user these roles, and no others
    SetRoles {
        login: String,
        /// May be repeated; without it the user has no role
        #[arg(long, value_enum)]
        role: Vec<Role>,
        /// The units that the person works for: all, or codes with commas between
        #[arg(long, value_delimiter = ',')]
        units: Vec<String>,
    },
    /// Set a password, and end the sessions and tokens of the user
    SetPassword {
        login: String,
        /// Read the password from standard input instead of making one
        #[arg(long)]
        password_stdin: bool,
    },
    /// Disable a user; their tokens are revoked within seconds
    Disable { login: String },
    /// Enable a user again
    Enable { login: String },
    /// Remove a user's second factor, so that they can log in and enrol another
    ResetSecondFactor { login: String },
    /// Forget a user's failed logins from all addresses, so that no login has to wait because of them
    ///
    /// Waits after failures from one address are in the memory of the service and end by themselves, within a minute of the last
    /// failure. One-time codes need no reset: each is taken once, whatever the clock has been.
    Unlock {
        login: String,
        #[command(flatten)]
        audit: AuditKeyArgs,
    },
}

#[derive(Subcommand)]
pub enum Client {
    /// Add a client and print its id and secret
    Add {
        name: String,
        /// A scope such as measures:write; may be repeated
        #[arg(long, required = true)]
        scope: Vec<String>,
        /// The units that the client works for: all, or codes with commas between
        #[arg(long, value_delimiter = ',')]
        units: Vec<String>,
    },
    /// Make another secret of a client and print it
    NewSecret {
        /// Id of the client
        id: Uuid,
        /// Hours for which the secrets of before still work
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(i64).range(0..=720))]
        overlap_hours: i64,
    },
}

pub async fn user(command: User, database: &DatabaseArgs) -> Result<(), Vec<String>> {
    let db = usable(database).await?;
    let passwords = Passwords::default();
    match command {
        User::Add { login, name, role, units, password_stdin } => {
            let input = user_input(&login, &name, &role, units)?;
            let password = password(password_stdin)?;
            accounts::check_password(&password).map_err(message)?;
            accounts::add_user(&db, input).await.map_err(message)?;
            set_password(&db, &passwords, &login, password, password_stdin).await
        }
        User::SetRoles { login, role, units } => {
            let UserInput { roles, units, .. } = user_input(&login, &login, &role, units)?;
            accounts::set_rights(&db, &login, roles, units).await.map_err(message)
        }
        User::SetPassword { login, password_stdin } => {
            set_password(&db, &passwords, &login, password(password_stdin)?, password_stdin).await
        }
        User::Disable { login } => accounts::set_active(&db, &login, false).await.map_err(message),
        User::Enable { login } => accounts::set_active(&db, &login, true).await.map_err(message),
        User::Unlock { login, audit } => {
            let attempts = Attempts::new(&audit.read().map_err(one)?);
            accounts::unlock(&db, attempts, &login).await.map_err(message)
        }
        User::ResetSecondFactor { login } => accounts::reset_second_factor(&db, &login).await.map_err(message),
    }
}

/// A user, checked as the API checks one.
fn user_input(login: &str, name: &str, roles: &[Role], units: Vec<String>) -> Result<UserInput, Vec<String>> {
    let units = all_or_codes(units);
    checked(serde_json::json!({ "login": login, "display_name": name, "roles": roles, "units": units }))
        .map_err(message)
}

/// Units as the API has them.
fn all_or_codes(units: Vec<String>) -> Value {
    if units == ["all"] { "all".into() } else { units.into() }
}

async fn set_password(
    db: &Arc<Db>,
    passwords: &Passwords,
    login: &str,
    password: String,
    known: bool,
) -> Result<(), Vec<String>> {
    accounts::set_password(db, passwords, login, password.clone()).await.map_err(message)?;
    println!("{}", if known { login } else { &password });
    Ok(())
}

/// A password from standard input, where nobody else sees it, or a new one.
fn password(from_stdin: bool) -> Result<String, Vec<String>> {
    if !from_stdin {
        return accounts::generate_password().map_err(message);
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| one(format!("standard input: {error}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

pub async fn client(command: Client, database: &DatabaseArgs) -> Result<(), Vec<String>> {
    let db = usable(database).await?;
    match command {
        Client::Add { name, scope, units } => {
            let document = serde_json::json!({ "display_name": name, "scopes": scope, "units": all_or_codes(units) });
            let input = checked(document).map_err(message)?;
            let (id, secret) = accounts::add_client(&db, input).await.map_err(message)?;
            println!("{id}\n{secret}");
        }
        Client::NewSecret { id, overlap_hours } => {
            let overlap = TimeDelta::hours(overlap_hours);
            println!("{}", accounts::add_client_secret(&db, id, overlap).await.map_err(message)?);
        }
    }
    Ok(())
}
