//! A new service request as it is sent.

use chrono::NaiveDate;
use entity::service_request::{Channel, Status};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use crate::cases::challenge::ProofInput;
use crate::cases::paper::{PastStep, Stated};
use crate::cases::referral::ReferralInput;
use crate::cases::workflow::ClosedStatus;
use crate::domain::contact::{Email, Phone};
use crate::domain::field_code::FieldCode;
use crate::domain::place::Point;
use crate::domain::rule::Rules;
use crate::domain::service_request::Action;
use crate::domain::text::{Line, Lines};
use crate::domain::workflow::Action as _;

/// A service request to submit.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "form": { "fault": "out", "pole_number": "ชน-0142", "lamp_count": 1 },
    "applicant": { "full_name": "สมหญิง รักไทย", "phone": "081-234-5678" },
    "location": { "latitude": 15.1858, "longitude": 100.1251, "address": "หน้าวัดพระบรมธาตุ" },
}))]
pub struct ServiceRequestInput {
    /// Content of the e-service's form.
    #[schema(value_type = Object, example = json!({ "fault": "out" }))]
    pub form: Value,
    /// Person who makes the request. Required to book a day.
    #[validate(nested)]
    #[schema(example = json!(null))]
    pub applicant: Option<ApplicantInput>,
    /// Where the work is to be done. Required if the e-service has `takes_location`, not allowed otherwise.
    #[validate(nested)]
    #[schema(example = json!(null))]
    pub location: Option<LocationInput>,
    /// The day to book, from `GET /v1/e-services/{code}/days`. Required if the e-service has a `capacity`, not allowed
    /// otherwise.
    #[schema(example = json!(null))]
    pub booked_on: Option<NaiveDate>,
    /// Channel through which the case arrived. Values other than `web` are for the office.
    #[serde(default = "web")]
    pub channel: Channel,
    /// Day on which the request came, if it is entered later. Only for officers, and not for `web`.
    #[schema(example = json!(null))]
    pub received_on: Option<NaiveDate>,
    /// Number in the office's own register. With the e-service and the day of receipt it is unique. Only for officers,
    /// and not for `web`.
    #[schema(example = json!(null))]
    pub register_no: Option<Line<50>>,
    /// How the request ended, if that was before it is entered. It then needs neither `location` nor the fields that the
    /// form requires, and has no `booked_on`. Only for officers, and not for `web`.
    #[validate(nested)]
    #[schema(example = json!(null))]
    pub closing: Option<ServiceRequestClosingInput>,
    /// Solution of a challenge of `GET /v1/challenges`. Required to book a day without a token.
    #[schema(example = json!(null))]
    pub proof: Option<ProofInput>,
}

fn web() -> Channel {
    Channel::Web
}

/// The end of a service request that is entered afterwards. `rejected` and `referred` need `text`, and `referred` needs `referral`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "status": "completed", "closed_on": "2023-11-06" }))]
pub struct ServiceRequestClosingInput {
    #[schema(inline)]
    pub status: ClosedStatus<Action>,
    /// Day on which the request was closed.
    pub closed_on: NaiveDate,
    /// Reason or result that the applicant was given, and can read. It is no public note.
    #[schema(example = json!(null))]
    pub text: Option<Lines<10000>>,
    /// Where the request went. Only for `referred`, which needs it.
    #[schema(example = json!(null))]
    pub referral: Option<ReferralInput>,
}

impl Validate for ServiceRequestClosingInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let needs_text = matches!(self.status.0, Status::Rejected | Status::Referred);
        let (is_referred, is_addressed) = (self.status.0 == Status::Referred, self.referral.is_some());
        Rules::default()
            .require(self.text.is_some() || !needs_text, "text", FieldCode::Needed)
            .require(is_addressed || !is_referred, "referral", FieldCode::Needed)
            .require(is_referred || !is_addressed, "referral", FieldCode::NotForThis)
            .end()
    }
}

impl ServiceRequestClosingInput {
    /// The step that was taken on paper.
    pub fn step(self) -> Option<PastStep<Action>> {
        let Self { status, closed_on, text, referral } = self;
        let (to, text, referral) = (status.0, text.map(Lines::into_inner), referral.map(Into::into));
        Some(PastStep { action: Action::closing(to)?, to, on: closed_on, text, referral })
    }
}

impl ServiceRequestInput {
    pub fn stated(&self) -> Stated {
        Stated {
            is_online: self.channel == Channel::Web,
            received_on: self.received_on,
            register_no: self.register_no.clone().map(Line::into_inner),
            first_answered_on: None,
            closed_on: self.closing.as_ref().map(|closing| closing.closed_on),
            letter_on: self.closing.as_ref().and_then(|closing| closing.referral.as_ref()?.letter_on),
        }
    }
}

/// How to reach the applicant. At least one of the three fields is required.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "full_name": "สมหญิง รักไทย", "phone": "081-234-5678" }))]
pub struct ApplicantInput {
    /// Full name.
    // Earlier contents have it by its first name.
    #[serde(alias = "name")]
    pub full_name: Option<Line<200>>,
    /// Telephone number.
    pub phone: Option<Phone>,
    /// Mail address.
    pub email: Option<Email>,
}

impl Validate for ApplicantInput {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let says_something = self.full_name.is_some() || self.phone.is_some() || self.email.is_some();
        Rules::default().require(says_something, "__all__", FieldCode::Empty).end()
    }
}

/// A location: latitude and longitude (WGS 84, degrees), an address, or both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "latitude": 15.1858, "longitude": 100.1251, "address": "หน้าวัดพระบรมธาตุ" }))]
pub struct LocationInput {
    /// Latitude in degrees (WGS 84). Requires `longitude`.
    #[schema(minimum = -90, maximum = 90, example = 15.1858)]
    pub latitude: Option<f64>,
    /// Longitude in degrees (WGS 84). Requires `latitude`.
    #[schema(minimum = -180, maximum = 180, example = 100.1251)]
    pub longitude: Option<f64>,
    /// Address or description of the place.
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
