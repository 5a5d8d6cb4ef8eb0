//! The command line.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use clap::{Parser, Subcommand};
use prongsai::app::{self, App, State};
use prongsai::auth::key::SigningKey;
use prongsai::auth::scope::{self, Role};
use prongsai::auth::token::Tokens;
use prongsai::config::{DatabaseArgs, KeyArgs, LogFormat, ServeArgs, Settings};
use prongsai::db::{self, Db};
use prongsai::domain::fiscal_year::FiscalYear;
use prongsai::{demo, import, openapi};

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
    Serve(ServeArgs),
    /// Run the service with sample data on a throw-away database, and print a token per role
    Demo {
        /// Port to listen on, 0 for any that is free
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// A database instead of the throw-away one; it is migrated and filled
        #[arg(long, hide_env_values = true)]
        database_url: Option<String>,
        /// Threads that answer requests; by default one per core
        #[arg(long)]
        workers: Option<usize>,
        /// Print one line of JSON when ready, for scripts
        #[arg(long)]
        json: bool,
    },
    /// Bring the database to this program's schema
    Migrate(DatabaseArgs),
    /// Load a file of the municipality's own data, whole or not at all
    Import {
        #[command(subcommand)]
        what: Import,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Print the OpenAPI document
    Openapi {
        /// As YAML instead of JSON
        #[arg(long)]
        yaml: bool,
    },
    /// Make a key that signs tokens
    Keygen {
        /// File to write; it must not exist
        file: PathBuf,
    },
    /// Ask a running service whether it is ready; fails if it is not
    Health {
        /// Its address and port
        #[arg(default_value = "127.0.0.1:8080")]
        address: SocketAddr,
    },
    /// Tokens for people and programs
    Token {
        #[command(subcommand)]
        command: Token,
    },
}

#[derive(Subcommand)]
enum Import {
    /// The agency's own particulars
    Agency { file: PathBuf },
    /// Units, as {"units": [...]}
    Units { file: PathBuf },
    /// A year's table of measures, as a list; they are completed and published
    Measures {
        file: PathBuf,
        /// Fiscal year of the Buddhist era, such as 2567
        #[arg(long)]
        fiscal_year: i32,
    },
    /// A year's projects, as {"projects": [...]}; they are published
    Projects {
        file: PathBuf,
        /// Fiscal year of the Buddhist era, such as 2567
        #[arg(long)]
        fiscal_year: i32,
    },
}

#[derive(Subcommand)]
enum Token {
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
        /// How long it is good: 90s, 15m, 1h, 30d
        #[arg(long, default_value = "1h", value_parser = lifetime)]
        ttl: TimeDelta,
        /// Whom audit events name
        #[arg(long, default_value = "operator")]
        subject: String,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match actix_web::rt::System::new().block_on(run(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(faults) => {
            for fault in faults {
                eprintln!("error: {fault}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), Vec<String>> {
    match command {
        Command::Serve(args) => serve(args).await,
        Command::Demo { port, database_url, workers, json } => {
            demonstrate(port, database_url, workers, json).await.map_err(one)
        }
        Command::Migrate(database) => connect(&database).await?.migrate().await.map_err(|error| one(error.to_string())),
        Command::Import { what, database } => load(what, &database).await,
        Command::Openapi { yaml } => {
            let text = if yaml { openapi::to_yaml() } else { openapi::to_json() };
            std::io::stdout().write_all(text.as_bytes()).map_err(|error| one(error.to_string()))
        }
        Command::Health { address } => health(address).map_err(|error| one(format!("{address}: {error}"))),
        Command::Keygen { file } => keygen(&file).map_err(one),
        Command::Token { command: Token::Issue { key, role, scope, ttl, subject } } => {
            println!("{}", token(&key, &role, scope, ttl, &subject)?);
            Ok(())
        }
    }
}

fn one(fault: String) -> Vec<String> {
    vec![fault]
}

async fn serve(args: ServeArgs) -> Result<(), Vec<String>> {
    let (settings, key) = args.check()?;
    log_to_stderr(args.log_format, &args.log);
    let db = connect(&args.database).await?;
    let fault = db.schema_fault().await.map_err(|error| one(format!("--database-url: {error}")))?;
    if let Some(fault) = fault {
        return Err(one(format!("--database-url: the database cannot be used: {fault}")));
    }
    db.load_revisions().await.map_err(|error| one(error.to_string()))?;
    let listener =
        TcpListener::bind(&args.listen).map_err(|error| one(format!("--listen: {}: {error}", args.listen)))?;
    let public_url = settings.public_url.clone().unwrap_or_else(|| format!("http://{}", args.listen));
    let app = State::new(App::new(db, &key, &settings, public_url));
    tracing::info!(listen = args.listen, version = env!("CARGO_PKG_VERSION"), "ready");
    let server = app::server(app, &settings, listener).map_err(|error| one(error.to_string()))?;
    server.await.map_err(|error| one(error.to_string()))
}

async fn demonstrate(
    port: u16,
    database_url: Option<String>,
    workers: Option<usize>,
    json: bool,
) -> Result<(), String> {
    log_to_stderr(LogFormat::Pretty, "warn");
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let url = database_url.unwrap_or_else(|| demo::sqlite_in(folder.path()));
    // So that /.well-known/security.txt has something to show.
    let mut settings =
        Settings { security_contact: Some("mailto:security@example.go.th".to_owned()), ..Settings::default() };
    settings.workers = workers.unwrap_or(settings.workers);
    let (server, _, ready) = demo::start(&url, port, settings).await?;
    if json {
        println!("{}", serde_json::to_string(&ready).map_err(|error| error.to_string())?);
    } else {
        println!("Prongsai runs at {}\n\n  documentation  {}", ready.address, ready.docs);
        println!("  measures       {}/v1/measures?fiscal_year=2567", ready.address);
        println!("  report         {}/v1/reports/integrity-measures?fiscal_year=2567&format=html", ready.address);
        println!("  database       {}\n\nTokens, good for a day:\n", ready.database);
        for (role, token) in &ready.tokens {
            println!("  {role}\n  {token}\n");
        }
        println!("Stop it with Ctrl-C.");
    }
    std::io::stdout().flush().map_err(|error| error.to_string())?;
    server.await.map_err(|error| error.to_string())
}

async fn load(what: Import, database: &DatabaseArgs) -> Result<(), Vec<String>> {
    let db = connect(database).await?;
    let (Import::Agency { file }
    | Import::Units { file }
    | Import::Measures { file, .. }
    | Import::Projects { file, .. }) = &what;
    let told = |fault: String| one(format!("{}: {fault}", file.display()));
    if let Some(fault) = db.schema_fault().await.map_err(|error| one(error.to_string()))? {
        return Err(one(format!("--database-url: the database cannot be used: {fault}")));
    }
    let text = std::fs::read_to_string(file).map_err(|error| told(error.to_string()))?;
    let loaded = match what {
        Import::Agency { .. } => import::agency(&db, &text).await.map(|()| 1),
        Import::Units { .. } => import::units(&db, &text).await,
        Import::Measures { fiscal_year, .. } => import::measures(&db, &text, year(fiscal_year)?).await,
        Import::Projects { fiscal_year, .. } => import::projects(&db, &text, year(fiscal_year)?).await,
    };
    println!("{} new", loaded.map_err(told)?);
    Ok(())
}

fn year(number: i32) -> Result<FiscalYear, Vec<String>> {
    FiscalYear::try_from(number).map_err(|fault| {
        let hint = FiscalYear::meant_by(number.into()).map(|meant| format!("; {number} is Gregorian, write {meant}"));
        one(format!("--fiscal-year: {fault}{}", hint.unwrap_or_default()))
    })
}

fn health(address: SocketAddr) -> std::io::Result<()> {
    let patience = Duration::from_secs(3);
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream
        .write_all(format!("GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    if status.ends_with(b" 200") { Ok(()) } else { Err(std::io::Error::other("is not ready")) }
}

fn keygen(file: &std::path::Path) -> Result<(), String> {
    use std::os::unix::fs::OpenOptionsExt;
    let key = SigningKey::generate()?;
    let mut open = std::fs::OpenOptions::new();
    let opened = open.write(true).create_new(true).mode(0o600).open(file);
    let mut written = opened.map_err(|error| format!("{}: {error}", file.display()))?;
    written.write_all(key.to_pem().as_bytes()).map_err(|error| format!("{}: {error}", file.display()))?;
    println!("{} (key {})", file.display(), key.id());
    Ok(())
}

fn token(
    key: &KeyArgs,
    roles: &[Role],
    scopes: Vec<String>,
    ttl: TimeDelta,
    subject: &str,
) -> Result<String, Vec<String>> {
    let mut faults: Vec<_> = scopes
        .iter()
        .filter(|scope| !scope::ALL.iter().any(|(known, _)| known == scope))
        .map(|scope| {
            let known: Vec<_> = scope::ALL.iter().map(|(name, _)| *name).collect();
            format!("--scope: {scope} is none of {}", known.join(", "))
        })
        .collect();
    if roles.is_empty() && scopes.is_empty() {
        faults.push("--role or --scope: say what the token is good for".to_owned());
    }
    let read = key.read().map_err(|fault| faults.push(fault)).ok();
    let Some(signing) = read.filter(|_| faults.is_empty()) else { return Err(faults) };
    let mut held: Vec<&str> = roles.iter().flat_map(|role| role.scopes()).copied().collect();
    held.extend(scopes.iter().map(String::as_str));
    held.sort_unstable();
    held.dedup();
    Tokens::new(&signing, &key.issuer).issue(subject, &held, db::now(), ttl).map_err(|error| one(error.to_string()))
}

fn lifetime(text: &str) -> Result<TimeDelta, String> {
    let wrong = || format!("{text:?} is not a time such as 90s, 15m, 1h or 30d");
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
    let allowed = TimeDelta::seconds(1)..=TimeDelta::days(366);
    if allowed.contains(&lifetime) { Ok(lifetime) } else { Err(format!("{text:?} is not between 1s and 366d")) }
}

async fn connect(database: &DatabaseArgs) -> Result<Arc<Db>, Vec<String>> {
    if let Some(fault) = database.fault() {
        return Err(one(fault));
    }
    Db::connect(&database.database_url).await.map_err(|error| one(format!("--database-url: {error}")))
}

/// Log lines go to standard error, so that standard output is only what was asked for.
fn log_to_stderr(format: LogFormat, level: &str) {
    let filter = tracing_subscriber::EnvFilter::new(level);
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    match format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).init(),
        LogFormat::Pretty => lines.compact().init(),
    }
}
