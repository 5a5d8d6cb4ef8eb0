//! Links as clients see them.

use chrono::{DateTime, Utc};
use entity::codes::Label;
use entity::link::{Column, Entity, Model, State};
use entity::link_use;
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use crate::domain::field_code::FieldCode;
use crate::domain::link::Action;
use crate::domain::rule::Rules;
use crate::fetch::Fetcher;
use crate::http::list::{Filter, Tabular};
use crate::http::several::FiscalYears;
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};

/// A web address that published records or answers to the ITA refer to, and what the last check found there.
#[derive(Serialize, ToSchema)]
pub struct Link {
    /// Id of the link, a UUIDv7.
    pub id: Uuid,
    /// The address, as browsers write it, without a fragment.
    #[schema(max_length = 20000, example = "https://www.example.go.th/no-gift-policy.pdf")]
    pub url: String,
    /// What the last check found.
    pub state: State,
    /// Why the link is in this state; null if it is good or unchecked.
    #[schema(required)]
    pub reason: Option<Label>,
    /// HTTP status of the last response; null if there was none.
    #[schema(required, minimum = 100, maximum = 999, example = 200)]
    pub http_status: Option<i32>,
    /// Media type of the last page or file that was received; null if there was none.
    #[schema(required, max_length = 100, example = "application/pdf")]
    pub media_type: Option<String>,
    /// Its size in bytes.
    #[schema(required, minimum = 0, maximum = 1073741824, example = 482133)]
    pub size_bytes: Option<i64>,
    /// Its SHA-256, in hexadecimal.
    #[schema(required, max_length = 64, example = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    pub sha256: Option<String>,
    /// SHA-256 of the file as it was first found, or accepted since; null for a page, which is not compared.
    #[schema(required, max_length = 64, example = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    pub declared_sha256: Option<String>,
    /// Time at which a record was first found to refer to the link.
    pub first_seen_at: DateTime<Utc>,
    /// Time of the last check; null if there was none.
    #[schema(required)]
    pub checked_at: Option<DateTime<Utc>>,
    /// Time of the last check that received the page or file; null if there was none.
    #[schema(required)]
    pub last_good_at: Option<DateTime<Utc>>,
    /// Time at which the file was first found to be another; null if it is the same.
    #[schema(required, example = json!(null))]
    pub changed_at: Option<DateTime<Utc>>,
    /// Number of checks in a row that did not receive the page or file.
    #[schema(minimum = 0, maximum = 1000000, example = 0)]
    pub failure_count: i32,
    /// Time after which the link is checked again; null while the service checks no links, so that `state` is that of `checked_at`.
    #[schema(required, example = "2024-04-11T17:00:00Z")]
    pub next_check_at: Option<DateTime<Utc>>,
    /// The records that refer to the link.
    #[schema(max_items = 10000)]
    pub uses: Vec<LinkUse>,
}

/// A record that refers to a link.
#[derive(Serialize, ToSchema)]
pub struct LinkUse {
    /// Resource of the record.
    #[schema(max_length = 50, example = "measures")]
    pub resource: String,
    /// Id or code of the record within the resource.
    #[schema(max_length = 50, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    pub id: String,
    /// Title of the record.
    #[schema(max_length = 1000, example = "สร้างกระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ")]
    pub title: String,
    /// Fiscal year of the record, Buddhist era; null if it has none.
    #[schema(required, minimum = 2500, maximum = 2700, example = 2567)]
    pub fiscal_year: Option<i32>,
}

/// A step of a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "action": "check" }))]
pub struct LinkTransition {
    /// `accept` takes the file that was found last for the evidence, `check` asks for a check.
    pub action: Action,
    /// `sha256` of the file that you have looked at and accept. Required for `accept`, and only for it.
    #[schema(pattern = "^[0-9a-f]{64}$", max_length = 64, example = json!(null))]
    pub sha256: Option<String>,
}

impl Validate for LinkTransition {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let accepts = self.action == Action::Accept;
        Rules::default()
            .require(self.sha256.is_some() || !accepts, "sha256", FieldCode::Needed)
            .require(self.sha256.is_none() || accepts, "sha256", FieldCode::NotForThis)
            .end()
    }
}

/// Which links to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LinkFilter {
    /// Links in one of these states.
    #[param(inline, explode = false, min_items = 1, max_items = 8, example = json!(["dead", "changed"]))]
    pub state: Option<Vec<State>>,
    /// Links that records of this fiscal year refer to.
    #[param(inline, explode = false, example = json!([2567]))]
    pub fiscal_year: Option<FiscalYears>,
    /// Sort order. A minus sign reverses a field. By default in the order in which they were first seen.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["-failure_count"]))]
    pub sort: Option<Vec<LinkSort>>,
}

type LinkSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "links";
    const BY: &'static [(&'static str, Column)] =
        &[("checked_at", Column::CheckedAt), ("failure_count", Column::Failures), ("last_good_at", Column::LastGoodAt)];
}

impl Filter for LinkFilter {
    type Entity = Entity;

    /// By id, which is by time.
    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[])
    }
}

impl Link {
    /// A link of a service that checks links, or does not.
    pub fn of(row: Model, uses: Vec<link_use::Model>, fetcher: Option<&Fetcher>) -> Self {
        let Model {
            id,
            url,
            url_sha256: _,
            state,
            reason_th,
            reason_en,
            http_status,
            media_type,
            size,
            sha256,
            declared_sha256,
            first_seen_at,
            checked_at,
            last_good_at,
            changed_at,
            failures,
            next_check_at,
            asked_at: _,
            unused_since: _,
            version: _,
        } = row;
        Self {
            id,
            url,
            state,
            reason: reason_th.map(|th| Label::named(th, reason_en)),
            http_status,
            media_type,
            size_bytes: size,
            sha256,
            declared_sha256,
            first_seen_at,
            checked_at,
            last_good_at,
            changed_at,
            failure_count: failures,
            next_check_at: fetcher.map(|_| next_check_at),
            uses: uses.into_iter().map(LinkUse::from).collect(),
        }
    }
}

impl From<link_use::Model> for LinkUse {
    fn from(row: link_use::Model) -> Self {
        let link_use::Model { link_id: _, resource, record, title, fiscal_year } = row;
        Self { resource, id: record, title, fiscal_year }
    }
}

impl LinkUse {
    fn line(&self) -> String {
        let year = self.fiscal_year.map(|year| format!("{year} ")).unwrap_or_default();
        format!("{} {year}{}", self.resource, self.title)
    }
}

impl Tabular for Link {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |link| link.id.to_string().into()),
        ("url", |link| link.url.as_str().into()),
        ("state", |link| Cell::code(link.state)),
        ("reason", |link| link.reason.clone().map_or(Cell::Empty, |reason| Cell::Code(reason.en.to_string(), reason))),
        ("http_status", |link| link.http_status.into()),
        ("media_type", |link| link.media_type.as_deref().into()),
        ("size_bytes", |link| link.size_bytes.map(|size| size as f64).into()),
        ("sha256", |link| link.sha256.as_deref().into()),
        ("declared_sha256", |link| link.declared_sha256.as_deref().into()),
        ("first_seen_at", |link| link.first_seen_at.into()),
        ("checked_at", |link| link.checked_at.into()),
        ("last_good_at", |link| link.last_good_at.into()),
        ("changed_at", |link| link.changed_at.into()),
        ("failure_count", |link| link.failure_count.into()),
        ("next_check_at", |link| link.next_check_at.into()),
        ("uses", |link| link.uses.iter().map(LinkUse::line).collect::<Vec<_>>()[..].into()),
    ];
}
