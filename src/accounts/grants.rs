//! What an account's roles give it, and the answer that holds its tokens.

use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;

use super::units;
use super::users::store::Row;
use crate::auth::scope::Role;
use crate::auth::token::{Grant, LIFETIME};
use crate::db;
use crate::domain::text::Line;
use crate::error::Result;
use crate::state::App;

/// Tokens in the format of RFC 6749, section 5.1.
#[derive(Serialize, ToSchema)]
pub struct TokenAnswer {
    /// A JWT to send as `Authorization: Bearer <token>`.
    #[schema(max_length = 4096, example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln")]
    access_token: String,
    /// Always `Bearer`.
    #[schema(max_length = 10, example = "Bearer")]
    token_type: &'static str,
    /// Lifetime of the access token in seconds.
    #[schema(minimum = 1, maximum = 86400, example = 600)]
    expires_in: i64,
    /// Token for new tokens at `POST /oauth/token`, valid once. Absent for clients that have a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, max_length = 200, example = "prongsai_refresh_bm90IGEgdG9rZW4")]
    refresh_token: Option<String>,
    /// Only from `POST /v1/login`. Send it with the next login from this device, so that only failures of the device
    /// itself delay a login. Absent if the token that was sent remains valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, max_length = 200, example = "prongsai_device_bm90IGEgdG9rZW4")]
    device_token: Option<String>,
    /// Scopes, separated by spaces.
    #[schema(max_length = 2000, example = "measures:read measures:write")]
    scope: String,
    /// Roles that give no scopes until a second factor is enrolled with `POST /v1/me/second-factor`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, value_type = Vec<Line<20>>, max_items = 8, example = json!([]))]
    withheld_roles: Vec<String>,
}

impl TokenAnswer {
    pub fn of_client(app: &App, grant: Grant) -> Result<Self> {
        Self::new(app, grant, None, Vec::new())
    }

    /// Tokens of an account, with what its roles give it now.
    pub async fn of_account(app: &App, db: &impl ConnectionTrait, row: &Row, refresh_token: String) -> Result<Self> {
        let needs_more = |role: &Role| !row.second_factor && app.auth.second_factor_roles.contains(role);
        let (withheld, roles): (Vec<_>, Vec<_>) = row.roles().into_iter().partition(needs_more);
        let grant = Grant {
            subject: row.id().to_string(),
            client: None,
            scopes: Role::scopes_of(&roles).into_iter().map(str::to_owned).collect(),
            roles,
            units: units::granted(db, row.id(), row.account.all_units).await?,
            rights_version: Some(row.account.rights_version),
        };
        Self::new(app, grant, Some(refresh_token), withheld.into_iter().map(Role::name).collect())
    }

    fn new(app: &App, grant: Grant, refresh_token: Option<String>, withheld_roles: Vec<String>) -> Result<Self> {
        let scope = grant.scopes.join(" ");
        let access_token = app.auth.tokens.issue(grant, db::machine_now(), LIFETIME)?;
        let expires_in = LIFETIME.num_seconds();
        Ok(Self {
            access_token,
            token_type: "Bearer",
            expires_in,
            refresh_token,
            device_token: None,
            scope,
            withheld_roles,
        })
    }

    pub fn with_device(self, device_token: Option<String>) -> Self {
        Self { device_token, ..self }
    }
}
