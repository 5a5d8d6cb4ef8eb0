//! Receiving complaints: `POST /v1/complaints`, from the public, and from officers for complaints in person, by letter
//! or by phone.

use actix_web::post;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::first_answer;
use super::input::ComplaintInput;
use super::store;
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::audit_log::checkpoint;
use crate::auth::Viewer;
use crate::auth::scope::{ComplaintsHandle, ComplaintsSubmit};
use crate::cases::acknowledgement::{Received, Signer, Subject};
use crate::cases::deadline::{Deadline, Today};
use crate::cases::guides::{self, ShownNotice};
use crate::cases::new_case::NewCase;
use crate::cases::{challenge, identity, paper, receipts};
use crate::domain::merkle::sha256;
use crate::domain::working_days::bangkok_day;
use crate::error::{Error, Result};
use crate::http::body::Json;
use crate::http::idempotency::write_once;
use crate::http::response::WriteResponse;
use crate::http::route::Kind;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    config.service(create_complaint);
}

/// The response to a new complaint. It is returned once.
#[derive(Serialize, ToSchema)]
struct Receipt {
    /// Number of the case, for inquiries. It gives no access.
    #[schema(max_length = 20, example = "7K3M-9Q2X")]
    reference: String,
    /// The only key to the complaint. Keep it secret. It is never returned again and cannot be replaced.
    #[schema(max_length = 60, example = "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S")]
    receipt: String,
    /// Day in Bangkok on which the complaint was received.
    #[schema(example = "2024-04-11")]
    received_on: NaiveDate,
    /// Time at which the complaint was received; null if only the day is known, because an officer enters it later.
    #[schema(required)]
    received_at: Option<DateTime<Utc>>,
    /// Day until which a first answer is promised.
    first_answer: Deadline,
    /// Notices that the sender was shown, with their versions; none if an officer entered the case.
    #[schema(max_items = 100)]
    notices: Vec<ShownNotice>,
    /// Checkpoint of the audit log of the previous day. A later log that is inconsistent with it was rewritten.
    #[schema(
        max_length = 1000,
        example = "prongsai\n128\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— prongsai ...\n"
    )]
    checkpoint: String,
    /// Signed statement of number, time and SHA-256 of what this service received, and of the day on which a complaint
    /// came that is entered later. Its last line says so in Thai, with the hour. Verify it with `POST /v1/acknowledgements/verify`.
    #[schema(max_length = 2000, example = "prongsai/acknowledgements\nreference 7K3M-9Q2X\n...")]
    acknowledgement: String,
}

/// Submit a complaint
///
/// Before somebody writes, show them the notices of `GET /v1/guides?occasion=intake,complaint_intake`: privacy, protection, what an
/// anonymous complaint needs, false reports. The complaint keeps which versions were in use.
///
/// Without `reporter`, the complaint is anonymous: nothing about the sender is stored. With `reporter`, the identity is
/// encrypted for the custodians at once, and the service cannot read it any more. The reporter sees who requests it.
/// Officers enter complaints that arrived through other channels: `received_on` is the day on which one came, from which
/// its deadlines run and by which it is counted. One that was answered or closed by then is entered with
/// `first_answered_on` and `closing`. The timeline shows who entered it and when.
///
/// Without a token that has `complaints:submit` or `complaints:handle`, first call `GET /v1/challenges` and send the
/// solution in `proof`, unless challenges are switched off. `Idempotency-Key` is required, with 16 random characters or
/// more. The same request with the same key returns the same response, including the receipt. Read the complaint with
/// the receipt at `POST /v1/complaints/lookup`.
#[utoipa::path(
    tag = "complaints",
    extensions(("x-kind" = json!([Kind::ComplaintIntake]))),
    security((), ("bearer" = ["complaints:submit"]), ("bearer" = ["complaints:handle"])),
    request_body = ComplaintInput,
    responses((status = 201, body = Receipt)),
)]
#[post("/v1/complaints")]
async fn create_complaint(
    app: State,
    officer: Viewer<ComplaintsHandle>,
    program: Viewer<ComplaintsSubmit>,
    body: Json<ComplaintInput, 128>,
) -> Result<WriteResponse> {
    let (mut input, key, sent) = body.require_key()?;
    let digest = sha256(&[&sent]);
    identity::wipe(sent);
    let errors = input.stated().errors(officer.author.as_ref(), bangkok_day(app.db.now()));
    if !errors.is_empty() {
        return Err(Error::in_body(errors));
    }
    let reference = receipts::reference()?;
    let sealed =
        input.reporter.take().map(|reporter| identity::seal(app.cases.custodians.as_ref(), &reference, reporter));
    let sealed = sealed.transpose()?;
    let checkpoint = checkpoint::for_everybody(app.db.reader(), &app.audit, app.db.now()).await?;
    let state = app.clone();
    let author = officer.author.or(program.author);
    let is_known = author.is_some();
    write_once(&app.db, &author.unwrap_or_else(Author::public), Some(key), move |write| async move {
        if !is_known {
            challenge::spend(&state.cases, &write, input.proof.as_ref()).await?;
        }
        let filing = state.cases.filing();
        let (new, filed_as) = (NewCase::stated(&write, &input.stated())?, (reference.clone(), sealed.is_none()));
        let (row, mut events) = store::insert(filing, &write, new, input, filed_as).await?;
        if let Some(sealed) = sealed {
            events.push(Event::about("seal", &identity::keep(&write, row.id(), sealed).await?));
        }
        let receipt = receipts::issue(&state.cases, &write, row.id()).await?;
        let complaint = &row.complaint;
        let (received_at, entered_at) = paper::times(complaint.received_at, complaint.entered_at);
        let came_on = complaint.entered_at.map(|_| complaint.received_on);
        let received =
            Received { subject: Subject::Complaint, reference: &reference, at: entered_at, came_on, sent: &digest };
        let answer = Receipt {
            receipt: receipt.text(),
            received_on: complaint.received_on,
            received_at,
            first_answer: first_answer(complaint, &Today::read(&write, write.now).await?),
            notices: guides::shown(&complaint.notices),
            checkpoint,
            acknowledgement: Signer::new(&state.audit.key, &state.auth.tokens.issuer).sign(&write, &received).await?,
            reference,
        };
        write.commit(events, WriteResponse::all_created(&answer)?)
    })
    .await
}
