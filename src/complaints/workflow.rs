//! The life of a complaint as data: `/v1/workflows/complaint`.

use actix_web::get;
use entity::case_event::Side;
use entity::complaint::Status;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::Read;
use crate::domain::complaint::{ACTIONS, Action, STATUSES, after, is_closed};
use crate::domain::text::Line;
use crate::error::Result;

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_complaint_workflow);
}

/// Which statuses there are, and which steps lead from one to another.
#[derive(Serialize, ToSchema)]
struct ComplaintWorkflow {
    #[schema(max_items = 20)]
    statuses: Vec<WorkflowStatus>,
    #[schema(max_items = 20)]
    actions: Vec<WorkflowStep>,
}

#[derive(Serialize, ToSchema)]
struct WorkflowStatus {
    status: Status,
    /// Whether nothing more is done, unless it is reopened.
    #[schema(example = false)]
    closed: bool,
}

/// A step, where it leads, and what goes with it.
#[derive(Serialize, ToSchema)]
struct WorkflowStep {
    action: Action,
    /// Who takes it.
    side: Side,
    /// Whether the reporter sees it.
    #[schema(example = true)]
    public: bool,
    /// Fields that must go with it.
    #[schema(value_type = Vec<Line<30>>, max_items = 10, example = json!(["text"]))]
    needs: Vec<&'static str>,
    /// Fields that may go with it.
    #[schema(value_type = Vec<Line<30>>, max_items = 10, example = json!([]))]
    may_have: Vec<&'static str>,
    #[schema(max_items = 20)]
    leads: Vec<WorkflowLink>,
}

#[derive(Serialize, ToSchema)]
struct WorkflowLink {
    from: Status,
    to: Status,
}

/// Read the workflow of complaints
///
/// Statuses and steps, as the service holds itself to them.
#[utoipa::path(tag = "complaints", responses((status = 200, body = ComplaintWorkflow)))]
#[get("/v1/workflows/complaint")]
async fn get_complaint_workflow() -> Result<Read> {
    let leads =
        |action| STATUSES.into_iter().filter_map(move |from| Some(WorkflowLink { from, to: after(action, from)? }));
    let step = |action: Action| WorkflowStep {
        action,
        side: action.side(),
        public: action.is_public(),
        needs: action.needs().to_vec(),
        may_have: action.may_have().to_vec(),
        leads: leads(action).collect(),
    };
    let workflow = ComplaintWorkflow {
        statuses: STATUSES.map(|status| WorkflowStatus { status, closed: is_closed(status) }).into(),
        actions: ACTIONS.map(step).into(),
    };
    Read::json(&workflow, &[])
}
