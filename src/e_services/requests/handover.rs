//! The hand-over of a referred service request: `POST /v1/service-requests/{id}/handover-file`.

use actix_web::{HttpRequest, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::dto::ServiceRequest;
use super::store::Row;
use crate::auth::Actor;
use crate::auth::scope::ServiceRequestsHandle;
use crate::cases::Case;
use crate::cases::deadline::Today;
use crate::cases::handover::{self, Handover, HandoverInput};
use crate::error::{Error, Result};
use crate::http::body::Json;
use crate::http::download::Download;
use crate::http::params::Path;
use crate::http::route::Kind;
use crate::http::spool;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    config.service(create_service_request_handover);
}

/// Create the hand-over file of a service request
///
/// Returns a ZIP archive, encrypted with age for the public key of the authority that the request was referred to: the
/// record, the timeline, the files, a manifest with the SHA-256 of each, and an Ed25519 signature of the manifest. The
/// applicant is not included, but form, place and files are; what the office wrote for itself is with `include_internal`
/// alone, and pictures have no metadata without `include_originals`. The timeline (for
/// the office) and the audit log have the key and the SHA-256 of each file that was made. The file docs/handover.th.md of
/// the source describes how the authority opens and verifies it.
#[utoipa::path(
    tag = "service-requests",
    extensions(("x-kind" = json!([Kind::File]))),
    security(("bearer" = ["service-requests:handle"])),
    request_body = HandoverInput,
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404),
        (status = 409, description = "It was not referred, has no addressee yet, was destroyed, or changed meanwhile."),
    ),
)]
#[post("/v1/service-requests/{id}/handover-file")]
async fn create_service_request_handover(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    id: Path<Uuid>,
    request: HttpRequest,
    body: Json<HandoverInput>,
) -> Result<Download> {
    let row = app.cases.read::<Row>(id.0, &actor.author).await?;
    let today = Today::read(app.db.reader(), app.db.now()).await?;
    let record = ServiceRequest::open(&row, &app.cases.vault, &today)?;
    let handover = Handover {
        cases: &app.cases,
        signer: &app.audit.key,
        issuer: &app.auth.tokens.issuer,
        case: &row,
        reference: &row.request.reference,
        referral: row.request.referral.as_ref(),
        record: serde_json::to_value(&record).map_err(Error::internal)?,
        left_out: "`applicant` is not included; form, place and files are",
    };
    let (sealed, state) = (handover.seal(&body.value).await?, app.clone());
    let recorded = app.db.write(&actor.author, move |write| async move {
        let row = Row::lock(&write, id.0).await?;
        let event = handover::record(&state.cases, &write, row, &sealed).await?;
        write.commit([event], sealed)
    });
    let sealed = recorded.await?;
    let name = format!("{}.zip.age", row.request.reference);
    Ok(Download::whole("application/octet-stream", name, spool::send(sealed.file, sealed.size, &request)?))
}
