//! The service with the municipality's own measures and sample data, for trying it out and for scripts.

mod ita;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use actix_web::dev::Server;
use chrono::TimeDelta;
use clap::ValueEnum;
use entity::report::ReportSubject;
use serde::Serialize;

use crate::accounts::{self, ClientInput, UserInput};
use crate::app::config::Settings;
use crate::app::{self, Keys, import, migrated};
use crate::auth::scope::{MeasuresWrite, Role, Scope};
use crate::auth::token::Grant;
use crate::cases::custodians::{CustodianKey, Custodians};
use crate::cases::vault::ContentKeys;
use crate::crypto::keys::{KeyRing, SigningKey};
use crate::crypto::signed_note::Verifier;
use crate::db::migrate::applied;
use crate::db::{self, Db};
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::place::Boundary;
use crate::domain::units::Units;
use crate::error::Error;
use crate::state::{App, State};

/// What a demonstration tells its user.
#[derive(Serialize)]
pub struct Ready {
    pub address: String,
    pub website: String,
    pub docs: String,
    pub database: String,
    /// A token per role, good for a day.
    pub tokens: BTreeMap<String, String>,
    /// There is a user for each role, called like the role, with this password.
    pub password: String,
    /// A program with access: its id and secret.
    pub client_id: String,
    pub client_secret: String,
    /// What the audit log is verified with.
    pub audit_key: String,
    /// A custodian's secret key, which opens the identities that this demonstration seals.
    pub custodian_key: String,
}

/// The fiscal year of the sample data.
const YEAR: i32 = 2567;

/// What the ITA asks for, by year.
const ITA_ITEMS: [&str; 3] = [
    include_str!("../../../data/oit-2566.json"),
    include_str!("../../../data/oit-2567.json"),
    include_str!("../../../data/oit-2568.json"),
];

/// Complaints of corruption and misconduct come to one unit, all others to another one.
const INTAKE_UNITS: &str = r#"{ "intake_units": { "integrity": "legal", "general": "clerk-office" } }"#;

/// Migrates and fills the database.
pub async fn fill(db: &Arc<Db>) -> Result<(), String> {
    let year = FiscalYear::stored(YEAR);
    db.migrate(migrated::changes).await.map_err(|error| error.to_string())?;
    import::agency(db, include_str!("../../../data/agency.json")).await?;
    import::units(db, include_str!("../../../data/reference.json")).await?;
    import::holidays(db, include_str!("../../../data/holidays.json")).await?;
    import::complaint_categories(db, include_str!("../../../data/reference.json")).await?;
    import::measures(db, include_str!("../../../data/measures-2567.json"), year).await?;
    import::projects(db, include_str!("../../../data/projects-2567.json"), year).await?;
    import::e_services(db, include_str!("../../../data/e-services.json")).await?;
    import::guides(db, include_str!("../../../data/guides.json")).await?;
    for items in ITA_ITEMS {
        import::ita_items(db, items, false).await?;
    }
    let memo = include_str!("../../../data/memo-2567.json");
    import::report_frame(db, memo, year, ReportSubject::IntegrityMeasuresReport).await?;
    Ok(())
}

/// Starts the service on a port, 0 for any that is free.
pub async fn start(database_url: &str, port: u16, mut settings: Settings) -> Result<(Server, State, Ready), String> {
    let listener = TcpListener::bind(("127.0.0.1", port)).map_err(|error| format!("port {port}: {error}"))?;
    let db = Db::connect(database_url).await.map_err(|error| error.to_string())?;
    let is_new = applied(db.reader()).await.map_err(|error| error.to_string())?.is_empty();
    if is_new {
        // As entered the day before: the public's figures are of the last midnight.
        db.clock.set(db::machine_now() - TimeDelta::days(1));
    }
    fill(&db).await?;
    import::agency(&db, INTAKE_UNITS).await?;
    db.clock.set(db::machine_now());
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    let address = format!("http://127.0.0.1:{port}");
    let public_url = settings.public_url.clone().unwrap_or_else(|| address.clone());
    // A demonstration may be started again on its database, and the log must still be the one that was signed.
    let (tokens, audit) = (KeyRing::of(SigningKey::generate(db::machine_now())?), SigningKey::example()?);
    let content = ContentKeys::example()?;
    settings.boundary = Some(Boundary::parse(include_str!("../../../data/boundary.geojson"))?);
    settings.link_check = Some(ita::link_check());
    // These are of this demonstration alone: nobody has an example's key by accident.
    let custodians = [(); 2].map(|()| CustodianKey::generate());
    settings.custodians = Some(Custodians::parse(&custodians.each_ref().map(CustodianKey::public).join("\n"))?);
    let audit_key = Verifier::of(&audit, &settings.issuer).text();
    let keys = Keys { tokens, tokens_file: None, audit, checkpoints: None, content, content_file: None };
    let app = app::build(db, keys, &settings, public_url).await?;
    let password = accounts::generate_password().map_err(message)?;
    let of_roles = Role::value_variants().iter().map(|role| (role.name(), *role));
    for (login, role) in of_roles.chain([(ita::CLERK.to_owned(), Role::Approver)]) {
        if !accounts::exists(&app.db, &login).await.map_err(message)? {
            let (display_name, login) = (login.clone().into(), login.clone());
            let units = if role.is_of_units() { Units::All } else { Units::default() };
            let input = UserInput { display_name, login, roles: vec![role], units, active: true };
            accounts::add_user(&app.db, input).await.map_err(message)?;
        }
        accounts::set_password(&app.db, &app.auth.passwords, &login, password.clone()).await.map_err(message)?;
    }
    ita::prepare(&app, FiscalYear::stored(YEAR), &address).await.map_err(message)?;
    let website = ClientInput {
        display_name: "Website".to_owned().into(),
        scopes: vec![MeasuresWrite::NAME.to_owned().into()],
        units: Units::All,
        active: true,
        expires_at: None,
    };
    let (client_id, client_secret) = accounts::add_client(&app.db, website).await.map_err(message)?;
    let tokens = Role::value_variants().iter().map(|role| Ok((role.name(), token(&app, *role)?)));
    let ready = Ready {
        website: format!("{address}/website/"),
        docs: format!("{address}/docs/"),
        address,
        // The address of a database may hold a password.
        database: if database_url.starts_with("sqlite:") { database_url.to_owned() } else { "postgres".to_owned() },
        tokens: tokens.collect::<Result<_, String>>()?,
        password,
        client_id: client_id.to_string(),
        client_secret,
        audit_key,
        custodian_key: custodians[0].secret().to_string(),
    };
    let app = State::new(app);
    let server = app::server::server(app.clone(), &settings, listener).map_err(|error| error.to_string())?;
    ita::check_links(app.clone());
    Ok((server, app, ready))
}

fn token(app: &App, role: Role) -> Result<String, String> {
    // An integrator has what it was given: here, to write measures.
    let scopes = if role == Role::Integrator { vec![MeasuresWrite::NAME] } else { role.scopes() };
    let grant = Grant {
        subject: format!("demo-{}", role.name()),
        scopes: scopes.into_iter().map(str::to_owned).collect(),
        roles: vec![role],
        units: Units::All,
        ..Grant::default()
    };
    app.auth.tokens.issue(grant, db::machine_now(), TimeDelta::days(1)).map_err(message)
}

fn message(error: Error) -> String {
    error.to_string()
}

/// Address of a SQLite file in a folder.
pub fn sqlite_in(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("prongsai.db").display())
}
