//! The life of a complaint as data: `/v1/workflows/complaints`.

use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::cases::workflow::Workflow;
use crate::domain::complaint::Action;
use crate::error::Result;
use crate::http::response::ReadResponse;

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_complaint_workflow);
}

/// Get the workflow of complaints
///
/// Returns the statuses, and the actions that the service allows in each of them.
#[utoipa::path(tag = "complaints", responses((status = 200, body = Workflow)))]
#[get("/v1/workflows/complaints")]
async fn get_complaint_workflow() -> Result<ReadResponse> {
    ReadResponse::json(&Workflow::of::<Action>(), &[])
}
