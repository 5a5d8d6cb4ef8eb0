//! Which service requests to list, and in which order.

use chrono::NaiveDate;
use entity::service_request::{Channel, Column, Entity, Status};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, Order};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::super::store::id_of;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::receipt::read_reference;
use crate::domain::text::Line;
use crate::http::list::Filter;
use crate::http::sort::{self, Sort, Sortable};
use crate::references;

/// Which service requests to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ServiceRequestFilter {
    /// Request with this number, in upper or lower case, with or without the hyphen.
    #[param(inline, example = "7K3M-9Q2X")]
    pub reference: Option<Line<100>>,
    /// Requests for the e-service with this code.
    #[param(max_length = 50, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "public-lighting")]
    pub e_service: Option<String>,
    /// Requests with one of these statuses.
    #[param(inline, explode = false, min_items = 1, max_items = 6, example = json!(["received", "accepted"]))]
    pub status: Option<Vec<Status>>,
    /// Requests that arrived through one of these channels.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["web"]))]
    pub channel: Option<Vec<Channel>>,
    /// Requests that the unit with this code handles.
    #[param(max_length = 50, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "public-works")]
    pub unit: Option<String>,
    /// Requests that this account handles.
    #[param(example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    pub assignee_id: Option<Uuid>,
    /// `true`: open requests that are past their deadline. `false`: all others.
    #[param(example = true)]
    pub overdue: Option<bool>,
    /// Requests of this fiscal year.
    #[param(inline, example = 2567)]
    pub fiscal_year: Option<FiscalYear>,
    /// Requests received on this day or later.
    #[param(example = "2024-04-01")]
    pub received_from: Option<NaiveDate>,
    /// Requests received on this day or earlier.
    #[param(example = "2024-04-30")]
    pub received_to: Option<NaiveDate>,
    /// Requests booked for this day or later.
    #[param(example = "2024-04-22")]
    pub booked_from: Option<NaiveDate>,
    /// Requests booked for this day or earlier.
    #[param(example = "2024-04-26")]
    pub booked_to: Option<NaiveDate>,
    /// Sort order. A minus sign reverses a field. By default newest first.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["received_at"]))]
    pub sort: Option<Vec<ServiceRequestSort>>,
}

type ServiceRequestSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "service requests";
    const BY: &'static [Column] = &[Column::ReceivedAt, Column::DueOn, Column::UpdatedAt];
}

impl Filter for ServiceRequestFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::ReceivedAt, Order::Desc)])
    }
}

impl ServiceRequestFilter {
    /// The rows that it means.
    pub fn matching(&self, today: NaiveDate) -> Condition {
        let Self {
            reference,
            e_service,
            status,
            channel,
            unit,
            assignee_id,
            overdue,
            fiscal_year,
            received_from,
            received_to,
            booked_from,
            booked_to,
            sort: _,
        } = self;
        let late = Condition::all().add(Column::ClosedOn.is_null()).add(Column::DueOn.lt(today));
        Condition::all()
            .add_option(reference.as_ref().map(|typed| Column::Reference.is_in(read_reference(typed))))
            .add_option(e_service.as_ref().map(|code| Column::EServiceId.in_subquery(id_of(code))))
            .add_option(status.as_ref().map(|status| Column::Status.is_in(status.iter().copied())))
            .add_option(channel.as_ref().map(|channel| Column::Channel.is_in(channel.iter().copied())))
            .add_option(unit.as_ref().map(|code| Column::UnitId.in_subquery(references::id_of(code))))
            .add_option(assignee_id.map(|id| Column::AssigneeId.eq(id)))
            .add_option(overdue.map(|overdue| if overdue { late } else { late.not() }))
            .add_option(fiscal_year.map(|year| Column::FiscalYear.eq(year.number())))
            .add_option(received_from.map(|from| Column::ReceivedOn.gte(from)))
            .add_option(received_to.map(|to| Column::ReceivedOn.lte(to)))
            .add_option(booked_from.map(|from| Column::BookedOn.gte(from)))
            .add_option(booked_to.map(|to| Column::BookedOn.lte(to)))
    }
}
