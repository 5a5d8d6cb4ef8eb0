//! `/v1/challenges`: the proof of work of whoever has no token, for complaints and for requests that book a day.

use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::cases::challenge::{self, Challenge};
use crate::error::Result;
use crate::http::route::Kind;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_challenge);
}

/// Get a proof-of-work challenge
///
/// Needed to submit a complaint, or a service request that books a day, without a token. Find any text `solution` such
/// that SHA-256 of `<challenge>:<solution>` starts with at least `difficulty` zero bits, and send it as `proof`.
#[utoipa::path(
    tag = "challenges",
    extensions(("x-kind" = json!([Kind::Challenge]))),
    responses((status = 200, body = Challenge)),
)]
#[get("/v1/challenges")]
async fn get_challenge(app: State) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(challenge::issue(&app.cases)?))
}
