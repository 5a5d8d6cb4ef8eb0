//! Whom cases can be assigned to, and how many open ones each has: `/v1/colleagues`.

mod dto;
pub mod store;

use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audit_log::author::UnitScope;
use crate::auth::scope::{ComplaintsHandle, Scope, ServiceRequestsHandle, UsersRead};
use crate::auth::token::Claims;
use crate::auth::{Bearer, Officer, require_any};
use crate::error::Result;
use crate::http::list::{Items, List, Paging};
use crate::http::response::ReadResponse;
use crate::state::State;
use dto::{Colleague, ColleagueFilter};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_colleagues);
}

/// List colleagues
///
/// Lists the people to whom the officer can assign a case of their units, and those who cannot hold one any more but
/// still have one. `open_count` counts the open cases that the officer may see; complaints from which the officer is
/// recused are not counted. With `complaint` or `service_request`, only the people to whom this case can be assigned are
/// listed. With `users:read`, the people of all units and of both kinds of cases are listed, with their numbers and
/// nothing else about the cases.
#[utoipa::path(
    tag = "work",
    security(
        ("bearer" = ["complaints:handle"]),
        ("bearer" = ["service-requests:handle"]),
        ("bearer" = ["users:read"]),
    ),
    params(ColleagueFilter, Paging),
    responses((status = 200, body = Items<Colleague>), (status = 404)),
)]
#[get("/v1/colleagues")]
async fn list_colleagues(app: State, caller: Bearer, list: List<ColleagueFilter>) -> Result<ReadResponse> {
    let db = app.db.reader();
    let officer = reach(&caller.0)?;
    // Who looks after accounts sees no case that they do not handle.
    let of_case = store::of_case(db, &list.filter, &Officer::of(&caller.0)).await?;
    let accounts = of_case.unwrap_or_else(|| store::listed(&officer, list.filter.assignable));
    let found = store::list(&app.db, &list, accounts, &officer).await?;
    list.answer(found, "colleagues", &[]).await
}

/// Of which cases the people are listed.
fn reach(claims: &Claims) -> Result<Officer> {
    require_any(claims, &[ComplaintsHandle::NAME, ServiceRequestsHandle::NAME, UsersRead::NAME])?;
    let mut officer = Officer::of(claims);
    if claims.has(UsersRead::NAME) {
        officer.complaints.units = UnitScope::Everything;
        officer.service_requests.units = UnitScope::Everything;
    }
    Ok(officer)
}
