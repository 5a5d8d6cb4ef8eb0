//! People of the identity provider as clients see them.

use chrono::{DateTime, NaiveDate, Utc};
use entity::provider_subject::{Column, Entity, Model};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::http::list::{Filter, Tabular};
use crate::http::several::Ids;
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::TableColumn;

/// A person who has used a token of the identity provider.
#[derive(Serialize, ToSchema)]
pub struct ProviderSubject {
    /// Id of the person, a UUIDv7.
    pub id: Uuid,
    /// `oidc:` and the provider's subject, as in the audit log.
    #[schema(max_length = 170, example = "oidc:248289761001")]
    pub subject: String,
    /// Id of the account to which the person is linked; null if there is none.
    #[schema(required, example = json!(null))]
    pub account_id: Option<Uuid>,
    /// Whether tokens of the person are accepted.
    pub active: bool,
    /// Day in Bangkok on which the person first used a token here.
    #[schema(example = "2026-11-25")]
    pub first_seen_on: NaiveDate,
    /// Day in Bangkok on which the person last used a token here.
    #[schema(example = "2026-11-28")]
    pub last_seen_on: NaiveDate,
    /// Time of the last change of the record.
    pub updated_at: DateTime<Utc>,
}

/// What can be written of a person of the identity provider.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "account_id": null, "active": false }))]
pub struct ProviderSubjectInput {
    /// The account of the same person: who is recused from a complaint under one name is under the other, and when the account is
    /// disabled both end. It gives no rights of the account.
    #[schema(example = json!(null))]
    pub account_id: Option<Uuid>,
    /// Without it their tokens are refused within seconds.
    pub active: bool,
}

/// Which people of the identity provider to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProviderSubjectFilter {
    /// Person with this subject.
    #[param(max_length = 170, pattern = "^oidc:[!-~]+$", example = "oidc:248289761001")]
    pub subject: Option<String>,
    /// People who are linked to these accounts.
    #[param(inline, explode = false, example = json!(["01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"]))]
    pub account_id: Option<Ids>,
    /// `true`: people whose tokens are accepted. `false`: disabled people.
    #[param(example = true)]
    pub active: Option<bool>,
    /// Sort order. A minus sign reverses a field. By default by subject.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["-last_seen_on"]))]
    pub sort: Option<Vec<ProviderSubjectSort>>,
}

type ProviderSubjectSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "people of the identity provider";
    const BY: &'static [(&'static str, Column)] = &[
        ("subject", Column::Subject),
        ("first_seen_on", Column::FirstSeenOn),
        ("last_seen_on", Column::LastSeenOn),
        ("updated_at", Column::UpdatedAt),
    ];
}

impl Filter for ProviderSubjectFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::Subject, Order::Asc)])
    }
}

impl From<Model> for ProviderSubject {
    fn from(row: Model) -> Self {
        let Model { id, subject, account_id, active, first_seen_on, last_seen_on, version: _, updated_at } = row;
        Self { id, subject, account_id, active, first_seen_on, last_seen_on, updated_at }
    }
}

impl From<&Model> for ProviderSubjectInput {
    fn from(row: &Model) -> Self {
        Self { account_id: row.account_id, active: row.active }
    }
}

impl Tabular for ProviderSubject {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |subject| subject.id.to_string().into()),
        ("provider_subject", |subject| subject.subject.as_str().into()),
        ("account_id", |subject| subject.account_id.map(|id| id.to_string()).into()),
        ("active", |subject| subject.active.into()),
        ("first_seen_on", |subject| subject.first_seen_on.into()),
        ("last_seen_on", |subject| subject.last_seen_on.into()),
        ("updated_at", |subject| subject.updated_at.into()),
    ];
}
