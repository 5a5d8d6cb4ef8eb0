//! A complaint that becomes a service request: `POST /v1/complaints/{id}/conversion`.

use actix_web::post;
use chrono::NaiveDate;
use entity::codes::Coded;
use entity::complaint::{self, Model};
use entity::e_service;
use entity::service_request::Channel;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::Validate;

use super::{ConvertedCase, Prepared, convert};
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::auth::Actor;
use crate::auth::scope::ComplaintsHandle;
use crate::cases::duplicates::Duplicable;
use crate::cases::messages::MESSAGE;
use crate::cases::new_case::NewCase;
use crate::cases::{Case, tallies};
use crate::complaints::conversion::{refuse_unsuitable, words};
use crate::complaints::steps::{self, Step};
use crate::complaints::store::Row as Complaint;
use crate::complaints::tally::place;
use crate::db::Write;
use crate::domain::complaint::Action;
use crate::domain::text::{Line, Lines};
use crate::e_services::requests::store::{self, Draft};
use crate::e_services::requests::tally::place_of;
use crate::e_services::requests::{ApplicantInput, LocationInput, ServiceRequestInput, bookings};
use crate::error::{Code, FieldError, Result};
use crate::http::body::Json;
use crate::http::etag::OptionalIfMatch;
use crate::http::params::Path;
use crate::http::response::WriteResponse;
use crate::http::route::Kind;
use crate::references::Known;
use crate::state::{App, State};

pub fn routes(config: &mut ServiceConfig) {
    config.service(convert_complaint);
}

/// The service request that a complaint becomes.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "text": "ไฟดับเป็นการขอรับบริการ เทศบาลส่งให้กองช่างซ่อมแล้ว ติดตามได้ด้วยรหัสเดิม",
    "e_service": "public-lighting",
    "form": { "fault": "out" },
    "location": { "address": "หน้าวัดพระบรมธาตุ" },
}))]
struct ComplaintConversionInput {
    /// Reason, which the reporter can read with both cases.
    text: Lines<10000>,
    /// Code of the e-service, from `GET /v1/e-services`.
    e_service: Line<50>,
    /// Content of the e-service's form.
    #[schema(value_type = Object, example = json!({ "fault": "out" }))]
    form: Value,
    /// Who can be asked, if the reporter has told the office. Required to book a day. The sealed identity stays with the complaint.
    #[validate(nested)]
    #[schema(example = json!(null))]
    applicant: Option<ApplicantInput>,
    /// Where the work is to be done. Required if the e-service has `takes_location`, not allowed otherwise.
    #[validate(nested)]
    #[schema(example = json!(null))]
    location: Option<LocationInput>,
    /// The day to book, from `GET /v1/e-services/{code}/days`. Required if the e-service has a `capacity`, not allowed
    /// otherwise.
    #[schema(example = json!(null))]
    booked_on: Option<NaiveDate>,
}

/// Change a complaint into a service request
///
/// For a complaint that asks for a service, such as for a lamp to be mended. It is closed as `converted`, and a service request goes on
/// with it: with the day on which the complaint came, from which its deadline runs, also while the office waited for the reporter;
/// with what the reporter wrote, as the first event of its timeline; and with copies of the files that the reporter sees. The receipt
/// of the complaint opens both, the request at `POST /v1/service-requests/lookup`. Complaints about corruption, misconduct or a unit
/// cannot be changed, nor those from which somebody is recused. If the change was wrong, `reopen` the complaint, and reject the request.
#[utoipa::path(
    tag = "complaints",
    extensions(("x-kind" = json!([Kind::Transition]))),
    security(("bearer" = ["complaints:handle"])),
    request_body = ComplaintConversionInput,
    responses(
        (status = 201, body = ConvertedCase),
        (status = 404),
        (status = 409, description = "It is closed, about corruption, misconduct or a unit, linked with duplicates, or somebody is recused."),
        (status = 410, description = "The e-service was unpublished."),
    ),
)]
#[post("/v1/complaints/{id}/conversion")]
async fn convert_complaint(
    app: State,
    actor: Actor<ComplaintsHandle>,
    id: Path<Uuid>,
    if_match: OptionalIfMatch,
    body: Json<ComplaintConversionInput>,
) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    let (text, author, state, cases) = (input.text.to_string(), actor.author.clone(), app.clone(), app.cases.clone());
    let first = if_match.clone();
    let prepare = move |row: Complaint| async move {
        first.check(Complaint::version(&row))?;
        refuse_unsuitable(&row)?;
        let words = words(state.db.reader(), &row, &state.cases.vault).await?;
        let given = (words, draft(&state, &author, &row.complaint, input).await?);
        Ok((row, given))
    };
    let work = move |write: Write, prepared: Prepared<(Vec<String>, Draft)>| async move {
        let row = Complaint::lock(&write, id.0).await?;
        if_match.check(Complaint::version(&row))?;
        prepared.check(&row)?;
        let Prepared { key, copies, given: (words, draft), .. } = prepared;
        // As for all writes of several cases: days before tallies.
        bookings::hold(&write, [draft.service_id()].into()).await?;
        let next = place_of(draft.e_service(), row.complaint.received_on)?;
        tallies::hold(&write, [place(&row)?, next].into()).await?;
        let (row, _) = steps::take(&cases, &write, row, Step::new(Action::Convert, Some(text.clone()))).await?;
        let mut events = vec![Event::about(Action::Convert.code(), &row)];
        let shown = row.complaint.notices.clone();
        let new = NewCase::continuing(&write, key, (row.id(), row.complaint.received_on), (words, shown));
        let (request, filed) = store::insert(cases.filing(), &write, new, draft).await?;
        copies.hand_over(&write, row.id(), request.id()).await?;
        let (request, _) = request.hears(&cases, &write, true, &text).await?;
        events.extend(filed);
        events.push(Event::about(MESSAGE, &request));
        let etag = request.etag(write.at);
        let (id, reference) = (request.id(), request.request.reference);
        let written =
            WriteResponse::created(&ConvertedCase { id, reference }, format!("/v1/service-requests/{id}"), etag)?;
        write.commit(events, written)
    };
    convert(app, (id.0, actor.author), key, false, prepare, work).await
}

/// The request, if everything about it is right.
async fn draft(app: &App, author: &Author, complaint: &Model, input: ComplaintConversionInput) -> Result<Draft> {
    let ComplaintConversionInput { text: _, e_service, form, applicant, location, booked_on } = input;
    let channel = match complaint.channel {
        complaint::Channel::Web => Channel::Web,
        complaint::Channel::Phone => Channel::Phone,
        complaint::Channel::WalkIn => Channel::WalkIn,
        complaint::Channel::Letter => Channel::Letter,
        complaint::Channel::Other => Channel::Other,
    };
    let request = ServiceRequestInput {
        form,
        applicant,
        location,
        booked_on,
        channel,
        received_on: None,
        register_no: None,
        closing: None,
        proof: None,
    };
    let checked = store::check(&app.db, app.cases.boundary.as_ref(), &e_service, request, Some(author)).await;
    match checked {
        Err(error) if error.code() == Code::NotFound => {
            let known = Known::<e_service::Entity>::read(app.db.reader()).await?;
            Err(FieldError::at("/e_service", known.without(&e_service)).into())
        }
        checked => checked,
    }
}
