//! Programs that send cases for their visitors: which case is of which program, and what the program has sent about it since. They
//! have no receipt, since it is their visitor's.

use entity::{case_sender, sent_message};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::db::Write;
use crate::error::Result;

/// A new case is of this client.
pub async fn record(write: &Write, case: Uuid, client: Uuid) -> Result<()> {
    let row = case_sender::ActiveModel { case_id: Set(case), client_id: Set(client) };
    case_sender::Entity::insert(row).exec_without_returning(write).await?;
    Ok(())
}

/// Whether this client sent the case.
pub async fn is_of(db: &impl ConnectionTrait, case: Uuid, client: Uuid) -> Result<bool> {
    Ok(case_sender::Entity::find_by_id(case).one(db).await?.is_some_and(|sender| sender.client_id == client))
}

/// The message that was made of what the program calls so.
pub async fn message(db: &impl ConnectionTrait, case: Uuid, sent_id: &str) -> Result<Option<Uuid>> {
    let row = sent_message::Entity::find_by_id((case, sent_id.to_owned())).one(db).await?;
    Ok(row.map(|row| row.event_id))
}

pub async fn record_message(write: &Write, case: Uuid, sent_id: String, event: Uuid) -> Result<()> {
    let row = sent_message::ActiveModel { case_id: Set(case), sent_id: Set(sent_id), event_id: Set(event) };
    sent_message::Entity::insert(row).exec_without_returning(write).await?;
    Ok(())
}

/// What was written in a case is destroyed.
pub async fn forget(write: &Write, case: Uuid) -> Result<()> {
    case_sender::Entity::delete_by_id(case).exec(write).await?;
    sent_message::Entity::delete_many().filter(sent_message::Column::CaseId.eq(case)).exec(write).await?;
    Ok(())
}
