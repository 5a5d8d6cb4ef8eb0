//! Service requests as the office sees them, and what can be sent.

use chrono::{DateTime, NaiveDate, Utc};
use entity::service_request::{Channel, Model, Status};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::steps::Step;
use super::store::{CONTENT, Row};
use crate::cases::Case;
use crate::cases::challenge::ProofInput;
use crate::cases::deadline::Deadline;
use crate::cases::vault::Vault;
use crate::cases::workflow::{self, OfficeAction};
use crate::domain::contact::{Email, Phone};
use crate::domain::field_code::FieldCode;
use crate::domain::place::Point;
use crate::domain::rule::Rules;
use crate::domain::service_request::Action;
use crate::domain::text::{Line, Lines};
use crate::error::{Error, Result};
use crate::http::list::Tabular;
use crate::http::spreadsheet::{Cell, TableColumn};

/// What somebody asks for.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "form": { "fault": "out", "pole_number": "ชน-0142", "lamp_count": 1 },
    "applicant": { "full_name": "สมหญิง รักไทย", "phone": "081-234-5678" },
    "location": { "latitude": 15.1858, "longitude": 100.1251, "address": "หน้าวัดพระบรมธาตุ" },
}))]
pub struct ServiceRequestInput {
    /// What the e-service's form asks for.
    #[schema(value_type = Object, example = json!({ "fault": "out" }))]
    pub form: Value,
    /// Who asks; without it nobody can call back. Needed where a day is booked.
    #[validate(nested)]
    #[schema(example = json!(null))]
    pub applicant: Option<ApplicantInput>,
    /// Where it is to be done: needed where the e-service is located, and not for others.
    #[validate(nested)]
    #[schema(example = json!(null))]
    pub location: Option<LocationInput>,
    /// The day to book, one of `/v1/e-services/{code}/days`: needed where the e-service has a capacity, and not for others.
    #[schema(example = json!(null))]
    pub booked_on: Option<NaiveDate>,
    /// How it came in; only the office says other than `web`.
    #[serde(default = "web")]
    pub channel: Channel,
    /// A solved challenge of `/v1/challenges`, of whoever books a day without a token.
    #[schema(example = json!(null))]
    pub proof: Option<ProofInput>,
}

fn web() -> Channel {
    Channel::Web
}

/// Who asks, as far as it takes to reach them. At least one of the three.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "full_name": "สมหญิง รักไทย", "phone": "081-234-5678" }))]
pub struct ApplicantInput {
    // Earlier contents have it by its first name.
    #[serde(alias = "name")]
    pub full_name: Option<Line<200>>,
    pub phone: Option<Phone>,
    pub email: Option<Email>,
}

impl Validate for ApplicantInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let says_something = self.full_name.is_some() || self.phone.is_some() || self.email.is_some();
        Rules::default().require(says_something, "__all__", FieldCode::Empty).end()
    }
}

/// Where something is to be done: latitude and longitude (WGS 84, degrees), an address, or both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "latitude": 15.1858, "longitude": 100.1251, "address": "หน้าวัดพระบรมธาตุ" }))]
pub struct LocationInput {
    #[schema(minimum = -90, maximum = 90, example = 15.1858)]
    pub latitude: Option<f64>,
    #[schema(minimum = -180, maximum = 180, example = 100.1251)]
    pub longitude: Option<f64>,
    #[schema(example = json!(null))]
    pub address: Option<Lines<500>>,
}

impl Validate for LocationInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let both = self.latitude.is_some() == self.longitude.is_some();
        let is_somewhere = self.latitude.is_some() || self.longitude.is_some() || self.address.is_some();
        Rules::default()
            .require(both, "__all__", FieldCode::BothOrNone)
            .require(
                is_somewhere,
                "__all__",
                FieldCode::Empty.because("ต้องมีพิกัดหรือที่อยู่", "must have a latitude and longitude, or an address"),
            )
            .end()
    }
}

impl LocationInput {
    pub fn point(&self) -> Option<Point> {
        Some(Point::from_degrees(self.latitude?, self.longitude?))
    }
}

/// What of a request is sealed together.
#[derive(Serialize, Deserialize)]
pub struct Content {
    pub form: Value,
    pub applicant: Option<ApplicantInput>,
    pub place: Option<Location>,
}

/// A request for an e-service, as the office sees it. What was written is null once it is destroyed.
#[derive(Serialize, ToSchema)]
pub struct ServiceRequest {
    pub id: Uuid,
    /// The number that people quote.
    #[schema(max_length = 20, example = "7K3M-9Q2X")]
    pub reference: String,
    /// Code of the e-service.
    #[schema(max_length = 50, example = "public-lighting")]
    pub e_service: String,
    /// Version of the form that was filled in.
    #[schema(minimum = 1, maximum = 1000000, example = 1)]
    pub form_version: i32,
    #[schema(required, value_type = Option<Object>, example = json!({ "fault": "out" }))]
    pub form: Option<Value>,
    #[schema(required)]
    pub applicant: Option<Applicant>,
    #[schema(required)]
    pub location: Option<Location>,
    /// The day that is booked for it.
    #[schema(required, example = json!(null))]
    pub booked_on: Option<NaiveDate>,
    pub channel: Channel,
    pub status: Status,
    /// Code of the unit that handles it.
    #[schema(max_length = 50, example = "public-works")]
    pub unit: String,
    /// Id of the account that handles it.
    #[schema(required, example = json!(null))]
    pub assignee_id: Option<Uuid>,
    pub received_at: DateTime<Utc>,
    pub completion: Deadline,
    /// What was done, for everybody to read.
    #[schema(required, max_length = 10000, example = json!(null))]
    pub public_note: Option<String>,
    /// How often it was reopened.
    #[schema(minimum = 0, maximum = 100000, example = 0)]
    pub reopen_count: i32,
    /// How content the applicant is, 1 to 5; what they say to it is on the timeline.
    #[schema(required, minimum = 1, maximum = 5, example = json!(null))]
    pub rating: Option<i32>,
    /// Whether it is kept for now, however long it has been closed.
    #[schema(example = false)]
    pub on_hold: bool,
    /// When what was written was destroyed.
    #[schema(required, example = json!(null))]
    pub destroyed_on: Option<NaiveDate>,
    pub updated_at: DateTime<Utc>,
}

/// Who asks, as far as they said.
#[derive(Serialize, ToSchema)]
pub struct Applicant {
    #[schema(required, max_length = 200, example = "สมหญิง รักไทย")]
    pub full_name: Option<String>,
    #[schema(required, max_length = 100, example = "081-234-5678")]
    pub phone: Option<String>,
    #[schema(required, max_length = 254, example = json!(null))]
    pub email: Option<String>,
}

/// Where something is to be done.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Location {
    #[schema(required, minimum = -90, maximum = 90, example = 15.1858)]
    pub latitude: Option<f64>,
    #[schema(required, minimum = -180, maximum = 180, example = 100.1251)]
    pub longitude: Option<f64>,
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
    pub fn open(row: &Row, vault: &Vault, today: NaiveDate) -> Result<Self> {
        let (request, content) = (&row.request, content(row, vault)?);
        let (form, applicant, place) = match content {
            Some(Content { form, applicant, place }) => (Some(form), applicant, place),
            None => (None, None, None),
        };
        Ok(Self {
            id: request.id,
            reference: request.reference.clone(),
            e_service: row.service.clone(),
            form_version: request.form_version,
            form,
            applicant: applicant.map(Applicant::from),
            location: place,
            booked_on: request.booked_on,
            channel: request.channel,
            status: request.status,
            unit: row.unit.clone(),
            assignee_id: request.assignee_id,
            received_at: request.received_at,
            completion: completion(request, today),
            public_note: request.public_note.clone(),
            reopen_count: request.reopen_count,
            rating: request.rating,
            on_hold: request.on_hold,
            destroyed_on: request.destroyed_on,
            updated_at: request.updated_at,
        })
    }
}

/// What was written, until it is destroyed.
pub fn content(row: &Row, vault: &Vault) -> Result<Option<Content>> {
    let Some(key) = row.key(vault)? else { return Ok(None) };
    let text = key.open(CONTENT, row.request.id, &row.request.content)?;
    serde_json::from_str(&text).map(Some).map_err(Error::internal)
}

pub fn completion(request: &Model, today: NaiveDate) -> Deadline {
    Deadline {
        due_on: Some(request.due_on),
        met_on: request.closed_on,
        overdue: request.closed_on.is_none() && request.due_on < today,
        working_days: request.working_days,
        starts_on: request.clock_from,
        waited_working_days: 0,
        paused_on: None,
        holidays: request.holidays.0.clone(),
    }
}

/// A step, and what goes with it: `assign` needs `assignee_id`, `forward` needs `unit`, `reschedule` needs `booked_on` and `text`, `reject`,
/// `complete` and `reopen` need `text`, and `reopen` may have `booked_on`. `/v1/workflows/service-requests` says which is allowed when.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "action": "accept" }))]
pub struct ServiceRequestTransition {
    #[schema(inline)]
    pub action: OfficeAction<Action>,
    /// Reason, which the applicant reads; with `complete` what was done, which everybody can read; with `assign` and `forward` for the
    /// office alone.
    #[schema(example = json!(null))]
    pub text: Option<Lines<10000>>,
    /// Id of an officer's account.
    #[schema(example = json!(null))]
    pub assignee_id: Option<Uuid>,
    /// Code of the unit that is to handle it.
    #[schema(example = json!(null))]
    pub unit: Option<Line<50>>,
    /// Day that is booked for it, of those that `/v1/e-services/{code}/days` lists.
    #[schema(example = json!(null))]
    pub booked_on: Option<NaiveDate>,
}

impl Validate for ServiceRequestTransition {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let Self { action, text, assignee_id, unit, booked_on } = self;
        let (text, unit) = (text.is_some(), unit.is_some());
        let given = [
            ("text", text),
            ("assignee_id", assignee_id.is_some()),
            ("unit", unit),
            ("booked_on", booked_on.is_some()),
        ];
        workflow::check(action.0, &given)
    }
}

impl From<ServiceRequestTransition> for Step {
    fn from(transition: ServiceRequestTransition) -> Self {
        let ServiceRequestTransition { action, text, assignee_id, unit, booked_on } = transition;
        let (text, unit) = (text.map(Lines::into_inner), unit.map(Line::into_inner));
        Self { action: action.0, text, assignee_id, unit, booked_on, rating: None }
    }
}

/// A step with one request of several. Steps with the same one are taken in their order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "id": "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11", "action": "accept" }))]
pub struct ServiceRequestStep {
    /// Id of the request.
    pub id: Uuid,
    #[schema(inline)]
    pub action: OfficeAction<Action>,
    /// Reason, which the applicant reads; with `complete` what was done, which everybody can read; with `assign` and `forward` for the
    /// office alone.
    #[schema(example = json!(null))]
    pub text: Option<Lines<10000>>,
    /// Id of an officer's account.
    #[schema(example = json!(null))]
    pub assignee_id: Option<Uuid>,
    /// Code of the unit that is to handle it.
    #[schema(example = json!(null))]
    pub unit: Option<Line<50>>,
    /// Day that is booked for it, of those that `/v1/e-services/{code}/days` lists.
    #[schema(example = json!(null))]
    pub booked_on: Option<NaiveDate>,
}

impl ServiceRequestStep {
    pub fn parts(self) -> (Uuid, ServiceRequestTransition) {
        let Self { id, action, text, assignee_id, unit, booked_on } = self;
        (id, ServiceRequestTransition { action, text, assignee_id, unit, booked_on })
    }
}

impl Validate for ServiceRequestStep {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let Self { id: _, action, text, assignee_id, unit, booked_on } = self;
        let (text, unit) = (text.is_some(), unit.is_some());
        let given = [
            ("text", text),
            ("assignee_id", assignee_id.is_some()),
            ("unit", unit),
            ("booked_on", booked_on.is_some()),
        ];
        workflow::check(action.0, &given)
    }
}

/// A service request as a line of a table. What was filled in has no column.
pub struct ServiceRequestLine {
    pub row: Row,
    pub today: NaiveDate,
}

impl ServiceRequestLine {
    fn completion(&self) -> Deadline {
        completion(&self.row.request, self.today)
    }
}

impl Tabular for ServiceRequestLine {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |line| line.row.request.id.to_string().into()),
        ("reference", |line| line.row.request.reference.as_str().into()),
        ("e_service", |line| line.row.service.as_str().into()),
        ("booked_on", |line| line.row.request.booked_on.into()),
        ("channel", |line| Cell::name(&line.row.request.channel)),
        ("status", |line| Cell::name(&line.row.request.status)),
        ("unit", |line| line.row.unit.as_str().into()),
        ("assignee_id", |line| line.row.request.assignee_id.map(|id| id.to_string()).into()),
        ("received_at", |line| line.row.request.received_at.into()),
        ("completion_due_on", |line| line.completion().due_on.into()),
        ("completion_met_on", |line| line.completion().met_on.into()),
        ("completion_overdue", |line| line.completion().overdue.into()),
        ("rating", |line| line.row.request.rating.into()),
        ("updated_at", |line| line.row.request.updated_at.into()),
    ];
}
