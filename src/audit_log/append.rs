//! The audit log: each event is a leaf of a Merkle tree (RFC 6962), appended by the last statements of the write's own
//! transaction. A leaf contains a salted commitment to its data, so that the data can be erased while the tree stays
//! valid.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, DurationRound, SecondsFormat, TimeDelta, Utc};
use entity::{audit_detail, audit_event, audit_head, audit_node};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::author::Author;
use super::names;
use crate::crypto::aead::random;
use crate::domain::merkle::{self, Edge, Hash};
use crate::error::{Code, Error, Result};
use crate::revisions::Resource;

/// A record whose every state is logged.
pub trait Logged {
    const RESOURCE: Resource;

    fn id(&self) -> Option<Uuid>;

    /// All of it but its secrets. The export shows the same of the record as it is now, and the two must be equal.
    fn document(&self) -> Value;
}

/// Leaves out of a document the columns that have their default.
pub fn without_defaults(document: &mut Value, columns: &[(&str, bool)]) {
    if let Some(fields) = document.as_object_mut() {
        for (name, _) in columns.iter().filter(|(_, is_default)| *is_default) {
            fields.shift_remove(*name);
        }
    }
}

/// Something that happened.
pub struct Event {
    action: &'static str,
    resource: &'static str,
    record: Option<Uuid>,
    document: Option<Value>,
    note: Option<Value>,
    /// Whose revision rises with it.
    pub changes: Option<Resource>,
}

impl Event {
    /// A record was written; it is as given now.
    pub fn about<L: Logged>(action: &'static str, record: &L) -> Self {
        let (id, document) = (record.id(), Some(record.document()));
        Self { action, resource: L::RESOURCE.name(), record: id, document, note: None, changes: Some(L::RESOURCE) }
    }

    pub fn deleted(resource: Resource, record: Uuid) -> Self {
        let (action, resource, changes) = (DELETE, resource.name(), Some(resource));
        Self { action, resource, record: Some(record), document: None, note: None, changes }
    }

    /// Something that changed no record: a login, a denial, an export.
    pub fn happened(action: &'static str, resource: &'static str, record: Option<Uuid>) -> Self {
        Self { action, resource, record, document: None, note: None, changes: None }
    }

    /// The same where it shows in what a resource answers.
    pub fn changing(self, resource: Resource) -> Self {
        Self { changes: Some(resource), ..self }
    }

    /// The same with something to keep beside it.
    pub fn with(self, note: Value) -> Self {
        Self { note: Some(note), ..self }
    }
}

/// The action after which a record is no more.
pub const DELETE: &str = "delete";

/// The action after which what was written in a case is no more.
pub const DESTROY: &str = "destroy";

/// The erasable part of an event, as its text is written.
#[derive(Serialize, Deserialize)]
pub struct Detail {
    pub at: DateTime<Utc>,
    pub document: Option<Value>,
    /// What else there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Value>,
}

/// A leaf, as its text is written.
#[derive(Serialize)]
struct Leaf<'a> {
    seq: i64,
    hour: String,
    action: &'a str,
    resource: &'a str,
    record: Option<Uuid>,
    role: &'a str,
    actor: &'a str,
    commitment: Option<String>,
}

/// The text that the hash of an event's leaf is over.
pub fn leaf_text(event: &audit_event::Model) -> String {
    let audit_event::Model { seq, hour, action, resource, record_id, role, actor, commitment, hash: _ } = event;
    let leaf = Leaf {
        seq: *seq,
        hour: hour.to_rfc3339_opts(SecondsFormat::Secs, true),
        action,
        resource,
        record: *record_id,
        role,
        actor,
        commitment: commitment.as_ref().map(|commitment| BASE64_STANDARD.encode(commitment)),
    };
    serde_json::to_string(&leaf).unwrap_or_default()
}

/// When, as a leaf says it.
pub fn hour_of(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant.duration_trunc(TimeDelta::hours(1)).unwrap_or(instant)
}

/// The tree's right edge as it is stored.
pub fn edge_of(head: &audit_head::Model) -> Option<Edge> {
    let subtrees: Vec<Hash> = head.subtrees.chunks(32).map(|hash| hash.try_into().ok()).collect::<Option<_>>()?;
    let size = u64::try_from(head.size).ok()?;
    (subtrees.len() == merkle::range(0, size).len()).then_some(Edge { size, subtrees })
}

/// Reads the edge with a lock, so that no other transaction appends until this one ends.
pub async fn lock(transaction: &impl ConnectionTrait) -> Result<Edge> {
    let head = audit_head::Entity::find_by_id(HEAD).lock_exclusive().one(transaction).await?;
    head.as_ref().and_then(edge_of).ok_or_else(|| Code::LogBroken.into())
}

/// The one row of the head.
pub const HEAD: i32 = 1;

/// The states of a record, of its last events, the oldest first: when, and the document where it was not erased.
pub async fn states(
    db: &impl ConnectionTrait,
    resource: Resource,
    record: Uuid,
    most: u64,
) -> Result<Vec<(audit_event::Model, DateTime<Utc>, Option<Value>)>> {
    let events = audit_event::Entity::find()
        .filter(audit_event::Column::RecordId.eq(record))
        .filter(audit_event::Column::Resource.eq(resource.name()))
        .order_by_desc(audit_event::Column::Seq)
        .limit(most)
        .find_also_related(audit_detail::Entity);
    let state = |(event, detail): (audit_event::Model, Option<audit_detail::Model>)| {
        let detail = detail.and_then(|detail| serde_json::from_str::<Detail>(&detail.text).ok());
        let (at, document) = detail.map_or((event.hour, None), |detail| (detail.at, detail.document));
        (event, at, document)
    };
    Ok(events.all(db).await?.into_iter().rev().map(state).collect())
}

/// Rows of one INSERT: a statement takes 32,766 values on SQLite, 65,535 on PostgreSQL.
const AT_ONCE: usize = 1000;

async fn insert<A: ActiveModelTrait>(transaction: &impl ConnectionTrait, rows: Vec<A>) -> Result<()> {
    for rows in rows.chunks(AT_ONCE) {
        A::Entity::insert_many(rows.iter().cloned()).exec_without_returning(transaction).await?;
    }
    Ok(())
}

/// Adds events to the log.
pub async fn append(
    transaction: &impl ConnectionTrait,
    author: &Author,
    now: DateTime<Utc>,
    events: Vec<Event>,
) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let mut edge = lock(transaction).await?;
    let (mut leaves, mut details, mut nodes) = (Vec::new(), Vec::new(), Vec::new());
    for event in events {
        let (action, resource) = (event.action, event.resource);
        debug_assert!(
            names::action(action, resource).is_some() && names::kind(resource).is_some(),
            "audit_log/names.rs does not name {action} of {resource}"
        );
        let salt: [u8; 32] = random()?;
        let seq = i64::try_from(edge.size).map_err(Error::internal)?;
        let detail = Detail { at: now, document: event.document, note: event.note };
        let text = serde_json::to_string(&detail).map_err(Error::internal)?;
        let mut leaf = audit_event::Model {
            seq,
            hour: hour_of(now),
            action: event.action.to_owned(),
            resource: event.resource.to_owned(),
            record_id: event.record,
            role: author.role.clone(),
            actor: author.name.clone(),
            commitment: Some(merkle::sha256(&[&salt, text.as_bytes()]).to_vec()),
            hash: Vec::new(),
        };
        let hash = merkle::leaf(leaf_text(&leaf).as_bytes());
        leaf.hash = hash.to_vec();
        leaves.push(audit_event::ActiveModel::from(leaf));
        details.push(audit_detail::ActiveModel { seq: Set(seq), salt: Set(salt.to_vec()), text: Set(text) });
        nodes.extend(edge.add(hash).into_iter().map(|(place, hash)| audit_node::ActiveModel {
            level: Set(place.level.cast_signed()),
            position: Set(place.index.cast_signed()),
            hash: Set(hash.to_vec()),
        }));
    }
    insert(transaction, leaves).await?;
    insert(transaction, details).await?;
    insert(transaction, nodes).await?;
    let head = audit_head::ActiveModel {
        id: Set(HEAD),
        size: Set(edge.size.cast_signed()),
        subtrees: Set(edge.subtrees.concat()),
    };
    audit_head::Entity::update(head).exec(transaction).await?;
    Ok(())
}
