//! The municipality itself: `/v1/agency`.

mod dto;
pub mod store;

use actix_web::{get, patch};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::AgencyWrite;
use crate::error::Result;
use crate::http::body::Patch;
use crate::http::etag::IfMatch;
use crate::http::response::{ReadResponse, WriteResponse};
use crate::revisions::Resource;
use crate::state::State;

pub use dto::{Agency, AgencyInput};

const DEPENDS_ON: &[Resource] = &[Resource::Agency, Resource::Units];

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_agency).service(update_agency);
}

/// Get the agency
///
/// Returns the name, address and contact of the municipality, as they appear in the titles of reports, and in `intake_units` the units
/// that complaints come to: one for corruption and misconduct, and one for all others and for feedback. A website shows them as two
/// channels.
#[utoipa::path(tag = "agency", responses((status = 200, body = Agency)))]
#[get("/v1/agency")]
async fn get_agency(app: State) -> Result<ReadResponse> {
    let at = app.db.revisions.snapshot();
    let row = store::find(app.db.reader()).await?;
    let etag = row.etag(at);
    ReadResponse::record(&Agency::from(row), etag, DEPENDS_ON)
}

/// Update the agency
///
/// Fields that are absent keep their value; `null` clears a field. The data appears at the head of every report. Figures of complaints
/// and service requests are of the days from `recorded_from` on, which must be after all periods of which figures are entered as reported
/// elsewhere. Figures of an instant use the day that was stated then: in the public's, which are of the last midnight, an earlier day
/// counts from the next midnight in Bangkok on. A later day, or none, counts at once. `first_answer_counted` is for
/// complaints that come in later, and so are `intake_units`: what has come in stays where it is.
#[utoipa::path(
    tag = "agency",
    security(("bearer" = ["agency:write"])),
    request_body(content = Patch<AgencyInput>, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, body = Agency),
        (status = 409, description = "Figures of periods that would be recorded are entered as reported elsewhere."),
    ),
)]
#[patch("/v1/agency")]
async fn update_agency(
    app: State,
    actor: Actor<AgencyWrite>,
    if_match: IfMatch,
    patch: Patch<AgencyInput>,
) -> Result<WriteResponse> {
    app.db
        .write(&actor.author, |write| async move {
            let row = store::lock(&write).await?;
            if_match.check(row.agency.version)?;
            let input = patch.onto(&AgencyInput::from(&row))?;
            let row = store::update(&write, row, input).await?;
            let (etag, event) = (row.etag(write.at), Event::about("update", &row.agency));
            let written = WriteResponse::changed(&Agency::from(row), etag)?;
            write.commit([event], written)
        })
        .await
}
