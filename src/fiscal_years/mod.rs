//! What a fiscal year is: `/v1/fiscal-years`.

use actix_web::get;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::domain::fiscal_year::{FiscalYear, Span};
use crate::error::Result;
use crate::http::params::Path;
use crate::http::response::ReadResponse;

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_fiscal_year);
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

/// A quarter or half of a fiscal year.
#[derive(Serialize, ToSchema)]
struct FiscalYearPart {
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

/// Get the first and last day of a fiscal year
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
    let Path(year) = year;
    let (starts_on, ends_on) = year.span();
    let quarters = parts(&year.quarters());
    ReadResponse::json(
        &FiscalYearSpan { fiscal_year: year, starts_on, ends_on, quarters, halves: parts(&year.halves()) },
        &[],
    )
}

fn parts(spans: &[Span]) -> Vec<FiscalYearPart> {
    (1..)
        .zip(spans)
        .map(|(number, (starts_on, ends_on))| FiscalYearPart { number, starts_on: *starts_on, ends_on: *ends_on })
        .collect()
}
