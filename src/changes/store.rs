//! The changes after a place. The audit log is their order: an event is appended by the write that it is of, and events are
//! numbered in the order of their commits, so that a reader who has seen one has seen all before it.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::audit_event::{Column, Entity};
use entity::codes::Coded;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::dto::{Change, Found, Place, bad_place};
use super::reader::Reader;
use crate::domain::change::ChangeKind;
use crate::error::{Error, Result};
use crate::revisions::Resource;

/// The events of the index `audit_event_public`: all but those that are many and of which nobody sees the record here.
const PUBLIC: &str = "resource NOT IN \
     ('access', 'complaints', 'identity-requests', 'links', 'sealed-identities', 'service-requests', 'sessions')";

/// The events of the index `audit_event_cases`: what officers do with cases, except reading them.
const CASES: &str = "resource IN ('complaints', 'service-requests') \
     AND action NOT IN ('export', 'list', 'read', 'read_named', 'search')";

/// How many events a request looks through. What a caller does not see among them shows in the place only if it is so many.
const MOST: usize = 1000;

/// A record: its kind, and its id where there are several.
type Key = (&'static str, Option<Uuid>);

#[derive(FromQueryResult)]
struct Event {
    seq: i64,
    resource: String,
    record_id: Option<Uuid>,
    hash: Vec<u8>,
}

impl Event {
    fn place(&self) -> Place {
        Place { seq: self.seq, hash: self.hash.clone() }
    }

    fn key(&self) -> Option<Key> {
        Some((Resource::of_code(&self.resource)?.name(), self.record_id))
    }
}

pub async fn find(reader: &Reader<'_>, since: Option<Place>, limit: u64) -> Result<Found> {
    let after = match &since {
        Some(place) => check(reader, place).await?,
        None => -1,
    };
    let mut events = events(reader, PUBLIC, after).await?;
    if reader.is_officer() {
        events.extend(self::events(reader, CASES, after).await?);
        events.sort_unstable_by_key(|event| event.seq);
        events.truncate(MOST);
    }
    let (is_all, last) = (events.len() < MOST, events.last().map(Event::place));
    let mut seen = seen(reader, &events).await?;
    events.retain(|event| event.key().is_some_and(|key| seen.contains_key(&key)));
    let limit = usize::try_from(limit).map_err(Error::internal)?;
    let is_cut = events.len() > limit;
    events.truncate(limit);
    let place = if is_cut || is_all { events.last().map(Event::place) } else { last };
    // Each record once, at its last change.
    let mut changes: Vec<Change> = events.iter().rev().filter_map(|event| seen.remove(&event.key()?)).collect();
    changes.reverse();
    Ok(Found { changes, place: place.or(since), has_more: is_cut || !is_all })
}

/// The number of the event at a place, if the log still has this event.
async fn check(reader: &Reader<'_>, place: &Place) -> Result<i64> {
    let event = Entity::find_by_id(place.seq).one(reader.db).await?;
    Ok(event.filter(|event| event.hash == place.hash).ok_or_else(bad_place)?.seq)
}

async fn events(reader: &Reader<'_>, which: &'static str, after: i64) -> Result<Vec<Event>> {
    let select = Entity::find().filter(Expr::cust(which)).filter(Column::Seq.gt(after)).order_by_asc(Column::Seq);
    let select = select.select_only().columns([Column::Seq, Column::Resource, Column::RecordId, Column::Hash]);
    Ok(select.limit(MOST as u64).into_model::<Event>().all(reader.db).await?)
}

/// What the reader sees of the records that events are about.
async fn seen(reader: &Reader<'_>, events: &[Event]) -> Result<HashMap<Key, Change>> {
    let mut by_kind: BTreeMap<Resource, HashSet<Uuid>> = BTreeMap::new();
    let mut seen = HashMap::new();
    for event in events {
        match (Resource::of_code(&event.resource), event.record_id) {
            (Some(Resource::Agency), None) => {
                let agency = Change::of(Resource::Agency, None, ChangeKind::Updated, Some("/v1/agency".to_owned()));
                seen.insert((Resource::Agency.name(), None), agency);
            }
            (Some(resource), Some(id)) => drop(by_kind.entry(resource).or_default().insert(id)),
            _ => {}
        }
    }
    for (resource, ids) in by_kind {
        let ids: Vec<Uuid> = ids.into_iter().collect();
        for (id, (kind, address)) in reader.seen(resource, &ids).await? {
            // Each version of a guide has an id.
            let shown = (resource != Resource::Guides).then_some(id);
            seen.insert((resource.name(), Some(id)), Change::of(resource, shown, kind, address));
        }
    }
    Ok(seen)
}
