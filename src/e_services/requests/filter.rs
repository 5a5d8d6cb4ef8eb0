//! Which service requests to list, and in which order.

use chrono::{DateTime, NaiveDate, Utc};
use entity::service_request::{Channel, Column, Entity, Status};
use entity::{e_service, unit};
use sea_orm::sea_query::{Condition, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, Order};
use serde::Deserialize;
use utoipa::IntoParams;

use super::bookings::holding;
use crate::cases::due_days::holidays;
use crate::cases::search::SearchText;
use crate::domain::distance::{self, Area};
use crate::domain::field_code::FieldCode;
use crate::domain::place::Point;
use crate::domain::receipt::read_reference;
use crate::domain::text::Line;
use crate::error::{FieldError, Result};
use crate::http::list::Filter;
use crate::http::places::{self, Bbox, Near};
use crate::http::several::{Codes, FiscalYears, Ids};
use crate::http::sort::{self, Sort, Sortable};
use crate::references::{check_filter, ids_of};

/// Which service requests to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ServiceRequestFilter {
    /// Request with this number, in upper or lower case, with or without the hyphen.
    #[param(inline, example = "7K3M-9Q2X")]
    pub reference: Option<Line<100>>,
    /// Requests for the e-service with this code.
    #[param(inline, explode = false, example = json!(["public-lighting"]))]
    pub e_service: Option<Codes>,
    /// Requests with one of these statuses.
    #[param(inline, explode = false, min_items = 1, max_items = 9, example = json!(["received", "accepted"]))]
    pub status: Option<Vec<Status>>,
    /// Requests that arrived through one of these channels.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["web"]))]
    pub channel: Option<Vec<Channel>>,
    /// Requests that the unit with this code handles.
    #[param(inline, explode = false, example = json!(["public-works"]))]
    pub unit: Option<Codes>,
    /// Requests that this account handles.
    #[param(inline, explode = false, example = json!(["01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"]))]
    pub assignee_id: Option<Ids>,
    /// `true`: requests that are past their deadline and still open. `false`: all others.
    #[param(example = true)]
    pub overdue: Option<bool>,
    /// Open requests that are due on this day or later.
    #[param(example = "2024-04-22")]
    pub due_from: Option<NaiveDate>,
    /// Open requests that are due on this day or earlier.
    #[param(example = "2024-04-26")]
    pub due_to: Option<NaiveDate>,
    /// Records of this fiscal year.
    #[param(inline, explode = false, example = json!([2567]))]
    pub fiscal_year: Option<FiscalYears>,
    /// Records received on this day or later.
    #[param(example = "2024-04-01")]
    pub received_from: Option<NaiveDate>,
    /// Records received on this day or earlier.
    #[param(example = "2024-04-30")]
    pub received_to: Option<NaiveDate>,
    /// Requests booked for this day or later.
    #[param(example = "2024-04-22")]
    pub booked_from: Option<NaiveDate>,
    /// Requests booked for this day or earlier.
    #[param(example = "2024-04-26")]
    pub booked_to: Option<NaiveDate>,
    /// `true`: open requests that are booked for a day that has become a holiday. `false`: all others.
    #[param(example = true)]
    pub booked_on_holiday: Option<bool>,
    /// Records changed at this time or later.
    #[param(example = "2024-04-01T00:00:00Z")]
    pub updated_from: Option<DateTime<Utc>>,
    /// Records changed at this time or earlier.
    #[param(example = "2024-04-30T16:59:59Z")]
    pub updated_to: Option<DateTime<Utc>>,
    /// Duplicates of one of these requests.
    #[param(inline, explode = false, example = json!(["01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"]))]
    pub duplicate_of_id: Option<Ids>,
    /// `true`: cases on hold. `false`: all others.
    #[param(example = true)]
    pub on_hold: Option<bool>,
    /// Requests with this text in their number or in the description of their place. Digits alone, four or more, are
    /// looked for in the number and at the end of the applicant's telephone number. Places are encrypted, so a search of
    /// very many requests can return pages with fewer records than `limit`, and a text that is not digits alone is not
    /// taken together with `include_total`.
    #[param(inline, example = "วัดพระบรมธาตุ")]
    pub q: Option<SearchText>,
    /// Requests near this latitude and longitude (WGS 84, degrees), the nearest first, each with `distance_m`. Not
    /// together with `sort`.
    #[param(inline, example = "15.1858,100.1251")]
    pub near: Option<Near>,
    /// Metres from `near` at most; 1,000 without it.
    #[param(minimum = 1, maximum = 20000, example = 500)]
    pub radius: Option<i32>,
    /// Requests whose place, rounded to a thousandth of a degree, is between these edges: west, south, east, north (WGS
    /// 84, degrees).
    #[param(inline, example = "100.12,15.18,100.14,15.2")]
    pub bbox: Option<Bbox>,
    /// Sort order. A minus sign reverses a field. By default newest first.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["received_at"]))]
    pub sort: Option<Vec<ServiceRequestSort>>,
}

type ServiceRequestSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "service requests";
    const BY: &'static [(&'static str, Column)] = &[
        ("received_at", Column::ReceivedAt),
        ("completion_due_on", Column::DueOn),
        ("booked_on", Column::BookedOn),
        ("updated_at", Column::UpdatedAt),
    ];
}

impl Filter for ServiceRequestFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::ReceivedAt, Order::Desc)])
    }

    fn ranking(&self) -> Option<String> {
        self.near.as_ref().map(|near| format!(" near {near}"))
    }
}

/// Metres around a point, if nothing is said of them.
const RADIUS: i32 = 1000;

/// A point and what is around it.
#[derive(Clone, Copy)]
pub struct Vicinity {
    centre: Point,
    /// In metres.
    radius: f64,
}

impl Vicinity {
    fn area(self) -> Area {
        Area::around(self.centre, self.radius)
    }

    /// Metres to a point that is within.
    pub fn distance(self, point: Point) -> Option<i64> {
        let metres = distance::metres(self.centre, point);
        (metres <= self.radius).then(|| metres.round() as i64)
    }
}

pub fn in_area(area: Area) -> Condition {
    places::within(area, Column::Latitude, Column::Longitude)
}

impl ServiceRequestFilter {
    /// Refuses codes that are not there.
    pub async fn check(&self, db: &impl ConnectionTrait) -> Result<()> {
        let refused = |name, violation| Err(FieldError::parameter(name, violation).into());
        match (&self.near, self.radius, &self.sort) {
            (None, Some(_), _) => {
                return refused("radius", FieldCode::Needed.because("ใช้ร่วมกับ near เท่านั้น", "needs near"));
            }
            (Some(_), _, Some(_)) => return refused("sort", FieldCode::NotTogether.into()),
            _ => {}
        }
        self.vicinity()?;
        self.bbox.as_ref().map(Bbox::area).transpose()?;
        check_filter::<e_service::Entity>(db, "e_service", self.e_service.as_ref()).await?;
        check_filter::<unit::Entity>(db, "unit", self.unit.as_ref()).await
    }

    /// The rows that it means, but for what is written in them.
    pub fn matching(&self, today: NaiveDate) -> Condition {
        let Self {
            reference,
            e_service,
            status,
            channel,
            unit,
            assignee_id,
            overdue,
            due_from,
            due_to,
            fiscal_year,
            received_from,
            received_to,
            booked_from,
            booked_to,
            booked_on_holiday,
            updated_from,
            updated_to,
            duplicate_of_id,
            on_hold,
            q: _,
            near,
            radius: _,
            bbox,
            sort: _,
        } = self;
        let open = |due| Condition::all().add(Column::ClosedOn.is_null()).add(due);
        let late = open(Column::DueOn.lt(today)).add(Column::DueOn.is_not_null());
        let off = open(Column::BookedOn.in_subquery(holidays()));
        let on_holiday = |is_wanted: &bool| match is_wanted {
            true => off,
            false => Condition::any().add(off.not()).add(Column::BookedOn.is_null()),
        };
        Condition::all()
            .add_option(reference.as_ref().map(|typed| Column::Reference.is_in(read_reference(typed))))
            .add_option(
                e_service.as_ref().map(|codes| Column::EServiceId.in_subquery(ids_of::<e_service::Entity>(codes))),
            )
            .add_option(status.as_ref().map(|status| Column::Status.is_in(status.iter().copied())))
            .add_option(channel.as_ref().map(|channel| Column::Channel.is_in(channel.iter().copied())))
            .add_option(unit.as_ref().map(|codes| Column::UnitId.in_subquery(ids_of::<unit::Entity>(codes))))
            .add_option(assignee_id.as_ref().map(|ids| Column::AssigneeId.is_in(ids.ids())))
            .add_option(overdue.map(|overdue| if overdue { late } else { late.not() }))
            .add_option(due_from.map(|from| open(Column::DueOn.gte(from))))
            .add_option(due_to.map(|to| open(Column::DueOn.lte(to))))
            .add_option(fiscal_year.as_ref().map(|years| Column::FiscalYear.is_in(years.numbers())))
            .add_option(received_from.map(|from| Column::ReceivedOn.gte(from)))
            .add_option(received_to.map(|to| Column::ReceivedOn.lte(to)))
            .add_option(booked_from.map(|from| holding().and(Column::BookedOn.gte(from))))
            .add_option(booked_to.map(|to| holding().and(Column::BookedOn.lte(to))))
            .add_option(booked_on_holiday.as_ref().map(on_holiday))
            .add_option(updated_from.map(|from| Column::UpdatedAt.gte(from)))
            .add_option(updated_to.map(|to| Column::UpdatedAt.lte(to)))
            .add_option(duplicate_of_id.as_ref().map(|ids| Column::DuplicateOf.is_in(ids.ids())))
            .add_option(on_hold.map(|on_hold| Column::OnHold.eq(on_hold)))
            .add_option(near.as_ref().and_then(|_| self.vicinity().ok()?).map(|vicinity| in_area(vicinity.area())))
            .add_option(bbox.as_ref().and_then(|bbox| bbox.area().ok()).map(in_area))
    }

    /// Around which point they are to be.
    pub fn vicinity(&self) -> Result<Option<Vicinity>> {
        let Some(near) = &self.near else { return Ok(None) };
        Ok(Some(Vicinity { centre: near.point()?, radius: self.radius.unwrap_or(RADIUS).into() }))
    }
}
