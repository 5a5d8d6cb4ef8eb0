//! Queries on the log and its tree, and the storage of checkpoints.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use entity::audit_event::{Column, Entity, Model};
use entity::{audit_checkpoint, audit_head, audit_node};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use super::dto::AuditFilter;
use crate::audit_log::author::Author;
use crate::audit_log::checkpoint::{Checkpoint, Divergence};
use crate::audit_log::{AuditLog, Broken, append};
use crate::crypto::signed_note::Verifier;
use crate::db::Db;
use crate::db::select::Selected;
use crate::domain::merkle::{Edge, Hash, Place, folded, leaf, range};
use crate::error::{Code, Result};
use crate::http::list::{Found, List};
use crate::state::App;

/// An event with its exact time, where that was not erased.
#[derive(FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub event: Model,
    pub at: Option<String>,
}

impl Selected for Row {
    type Table = Entity;

    fn joined(select: Select<Entity>, backend: DbBackend) -> Select<Entity> {
        let at = match backend {
            DbBackend::Postgres => "text::json ->> 'at'",
            _ => "text ->> 'at'",
        };
        select.expr_as(
            Expr::cust(format!("(SELECT {at} FROM audit_detail WHERE audit_detail.seq = audit_event.seq)")),
            "at",
        )
    }

    fn model(&self) -> &Model {
        &self.event
    }
}

/// The events of a list, but for those about some records.
pub async fn list(app: &App, list: &List<AuditFilter>, hidden: HashSet<Uuid>) -> Result<Found<Row>> {
    let AuditFilter { record_id, actor_id, action, resource, occurred_from, occurred_to, sort: _ } = &list.filter;
    let condition = Condition::all()
        .add_option(record_id.as_ref().map(|ids| Column::RecordId.is_in(ids.ids())))
        .add_option(actor_id.as_ref().map(|actor| Column::Actor.eq(&**actor)))
        .add_option(action.as_ref().map(|action| Column::Action.eq(action)))
        .add_option(resource.as_ref().map(|resource| Column::Resource.eq(resource)))
        .add_option(occurred_from.map(|from| Column::Hour.gte(append::hour_of(from))))
        .add_option(occurred_to.map(|to| Column::Hour.lte(append::hour_of(to))))
        .add_option((!hidden.is_empty()).then(|| Column::RecordId.is_null().or(Column::RecordId.is_not_in(hidden))));
    let select = Entity::find().filter(condition);
    list.find(&app.db, select).await
}

/// The tree as it is now.
pub async fn edge(db: &impl ConnectionTrait) -> Result<Edge> {
    let head = audit_head::Entity::find_by_id(append::HEAD).one(db).await?;
    head.as_ref().and_then(append::edge_of).ok_or_else(|| Code::LogBroken.into())
}

/// The hashes of a proof, each from the perfect subtrees that it is over.
pub async fn proof(db: &impl ConnectionTrait, parts: &[Vec<Place>]) -> Result<Vec<Hash>> {
    let mut hashes = subtrees(db, &parts.concat()).await?.into_iter();
    Ok(parts.iter().map(|part| folded(&hashes.by_ref().take(part.len()).collect::<Vec<_>>())).collect())
}

/// The text that the hash of an event's leaf is over.
pub async fn leaf_text(db: &impl ConnectionTrait, event: u64) -> Result<String> {
    let event = Entity::find_by_id(event.cast_signed()).one(db).await?;
    event.as_ref().map(append::leaf_text).ok_or_else(|| Code::LogBroken.into())
}

/// The root of the first `size` events, as the stored nodes have it.
pub async fn root(db: &impl ConnectionTrait, size: u64) -> Result<Hash> {
    Ok(folded(&subtrees(db, &range(0, size)).await?))
}

/// The hashes of perfect subtrees: of leaves by one query, of all others by another.
async fn subtrees(db: &impl ConnectionTrait, places: &[Place]) -> Result<Vec<Hash>> {
    let mut levels: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
    for place in places {
        levels.entry(place.level).or_default().push(place.index.cast_signed());
    }
    let mut found = HashMap::new();
    if let Some(leaves) = levels.remove(&0) {
        let leaves = Entity::find().filter(Column::Seq.is_in(leaves)).all(db).await?;
        found.extend(leaves.into_iter().map(|leaf| ((0, leaf.seq), leaf.hash)));
    }
    if !levels.is_empty() {
        use audit_node::Column::{Level, Position};
        let of_level = |(level, at): (u32, Vec<i64>)| Level.eq(level.cast_signed()).and(Position.is_in(at));
        let nodes = levels.into_iter().map(of_level).fold(Condition::any(), Condition::add);
        let nodes = audit_node::Entity::find().filter(nodes).all(db).await?;
        found.extend(nodes.into_iter().map(|node| ((node.level.cast_unsigned(), node.position), node.hash)));
    }
    let hash = |place: &Place| found.get(&(place.level, place.index.cast_signed()))?[..].try_into().ok();
    places.iter().map(hash).collect::<Option<_>>().ok_or_else(|| Code::LogBroken.into())
}

/// The newest checkpoint that the log has.
pub async fn last_checkpoint(db: &impl ConnectionTrait) -> Result<Option<audit_checkpoint::Model>> {
    Ok(audit_checkpoint::Entity::find().order_by_desc(audit_checkpoint::Column::Size).one(db).await?)
}

/// Signs the current tree and stores the checkpoint, unless one of this size exists; returns it, to be kept outside the database
/// as well. `kept` is the newest one there, asked for before.
pub async fn sign(db: &Arc<Db>, log: &AuditLog, kept: Option<Checkpoint>) -> Result<Result<String, Broken>> {
    let (key, origin) = (log.key.clone(), log.origin.clone());
    db.write(&Author::program("serve"), move |write| async move {
        let edge = append::lock(&write).await?;
        // A different key or name would make the log unverifiable as one log. A rewritten log must not be signed.
        let verifier = Verifier::of(&key, &origin);
        if let Some(broken) = inconsistency_since_signed(&write, &edge, &verifier, kept.as_ref()).await? {
            return Ok(Err(broken));
        }
        let (size, root) = (edge.size, edge.root());
        let note = Checkpoint { origin, size, root }.sign(&key);
        let row = audit_checkpoint::ActiveModel {
            size: Set(size.cast_signed()),
            note: Set(note.clone()),
            signed_at: Set(write.now),
        };
        let there_is_one = OnConflict::column(audit_checkpoint::Column::Size).do_nothing().to_owned();
        audit_checkpoint::Entity::insert(row).on_conflict(there_is_one).exec_without_returning(&write).await?;
        write.commit([], Ok(note))
    })
    .await
}

/// Why the log does not match its last checkpoint or the one kept outside the database, from its right edge only; takes the same
/// time at any size.
pub async fn inconsistency(
    db: &impl ConnectionTrait,
    verifier: &Verifier,
    kept: Option<&Checkpoint>,
) -> Result<Option<Broken>> {
    let changed = |error: String| Ok(Some(Broken::Changed(error)));
    let edge = match edge(db).await {
        Ok(edge) => edge,
        Err(error) if error.code() == Code::LogBroken => return changed("the head of the log cannot be read".into()),
        Err(error) => return Err(error),
    };
    let count = Entity::find().count(db).await?;
    if count != edge.size {
        return changed(format!("the log has {count} events, its head says {}", edge.size));
    }
    if root_if_whole(db, edge.size).await? != Some(edge.root()) {
        return changed("the head of the log does not belong to its events".into());
    }
    inconsistency_since_signed(db, &edge, verifier, kept).await
}

/// Why the tree does not continue the last checkpoint or the one kept outside the database, or was signed by another key.
async fn inconsistency_since_signed(
    db: &impl ConnectionTrait,
    edge: &Edge,
    verifier: &Verifier,
    kept: Option<&Checkpoint>,
) -> Result<Option<Broken>> {
    if let Some(last) = last_checkpoint(db).await? {
        let signed = match Checkpoint::open(&last.note, verifier) {
            Ok(signed) => signed,
            Err(error) => return Ok(Some(Broken::Changed(format!("the last checkpoint {error}")))),
        };
        if let Some(divergence) = divergence(db, edge, &signed).await? {
            return Ok(Some(Broken::Changed(difference(divergence, &signed, edge, "the last checkpoint"))));
        }
    }
    match kept {
        Some(kept) => restored(db, edge, kept).await,
        None => Ok(None),
    }
}

/// Why the tree does not continue the newest checkpoint outside the database, which was asked for before the tree.
pub async fn restored(db: &impl ConnectionTrait, edge: &Edge, kept: &Checkpoint) -> Result<Option<Broken>> {
    let divergence = divergence(db, edge, kept).await?;
    let newest = "the newest checkpoint in the checkpoint file";
    Ok(divergence.map(|divergence| Broken::Restored(difference(divergence, kept, edge, newest))))
}

/// How the tree does not continue the one that was signed.
pub async fn divergence(db: &impl ConnectionTrait, edge: &Edge, signed: &Checkpoint) -> Result<Option<Divergence>> {
    if signed.size > edge.size {
        return Ok(Some(Divergence::Shorter));
    }
    let is_forked = root_if_whole(db, signed.size).await? != Some(signed.root);
    Ok(is_forked.then_some(Divergence::Forked))
}

fn difference(divergence: Divergence, signed: &Checkpoint, edge: &Edge, what: &str) -> String {
    match divergence {
        Divergence::Shorter => format!("{what} covers {} events, the log has {}", signed.size, edge.size),
        Divergence::Forked => format!("the first {} events are not those of {what}", signed.size),
    }
}

/// The root, unless nodes of it are missing.
async fn root_if_whole(db: &impl ConnectionTrait, size: u64) -> Result<Option<Hash>> {
    match root(db, size).await {
        Ok(root) => Ok(Some(root)),
        Err(error) if error.code() == Code::LogBroken => Ok(None),
        Err(error) => Err(error),
    }
}

/// Why nothing may be destroyed: the log is not the one that was signed, from the texts of all events. It needs no key, and so it
/// believes the last checkpoint that the log has.
pub async fn inconsistency_without_key(db: &impl ConnectionTrait) -> Result<Option<String>> {
    let last = last_checkpoint(db).await?.and_then(|last| Checkpoint::parse(&last.note).ok());
    inconsistency_from_texts(db, last.as_ref()).await
}

/// The same from the texts of all events. It takes a while, so it is done while the service runs already.
pub async fn inconsistency_in_depth(db: &impl ConnectionTrait, verifier: &Verifier) -> Result<Option<String>> {
    let last = last_checkpoint(db).await?.and_then(|last| Checkpoint::open(&last.note, verifier).ok());
    inconsistency_from_texts(db, last.as_ref()).await
}

/// Why the recomputed hashes of all events do not match the head of the log or a checkpoint.
pub async fn inconsistency_from_texts(db: &impl ConnectionTrait, last: Option<&Checkpoint>) -> Result<Option<String>> {
    let head = self::edge(db).await?;
    if let Some(last) = last.filter(|last| last.size > head.size) {
        return Ok(Some(format!("the last checkpoint covers {} events, the log has {}", last.size, head.size)));
    }
    let mut edge = Edge::default();
    while edge.size < head.size {
        let events = Entity::find().filter(Column::Seq.gte(edge.size.cast_signed())).order_by_asc(Column::Seq);
        let events = events.limit(1000).all(db).await?;
        if events.is_empty() {
            return Ok(Some(format!("event {} is missing", edge.size)));
        }
        for event in events {
            let hash = leaf(append::leaf_text(&event).as_bytes());
            if event.seq != edge.size.cast_signed() || hash[..] != event.hash {
                return Ok(Some(format!("event {} is not the one that was written", edge.size)));
            }
            edge.add(hash);
            if last.is_some_and(|last| last.size == edge.size && last.root != edge.root()) {
                return Ok(Some(format!("the first {} events are not those of the last checkpoint", edge.size)));
            }
        }
        tokio::task::yield_now().await;
    }
    Ok((edge != head).then(|| "the head of the log does not belong to its events".to_owned()))
}
