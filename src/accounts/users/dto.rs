//! Users as clients see them.

use chrono::{DateTime, Utc};
use entity::account::{Column, Entity, Model};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::super::units::{self, twice};
use super::store::Row;
use crate::auth::password;
use crate::auth::scope::Role;
use crate::domain::field_code::FieldCode;
use crate::domain::rule::Rules;
use crate::domain::text::Line;
use crate::domain::units::UnitCodes;
use crate::http::list::{Filter, Tabular};
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};

/// A person with an account.
#[derive(Serialize, ToSchema)]
pub struct User {
    /// Id of the account, a UUIDv7.
    pub id: Uuid,
    /// Login of the account.
    #[schema(max_length = 64, example = "somchai.j")]
    pub login: String,
    /// Name of the person.
    #[schema(max_length = 200, example = "สมชาย ใจดี")]
    pub display_name: String,
    /// Roles of the person.
    #[schema(max_items = 8)]
    pub roles: Vec<Role>,
    /// Units for which the person works.
    pub units: UnitCodes,
    /// Whether the person can log in.
    pub active: bool,
    /// Whether login requires a code of an authenticator app.
    pub has_second_factor: bool,
    /// Time at which the record was created.
    pub created_at: DateTime<Utc>,
    /// Time of the last change of the record.
    pub updated_at: DateTime<Utc>,
}

/// The writable fields of a user.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "login": "somchai.j", "display_name": "สมชาย ใจดี", "roles": ["editor"], "units": "all", "active": true,
}))]
pub struct UserInput {
    /// Login of the account: lower-case letters and digits, with `.`, `-` or `_` in between.
    #[schema(min_length = 2, max_length = 64, pattern = "^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$", example = "somchai.j")]
    pub login: String,
    /// Name of the person.
    pub display_name: Line<200>,
    /// Roles of the person.
    #[serde(default)]
    #[schema(max_items = 8)]
    pub roles: Vec<Role>,
    /// Units for which the person works, if one of the roles depends on units: editor, complaint_officer,
    /// service_officer.
    #[serde(default)]
    pub units: UnitCodes,
    /// Whether the person can log in. If set to `false`, existing tokens are revoked within seconds.
    #[serde(default = "active")]
    pub active: bool,
}

fn active() -> bool {
    true
}

impl Validate for UserInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let rules = Rules::default().require(!twice(&self.roles), "roles", FieldCode::Duplicate);
        units::check(rules, &self.units, self.roles.iter().any(|role| role.is_of_units())).end()
    }
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordInput {
    /// New password: 12 to 128 characters of any kind, and not one of the most common passwords.
    #[schema(min_length = 12, max_length = 1024, format = Password, example = "ปลาทูทอดกับน้ำพริกกะปิ")]
    pub password: String,
}

impl Validate for PasswordInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        check_password(Rules::default(), "password", &self.password).end()
    }
}

/// The rules for a new password that no schema can say.
pub fn check_password(rules: Rules, field: &'static str, password: &str) -> Rules {
    match password::violation(password) {
        Some(code) => rules.require(false, field, code),
        None => rules,
    }
}

/// Which users to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UserFilter {
    /// User with this login.
    #[param(max_length = 64, pattern = "^[a-z0-9._-]+$", example = "somchai.j")]
    pub login: Option<String>,
    /// `true`: users who can log in. `false`: disabled users.
    #[param(example = true)]
    pub active: Option<bool>,
    /// Users whose name or login contains this text.
    #[param(inline, example = "สมชาย")]
    pub q: Option<Line<100>>,
    /// Sort order. A minus sign reverses a field. By default by login.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["-updated_at"]))]
    pub sort: Option<Vec<UserSort>>,
}

type UserSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "users";
    const BY: &'static [(&'static str, Column)] =
        &[("login", Column::Login), ("created_at", Column::CreatedAt), ("updated_at", Column::UpdatedAt)];
}

impl Filter for UserFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::Login, Order::Asc)])
    }
}

impl From<Row> for User {
    fn from(row: Row) -> Self {
        let (roles, units) = (row.roles(), row.units());
        let Row { account, units: _, second_factor } = row;
        let Model {
            id,
            login,
            name,
            roles: _,
            all_units: _,
            active,
            guarded: _,
            rights_version: _,
            version: _,
            created_at,
            updated_at,
        } = account;
        Self {
            id,
            login,
            display_name: name,
            roles,
            units,
            active,
            has_second_factor: second_factor,
            created_at,
            updated_at,
        }
    }
}

impl From<&Row> for UserInput {
    fn from(row: &Row) -> Self {
        Self {
            login: row.account.login.clone(),
            display_name: row.account.name.clone().into(),
            roles: row.roles(),
            units: row.units(),
            active: row.account.active,
        }
    }
}

impl Tabular for User {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |user| user.id.to_string().into()),
        ("login", |user| user.login.as_str().into()),
        ("display_name", |user| user.display_name.as_str().into()),
        ("roles", |user| Cell::codes(user.roles.iter().copied().map(Cell::code))),
        ("units", |user| units::cell(&user.units)),
        ("active", |user| user.active.into()),
        ("has_second_factor", |user| user.has_second_factor.into()),
        ("created_at", |user| user.created_at.into()),
        ("updated_at", |user| user.updated_at.into()),
    ];
}
