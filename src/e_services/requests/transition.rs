//! The steps that can be sent, one alone or several in a batch.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::steps::Step;
use crate::cases::referral::ReferralInput;
use crate::cases::workflow::{self, OfficeAction};
use crate::domain::service_request::Action;
use crate::domain::text::{Line, Lines};

/// An action and its data. `assign` needs `assignee_id`. `forward` needs `unit`. `reschedule` needs `booked_on` and
/// `text`. `reject`, `refer`, `ask`, `pause`, `explain_delay`, `complete` and `reopen` need `text`. `refer` needs `referral`. `tell_result`
/// needs `told_on` and `text`. `ask` can have `answer_due_on`. `reopen` can have `booked_on`. `GET /v1/workflows/service-requests` lists
/// the statuses in which each is allowed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "action": "accept" }))]
pub struct ServiceRequestTransition {
    #[schema(inline)]
    pub action: OfficeAction<Action>,
    /// Reason, message or result that the applicant can read. With `assign` and `forward`, only the office can read it.
    #[schema(example = json!(null))]
    pub text: Option<Lines<10000>>,
    /// Id of the account of an officer. Only for `assign`.
    #[schema(example = json!(null))]
    pub assignee_id: Option<Uuid>,
    /// Code of the unit that handles the request from now on. Only for `forward`.
    #[schema(example = json!(null))]
    pub unit: Option<Line<50>>,
    /// Day to book, from `GET /v1/e-services/{code}/days`.
    #[schema(example = json!(null))]
    pub booked_on: Option<NaiveDate>,
    /// Day until which the applicant should answer. Only for `ask`.
    #[schema(example = json!(null))]
    pub answer_due_on: Option<NaiveDate>,
    /// Day on which the applicant was told. Only for `tell_result`.
    #[schema(example = json!(null))]
    pub told_on: Option<NaiveDate>,
    /// Where the request goes. Only for `refer`.
    #[schema(example = json!(null))]
    pub referral: Option<ReferralInput>,
}

impl Validate for ServiceRequestTransition {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let Self { action, text, assignee_id, unit, booked_on, answer_due_on, told_on, referral } = self;
        let (text, unit) = (text.is_some(), unit.is_some());
        let given = [
            ("text", text),
            ("assignee_id", assignee_id.is_some()),
            ("unit", unit),
            ("booked_on", booked_on.is_some()),
            ("answer_due_on", answer_due_on.is_some()),
            ("told_on", told_on.is_some()),
            ("referral", referral.is_some()),
        ];
        workflow::check(action.0, &given)
    }
}

impl From<ServiceRequestTransition> for Step {
    fn from(transition: ServiceRequestTransition) -> Self {
        let ServiceRequestTransition { action, text, assignee_id, unit, booked_on, answer_due_on, told_on, referral } =
            transition;
        let (text, unit) = (text.map(Lines::into_inner), unit.map(Line::into_inner));
        let referral = referral.map(Into::into);
        Self { action: action.0, text, assignee_id, unit, booked_on, answer_due_on, told_on, referral, rating: None }
    }
}

/// An action on one of several requests. Actions on the same request are taken in order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "id": "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11", "action": "accept" }))]
pub struct ServiceRequestStep {
    /// Id of the request.
    pub id: Uuid,
    #[schema(inline)]
    pub action: OfficeAction<Action>,
    /// Reason, message or result that the applicant can read. With `assign` and `forward`, only the office can read it.
    #[schema(example = json!(null))]
    pub text: Option<Lines<10000>>,
    /// Id of the account of an officer. Only for `assign`.
    #[schema(example = json!(null))]
    pub assignee_id: Option<Uuid>,
    /// Code of the unit that handles the request from now on. Only for `forward`.
    #[schema(example = json!(null))]
    pub unit: Option<Line<50>>,
    /// Day to book, from `GET /v1/e-services/{code}/days`.
    #[schema(example = json!(null))]
    pub booked_on: Option<NaiveDate>,
    /// Day until which the applicant should answer. Only for `ask`.
    #[schema(example = json!(null))]
    pub answer_due_on: Option<NaiveDate>,
    /// Day on which the applicant was told. Only for `tell_result`.
    #[schema(example = json!(null))]
    pub told_on: Option<NaiveDate>,
    /// Where the request goes. Only for `refer`.
    #[schema(example = json!(null))]
    pub referral: Option<ReferralInput>,
}

impl ServiceRequestStep {
    pub fn parts(self) -> (Uuid, ServiceRequestTransition) {
        let Self { id, action, text, assignee_id, unit, booked_on, answer_due_on, told_on, referral } = self;
        (id, ServiceRequestTransition { action, text, assignee_id, unit, booked_on, answer_due_on, told_on, referral })
    }
}

impl Validate for ServiceRequestStep {
    /// What its action needs is checked where it is taken: alone it fails alone.
    fn validate(&self) -> Result<(), ValidationErrors> {
        Ok(())
    }
}
