//! Queries of service requests, and their intake.

use std::slice;
use std::sync::Arc;

use entity::case_event::{self, Side};
use entity::codes::Coded;
use entity::guide::Occasion;
use entity::service_request::{ActiveModel, Column, Entity, Model, Status};
use entity::state::Publication;
use entity::texts::Texts;
use entity::{case_key, complaint, e_service, unit};
use sea_orm::sea_query::{Condition, Expr, LockType};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, FromQueryResult, Iterable, PaginatorTrait, QueryFilter, QuerySelect, Select,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::form::{COMPILED, Form};
use super::super::store as catalogue;
use super::dto::{Content, Location};
use super::input::{ApplicantInput, LocationInput, ServiceRequestClosingInput, ServiceRequestInput};
use super::steps::{self, Step};
use super::{bookings, tally};
use crate::audit_log::append::{Event, Logged, without_defaults};
use crate::audit_log::author::Author;
use crate::cases::continuation::{self, Continuation};
use crate::cases::new_case::NewCase;
use crate::cases::paper::{self, Arrival, PastStep, Stated};
use crate::cases::vault::{CaseKey, Vault};
use crate::cases::{self, Case, Cases, Filing, challenge, deadline, duplicates, guides, phones, receipts};
use crate::db::select::Selected;
use crate::db::{Db, Write};
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::place::{Boundary, Point};
use crate::domain::service_request::Action;
use crate::domain::workflow::Action as _;
use crate::domain::working_days::{Calendar, bangkok_day};
use crate::error::{Code, Error, FieldError, Result};
use crate::references::{self, Referred};
use crate::revisions::{Resource, RevisionSet};

pub const CONTENT: &str = "service_request.content";

/// A service request with what it shows of the records that it refers to, and its sealed key.
#[derive(Clone, FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub request: Model,
    #[sea_orm(nested(prefix = "service_"))]
    pub service: Referred,
    #[sea_orm(nested(prefix = "unit_"))]
    pub unit: Referred,
    pub assignee_name: Option<String>,
    pub entered_by_name: Option<String>,
    /// Number of the case of which it is a duplicate.
    pub duplicate_of_reference: Option<String>,
    /// How many duplicates it has.
    pub duplicates_count: i64,
    #[sea_orm(nested)]
    pub continuation: Continuation,
    ring_key: Option<String>,
    sealed_key: Option<Vec<u8>>,
    /// Metres from the point that a list is asked for.
    #[sea_orm(skip)]
    pub distance_m: Option<i32>,
}

impl Row {
    pub fn id(&self) -> Uuid {
        self.request.id
    }

    pub fn version(&self) -> i32 {
        self.request.version
    }
}

impl Selected for Row {
    type Table = Entity;

    fn joined(select: Select<Entity>, backend: DbBackend) -> Select<Entity> {
        let select = cases::with_key(select, (Entity, Column::Id));
        let select = references::with::<e_service::Entity, _>(select, "service_", (Entity, Column::EServiceId));
        let select = references::with::<unit::Entity, _>(select, "unit_", (Entity, Column::UnitId));
        let select = duplicates::with_links(select, (Column::Id, Column::DuplicateOf), Column::Reference);
        let other = (complaint::Column::Id, complaint::Column::Continues, complaint::Column::Reference);
        let select = continuation::with_continuation(select, (Column::Id, Column::Continues), other);
        let select = references::with_actor(select, "entered_by_name", Column::EnteredBy, backend);
        references::with_person(select, "assignee_name", (Entity, Column::AssigneeId))
    }

    fn model(&self) -> &Model {
        &self.request
    }
}

impl Logged for Row {
    const RESOURCE: Resource = Resource::ServiceRequests;

    fn id(&self) -> Option<Uuid> {
        Some(self.request.id)
    }

    /// Columns that were added later are left out while they have their default: older events still match.
    fn document(&self) -> Value {
        let Model { formerly, on_hold, waited_days, .. } = &self.request;
        let mut document = json!(self.request);
        let columns = [("formerly", formerly.0.is_empty()), ("on_hold", !on_hold), ("waited_days", *waited_days == 0)];
        without_defaults(&mut document, &columns);
        document
    }
}

impl Case for Row {
    type Step = Action;

    const ID: Column = Column::Id;
    const ATTACHMENTS: &str = "/v1/service-request-attachments";

    fn case_id(&self) -> Uuid {
        self.id()
    }

    /// The record's version, and the revisions of those whose codes and names are in it.
    fn etag(&self, at: RevisionSet) -> String {
        use Resource::{Clients, EServices, Holidays, Today, Units, Users};
        const SHOWN: &[Resource] = &[Units, EServices, Users, Clients, Holidays, Today];
        at.etag(self.version(), SHOWN)
    }

    fn is_closed(&self) -> bool {
        Action::is_closed(self.request.status)
    }

    fn continued_as(&self) -> Option<&str> {
        self.continuation.continued_as_reference.as_deref()
    }

    fn awaits_answer(&self) -> bool {
        self.request.status == Status::AwaitingApplicant
    }

    async fn answered(self, cases: &Cases, write: &Write, text: Option<String>) -> Result<(Self, case_event::Model)> {
        steps::take(cases, write, self, Step::new(Action::Answer, text)).await
    }

    /// A photo of what was done may come later.
    fn takes_files(&self, side: Side) -> bool {
        !self.is_closed() || (side == Side::Office && self.request.status == Status::Completed)
    }

    fn sealed_key(&self) -> Option<case_key::Model> {
        let (ring_key, sealed) = self.ring_key.clone().zip(self.sealed_key.clone())?;
        Some(case_key::Model { case_id: self.id(), ring_key, sealed })
    }

    /// The rows that an officer may see: those of their units. What became a complaint may be about people of the office.
    fn seen_by(author: &Author) -> Condition {
        author.units.condition(|units| Column::UnitId.is_in(units)).add(Column::Status.ne(Status::Converted))
    }

    async fn touch(self, write: &Write) -> Result<Self> {
        steps::save(write, self.request).await
    }
}

/// Rows without what was filled in and the public note: neither a table nor retention needs them.
pub fn without_content(select: Select<Entity>) -> Select<Entity> {
    let columns = Column::iter().filter(|column| !matches!(column, Column::Content | Column::PublicNote));
    let select = select.select_only().columns(columns).expr_as(Expr::value(Vec::<u8>::new()), "content");
    select.expr_as(Expr::value(None::<String>), "public_note")
}

/// Reads the service request again after a change, and updates the tally of its month.
pub async fn written(write: &Write, id: Uuid) -> Result<Row> {
    let row = Row::find_any(write, id).await?;
    tally::count(write, slice::from_ref(&row)).await?;
    Ok(row)
}

/// A request that was checked against this version of its e-service.
pub struct Draft {
    service: e_service::Model,
    input: ServiceRequestInput,
}

/// Finds all errors of a request, before a write begins.
pub async fn check(
    db: &Db,
    boundary: Option<&Boundary>,
    code: &str,
    input: ServiceRequestInput,
    officer: Option<&Author>,
) -> Result<Draft> {
    let (reader, today) = (db.reader(), bangkok_day(db.now()));
    let catalogue::Row { service, .. } = catalogue::find(reader, code).await?;
    if input.closing.is_none() {
        refuse_unpublished(&service)?;
    }
    let form = form_of(db, &service).await?;
    let filled_in = input.form.clone();
    let judged = tokio::task::spawn_blocking(move || form.errors(&filled_in)).await.map_err(Error::internal)?;
    let mut errors: Vec<FieldError> = judged.into_iter().map(|error| error.below("/form")).collect();
    errors.extend(location_error(boundary, &service, input.location.as_ref()));
    let calendar = if input.booked_on.is_some() { deadline::calendar(reader).await? } else { Calendar::default() };
    errors.extend(bookings::day_error(&service, input.booked_on, &calendar, today));
    if input.closing.is_some() {
        // Nobody needs it any more: a register does not have it.
        errors.retain(|error| ![FieldCode::Required, FieldCode::Needed].contains(&error.code));
        errors.extend(input.booked_on.map(|_| bookings::not_for_the_past()));
    }
    errors.extend(bookings::applicant_error(&input));
    errors.extend(input.stated().errors(officer, today));
    if errors.is_empty() { Ok(Draft { service, input }) } else { Err(Error::in_body(errors)) }
}

/// The form of an e-service. To compile one takes longer than to check what was filled in.
async fn form_of(db: &Db, service: &e_service::Model) -> Result<Arc<Form>> {
    let (id, version) = (service.id, service.form_version);
    if let Some(form) = COMPILED.get(&(id, version)) {
        return Ok(form);
    }
    let row = catalogue::forms(id, Some(version)).one(db.reader()).await?.ok_or(Code::Internal)?;
    let form = tokio::task::spawn_blocking(move || Form::of(&row.schema)).await.map_err(Error::internal)??;
    let form = Arc::new(form);
    COMPILED.insert((id, version), form.clone());
    Ok(form)
}

fn refuse_unpublished(service: &e_service::Model) -> Result<()> {
    if service.publication == Publication::Published {
        return Ok(());
    }
    let reason = service.unpublished_reason.as_deref().unwrap_or_default();
    Err(Code::Unpublished
        .because(format!("งดให้บริการนี้ เนื่องจาก{reason}"), format!("The e-service was unpublished: {reason}")))
}

fn location_error(
    boundary: Option<&Boundary>,
    service: &e_service::Model,
    place: Option<&LocationInput>,
) -> Option<FieldError> {
    let violation = match (place, service.takes_location) {
        (None, true) => FieldCode::Needed.because("โปรดระบุสถานที่", "is required: this e-service is done at a place"),
        (Some(_), false) => FieldCode::NotForThis
            .because("บริการนี้ไม่ต้องระบุสถานที่", "must be left out: this e-service is not done at a place"),
        _ => {
            let (boundary, point) = (boundary?, place?.point()?);
            if boundary.contains(point) {
                return None;
            }
            FieldCode::Outside.because("อยู่นอกเขตเทศบาล", "must be inside of the municipality")
        }
    };
    Some(FieldError::at("/location", violation))
}

fn changed_meanwhile() -> Error {
    Code::Unavailable.because(
        "แบบคำขอของบริการนี้เพิ่งปรับปรุง โปรดเปิดแบบคำขอใหม่แล้วส่งอีกครั้ง",
        "The e-service has just changed: read its form again, and send the request again.",
    )
}

impl Draft {
    pub fn service_id(&self) -> Uuid {
        self.service.id
    }

    /// Code of its e-service.
    pub fn e_service(&self) -> &str {
        &self.service.code
    }

    pub fn stated(&self) -> Stated {
        self.input.stated()
    }

    /// Spends the challenge of a request that books a day, without a token.
    pub async fn spend_challenge(&self, cases: &Cases, write: &Write) -> Result<()> {
        if self.input.booked_on.is_none() || write.author != Author::public() {
            return Ok(());
        }
        challenge::spend(cases, write, self.input.proof.as_ref()).await
    }
}

/// Files a request that fits, with its end if that was before it is entered. Gives the events of that.
pub async fn insert(filing: Filing<'_>, write: &Write, new: NewCase, draft: Draft) -> Result<(Row, Vec<Event>)> {
    let Draft { service: before, input } = draft;
    let service = unchanged(write, &before, &input).await?;
    let (NewCase { key, arrival, continues }, register_no) = (new, input.stated().register_no);
    let (id, key) = (key.case, filing.vault.begin(write, &key).await?);
    let ServiceRequestInput { form, applicant, location, booked_on, channel, closing, .. } = input;
    bookings::refuse_full(write, service.id, booked_on, id).await?;
    index_phone(filing.vault, write, id, applicant.as_ref()).await?;
    let point = location.as_ref().and_then(LocationInput::point).map(Point::rounded);
    let content = Content { form, applicant, place: location.map(Location::from) };
    let (calendar, received_on) = (deadline::calendar(write).await?, arrival.received_on);
    let request = Model {
        id,
        reference: receipts::reference()?,
        e_service_id: service.id,
        form_version: service.form_version,
        channel,
        status: Status::Received,
        status_before: None,
        fiscal_year: FiscalYear::of(received_on).ok_or(Code::Internal)?.number(),
        received_on,
        received_at: arrival.received_at,
        entered_at: arrival.entered_at,
        entered_by: arrival.entered_by.clone(),
        register_no,
        unit_id: service.unit_id,
        assignee_id: None,
        working_days: service.working_days,
        clock_from: received_on,
        waiting_since: None,
        waited_days: 0,
        answer_due_on: None,
        reminder_on: None,
        due_before: None,
        due_on: None,
        holidays: Texts::default(),
        delay_explained_on: None,
        closed_on: None,
        result_due_on: None,
        result_told_on: None,
        took: None,
        reopen_count: 0,
        rating: None,
        latitude: point.map(|point| point.latitude),
        longitude: point.map(|point| point.longitude),
        booked_on,
        public_note: None,
        formerly: Texts::default(),
        notices: guides::notices(write, Occasion::ServiceRequestIntake, &arrival).await?,
        duplicate_of: None,
        continues,
        referral: None,
        on_hold: false,
        destroyed_on: None,
        content: key.seal(CONTENT, id, &serde_json::to_string(&content).map_err(Error::internal)?)?,
        version: 1,
        updated_at: write.now,
    };
    file(write, &key, request, &arrival, closing.and_then(ServiceRequestClosingInput::step), &calendar).await
}

/// Makes a request found by the end of its telephone number, now or by the job.
async fn index_phone(vault: &Vault, write: &Write, id: Uuid, applicant: Option<&ApplicantInput>) -> Result<()> {
    let Some(phone) = applicant.and_then(|applicant| applicant.phone.clone()) else { return Ok(()) };
    if phones::add(vault, write, id, &phone.into_inner()).await? { Ok(()) } else { phones::queue(write, &[id]).await }
}

/// The e-service of a request, if it is still as the request was checked with.
async fn unchanged(write: &Write, before: &e_service::Model, input: &ServiceRequestInput) -> Result<e_service::Model> {
    // A shared lock keeps the e-service from being withdrawn meanwhile. A booking takes an exclusive one: two writes that hold a
    // shared lock and then want an exclusive one would deadlock.
    let lock = if input.booked_on.is_some() { LockType::Update } else { LockType::Share };
    let service = e_service::Entity::find_by_id(before.id).lock(lock).one(write).await?.ok_or(Code::NotFound)?;
    // What was done before may be of a service that is no longer offered.
    if input.closing.is_none() {
        refuse_unpublished(&service)?;
    }
    if service.version == before.version { Ok(service) } else { Err(changed_meanwhile()) }
}

/// Puts a new request and its timeline in their tables, with its end if that was before it is entered.
async fn file(
    write: &Write,
    key: &CaseKey,
    mut request: Model,
    arrival: &Arrival,
    end: Option<PastStep<Action>>,
    calendar: &Calendar,
) -> Result<(Row, Vec<Event>)> {
    refuse_taken(write, request.e_service_id, arrival, request.register_no.as_deref()).await?;
    let id = request.id;
    steps::clock(&mut request).run(calendar, arrival.received_on);
    paper::receive(write, key, id, Status::Received.code(), arrival).await?;
    let mut states = vec![("receive", request.clone())];
    if let Some(step) = end {
        steps::catch_up(&mut request, &step, calendar);
        step.add(write, key, id).await?;
        states.push((step.action.code(), request.clone()));
    }
    Entity::insert(ActiveModel::from(request)).exec_without_returning(write).await?;
    let row = written(write, id).await?;
    let event = |(action, request)| Event::about(action, &Row { request, ..row.clone() });
    let events = states.into_iter().map(event).collect();
    Ok((row, events))
}

async fn refuse_taken(write: &Write, service: Uuid, arrival: &Arrival, register_no: Option<&str>) -> Result<()> {
    let Some(number) = register_no else { return Ok(()) };
    let same = Entity::find().filter(Column::EServiceId.eq(service)).filter(Column::RegisterNo.eq(number));
    let same = same.filter(Column::ReceivedOn.eq(arrival.received_on));
    if same.count(write).await? > 0 { Err(paper::taken().into()) } else { Ok(()) }
}
