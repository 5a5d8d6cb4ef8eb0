//! Clients as other clients see them.

use chrono::{DateTime, NaiveDate, Utc};
use entity::client::{Column, Entity, Model};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::super::units::{self, twice};
use super::store::Row;
use crate::auth::scope::{self, ScopeName};
use crate::domain::field_code::FieldCode;
use crate::domain::rule::Rules;
use crate::domain::text::Line;
use crate::domain::units::UnitCodes;
use crate::domain::working_days::bangkok_day;
use crate::http::list::{Filter, Tabular};
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};

/// A program that uses the API.
#[derive(Serialize, ToSchema)]
pub struct Client {
    /// The `client_id` of OAuth.
    pub id: Uuid,
    /// Name of the program, for people.
    #[schema(max_length = 200, example = "เว็บไซต์เทศบาล")]
    pub display_name: String,
    /// Scopes that its tokens can have.
    #[schema(value_type = Vec<Line<50>>, max_items = 50, example = json!(["measures:read"]))]
    pub scopes: Vec<String>,
    /// Units for which the program works.
    pub units: UnitCodes,
    /// Whether the client can get tokens.
    pub active: bool,
    /// Time at which its access expires; null if it does not.
    #[schema(required, example = json!(null))]
    pub expires_at: Option<DateTime<Utc>>,
    /// Day in Bangkok on which it last got a token; null if never. No time is given, because that of a website would
    /// reveal when a complaint was submitted.
    #[schema(required, example = json!(null))]
    pub last_used_on: Option<NaiveDate>,
    /// Time at which the record was created.
    pub created_at: DateTime<Utc>,
    /// Time of the last change of the record.
    pub updated_at: DateTime<Utc>,
}

/// The writable fields of a client.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "display_name": "เว็บไซต์เทศบาล", "scopes": ["measures:read"], "units": "all", "active": true, "expires_at": "2027-09-30T17:00:00Z",
}))]
pub struct ClientInput {
    /// Name of the program, for people.
    pub display_name: Line<200>,
    /// Scopes of the client. Its tokens have these scopes or fewer.
    #[schema(value_type = Vec<ScopeName>, min_items = 1, max_items = 50, example = json!(["measures:read"]))]
    pub scopes: Vec<Line<50>>,
    /// Units for which the program works, if one of its scopes depends on units.
    #[serde(default)]
    pub units: UnitCodes,
    /// Whether the client can get tokens. If set to `false`, existing tokens are revoked within seconds.
    #[serde(default = "active")]
    pub active: bool,
    /// Time at which its access expires; null if it does not.
    #[schema(example = "2027-09-30T17:00:00Z")]
    pub expires_at: Option<DateTime<Utc>>,
}

fn active() -> bool {
    true
}

impl Validate for ClientInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let depends_on_units = |scope: &Line<50>| scope::named(scope).is_some_and(scope::Row::is_of_units);
        let rules = Rules::default().require(!twice(&self.scopes), "scopes", FieldCode::Duplicate);
        units::check(rules, &self.units, self.scopes.iter().any(depends_on_units)).end()
    }
}

/// How a new secret replaces the previous ones.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretInput {
    /// Number of hours during which the previous secrets remain valid.
    #[serde(default = "a_day")]
    #[schema(minimum = 0, maximum = 720, example = 24)]
    pub overlap_hours: u16,
}

fn a_day() -> u16 {
    24
}

/// A new secret of a client.
#[derive(Serialize, ToSchema)]
pub struct Secret {
    /// Id of the secret, a UUIDv7.
    pub id: Uuid,
    /// Id of the client.
    pub client_id: Uuid,
    /// The secret. It is returned only here, because only its hash is stored.
    #[schema(max_length = 100, example = "prongsai_Zm9yIHRoZSBkb2N1bWVudCBhbG9uZSwgbm8gc2VjcmV0ISE")]
    pub secret: String,
    /// Time at which the previous secrets expire; null if there are none.
    #[schema(required, example = "2026-11-26T06:00:00Z")]
    pub others_end_at: DateTime<Utc>,
}

/// Which clients to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClientFilter {
    /// `true`: clients that can get tokens. `false`: all others.
    #[param(example = true)]
    pub active: Option<bool>,
    /// Clients whose name contains this text.
    #[param(inline, example = "เว็บไซต์")]
    pub q: Option<Line<100>>,
    /// Sort order. A minus sign reverses a field. By default by name.
    #[param(inline, explode = false, min_items = 1, max_items = 2, example = json!(["-created_at"]))]
    pub sort: Option<Vec<ClientSort>>,
}

type ClientSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "clients";
    const BY: &'static [(&'static str, Column)] =
        &[("created_at", Column::CreatedAt), ("updated_at", Column::UpdatedAt)];
}

impl Filter for ClientFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::Name, Order::Asc)])
    }
}

impl From<Row> for Client {
    fn from(row: Row) -> Self {
        let units = row.units();
        let Row { client, units: _, last_used_at } = row;
        let Model {
            id,
            name,
            scopes,
            all_units: _,
            active,
            expires_at,
            rights_version: _,
            version: _,
            created_at,
            updated_at,
        } = client;
        Self {
            id,
            display_name: name,
            scopes: scopes.0,
            units,
            active,
            expires_at,
            last_used_on: last_used_at.map(bangkok_day),
            created_at,
            updated_at,
        }
    }
}

impl From<&Row> for ClientInput {
    fn from(row: &Row) -> Self {
        let client = &row.client;
        Self {
            display_name: client.name.clone().into(),
            scopes: client.scopes.0.iter().cloned().map(Line::from).collect(),
            units: row.units(),
            active: client.active,
            expires_at: client.expires_at,
        }
    }
}

impl Tabular for Client {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |client| client.id.to_string().into()),
        ("display_name", |client| client.display_name.as_str().into()),
        ("scopes", |client| Cell::codes(client.scopes.iter().map(|name| Cell::stored(name, scope::code_of(name))))),
        ("units", |client| units::cell(&client.units)),
        ("active", |client| client.active.into()),
        ("expires_at", |client| client.expires_at.into()),
        ("last_used_on", |client| client.last_used_on.into()),
        ("created_at", |client| client.created_at.into()),
        ("updated_at", |client| client.updated_at.into()),
    ];
}
