//! Bookings: at most the e-service's capacity per day, also for concurrent requests.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::get;
use chrono::{Days, NaiveDate};
use entity::closed_day;
use entity::e_service;
use entity::service_request::{Column, Entity, Model, Status};
use entity::state::Publication;
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Select};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::{closed_days, store as catalogue};
use super::input::ServiceRequestInput;
use crate::cases::deadline;
use crate::db::Write;
use crate::domain::closed_day::{no_place, open_places};
use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::working_days::{Calendar, bangkok_day};
use crate::error::{Code, FieldError, Result};
use crate::http::list::Page;
use crate::http::params::Path;
use crate::http::response::ReadResponse;
use crate::revisions::Resource;
use crate::state::State;

/// How far ahead a day can be booked.
const AHEAD_DAYS: u64 = 90;
pub const AHEAD: Days = Days::new(AHEAD_DAYS);

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_e_service_days);
}

/// Days that can be booked.
#[derive(Serialize, ToSchema)]
struct EServiceDayList {
    /// The days that can be booked, earliest first.
    #[schema(max_items = 90)]
    items: Vec<EServiceDay>,
    /// Position of this page in the list.
    page: Page,
}

/// A day, and how many more requests can be booked for it.
#[derive(Serialize, ToSchema)]
struct EServiceDay {
    /// The working day.
    #[schema(example = "2024-04-22")]
    date: NaiveDate,
    /// Number of requests that can still be booked for the day.
    #[schema(minimum = 0, maximum = 10000, example = 2)]
    free_count: u64,
}

/// List the days that can be booked
///
/// Lists the working days of the next 90 days, and how many more requests can be booked for each. A day that is closed as
/// a whole is left out; half a closed day has half of the places. The list is empty if the e-service books no days.
#[utoipa::path(tag = "e-services", responses((status = 200, body = EServiceDayList), (status = 404)))]
#[get("/v1/e-services/{code}/days")]
async fn list_e_service_days(app: State, code: Path<String>) -> Result<ReadResponse> {
    const DEPENDS_ON: &[Resource] =
        &[Resource::EServices, Resource::ServiceRequests, Resource::ClosedDays, Resource::Holidays, Resource::Today];
    let (db, today) = (app.db.reader(), bangkok_day(app.db.now()));
    let service = catalogue::find(db, &code.0).await?.service;
    let is_offered = service.publication == Publication::Published;
    if service.capacity.is_none() || !is_offered {
        return ReadResponse::json(&EServiceDayList::of(Vec::new()), DEPENDS_ON).map(ReadResponse::by_content);
    }
    let calendar = deadline::calendar(db).await?;
    let places = places(db, &service, today).await?.into_iter();
    let offered = places.filter(|(day, places)| *day > today && calendar.is_working(*day) && places.open > 0);
    let days = offered.map(|(date, places)| EServiceDay { date, free_count: places.free().into() });
    ReadResponse::json(&EServiceDayList::of(days.collect()), DEPENDS_ON).map(ReadResponse::by_content)
}

/// Places of a day that are not closed, and requests that have one.
pub struct Places {
    pub open: u32,
    pub booked: u32,
}

impl Places {
    pub fn free(&self) -> u32 {
        self.open.saturating_sub(self.booked)
    }
}

/// The places of an e-service's days from today on, as far as days can be booked, also of those that are no working days.
pub async fn places(
    db: &impl ConnectionTrait,
    service: &e_service::Model,
    today: NaiveDate,
) -> Result<BTreeMap<NaiveDate, Places>> {
    let booked: Vec<(NaiveDate, i64)> = booked(service.id)
        .filter(Column::BookedOn.gte(today))
        .select_only()
        .column(Column::BookedOn)
        .column_as(Column::Id.count(), "booked")
        .group_by(Column::BookedOn)
        .into_tuple()
        .all(db)
        .await?;
    let booked: BTreeMap<_, _> = booked.into_iter().collect();
    let closed = closed_days::store::closed(db, service.id, today).await?;
    let places = |day: NaiveDate| {
        let booked = booked.get(&day).copied().unwrap_or_default();
        let open = open_on(service, &closed, day);
        (day, Places { open, booked: u32::try_from(booked).unwrap_or(u32::MAX) })
    };
    Ok(today.iter_days().take_while(|day| *day <= today + AHEAD).map(places).collect())
}

/// The places of an e-service's day.
pub async fn places_on(db: &impl ConnectionTrait, service: &e_service::Model, day: NaiveDate) -> Result<Places> {
    let booked = booked(service.id).filter(Column::BookedOn.eq(day)).count(db).await?;
    let closed = closed_days::store::closed(db, service.id, day).await?;
    Ok(Places { open: open_on(service, &closed, day), booked: u32::try_from(booked).unwrap_or(u32::MAX) })
}

/// How many places of an e-service's day are open.
fn open_on(service: &e_service::Model, closed: &BTreeMap<NaiveDate, Vec<closed_day::Model>>, day: NaiveDate) -> u32 {
    let capacity = service.capacity.unwrap_or_default().unsigned_abs();
    let parts: Vec<_> = closed.get(&day).into_iter().flatten().map(|closed| closed.part).collect();
    open_places(capacity, &parts)
}

/// Why a day of an e-service that has no free place has none.
pub async fn why_none(db: &impl ConnectionTrait, service: Uuid, day: NaiveDate) -> Result<Violation> {
    let closed = closed_days::store::closed(db, service, day).await?.remove(&day).unwrap_or_default();
    Ok(no_place(&closed.iter().map(|closed| (closed.part, &*closed.reason)).collect::<Vec<_>>()))
}

impl EServiceDayList {
    fn of(items: Vec<EServiceDay>) -> Self {
        Self { items, page: Page::whole(AHEAD_DAYS) }
    }
}

/// What was refused, referred, taken back or turned into a complaint has given its day back.
const WITHOUT_DAY: [Status; 4] = [Status::Rejected, Status::Referred, Status::Cancelled, Status::Converted];

/// The requests that hold a day, if they have one.
pub fn holding() -> SimpleExpr {
    Column::Status.is_not_in(WITHOUT_DAY)
}

/// The day that a request holds. One that has given it back keeps it in its row, for the day when it is reopened.
pub fn held_day(request: &Model) -> Option<NaiveDate> {
    request.booked_on.filter(|_| !WITHOUT_DAY.contains(&request.status))
}

/// What takes a day.
fn booked(service: Uuid) -> Select<Entity> {
    Entity::find().filter(Column::EServiceId.eq(service)).filter(holding())
}

/// What is wrong with the chosen day of a request, apart from being fully booked.
pub fn day_error(
    service: &e_service::Model,
    day: Option<NaiveDate>,
    calendar: &Calendar,
    today: NaiveDate,
) -> Option<FieldError> {
    day_violation(service, day, calendar, today).map(|violation| FieldError::at("/booked_on", violation))
}

/// What is wrong with a day to book, apart from being fully booked.
pub fn day_violation(
    service: &e_service::Model,
    day: Option<NaiveDate>,
    calendar: &Calendar,
    today: NaiveDate,
) -> Option<Violation> {
    let violation = match (service.capacity, day) {
        (None, Some(_)) => {
            FieldCode::NotForThis.because("บริการนี้ไม่มีการนัดวัน", "must be left out: no day is booked for this e-service")
        }
        (Some(_), None) => {
            FieldCode::Needed.because("โปรดเลือกวันนัดหมาย", "is required: a day is booked for this e-service")
        }
        (Some(_), Some(day)) if day <= today || day > today + AHEAD => FieldCode::OutOfReach.into(),
        (Some(_), Some(day)) if !calendar.is_working(day) => FieldCode::NotAWorkingDay.into(),
        _ => return None,
    };
    Some(violation)
}

/// Who books a day can be reached: it may have to be moved.
pub fn applicant_error(input: &ServiceRequestInput) -> Option<FieldError> {
    (input.booked_on.is_some() && input.applicant.is_none()).then(|| {
        let (th, en) = ("โปรดระบุชื่อและช่องทางติดต่อเมื่อจองวันนัดหมาย", "is required: a day is booked");
        FieldError::at("/applicant", FieldCode::Needed.because(th, en))
    })
}

/// Rejects a day that has no free place. The e-service is locked, so that nobody else books it until this write ends.
pub async fn refuse_full(write: &Write, service: Uuid, day: Option<NaiveDate>, request: Uuid) -> Result<()> {
    match day {
        Some(day) if is_full(write, service, day, request).await? => {
            Err(FieldError::at("/booked_on", why_none(write, service, day).await?).into())
        }
        _ => Ok(()),
    }
}

/// Gives a request another day. What was promised before stays.
pub async fn rebook(write: &Write, request: &mut Model, day: NaiveDate) -> Result<()> {
    let service = e_service::Entity::find_by_id(request.e_service_id).one(write).await?.ok_or(Code::Internal)?;
    if let Some(error) = day_error(&service, Some(day), &deadline::calendar(write).await?, bangkok_day(write.now)) {
        return Err(error.into());
    }
    request.booked_on = Some(day);
    refuse_full(write, service.id, request.booked_on, request.id).await
}

/// Takes back the day to come that a request has given back. One that is no working day any more is lost.
pub async fn take_back(write: &Write, request: &mut Model, today: NaiveDate) -> Result<()> {
    let Some(day) = request.booked_on.filter(|day| *day >= today) else { return Ok(()) };
    if !deadline::calendar(write).await?.is_working(day) {
        request.booked_on = None;
    }
    refuse_full(write, request.e_service_id, request.booked_on, request.id).await
}

/// That no day is booked for what is done already.
pub fn not_for_the_past() -> FieldError {
    let (th, en) = ("คำขอที่สิ้นสุดแล้วไม่มีการนัดวัน", "must be left out: the request is closed");
    FieldError::at("/booked_on", FieldCode::NotForThis.because(th, en))
}

/// Keeps others from booking days of several e-services until this write ends.
pub async fn hold(write: &Write, services: BTreeSet<Uuid>) -> Result<()> {
    for id in services {
        e_service::Entity::find_by_id(id).lock_exclusive().one(write).await?;
    }
    Ok(())
}

/// Whether others have all of a day that is open.
async fn is_full(write: &Write, service: Uuid, day: NaiveDate, request: Uuid) -> Result<bool> {
    let service = e_service::Entity::find_by_id(service).lock_exclusive().one(write).await?.ok_or(Code::Internal)?;
    if service.capacity.is_none() {
        return Ok(false);
    }
    let open = open_on(&service, &closed_days::store::closed(write, service.id, day).await?, day);
    let others = booked(service.id).filter(Column::BookedOn.eq(day)).filter(Column::Id.ne(request));
    Ok(others.count(write).await? >= u64::from(open))
}
