//! Service requests as the office sees them, and the steps that can be sent.

use chrono::{DateTime, NaiveDate, Utc};
use entity::service_request::{Channel, Model, Status};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::input::{ApplicantInput, LocationInput};
use super::promises;
use super::steps::Step;
use super::store::{CONTENT, Row};
use crate::cases::Case;
use crate::cases::deadline::{Deadline, Today};
use crate::cases::guides::{self, ShownNotice};
use crate::cases::paper;
use crate::cases::referral::{Referral, ReferralInput};
use crate::cases::vault::Vault;
use crate::cases::workflow::{self, OfficeAction};
use crate::domain::contact::{Email, Phone};
use crate::domain::name::Name;
use crate::domain::service_request::Action;
use crate::domain::text::{Line, Lines};
use crate::error::{Error, Result};
use crate::http::list::Tabular;
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::revisions::Resource;

/// What of a request is sealed together.
#[derive(Serialize, Deserialize)]
pub struct Content {
    pub form: Value,
    pub applicant: Option<ApplicantInput>,
    pub place: Option<Location>,
}

/// A service request for the office. Its texts are null once they are destroyed.
#[derive(Serialize, ToSchema)]
pub struct ServiceRequest {
    /// Id of the request, a UUIDv7.
    pub id: Uuid,
    /// Number of the case, for inquiries.
    #[schema(max_length = 20, example = "7K3M-9Q2X")]
    pub reference: String,
    /// Code of the e-service.
    #[schema(max_length = 50, example = "public-lighting")]
    pub e_service: String,
    /// Name of that e-service.
    pub e_service_name: Name,
    /// Version of the form that was filled in.
    #[schema(minimum = 1, maximum = 1000000, example = 1)]
    pub form_version: i32,
    /// Content of the form; null once it is destroyed.
    #[schema(required, value_type = Option<Object>, example = json!({ "fault": "out" }))]
    pub form: Option<Value>,
    /// Person who made the request; null if not stated, or once it is destroyed.
    #[schema(required)]
    pub applicant: Option<Applicant>,
    /// Where the work is to be done; null if not stated.
    #[schema(required)]
    pub location: Option<Location>,
    /// The booked day; null if none is booked.
    #[schema(required, example = json!(null))]
    pub booked_on: Option<NaiveDate>,
    /// Channel through which the request arrived.
    pub channel: Channel,
    /// Status of the request in the workflow.
    pub status: Status,
    /// Code of the unit that handles the case.
    #[schema(max_length = 50, example = "public-works")]
    pub unit: String,
    /// Name of that unit.
    pub unit_name: Name,
    /// Id of the account that handles the case; null if none does.
    #[schema(required, example = json!(null))]
    pub assignee_id: Option<Uuid>,
    /// Name of that account.
    #[schema(required, max_length = 200, example = json!(null))]
    pub assignee_name: Option<String>,
    /// Day in Bangkok on which the request was received.
    #[schema(example = "2024-04-11")]
    pub received_on: NaiveDate,
    /// Time at which the request was received; null if only the day is known, because it was entered later.
    #[schema(required)]
    pub received_at: Option<DateTime<Utc>>,
    /// Time at which the request was entered here: that of receipt, or later.
    pub entered_at: DateTime<Utc>,
    /// Id of the account or client that entered the request; null if the applicant did, or once it is destroyed.
    #[schema(required, max_length = 170, example = json!(null))]
    pub entered_by_id: Option<String>,
    /// Number in the office's own register; null if it has none.
    #[schema(required, max_length = 50, example = json!(null))]
    pub register_no: Option<String>,
    /// Deadline of completion, and when it was met.
    pub completion: Deadline,
    /// Day until which the applicant was asked to answer; null if none was stated, or nothing is asked.
    #[schema(required, example = json!(null))]
    pub answer_due_on: Option<NaiveDate>,
    /// Day on which the applicant is reminded, or the request is rejected with the reason: `answer_due_on`, or 7 days after
    /// `ask`. Null while nothing is asked.
    #[schema(required, example = json!(null))]
    pub reminder_on: Option<NaiveDate>,
    /// Day until which the applicant has to be told why the request is late, with `explain_delay`: the due day, then 7 days after each
    /// notice. Null while it is not late.
    #[schema(required, example = json!(null))]
    pub delay_notice_due_on: Option<NaiveDate>,
    /// Day until which an applicant who did not apply online has to be told how the request ended, with `tell_result`: 7 days after that.
    /// Null once it is recorded.
    #[schema(required, example = json!(null))]
    pub result_due_on: Option<NaiveDate>,
    /// Day on which such an applicant was told; null before.
    #[schema(required, example = json!(null))]
    pub result_told_on: Option<NaiveDate>,
    /// Public note about what was done; null if there is none.
    #[schema(required, max_length = 10000, example = json!(null))]
    pub public_note: Option<String>,
    /// Where the request was referred to; null if it was not, or if that is not entered.
    #[schema(required)]
    pub referral: Option<Referral>,
    /// Id of the request of which this one is a duplicate; null if it is none.
    #[schema(required, example = json!(null))]
    pub duplicate_of_id: Option<Uuid>,
    /// Number of that request.
    #[schema(required, max_length = 20, example = json!(null))]
    pub duplicate_of_reference: Option<String>,
    /// How many duplicates the request has.
    #[schema(minimum = 0, maximum = 100, example = 0)]
    pub duplicates_count: i64,
    /// Number of times the case was reopened.
    #[schema(minimum = 0, maximum = 100000, example = 0)]
    pub reopen_count: i32,
    /// Rating of the applicant, 1 (worst) to 5 (best); null if not rated. The comment is on the timeline.
    #[schema(required, minimum = 1, maximum = 5, example = json!(null))]
    pub rating: Option<i32>,
    /// Notices that the applicant was shown.
    #[schema(max_items = 100)]
    pub notices: Vec<ShownNotice>,
    /// Whether a hold prevents destruction after the retention period.
    #[schema(example = false)]
    pub on_hold: bool,
    /// Day on which the texts were destroyed; null before.
    #[schema(required, example = json!(null))]
    pub destroyed_on: Option<NaiveDate>,
    /// Time of the last change of the request.
    pub updated_at: DateTime<Utc>,
    /// Metres from `near` to the location, in a list that is asked for with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 20000, example = json!(null))]
    pub distance_m: Option<i32>,
}

/// The applicant, as far as stated.
#[derive(Serialize, ToSchema)]
pub struct Applicant {
    /// Full name; null if not stated.
    #[schema(required, max_length = 200, example = "สมหญิง รักไทย")]
    pub full_name: Option<String>,
    /// Telephone number; null if not stated.
    #[schema(required, max_length = 100, example = "081-234-5678")]
    pub phone: Option<String>,
    /// Mail address; null if not stated.
    #[schema(required, max_length = 254, example = json!(null))]
    pub email: Option<String>,
}

/// A location.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Location {
    /// Latitude in degrees (WGS 84); null if only an address was given.
    #[schema(required, minimum = -90, maximum = 90, example = 15.1858)]
    pub latitude: Option<f64>,
    /// Longitude in degrees (WGS 84); null if only an address was given.
    #[schema(required, minimum = -180, maximum = 180, example = 100.1251)]
    pub longitude: Option<f64>,
    /// Address or description of the place; null if not stated.
    #[schema(required, max_length = 500, example = "หน้าวัดพระบรมธาตุ")]
    pub address: Option<String>,
}

impl From<LocationInput> for Location {
    fn from(LocationInput { latitude, longitude, address }: LocationInput) -> Self {
        Self { latitude, longitude, address: address.map(Lines::into_inner) }
    }
}

impl From<ApplicantInput> for Applicant {
    fn from(ApplicantInput { full_name, phone, email }: ApplicantInput) -> Self {
        Self {
            full_name: full_name.map(Line::into_inner),
            phone: phone.map(Phone::into_inner),
            email: email.map(Email::into_inner),
        }
    }
}

impl ServiceRequest {
    pub fn open(row: &Row, vault: &Vault, today: &Today) -> Result<Self> {
        let (request, content) = (&row.request, content(row, vault)?);
        let (form, applicant, place) = match content {
            Some(Content { form, applicant, place }) => (Some(form), applicant, place),
            None => (None, None, None),
        };
        let (received_at, entered_at) = paper::times(request.received_at, request.entered_at);
        Ok(Self {
            id: request.id,
            reference: request.reference.clone(),
            e_service: row.service.code.clone(),
            e_service_name: row.service.name(),
            form_version: request.form_version,
            form,
            applicant: applicant.map(Applicant::from),
            location: place,
            booked_on: request.booked_on,
            channel: request.channel,
            status: request.status,
            unit: row.unit.code.clone(),
            unit_name: row.unit.name(),
            assignee_id: request.assignee_id,
            assignee_name: row.assignee_name.clone(),
            received_on: request.received_on,
            received_at,
            entered_at,
            entered_by_id: request.entered_by.clone(),
            register_no: request.register_no.clone(),
            completion: completion(request, today),
            answer_due_on: request.answer_due_on,
            reminder_on: request.reminder_on,
            delay_notice_due_on: promises::delay_notice_due_on(request, today.day),
            result_due_on: request.result_due_on,
            result_told_on: request.result_told_on,
            public_note: request.public_note.clone(),
            referral: request.referral.as_ref().map(Referral::from),
            duplicate_of_id: request.duplicate_of,
            duplicate_of_reference: row.duplicate_of_reference.clone(),
            duplicates_count: row.duplicates_count,
            reopen_count: request.reopen_count,
            rating: request.rating,
            notices: guides::shown(&request.notices),
            on_hold: request.on_hold,
            destroyed_on: request.destroyed_on,
            updated_at: request.updated_at,
            distance_m: row.distance_m,
        })
    }
}

/// What was written, until it is destroyed.
pub fn content(row: &Row, vault: &Vault) -> Result<Option<Content>> {
    let Some(key) = row.key(vault)? else { return Ok(None) };
    let text = key.open(CONTENT, row.request.id, &row.request.content)?;
    serde_json::from_str(&text).map(Some).map_err(Error::internal)
}

pub fn completion(request: &Model, today: &Today) -> Deadline {
    Deadline {
        due_on: request.due_on,
        met_on: request.closed_on,
        overdue: request.closed_on.is_none() && request.due_on.is_some_and(|due| due < today.day),
        working_days: Some(request.working_days),
        calendar_days: None,
        legal_basis: None,
        starts_on: request.clock_from,
        waited_working_days: request.waited_days,
        paused_on: request.waiting_since,
        holidays: request.holidays.0.clone(),
        holidays_complete: today.knows_holidays(request.clock_from, request.due_on),
    }
}

/// An action and its data. `assign` needs `assignee_id`. `forward` needs `unit`. `reschedule` needs `booked_on` and
/// `text`. `reject`, `refer`, `ask`, `pause`, `explain_delay`, `complete` and `reopen` need `text`. `refer` needs `referral`. `tell_result`
/// needs `told_on` and `text`. `ask` can have `answer_due_on`. `reopen` can have `booked_on`. `GET /v1/workflows/service-requests` lists
/// the statuses in which each is allowed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "action": "accept" }))]
pub struct ServiceRequestTransition {
    #[schema(inline)]
    pub action: OfficeAction<Action>,
    /// Reason, message or result that the applicant can read. With `assign` and `forward`, only the office can read it.
    #[schema(example = json!(null))]
    pub text: Option<Lines<10000>>,
    /// Id of the account of an officer. Only for `assign`.
    #[schema(example = json!(null))]
    pub assignee_id: Option<Uuid>,
    /// Code of the unit that handles the request from now on. Only for `forward`.
    #[schema(example = json!(null))]
    pub unit: Option<Line<50>>,
    /// Day to book, from `GET /v1/e-services/{code}/days`.
    #[schema(example = json!(null))]
    pub booked_on: Option<NaiveDate>,
    /// Day until which the applicant should answer. Only for `ask`.
    #[schema(example = json!(null))]
    pub answer_due_on: Option<NaiveDate>,
    /// Day on which the applicant was told. Only for `tell_result`.
    #[schema(example = json!(null))]
    pub told_on: Option<NaiveDate>,
    /// Where the request goes. Only for `refer`.
    #[schema(example = json!(null))]
    pub referral: Option<ReferralInput>,
}

impl Validate for ServiceRequestTransition {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let Self { action, text, assignee_id, unit, booked_on, answer_due_on, told_on, referral } = self;
        let (text, unit) = (text.is_some(), unit.is_some());
        let given = [
            ("text", text),
            ("assignee_id", assignee_id.is_some()),
            ("unit", unit),
            ("booked_on", booked_on.is_some()),
            ("answer_due_on", answer_due_on.is_some()),
            ("told_on", told_on.is_some()),
            ("referral", referral.is_some()),
        ];
        workflow::check(action.0, &given)
    }
}

impl From<ServiceRequestTransition> for Step {
    fn from(transition: ServiceRequestTransition) -> Self {
        let ServiceRequestTransition { action, text, assignee_id, unit, booked_on, answer_due_on, told_on, referral } =
            transition;
        let (text, unit) = (text.map(Lines::into_inner), unit.map(Line::into_inner));
        let referral = referral.map(Into::into);
        Self { action: action.0, text, assignee_id, unit, booked_on, answer_due_on, told_on, referral, rating: None }
    }
}

/// An action on one of several requests. Actions on the same request are taken in order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "id": "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11", "action": "accept" }))]
pub struct ServiceRequestStep {
    /// Id of the request.
    pub id: Uuid,
    #[schema(inline)]
    pub action: OfficeAction<Action>,
    /// Reason, message or result that the applicant can read. With `assign` and `forward`, only the office can read it.
    #[schema(example = json!(null))]
    pub text: Option<Lines<10000>>,
    /// Id of the account of an officer. Only for `assign`.
    #[schema(example = json!(null))]
    pub assignee_id: Option<Uuid>,
    /// Code of the unit that handles the request from now on. Only for `forward`.
    #[schema(example = json!(null))]
    pub unit: Option<Line<50>>,
    /// Day to book, from `GET /v1/e-services/{code}/days`.
    #[schema(example = json!(null))]
    pub booked_on: Option<NaiveDate>,
    /// Day until which the applicant should answer. Only for `ask`.
    #[schema(example = json!(null))]
    pub answer_due_on: Option<NaiveDate>,
    /// Day on which the applicant was told. Only for `tell_result`.
    #[schema(example = json!(null))]
    pub told_on: Option<NaiveDate>,
    /// Where the request goes. Only for `refer`.
    #[schema(example = json!(null))]
    pub referral: Option<ReferralInput>,
}

impl ServiceRequestStep {
    pub fn parts(self) -> (Uuid, ServiceRequestTransition) {
        let Self { id, action, text, assignee_id, unit, booked_on, answer_due_on, told_on, referral } = self;
        (id, ServiceRequestTransition { action, text, assignee_id, unit, booked_on, answer_due_on, told_on, referral })
    }
}

impl Validate for ServiceRequestStep {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let Self { id: _, action, text, assignee_id, unit, booked_on, answer_due_on, told_on, referral } = self;
        let (text, unit) = (text.is_some(), unit.is_some());
        let given = [
            ("text", text),
            ("assignee_id", assignee_id.is_some()),
            ("unit", unit),
            ("booked_on", booked_on.is_some()),
            ("answer_due_on", answer_due_on.is_some()),
            ("told_on", told_on.is_some()),
            ("referral", referral.is_some()),
        ];
        workflow::check(action.0, &given)
    }
}

/// A service request as a line of a table. What was filled in has no column.
pub struct ServiceRequestLine {
    row: Row,
    completion: Deadline,
    delay_notice_due_on: Option<NaiveDate>,
    received_at: Option<DateTime<Utc>>,
    entered_at: DateTime<Utc>,
}

impl ServiceRequestLine {
    pub fn of(row: Row, today: &Today) -> Self {
        let (received_at, entered_at) = paper::times(row.request.received_at, row.request.entered_at);
        let delay_notice_due_on = promises::delay_notice_due_on(&row.request, today.day);
        Self { completion: completion(&row.request, today), delay_notice_due_on, received_at, entered_at, row }
    }
}

impl Tabular for ServiceRequestLine {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |line| line.row.request.id.to_string().into()),
        ("reference", |line| line.row.request.reference.as_str().into()),
        ("e_service", |line| Cell::records(Resource::EServices, [&line.row.service.code])),
        ("booked_on", |line| line.row.request.booked_on.into()),
        ("channel", |line| Cell::code(line.row.request.channel)),
        ("status", |line| Cell::code(line.row.request.status)),
        ("unit", |line| Cell::records(Resource::Units, [&line.row.unit.code])),
        ("assignee_id", |line| line.row.request.assignee_id.map(|id| id.to_string()).into()),
        ("assignee_name", |line| line.row.assignee_name.as_deref().into()),
        ("received_on", |line| line.row.request.received_on.into()),
        ("received_at", |line| line.received_at.into()),
        ("entered_at", |line| line.entered_at.into()),
        ("entered_by_id", |line| line.row.request.entered_by.as_deref().into()),
        ("register_no", |line| line.row.request.register_no.as_deref().into()),
        ("completion_due_on", |line| line.completion.due_on.into()),
        ("completion_met_on", |line| line.completion.met_on.into()),
        ("completion_overdue", |line| line.completion.overdue.into()),
        ("answer_due_on", |line| line.row.request.answer_due_on.into()),
        ("reminder_on", |line| line.row.request.reminder_on.into()),
        ("delay_notice_due_on", |line| line.delay_notice_due_on.into()),
        ("result_due_on", |line| line.row.request.result_due_on.into()),
        ("result_told_on", |line| line.row.request.result_told_on.into()),
        ("referral_authority", |line| line.row.request.referral.as_ref().map(|to| to.authority.as_str()).into()),
        ("referral_letter_no", |line| line.row.request.referral.as_ref().and_then(|to| to.letter_no.as_deref()).into()),
        ("referral_letter_on", |line| line.row.request.referral.as_ref().and_then(|to| to.letter_on).into()),
        ("duplicate_of_id", |line| line.row.request.duplicate_of.map(|id| id.to_string()).into()),
        ("duplicate_of_reference", |line| line.row.duplicate_of_reference.as_deref().into()),
        ("duplicates_count", |line| Cell::count(line.row.duplicates_count)),
        ("reopen_count", |line| line.row.request.reopen_count.into()),
        ("rating", |line| line.row.request.rating.into()),
        ("on_hold", |line| line.row.request.on_hold.into()),
        ("destroyed_on", |line| line.row.request.destroyed_on.into()),
        ("updated_at", |line| line.row.request.updated_at.into()),
        ("distance_m", |line| line.row.distance_m.into()),
    ];
}
