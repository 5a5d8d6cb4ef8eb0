//! The municipality itself: `/v1/agency`.

mod dto;

use actix_web::{get, patch};
use entity::agency;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QuerySelect};
use serde_json::{Value, json};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::audit_log::append::{Event, Logged, without_defaults};
use crate::auth::Actor;
use crate::auth::scope::AgencyWrite;
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Result};
use crate::http::body::Patch;
use crate::http::etag::IfMatch;
use crate::http::response::{ReadResponse, WriteResponse};
use crate::revisions::Resource;
use crate::state::State;

pub use dto::{Agency, AgencyInput};

/// The agency's row.
const ID: i32 = 1;

impl Logged for agency::Model {
    const RESOURCE: Resource = Resource::Agency;

    fn id(&self) -> Option<Uuid> {
        None
    }

    fn document(&self) -> Value {
        let mut document = json!(self);
        let columns = [
            ("district", self.district.is_none()),
            ("integrity_recorded_from", self.integrity_recorded_from.is_none()),
            ("general_recorded_from", self.general_recorded_from.is_none()),
            ("service_requests_recorded_from", self.service_requests_recorded_from.is_none()),
            ("first_answer_counted", self.first_answer_counted == agency::DayCount::CalendarDays),
        ];
        without_defaults(&mut document, &columns);
        document
    }
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_agency).service(update_agency);
}

/// Get the agency
///
/// Returns the name, address and contact of the municipality, as they appear in the titles of reports.
#[utoipa::path(tag = "agency", responses((status = 200, body = Agency)))]
#[get("/v1/agency")]
async fn get_agency(app: State) -> Result<ReadResponse> {
    let row = agency::Entity::find_by_id(ID).one(app.db.reader()).await?.ok_or(Code::NotFound)?;
    let etag = format!("\"{}\"", row.version);
    ReadResponse::record(&Agency::from(row), etag, &[Resource::Agency])
}

/// Update the agency
///
/// Fields that are absent keep their value; `null` clears a field. The data appears at the head of every report. Figures of complaints
/// and service requests are of the days from `recorded_from` on. `first_answer_counted` is for complaints that come in later.
#[utoipa::path(
    tag = "agency",
    security(("bearer" = ["agency:write"])),
    request_body(content = Patch<AgencyInput>, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Agency)),
)]
#[patch("/v1/agency")]
async fn update_agency(
    app: State,
    actor: Actor<AgencyWrite>,
    if_match: IfMatch,
    patch: Patch<AgencyInput>,
) -> Result<WriteResponse> {
    app.db
        .write(&actor.author, |write| async move {
            let row = agency::Entity::find_by_id(ID).lock_exclusive().one(&write).await?.ok_or(Code::NotFound)?;
            if_match.check(row.version)?;
            let input = patch.onto(&AgencyInput::from(&row))?;
            let version = row.version + 1;
            let mut row = row.into_active_model();
            input.fill(&mut row, bangkok_day(write.now))?;
            row.version = Set(version);
            row.updated_at = Set(write.now);
            let row = row.update(&write).await?;
            let event = Event::about("update", &row);
            let written = WriteResponse::changed(&Agency::from(row), format!("\"{version}\""))?;
            write.commit([event], written)
        })
        .await
}
