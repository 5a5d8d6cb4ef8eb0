//! Service requests as the office sees them.

use chrono::{DateTime, NaiveDate, Utc};
use entity::service_request::{Channel, Model, Status};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::input::{ApplicantInput, LocationInput};
use super::store::{CONTENT, Row};
use super::{bookings, promises};
use crate::cases::Case;
use crate::cases::continuation::Continuation;
use crate::cases::deadline::{Deadline, Today};
use crate::cases::guides::{self, ShownNotice};
use crate::cases::paper;
use crate::cases::referral::Referral;
use crate::cases::vault::Vault;
use crate::domain::contact::{Email, Phone};
use crate::domain::name::Name;
use crate::domain::text::{Line, Lines};
use crate::error::{Error, Result};

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
    /// The booked day; null if none is booked, also once it was given back.
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
    /// Name of that account or client.
    #[schema(required, max_length = 200, example = json!(null))]
    pub entered_by_name: Option<String>,
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
    /// Null once it is recorded, and for what ended before it was entered.
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
    #[serde(flatten)]
    pub continuation: Continuation,
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
            booked_on: bookings::held_day(request),
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
            entered_by_name: row.entered_by_name.clone(),
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
            continuation: row.continuation.clone(),
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
