//! Whether the office owes an answer: the reporter or applicant has said something since it last told them anything. A new case has its
//! own promise, and does not wait for an answer before something is said.

use entity::case_event::{Model, Side};
use entity::unanswered_case::{ActiveModel, Column, Entity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};
use uuid::Uuid;

use super::identity::GIVE_IDENTITY;
use super::ratings::RATE;
use super::timeline::RECEIVE;
use crate::db::Write;
use crate::domain::timeline::NOTICES;
use crate::error::Result;

/// What the sender does that wants no answer.
const ASKS_NOTHING: [&str; 3] = [RECEIVE, RATE, GIVE_IDENTITY];

/// Takes note of an event of a case.
pub async fn note(write: &Write, event: &Model) -> Result<()> {
    // An event about the reporter's identity has neither, and answers nothing.
    let answers = event.public && !NOTICES.contains(&&*event.action);
    let tells = answers && (event.text.is_some() || event.status.is_some());
    match event.side {
        Side::Sender if !ASKS_NOTHING.contains(&&*event.action) => {
            let row = ActiveModel { case_id: Set(event.case_id), since: Set(event.at) };
            // It has waited since the first of what was said.
            let waits = OnConflict::column(Column::CaseId).do_nothing().to_owned();
            Entity::insert(row).on_conflict(waits).exec_without_returning(write).await?;
            Ok(())
        }
        Side::Office if tells => forget(write, event.case_id).await,
        _ => Ok(()),
    }
}

/// The case owes no answer.
pub async fn forget(write: &Write, case: Uuid) -> Result<()> {
    Entity::delete_by_id(case).exec(write).await?;
    Ok(())
}
