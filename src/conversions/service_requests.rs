//! A service request that becomes a complaint: `POST /v1/service-requests/{id}/conversion`.

use actix_web::post;
use entity::codes::Coded;
use entity::complaint::{Channel, Kind as ComplaintKind};
use entity::service_request::{self, Model};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::Validate;

use super::{ConvertedCase, Prepared, convert};
use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::ServiceRequestsHandle;
use crate::cases::custodians::Custodians;
use crate::cases::duplicates::Duplicable;
use crate::cases::identity::{self, ReporterIdentityInput};
use crate::cases::messages::MESSAGE;
use crate::cases::new_case::NewCase;
use crate::cases::{Case, receipts, tallies};
use crate::complaints::tally::place_of;
use crate::complaints::{ComplaintInput, store};
use crate::db::Write;
use crate::domain::service_request::Action;
use crate::domain::text::{Line, Lines};
use crate::e_services::requests::ApplicantInput;
use crate::e_services::requests::conversion::{forget_applicant, given, refuse_returned};
use crate::e_services::requests::steps::{self, Step};
use crate::e_services::requests::store::Row as ServiceRequest;
use crate::e_services::requests::tally::place;
use crate::error::{Code, Result};
use crate::http::body::Json;
use crate::http::etag::OptionalIfMatch;
use crate::http::params::Path;
use crate::http::response::WriteResponse;
use crate::http::route::Kind;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    config.service(convert_service_request);
}

/// The complaint that a service request becomes.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "text": "สิ่งที่ท่านแจ้งเป็นเรื่องร้องเรียน เทศบาลดำเนินการต่อเป็นเรื่องร้องเรียนแล้ว ติดตามได้ด้วยรหัสเดิม",
    "kind": "service",
    "category": "service-quality",
    "subject": "รถเก็บขยะไม่มาตามรอบ",
    "description": "แจ้งในแบบคำขอว่ารถเก็บขยะไม่มาสองสัปดาห์",
}))]
struct ServiceRequestConversionInput {
    /// Reason, which the applicant can read with both cases.
    text: Lines<10000>,
    /// Kind of complaint.
    kind: ComplaintKind,
    /// Code of a category of the same kind, from `GET /v1/complaint-categories`.
    category: Line<50>,
    /// What the complaint is about, in one line.
    subject: Line<300>,
    /// What happened, as the applicant wrote it.
    description: Lines<20000>,
    /// When it happened, in free text.
    #[schema(example = json!(null))]
    occurred_text: Option<Line<300>>,
    /// Where it happened, in free text.
    #[schema(example = json!(null))]
    location_text: Option<Lines<500>>,
    /// Whom the complaint is about, in free text.
    #[schema(example = json!(null))]
    accused: Option<Lines<2000>>,
    /// Code of the unit that the complaint is about.
    #[schema(example = json!(null))]
    accused_unit: Option<Line<50>>,
}

/// Change a service request into a complaint
///
/// For a request that is a complaint. It is closed as `converted`, and a complaint goes on with it: with the day on which the request
/// came, from which its deadlines run; with what was filled in and written, as the first event of its timeline; and with copies of
/// the files. `text` is its first answer. The receipt of the request opens both, the complaint at `POST /v1/complaints/lookup`. Name,
/// telephone number and mail address of the applicant are sealed for the custodians, and removed from the request. Officers do not
/// see the request any more, and Open311 does not show it. A request that was a complaint is not changed back: reopen the complaint.
#[utoipa::path(
    tag = "service-requests",
    extensions(("x-kind" = json!([Kind::Transition]))),
    security(("bearer" = ["service-requests:handle"])),
    request_body = ServiceRequestConversionInput,
    responses(
        (status = 201, body = ConvertedCase),
        (status = 404),
        (status = 409, description = "It is closed, linked with duplicates, was a complaint, or has an applicant while there are no custodians."),
    ),
)]
#[post("/v1/service-requests/{id}/conversion")]
async fn convert_service_request(
    app: State,
    actor: Actor<ServiceRequestsHandle>,
    id: Path<Uuid>,
    if_match: OptionalIfMatch,
    body: Json<ServiceRequestConversionInput, 128>,
) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    let (text, state, cases) = (input.text.to_string(), app.clone(), app.cases.clone());
    let first = if_match.clone();
    let prepare = move |row: ServiceRequest| async move {
        first.check(ServiceRequest::version(&row))?;
        let reference = receipts::reference()?;
        refuse_returned(&row)?;
        let (applicant, words) = given(state.db.reader(), &row, &state.cases.vault).await?;
        // Before anything waits for the writer.
        let sealed =
            applicant.map(|applicant| sealed(state.cases.custodians.as_ref(), &reference, applicant)).transpose()?;
        Ok((row, (reference, sealed, words)))
    };
    let work = move |write: Write, prepared: Prepared<Given>| async move {
        let row = ServiceRequest::lock(&write, id.0).await?;
        if_match.check(ServiceRequest::version(&row))?;
        prepared.check(&row)?;
        let Prepared { key, copies, given: (reference, sealed, words), .. } = prepared;
        tallies::hold(&write, [place(&row)?, place_of(input.kind, row.request.received_on)?].into()).await?;
        let row = forget_applicant(&cases, &write, row).await?;
        let (row, _) = steps::take(&cases, &write, row, Step::new(Action::Convert, Some(text.clone()))).await?;
        let mut events = vec![Event::about(Action::Convert.code(), &row)];
        let shown = row.request.notices.clone();
        let new = NewCase::continuing(&write, key, (row.id(), row.request.received_on), (words, shown));
        let filed_as = (reference, sealed.is_none());
        let (complaint, filed) =
            store::insert(cases.filing(), &write, new, complaint(input, &row.request), filed_as).await?;
        events.extend(filed);
        if let Some(sealed) = sealed {
            events.push(Event::about("seal", &identity::keep(&write, complaint.id(), sealed).await?));
        }
        copies.hand_over(&write, row.id(), complaint.id()).await?;
        let (complaint, _) = complaint.hears(&cases, &write, true, &text).await?;
        events.push(Event::about(MESSAGE, &complaint));
        let etag = complaint.etag(write.at);
        let (id, reference) = (complaint.id(), complaint.complaint.reference);
        let written = WriteResponse::created(&ConvertedCase { id, reference }, format!("/v1/complaints/{id}"), etag)?;
        write.commit(events, written)
    };
    convert(app, (id.0, actor.author), key, true, prepare, work).await
}

/// Number of the complaint, the sealed identity of its reporter, and what they wrote.
type Given = (String, Option<Vec<u8>>, Vec<String>);

/// Who asks, sealed for the custodians.
fn sealed(custodians: Option<&Custodians>, reference: &str, applicant: ApplicantInput) -> Result<Vec<u8>> {
    if custodians.is_none() {
        return Err(Code::IllegalTransition.because(
            "คำขอมีข้อมูลของผู้ยื่นคำขอ แต่ยังไม่มีผู้ดูแลกุญแจ จึงปิดผนึกข้อมูลตัวตนไม่ได้",
            "The request has an applicant, and there are no custodians for whom the identity could be sealed.",
        ));
    }
    let ApplicantInput { full_name, phone, email } = applicant;
    let full_name = full_name.unwrap_or_else(|| "(ไม่ได้ระบุชื่อ)".to_owned().into());
    identity::seal(
        custodians,
        reference,
        ReporterIdentityInput { full_name, phone, email, address: None, national_id: None },
    )
}

fn complaint(input: ServiceRequestConversionInput, request: &Model) -> ComplaintInput {
    let ServiceRequestConversionInput {
        text: _,
        kind,
        category,
        subject,
        description,
        occurred_text,
        location_text,
        accused,
        accused_unit,
    } = input;
    ComplaintInput {
        kind,
        category,
        subject,
        description,
        occurred_text,
        location_text,
        accused,
        accused_unit,
        channel: match request.channel {
            service_request::Channel::Web => Channel::Web,
            service_request::Channel::WalkIn => Channel::WalkIn,
            service_request::Channel::Phone => Channel::Phone,
            service_request::Channel::Letter => Channel::Letter,
            service_request::Channel::Other => Channel::Other,
        },
        received_on: None,
        register_no: None,
        first_answered_on: None,
        closing: None,
        proof: None,
        reporter: None,
    }
}
