//! The timeline of a case: actions and messages, their author, and what the other side sees of them.

use chrono::{DateTime, NaiveDate, Utc};
use entity::case_event::{ActiveModel, Column, Entity, Model, Side};
use entity::codes::{self, Coded, Label};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::attachments::amounts;
use super::vault::CaseKey;
use super::{Case, Cases, unanswered};
use crate::audit_log::author::Author;
use crate::db::Write;
use crate::domain::timeline::{self, NOTICES, TimelineAction};
use crate::domain::workflow::Action;
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Result};
use crate::http::list::{Filter, List, Tabular};
use crate::http::response::ReadResponse;
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::references::{self, Names};

/// What the timeline calls the arrival of a case.
pub const RECEIVE: &str = "receive";

/// Events per page for the holder of a receipt.
pub const PAGE: u64 = 100;

const TEXT: &str = "case_event.text";

/// Something to put on a timeline.
pub struct Entry<'a> {
    pub action: &'a str,
    pub side: Side,
    pub public: bool,
    /// The status that it led to.
    pub status: Option<String>,
    pub text: Option<&'a str>,
}

/// A step, message, note or file.
#[derive(Serialize, ToSchema)]
pub struct TimelineEvent {
    /// Id of the event, a UUIDv7.
    pub id: Uuid,
    /// Position on the timeline, from 1.
    #[schema(minimum = 1, maximum = 1000000, example = 4)]
    pub number: i32,
    /// Time at which the event was recorded.
    pub created_at: DateTime<Utc>,
    /// Day on which it happened, if an officer entered it on a later day; null otherwise.
    #[schema(required, example = json!(null))]
    pub happened_on: Option<NaiveDate>,
    /// An action of the workflow, `receive` for the first event, `message` for a message or note, `attach` for a file,
    /// `release` for a booked day that became free again, `move_booking` for a booking that was moved because its day was
    /// closed, or `move_due_day` for a due day that became a holiday. Events about the reporter's sealed identity are `give_identity` of the reporter, `request_identity` of an officer, and
    /// `approve_identity`, `deny_identity` and `hand_over_identity` of a
    /// custodian.
    #[schema(value_type = TimelineAction, example = "ask")]
    pub action: String,
    /// Name of the action.
    pub action_label: Label,
    /// Side that acted.
    pub side: Side,
    /// Id of the account or client: of the office's side, and of the officer who entered what came on paper or by phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 100, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    pub actor_id: Option<String>,
    /// Name that this account or client has now; null for other callers than the office, and if it is neither of this
    /// service.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 200, example = "สมชาย ใจดี")]
    pub actor_name: Option<String>,
    /// Whether both sides see it.
    #[schema(example = true)]
    pub public: bool,
    /// Status after the event; null if the event did not change it.
    #[schema(required, max_length = 50, example = "awaiting_reporter")]
    pub status: Option<String>,
    /// Name of the status; null if the event did not change it.
    #[schema(required)]
    pub status_label: Option<Label>,
    /// Text of the event, or name of the file; null if there is none.
    #[schema(required, max_length = 10000, example = "ขอทราบวันที่เกิดเหตุ")]
    pub text: Option<String>,
}

impl TimelineEvent {
    /// As the office sees it. What can no longer be opened has no text.
    pub fn open<C: Case>(event: Model, key: Option<&CaseKey>, names: &Names) -> Result<Self> {
        let Model { id, case_id: _, no, at, happened_on, action, side, actor, public, status, text } = event;
        let text = match (text, key) {
            (Some(text), Some(key)) => Some(key.open(TEXT, id, &text)?),
            _ => None,
        };
        let action_label = codes::label_of(&action, timeline::code::<C::Step>(&action));
        let name = |code: &String| codes::label_of(code, <C::Step as Action>::Status::of_code(code).map(Coded::coded));
        let status_label = status.as_ref().map(name);
        Ok(Self {
            id,
            number: no,
            created_at: at,
            happened_on,
            action,
            action_label,
            side,
            actor_name: actor.as_ref().and_then(|actor| names.get(actor)).cloned(),
            actor_id: actor,
            public,
            status,
            status_label,
            text,
        })
    }

    /// As the reporter sees it: the office is one.
    pub fn unnamed(self) -> Self {
        Self { actor_id: None, actor_name: None, ..self }
    }
}

impl Tabular for TimelineEvent {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |event| event.id.to_string().into()),
        ("number", |event| event.number.into()),
        ("created_at", |event| event.created_at.into()),
        ("happened_on", |event| event.happened_on.into()),
        ("action", |event| Cell::Code(event.action.clone(), event.action_label.clone())),
        ("side", |event| Cell::code(event.side)),
        ("actor_id", |event| event.actor_id.as_deref().into()),
        ("actor_name", |event| event.actor_name.as_deref().into()),
        ("public", |event| event.public.into()),
        ("status", |event| {
            event.status.clone().zip(event.status_label.clone()).map(|(code, label)| Cell::Code(code, label)).into()
        }),
        ("text", |event| event.text.as_deref().into()),
    ];
}

/// Which events of a timeline to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TimelineFilter {
    /// `true`: records that both sides see. `false`: records of the office only.
    #[param(example = true)]
    public: Option<bool>,
    /// Sort order. A minus sign reverses a field. By default oldest first.
    #[param(inline, explode = false, min_items = 1, max_items = 1, example = json!(["-number"]))]
    pub sort: Option<Vec<TimelineSort>>,
}

type TimelineSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "events of a timeline";
    const BY: &'static [(&'static str, Column)] = &[("number", Column::No)];
}

impl Filter for TimelineFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::No, Order::Asc)])
    }
}

/// A page of a case's timeline, for the office.
pub async fn list<C: Case>(
    cases: &Cases,
    id: Uuid,
    author: &Author,
    list: &List<TimelineFilter>,
) -> Result<ReadResponse> {
    let key = cases.read::<C>(id, author).await?.key(&cases.vault)?;
    let of_case = Entity::find().filter(Column::CaseId.eq(id));
    let public = list.filter.public.into_iter();
    let select = public.fold(of_case, |select, public| select.filter(Column::Public.eq(public)));
    let found = list.find::<Model>(&cases.db, select).await?;
    let actors: Vec<&str> = found.rows.iter().filter_map(|event| event.actor.as_deref()).collect();
    let names = references::names_of(cases.db.reader(), &actors).await?;
    let found = found.open(move |event| TimelineEvent::open::<C>(event, key.as_ref(), &names)).await?;
    list.answer(found, "timeline", &[]).await
}

pub async fn add(write: &Write, key: &CaseKey, case: Uuid, entry: Entry<'_>) -> Result<Model> {
    let actor = (entry.side == Side::Office).then(|| write.author.name.clone());
    insert(write, key, case, entry, (actor, None)).await
}

/// Adds what an officer enters of either side, with the day on which it happened.
pub async fn enter(write: &Write, key: &CaseKey, case: Uuid, entry: Entry<'_>, day: NaiveDate) -> Result<Model> {
    let happened_on = Some(day).filter(|day| *day != bangkok_day(write.now));
    insert(write, key, case, entry, (Some(write.author.name.clone()), happened_on)).await
}

async fn insert(
    write: &Write,
    key: &CaseKey,
    case: Uuid,
    entry: Entry<'_>,
    (actor, happened_on): (Option<String>, Option<NaiveDate>),
) -> Result<Model> {
    let id = Uuid::now_v7();
    // The case is locked, so nobody else takes this place.
    let last = Entity::find().select_only().column_as(Column::No.max(), "no").filter(Column::CaseId.eq(case));
    let last: Option<Option<i32>> = last.into_tuple().one(write).await?;
    let text = entry.text.map(|text| sealed(key, id, text)).transpose()?;
    let event = Model {
        id,
        case_id: case,
        no: last.flatten().unwrap_or(0) + 1,
        at: write.now,
        happened_on,
        action: entry.action.to_owned(),
        side: entry.side,
        actor,
        public: entry.public,
        status: entry.status,
        text,
    };
    Entity::insert(ActiveModel::from(event.clone())).exec_without_returning(write).await?;
    unanswered::note(write, &event).await?;
    if event.side == Side::Office && !write.author.is_program() && !NOTICES.contains(&&*event.action) {
        amounts::handled(write, case).await?;
    }
    Ok(event)
}

/// The text of an event, encrypted.
pub fn sealed(key: &CaseKey, event: Uuid, text: &str) -> Result<Vec<u8>> {
    key.seal(TEXT, event, text)
}

/// How often a side did something since an instant, and the bytes of what was said with it, encrypted.
pub async fn amount(
    write: &Write,
    case: Uuid,
    (action, side): (&str, Side),
    since: DateTime<Utc>,
) -> Result<(u64, u64)> {
    let of_side = Entity::find().filter(Column::CaseId.eq(case)).filter(Column::Side.eq(side));
    let these = of_side.filter(Column::Action.eq(action)).filter(Column::At.gte(since)).select_only();
    let amount = these.column_as(Column::Id.count(), "events").column_as(Expr::cust("SUM(length(text))"), "bytes");
    let amount: Option<(i64, Option<i64>)> = amount.into_tuple().one(write).await?;
    let (events, bytes) = amount.unwrap_or_default();
    Ok((events.unsigned_abs(), bytes.unwrap_or_default().unsigned_abs()))
}

/// How often something was done.
pub async fn times(db: &impl ConnectionTrait, case: Uuid, action: &str) -> Result<u64> {
    Ok(Entity::find().filter(Column::CaseId.eq(case)).filter(Column::Action.eq(action)).count(db).await?)
}

/// Whether the office has done something about a case; what our own programs do is none of its doing, nor is a new holiday or a
/// closed day.
pub async fn is_handled(db: &impl ConnectionTrait, case: Uuid) -> Result<bool> {
    let office = Entity::find().filter(Column::CaseId.eq(case)).filter(Column::Side.eq(Side::Office));
    Ok(office.filter(Column::Action.is_not_in(NOTICES)).count(db).await? > 0)
}

/// What both sides see.
fn shared(case: Uuid) -> Select<Entity> {
    Entity::find().filter(Column::CaseId.eq(case)).filter(Column::Public.eq(true))
}

/// One of the events of a case.
pub async fn find(db: &impl ConnectionTrait, case: Uuid, id: Uuid) -> Result<Model> {
    let event = Entity::find_by_id(id).filter(Column::CaseId.eq(case)).one(db).await?;
    event.ok_or_else(|| Code::NotFound.into())
}

/// How much both sides see: the place of the last of it.
async fn last_place(db: &impl ConnectionTrait, case: Uuid) -> Result<i32> {
    Ok(i32::try_from(shared(case).count(db).await?).unwrap_or(i32::MAX))
}

/// The place of an event among those that both sides see.
pub async fn place(db: &impl ConnectionTrait, event: &Model) -> Result<i32> {
    let until = shared(event.case_id).filter(Column::No.lte(event.no));
    Ok(i32::try_from(until.count(db).await?).unwrap_or(i32::MAX))
}

/// The part of a timeline that the holder of the receipt sees.
pub struct OwnPage {
    pub events: Vec<TimelineEvent>,
    /// The `before` that shows what came earlier.
    pub earlier: Option<i32>,
}

pub async fn own_page<C: Case>(
    db: &impl ConnectionTrait,
    case: &C,
    key: Option<&CaseKey>,
    before: Option<i32>,
) -> Result<OwnPage> {
    let (events, more) = public(db, case.case_id(), before).await?;
    let earlier = events.last().map(|event| event.no).filter(|_| more);
    let open = |event| TimelineEvent::open::<C>(event, key, &Names::new()).map(TimelineEvent::unnamed);
    let events = events.into_iter().map(open);
    Ok(OwnPage { events: events.collect::<Result<_>>()?, earlier })
}

/// A page of the public events, the latest first, before a position; and whether there are more. Positions count public
/// events only: gaps would disclose the number of internal notes.
async fn public(db: &impl ConnectionTrait, case: Uuid, before: Option<i32>) -> Result<(Vec<Model>, bool)> {
    let all = last_place(db, case).await?;
    let last = before.map_or(all, |before| all.min(before - 1));
    let skipped = u64::from((all - last).unsigned_abs());
    let events = shared(case).order_by_desc(Column::No).offset(skipped).limit(PAGE).all(db).await?;
    let more = u64::from(last.unsigned_abs()) > events.len() as u64;
    let placed = events.into_iter().zip(0..).map(|(event, index)| Model { no: last - index, ..event });
    Ok((placed.collect(), more))
}
