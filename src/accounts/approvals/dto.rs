//! Approvals as clients see them.

use chrono::{DateTime, Utc};
use entity::user_approval::{Column, Entity, Model, Operation, Status};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::super::units::{self, twice};
use crate::auth::scope::Role;
use crate::domain::approval::{Action, by_now};
use crate::domain::field_code::FieldCode;
use crate::domain::rule::Rules;
use crate::domain::units::UnitCodes;
use crate::http::list::{Filter, Tabular};
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::references::Names;

/// An operation on a user that needs approval.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "operation": "set_rights", "roles": ["complaint_officer"], "units": ["legal"] }))]
pub struct UserApprovalInput {
    /// The operation that needs approval.
    pub operation: Operation,
    /// All roles that the user will have. Only for `set_rights`.
    #[schema(max_items = 8)]
    pub roles: Option<Vec<Role>>,
    /// Units for which the user will work. Only for `set_rights`.
    #[serde(default)]
    pub units: UnitCodes,
    /// Subject of the person whose link to the user is removed. Only for `unlink_subject`.
    #[schema(max_length = 170, pattern = "^oidc:[!-~]+$", example = json!(null))]
    pub subject: Option<String>,
}

impl Validate for UserApprovalInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let (roles, subject) = (self.roles.as_deref().unwrap_or_default(), &self.subject);
        let sets_rights = self.operation == Operation::SetRights;
        let unlinks = self.operation == Operation::UnlinkSubject;
        let rules = Rules::default()
            .require(self.roles.is_some() || !sets_rights, "roles", FieldCode::Needed)
            .require(self.roles.is_none() || sets_rights, "roles", FieldCode::NotForThis)
            .require(!twice(roles), "roles", FieldCode::Duplicate)
            .require(subject.is_some() || !unlinks, "subject", FieldCode::Needed)
            .require(subject.is_none() || unlinks, "subject", FieldCode::NotForThis);
        units::check(rules, &self.units, roles.iter().any(|role| role.is_of_units())).end()
    }
}

/// A request of an admin for an operation on a user that needs the approval of a second admin, and its outcome.
#[derive(Serialize, ToSchema)]
pub struct UserApproval {
    /// Id of the request, a UUIDv7.
    pub id: Uuid,
    /// Id of the account that the operation concerns.
    pub user_id: Uuid,
    /// Name of that account.
    #[schema(required, max_length = 200, example = "สมชาย ใจดี")]
    pub user_name: Option<String>,
    /// The operation that needs approval.
    pub operation: Operation,
    /// All roles that the user will have. Only for `set_rights`.
    #[schema(max_items = 8)]
    pub roles: Vec<Role>,
    /// Units for which the user will work. Only for `set_rights`.
    pub units: UnitCodes,
    /// Subject of the person whose link to the user is removed. Only for `unlink_subject`.
    #[schema(required, max_length = 170, example = json!(null))]
    pub subject: Option<String>,
    /// Id of the admin who made the request. Only this admin can perform the approved operation.
    pub requested_by_id: Uuid,
    /// Name of that admin.
    #[schema(required, max_length = 200, example = "สมศรี ใจดี")]
    pub requested_by_name: Option<String>,
    /// Time of the request.
    pub requested_at: DateTime<Utc>,
    /// Status of the request.
    pub status: Status,
    /// Id of the admin who approved, rejected or withdrew the request; null before.
    #[schema(required, example = json!(null))]
    pub decided_by_id: Option<Uuid>,
    /// Name of that admin; null before.
    #[schema(required, max_length = 200, example = json!(null))]
    pub decided_by_name: Option<String>,
    /// Time at which it was approved, rejected or withdrawn; null before.
    #[schema(required, example = json!(null))]
    pub decided_at: Option<DateTime<Utc>>,
    /// Time until which the request can be decided or, once approved, used.
    pub expires_at: DateTime<Utc>,
    /// Time at which the approved operation was done; null before.
    #[schema(required, example = json!(null))]
    pub used_at: Option<DateTime<Utc>>,
}

impl UserApproval {
    pub fn at(now: DateTime<Utc>, approval: Model, names: &Names) -> Self {
        let name = |id: Uuid| names.get(&id.to_string()).cloned();
        let Model {
            id,
            account_id,
            operation,
            roles,
            all_units,
            units,
            subject,
            requested_by,
            requested_at,
            status,
            decided_by,
            decided_at,
            account_version: _,
            expires_at,
            used_at,
            version: _,
        } = approval;
        Self {
            id,
            user_id: account_id,
            user_name: name(account_id),
            operation,
            roles: roles.0.iter().filter_map(|name| Role::named(name)).collect(),
            units: units::shown(all_units, &units),
            subject,
            requested_by_id: requested_by,
            requested_by_name: name(requested_by),
            requested_at,
            status: by_now(status, expires_at, now),
            decided_by_id: decided_by,
            decided_by_name: decided_by.and_then(name),
            decided_at,
            expires_at,
            used_at,
        }
    }
}

/// An action: `approve` or `reject` by another admin, `withdraw` by the admin who made the request.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "action": "approve" }))]
pub struct UserApprovalTransition {
    /// The action to take.
    pub action: Action,
}

/// Which approvals to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UserApprovalFilter {
    /// Approvals with one of these statuses.
    #[param(inline, explode = false, min_items = 1, max_items = 6, example = json!(["pending"]))]
    pub status: Option<Vec<Status>>,
    /// Sort order. A minus sign reverses a field. By default oldest first.
    #[param(inline, explode = false, min_items = 1, max_items = 2, example = json!(["-requested_at"]))]
    pub sort: Option<Vec<UserApprovalSort>>,
}

type UserApprovalSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "approvals";
    const BY: &'static [(&'static str, Column)] =
        &[("requested_at", Column::RequestedAt), ("expires_at", Column::ExpiresAt)];
}

impl Filter for UserApprovalFilter {
    type Entity = Entity;

    /// By id, which is by time: who has waited longest comes first.
    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[])
    }
}

impl Tabular for UserApproval {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |approval| approval.id.to_string().into()),
        ("user_id", |approval| approval.user_id.to_string().into()),
        ("user_name", |approval| approval.user_name.as_deref().into()),
        ("operation", |approval| Cell::code(approval.operation)),
        ("roles", |approval| Cell::codes(approval.roles.iter().copied().map(Cell::code))),
        ("units", |approval| units::cell(&approval.units)),
        ("provider_subject", |approval| approval.subject.as_deref().into()),
        ("requested_by_id", |approval| approval.requested_by_id.to_string().into()),
        ("requested_by_name", |approval| approval.requested_by_name.as_deref().into()),
        ("requested_at", |approval| approval.requested_at.into()),
        ("status", |approval| Cell::code(approval.status)),
        ("decided_by_id", |approval| approval.decided_by_id.map_or(Cell::Empty, |id| id.to_string().into())),
        ("decided_by_name", |approval| approval.decided_by_name.as_deref().into()),
        ("decided_at", |approval| approval.decided_at.into()),
        ("expires_at", |approval| approval.expires_at.into()),
        ("used_at", |approval| approval.used_at.into()),
    ];
}
