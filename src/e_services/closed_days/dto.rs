//! Closed days as clients see them.

use chrono::{DateTime, NaiveDate, Utc};
use entity::closed_day::{Column, Entity, Part};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::store::Row;
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::name::Name;
use crate::domain::rule::Rules;
use crate::domain::text::Line;
use crate::domain::working_days::is_weekend;
use crate::http::list::{Filter, Tabular};
use crate::http::several::Codes;
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::revisions::Resource;

/// A day, or half of one, on which nothing is booked for an e-service.
#[derive(Serialize, ToSchema)]
pub struct ClosedDay {
    /// Id of the closed day, a UUIDv7.
    pub id: Uuid,
    /// Code of the e-service.
    #[schema(max_length = 50, example = "tree-cutting")]
    pub e_service: String,
    /// Name of that e-service.
    pub e_service_name: Name,
    /// The day.
    #[schema(example = "2024-04-22")]
    pub date: NaiveDate,
    /// Part of the day. Bookings have no time of day: half a day closes half of the places.
    pub part: Part,
    /// Reason, which applicants read.
    #[schema(max_length = 500, example = "ฝนตกหนัก")]
    pub reason: String,
    /// Time at which the record was created.
    pub created_at: DateTime<Utc>,
    /// The service requests of the caller's units whose booking was moved. Only in the response that closes the day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<MovedBooking>, required = false, max_items = 500)]
    pub moved: Option<Vec<MovedBooking>>,
    /// Number of service requests of other units whose booking was moved, such as those that were forwarded. Only in the
    /// response that closes the day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false, minimum = 0, maximum = 500, example = 0)]
    pub moved_of_other_units_count: Option<u64>,
}

impl ClosedDay {
    /// As it is closed.
    pub fn with(row: Row, moved: MovedBookings) -> Self {
        let MovedBookings { seen, others } = moved;
        Self { moved: Some(seen), moved_of_other_units_count: Some(others), ..Self::from(row) }
    }
}

/// A day to close for bookings of an e-service.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "e_service": "tree-cutting", "date": "2024-04-22", "reason": "ฝนตกหนัก" }))]
pub struct ClosedDayInput {
    /// Code of an e-service that books days.
    #[schema(example = "tree-cutting")]
    pub e_service: Line<50>,
    /// The day, at most 90 days ahead. What is still booked for a day that has passed is moved as well.
    #[schema(example = "2024-04-22")]
    pub date: NaiveDate,
    /// Part of the day. Bookings have no time of day: half a day closes half of the places, and the bookings that came
    /// last are moved.
    #[serde(default = "whole_day")]
    #[schema(example = "whole_day")]
    pub part: Part,
    /// Reason, which applicants read.
    #[schema(example = "ฝนตกหนัก")]
    pub reason: Line<500>,
    /// Day to which the bookings are moved: one after `date` that can be booked. Without it each goes to the next day that has a free place.
    #[schema(example = json!(null))]
    pub move_to: Option<NaiveDate>,
}

fn whole_day() -> Part {
    Part::WholeDay
}

impl Validate for ClosedDayInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let Self { date, move_to, .. } = self;
        // A holiday can have bookings from before it was one, which move when it is closed.
        let weekend = FieldCode::NotAWorkingDay.because(
            "วันเสาร์และวันอาทิตย์ไม่มีการนัดหมายอยู่แล้ว",
            "must not be a Saturday or Sunday: nothing is booked on them",
        );
        let too_early = FieldCode::OutOfReach.because("ต้องหลังวันที่งดให้บริการ", "must be after the day that is closed");
        Rules::default()
            .require(FiscalYear::of(*date).is_some(), "date", FieldCode::NotPlausible)
            .require(!is_weekend(*date), "date", weekend)
            .require(move_to.is_none_or(|day| day > *date), "move_to", too_early)
            .end()
    }
}

/// A service request whose booking was moved.
#[derive(Serialize, ToSchema)]
pub struct MovedBooking {
    /// Id of the request.
    pub id: Uuid,
    /// Number of the request, for inquiries.
    #[schema(max_length = 20, example = "7K3M-9Q2X")]
    pub reference: String,
    /// The day that is booked now.
    #[schema(example = "2024-04-23")]
    pub booked_on: NaiveDate,
}

/// What one closed day moves: requests that the officer may see, and how many others.
#[derive(Default)]
pub struct MovedBookings {
    seen: Vec<MovedBooking>,
    others: u64,
}

impl MovedBookings {
    pub fn add(&mut self, booking: MovedBooking, seen: bool) {
        if seen {
            self.seen.push(booking);
        } else {
            self.others += 1;
        }
    }
}

/// Which closed days to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClosedDayFilter {
    /// Closed days of the e-service with this code.
    #[param(inline, explode = false, example = json!(["tree-cutting"]))]
    pub e_service: Option<Codes>,
    /// Closed days on this day or later.
    #[param(example = "2024-04-01")]
    pub date_from: Option<NaiveDate>,
    /// Closed days on this day or earlier.
    #[param(example = "2024-04-30")]
    pub date_to: Option<NaiveDate>,
    /// Sort order. A minus sign reverses a field. By default earliest first.
    #[param(inline, explode = false, min_items = 1, max_items = 1, example = json!(["-date"]))]
    pub sort: Option<Vec<ClosedDaySort>>,
}

type ClosedDaySort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "closed days";
    const BY: &'static [(&'static str, Column)] = &[("date", Column::Date), ("created_at", Column::CreatedAt)];
}

impl Filter for ClosedDayFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::Date, Order::Asc)])
    }
}

impl From<Row> for ClosedDay {
    fn from(Row { day, service }: Row) -> Self {
        let entity::closed_day::Model { id, e_service_id: _, date, part, reason, created_at } = day;
        let e_service_name = service.name();
        Self {
            id,
            e_service: service.code,
            e_service_name,
            date,
            part,
            reason,
            created_at,
            moved: None,
            moved_of_other_units_count: None,
        }
    }
}

impl Tabular for ClosedDay {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |closed| closed.id.to_string().into()),
        ("e_service", |closed| Cell::records(Resource::EServices, [&closed.e_service])),
        ("date", |closed| closed.date.into()),
        ("part", |closed| Cell::code(closed.part)),
        ("reason", |closed| closed.reason.as_str().into()),
        ("created_at", |closed| closed.created_at.into()),
    ];
}
