//! The log as auditors see it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use entity::audit_event::{Column, Entity, Model};
use entity::codes::{self, Code, Coded, Label};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store::Row;
use crate::audit_log::author;
use crate::audit_log::names::{self, AuditAction, AuditResource};
use crate::auth::scope::Role;
use crate::domain::count::Count;
use crate::domain::text::Line;
use crate::http::list::{Filter, Tabular};
use crate::http::several::Ids;
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::references::Names;

/// An event of the audit log: a leaf of its Merkle tree.
#[derive(Serialize, ToSchema)]
pub struct AuditEvent {
    /// Number of the event in the log, from 0; null for callers who are recused from a complaint.
    #[schema(required, value_type = Option<Count>, example = 17)]
    pub seq: Option<i64>,
    /// Time of the event, rounded to the hour once the exact time was erased.
    pub occurred_at: DateTime<Utc>,
    /// What was done.
    #[schema(value_type = AuditAction, example = "publish")]
    pub action: String,
    /// Name of the action.
    pub action_label: Label,
    /// Kind of the record, or what else the event is about.
    #[schema(value_type = AuditResource, example = "measures")]
    pub resource: String,
    /// Name of the kind.
    pub resource_label: Label,
    /// Id of the record; null if the event concerns no single record.
    #[schema(required, example = json!(null))]
    pub record_id: Option<Uuid>,
    /// Id of the account or client, or name of a program of the service; null for the public.
    #[schema(required, max_length = 200, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    pub actor_id: Option<String>,
    /// Name that this account or client has now; null for others.
    #[schema(required, max_length = 200, example = "สมชาย ใจดี")]
    pub actor_name: Option<String>,
    /// Roles of the actor.
    #[schema(value_type = Vec<Line<200>>, max_items = 20, example = json!(["editor"]))]
    pub roles: Vec<String>,
    /// Salted SHA-256 of the record at that time, in base64.
    #[schema(required, max_length = 44, example = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    pub commitment: Option<String>,
    /// Hash of the leaf in base64 (RFC 6962, section 2.1). Null for callers who are recused from a complaint, because
    /// it contains the number.
    #[schema(required, max_length = 44, example = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    pub hash: Option<String>,
}

impl AuditEvent {
    pub fn of(Row { event, at }: Row, names: &Names, is_recused: bool) -> Self {
        let Model { seq, hour, action, resource, record_id, role, actor, commitment, hash } = event;
        Self {
            seq: (!is_recused).then_some(seq),
            occurred_at: at.and_then(|at| at.parse().ok()).unwrap_or(hour),
            action_label: codes::label_of(&action, names::action(&action, &resource)),
            action,
            resource_label: codes::label_of(&resource, names::kind(&resource)),
            resource,
            record_id,
            actor_name: names.get(&actor).cloned(),
            actor_id: author::actor_id(actor),
            roles: author::roles(&role),
            commitment: commitment.map(|commitment| BASE64_STANDARD.encode(commitment)),
            hash: (!is_recused).then(|| BASE64_STANDARD.encode(hash)),
        }
    }
}

/// Which events to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditFilter {
    /// Events about this record.
    #[param(inline, explode = false, example = json!(["01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"]))]
    pub record_id: Option<Ids>,
    /// Events by this account, client or program.
    #[param(inline, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    pub actor_id: Option<Line<200>>,
    /// Events with this action.
    #[param(max_length = 50, pattern = "^[a-z_]+$", example = "publish")]
    pub action: Option<String>,
    /// Events about records of this kind, such as `measures` or `sealed-identities`, or events of the kinds `access`,
    /// `audit`, `clock`, `content-keys`, `retention`, `service` and `sessions`.
    #[param(max_length = 50, pattern = "^[a-z_-]+$", example = "measures")]
    pub resource: Option<String>,
    /// Events of the hour that contains this time, or later. The log is searched by the hour.
    #[param(example = "2026-11-01T00:00:00Z")]
    pub occurred_from: Option<DateTime<Utc>>,
    /// Events of the hour that contains this time, or earlier.
    #[param(example = "2026-11-30T16:59:59Z")]
    pub occurred_to: Option<DateTime<Utc>>,
    /// Sort order. A minus sign reverses a field. By default newest first.
    #[param(inline, explode = false, min_items = 1, max_items = 1, example = json!(["seq"]))]
    pub sort: Option<Vec<AuditSort>>,
}

type AuditSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "events";
    const BY: &'static [(&'static str, Column)] = &[("seq", Column::Seq)];
}

impl Filter for AuditFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::Seq, Order::Desc)])
    }
}

fn role_of(name: &str) -> Option<&'static Code> {
    Role::named(name).map(Role::coded)
}

impl Tabular for AuditEvent {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("seq", |event| event.seq.map(Cell::count).into()),
        ("occurred_at", |event| event.occurred_at.into()),
        ("action", |event| Cell::Code(event.action.clone(), event.action_label.clone())),
        ("resource", |event| Cell::Code(event.resource.clone(), event.resource_label.clone())),
        ("record_id", |event| event.record_id.map(|id| id.to_string()).into()),
        ("actor_id", |event| event.actor_id.as_deref().into()),
        ("actor_name", |event| event.actor_name.as_deref().into()),
        ("roles", |event| Cell::codes(event.roles.iter().map(|role| Cell::stored(role, role_of(role))))),
        ("commitment", |event| event.commitment.as_deref().into()),
        ("hash", |event| event.hash.as_deref().into()),
    ];
}

/// What to prove.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProofRequest {
    /// Prove that the event with this number is in the log. Not together with `first_size`.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 17)]
    pub seq: Option<u64>,
    /// Prove that the log with this number of events is the beginning of the log of `tree_size`.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 10)]
    pub first_size: Option<u64>,
    /// Number of events of the log. By default the current number.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 20)]
    pub tree_size: Option<u64>,
}

/// A proof of RFC 6962, section 2.1.1 or 2.1.2.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditProof)]
pub struct Proof {
    /// Number of the event; null for a consistency proof.
    #[schema(required, value_type = Option<Count>, example = 17)]
    pub seq: Option<u64>,
    /// Text from which the leaf hash of the event is computed; null for a consistency proof.
    #[schema(required, max_length = 2000, example = "{\"seq\":17,\"hour\":\"2026-11-25T13:00:00Z\"}")]
    pub leaf: Option<String>,
    /// Number of events of the older log; null for an inclusion proof.
    #[schema(required, value_type = Option<Count>, example = json!(null))]
    pub first_size: Option<u64>,
    /// Number of events of the log that the proof leads to.
    #[schema(value_type = Count, example = 20)]
    pub tree_size: u64,
    /// Hashes of the proof in base64, in the order of the RFC.
    #[schema(value_type = Vec<Line<44>>, max_items = 64, example = json!(["47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]))]
    pub hashes: Vec<String>,
    /// Checkpoint of the log with `tree_size` events.
    #[schema(
        max_length = 1000,
        example = "prongsai\n20\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u{2014} prongsai c2ln\n"
    )]
    pub checkpoint: String,
}
