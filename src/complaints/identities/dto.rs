//! Requests for the identity of a reporter, as officers and custodians see them.

use chrono::{DateTime, Utc};
use entity::complaint::Kind;
use entity::identity_request::{Column, Entity, Status};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use crate::domain::field_code::FieldCode;
use crate::domain::identity::Action;
use crate::domain::name::Name;
use crate::domain::rule::Rules;
use crate::domain::text::Lines;
use crate::http::list::{Filter, Tabular};
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::revisions::Resource;

/// A request for the identity of a reporter.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "ต้องนัดผู้ร้องเรียนมาให้ถ้อยคำเป็นพยานต่อคณะกรรมการสอบสวน" }))]
pub struct IdentityRequestInput {
    /// Why the identity is needed. Custodians read it. The reporter sees only that a request was made, and when.
    pub reason: Lines<2000>,
}

/// A request for the identity of a reporter. Its texts are null once they are destroyed.
#[derive(Serialize, ToSchema)]
pub struct IdentityRequest {
    /// Id of the request, a UUIDv7.
    pub id: Uuid,
    /// Id of the complaint.
    pub complaint_id: Uuid,
    /// Number of the complaint, for inquiries.
    #[schema(max_length = 20, example = "7K3M-9Q2X")]
    pub reference: String,
    /// Kind of complaint.
    pub kind: Kind,
    /// Code of the complaint's category.
    #[schema(max_length = 50, example = "bribery")]
    pub category: String,
    /// Name of that category.
    pub category_name: Name,
    /// Why the identity is needed; null once it is destroyed.
    #[schema(required, max_length = 2000, example = "ต้องนัดผู้ร้องเรียนมาให้ถ้อยคำเป็นพยาน")]
    pub reason: Option<String>,
    /// Id of the account or client that made the request.
    #[schema(max_length = 100, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    pub requested_by_id: String,
    /// Name of the account or client that made the request; null if it is neither of this service.
    #[schema(required, max_length = 200, example = "สมชาย ใจดี")]
    pub requested_by_name: Option<String>,
    /// Time of the request.
    pub requested_at: DateTime<Utc>,
    /// Status of the request.
    pub status: Status,
    /// Id of the account of the custodian who decided; null before.
    #[schema(required, max_length = 100, example = json!(null))]
    pub decided_by_id: Option<String>,
    /// Name of that account; null before, and if it is not an account of this service.
    #[schema(required, max_length = 200, example = json!(null))]
    pub decided_by_name: Option<String>,
    /// Time at which it was approved or denied; null before.
    #[schema(required, example = json!(null))]
    pub decided_at: Option<DateTime<Utc>>,
    /// Answer of the custodian; null if there is none.
    #[schema(required, max_length = 2000, example = json!(null))]
    pub answer: Option<String>,
    /// Time at which an approval expires; null if there is no approval.
    #[schema(required, example = json!(null))]
    pub expires_at: Option<DateTime<Utc>>,
    /// Time at which the sealed identity was handed over; null before.
    #[schema(required, example = json!(null))]
    pub handed_over_at: Option<DateTime<Utc>>,
    /// The sealed identity as an age file in text form. Only the response to `hand_over` contains it, once; null
    /// otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 20000, example = "-----BEGIN AGE ENCRYPTED FILE-----\n...")]
    pub sealed_identity: Option<String>,
}

/// An action of a custodian. `deny` needs `text`. `hand_over` has no `text`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "action": "approve" }))]
pub struct IdentityRequestTransition {
    /// The action to take.
    pub action: Action,
    /// Answer of the custodian. Required for `deny`, not allowed for `hand_over`.
    #[schema(example = json!(null))]
    pub text: Option<Lines<2000>>,
}

impl Validate for IdentityRequestTransition {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let (needed, unknown) = (self.action == Action::Deny, self.action == Action::HandOver);
        Rules::default()
            .require(self.text.is_some() || !needed, "text", FieldCode::Needed)
            .require(self.text.is_none() || !unknown, "text", FieldCode::NotForThis)
            .end()
    }
}

/// Which requests to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IdentityRequestFilter {
    /// Requests with one of these statuses.
    #[param(inline, explode = false, min_items = 1, max_items = 5, example = json!(["pending"]))]
    pub status: Option<Vec<Status>>,
    /// Sort order. A minus sign reverses a field. By default oldest first.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["-requested_at"]))]
    pub sort: Option<Vec<IdentityRequestSort>>,
}

type IdentityRequestSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "identity requests";
    const BY: &'static [(&'static str, Column)] =
        &[("requested_at", Column::RequestedAt), ("decided_at", Column::DecidedAt), ("expires_at", Column::ExpiresAt)];
}

impl Filter for IdentityRequestFilter {
    type Entity = Entity;

    /// By id, which is by time: who has waited longest comes first.
    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[])
    }
}

impl Tabular for IdentityRequest {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |request| request.id.to_string().into()),
        ("reference", |request| request.reference.as_str().into()),
        ("kind", |request| Cell::code(request.kind)),
        ("category", |request| Cell::records(Resource::ComplaintCategories, [&request.category])),
        ("reason", |request| request.reason.as_deref().into()),
        ("requested_by_id", |request| request.requested_by_id.as_str().into()),
        ("requested_by_name", |request| request.requested_by_name.as_deref().into()),
        ("requested_at", |request| request.requested_at.into()),
        ("status", |request| Cell::code(request.status)),
        ("decided_by_id", |request| request.decided_by_id.as_deref().into()),
        ("decided_by_name", |request| request.decided_by_name.as_deref().into()),
        ("decided_at", |request| request.decided_at.into()),
        ("answer", |request| request.answer.as_deref().into()),
        ("expires_at", |request| request.expires_at.into()),
        ("handed_over_at", |request| request.handed_over_at.into()),
    ];
}
