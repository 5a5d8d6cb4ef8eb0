//! What the queries and the bytes of Prongsai cost without an ORM, without validation, documentation, tokens, caching or
//! any other layer: the floor that `bench/run.py` compares Prongsai with.
//!
//! It opens a database that `prongsai migrate` made and answers a few of Prongsai's routes with the same bytes. Only the
//! cursor of a next page, which Prongsai signs, is a constant of the same length. It is no service: what a request gets
//! wrong is answered with 500.
//!
//!     minimal --database-url URL --port PORT [--workers N] [--public-url URL] [--cursor-length N] [--bare-file FILE]

#[macro_use]
mod wire;
mod postgres;
mod sql;
mod sqlite;

use std::error::Error;
use std::sync::{Arc, Mutex};

use actix_web::web::{Bytes, Data, Json, Path, Query};
use actix_web::{App, HttpResponse, HttpServer, get, post};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use postgres::Postgres;
use sqlite::Sqlite;
use wire::{MeasureInput, Page, PageInfo};

const LIMIT: usize = 20;

type Answer = Result<HttpResponse, Box<dyn Error>>;

enum Store {
    Sqlite(Box<Sqlite>),
    Postgres(Postgres),
}

/// What the flags said, once for all workers.
#[derive(Clone)]
struct Settings {
    public_url: String,
    cursor: String,
    bare: Bytes,
}

#[derive(Deserialize)]
struct Year {
    fiscal_year: i32,
}

#[get("/v1/measures")]
async fn list(store: Data<Store>, settings: Data<Settings>, year: Query<Year>) -> Answer {
    let year = year.fiscal_year;
    let items = match &**store {
        Store::Sqlite(store) => store.page(year)?,
        Store::Postgres(store) => store.page(year).await?,
    };
    let Settings { public_url, cursor, .. } = &**settings;
    let next_cursor = (items.len() > LIMIT).then_some(cursor.as_str());
    let next = next_cursor.map(|cursor| format!("{public_url}/v1/measures?fiscal_year={year}&cursor={cursor}"));
    let page = PageInfo { limit: LIMIT, next, next_cursor };
    json(HttpResponse::Ok(), &Page { items: &items[..items.len().min(LIMIT)], page })
}

#[get("/v1/measures/{id}")]
async fn one(store: Data<Store>, id: Path<Uuid>) -> Answer {
    let measure = match &**store {
        Store::Sqlite(store) => store.one(*id)?,
        Store::Postgres(store) => store.one(*id).await?,
    };
    json(HttpResponse::Ok(), &measure)
}

#[get("/v1/reports/integrity-measures-report")]
async fn report(store: Data<Store>, year: Query<Year>) -> Answer {
    let report = match &**store {
        Store::Sqlite(store) => store.report(year.fiscal_year)?,
        Store::Postgres(store) => store.report(year.fiscal_year).await?,
    };
    json(HttpResponse::Ok(), &report)
}

#[get("/v1/statistics/measures")]
async fn statistics(store: Data<Store>, year: Query<Year>) -> Answer {
    let statistics = match &**store {
        Store::Sqlite(store) => store.statistics(year.fiscal_year)?,
        Store::Postgres(store) => store.statistics(year.fiscal_year).await?,
    };
    json(HttpResponse::Ok(), &statistics)
}

#[post("/v1/measures")]
async fn create(store: Data<Store>, input: Json<MeasureInput>) -> Answer {
    let measure = match &**store {
        Store::Sqlite(store) => store.create(input.0).await?,
        Store::Postgres(store) => store.create(input.0).await?,
    };
    json(HttpResponse::Created(), &measure)
}

#[get("/bare")]
async fn bare(settings: Data<Settings>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(settings.bare.clone())
}

fn json(mut answer: actix_web::HttpResponseBuilder, value: &impl Serialize) -> Answer {
    Ok(answer.content_type("application/json").body(serde_json::to_vec(value)?))
}

fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = flag("--database-url").ok_or("--database-url is missing")?;
    let port: u16 = flag("--port").ok_or("--port is missing")?.parse()?;
    let workers = flag("--workers").map_or(Ok(1), |count| count.parse())?;
    let settings = Settings {
        public_url: flag("--public-url").unwrap_or_else(|| format!("http://127.0.0.1:{port}")),
        cursor: "A".repeat(flag("--cursor-length").map_or(Ok(160), |length| length.parse())?),
        bare: flag("--bare-file").map(std::fs::read).transpose()?.unwrap_or_default().into(),
    };
    let file = url.strip_prefix("sqlite:").map(str::to_owned);
    let writer = file.as_ref().map(|file| sqlite::open(file, false)).transpose()?.map(Mutex::new).map(Arc::new);
    let server = HttpServer::new(move || {
        let (url, file, writer) = (url.clone(), file.clone(), writer.clone());
        App::new()
            .app_data(Data::new(settings.clone()))
            .data_factory(move || {
                let (url, file, writer) = (url.clone(), file.clone(), writer.clone());
                async move {
                    Ok::<_, Box<dyn Error>>(match (file, writer) {
                        (Some(file), Some(writer)) => Store::Sqlite(Box::new(Sqlite::new(&file, writer)?)),
                        _ => Store::Postgres(Postgres::new(&url).await?),
                    })
                }
            })
            .service((list, one, report, statistics, create, bare))
    });
    Ok(server.workers(workers).bind(("127.0.0.1", port))?.run().await?)
}
