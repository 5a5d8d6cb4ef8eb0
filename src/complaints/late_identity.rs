//! The identity that a reporter gives after an anonymous complaint: `/v1/complaints/lookup/identity`.

use actix_web::post;
use entity::case_event::Side;
use entity::codes::Label;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::reporter::{ReportedComplaint, look_up, shown};
use super::steps;
use super::store::Row;
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::cases::Case;
use crate::cases::identity::{self, GIVE_IDENTITY, ReporterIdentityInput};
use crate::cases::messages;
use crate::cases::receipts::{self, ReceiptText};
use crate::cases::timeline::{self, Entry};
use crate::db::Write;
use crate::error::{Code, Result};
use crate::http::body::Json;
use crate::http::idempotency::write_once_about;
use crate::http::response::WriteResponse;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    config.service(create_own_complaint_identity);
}

/// What the reporter does, in the words for where it is not possible.
const NAMING: Label = Label::new("แจ้งชื่อภายหลัง", "give a name later");

/// The identity of the reporter of an anonymous complaint.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "receipt": "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S",
    "reporter": { "full_name": "สมหญิง รักไทย", "phone": "081-234-5678" },
}))]
struct OwnIdentityInput {
    /// Receipt of the complaint.
    receipt: ReceiptText,
    /// The identity. It is encrypted for the custodians at once.
    #[validate(nested)]
    reporter: ReporterIdentityInput,
}

/// Send the identity of the reporter by the receipt
///
/// A reporter who sent an anonymous complaint can give their identity until it is closed. It is sealed as that of a new
/// complaint: the office does not see it, and the timeline shows who requests it. It cannot be taken back.
#[utoipa::path(
    tag = "complaints",
    request_body = OwnIdentityInput,
    responses(
        (status = 200, body = ReportedComplaint),
        (status = 404),
        (status = 409, description = "The complaint is closed, or has an identity already."),
    ),
)]
#[post("/v1/complaints/lookup/identity")]
async fn create_own_complaint_identity(app: State, body: Json<OwnIdentityInput>) -> Result<WriteResponse> {
    let (OwnIdentityInput { receipt, reporter }, key, sent) = body.require_key()?;
    identity::wipe(sent);
    let db = app.db.reader();
    let row = receipts::find::<Row>(&app.cases, db, &receipt).await?;
    // Before anything waits for the writer.
    let sealed = identity::seal(app.cases.custodians.as_ref(), &row.complaint.reference, reporter)?;
    let (state, theirs) = (app.clone(), receipt.clone());
    let work = |write: Write| async move {
        let mut row = receipts::lock::<Row>(&state.cases, &write, &receipt).await?;
        messages::refuse_ended(&row, &NAMING)?;
        if !row.complaint.anonymous {
            return Err(Code::IllegalTransition
                .because("เรื่องนี้มีข้อมูลตัวตนของผู้ร้องเรียนแล้ว", "The complaint has the identity of its reporter already."));
        }
        let kept = identity::keep(&write, row.id(), sealed).await?;
        let key = row.needed_key(&state.cases.vault)?;
        let entry = Entry { action: GIVE_IDENTITY, side: Side::Sender, public: true, status: None, text: None };
        timeline::add(&write, &key, row.id(), entry).await?;
        row.complaint.anonymous = false;
        let row = steps::save(&write, row.complaint).await?;
        let (id, events) = (row.id(), [Event::about(GIVE_IDENTITY, &row), Event::about("seal", &kept)]);
        let written = WriteResponse::done(&shown(&state, &write, row, None).await?)?;
        write.commit(events, (id, written))
    };
    let again = async |_| WriteResponse::done(&look_up(&app, &theirs, None).await?);
    write_once_about(&app.db, &Author::public(), Some(key), work, again).await
}
