//! Queries and updates of complaints.

use std::slice;

use entity::agency::DayCount;
use entity::codes::Coded;
use entity::complaint::{ActiveModel, Column, Entity, Kind, Model, Status};
use entity::guide::Occasion;
use entity::texts::Texts;
use entity::{case_event, case_key, complaint_category, service_request, unit};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, Iterable, PaginatorTrait, QueryFilter,
    QuerySelect, Select,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::{ComplaintChangeInput, Report};
use super::filter::ComplaintFilter;
use super::input::{ComplaintInput, Past};
use super::steps::{self, Step};
use super::{feedback, intake_unit, recusals, retention, tally};
use crate::audit_log::append::{Event, Logged, without_defaults};
use crate::audit_log::author::Author;
use crate::auth::recusal;
use crate::cases::continuation::{self, Continuation};
use crate::cases::deadline;
use crate::cases::new_case::NewCase;
use crate::cases::paper::{self, Arrival};
use crate::cases::search::Pattern;
use crate::cases::vault::CaseKey;
use crate::cases::{self, Case, Cases, Filing, duplicates, guides};
use crate::db::Write;
use crate::db::select::Selected;
use crate::domain::complaint::{Action, can_end};
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::workflow::Action as _;
use crate::domain::working_days::{Calendar, bangkok_day};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::list::{Found, List};
use crate::references::{self, Known, Referred};
use crate::revisions::{Resource, RevisionSet};
use crate::state::State;

pub const SUBJECT: &str = "complaint.subject";
pub const REPORT: &str = "complaint.report";

/// A complaint with what it shows of the records that it refers to, and its sealed key.
#[derive(Clone, FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub complaint: Model,
    #[sea_orm(nested(prefix = "category_"))]
    pub category: Referred,
    #[sea_orm(nested(prefix = "unit_"))]
    pub unit: Option<Referred>,
    #[sea_orm(nested(prefix = "accused_unit_"))]
    pub accused_unit: Option<Referred>,
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
}

impl Row {
    pub fn id(&self) -> Uuid {
        self.complaint.id
    }

    pub fn version(&self) -> i32 {
        self.complaint.version
    }
}

impl Selected for Row {
    type Table = Entity;

    fn joined(select: Select<Entity>, backend: DbBackend) -> Select<Entity> {
        let select = cases::with_key(select, (Entity, Column::Id));
        let category = (Entity, Column::CategoryId);
        let select = references::with::<complaint_category::Entity, _>(select, "category_", category);
        let select = references::with::<unit::Entity, _>(select, "unit_", (Entity, Column::UnitId));
        let select = references::with::<unit::Entity, _>(select, "accused_unit_", (Entity, Column::AccusedUnitId));
        let select = duplicates::with_links(select, (Column::Id, Column::DuplicateOf), Column::Reference);
        let other =
            (service_request::Column::Id, service_request::Column::Continues, service_request::Column::Reference);
        let select = continuation::with_continuation(select, (Column::Id, Column::Continues), other);
        let select = references::with_actor(select, "entered_by_name", Column::EnteredBy, backend);
        references::with_person(select, "assignee_name", (Entity, Column::AssigneeId))
    }

    fn model(&self) -> &Model {
        &self.complaint
    }
}

impl Logged for Row {
    const RESOURCE: Resource = Resource::Complaints;

    fn id(&self) -> Option<Uuid> {
        Some(self.complaint.id)
    }

    /// Columns that were added later are left out while they have their default: older events still match.
    fn document(&self) -> Value {
        let Model { anonymous, formerly, first_answer_counted, .. } = &self.complaint;
        let mut document = json!(self.complaint);
        let columns = [
            ("anonymous", *anonymous),
            ("formerly", formerly.0.is_empty()),
            ("first_answer_counted", *first_answer_counted == DayCount::WorkingDays),
        ];
        without_defaults(&mut document, &columns);
        document
    }
}

impl Case for Row {
    type Step = Action;

    const ID: Column = Column::Id;
    const ATTACHMENTS: &str = "/v1/complaint-attachments";

    fn case_id(&self) -> Uuid {
        self.id()
    }

    /// The record's version, and the revisions of those whose codes and names are in it.
    fn etag(&self, at: RevisionSet) -> String {
        use Resource::{Clients, ComplaintCategories, Holidays, Today, Units, Users};
        const SHOWN: &[Resource] = &[Units, ComplaintCategories, Users, Clients, Holidays, Today];
        at.etag(self.version(), SHOWN)
    }

    fn is_closed(&self) -> bool {
        Action::is_closed(self.complaint.status)
    }

    fn continued_as(&self) -> Option<&str> {
        let is_converted = self.complaint.status == Status::Converted;
        self.continuation.continued_as_reference.as_deref().filter(|_| is_converted)
    }

    fn awaits_answer(&self) -> bool {
        self.complaint.status == Status::AwaitingReporter
    }

    async fn answered(self, cases: &Cases, write: &Write, text: Option<String>) -> Result<(Self, case_event::Model)> {
        steps::take(cases, write, self, Step::new(Action::Answer, text)).await
    }

    fn is_named(&self) -> bool {
        !self.complaint.anonymous
    }

    fn sealed_key(&self) -> Option<case_key::Model> {
        let (ring_key, sealed) = self.ring_key.clone().zip(self.sealed_key.clone())?;
        Some(case_key::Model { case_id: self.id(), ring_key, sealed })
    }

    /// The rows that an officer may see: those of their units, except complaints from which they are recused.
    fn seen_by(author: &Author) -> Condition {
        author.units.condition(|units| Column::UnitId.is_in(units)).add(recusal::not_recused(author))
    }

    async fn refuse_named(&self, write: &Write) -> Result<()> {
        recusals::refuse_named(write, &self.complaint).await
    }

    async fn touch(self, write: &Write) -> Result<Self> {
        steps::save(write, self.complaint).await
    }
}

/// The complaints of a list that an officer may see, without what was reported.
pub async fn list(app: &State, list: &List<ComplaintFilter>, author: &Author) -> Result<Found<Row>> {
    let today = bangkok_day(app.db.now());
    let select = without_report(Entity::find().filter(Row::seen_by(author)).filter(list.filter.matching(today)));
    let Some(q) = &list.filter.q else { return list.find(&app.db, select).await };
    // Subjects are encrypted: each is decrypted and searched.
    let (q, state) = (Pattern::of(q), app.clone());
    let has_it = move |row: &Row| -> Result<bool> {
        if q.is_in_reference(&row.complaint.reference) {
            return Ok(true);
        }
        let Some(key) = row.key(&state.cases.vault)? else { return Ok(false) };
        Ok(q.is_in(&key.open(SUBJECT, row.id(), &row.complaint.subject)?))
    };
    list.sift(&app.db, select, move |row| Ok(has_it(&row)?.then_some(row))).await
}

/// Rows whose report is empty: it is long, and neither a list nor retention needs it.
pub fn without_report(select: Select<Entity>) -> Select<Entity> {
    let columns = Column::iter().filter(|column| !matches!(column, Column::Report));
    select.select_only().columns(columns).expr_as(Expr::value(Vec::<u8>::new()), "report")
}

/// Those of several ids, without what was reported.
pub async fn those(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<Vec<Row>> {
    let select = without_report(Entity::find().filter(Column::Id.is_in(ids)));
    Ok(Row::of(select, db.get_database_backend()).all(db).await?)
}

/// Reads the complaint again after a change, and updates the tally of its month.
pub async fn written(write: &Write, id: Uuid) -> Result<Row> {
    let row = Row::find_any(write, id).await?;
    tally::count(write, slice::from_ref(&row)).await?;
    Ok(row)
}

/// Files a complaint, but for who reports it, with what was done about it before it is entered. Gives the events of that.
pub async fn insert(
    filing: Filing<'_>,
    write: &Write,
    new: NewCase,
    input: ComplaintInput,
    (reference, anonymous): (String, bool),
) -> Result<(Row, Vec<Event>)> {
    let (category_id, accused_unit_id) = filed_under(write, &input).await?;
    let (NewCase { key, arrival, continues }, stated, past) = (new, input.stated(), input.past());
    let (id, kind, channel, key) = (key.case, input.kind, input.channel, filing.vault.begin(write, &key).await?);
    let (subject, report) = sealed(&key, id, input)?;
    let (calendar, settings, received_on) = (deadline::calendar(write).await?, filing.settings, arrival.received_on);
    let promised = deadline::first_answer(write, &calendar, received_on, settings.first_answer_days).await?;
    let complaint = Model {
        id,
        reference,
        kind,
        category_id,
        channel,
        anonymous,
        status: Status::Received,
        outcome: None,
        fiscal_year: FiscalYear::of(received_on).ok_or(Code::Internal)?.number(),
        received_on,
        received_at: arrival.received_at,
        entered_at: arrival.entered_at,
        entered_by: arrival.entered_by.clone(),
        register_no: stated.register_no,
        unit_id: intake_unit::of(write, kind, accused_unit_id).await?,
        assignee_id: None,
        accused_unit_id,
        recused: Texts::default(),
        recusal_proposal: None,
        first_answer_days: settings.first_answer_days.cast_signed(),
        first_answer_counted: promised.0,
        first_answer_due_on: promised.1,
        first_answer_holidays: promised.2,
        first_answered_on: None,
        first_answer_took: None,
        conclusion_days: settings.conclusion_days.cast_signed(),
        clock_from: received_on,
        waiting_since: None,
        conclusion_due_before: None,
        waited_days: 0,
        conclusion_due_on: None,
        conclusion_holidays: Texts::default(),
        withdrawal_requested_on: None,
        closed_on: None,
        reopening_requested_on: None,
        rating: None,
        conclusion_took: None,
        reopen_count: 0,
        formerly: Texts::default(),
        notices: guides::notices(write, Occasion::ComplaintIntake, &arrival).await?,
        duplicate_of: None,
        continues,
        referral: None,
        on_hold: false,
        destroyed_on: None,
        subject,
        report,
        version: 1,
        updated_at: write.now,
    };
    file(write, &key, complaint, &arrival, past, &calendar).await
}

/// Puts a new complaint and its timeline in their tables, with the steps that were taken before it is entered.
async fn file(
    write: &Write,
    key: &CaseKey,
    mut complaint: Model,
    arrival: &Arrival,
    past: Past,
    calendar: &Calendar,
) -> Result<(Row, Vec<Event>)> {
    refuse_taken(write, arrival, complaint.register_no.as_deref()).await?;
    let id = complaint.id;
    steps::clock(&mut complaint).run(calendar, arrival.received_on);
    paper::receive(write, key, id, &name_of(Status::Received), arrival).await?;
    let mut states = vec![("receive", complaint.clone())];
    if let Some(day) = past.answered_on {
        steps::answered(&mut complaint, calendar, day);
    }
    for step in past.steps {
        steps::catch_up(&mut complaint, &step, past.outcome, calendar);
        step.add(write, key, id).await?;
        states.push((step.action.code(), complaint.clone()));
    }
    Entity::insert(ActiveModel::from(complaint)).exec_without_returning(write).await?;
    let row = written(write, id).await?;
    let event = |(action, complaint)| Event::about(action, &Row { complaint, ..row.clone() });
    let events = states.into_iter().map(event).collect();
    Ok((row, events))
}

async fn refuse_taken(write: &Write, arrival: &Arrival, register_no: Option<&str>) -> Result<()> {
    let Some(number) = register_no else { return Ok(()) };
    let same = Entity::find().filter(Column::RegisterNo.eq(number)).filter(Column::ReceivedOn.eq(arrival.received_on));
    if same.count(write).await? > 0 { Err(paper::taken().into()) } else { Ok(()) }
}

/// The category of a new complaint, and the unit that it is about.
async fn filed_under(write: &Write, input: &ComplaintInput) -> Result<(Uuid, Option<Uuid>)> {
    let mut errors = Vec::new();
    let is_past = input.closing.is_some();
    let category_id = category_of(write, (input.kind, &input.category), is_past, &mut errors).await?;
    let accused_unit = references::named(write, "/accused_unit", input.accused_unit.as_deref(), &mut errors).await?;
    if !can_end(input.kind, input.closing.as_ref().and_then(|closing| closing.outcome)) {
        errors.push(FieldError::at("/closing/outcome", feedback::noted()));
    }
    let Some(category_id) = category_id.filter(|_| errors.is_empty()) else { return Err(Error::in_body(errors)) };
    Ok((category_id, accused_unit.map(|unit| unit.id)))
}

/// The subject and the report of a new complaint, encrypted. The other fields have columns or tables of their own.
fn sealed(key: &CaseKey, id: Uuid, input: ComplaintInput) -> Result<(Vec<u8>, Vec<u8>)> {
    let ComplaintInput {
        subject,
        description,
        occurred_text,
        location_text,
        accused,
        kind: _,
        category: _,
        accused_unit: _,
        channel: _,
        received_on: _,
        register_no: _,
        first_answered_on: _,
        closing: _,
        proof: _,
        reporter: _,
    } = input;
    let report = Report {
        description: description.into_inner(),
        happened: occurred_text.map(|text| text.into_inner()),
        place: location_text.map(|text| text.into_inner()),
        accused: accused.map(|text| text.into_inner()),
    };
    let report = serde_json::to_string(&report).map_err(Error::internal)?;
    Ok((key.seal(SUBJECT, id, &subject)?, key.seal(REPORT, id, &report)?))
}

/// Corrects what a complaint is filed under, and whether it is kept.
pub async fn update(cases: &Cases, write: &Write, mut row: Row, input: ComplaintChangeInput) -> Result<Row> {
    let ComplaintChangeInput { kind, category, on_hold } = input;
    if row.complaint.destroyed_on.is_some() {
        return Err(Code::Destroyed.into());
    }
    row.refuse_named(write).await?;
    let changes_kind = kind != row.complaint.kind;
    if changes_kind && row.is_closed() {
        return Err(retention::kind_is_final());
    }
    let mut errors = Vec::new();
    let category_id = if *category == row.category.code && kind == row.complaint.kind {
        // One that is no longer in use stays with what was filed under it.
        Some(row.complaint.category_id)
    } else {
        category_of(write, (kind, &category), false, &mut errors).await?
    };
    let Some(category_id) = category_id.filter(|_| errors.is_empty()) else { return Err(Error::in_body(errors)) };
    if changes_kind {
        row.complaint.formerly = retention::formerly(&row.complaint);
        intake_unit::follow(cases, write, &mut row, kind).await?;
    }
    steps::save(write, Model { kind, category_id, on_hold, ..row.complaint }).await
}

/// The category of a kind with a code: one in use, or any for a complaint of the past.
async fn category_of(
    write: &Write,
    (kind, code): (Kind, &str),
    is_past: bool,
    errors: &mut Vec<FieldError>,
) -> Result<Option<Uuid>> {
    let found = complaint_category::Entity::find().filter(complaint_category::Column::Code.eq(code));
    // The lock keeps the category from being taken out of use meanwhile.
    match found.lock_shared().one(write).await? {
        Some(category) if (category.active || is_past) && category.kind == kind => return Ok(Some(category.id)),
        Some(category) if category.active || is_past => {
            errors.push(FieldError::at("/category", FieldCode::WrongKind));
        }
        _ => {
            let known = Known::<complaint_category::Entity>::read(write).await?;
            errors.push(FieldError::at("/category", known.without(code)));
        }
    }
    Ok(None)
}

/// A status as JSON has it.
pub fn name_of(status: Status) -> String {
    use sea_orm::ActiveEnum;
    status.to_value()
}
