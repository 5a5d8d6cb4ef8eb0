//! What a fiscal year is, and which years have data: `/v1/fiscal-years`.

use std::collections::BTreeSet;

use actix_web::get;
use chrono::NaiveDate;
use entity::codes::Label;
use entity::state::Publication;
use entity::{measure, project};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::domain::fiscal_year::FiscalYear;
use crate::domain::period::{Part, Period};
use crate::error::Result;
use crate::http::list::Page;
use crate::http::params::Path;
use crate::http::response::ReadResponse;
use crate::revisions::Resource;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    // The router takes the first that fits: `current` is no year.
    config.service(list_fiscal_years).service(get_current_fiscal_year).service(get_fiscal_year);
}

/// The fiscal years that have published measures or projects, and the current one; the latest first.
#[derive(Serialize, ToSchema)]
struct FiscalYearList {
    /// The years.
    #[schema(max_items = 201)]
    items: Vec<FiscalYearSummary>,
    /// The only page.
    page: Page,
}

/// A fiscal year that has data, or the current one.
#[derive(Serialize, ToSchema)]
struct FiscalYearSummary {
    /// The fiscal year of the Buddhist era.
    fiscal_year: FiscalYear,
    /// First day, 1 October.
    #[schema(example = "2023-10-01")]
    starts_on: NaiveDate,
    /// Last day, 30 September.
    #[schema(example = "2024-09-30")]
    ends_on: NaiveDate,
    /// Whether today in Bangkok is a day of this year.
    #[schema(example = false)]
    is_current: bool,
}

/// A fiscal year and its parts. Days are Gregorian, in the time zone of Bangkok.
#[derive(Serialize, ToSchema)]
struct FiscalYearSpan {
    /// The fiscal year, Buddhist era.
    fiscal_year: FiscalYear,
    /// First day, 1 October.
    #[schema(example = "2023-10-01")]
    starts_on: NaiveDate,
    /// Last day, 30 September.
    #[schema(example = "2024-09-30")]
    ends_on: NaiveDate,
    /// The four quarters. Quarter 1 is October to December.
    #[schema(min_items = 4, max_items = 4)]
    quarters: Vec<FiscalYearPart>,
    /// The two halves. Half 1 is October to March.
    #[schema(min_items = 2, max_items = 2)]
    halves: Vec<FiscalYearPart>,
}

/// A quarter or half of a fiscal year, as statistics have it.
#[derive(Serialize, ToSchema)]
struct FiscalYearPart {
    /// Key of the part, unique and in order.
    #[schema(max_length = 10, example = "2567-Q1")]
    key: String,
    /// Name of the part.
    label: Label,
    /// Number of the quarter (1 to 4) or half (1 or 2).
    #[schema(minimum = 1, maximum = 4, example = 1)]
    number: u8,
    /// First day.
    #[schema(example = "2023-10-01")]
    starts_on: NaiveDate,
    /// Last day.
    #[schema(example = "2023-12-31")]
    ends_on: NaiveDate,
}

/// List fiscal years
///
/// Returns the years that have published measures or projects, and the current one, the latest first. The list is not paged.
#[utoipa::path(tag = "fiscal-years", responses((status = 200, body = FiscalYearList)))]
#[get("/v1/fiscal-years")]
async fn list_fiscal_years(app: State) -> Result<ReadResponse> {
    let current = FiscalYear::current(app.db.now());
    let mut years = published(app.db.reader()).await?;
    years.insert(current);
    let summary = |fiscal_year: FiscalYear| {
        let (starts_on, ends_on) = fiscal_year.span();
        FiscalYearSummary { fiscal_year, starts_on, ends_on, is_current: fiscal_year == current }
    };
    let items: Vec<_> = years.into_iter().rev().map(summary).collect();
    let page = Page::whole(items.len() as u64);
    ReadResponse::json(&FiscalYearList { items, page }, &[Resource::Measures, Resource::Projects, Resource::Today])
}

/// The years of what the public sees.
async fn published(db: &impl ConnectionTrait) -> Result<BTreeSet<FiscalYear>> {
    let measures = measure::Entity::find()
        .select_only()
        .column(measure::Column::FiscalYear)
        .distinct()
        .filter(measure::Column::Publication.eq(Publication::Published));
    let projects = project::Entity::find()
        .select_only()
        .column(project::Column::FiscalYear)
        .distinct()
        .filter(project::Column::Publication.eq(Publication::Published));
    let mut years: Vec<i32> = measures.into_tuple().all(db).await?;
    years.extend(projects.into_tuple::<i32>().all(db).await?);
    Ok(years.into_iter().map(FiscalYear::stored).collect())
}

/// Get the current fiscal year
///
/// Returns the first and last day of the current fiscal year (Bangkok time), its quarters and its halves.
#[utoipa::path(tag = "fiscal-years", responses((status = 200, body = FiscalYearSpan)))]
#[get("/v1/fiscal-years/current")]
async fn get_current_fiscal_year(app: State) -> Result<ReadResponse> {
    ReadResponse::json(&FiscalYearSpan::of(FiscalYear::current(app.db.now())), &[Resource::Today])
}

/// Get the days of a fiscal year
///
/// Returns the first and last day of the year, of its quarters and of its halves (Budget Procedure Act B.E. 2561,
/// section 4).
#[utoipa::path(
    tag = "fiscal-years",
    params(("year" = FiscalYear, Path)),
    responses((status = 200, body = FiscalYearSpan)),
)]
#[get("/v1/fiscal-years/{year}")]
async fn get_fiscal_year(year: Path<FiscalYear>) -> Result<ReadResponse> {
    ReadResponse::json(&FiscalYearSpan::of(year.0), &[])
}

impl FiscalYearSpan {
    fn of(fiscal_year: FiscalYear) -> Self {
        let (starts_on, ends_on) = fiscal_year.span();
        let [quarters, halves] = [Period::Quarter, Period::Half].map(|period| parts(period, fiscal_year));
        Self { fiscal_year, starts_on, ends_on, quarters, halves }
    }
}

fn parts(period: Period, year: FiscalYear) -> Vec<FiscalYearPart> {
    let part = |(number, Part { key, label, days: (starts_on, ends_on), .. })| FiscalYearPart {
        key,
        label,
        number,
        starts_on,
        ends_on,
    };
    (1..).zip(period.parts(year)).map(part).collect()
}
