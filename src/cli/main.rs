//! The command line.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]

mod audit;
mod backup;
mod identity;
mod keys;
mod load;
mod migrate;
mod people;
mod register;
mod retention;
mod rotation;
mod serve;

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

use audit::Audit;
use backup::{Backup, Restore};
use identity::Identity;
use keys::{Keygen, Token};
use people::{Client, User};
use register::Imported;
use retention::Retention;
use rotation::Keys;

use prongsai::app::config::demo::DemoArgs;
use prongsai::app::config::serve::ServeArgs;
use prongsai::app::config::{DatabaseArgs, LogFormat};
use prongsai::app::document;
use prongsai::clock;
use prongsai::db::{self, Db};
use prongsai::domain::message::Language;
use prongsai::error::{Code, Error};

/// The integrity and transparency API of a Thai municipality
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the service
    Serve(Box<ServeArgs>),
    /// Run the service with sample data on a temporary database, and print a token per role
    Demo(Box<DemoArgs>),
    /// Migrate the database to this program's schema
    Migrate(migrate::Migrate),
    /// Back up the database and the files of cases to a folder while the service runs, or verify a backup
    Backup(Box<Backup>),
    /// Restore a backup, database and files, to an empty place
    Restore(Restore),
    /// Import a file of the municipality's own data, or a register of cases; all of it or nothing
    Import {
        #[command(subcommand)]
        what: Imported,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Print the OpenAPI document
    Openapi {
        /// As YAML instead of JSON
        #[arg(long)]
        yaml: bool,
    },
    /// Make a key file
    Keygen {
        #[command(subcommand)]
        what: Keygen,
    },
    /// People with an account
    User {
        #[command(subcommand)]
        command: User,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Programs with access
    Client {
        #[command(subcommand)]
        command: Client,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Data retention
    Retention {
        #[command(subcommand)]
        command: Retention,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Content keys, which encrypt the texts and files of cases
    Keys {
        #[command(subcommand)]
        command: Keys,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// The audit log
    Audit {
        #[command(subcommand)]
        command: Audit,
    },
    /// Sealed identities of reporters, for custodians
    Identity {
        #[command(subcommand)]
        command: Identity,
    },
    /// Check whether a running service is ready; fails if it is not
    Health {
        /// Its address and port, as it listens
        #[arg(env = "PRONGSAI_LISTEN", default_value = "127.0.0.1:8080")]
        address: SocketAddr,
    },
    /// Tokens for people and programs
    Token {
        #[command(subcommand)]
        command: Token,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match actix_web::rt::System::new().block_on(run(cli.command)) {
        Ok(status) => status,
        Err(errors) => {
            for error in errors {
                eprintln!("error: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode, Vec<String>> {
    match command {
        Command::Serve(args) => serve::serve(*args).await?,
        Command::Demo(args) => serve::demonstrate(*args).await?,
        Command::Migrate(command) => migrate::migrate(command).await?,
        Command::Backup(command) => backup::backup(*command).await?,
        Command::Restore(command) => backup::restore(command).await?,
        Command::Import { what, database } => register::import(what, &database).await?,
        Command::Openapi { yaml } => {
            let text = if yaml { document::to_yaml() } else { document::to_json() };
            std::io::stdout().write_all(text.as_bytes()).map_err(|error| one(error.to_string()))?
        }
        Command::Health { address } => serve::health(address).map_err(|error| one(format!("{address}: {error}")))?,
        Command::Keygen { what } => keys::keygen(what).map_err(one)?,
        Command::User { command, database } => people::user(command, &database).await?,
        Command::Client { command, database } => people::client(command, &database).await?,
        Command::Retention { command, database } => retention::retention(command, &database).await?,
        Command::Keys { command, database } => rotation::keys(command, &database).await?,
        Command::Audit { command } => return audit::audit(command).await,
        Command::Identity { command } => identity::identity(command).map_err(one)?,
        Command::Token { command: Token::Issue { key, role, scope, ttl, subject } } => {
            println!("{}", keys::token(&key, &role, scope, ttl, &subject)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn one(error: String) -> Vec<String> {
    vec![error]
}

fn message(error: Error) -> Vec<String> {
    one(error.localized(Language::English))
}

/// Further findings are only counted.
const MOST_FINDINGS: usize = 100;

/// One on a line.
fn print_findings(findings: &[String]) {
    for finding in findings.iter().take(MOST_FINDINGS) {
        println!("{finding}");
    }
    if findings.len() > MOST_FINDINGS {
        println!("and {} more", findings.len() - MOST_FINDINGS);
    }
}

/// A database that has the schema, for a command that may write with the time of this clock.
async fn usable(database: &DatabaseArgs) -> Result<Arc<Db>, Vec<String>> {
    let db = opened(database).await?;
    warn_of_clock(&db).await?;
    Ok(db)
}

/// Records a doubt of the clock before a command writes with its time.
async fn warn_of_clock(db: &Arc<Db>) -> Result<(), Vec<String>> {
    match clock::examine(db).await {
        Ok(Some(doubt)) => eprintln!("warning: {}", doubt.sentence(db.now())),
        // Temporary: a write by this command would hide the clock condition.
        Err(error) if error.code() == Code::Unavailable => return Err(message(error)),
        _ => {}
    }
    Ok(())
}

/// A database that has the schema.
async fn opened(database: &DatabaseArgs) -> Result<Arc<Db>, Vec<String>> {
    let url = &database.database_url;
    if url.starts_with("sqlite:") && !db::file_of(url).exists() {
        let file = db::file_of(url).display();
        return Err(one(format!("--database-url: there is no database at {file}; `prongsai migrate` makes one")));
    }
    let db = connect(database).await?;
    match db.schema_error().await.map_err(|error| one(format!("--database-url: {error}")))? {
        Some(error) => Err(one(format!("--database-url: the database cannot be used: {error}"))),
        None => Ok(db),
    }
}

async fn connect(database: &DatabaseArgs) -> Result<Arc<Db>, Vec<String>> {
    if let Some(error) = database.url_error() {
        return Err(one(error));
    }
    Db::connect(&database.database_url).await.map_err(|error| one(format!("--database-url: {error}")))
}

/// Log lines go to standard error, so that standard output is only what was asked for.
fn log_to_stderr(format: LogFormat, level: &str) {
    // actix logs bytes that are not HTTP as errors of the service.
    let filter = tracing_subscriber::EnvFilter::new(format!("actix_http::h1::dispatcher=off,{level}"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A line that cannot be written, as on a full disk, would be reported on the same standard error, and end in a panic.
    let lines = lines.log_internal_errors(false);
    match format {
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).init(),
        LogFormat::Pretty => lines.compact().init(),
    }
}
