//! Workflows as clients see them, and the steps that they send.

use entity::case_event::Side;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{__dev::ComposeSchema, ToSchema};
use validator::ValidationErrors;

use crate::domain::field_code::FieldCode;
use crate::domain::rule::Rules;
use crate::domain::text::Line;
use crate::domain::workflow::Action;

/// The statuses of a workflow, and the actions between them.
#[derive(Serialize, ToSchema)]
pub struct Workflow {
    /// All statuses.
    #[schema(max_items = 20)]
    statuses: Vec<WorkflowStatus>,
    /// All actions, and where they lead.
    #[schema(max_items = 20)]
    actions: Vec<WorkflowStep>,
}

/// A status of a workflow.
#[derive(Serialize, ToSchema)]
struct WorkflowStatus {
    /// Code of the status.
    #[schema(max_length = 30, example = "accepted")]
    status: String,
    /// Whether the case is closed in this status. A closed case can be reopened.
    #[schema(example = false)]
    closed: bool,
}

/// An action, where it leads, and its data.
#[derive(Serialize, ToSchema)]
struct WorkflowStep {
    /// Code of the action.
    #[schema(max_length = 30, example = "accept")]
    action: &'static str,
    /// Side that takes the action.
    side: Side,
    /// Whether the reporter or applicant can see it.
    #[schema(example = true)]
    public: bool,
    /// Required fields of the action.
    #[schema(value_type = Vec<Line<30>>, max_items = 10, example = json!(["text"]))]
    needs: &'static [&'static str],
    /// Optional fields of the action.
    #[schema(value_type = Vec<Line<30>>, max_items = 10, example = json!([]))]
    may_have: &'static [&'static str],
    /// From which status to which the action leads.
    #[schema(max_items = 20)]
    leads: Vec<WorkflowLink>,
}

/// A status, and the status to which an action leads from it.
#[derive(Serialize, ToSchema)]
struct WorkflowLink {
    /// Status before the action.
    #[schema(max_length = 30, example = "received")]
    from_status: String,
    /// Status after the action.
    #[schema(max_length = 30, example = "accepted")]
    to_status: String,
}

/// A workflow, whose statuses JSON has by these names.
pub fn describe<A: Action>(name: fn(A::Status) -> String) -> Workflow {
    let leads = |action: A| {
        let link = move |from: &A::Status| {
            Some(WorkflowLink { from_status: name(*from), to_status: name(action.after(*from)?) })
        };
        A::STATUSES.iter().filter_map(link).collect()
    };
    let step = |action: &A| WorkflowStep {
        action: action.name(),
        side: action.side(),
        public: action.is_public(),
        needs: action.needs(),
        may_have: action.may_have(),
        leads: leads(*action),
    };
    let status = |status: &A::Status| WorkflowStatus { status: name(*status), closed: A::is_closed(*status) };
    Workflow { statuses: A::STATUSES.iter().map(status).collect(), actions: A::ALL.iter().map(step).collect() }
}

/// A step that the office takes.
#[derive(Clone, Copy, Deserialize)]
pub struct OfficeAction<A>(pub A);

impl<A: Action> ComposeSchema for OfficeAction<A> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let ours = A::ALL.iter().filter(|action| action.side() == Side::Office).map(|action| action.name());
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("The action to take."))
            .enum_values(Some(ours))
            .examples(["accept"])
            .into()
    }
}

impl<A: Action> ToSchema for OfficeAction<A> {}

/// Whether what was given goes with a step, and nothing is missing.
pub fn check(action: impl Action, given: &[(&'static str, bool)]) -> Result<(), ValidationErrors> {
    let rules = given.iter().fold(Rules::default(), |rules, (field, given)| {
        let needed = action.needs().contains(field);
        let known = needed || action.may_have().contains(field);
        rules.require(*given || !needed, field, FieldCode::Needed).require(
            !given || known,
            field,
            FieldCode::NotForThis,
        )
    });
    rules.end()
}
