//! Running the service, for real and for trying it out, and asking whether it is well.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::{log_to_stderr, one, opened};
use prongsai::app::config::demo::DemoArgs;
use prongsai::app::config::serve::ServeArgs;
use prongsai::app::config::{LogFormat, Settings};
use prongsai::app::{self, demo, shutdown};
use prongsai::audit_log::append::Event;
use prongsai::audit_log::author::Author;
use prongsai::cases::custodians::Custodians;
use prongsai::holidays;
use prongsai::http::middleware::rate_limit::{Limit, LimitSettings};
use prongsai::http::spool;
use prongsai::state::{App, State};

pub async fn serve(args: ServeArgs) -> Result<(), Vec<String>> {
    let (settings, keys) = args.check()?;
    log_to_stderr(args.log_format, &args.log);
    let db = opened(&args.database).await?;
    let listener =
        TcpListener::bind(&args.listen).map_err(|error| one(format!("--listen: {}: {error}", args.listen)))?;
    let public_url = settings.public_url.clone().unwrap_or_else(|| format!("http://{}", args.listen));
    let app = State::new(app::build(db, keys, &settings, public_url).await.map_err(one)?);
    // Before anything is written with the time of this clock. What cannot be recorded now is recorded later.
    match app.clock.look(&app.db).await {
        Ok(()) => record_start(&app, &settings).await,
        Err(error) => tracing::warn!(%error, "the clock is in doubt, which could not be recorded"),
    }
    if let Err(error) = holidays::years::warn_of_incomplete(&app).await {
        tracing::warn!(%error, "the holidays could not be read");
    }
    // In the log before the first workbook is asked for.
    tempfile::tempfile().map_err(spool::unusable).ok();
    tracing::info!(listen = args.listen, version = env!("CARGO_PKG_VERSION"), "ready");
    let server = app::server::server(app.clone(), &settings, listener);
    let server = server.map_err(|error| one(error.to_string()))?;
    shutdown::serve(server, &app, settings.drain).await.map_err(|error| one(error.to_string()))
}

/// Which settings the service runs with is part of its history.
async fn record_start(app: &App, settings: &Settings) {
    let LimitSettings { reads, writes, logins, complaints, requests, trusted_proxies } = &settings.limits;
    let limit = |limit: &Option<Limit>| limit.map_or_else(|| "off".to_owned(), |limit| limit.to_string());
    let note = serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"),
        "issuer": settings.issuer,
        "public_url": app.site.public_url,
        "cors_origins": settings.cors_origins,
        "second_factor_roles": settings.second_factor_roles,
        "limits": {
            "reads": limit(reads),
            "writes": limit(writes),
            "logins": limit(logins),
            "complaints": limit(complaints),
            "requests": limit(requests),
        },
        "trusted_proxies": trusted_proxies,
        "custodians": settings.custodians.as_ref().map(Custodians::keys),
        "attachments": settings.files.place,
        "boundary": settings.boundary.is_some(),
        "website": settings.website,
    });
    let written = app.db.write(&Author::program("serve"), |write| async move {
        write.commit([Event::happened("start", "service", None).with(note)], ())
    });
    if let Err(error) = written.await {
        tracing::warn!(%error, "the start could not be written to the audit log");
    }
}

pub async fn demonstrate(args: DemoArgs) -> Result<(), Vec<String>> {
    log_to_stderr(LogFormat::Pretty, "warn");
    let folder = tempfile::tempdir().map_err(|error| one(error.to_string()))?;
    let (settings, url) = args.check(folder.path())?;
    let (server, app, ready) = demo::start(&url, args.port, settings).await.map_err(one)?;
    if args.json {
        println!("{}", serde_json::to_string(&ready).map_err(|error| one(error.to_string()))?);
    } else {
        println!("Prongsai runs at {}\n\n  website        {}", ready.address, ready.website);
        println!("  documentation  {}", ready.docs);
        println!("  measures       {}/v1/measures?fiscal_year=2567", ready.address);
        println!(
            "  report         {}/v1/reports/integrity-measures-report?fiscal_year=2567&format=html",
            ready.address
        );
        println!("  published      {}/publications", ready.address);
        println!("  ITA readiness  {}/v1/ita/2567/readiness (with the editor's token)", ready.address);
        println!("  database       {}\n  audit log key  {}\n", ready.database, ready.audit_key);
        println!("Tokens, good for a day:\n");
        for (role, token) in &ready.tokens {
            println!("  {role}\n  {token}\n");
        }
        println!("There is a user for each role as well, who logs in as people do:\n");
        println!(
            "  curl {}/v1/login --json '{{\"login\": \"editor\", \"password\": \"{}\"}}'\n",
            ready.address, ready.password
        );
        println!("and a program, which gets its tokens with OAuth:\n");
        println!(
            "  curl {}/oauth/token -d grant_type=client_credentials -u {}:{}\n",
            ready.address, ready.client_id, ready.client_secret
        );
        println!("Names of reporters are sealed to custodians. One of their keys, to keep as custodian.key:\n");
        println!("  {}\n", ready.custodian_key);
        println!("Stop it with Ctrl-C.");
    }
    std::io::stdout().flush().map_err(|error| one(error.to_string()))?;
    shutdown::serve(server, &app, Duration::ZERO).await.map_err(|error| one(error.to_string()))
}

pub fn health(mut address: SocketAddr) -> std::io::Result<()> {
    // A service that listens everywhere listens here.
    match address {
        SocketAddr::V4(_) if address.ip().is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        SocketAddr::V6(_) if address.ip().is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    let patience = Duration::from_secs(3);
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream
        .write_all(format!("GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    if status.ends_with(b" 200") { Ok(()) } else { Err(std::io::Error::other("is not ready")) }
}
