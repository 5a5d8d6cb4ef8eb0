//! Which requests are asked for.

use actix_web::HttpRequest;
use chrono::{DateTime, TimeDelta, Utc};
use entity::service_request::{Column, Status};
use sea_orm::{ColumnTrait, Condition, Iterable};

use super::fields::Fields;
use super::requests::is_open;
use super::services::Offered;
use crate::domain::dates::{self, is_instant};
use crate::domain::field_code::FieldCode;
use crate::domain::receipt::read_reference;
use crate::error::{Error, FieldError, Result};

/// Requests on a page at most, and days between the first and the last.
const MOST: u64 = 1000;
const LONGEST: TimeDelta = TimeDelta::days(90);

/// Which requests are asked for.
pub struct Question {
    ids: Option<Vec<String>>,
    services: Option<Vec<String>>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    statuses: Option<Vec<String>>,
    pub page: u64,
    pub page_size: u64,
    pub extensions: bool,
}

impl Question {
    pub fn read(request: &HttpRequest, now: DateTime<Utc>) -> Result<Self> {
        let asked = Fields::read(request.query_string().as_bytes())?;
        let mut errors = Vec::new();
        let mut instant = |name: &str| {
            let text = asked.text(name)?;
            if !is_instant(text) {
                errors.push(FieldError::parameter(name, dates::violation(text, "date-time")));
                return None;
            }
            DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc))
        };
        let (start, end) = (instant("start_date"), instant("end_date"));
        let mut wrong = |name: &str, th: &'static str, en: &'static str| {
            errors.push(FieldError::parameter(name, FieldCode::BadFormat.because(th, en)));
        };
        let mut number = |name: &str, otherwise: u64, most: u64| match asked.text(name).map(str::parse) {
            None => otherwise,
            Some(Ok(number)) if (1..=most).contains(&number) => number,
            Some(_) => {
                wrong(name, "ต้องเป็นจำนวนเต็มบวกในขอบเขต", "must be a positive number within its limit");
                1
            }
        };
        let (page, page_size) = (number("page", 1, 1_000_000), number("page_size", MOST, MOST));
        let [ids, services, statuses] = ["service_request_id", "service_code", "status"].map(|name| asked.listed(name));
        if statuses.iter().flatten().any(|status| !["open", "closed"].contains(&&**status)) {
            wrong("status", "ต้องเป็น open หรือ closed", "must be open or closed");
        }
        if ids.as_ref().is_some_and(|ids| ids.len() as u64 > MOST) {
            wrong("service_request_id", "ระบุได้ไม่เกิน 1,000 รายการ", "may name 1,000 at most");
        }
        let extensions = asked.text("extensions").map_or(Ok(false), str::parse);
        if extensions.is_err() {
            wrong("extensions", "ต้องเป็น true หรือ false", "must be true or false");
        }
        let (from, to) = period(start, end, now);
        if to < from && end.is_some() {
            wrong("end_date", "ต้องไม่ก่อน start_date", "must not be before start_date");
        }
        if to.signed_duration_since(from) > LONGEST {
            wrong("end_date", "ช่วงเวลาต้องไม่เกิน 90 วัน", "must not be more than 90 days after start_date");
        }
        if !errors.is_empty() {
            return Err(Error::in_parameters(errors));
        }
        let extensions = extensions.unwrap_or_default();
        Ok(Self { ids, services, from, to, statuses, page, page_size, extensions })
    }

    /// Whoever names ids wants these, whatever else is said.
    pub fn matching(&self, offered: &Offered) -> Condition {
        if let Some(ids) = &self.ids {
            return Condition::all().add(Column::Reference.is_in(ids.iter().filter_map(|id| read_reference(id))));
        }
        let services = self.services.as_ref().map(|codes| {
            let wanted = offered.services.values().filter(|service| codes.contains(&service.code));
            Column::EServiceId.is_in(wanted.map(|service| service.id))
        });
        let statuses = self.statuses.as_ref().map(|named| {
            let is_named = |status: &Status| named.iter().any(|name| (name == "open") == is_open(*status));
            Column::Status.is_in(Status::iter().filter(is_named).collect::<Vec<_>>())
        });
        Condition::all().add(Column::ReceivedAt.between(self.from, self.to)).add_option(services).add_option(statuses)
    }
}

/// The period of a query. If one end is missing, the period has the greatest length allowed.
fn period(
    start: Option<DateTime<Utc>>,
    end: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> (DateTime<Utc>, DateTime<Utc>) {
    match (start, end) {
        (Some(start), Some(end)) => (start, end),
        (Some(start), None) => (start, now.min(start.checked_add_signed(LONGEST).unwrap_or(now))),
        (None, end) => {
            let end = end.unwrap_or(now);
            (end.checked_sub_signed(LONGEST).unwrap_or(end), end)
        }
    }
}
