//! Queries and updates of links.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use entity::codes::{Coded, Label};
use entity::link::{Column, Entity, Model, State};
use entity::link_use;
use sea_orm::sea_query::{Expr, NullOrdering, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, Order, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::dto::LinkFilter;
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

/// How far the clocks of two processes may differ.
const SKEW: TimeDelta = TimeDelta::hours(1);

/// How long a process has for the check of a link that it has claimed; afterwards another one may.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// After which the rest of the links of a host that does not answer, or is slow, is tried again.
const LATER: TimeDelta = TimeDelta::hours(1);

/// For how long the result of a check says something of the link. It is checked once a day unless checks are switched off.
const CURRENT: TimeDelta = TimeDelta::days(7);

/// Rows of a statement, and links of a write.
pub const AT_ONCE: usize = 500;

/// Who the audit log names.
pub const PROGRAM: &str = "links";

/// States in which a link can be relied on, or nothing is known of it. What is too large to be checked has answered.
const SOUND: [State; 3] = [State::Good, State::Unchecked, State::TooLarge];

pub fn is_broken(state: State) -> bool {
    !SOUND.contains(&state)
}

/// What is known of a link.
pub struct Known {
    /// `unchecked` where the last check was too long ago.
    pub state: State,
    pub reason: Option<Label>,
    pub checked_at: Option<DateTime<Utc>>,
    pub last_good_at: Option<DateTime<Utc>>,
}

/// What is known of addresses, by the address as it is asked for. Of one to which no record refers nothing is known.
pub async fn of(db: &impl ConnectionTrait, now: DateTime<Utc>, urls: &[&str]) -> Result<HashMap<String, Known>> {
    let mut known = HashMap::new();
    for urls in urls.chunks(AT_ONCE) {
        let normalised: HashMap<&str, String> = urls.iter().map(|url| (*url, normalised(url))).collect();
        let hashes = normalised.values().map(|url| hash_of(url));
        let rows = used().filter(Column::UrlSha256.is_in(hashes)).all(db).await?;
        let rows: HashMap<&str, &Model> = rows.iter().map(|row| (&*row.url, row)).collect();
        known.extend(normalised.iter().filter_map(|(url, normalised)| {
            let Model { state, reason_th, reason_en, checked_at, last_good_at, .. } = *rows.get(&**normalised)?;
            let (checked_at, last_good_at) = (*checked_at, *last_good_at);
            let is_current = checked_at.is_some_and(|checked| checked + CURRENT >= now);
            let reason = reason_th.clone().filter(|_| is_current).map(|th| Label::named(th, reason_en.clone()));
            let state = if is_current { *state } else { State::Unchecked };
            Some(((*url).to_owned(), Known { state, reason, checked_at, last_good_at }))
        }));
    }
    Ok(known)
}

/// An address as browsers write it, without a fragment, which servers are not asked for. What is no address stays as it is, to be
/// reported.
pub fn normalised(url: &str) -> String {
    Url::parse(url).map_or_else(
        |_| url.to_owned(),
        |mut url| {
            url.set_fragment(None);
            url.into()
        },
    )
}

pub fn hash_of(url: &str) -> String {
    HEXLOWER.encode(&sha256(&[url.as_bytes()]))
}

pub fn etag(row: &Model) -> String {
    format!("\"{}\"", row.version)
}

/// The links that records refer to.
fn used() -> Select<Entity> {
    Entity::find().filter(Column::UnusedSince.is_null())
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
    list.find(&app.db, used().filter(condition)).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Model> {
    let row = used().filter(Column::Id.eq(id)).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

pub async fn lock(write: &Write, id: Uuid) -> Result<Model> {
    let row = used().filter(Column::Id.eq(id)).lock_exclusive().one(write).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

/// The links of records of a year, or of no year, of which a check has lately found that they do not work or have changed, each with a
/// record that refers to it.
pub async fn broken(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    fiscal_year: i32,
) -> Result<Vec<(Model, link_use::Model)>> {
    let of_the_year =
        Condition::any().add(link_use::Column::FiscalYear.eq(fiscal_year)).add(link_use::Column::FiscalYear.is_null());
    let uses = link_use::Entity::find().filter(of_the_year.clone());
    let uses = uses.order_by_asc(link_use::Column::Resource).order_by_asc(link_use::Column::Record).all(db).await?;
    let links = Entity::find()
        .filter(Column::Id.in_subquery(
            Query::select().column(link_use::Column::LinkId).from(link_use::Entity).cond_where(of_the_year).to_owned(),
        ))
        .filter(Column::State.is_not_in(SOUND))
        .filter(Column::CheckedAt.gte(now - CURRENT));
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

/// A step of an editor, who has seen the file with the hash `seen`.
pub async fn step(write: &Write, row: Model, action: Action, seen: Option<String>) -> Result<(Model, Event)> {
    let row = match action {
        Action::Accept if row.state != State::Changed => {
            return Err(Code::IllegalTransition.because(
                "ไฟล์ของลิงก์นี้ไม่ได้เปลี่ยนไป จึงไม่มีสิ่งที่ต้องยืนยัน",
                "The link is not \"changed\": there is nothing to accept.",
            ));
        }
        Action::Accept if row.sha256 != seen => {
            return Err(Code::IllegalTransition.because(
                "ไฟล์ของลิงก์นี้ไม่ใช่ไฟล์ที่ท่านตรวจ โปรดเปิดดูไฟล์ที่พบล่าสุดอีกครั้ง",
                "The file that was found last is not the one with this `sha256`. Look at it again.",
            ));
        }
        Action::Accept => {
            let declared_sha256 = row.sha256.clone().filter(|_| !is_page(row.media_type.as_deref()));
            let (reason_th, reason_en, changed_at) = Default::default();
            Model { state: State::Good, declared_sha256, reason_th, reason_en, changed_at, ..row }
        }
        Action::Check => {
            let soonest = row.checked_at.map_or(write.now, |checked| write.now.max(checked + SOONEST));
            Model { next_check_at: soonest.min(row.next_check_at), asked_at: row.asked_at.or(Some(write.now)), ..row }
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
    Condition::any().add(Column::NextCheckAt.lte(now)).add(Column::NextCheckAt.gt(now + DAY + SKEW))
}

/// Links whose check is due: those first that somebody asked for, then those that have waited longest.
pub async fn due(db: &impl ConnectionTrait, now: DateTime<Utc>, most: u64) -> Result<Vec<Model>> {
    let due = used().filter(is_due(now)).order_by_with_nulls(Column::AskedAt, Order::Asc, NullOrdering::Last);
    Ok(due.order_by_asc(Column::NextCheckAt).order_by_asc(Column::Id).limit(most).all(db).await?)
}

/// Takes a link to be checked, unless another process has. If this one ends before it has an answer, the link is due again after the
/// lease.
pub async fn claim(db: &Arc<Db>, id: Uuid) -> Result<bool> {
    db.write(&Author::program(PROGRAM), move |write| async move {
        let claimed = Entity::update_many()
            .col_expr(Column::NextCheckAt, Expr::value(write.now + LEASE))
            .filter(Column::Id.eq(id))
            .filter(is_due(write.now))
            .exec(&write)
            .await?;
        write.commit([], claimed.rows_affected == 1)
    })
    .await
}

/// Puts off links that are due, so that those of other hosts have their turn.
pub async fn postpone(db: &Arc<Db>, ids: Vec<Uuid>) -> Result<()> {
    db.write(&Author::program(PROGRAM), move |write| async move {
        Entity::update_many()
            .col_expr(Column::NextCheckAt, Expr::value(write.now + LATER))
            .filter(Column::Id.is_in(ids))
            .filter(is_due(write.now))
            .exec(&write)
            .await?;
        write.commit([], ())
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
    link.asked_at = None;
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
                Failure::Empty(status, reason) => (State::Empty, Some(status), reason),
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

/// Whether it is a page: counters and tokens in it change each time, so that its hash says nothing.
fn is_page(media_type: Option<&str>) -> bool {
    media_type.is_some_and(|kind| ["text/html", "application/xhtml+xml"].contains(&kind))
}
