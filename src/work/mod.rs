//! The day's work of officers, whatever the kind of case: the open cases at `/v1/work`, the colleagues whom they can be assigned to,
//! and handing over a desk.

mod colleagues;
mod dto;
mod filter;
mod handover;
mod store;

use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audit_log::append::Logged;
use crate::audit_log::author::UnitScope;
use crate::auth::Officer;
use crate::cases::{deadline, readings};
use crate::complaints::store::Row as Complaint;
use crate::domain::working_days::bangkok_day;
use crate::e_services::requests::store::Row as ServiceRequest;
use crate::error::Result;
use crate::http::list::{List, Paging};
use crate::http::response::ReadResponse;
use crate::state::{App, State};
use dto::{Day, WorkItem, WorkList};
use filter::WorkFilter;

pub fn routes(config: &mut ServiceConfig) {
    colleagues::routes(config);
    handover::routes(config);
    config.service(list_work);
}

/// List open cases
///
/// Lists the open complaints and service requests that the officer may see, the next due day first: complaints with the
/// scope `complaints:handle`, service requests with `service-requests:handle`, each of the units that the officer works
/// for. Complaints from which the officer is recused are neither listed nor counted. `counts` has the numbers of all
/// pages, for the same kinds and units. The list contains no texts, so that only an export is recorded in the audit log.
#[utoipa::path(
    tag = "work",
    security(("bearer" = ["complaints:handle"]), ("bearer" = ["service-requests:handle"])),
    params(WorkFilter, Paging),
    responses((status = 200, body = WorkList)),
)]
#[get("/v1/work")]
async fn list_work(app: State, officer: Officer, list: List<WorkFilter>) -> Result<ReadResponse> {
    let db = app.db.reader();
    list.filter.check(db).await?;
    // Nothing in the list was sealed, so listing is no reading of a case: as with the list of complaints.
    if list.is_table() {
        log_export(&app, &officer).await?;
    }
    let (today, calendar) = (bangkok_day(app.db.now()), deadline::calendar(db).await?);
    let day = Day { today, calendar, public_url: app.site.public_url.clone() };
    let selections = list.filter.selections(&officer, &day);
    let found = store::list(&app.db, &list, &officer, &selections).await?;
    let found = found.map(|row| WorkItem::of(row, &day));
    if list.is_table() {
        return list.table(found, "work", &[]).await;
    }
    let counts = store::counts(db, &list.filter, &officer, selections).await?;
    list.json_within(found, &[], |items, page| WorkList { items, page, counts })
}

async fn log_export(app: &App, officer: &Officer) -> Result<()> {
    for (author, resource) in
        [(&officer.complaints, Complaint::RESOURCE), (&officer.service_requests, ServiceRequest::RESOURCE)]
    {
        if author.units != UnitScope::Nothing {
            app.cases.read_many(readings::EXPORT, resource, author).await?;
        }
    }
    Ok(())
}
