//! Workflows as clients see them, and the steps that they send.

use entity::case_event::Side;
use entity::codes::{self, Code, Coded, Label};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{__dev::ComposeSchema, ToSchema};
use validator::ValidationErrors;

use crate::domain::field_code::FieldCode;
use crate::domain::rule::Rules;
use crate::domain::text::Line;
use crate::domain::workflow::{self, Action};

/// The statuses of a case, and the steps that lead from one to another.
#[derive(Serialize, ToSchema)]
pub struct Workflow {
    /// The statuses, in the order in which a case usually has them.
    #[schema(max_items = 20)]
    statuses: Vec<WorkflowStatus>,
    /// The steps.
    #[schema(max_items = 20)]
    actions: Vec<WorkflowStep>,
}

/// A status of a case.
#[derive(Serialize, ToSchema)]
struct WorkflowStatus {
    /// The code of the status.
    #[schema(max_length = 30, example = "accepted")]
    status: &'static str,
    /// The name of the status.
    label: Label,
    /// The meaning of the status.
    meaning: Label,
    /// Whether nothing more is done, unless it is reopened.
    #[schema(example = false)]
    closed: bool,
}

/// An action, where it leads, and its data.
#[derive(Serialize, ToSchema)]
struct WorkflowStep {
    /// The code of the step.
    #[schema(max_length = 30, example = "accept")]
    action: &'static str,
    /// The name of the step.
    label: Label,
    /// The meaning of the step.
    meaning: Label,
    /// The side that takes it.
    side: Side,
    /// Whether both sides see it.
    #[schema(example = true)]
    public: bool,
    /// Required fields of the action.
    #[schema(value_type = Vec<Line<30>>, max_items = 10, example = json!(["text"]))]
    needs: &'static [&'static str],
    /// Optional fields of the action.
    #[schema(value_type = Vec<Line<30>>, max_items = 10, example = json!([]))]
    may_have: &'static [&'static str],
    /// From which status to which it leads. What ends a wait leads to the status in which the wait began: one of several.
    #[schema(max_items = 20)]
    leads: Vec<WorkflowLink>,
}

/// A change of status.
#[derive(Serialize, ToSchema)]
struct WorkflowLink {
    /// The status before the step.
    #[schema(max_length = 30, example = "received")]
    from_status: &'static str,
    /// The status after the step.
    #[schema(max_length = 30, example = "accepted")]
    to_status: &'static str,
}

impl Workflow {
    pub fn of<A: Action>() -> Self {
        let leads = |action: A| {
            let links = |from: &A::Status| {
                let link = |to: A::Status| WorkflowLink { from_status: from.code(), to_status: to.code() };
                workflow::leads(action, *from).into_iter().map(link).collect::<Vec<_>>()
            };
            A::Status::ALL.iter().flat_map(links).collect()
        };
        let step = |action: &A| WorkflowStep {
            action: action.code(),
            label: action.label(),
            meaning: action.coded().meaning.clone(),
            side: action.side(),
            public: action.is_public(),
            needs: action.needs(),
            may_have: action.may_have(),
            leads: leads(*action),
        };
        let status = |status: &A::Status| WorkflowStatus {
            status: status.code(),
            label: status.label(),
            meaning: status.coded().meaning.clone(),
            closed: A::is_closed(*status),
        };
        Self { statuses: A::Status::ALL.iter().map(status).collect(), actions: A::ALL.iter().map(step).collect() }
    }
}

/// A step that the office takes in a transition.
#[derive(Clone, Copy, Deserialize)]
pub struct OfficeAction<A>(pub A);

impl<A: Action> ComposeSchema for OfficeAction<A> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let is_ours = |action: &&A| action.side() == Side::Office && !action.is_conversion();
        let ours = A::ALL.iter().filter(is_ours).map(|action| action.coded());
        codes::schema(&A::MEANING.en, ours)
    }
}

impl<A: Action> ToSchema for OfficeAction<A> {}

/// A status in which a case is closed that is entered afterwards.
#[derive(Deserialize)]
#[serde(bound = "A::Status: Deserialize<'de>")]
pub struct ClosedStatus<A: Action>(pub A::Status);

impl<A: Action> ComposeSchema for ClosedStatus<A> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        codes::schema(&A::Status::MEANING.en, ends::<A>())
    }
}

/// The statuses in which a case ends that is entered afterwards.
pub fn ends<A: Action>() -> Vec<&'static Code> {
    let is_end = |status: &&A::Status| A::closing(**status).is_some_and(|action| !action.is_conversion());
    A::Status::ALL.iter().filter(is_end).map(|status| status.coded()).collect()
}

impl<A: Action> ToSchema for ClosedStatus<A> {}

/// Whether what was given goes with a step, and nothing is missing.
pub fn check(action: impl Action, given: &[(&'static str, bool)]) -> Result<(), ValidationErrors> {
    rules(action, given).end()
}

/// The same, for more rules.
pub fn rules(action: impl Action, given: &[(&'static str, bool)]) -> Rules {
    given.iter().fold(Rules::default(), |rules, (field, given)| {
        let needed = action.needs().contains(field);
        let known = needed || action.may_have().contains(field);
        rules.require(*given || !needed, field, FieldCode::Needed).require(
            !given || known,
            field,
            FieldCode::NotForThis,
        )
    })
}
