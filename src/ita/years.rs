//! The years of the assessment, each with its deadline and what came of it: `/v1/ita`.

use actix_web::{get, patch, post};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::ita_year::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::items;
use crate::audit_log::append::{Event, Logged};
use crate::auth::Actor;
use crate::auth::scope::ItaWrite;
use crate::db::Write;
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::ita::{FULL, rounded};
use crate::domain::rule::Rules;
use crate::domain::text::Line;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::body::{Json, Patch};
use crate::http::etag::IfMatch;
use crate::http::idempotency::write_once;
use crate::http::list::Page;
use crate::http::params::Path;
use crate::http::response::{ReadResponse, WriteResponse};
use crate::revisions::Resource;
use crate::state::State;

const DEPENDS_ON: &[Resource] = &[Resource::ItaYears];

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_ita_years).service(create_ita_year).service(get_ita_year).service(update_ita_year);
}

/// A fiscal year of the ITA.
#[derive(Serialize, ToSchema)]
pub struct ItaYear {
    /// Fiscal year of the assessment, Buddhist era.
    pub fiscal_year: FiscalYear,
    /// Last day on which the items are answered.
    #[schema(example = "2024-04-30")]
    pub due_on: NaiveDate,
    /// Result of the assessment, as the commission words it; null before it is known.
    #[schema(required, max_length = 200, example = "ผ่านดี")]
    pub result: Option<String>,
    /// Score of the assessment, 0 to 100 points with at most two decimals; null before it is known.
    #[schema(required, minimum = 0, maximum = 100, example = 89.47)]
    pub score: Option<f64>,
    /// Time at which the record was created.
    pub created_at: DateTime<Utc>,
    /// Time of the last change of the record.
    pub updated_at: DateTime<Utc>,
}

/// The years of the ITA, the latest first.
#[derive(Serialize, ToSchema)]
struct ItaYearList {
    /// The years.
    #[schema(max_items = 201)]
    items: Vec<ItaYear>,
    /// The only page.
    page: Page,
}

/// A fiscal year to prepare for the ITA.
#[derive(Serialize, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "fiscal_year": 2569, "items_of": 2568 }))]
struct NewItaYear {
    /// Fiscal year of the assessment, Buddhist era.
    fiscal_year: FiscalYear,
    /// The year whose items are copied; without it the year begins without items.
    #[schema(example = 2568)]
    items_of: Option<FiscalYear>,
    /// Last day on which the items are answered. By default 30 April of the fiscal year.
    #[schema(example = "2026-04-30")]
    due_on: Option<NaiveDate>,
}

/// What can be changed of a year.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "due_on": "2024-04-30", "result": "ผ่านดี", "score": 89.47 }))]
struct ItaYearInput {
    /// Last day on which the items are answered.
    #[schema(example = "2024-04-30")]
    due_on: NaiveDate,
    /// Result of the assessment, as the commission words it.
    result: Option<Line<200>>,
    /// Score of the assessment, 0 to 100 points with at most two decimals.
    #[schema(minimum = 0, maximum = 100, example = 89.47)]
    score: Option<f64>,
}

impl Validate for ItaYearInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let is_exact = |score: f64| (0.0..=FULL).contains(&score) && (rounded(score) - score).abs() < 1e-9;
        Rules::default().require(self.score.is_none_or(is_exact), "score", FieldCode::TooPrecise).end()
    }
}

impl Logged for Model {
    const RESOURCE: Resource = Resource::ItaYears;

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    fn document(&self) -> Value {
        json!(self)
    }
}

impl From<Model> for ItaYear {
    fn from(row: Model) -> Self {
        let Model { id: _, fiscal_year, due_on, result, score, version: _, created_at, updated_at } = row;
        let (fiscal_year, score) = (FiscalYear::stored(fiscal_year), score.map(|score| f64::from(score) / 100.0));
        Self { fiscal_year, due_on, result, score, created_at, updated_at }
    }
}

impl From<&Model> for ItaYearInput {
    fn from(row: &Model) -> Self {
        let score = row.score.map(|score| f64::from(score) / 100.0);
        Self { due_on: row.due_on, result: row.result.clone().map(Line::from), score }
    }
}

/// List the years of the ITA
///
/// Returns the fiscal years that have items, the latest first. The list is not paged.
#[utoipa::path(tag = "ita", responses((status = 200, body = ItaYearList)))]
#[get("/v1/ita")]
async fn list_ita_years(app: State) -> Result<ReadResponse> {
    let years = Entity::find().order_by_desc(Column::FiscalYear).all(app.db.reader()).await?;
    let page = Page::whole(years.len() as u64);
    ReadResponse::json(&ItaYearList { items: years.into_iter().map(ItaYear::from).collect(), page }, DEPENDS_ON)
}

/// Add a year of the ITA
///
/// Copies the items of another year if `items_of` names one. Correct their codes and texts afterwards: they change every year.
#[utoipa::path(
    tag = "ita",
    security(("bearer" = ["ita:write"])),
    request_body = NewItaYear,
    responses((status = 201, body = ItaYear), (status = 409, description = "The year is there already.")),
)]
#[post("/v1/ita")]
async fn create_ita_year(app: State, actor: Actor<ItaWrite>, body: Json<NewItaYear>) -> Result<WriteResponse> {
    let Json { value: NewItaYear { fiscal_year, items_of, due_on }, key, .. } = body;
    write_once(&app.db, &actor.author, key, move |write| async move {
        if of(fiscal_year).one(&write).await?.is_some() {
            let (th, en) = ("มีปีงบประมาณนี้อยู่แล้ว", "must not be a year that is there already");
            return Err(FieldError::at("/fiscal_year", FieldCode::AlreadyExists.because(th, en)).into());
        }
        let sources = match items_of {
            Some(year) if of(year).one(&write).await?.is_none() => {
                return Err(FieldError::at("/items_of", FieldCode::UnknownItaYear).into());
            }
            Some(year) => items::store::of_year(&write, year).await?,
            None => Vec::new(),
        };
        let row = insert(&write, fiscal_year, due_on).await?;
        let mut events = vec![Event::about("create", &row)];
        for source in &sources {
            let written = items::store::insert(&write, fiscal_year, source.into()).await?;
            events.extend(written.events("create"));
        }
        let (address, etag) = (format!("/v1/ita/{fiscal_year}"), etag(&row));
        write.commit(events, WriteResponse::created(&ItaYear::from(row), address, etag)?)
    })
    .await
}

/// Get a year of the ITA
///
/// Returns the deadline, and the result and score once they are known.
#[utoipa::path(tag = "ita", params(("year" = FiscalYear, Path)), responses((status = 200, body = ItaYear), (status = 404)))]
#[get("/v1/ita/{year}")]
async fn get_ita_year(app: State, year: Path<FiscalYear>) -> Result<ReadResponse> {
    let row = find(app.db.reader(), year.0).await?;
    let etag = etag(&row);
    ReadResponse::record(&ItaYear::from(row), etag, DEPENDS_ON)
}

/// Update a year of the ITA
///
/// Changes the deadline, or records the result and the score.
#[utoipa::path(
    tag = "ita",
    security(("bearer" = ["ita:write"])),
    params(("year" = FiscalYear, Path)),
    request_body(content = Patch<ItaYearInput>, content_type = "application/merge-patch+json"),
    responses((status = 200, body = ItaYear), (status = 404)),
)]
#[patch("/v1/ita/{year}")]
async fn update_ita_year(
    app: State,
    actor: Actor<ItaWrite>,
    year: Path<FiscalYear>,
    if_match: IfMatch,
    patch: Patch<ItaYearInput>,
) -> Result<WriteResponse> {
    app.db
        .write(&actor.author, move |write| async move {
            let row = lock(&write, year.0).await?;
            if_match.check(row.version)?;
            let ItaYearInput { due_on, result, score } = patch.onto(&ItaYearInput::from(&row))?;
            let version = row.version + 1;
            let mut row = row.into_active_model();
            row.due_on = Set(due_on);
            row.result = Set(result.map(Line::into_inner));
            row.score = Set(score.map(|score| (score * 100.0).round() as i32));
            row.version = Set(version);
            row.updated_at = Set(write.now);
            let row = row.update(&write).await?;
            let (etag, event) = (etag(&row), Event::about("update", &row));
            let written = WriteResponse::changed(&ItaYear::from(row), etag)?;
            write.commit([event], written)
        })
        .await
}

fn of(year: FiscalYear) -> Select<Entity> {
    Entity::find().filter(Column::FiscalYear.eq(year.number()))
}

/// A year, or an error that names those that there are.
pub async fn find(db: &impl ConnectionTrait, year: FiscalYear) -> Result<Model> {
    match of(year).one(db).await? {
        Some(row) => Ok(row),
        None => Err(unknown(db, year).await?),
    }
}

/// A year that nobody else changes until this write ends.
pub async fn lock(write: &Write, year: FiscalYear) -> Result<Model> {
    match of(year).lock_exclusive().one(write).await? {
        Some(row) => Ok(row),
        None => Err(unknown(write, year).await?),
    }
}

async fn unknown(db: &impl ConnectionTrait, year: FiscalYear) -> Result<Error> {
    let known = known(db).await?;
    Ok(Code::NotFound.because(
        format!("ยังไม่มีข้อ ITA ของปีงบประมาณ {year} มีเฉพาะปี {known}"),
        format!("There are no ITA items of fiscal year {year}. There are those of {known}."),
    ))
}

async fn known(db: &impl ConnectionTrait) -> Result<String> {
    let years = Entity::find().select_only().column(Column::FiscalYear).order_by_asc(Column::FiscalYear);
    let years: Vec<i32> = years.into_tuple().all(db).await?;
    Ok(if years.is_empty() { "-".to_owned() } else { years.iter().map(i32::to_string).collect::<Vec<_>>().join(", ") })
}

pub async fn insert(write: &Write, year: FiscalYear, due_on: Option<NaiveDate>) -> Result<Model> {
    let row = ActiveModel {
        id: Set(Uuid::now_v7()),
        fiscal_year: Set(year.number()),
        due_on: Set(due_on.unwrap_or_else(|| last_of_april(year))),
        result: Set(None),
        score: Set(None),
        version: Set(1),
        created_at: Set(write.now),
        updated_at: Set(write.now),
    };
    Ok(row.insert(write).await?)
}

/// When the items are due unless the commission says otherwise.
fn last_of_april(year: FiscalYear) -> NaiveDate {
    let (_, end) = year.span();
    NaiveDate::from_ymd_opt(end.year(), 4, 30).unwrap_or(end)
}

fn etag(row: &Model) -> String {
    format!("\"{}\"", row.version)
}
