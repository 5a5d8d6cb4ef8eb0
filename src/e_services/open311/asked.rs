//! What stands behind the question mark of a list: instants, numbers, pages.

use actix_web::HttpRequest;
use chrono::{DateTime, TimeDelta, Utc};

use super::fields::Fields;
use super::instants;
use crate::domain::dates::{self, is_instant};
use crate::domain::distance::Area;
use crate::domain::field_code::FieldCode;
use crate::error::{Error, FieldError, Result};
use crate::http::places;

/// Parameters that have one value.
const SINGLE: [&str; 8] =
    ["bbox", "start_date", "end_date", "updated_after", "updated_before", "page", "page_size", "extensions"];

/// Records on a page at most.
const MOST: u64 = 1000;

/// Between the ends of a period at most, which is also how long it is if one of them is not given.
const LONGEST: TimeDelta = TimeDelta::days(90);

/// The parameters of a list, and what is wrong with those that were read. All others are ignored.
pub struct Asked {
    pub fields: Fields,
    errors: Vec<FieldError>,
}

/// Part of a list.
pub struct Page {
    pub skipped: u64,
    pub size: u64,
}

impl Asked {
    pub fn of(request: &HttpRequest) -> Result<Self> {
        let fields = Fields::read(request.query_string().as_bytes())?;
        let errors = fields.repeated(&SINGLE);
        Ok(Self { fields, errors })
    }

    /// What is wrong with what was read.
    pub fn checked(self) -> Result<()> {
        if self.errors.is_empty() { Ok(()) } else { Err(Error::in_parameters(self.errors)) }
    }

    pub fn refuse(&mut self, name: &str, th: &'static str, en: &'static str) {
        self.errors.push(FieldError::parameter(name, FieldCode::BadFormat.because(th, en)));
    }

    pub fn instant(&mut self, name: &str) -> Option<DateTime<Utc>> {
        let text = instants::completed(self.fields.text(name)?);
        if !is_instant(&text) {
            self.errors.push(FieldError::parameter(name, dates::violation(&text, "date-time")));
            return None;
        }
        DateTime::parse_from_rfc3339(&text).ok().map(|at| at.with_timezone(&Utc))
    }

    /// The area that requests are to be in, by their rounded points: an extension.
    pub fn area(&mut self) -> Option<Area> {
        let area = places::area(self.fields.text("bbox")?);
        area.map_err(|violation| self.errors.push(FieldError::parameter("bbox", violation))).ok()
    }

    fn number(&mut self, name: &str, otherwise: u64, most: u64) -> u64 {
        match self.fields.text(name).map(str::parse) {
            None => otherwise,
            Some(Ok(number)) if (1..=most).contains(&number) => number,
            Some(_) => {
                self.refuse(name, "ต้องเป็นจำนวนเต็มบวกในขอบเขต", "must be a positive number within its limit");
                otherwise
            }
        }
    }

    pub fn page(&mut self) -> Page {
        let (page, size) = (self.number("page", 1, 1_000_000), self.number("page_size", MOST, MOST));
        Page { skipped: (page - 1) * size, size }
    }

    /// From `start_date` to `end_date`; of the greatest length where one of them is not given.
    pub fn period(&mut self, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let (start, end) = (self.instant("start_date"), self.instant("end_date"));
        let (from, to) = match (start, end) {
            (Some(start), Some(end)) => (start, end),
            (Some(start), None) => (start, now.min(start.checked_add_signed(LONGEST).unwrap_or(now))),
            (None, end) => {
                let end = end.unwrap_or(now);
                (end.checked_sub_signed(LONGEST).unwrap_or(end), end)
            }
        };
        if to < from && end.is_some() {
            self.refuse("end_date", "วันสิ้นสุดต้องไม่ก่อนวันเริ่มต้น", "must not be before start_date");
        }
        if to.signed_duration_since(from) > LONGEST {
            self.refuse("end_date", "ช่วงเวลาต้องไม่เกิน 90 วัน", "must not be more than 90 days after start_date");
        }
        (from, to)
    }

    /// Whether a request is shown with `extended_attributes`.
    pub fn extensions(&mut self) -> bool {
        match self.fields.text("extensions").map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0") => false,
            Some("true" | "1") => true,
            Some(_) => {
                self.refuse("extensions", "ต้องเป็น true หรือ false", "must be true or false");
                false
            }
        }
    }
}
