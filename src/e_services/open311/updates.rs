//! Updates of requests, mySociety's extension of Open311 (`servicerequestupdates`), for sites such as FixMyStreet: each public step
//! that led to another status, without what was said between the applicant and the office.

use std::collections::HashMap;

use actix_web::{HttpRequest, Responder};
use chrono::{DateTime, Utc};
use entity::case_event::{Column as EventColumn, Entity as Events, Model as Event};
use entity::service_request::{Column, Entity, Status};
use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, DerivePartialModel, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::asked::Asked;
use super::requests::{REQUESTS, sentence};
use super::services::{Offered, offered};
use super::{Answer, Segments, language, time};
use crate::domain::message::Language;
use crate::error::Result;
use crate::state::State;

pub async fn updates(app: State, segments: Segments, request: HttpRequest) -> impl Responder {
    let list = async || -> Result<Value> {
        let mut asked = Asked::of(&request)?;
        let (period, page) = (asked.period(app.db.now()), asked.page());
        asked.checked()?;
        let db = app.db.reader();
        let select = steps(&offered(db).await?, period).offset(page.skipped).limit(page.size);
        let steps = select.all(db).await?;
        let subjects = subjects(db, steps.iter().map(|step| step.case_id)).await?;
        let shown = steps.iter().filter_map(|step| shown(step, subjects.get(&step.case_id)?, language()));
        Ok(shown.collect())
    };
    Answer::read(&segments, "service_request_updates", REQUESTS, list().await)
}

/// The steps of a period that led to another status, the first first. The first of each request is that it was received, which is
/// no update.
fn steps(offered: &Offered, (from, to): (DateTime<Utc>, DateTime<Utc>)) -> sea_orm::Select<Events> {
    // A request has changed since each of its steps: those that have not are not looked through.
    let requests = Query::select()
        .column(Column::Id)
        .from(Entity)
        .cond_where(offered.requests().add(Column::UpdatedAt.gte(from)).add(Column::ReceivedAt.lte(to)))
        .to_owned();
    Events::find()
        .filter(EventColumn::CaseId.in_subquery(requests))
        .filter(EventColumn::Public.eq(true))
        .filter(EventColumn::Status.is_not_null())
        .filter(EventColumn::No.gt(1))
        .filter(EventColumn::At.between(from, to))
        .order_by_asc(EventColumn::At)
        .order_by_asc(EventColumn::Id)
}

/// What everybody may see of the request of a step.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct Request {
    id: Uuid,
    reference: String,
    public_note: Option<String>,
}

struct Subject {
    request: Request,
    /// The place of its last step.
    last: i32,
}

async fn subjects(db: &impl ConnectionTrait, cases: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, Subject>> {
    let cases: Vec<Uuid> = cases.collect();
    let requests = Entity::find().filter(Column::Id.is_in(cases.iter().copied()));
    let requests: Vec<Request> = requests.into_partial_model().all(db).await?;
    let last = Events::find()
        .select_only()
        .column(EventColumn::CaseId)
        .column_as(EventColumn::No.max(), "last")
        .filter(EventColumn::CaseId.is_in(cases))
        .filter(EventColumn::Status.is_not_null())
        .group_by(EventColumn::CaseId);
    let last: Vec<(Uuid, i32)> = last.into_tuple().all(db).await?;
    let last: HashMap<Uuid, i32> = last.into_iter().collect();
    let subjects = requests
        .into_iter()
        .filter_map(|request| Some((request.id, Subject { last: *last.get(&request.id)?, request })));
    Ok(subjects.collect())
}

fn shown(step: &Event, Subject { request, last }: &Subject, language: Language) -> Option<Value> {
    let status = Status::try_from_value(step.status.as_ref()?).ok()?;
    // The public note is what was said with the last step. What was said with others is between the applicant and the office.
    let note = request.public_note.clone().filter(|_| status == Status::Completed && step.no == *last);
    Some(json!({
        "update_id": step.id,
        "service_request_id": request.reference,
        "status": name(status),
        "updated_datetime": time(step.at),
        "description": note.unwrap_or_else(|| sentence(status).localized(language).to_owned()),
        "media_url": null,
        "external_status_code": step.status,
    }))
}

/// A status as that extension calls it.
fn name(status: Status) -> &'static str {
    match status {
        Status::Received | Status::Accepted => "OPEN",
        Status::InProgress | Status::AwaitingApplicant | Status::Paused => "IN_PROGRESS",
        Status::Completed => "FIXED",
        Status::Rejected | Status::Referred | Status::Cancelled | Status::Converted => "NO_FURTHER_ACTION",
    }
}
