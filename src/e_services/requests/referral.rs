//! The addressee of a service request that was referred: `PATCH /v1/service-requests/{id}/referral`.

use actix_web::patch;
use entity::service_request::{Model, Status};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::dto::ServiceRequest;
use super::steps;
use super::store::Row;
use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::ServiceRequestsHandle;
use crate::cases::Case;
use crate::cases::deadline::Today;
use crate::cases::referral::{self, ReferralChangeInput};
use crate::domain::timeline::ADDRESS_REFERRAL;
use crate::error::Result;
use crate::http::body::Patch;
use crate::http::etag::IfMatch;
use crate::http::params::Path;
use crate::http::response::WriteResponse;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    config.service(update_service_request_referral);
}

/// Update the addressee of a referred service request
///
/// Adds or corrects the authority that the request was referred to, and the number and the day of the letter. The
/// applicant reads the authority and the day. `If-Match` is the ETag of the request.
#[utoipa::path(
    tag = "service-requests",
    security(("bearer" = ["service-requests:handle"])),
    request_body(content = Patch<ReferralChangeInput>, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, body = ServiceRequest),
        (status = 404),
        (status = 409, description = "It was not referred, or was destroyed."),
    ),
)]
#[patch("/v1/service-requests/{id}/referral")]
async fn update_service_request_referral(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    id: Path<Uuid>,
    if_match: IfMatch,
    patch: Patch<ReferralChangeInput>,
) -> Result<WriteResponse> {
    let state = app.clone();
    app.db
        .write(&actor.author, move |write| async move {
            let row = Row::lock(&write, id.0).await?;
            if_match.check(row.version())?;
            let input = patch.onto(&row.request.referral.as_ref().into())?;
            if row.request.status != Status::Referred {
                return Err(referral::not_referred());
            }
            row.refuse_named(&write).await?;
            let key = row.needed_key(&state.cases.vault)?;
            let (before, after) = (row.request.referral.as_ref(), input.referral()?);
            let is_new = before != Some(&after);
            let row = if is_new {
                let referral =
                    referral::corrected(&write, &key, (id.0, row.request.received_on), (before, after)).await?;
                steps::save(&write, Model { referral, ..row.request }).await?
            } else {
                row
            };
            let today = Today::read(&write, write.now).await?;
            let written =
                WriteResponse::changed(&ServiceRequest::open(&row, &state.cases.vault, &today)?, row.etag(write.at))?;
            if is_new { write.commit([Event::about(ADDRESS_REFERRAL, &row)], written) } else { Ok(written) }
        })
        .await
}
