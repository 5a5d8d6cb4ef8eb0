//! Receiving service requests: `POST /v1/e-services/{code}/requests`, from the public, and from officers for requests
//! in person or by phone.

use actix_web::post;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::completion;
use super::input::ServiceRequestInput;
use super::store;
use crate::audit_log::author::Author;
use crate::audit_log::checkpoint;
use crate::auth::Viewer;
use crate::auth::scope::ServiceRequestsHandle;
use crate::cases::acknowledgement::{Received, Signer, Subject};
use crate::cases::deadline::{Deadline, Today};
use crate::cases::guides::{self, ShownNotice};
use crate::cases::new_case::NewCase;
use crate::cases::{paper, receipts};
use crate::domain::merkle::sha256;
use crate::error::Result;
use crate::http::body::Json;
use crate::http::idempotency::write_once;
use crate::http::params::Path;
use crate::http::response::WriteResponse;
use crate::http::route::Kind;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    config.service(create_service_request);
}

/// The response to a new service request. It is returned once.
#[derive(Serialize, ToSchema)]
struct ServiceRequestReceipt {
    /// Number of the case, for inquiries. It gives no access.
    #[schema(max_length = 20, example = "7K3M-9Q2X")]
    reference: String,
    /// The only key to the request. Keep it secret. It is never returned again and cannot be replaced.
    #[schema(max_length = 60, example = "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S")]
    receipt: String,
    /// Day in Bangkok on which the request was received.
    #[schema(example = "2024-04-11")]
    received_on: NaiveDate,
    /// Time at which the request was received; null if only the day is known, because an officer enters it later.
    #[schema(required)]
    received_at: Option<DateTime<Utc>>,
    /// Day until which completion is promised.
    completion: Deadline,
    /// Notices that the sender was shown, with their versions; none if an officer entered the case.
    #[schema(max_items = 100)]
    notices: Vec<ShownNotice>,
    /// Checkpoint of the audit log of the previous day. A later log that is inconsistent with it was rewritten.
    #[schema(
        max_length = 1000,
        example = "prongsai\n128\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— prongsai ...\n"
    )]
    checkpoint: String,
    /// Signed statement of number, time and SHA-256 of what this service received, and of the day on which a request
    /// came that is entered later. Its last line says so in Thai, with the hour. Verify it with `POST /v1/acknowledgements/verify`.
    #[schema(max_length = 2000, example = "prongsai/acknowledgements\nreference 7K3M-9Q2X\n...")]
    acknowledgement: String,
}

/// Submit a service request
///
/// Before somebody fills in the form, show them the notices of `GET /v1/guides?occasion=intake,service_request_intake`. The request
/// keeps which versions were in use.
///
/// `form` contains what the form of the e-service asks for. Errors in it use the titles of the form. Add files with the
/// receipt, at `POST /v1/service-requests/lookup/attachments`. `Idempotency-Key` is required, with 16 random characters
/// or more. The same request with the same key returns the same response, including the receipt. Officers enter
/// requests that arrived in person or by phone: `received_on` is the day on which one came, from which its deadline runs
/// and by which it is counted, and `closing` its end, if that was before it is entered. The timeline shows who entered it
/// and when.
///
/// A request that books a day requires `applicant` and, without a token, a solved challenge of `GET /v1/challenges` in
/// `proof`, unless challenges are switched off. The day becomes free again if no officer accepts the request within one
/// working day.
#[utoipa::path(
    tag = "service-requests",
    extensions(("x-kind" = json!([Kind::RequestIntake]))),
    security((), ("bearer" = ["service-requests:handle"])),
    request_body = ServiceRequestInput,
    responses(
        (status = 201, body = ServiceRequestReceipt),
        (status = 404),
        (status = 410, description = "The e-service was unpublished."),
    ),
)]
#[post("/v1/e-services/{code}/requests")]
async fn create_service_request(
    app: State,
    officer: Viewer<ServiceRequestsHandle>,
    code: Path<String>,
    body: Json<ServiceRequestInput>,
) -> Result<WriteResponse> {
    let (input, key, sent) = body.require_key()?;
    let digest = sha256(&[&sent]);
    let checked = store::check(&app.db, app.cases.boundary.as_ref(), &code.0, input, officer.author.as_ref()).await;
    let author = officer.author.unwrap_or_else(Author::public);
    let draft = match checked {
        Ok(draft) => draft,
        // What was taken once is answered as it was then, whatever has changed since.
        Err(error) => return key.first_response(&app.db, &author).await?.ok_or(error)?.response(),
    };
    let checkpoint = checkpoint::for_everybody(app.db.reader(), &app.audit, app.db.now()).await?;
    let state = app.clone();
    write_once(&app.db, &author, Some(key), move |write| async move {
        draft.spend_challenge(&state.cases, &write).await?;
        let new = NewCase::stated(&write, &draft.stated())?;
        let (row, events) = store::insert(state.cases.filing(), &write, new, draft).await?;
        let receipt = receipts::issue(&state.cases, &write, row.id()).await?;
        let (received_at, entered_at) = paper::times(row.request.received_at, row.request.entered_at);
        let received = Received {
            subject: Subject::ServiceRequest,
            reference: &row.request.reference,
            at: entered_at,
            came_on: row.request.entered_at.map(|_| row.request.received_on),
            sent: &digest,
        };
        let answer = ServiceRequestReceipt {
            acknowledgement: Signer::new(&state.audit.key, &state.auth.tokens.issuer).sign(&write, &received).await?,
            receipt: receipt.text(),
            received_on: row.request.received_on,
            received_at,
            completion: completion(&row.request, &Today::read(&write, write.now).await?),
            notices: guides::shown(&row.request.notices),
            checkpoint,
            reference: row.request.reference.clone(),
        };
        write.commit(events, WriteResponse::all_created(&answer)?)
    })
    .await
}
