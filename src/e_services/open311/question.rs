//! Which requests are asked for.

use std::collections::BTreeSet;

use actix_web::HttpRequest;
use chrono::{DateTime, TimeDelta, Utc};
use entity::service_request::{Column, Status};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition, Iterable};

use super::super::requests::in_area;
use super::asked::{Asked, Page};
use super::requests::is_open;
use super::services::Offered;
use crate::domain::distance::Area;
use crate::domain::receipt::read_reference;
use crate::domain::working_days::bangkok_day;
use crate::error::Result;

/// Which requests are asked for, and how they are shown.
pub struct Question {
    which: Which,
    pub page: Page,
    pub extensions: bool,
}

enum Which {
    /// Whoever names ids wants these, whatever else is said.
    Ids(BTreeSet<String>),
    Those(Filters),
}

struct Filters {
    services: Option<Vec<String>>,
    statuses: Option<Vec<Status>>,
    received: Option<(DateTime<Utc>, DateTime<Utc>)>,
    updated_after: Option<DateTime<Utc>>,
    updated_before: Option<DateTime<Utc>>,
    area: Option<Area>,
}

impl Question {
    pub fn read(request: &HttpRequest, now: DateTime<Utc>) -> Result<Self> {
        let mut asked = Asked::of(request)?;
        let (page, extensions) = (asked.page(), asked.extensions());
        if let Some(ids) = asked.fields.listed("service_request_id") {
            let ids = ids.into_iter().filter_map(read_reference).collect();
            return Ok(Self { which: Which::Ids(ids), page, extensions });
        }
        let filters = Filters::read(&mut asked, now);
        asked.checked()?;
        Ok(Self { which: Which::Those(filters), page, extensions })
    }

    pub fn matching(&self, offered: &Offered) -> Condition {
        match &self.which {
            Which::Ids(ids) => Condition::all().add(Column::Reference.is_in(ids)),
            Which::Those(filters) => filters.matching(offered),
        }
    }
}

impl Filters {
    fn read(asked: &mut Asked, now: DateTime<Utc>) -> Self {
        let (updated_after, updated_before) = (asked.instant("updated_after"), asked.instant("updated_before"));
        let is_given = |name: &str| asked.fields.text(name).is_some();
        // Whoever asks for changes wants those of old requests as well.
        let any_time = (is_given("updated_after") || is_given("updated_before"))
            && !(is_given("start_date") || is_given("end_date"));
        let received = (!any_time).then(|| asked.period(now));
        let services = asked.fields.listed("service_code");
        let services = services.map(|codes| codes.into_iter().map(str::to_owned).collect());
        let named = asked.fields.listed("status");
        let named: Option<Vec<_>> = named.map(|names| names.into_iter().map(str::to_ascii_lowercase).collect());
        if named.iter().flatten().any(|name| !["open", "closed"].contains(&&**name)) {
            asked.refuse("status", "ต้องเป็น open หรือ closed", "must be open or closed");
        }
        let statuses = named.map(|names| {
            let is_named = |status: &Status| names.iter().any(|name| (name == "open") == is_open(*status));
            Status::iter().filter(is_named).collect()
        });
        let area = asked.area();
        Self { services, statuses, received, updated_after, updated_before, area }
    }

    fn matching(&self, offered: &Offered) -> Condition {
        let services = self.services.as_ref().map(|codes| {
            let wanted = offered.services.values().filter(|service| codes.contains(&service.code));
            Column::EServiceId.is_in(wanted.map(|service| service.id))
        });
        Condition::all()
            .add_option(self.received.map(|(from, to)| Column::ReceivedAt.between(from, to)))
            .add_option(services)
            .add_option(self.statuses.as_ref().map(|statuses| Column::Status.is_in(statuses.iter().copied())))
            .add_option(self.updated_after.map(changed_since))
            .add_option(self.updated_before.map(changed_until))
            .add_option(self.area.map(in_area))
    }
}

/// Requests whose `updated_datetime` is not before an instant. That of a closed one lies on the day of closing at the latest.
fn changed_since(instant: DateTime<Utc>) -> Condition {
    let closed = Column::ClosedOn.is_null().or(Column::ClosedOn.gte(bangkok_day(instant)));
    Condition::all().add(Column::UpdatedAt.gte(instant)).add(closed)
}

/// Requests whose `updated_datetime`, which has no parts of a second, is not after an instant.
fn changed_until(instant: DateTime<Utc>) -> Condition {
    let next = instant + TimeDelta::seconds(1);
    Condition::any().add(Column::UpdatedAt.lt(next)).add(Column::ClosedOn.lt(bangkok_day(next)))
}
