//! What the reporter of a closed complaint can do: ask to reopen it, and rate how they were treated.

use actix_web::post;
use entity::codes::Coded;
use utoipa_actix_web::service_config::ServiceConfig;

use super::reporter::{ReportedComplaint, look_up, shown};
use super::steps::{self, Step};
use super::store::Row;
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::cases::messages::OwnMessageInput;
use crate::cases::ratings::{self, Rating, RatingInput};
use crate::cases::receipts;
use crate::db::Write;
use crate::domain::complaint::Action;
use crate::domain::text::Lines;
use crate::error::Result;
use crate::http::body::Json;
use crate::http::idempotency::{write_once, write_once_about};
use crate::http::response::WriteResponse;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    config.service(create_own_complaint_reopening).service(rate_own_complaint);
}

/// Request the reopening of a complaint by its receipt
///
/// Possible once the complaint is closed, within the days in which it can be reopened. The text says what is new, or why
/// the result is wrong. The office reopens the complaint, or declines with a reason on the timeline.
#[utoipa::path(
    tag = "complaints",
    request_body = OwnMessageInput,
    responses(
        (status = 200, body = ReportedComplaint),
        (status = 404),
        (status = 409, description = "The complaint is open, was closed too long ago, or its reopening was asked for already."),
    ),
)]
#[post("/v1/complaints/lookup/reopening")]
async fn create_own_complaint_reopening(app: State, body: Json<OwnMessageInput>) -> Result<WriteResponse> {
    let (OwnMessageInput { receipt, text }, key, _) = body.require_key()?;
    let (state, theirs) = (app.clone(), receipt.clone());
    let work = |write: Write| async move {
        let row = receipts::lock::<Row>(&state.cases, &write, &receipt).await?;
        let step = Step::new(Action::RequestReopening, Some(text.into_inner()));
        let (row, _) = steps::take(&state.cases, &write, row, step).await?;
        let (id, event) = (row.id(), Event::about(Action::RequestReopening.code(), &row));
        let written = WriteResponse::done(&shown(&state, &write, row, None).await?)?;
        write.commit([event], (id, written))
    };
    let again = async |_| WriteResponse::done(&look_up(&app, &theirs, None).await?);
    write_once_about(&app.db, &Author::public(), Some(key), work, again).await
}

/// Rate the handling of a complaint by its receipt
///
/// Possible once the complaint is closed: how the reporter was treated, whatever the outcome. A new rating replaces the
/// previous one. At most five ratings are accepted.
#[utoipa::path(
    tag = "complaints",
    request_body = RatingInput,
    responses(
        (status = 200, body = Rating),
        (status = 404),
        (status = 409, description = "The complaint is open, or was rated as often as it can be."),
    ),
)]
#[post("/v1/complaints/lookup/rating")]
async fn rate_own_complaint(app: State, body: Json<RatingInput>) -> Result<WriteResponse> {
    let (RatingInput { receipt, rating, text }, key, _) = body.require_key()?;
    let step = Step { rating: Some(rating), ..Step::new(Action::Rate, text.map(Lines::into_inner)) };
    let state = app.clone();
    write_once(&app.db, &Author::public(), Some(key), move |write| async move {
        let row = receipts::lock::<Row>(&state.cases, &write, &receipt).await?;
        let changes_left = ratings::left_after_this(&write, row.id()).await?;
        let (row, _) = steps::take(&state.cases, &write, row, step).await?;
        let event = Event::about(Action::Rate.code(), &row);
        write.commit([event], WriteResponse::done(&Rating { rating, changes_left })?)
    })
    .await
}
