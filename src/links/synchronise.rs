//! Which links there are: those of the sources. One that no record has any more is kept for a while with what was declared of it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::link::{ActiveModel, Column, Entity, State};
use entity::link_use;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};
use uuid::Uuid;

use super::sources::Use;
use super::store::{AT_ONCE, PROGRAM, hash_of, normalised};
use crate::audit_log::author::Author;
use crate::db::{Db, Write};
use crate::error::Result;

/// How long a link is kept that no record refers to: a record that is corrected and published again finds what was declared.
const KEPT: TimeDelta = TimeDelta::days(180);

/// A record that refers to a link: resource, record, title, fiscal year.
type Referrer = (String, String, String, Option<i32>);

/// What is to be written so that the table has the links of the sources.
#[derive(Default)]
struct Changes {
    /// Links that no record refers to any more, and those that were so for long enough to be deleted.
    unused: Vec<Uuid>,
    gone: Vec<Uuid>,
    new: Vec<String>,
    /// Links whose referrers are others than before, also the new ones and those that come back, by address.
    referrers: Vec<(String, Vec<Referrer>)>,
}

/// Adds new links, which are due at once, and notes which no record has any more.
pub async fn synchronise(db: &Arc<Db>, uses: Vec<Use>) -> Result<()> {
    let Changes { unused, gone, new, referrers } = changes(db.reader(), uses, db.now()).await?;
    for unused in unused.chunks(AT_ONCE).map(<[Uuid]>::to_vec) {
        db.write(&Author::program(PROGRAM), move |write| async move {
            link_use::Entity::delete_many()
                .filter(link_use::Column::LinkId.is_in(unused.iter().copied()))
                .exec(&write)
                .await?;
            let since = Entity::update_many().col_expr(Column::UnusedSince, Expr::value(write.now));
            since.filter(Column::Id.is_in(unused)).exec(&write).await?;
            write.commit([], ())
        })
        .await?;
    }
    for gone in gone.chunks(AT_ONCE).map(<[Uuid]>::to_vec) {
        db.write(&Author::program(PROGRAM), move |write| async move {
            // Another process may have found who refers to them.
            let unused_for_long = Column::UnusedSince.lt(write.now - KEPT);
            Entity::delete_many().filter(Column::Id.is_in(gone)).filter(unused_for_long).exec(&write).await?;
            write.commit([], ())
        })
        .await?;
    }
    for new in new.chunks(AT_ONCE).map(<[String]>::to_vec) {
        db.write(&Author::program(PROGRAM), move |write| async move {
            let rows = new.into_iter().map(|url| unchecked(url, write.now));
            // Another process may add the same.
            let other = OnConflict::column(Column::UrlSha256).do_nothing().to_owned();
            Entity::insert_many(rows).on_conflict(other).exec_without_returning(&write).await?;
            write.commit([], ())
        })
        .await?;
    }
    for referrers in referrers.chunks(AT_ONCE).map(<[_]>::to_vec) {
        db.write(&Author::program(PROGRAM), move |write| async move {
            refer(&write, referrers).await?;
            write.commit([], ())
        })
        .await?;
    }
    Ok(())
}

async fn changes(db: &impl ConnectionTrait, uses: Vec<Use>, now: DateTime<Utc>) -> Result<Changes> {
    let mut wanted: BTreeMap<String, BTreeMap<(String, String), Referrer>> = BTreeMap::new();
    for Use { resource, record, title, fiscal_year, url } in uses {
        let name = resource.name().to_owned();
        let referrer = (name.clone(), record.clone(), title, fiscal_year);
        wanted.entry(normalised(&url)).or_default().insert((name, record), referrer);
    }
    let links = Entity::find().select_only().columns([Column::Id, Column::Url, Column::UnusedSince]);
    let links: Vec<(Uuid, String, Option<DateTime<Utc>>)> = links.into_tuple().all(db).await?;
    let mut known: HashMap<Uuid, HashSet<Referrer>> = HashMap::new();
    for link_use::Model { link_id, resource, record, title, fiscal_year } in link_use::Entity::find().all(db).await? {
        known.entry(link_id).or_default().insert((resource, record, title, fiscal_year));
    }
    let mut changes = Changes::default();
    for (id, url, unused_since) in &links {
        match unused_since {
            _ if wanted.contains_key(url) => {}
            None => changes.unused.push(*id),
            Some(since) if *since + KEPT < now => changes.gone.push(*id),
            Some(_) => {}
        }
    }
    let ids: HashMap<&str, (Uuid, bool)> =
        links.iter().map(|(id, url, unused_since)| (&**url, (*id, unused_since.is_some()))).collect();
    for (url, referrers) in wanted {
        let referrers: Vec<Referrer> = referrers.into_values().collect();
        let id = ids.get(&*url);
        if id.is_none() {
            changes.new.push(url.clone());
        }
        let before = id.filter(|(_, is_unused)| !is_unused).and_then(|(id, _)| known.get(id));
        if before
            .is_none_or(|before| before.len() != referrers.len() || !referrers.iter().all(|it| before.contains(it)))
        {
            changes.referrers.push((url, referrers));
        }
    }
    Ok(changes)
}

fn unchecked(url: String, now: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        id: Set(Uuid::now_v7()),
        url_sha256: Set(hash_of(&url)),
        url: Set(url),
        state: Set(State::Unchecked),
        reason_th: Set(None),
        reason_en: Set(None),
        http_status: Set(None),
        media_type: Set(None),
        size: Set(None),
        sha256: Set(None),
        declared_sha256: Set(None),
        first_seen_at: Set(now),
        checked_at: Set(None),
        last_good_at: Set(None),
        changed_at: Set(None),
        failures: Set(0),
        next_check_at: Set(now),
        asked_at: Set(None),
        unused_since: Set(None),
        version: Set(1),
    }
}

/// Writes who refers to links.
async fn refer(write: &Write, referrers: Vec<(String, Vec<Referrer>)>) -> Result<()> {
    let hashes = referrers.iter().map(|(url, _)| hash_of(url));
    let links = Entity::find().filter(Column::UrlSha256.is_in(hashes)).lock_exclusive().all(write).await?;
    let ids: HashMap<&str, Uuid> = links.iter().map(|link| (&*link.url, link.id)).collect();
    let of_these = || ids.values().copied();
    link_use::Entity::delete_many().filter(link_use::Column::LinkId.is_in(of_these())).exec(write).await?;
    // What comes back is checked at once.
    Entity::update_many()
        .col_expr(Column::NextCheckAt, Expr::value(write.now))
        .col_expr(Column::UnusedSince, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::Id.is_in(of_these()))
        .filter(Column::UnusedSince.is_not_null())
        .exec(write)
        .await?;
    // They show in the link.
    Entity::update_many()
        .col_expr(Column::Version, ExprTrait::add(Expr::col(Column::Version), 1))
        .filter(Column::Id.is_in(of_these()))
        .exec(write)
        .await?;
    let rows = referrers.iter().filter_map(|(url, referrers)| Some((*ids.get(&**url)?, referrers)));
    let rows: Vec<_> = rows
        .flat_map(|(link_id, referrers)| {
            referrers.iter().cloned().map(move |(resource, record, title, fiscal_year)| {
                link_use::Model { link_id, resource, record, title, fiscal_year }.into_active_model().reset_all()
            })
        })
        .collect();
    for rows in rows.chunks(AT_ONCE) {
        link_use::Entity::insert_many(rows.iter().cloned()).exec_without_returning(write).await?;
    }
    Ok(())
}
