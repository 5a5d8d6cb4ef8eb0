//! The service with the municipality's own measures and sample data, for trying it out and for scripts.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use actix_web::dev::Server;
use chrono::TimeDelta;
use clap::ValueEnum;
use serde::Serialize;

use crate::app::{self, App, State};
use crate::auth::key::SigningKey;
use crate::auth::scope::{MeasuresWrite, Role, Scope};
use crate::config::Settings;
use crate::db::{self, Db};
use crate::domain::fiscal_year::FiscalYear;
use crate::import;

/// What a demonstration tells its user.
#[derive(Serialize)]
pub struct Ready {
    pub address: String,
    pub docs: String,
    pub database: String,
    /// A token per role, good for a day.
    pub tokens: BTreeMap<String, String>,
}

/// Migrates and fills the database.
pub async fn fill(db: &Arc<Db>) -> Result<(), String> {
    const YEAR: i32 = 2567;
    let year = FiscalYear::stored(YEAR);
    db.migrate().await.map_err(|error| error.to_string())?;
    import::agency(db, include_str!("../data/agency.json")).await?;
    import::units(db, include_str!("../data/reference.json")).await?;
    import::measures(db, include_str!("../data/measures-2567.json"), year).await?;
    import::projects(db, include_str!("../data/projects-2567.json"), year).await?;
    Ok(())
}

/// Starts the service on a port, 0 for any that is free.
pub async fn start(database_url: &str, port: u16, settings: Settings) -> Result<(Server, State, Ready), String> {
    let listener = TcpListener::bind(("127.0.0.1", port)).map_err(|error| format!("port {port}: {error}"))?;
    let db = Db::connect(database_url).await.map_err(|error| error.to_string())?;
    fill(&db).await?;
    db.load_revisions().await.map_err(|error| error.to_string())?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    let address = format!("http://127.0.0.1:{port}");
    let public_url = settings.public_url.clone().unwrap_or_else(|| address.clone());
    let app = App::new(db, &SigningKey::generate()?, &settings, public_url);
    let tokens = Role::value_variants().iter().map(|role| Ok((role.name(), token(&app, *role)?)));
    let ready = Ready {
        docs: format!("{address}/docs/"),
        address,
        // The address of a database may hold a password.
        database: if database_url.starts_with("sqlite:") { database_url.to_owned() } else { "postgres".to_owned() },
        tokens: tokens.collect::<Result<_, String>>()?,
    };
    let app = State::new(app);
    let server = app::server(app.clone(), &settings, listener).map_err(|error| error.to_string())?;
    Ok((server, app, ready))
}

fn token(app: &App, role: Role) -> Result<String, String> {
    // An integrator has what it was given: here, to write measures.
    let scopes = if role == Role::Integrator { &[MeasuresWrite::NAME] } else { role.scopes() };
    let token = app.tokens.issue(&format!("demo-{}", role.name()), scopes, db::now(), TimeDelta::days(1));
    token.map_err(|error| error.to_string())
}

/// Address of a SQLite file in a folder.
pub fn sqlite_in(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("prongsai.db").display())
}
