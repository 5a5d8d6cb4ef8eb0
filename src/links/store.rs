//! Queries and updates of links.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use entity::codes::{Coded, Label};
use entity::link::{ActiveModel, Column, Entity, Model, State};
use entity::link_use;
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::dto::LinkFilter;
use super::sources::Use;
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::db::{Db, Write};
use crate::domain::link::Action;
use crate::domain::merkle::sha256;
use crate::domain::message::{Language, Message};
use crate::error::{Code, Result};
use crate::fetch::{Failure, Fetched};
use crate::http::list::{Found, List};
use crate::revisions::Resource;
use crate::state::App;

/// Between two checks of a link, and between two that an editor has asked for.
const DAY: TimeDelta = TimeDelta::days(1);
const SOONEST: TimeDelta = TimeDelta::minutes(10);

/// Rows of a statement, and links of a write.
const AT_ONCE: usize = 500;

/// Who the audit log names.
const PROGRAM: &str = "links";

/// What is known of a link.
pub struct Known {
    pub state: State,
    pub reason: Option<Label>,
    pub checked_at: Option<DateTime<Utc>>,
    pub last_good_at: Option<DateTime<Utc>>,
}

/// What is known of addresses, by the address as it is asked for. Of one that no published record has nothing is known.
pub async fn of(db: &impl ConnectionTrait, urls: &[&str]) -> Result<HashMap<String, Known>> {
    let mut known = HashMap::new();
    for urls in urls.chunks(AT_ONCE) {
        let normalised: HashMap<&str, String> = urls.iter().map(|url| (*url, normalised(url))).collect();
        let hashes = normalised.values().map(|url| hash_of(url));
        let rows = Entity::find().filter(Column::UrlSha256.is_in(hashes)).all(db).await?;
        let rows: HashMap<&str, &Model> = rows.iter().map(|row| (&*row.url, row)).collect();
        known.extend(normalised.iter().filter_map(|(url, normalised)| {
            let Model { state, reason_th, reason_en, checked_at, last_good_at, .. } = *rows.get(&**normalised)?;
            let reason = reason_th.clone().map(|th| Label::named(th, reason_en.clone()));
            let (checked_at, last_good_at) = (*checked_at, *last_good_at);
            Some(((*url).to_owned(), Known { state: *state, reason, checked_at, last_good_at }))
        }));
    }
    Ok(known)
}

/// An address as browsers write it, without a fragment, which servers are not asked for. What is no address stays as it is, to be
/// reported.
fn normalised(url: &str) -> String {
    Url::parse(url).map_or_else(
        |_| url.to_owned(),
        |mut url| {
            url.set_fragment(None);
            url.into()
        },
    )
}

fn hash_of(url: &str) -> String {
    HEXLOWER.encode(&sha256(&[url.as_bytes()]))
}

pub fn etag(row: &Model) -> String {
    format!("\"{}\"", row.version)
}

pub async fn list(app: &App, list: &List<LinkFilter>) -> Result<Found<Model>> {
    let LinkFilter { state, fiscal_year, sort: _ } = &list.filter;
    let of_years = fiscal_year.as_ref().map(|years| {
        let used = link_use::Entity::find().select_only().column(link_use::Column::LinkId);
        Column::Id.in_subquery(used.filter(link_use::Column::FiscalYear.is_in(years.numbers())).into_query())
    });
    let condition = Condition::all()
        .add_option(state.as_ref().map(|states| Column::State.is_in(states.iter().copied())))
        .add_option(of_years);
    list.find(&app.db, Entity::find().filter(condition)).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Model> {
    let row = Entity::find_by_id(id).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

pub async fn lock(write: &Write, id: Uuid) -> Result<Model> {
    let row = Entity::find_by_id(id).lock_exclusive().one(write).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

/// The links of records of a year, or of no year, that do not work or have changed, each with a record that refers to it.
pub async fn broken(db: &impl ConnectionTrait, fiscal_year: i32) -> Result<Vec<(Model, link_use::Model)>> {
    let of_the_year =
        Condition::any().add(link_use::Column::FiscalYear.eq(fiscal_year)).add(link_use::Column::FiscalYear.is_null());
    let uses = link_use::Entity::find().filter(of_the_year.clone());
    let uses = uses.order_by_asc(link_use::Column::Resource).order_by_asc(link_use::Column::Record).all(db).await?;
    let links = Entity::find()
        .filter(Column::Id.in_subquery(
            Query::select().column(link_use::Column::LinkId).from(link_use::Entity).cond_where(of_the_year).to_owned(),
        ))
        .filter(Column::State.is_not_in([State::Good, State::Unchecked]));
    let links: HashMap<Uuid, Model> = links.all(db).await?.into_iter().map(|link| (link.id, link)).collect();
    Ok(uses.into_iter().filter_map(|it| Some((links.get(&it.link_id)?.clone(), it))).collect())
}

/// The records that refer to these links, in a fixed order.
pub async fn uses(db: &impl ConnectionTrait, links: impl IntoIterator<Item = Uuid>) -> Result<Vec<link_use::Model>> {
    use link_use::Column;
    let (links, mut uses): (Vec<Uuid>, _) = (links.into_iter().collect(), Vec::new());
    for links in links.chunks(AT_ONCE) {
        let found = link_use::Entity::find().filter(Column::LinkId.is_in(links.iter().copied()));
        uses.extend(found.order_by_asc(Column::Resource).order_by_asc(Column::Record).all(db).await?);
    }
    Ok(uses)
}

/// A step of an editor.
pub async fn step(write: &Write, row: Model, action: Action) -> Result<(Model, Event)> {
    let row = match action {
        Action::Accept if row.state != State::Changed => {
            return Err(Code::IllegalTransition.because(
                "ไฟล์ของลิงก์นี้ไม่ได้เปลี่ยนไป จึงไม่มีสิ่งที่ต้องยืนยัน",
                "The link is not \"changed\": there is nothing to accept.",
            ));
        }
        Action::Accept => {
            let declared_sha256 = row.sha256.clone().filter(|_| !is_page(row.media_type.as_deref()));
            let (reason_th, reason_en, changed_at) = Default::default();
            Model { state: State::Good, declared_sha256, reason_th, reason_en, changed_at, ..row }
        }
        Action::Check => {
            let soonest = row.checked_at.map_or(write.now, |checked| write.now.max(checked + SOONEST));
            Model { next_check_at: soonest.min(row.next_check_at), ..row }
        }
    };
    let row = save(write, row).await?;
    let note = json!({ "url": row.url, "sha256": row.sha256 });
    Ok((row.clone(), event(action, row.id).with(note)))
}

fn event(action: Action, link: Uuid) -> Event {
    Event::happened(action.code(), Resource::Links.name(), Some(link)).changing(Resource::Links)
}

async fn save(write: &Write, row: Model) -> Result<Model> {
    let version = row.version + 1;
    let row = Model { version, ..row }.into_active_model().reset_all();
    Ok(row.update(write).await?)
}

/// That a check is due; or was put off to a later day than any is, by a clock that was ahead.
fn is_due(now: DateTime<Utc>) -> Condition {
    Condition::any().add(Column::NextCheckAt.lte(now)).add(Column::NextCheckAt.gt(now + DAY))
}

/// Links whose check is due, those first that have waited longest.
pub async fn due(db: &impl ConnectionTrait, now: DateTime<Utc>, most: u64) -> Result<Vec<Model>> {
    let due = Entity::find().filter(is_due(now)).order_by_asc(Column::NextCheckAt);
    Ok(due.order_by_asc(Column::Id).limit(most).all(db).await?)
}

/// Takes a link to be checked, unless another process has. Should this one end before it has an answer, tomorrow is another day.
pub async fn claim(db: &Arc<Db>, id: Uuid) -> Result<bool> {
    db.write(&Author::program(PROGRAM), move |write| async move {
        let claimed = Entity::update_many()
            .col_expr(Column::NextCheckAt, Expr::value(write.now + DAY))
            .filter(Column::Id.eq(id))
            .filter(is_due(write.now))
            .exec(&write)
            .await?;
        write.commit([], claimed.rows_affected == 1)
    })
    .await
}

/// Writes what a check found. Each change of the state is an event of the audit log.
pub async fn record(db: &Arc<Db>, id: Uuid, found: Result<Fetched, Failure>) -> Result<()> {
    db.write(&Author::program(PROGRAM), move |write| async move {
        // Nobody may refer to it any more.
        let Some(row) = Entity::find_by_id(id).lock_exclusive().one(&write).await? else { return Ok(()) };
        let before = row.state;
        let row = save(&write, checked(row, found, write.now)).await?;
        let note = json!({ "url": row.url, "state": row.state, "http_status": row.http_status, "sha256": row.sha256 });
        let event = (row.state != before).then(|| event(Action::Check, id).with(note));
        write.commit(event, ())
    })
    .await
}

/// A link after a check.
fn checked(mut link: Model, found: Result<Fetched, Failure>, now: DateTime<Utc>) -> Model {
    link.checked_at = Some(now);
    link.next_check_at = now + DAY;
    let reason = match found {
        Ok(Fetched { status, media_type, size, sha256 }) => {
            let file = (!is_page(media_type.as_deref())).then(|| sha256.clone());
            // The first file counts, be it that a page was there before it.
            if link.declared_sha256.is_none() {
                link.declared_sha256.clone_from(&file);
            }
            let is_same = link.declared_sha256.is_none() || link.declared_sha256 == file;
            link.state = if is_same { State::Good } else { State::Changed };
            link.changed_at = if is_same { None } else { link.changed_at.or(Some(now)) };
            link.http_status = Some(status.into());
            link.media_type = media_type;
            link.size = i64::try_from(size).ok();
            link.sha256 = Some(sha256);
            link.last_good_at = Some(now);
            link.failures = 0;
            (!is_same).then(|| {
                Message::new(
                    "ไฟล์ไม่ใช่ไฟล์เดิม โปรดเปิดดู หากใช้เป็นหลักฐานได้ให้ยืนยัน",
                    "The file is not the one that was first found, or accepted since. Look at it, and accept it if it is the evidence.",
                )
            })
        }
        Err(failure) => {
            link.failures = link.failures.saturating_add(1);
            let (state, status, reason) = match failure {
                Failure::Refused(reason) => (State::Refused, None, reason),
                Failure::Dead(status, reason) => (State::Dead, status, reason),
                Failure::TimedOut(reason) => (State::TimedOut, None, reason),
                Failure::TooLarge(reason) => (State::TooLarge, None, reason),
            };
            (link.state, link.http_status) = (state, status.map(i32::from));
            Some(reason)
        }
    };
    let in_language = |language| reason.as_ref().map(|reason| reason.localized(language).to_owned());
    (link.reason_th, link.reason_en) = (in_language(Language::Thai), in_language(Language::English));
    link
}

/// Whether it is a page: counters and tokens in it change each time, so that its hash tells nothing.
fn is_page(media_type: Option<&str>) -> bool {
    media_type.is_some_and(|kind| ["text/html", "application/xhtml+xml"].contains(&kind))
}

/// A record that refers to a link: resource, record, title, fiscal year.
type Referrer = (String, String, String, Option<i32>);

/// What is to be written so that the table has the links of published records and no others.
#[derive(Default)]
struct Changes {
    gone: Vec<Uuid>,
    new: Vec<String>,
    /// Links whose referrers are others than before, also the new ones, by address.
    referrers: Vec<(String, Vec<Referrer>)>,
}

/// Adds new links, which are due at once, and drops those that no published record has any more.
pub async fn synchronise(db: &Arc<Db>, uses: Vec<Use>) -> Result<()> {
    let Changes { gone, new, referrers } = changes(db.reader(), uses).await?;
    for gone in gone.chunks(AT_ONCE).map(<[Uuid]>::to_vec) {
        db.write(&Author::program(PROGRAM), move |write| async move {
            Entity::delete_many().filter(Column::Id.is_in(gone)).exec(&write).await?;
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

async fn changes(db: &impl ConnectionTrait, uses: Vec<Use>) -> Result<Changes> {
    let mut wanted: BTreeMap<String, BTreeMap<(String, String), Referrer>> = BTreeMap::new();
    for Use { resource, record, title, fiscal_year, url } in uses {
        let name = resource.name().to_owned();
        let referrer = (name.clone(), record.clone(), title, fiscal_year);
        wanted.entry(normalised(&url)).or_default().insert((name, record), referrer);
    }
    let links: HashMap<Uuid, String> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Url])
        .into_tuple()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let mut known: HashMap<&str, HashSet<Referrer>> = links.values().map(|url| (&**url, HashSet::new())).collect();
    for link_use::Model { link_id, resource, record, title, fiscal_year } in link_use::Entity::find().all(db).await? {
        if let Some(referrers) = links.get(&link_id).and_then(|url| known.get_mut(&**url)) {
            referrers.insert((resource, record, title, fiscal_year));
        }
    }
    let mut changes = Changes::default();
    changes.gone.extend(links.iter().filter(|(_, url)| !wanted.contains_key(*url)).map(|(id, _)| *id));
    for (url, referrers) in wanted {
        let referrers: Vec<Referrer> = referrers.into_values().collect();
        let before = known.get(&*url);
        if before.is_none() {
            changes.new.push(url.clone());
        }
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
        version: Set(1),
    }
}

/// Writes who refers to links.
async fn refer(write: &Write, referrers: Vec<(String, Vec<Referrer>)>) -> Result<()> {
    use sea_orm::sea_query::ExprTrait;
    let hashes = referrers.iter().map(|(url, _)| hash_of(url));
    let links = Entity::find().filter(Column::UrlSha256.is_in(hashes)).lock_exclusive().all(write).await?;
    let ids: HashMap<&str, Uuid> = links.iter().map(|link| (&*link.url, link.id)).collect();
    let of_these = || ids.values().copied();
    link_use::Entity::delete_many().filter(link_use::Column::LinkId.is_in(of_these())).exec(write).await?;
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
