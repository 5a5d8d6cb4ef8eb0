//! Closing a day, and moving what is booked for it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::case_event::Side;
use entity::closed_day::{ActiveModel, Column, Entity, Model};
use entity::{e_service, service_request};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde_json::json;
use uuid::Uuid;

use super::dto::{ClosedDayInput, MovedBooking, MovedBookings};
use super::store::{Row, find};
use crate::audit_log::append::Event;
use crate::cases::timeline::{self, Entry};
use crate::cases::vault::Vault;
use crate::cases::{Case, deadline, guides};
use crate::db::Write;
use crate::domain::closed_day::{moved_text, spread};
use crate::domain::field_code::FieldCode;
use crate::domain::timeline::MOVE_BOOKING;
use crate::domain::working_days::bangkok_day;
use crate::e_services::requests::store::Row as RequestRow;
use crate::e_services::requests::{bookings, steps};
use crate::error::{Error, FieldError, Result};
use crate::references::Known;

/// Bookings that one act moves: each takes some ten statements, while other writes wait.
const MOST: usize = 500;

/// Keeps what is booked for days to close, and then their e-services, from changing until this write ends. The requests of all days
/// come first and in order, as steps of requests lock them, against deadlocks.
pub async fn hold(write: &Write, inputs: &[ClosedDayInput]) -> Result<()> {
    let codes: BTreeSet<&str> = inputs.iter().map(|input| &*input.e_service).collect();
    let services = e_service::Entity::find().filter(e_service::Column::Code.is_in(codes)).all(write).await?;
    let mut days = Condition::any();
    for input in inputs {
        let service = services.iter().find(|service| service.code == *input.e_service);
        days = service.into_iter().fold(days, |days, service| days.add(booked_for(service.id, input.date)));
    }
    if !services.is_empty() {
        ids(booked(days).lock_exclusive(), write).await?;
    }
    bookings::hold(write, services.iter().map(|service| service.id).collect()).await
}

/// A day that is closed, and whose bookings are to be moved.
pub struct Closing {
    day: Model,
    service: e_service::Model,
    move_to: Option<NaiveDate>,
}

impl Closing {
    /// Closes a day, which is [held](hold). Its bookings stay until [`finish`](Self::finish).
    pub async fn begin(write: &Write, input: ClosedDayInput) -> Result<Self> {
        let service = service_of(write, &input).await?;
        let ClosedDayInput { e_service: _, date, part, reason, move_to } = input;
        let there = Entity::find().filter(Column::EServiceId.eq(service.id)).filter(Column::Date.eq(date));
        if there.filter(Column::Part.eq(part)).count(write).await? > 0 {
            let (th, en) = ("งดให้บริการช่วงนี้ของวันไว้แล้ว", "is closed already for this part of the day");
            return Err(FieldError::at("/date", FieldCode::AlreadyExists.because(th, en)).into());
        }
        let (id, reason) = (Uuid::now_v7(), reason.into_inner());
        guides::refuse_unfilled(write, "/reason", Some(&reason)).await?;
        let day = Model { id, e_service_id: service.id, date, part, reason, created_at: write.now };
        Entity::insert(ActiveModel::from(day.clone())).exec_without_returning(write).await?;
        Ok(Self { day, service, move_to })
    }

    /// Moves the bookings that the day has no place for any more. Returns them, and the events for the log. `count` is how many the
    /// act moves so far.
    pub async fn finish(
        self,
        write: &Write,
        vault: &Vault,
        count: &mut usize,
    ) -> Result<(Row, MovedBookings, Vec<Event>)> {
        self.refuse_closed(write).await?;
        let (mut moved, mut events) = (MovedBookings::default(), vec![Event::about("create", &self.day)]);
        let bookings = self.displaced(write).await?;
        *count += bookings.len();
        if *count > MOST {
            return Err(too_many(*count).into());
        }
        let days = self.days_for(write, bookings.len()).await?;
        for (id, day) in bookings.into_iter().zip(days) {
            let Some((row, event)) = self.rebook(write, vault, id, day).await? else { continue };
            let seen = write.author.units.includes(Some(row.request.unit_id));
            moved.add(MovedBooking { id, reference: row.request.reference, booked_on: day }, seen);
            events.push(event);
        }
        Ok((find(write, self.day.id).await?, moved, events))
    }

    /// Rejects a day to move to that is closed as a whole, also by the same batch.
    async fn refuse_closed(&self, write: &Write) -> Result<()> {
        let Some(day) = self.move_to else { return Ok(()) };
        if bookings::places_on(write, &self.service, day).await?.open > 0 {
            return Ok(());
        }
        Err(FieldError::at("/move_to", bookings::why_none(write, self.service.id, day).await?).into())
    }

    /// Requests that the day has no place for any more: those that came last.
    async fn displaced(&self, write: &Write) -> Result<Vec<Uuid>> {
        let places = bookings::places_on(write, &self.service, self.day.date).await?;
        let over = usize::try_from(places.booked.saturating_sub(places.open)).map_err(Error::internal)?;
        // Ids are in the order of time.
        let mut ids = ids(booked(booked_for(self.service.id, self.day.date)), write).await?;
        Ok(ids.split_off(ids.len().saturating_sub(over)))
    }

    /// A day for each of so many bookings.
    async fn days_for(&self, write: &Write, count: usize) -> Result<Vec<NaiveDate>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let (today, calendar) = (bangkok_day(write.now), deadline::calendar(write).await?);
        let is_meant = |day: NaiveDate| match self.move_to {
            Some(wanted) => day == wanted,
            None => day > self.day.date,
        };
        let places = bookings::places(write, &self.service, today).await?.into_iter();
        let free = places.filter(|(day, _)| is_meant(*day) && *day > today && calendar.is_working(*day));
        spread(count, &free.map(|(day, places)| (day, places.free())).collect()).map_err(|count| self.no_room(count))
    }

    /// Gives a request another day, unless it has given up this one meanwhile.
    async fn rebook(
        &self,
        write: &Write,
        vault: &Vault,
        id: Uuid,
        day: NaiveDate,
    ) -> Result<Option<(RequestRow, Event)>> {
        let Model { id: closed, date, part, reason, .. } = &self.day;
        let row = RequestRow::lock_any(write, id).await?;
        if row.is_closed() || row.request.booked_on != Some(*date) {
            return Ok(None);
        }
        let key = row.needed_key(vault)?;
        let text = moved_text(*part, *date, day, reason);
        let entry = Entry { action: MOVE_BOOKING, side: Side::Office, public: true, status: None, text: Some(&text) };
        timeline::add(write, &key, id, entry).await?;
        let mut request = row.request;
        request.booked_on = Some(day);
        let row = steps::save(write, request).await?;
        let event = Event::about(MOVE_BOOKING, &row).with(json!({ "closed_day": closed, "from": date }));
        Ok(Some((row, event)))
    }

    fn no_room(&self, count: usize) -> Error {
        let (place, th, en) = match self.move_to {
            Some(_) => ("/move_to", "ในวันที่ระบุ", "on this day"),
            None => ("/date", "ภายใน 90 วันข้างหน้า", "within the next 90 days"),
        };
        let violation = FieldCode::FullyBooked.because(
            format!("มีคำขอที่นัดไว้ {count} รายการซึ่งไม่มีคิวว่าง{th} จึงยังไม่ได้งดให้บริการและไม่ได้เลื่อนคำขอใด"),
            format!("{count} bookings have no free place {en}: nothing was closed or moved"),
        );
        FieldError::at(place, violation).into()
    }
}

fn too_many(count: usize) -> FieldError {
    let violation = FieldCode::TooManyAtOnce.because(
        format!("มีคำขอที่ต้องเลื่อน {count} รายการ เลื่อนได้ครั้งละไม่เกิน {MOST} รายการ โปรดงดให้บริการครั้งละน้อยวันลง"),
        format!("{count} bookings would move: {MOST} at most move at once, so close fewer days"),
    );
    FieldError::at("/date", violation)
}

/// The e-service of a day to close, which is of the officer's units and books days.
async fn service_of(write: &Write, input: &ClosedDayInput) -> Result<e_service::Model> {
    let (code, mut errors) = (&*input.e_service, Vec::new());
    if input.date > bangkok_day(write.now) + bookings::AHEAD {
        let (th, en) = ("ต้องไม่เกิน 90 วันข้างหน้า", "must be at most 90 days ahead");
        errors.push(FieldError::at("/date", FieldCode::OutOfReach.because(th, en)));
    }
    let found = e_service::Entity::find().filter(e_service::Column::Code.eq(code)).one(write).await?;
    let problem = match &found {
        None => Some(Known::<e_service::Entity>::read(write).await?.without(code)),
        Some(service) if !write.author.units.includes(Some(service.unit_id)) => Some(FieldCode::NotYourUnit.into()),
        Some(service) if service.capacity.is_none() => {
            Some(FieldCode::NotForThis.because("บริการนี้ไม่มีการนัดวัน", "must be an e-service that books days"))
        }
        Some(_) => None,
    };
    let is_fit = problem.is_none();
    errors.extend(problem.map(|problem| FieldError::at("/e_service", problem)));
    if let Some((service, day)) = found.as_ref().filter(|_| is_fit).zip(input.move_to) {
        let wrong =
            bookings::day_violation(service, Some(day), &deadline::calendar(write).await?, bangkok_day(write.now));
        errors.extend(wrong.map(|violation| FieldError::at("/move_to", violation)));
    }
    match found.filter(|_| errors.is_empty()) {
        Some(service) => Ok(service),
        None => Err(Error::in_body(errors)),
    }
}

fn booked_for(service: Uuid, day: NaiveDate) -> Condition {
    Condition::all().add(service_request::Column::EServiceId.eq(service)).add(service_request::Column::BookedOn.eq(day))
}

/// Requests that hold one of these days and are still to be done.
fn booked(days: Condition) -> Select<service_request::Entity> {
    service_request::Entity::find()
        .filter(days)
        .filter(service_request::Column::ClosedOn.is_null())
        .order_by_asc(service_request::Column::Id)
}

async fn ids(requests: Select<service_request::Entity>, write: &Write) -> Result<Vec<Uuid>> {
    Ok(requests.select_only().column(service_request::Column::Id).into_tuple().all(write).await?)
}
