//! The life of a service request as data: `/v1/workflows/service-requests`.

use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::cases::workflow::Workflow;
use crate::domain::service_request::Action;
use crate::error::Result;
use crate::http::response::ReadResponse;

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_service_request_workflow);
}

/// Get the workflow of service requests
///
/// Returns the statuses, and the actions that the service allows in each of them.
#[utoipa::path(tag = "service-requests", responses((status = 200, body = Workflow)))]
#[get("/v1/workflows/service-requests")]
async fn get_service_request_workflow() -> Result<ReadResponse> {
    ReadResponse::json(&Workflow::of::<Action>(), &[])
}
