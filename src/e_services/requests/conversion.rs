//! What a request gives up when it becomes a complaint: who made it.

use super::dto::{Content, content};
use super::input::ApplicantInput;
use super::store::{CONTENT, Row};
use crate::cases::vault::Vault;
use crate::cases::{Case, Cases, phones};
use crate::db::Write;
use crate::error::{Error, Result};

/// Who made a request.
pub fn applicant(row: &Row, vault: &Vault) -> Result<Option<ApplicantInput>> {
    Ok(content(row, vault)?.and_then(|content| content.applicant))
}

/// Removes who made a request from what is sealed of it. The row is still to be saved.
pub async fn forget_applicant(cases: &Cases, write: &Write, mut row: Row) -> Result<Row> {
    let Some(content) = content(&row, &cases.vault)?.filter(|content| content.applicant.is_some()) else {
        return Ok(row);
    };
    let text = serde_json::to_string(&Content { applicant: None, ..content }).map_err(Error::internal)?;
    row.request.content = row.needed_key(&cases.vault)?.seal(CONTENT, row.id(), &text)?;
    phones::forget(write, row.id()).await?;
    Ok(row)
}
