//! Handing over a desk: the open cases of one officer go to others, all in one act or none.

use std::collections::HashMap;

use actix_web::post;
use entity::account;
use entity::open_case::{Column, Entity, Kind, Model};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::Validate;

use super::colleagues::store::open_counts;
use super::store::held;
use crate::audit_log::append::Event;
use crate::auth::scope::{ComplaintsHandle, ServiceRequestsHandle};
use crate::auth::{Officer, people};
use crate::cases::assignment::able;
use crate::complaints::steps as complaints;
use crate::db::Write;
use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::text::{Line, Lines};
use crate::e_services::requests::steps as service_requests;
use crate::error::{Error, FieldError, Result};
use crate::http::batch::BatchOptions;
use crate::http::body::Json;
use crate::http::idempotency::write_once;
use crate::http::params::Query;
use crate::http::response::WriteResponse;
use crate::http::route::Kind as RouteKind;
use crate::references;
use crate::state::{App, State};

/// Cases of one act: each takes some ten statements, while other writes wait.
const MOST: usize = 500;

pub fn routes(config: &mut ServiceConfig) {
    config.service(create_desk_handover);
}

/// Whose open cases go to whom.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "from_id": "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11",
    "receivers": [{ "id": "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c12" }],
}))]
pub struct DeskHandoverInput {
    /// Id of the account whose open cases are handed over. It may be disabled.
    pub from_id: Uuid,
    /// Who receives them. Each case goes to the first receiver of its kind and unit who may hold it.
    #[validate(nested)]
    #[schema(min_items = 1, max_items = 50)]
    pub receivers: Vec<DeskReceiverInput>,
    /// Reason, which only the office can read.
    #[schema(example = json!(null))]
    pub text: Option<Lines<2000>>,
}

/// A person who receives cases.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "id": "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c12" }))]
pub struct DeskReceiverInput {
    /// Id of the account of an officer, from `GET /v1/colleagues`.
    pub id: Uuid,
    /// Only cases of this kind.
    #[schema(example = json!(null))]
    pub kind: Option<Kind>,
    /// Only cases of the unit with this code.
    #[schema(example = json!(null))]
    pub unit: Option<Line<50>>,
}

/// What was handed over. The cases themselves are in the work list.
#[derive(Serialize, ToSchema)]
pub struct DeskHandover {
    /// Id of the account whose cases were handed over.
    pub from_id: Uuid,
    /// Name of that account.
    #[schema(max_length = 200, example = "สมศรี ใจดี")]
    pub from_name: String,
    /// The receivers, as they were sent.
    #[schema(max_items = 50)]
    pub receivers: Vec<DeskReceiver>,
    /// Number of cases that were handed over.
    #[schema(minimum = 0, maximum = 500, example = 12)]
    pub handed_over_count: i64,
    /// Number of open cases that the caller may see and the person still has: those that no receiver was named for.
    #[schema(minimum = 0, maximum = 1000000000, example = 0)]
    pub remaining_count: i64,
}

/// A receiver, and how many cases went there.
#[derive(Serialize, ToSchema)]
pub struct DeskReceiver {
    /// Id of the account.
    pub id: Uuid,
    /// Name of that account.
    #[schema(max_length = 200, example = "สมชาย ใจดี")]
    pub display_name: String,
    /// Number of cases that the person received as this receiver.
    #[schema(minimum = 0, maximum = 500, example = 12)]
    pub case_count: i64,
}

/// Hand over the desk of an officer
///
/// Assigns the open cases of one officer to others, all or none: complaints with the scope `complaints:handle`, service
/// requests with `service-requests:handle`, as far as the caller may see them. Each case goes to the first of the
/// receivers whose `kind` and `unit` it has and who may hold it: an active officer of its unit who is not recused from
/// it. A case that has receivers of its kind and unit, none of whom may hold it, is an error that names its reference.
/// A case that has none stays where it is. Each case gets an internal event on its timeline, and one in the audit log.
/// At most 500 cases are handed over at once.
#[utoipa::path(
    tag = "work",
    extensions(("x-kind" = json!([RouteKind::Batch]))),
    security(("bearer" = ["complaints:handle"]), ("bearer" = ["service-requests:handle"])),
    params(BatchOptions),
    request_body = DeskHandoverInput,
    responses((status = 200, body = DeskHandover)),
)]
#[post("/v1/desk-handovers")]
async fn create_desk_handover(
    app: State,
    officer: Officer,
    options: Query<BatchOptions>,
    body: Json<DeskHandoverInput>,
) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    let (state, author, dry_run) = (app.clone(), officer.writer().clone(), options.0.dry_run);
    let work = move |write: Write| async move {
        let (events, handover) = hand_over(&state, &write, &officer, input).await?;
        let written = WriteResponse::done(&handover)?;
        if dry_run { Ok(written) } else { write.commit(events, written) }
    };
    write_once(&app.db, &author, key.filter(|_| !dry_run), work).await
}

async fn hand_over(
    app: &App,
    write: &Write,
    officer: &Officer,
    input: DeskHandoverInput,
) -> Result<(Vec<Event>, DeskHandover)> {
    let desk = Desk::of(write, input).await?;
    let cases = Entity::find().filter(held(officer)).filter(Column::AssigneeId.eq(desk.from_id));
    let mut cases: Vec<Model> = cases.order_by_asc(Column::Kind).order_by_asc(Column::Id).all(write).await?;
    cases.retain(|case| desk.receivers_of(case).next().is_some());
    if cases.len() > MOST {
        let many = FieldCode::TooManyAtOnce.because(
            format!("มีงานที่ต้องส่งมอบ {} งาน ส่งมอบได้ครั้งละไม่เกิน {MOST} งาน โปรดแบ่งตามประเภทหรือส่วนราชการ", cases.len()),
            format!(
                "has {} cases to hand over: {MOST} at most go at once, so divide them by kind or unit",
                cases.len()
            ),
        );
        return Err(FieldError::at("/from_id", many).into());
    }
    let (mut events, mut errors) = (Vec::new(), Vec::new());
    let mut counts = vec![0; desk.receivers.len()];
    let able = desk.able(write, &cases).await?;
    for case in cases {
        match desk.hand_over(app, write, &case, &able).await {
            Ok(Some((index, event))) => {
                counts[index] += 1;
                events.push(event);
            }
            // Meanwhile it is not this officer's any more.
            Ok(None) => {}
            Err(error) if error.code().status() >= 500 => return Err(error),
            Err(error) => errors.push(of_case(&case, &error)),
        }
    }
    if !errors.is_empty() {
        return Err(Error::in_body(errors));
    }
    let remaining = open_counts(write, officer, &[desk.from_id]).await?;
    let remaining_count = remaining.get(&desk.from_id).copied().unwrap_or_default();
    let handed_over_count = counts.iter().sum();
    let receivers = desk.receivers.into_iter().zip(counts);
    let receivers = receivers.map(|(it, case_count)| DeskReceiver { id: it.id, display_name: it.name, case_count });
    let (from_id, from_name, receivers) = (desk.from_id, desk.from_name, receivers.collect());
    Ok((events, DeskHandover { from_id, from_name, receivers, handed_over_count, remaining_count }))
}

/// Why a case cannot be handed over.
fn of_case(case: &Model, error: &Error) -> FieldError {
    let code = FieldCode::named(error.code().name()).unwrap_or(FieldCode::NotAnOfficer);
    let message = error.errors().first().map_or_else(|| error.message(), |error| error.message.clone());
    FieldError::at("/receivers", Violation { code, message: message.about(&case.reference) })
}

/// A desk that is handed over.
struct Desk {
    from_id: Uuid,
    from_name: String,
    receivers: Vec<Receiver>,
    text: Option<String>,
}

/// Ids of who can hold cases of a kind and unit.
type Able = HashMap<(Kind, Option<Uuid>), Vec<Uuid>>;

struct Receiver {
    id: Uuid,
    name: String,
    kind: Option<Kind>,
    unit: Option<Uuid>,
}

impl Desk {
    /// Rejects accounts and units that are not there.
    async fn of(write: &Write, input: DeskHandoverInput) -> Result<Self> {
        let DeskHandoverInput { from_id, receivers: given, text } = input;
        let ids = given.iter().map(|receiver| receiver.id).chain([from_id]);
        let accounts = account::Entity::find().filter(account::Column::Id.is_in(ids)).all(write).await?;
        let name = |id| accounts.iter().find(|account| account.id == id).map(|account| account.name.clone());
        let unknown = || FieldCode::UnknownAccount.because("ไม่มีบัญชีผู้ใช้นี้", "must be the id of an account");
        let (mut errors, mut receivers) = (Vec::new(), Vec::new());
        if name(from_id).is_none() {
            errors.push(FieldError::at("/from_id", unknown()));
        }
        for (index, DeskReceiverInput { id, kind, unit }) in given.into_iter().enumerate() {
            let place = |field: &str| format!("/receivers/{index}/{field}");
            if name(id).is_none() {
                errors.push(FieldError::at(&place("id"), unknown()));
            }
            if id == from_id {
                let same = FieldCode::NotForThis.because("ต้องไม่ใช่ผู้ส่งมอบงาน", "must not be the one who hands over");
                errors.push(FieldError::at(&place("id"), same));
            }
            let unit = references::named(write, &place("unit"), unit.as_deref(), &mut errors).await?;
            receivers.push(Receiver { id, name: name(id).unwrap_or_default(), kind, unit: unit.map(|unit| unit.id) });
        }
        if !errors.is_empty() {
            return Err(Error::in_body(errors));
        }
        let from_name = name(from_id).unwrap_or_default();
        Ok(Self { from_id, from_name, receivers, text: text.map(Lines::into_inner) })
    }

    /// The receivers that a case is for, with their places.
    fn receivers_of<'a>(&'a self, case: &'a Model) -> impl Iterator<Item = (usize, &'a Receiver)> {
        self.receivers.iter().enumerate().filter(|(_, receiver)| {
            let is_of_kind = receiver.kind.is_none_or(|kind| kind == case.kind);
            is_of_kind && receiver.unit.is_none_or(|unit| case.unit_id == Some(unit))
        })
    }

    /// The receivers who can hold cases of each of these kinds and units: as few queries as there are of both.
    async fn able(&self, write: &Write, cases: &[Model]) -> Result<Able> {
        let ids: Vec<Uuid> = self.receivers.iter().map(|receiver| receiver.id).collect();
        let mut all = Able::new();
        for case in cases {
            let of = (case.kind, case.unit_id);
            if all.contains_key(&of) {
                continue;
            }
            let able = match case.kind {
                Kind::Complaint => able::<ComplaintsHandle>(write, &ids, case.unit_id).await?,
                Kind::ServiceRequest => able::<ServiceRequestsHandle>(write, &ids, case.unit_id).await?,
            };
            all.insert(of, able);
        }
        Ok(all)
    }

    /// Assigns a case to the first of its receivers who may hold it. The step checks that again under the lock of the case.
    async fn hand_over(&self, app: &App, write: &Write, case: &Model, able: &Able) -> Result<Option<(usize, Event)>> {
        let recused: Vec<String> = serde_json::from_str(&case.recused).map_err(Error::internal)?;
        let able = able.get(&(case.kind, case.unit_id)).map_or(&[][..], Vec::as_slice);
        for (index, receiver) in self.receivers_of(case).filter(|(_, receiver)| able.contains(&receiver.id)) {
            let to = receiver.id;
            if people::is_in(write, &to.to_string(), &recused).await? {
                continue;
            }
            let (between, text) = ((self.from_id, to), self.note(receiver));
            let event = match case.kind {
                Kind::Complaint => complaints::hand_over(app, write, case.id, between, text).await?,
                Kind::ServiceRequest => service_requests::hand_over(app, write, case.id, between, text).await?,
            };
            return Ok(event.map(|event| (index, event)));
        }
        Err(FieldError::at("/receivers", FieldCode::NotAnOfficer).into())
    }

    /// What the office reads on the timeline.
    fn note(&self, to: &Receiver) -> String {
        let moved = format!("ส่งมอบงานจาก {} ให้ {}", self.from_name, to.name);
        self.text.as_ref().map_or_else(|| moved.clone(), |text| format!("{moved}\n{text}"))
    }
}
