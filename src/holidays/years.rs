//! Which usual holidays of a calendar year are not entered: `/v1/holidays/years/{calendar_year}`.

use actix_web::get;
use chrono::{Datelike, Days, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::cases::deadline::entered;
use crate::domain::name::Name;
use crate::domain::usual_holidays::{CalendarYear, Missing, UsualHolidayKind, missing};
use crate::domain::working_days::bangkok_day;
use crate::error::Result;
use crate::http::params::Path;
use crate::http::response::ReadResponse;
use crate::revisions::Resource;
use crate::state::{App, State};

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_holiday_year);
}

/// How complete the holidays of a calendar year are.
#[derive(Serialize, ToSchema)]
pub struct HolidayYear {
    /// The year of the Gregorian calendar.
    year: CalendarYear,
    /// Number of holidays that are entered for the year.
    #[schema(value_type = i32, minimum = 0, maximum = 366, example = 14)]
    holiday_count: usize,
    /// Whether no usual holiday is missing.
    #[schema(example = false)]
    complete: bool,
    /// Usual holidays that are not entered.
    #[schema(max_items = 100)]
    missing: Vec<MissingHoliday>,
}

/// A usual holiday that is not entered.
#[derive(Serialize, ToSchema)]
struct MissingHoliday {
    /// How its day follows.
    kind: UsualHolidayKind,
    /// The usual name of the holiday.
    name: Name,
    /// Its day; null if it is announced each year.
    #[schema(required, example = "2024-02-26")]
    date: Option<NaiveDate>,
}

impl From<Missing> for MissingHoliday {
    fn from(Missing { kind, name, date }: Missing) -> Self {
        Self { kind, name: Name { th: name.th.into_owned(), en: Some(name.en.into_owned()) }, date }
    }
}

/// List the usual holidays that a year lacks
///
/// Compares the holidays that are entered for a calendar year with the usual ones: those of fixed dates, those that are
/// announced each year (Makha Bucha, the Royal Ploughing Ceremony, Visakha Bucha, Asarnha Bucha, Buddhist Lent), and the
/// days off in place of those on a weekend. Due dates say with `holidays_complete` whether a year in their calculation
/// is incomplete.
#[utoipa::path(tag = "holidays", params(("calendar_year" = CalendarYear, Path)), responses((status = 200, body = HolidayYear)))]
#[get("/v1/holidays/years/{calendar_year}")]
async fn get_holiday_year(app: State, year: Path<CalendarYear>) -> Result<ReadResponse> {
    let year = year.0;
    let entered = entered(app.db.reader()).await?;
    let missing: Vec<_> = missing(year.number(), &entered).into_iter().map(MissingHoliday::from).collect();
    let holiday_count = entered.keys().filter(|day| day.year() == year.number()).count();
    let year = HolidayYear { year, holiday_count, complete: missing.is_empty(), missing };
    ReadResponse::json(&year, &[Resource::Holidays])
}

/// How far ahead of its first day a year is needed: most promises end within that.
const AHEAD: Days = Days::new(90);

/// Tells the operator which years that due dates are computed with now lack usual holidays.
pub async fn warn_of_incomplete(app: &App) -> Result<()> {
    let (today, entered) = (bangkok_day(app.db.now()), entered(app.db.reader()).await?);
    for year in (today.year()..=(today + AHEAD).year()).filter_map(CalendarYear::of) {
        let missing = missing(year.number(), &entered);
        if !missing.is_empty() {
            let (year, count) = (year.number(), missing.len());
            tracing::warn!(year, missing = count, "usual holidays are not entered: see /v1/holidays/years/{year}");
        }
    }
    Ok(())
}
