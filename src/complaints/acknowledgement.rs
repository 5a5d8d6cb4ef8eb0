//! Signed acknowledgements: that this service has received exactly these bytes at this time, as a signed note.

use actix_web::post;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use crate::crypto::signed_note::{self, Verifier};
use crate::domain::merkle::Hash;
use crate::domain::text::Lines;
use crate::error::Result;
use crate::http::body::Json;
use crate::http::response::WriteResponse;
use crate::http::route::Kind;
use crate::state::{App, State};

pub fn routes(config: &mut ServiceConfig) {
    config.service(verify_acknowledgement);
}

/// An acknowledgement to verify.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "acknowledgement": "prongsai/acknowledgements\nreference 7K3M-9Q2X\n..." }))]
struct AcknowledgementInput {
    /// The `acknowledgement` of a receipt, unchanged.
    acknowledgement: Lines<2000>,
}

/// The content of an acknowledgement. If it is not valid, all other fields are null.
#[derive(Default, Serialize, ToSchema)]
struct AcknowledgementVerification {
    /// Whether this service has signed it.
    #[schema(example = true)]
    valid: bool,
    /// Number of the complaint; null if the acknowledgement is not valid.
    #[schema(required, max_length = 20, example = "7K3M-9Q2X")]
    reference: Option<String>,
    /// Time at which this service received it; null if the acknowledgement is not valid.
    #[schema(required)]
    received_at: Option<DateTime<Utc>>,
    /// Day on which the complaint came, if an officer entered it on a later day; null otherwise.
    #[schema(required, example = json!(null))]
    received_on: Option<NaiveDate>,
    /// SHA-256 of the bytes that were sent, in base64; null if the acknowledgement is not valid.
    #[schema(required, max_length = 44, example = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    sha256: Option<String>,
}

/// Verify an acknowledgement
///
/// Checks whether this service signed the acknowledgement, and returns what it states. The complaint need not exist in
/// the database any more.
#[utoipa::path(
    tag = "complaints",
    extensions(("x-kind" = json!([Kind::Query]))),
    request_body = AcknowledgementInput,
    responses((status = 200, body = AcknowledgementVerification)),
)]
#[post("/v1/acknowledgements/verify")]
async fn verify_acknowledgement(app: State, body: Json<AcknowledgementInput>) -> Result<WriteResponse> {
    let verifier = Verifier::of(&app.audit.key, &name(&app));
    // Line ends that mail or an editor has changed are mended.
    let mut note = body.value.acknowledgement.replace("\r\n", "\n");
    if !note.ends_with('\n') {
        note.push('\n');
    }
    WriteResponse::done(&verifier.open(&note).ok().and_then(|text| read(&text)).unwrap_or_default())
}

/// States that these bytes were received at a time, and on which day before that the complaint came, if an officer says so.
pub fn sign(
    app: &App,
    reference: &str,
    (received_at, came_on): (DateTime<Utc>, Option<NaiveDate>),
    sent: &Hash,
) -> String {
    let (name, at) = (name(app), received_at.to_rfc3339_opts(SecondsFormat::Secs, true));
    let (sent, came_on) = (BASE64_STANDARD.encode(sent), came_on.map(|day| format!("{CAME_ON}{day}\n")));
    let came_on = came_on.unwrap_or_default();
    let text = format!("{name}\nreference {reference}\nreceived {at}\nsha256 {sent}\n{came_on}");
    signed_note::sign(&text, &name, &app.audit.key)
}

const CAME_ON: &str = "came on ";

/// Another name than the log's, so that no acknowledgement can be taken for a checkpoint.
fn name(app: &App) -> String {
    format!("{}/acknowledgements", app.auth.tokens.issuer)
}

fn read(text: &str) -> Option<AcknowledgementVerification> {
    let mut lines = text.lines().skip(1);
    let mut message = |what: &str| lines.next()?.strip_prefix(what).map(str::to_owned);
    Some(AcknowledgementVerification {
        valid: true,
        reference: Some(message("reference ")?),
        received_at: Some(message("received ")?.parse().ok()?),
        sha256: Some(message("sha256 ")?),
        received_on: message(CAME_ON).and_then(|day| day.parse().ok()),
    })
}
