//! Closing a day, and moving what is booked for it.

use chrono::NaiveDate;
use entity::case_event::Side;
use entity::closed_day::{ActiveModel, Column, Entity, Model};
use entity::codes::Coded;
use entity::{e_service, service_request};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde_json::json;
use uuid::Uuid;

use super::dto::{ClosedDayInput, MovedBooking};
use super::store::{Row, find};
use crate::audit_log::append::Event;
use crate::cases::timeline::{self, Entry};
use crate::cases::vault::Vault;
use crate::cases::{Case, deadline};
use crate::db::Write;
use crate::domain::closed_day::{moved_text, spread};
use crate::domain::field_code::FieldCode;
use crate::domain::service_request::Action;
use crate::domain::working_days::bangkok_day;
use crate::e_services::requests::store::Row as RequestRow;
use crate::e_services::requests::{bookings, steps};
use crate::error::{Error, FieldError, Result};
use crate::references::Known;

/// A day that is closed, and whose bookings are to be moved.
pub struct Closing {
    day: Model,
    service: e_service::Model,
    move_to: Option<NaiveDate>,
}

impl Closing {
    /// Closes a day. Its bookings stay until [`finish`](Self::finish).
    pub async fn begin(write: &Write, input: ClosedDayInput) -> Result<Self> {
        let service = service_of(write, &input).await?;
        // Requests before their e-service, as steps of requests lock them, against deadlocks.
        ids(booked(service.id, input.date).lock_exclusive(), write).await?;
        bookings::hold(write, [service.id].into()).await?;
        let ClosedDayInput { e_service: _, date, part, reason, move_to } = input;
        let there = Entity::find().filter(Column::EServiceId.eq(service.id)).filter(Column::Date.eq(date));
        if there.filter(Column::Part.eq(part)).count(write).await? > 0 {
            let (th, en) = ("งดให้บริการช่วงนี้ของวันไว้แล้ว", "is closed already for this part of the day");
            return Err(FieldError::at("/date", FieldCode::AlreadyExists.because(th, en)).into());
        }
        let (id, reason) = (Uuid::now_v7(), reason.into_inner());
        let day = Model { id, e_service_id: service.id, date, part, reason, created_at: write.now };
        Entity::insert(ActiveModel::from(day.clone())).exec_without_returning(write).await?;
        Ok(Self { day, service, move_to })
    }

    /// Moves the bookings that the day has no place for any more. Returns them, and the events for the log.
    pub async fn finish(self, write: &Write, vault: &Vault) -> Result<(Row, Vec<MovedBooking>, Vec<Event>)> {
        let (mut moved, mut events) = (Vec::new(), vec![Event::about("create", &self.day)]);
        let bookings = self.displaced(write).await?;
        let days = self.days_for(write, bookings.len()).await?;
        for (id, day) in bookings.into_iter().zip(days) {
            let (booking, event) = self.rebook(write, vault, id, day).await?;
            moved.push(booking);
            events.push(event);
        }
        Ok((find(write, self.day.id).await?, moved, events))
    }

    /// Requests that the day has no place for any more: those that came last.
    async fn displaced(&self, write: &Write) -> Result<Vec<Uuid>> {
        let places = bookings::places_on(write, &self.service, self.day.date).await?;
        let over = usize::try_from(places.booked.saturating_sub(places.open)).map_err(Error::internal)?;
        // Ids are in the order of time.
        let mut ids = ids(booked(self.service.id, self.day.date), write).await?;
        Ok(ids.split_off(ids.len().saturating_sub(over)))
    }

    /// A day for each of so many bookings.
    async fn days_for(&self, write: &Write, count: usize) -> Result<Vec<NaiveDate>> {
        let (today, calendar) = (bangkok_day(write.now), deadline::calendar(write).await?);
        let is_meant = |day: NaiveDate| match self.move_to {
            Some(wanted) => day == wanted,
            None => day > self.day.date,
        };
        let places = bookings::places(write, &self.service, today).await?.into_iter();
        let free = places.filter(|(day, _)| is_meant(*day) && *day > today && calendar.is_working(*day));
        spread(count, &free.map(|(day, places)| (day, places.free())).collect()).map_err(|count| self.no_room(count))
    }

    async fn rebook(&self, write: &Write, vault: &Vault, id: Uuid, day: NaiveDate) -> Result<(MovedBooking, Event)> {
        let Model { id: closed, date, part, reason, .. } = &self.day;
        let row = RequestRow::lock_any(write, id).await?;
        let key = row.needed_key(vault)?;
        let (action, text) = (Action::Reschedule.code(), moved_text(*part, *date, day, reason));
        let entry = Entry { action, side: Side::Office, public: true, status: None, text: Some(&text) };
        timeline::add(write, &key, id, entry).await?;
        let mut request = row.request;
        request.booked_on = Some(day);
        let row = steps::save(write, request).await?;
        let event = Event::about(action, &row).with(json!({ "closed_day": closed, "from": date }));
        Ok((MovedBooking { id, reference: row.request.reference, booked_on: day }, event))
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
    errors.extend(problem.map(|problem| FieldError::at("/e_service", problem)));
    match found.filter(|_| errors.is_empty()) {
        Some(service) => Ok(service),
        None => Err(Error::in_body(errors)),
    }
}

/// Requests that hold a day of an e-service and are still to be done.
fn booked(service: Uuid, day: NaiveDate) -> Select<service_request::Entity> {
    service_request::Entity::find()
        .filter(service_request::Column::EServiceId.eq(service))
        .filter(service_request::Column::BookedOn.eq(day))
        .filter(service_request::Column::ClosedOn.is_null())
        .order_by_asc(service_request::Column::Id)
}

async fn ids(requests: Select<service_request::Entity>, write: &Write) -> Result<Vec<Uuid>> {
    Ok(requests.select_only().column(service_request::Column::Id).into_tuple().all(write).await?)
}
