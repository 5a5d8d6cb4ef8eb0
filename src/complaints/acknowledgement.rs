//! Verifying the signed acknowledgements of both kinds of case.

use actix_web::post;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use crate::cases::acknowledgement::{Acknowledgement, Signer};
use crate::domain::text::Lines;
use crate::error::Result;
use crate::http::body::Json;
use crate::http::response::WriteResponse;
use crate::http::route::Kind;
use crate::state::State;

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
    /// Number of the case; null if the acknowledgement is not valid.
    #[schema(required, max_length = 20, example = "7K3M-9Q2X")]
    reference: Option<String>,
    /// Time at which this service received it; null if the acknowledgement is not valid.
    #[schema(required)]
    received_at: Option<DateTime<Utc>>,
    /// Day on which the case came, if an officer entered it on a later day; null otherwise.
    #[schema(required, example = json!(null))]
    received_on: Option<NaiveDate>,
    /// SHA-256 of the bytes that were sent, in base64; null if the acknowledgement is not valid.
    #[schema(required, max_length = 44, example = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    sha256: Option<String>,
    /// What it says in Thai; null if the acknowledgement is not valid, or an earlier one that says nothing in Thai.
    #[schema(
        required,
        max_length = 1000,
        example = "เทศบาลเมืองชัยนาทได้รับคำขอของท่านแล้ว เมื่อวันที่ 28 พฤศจิกายน 2569 เวลา 13.52 น. เลขรับเรื่อง 7K3M-9Q2X"
    )]
    statement: Option<String>,
}

/// Verify an acknowledgement
///
/// Checks whether this service signed the acknowledgement of a complaint or of a service request, and returns what it states. The
/// case need not exist in the database any more.
#[utoipa::path(
    tag = "complaints",
    extensions(("x-kind" = json!([Kind::Query]))),
    request_body = AcknowledgementInput,
    responses((status = 200, body = AcknowledgementVerification)),
)]
#[post("/v1/acknowledgements/verify")]
async fn verify_acknowledgement(app: State, body: Json<AcknowledgementInput>) -> Result<WriteResponse> {
    let signer = Signer::new(&app.audit.key, &app.auth.tokens.issuer);
    let found = signer.open(&body.value.acknowledgement);
    WriteResponse::done(&found.map(AcknowledgementVerification::from).unwrap_or_default())
}

impl From<Acknowledgement> for AcknowledgementVerification {
    fn from(found: Acknowledgement) -> Self {
        let Acknowledgement { reference, received_at, received_on, sha256, statement } = found;
        Self {
            valid: true,
            reference: Some(reference),
            received_at: Some(received_at),
            received_on,
            sha256: Some(sha256),
            statement,
        }
    }
}
