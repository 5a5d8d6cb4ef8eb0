//! Files that were sent with a request become its attachments, once it is written.

use std::error::Error as _;

use serde::Deserialize;
use serde_json::json;

use super::super::requests::store::Row;
use super::multipart::{Files, Received};
use crate::cases::attachments::upload;
use crate::cases::receipts::ReceiptText;
use crate::domain::message::{Language, Message};
use crate::error::{Error, Result};
use crate::http::multipart::SentFile;
use crate::state::State;

/// Attaches the files of a request that was written; tells of those that could not be.
pub async fn attach(app: &State, receipt: &str, files: Files, language: Language) -> Result<Vec<String>> {
    let receipt = ReceiptText::deserialize(json!(receipt)).map_err(Error::internal)?;
    let Files { received, mut turn, room } = files;
    let (mut left_out, mut is_one_kept) = (Vec::new(), false);
    for (number, Received { name, content }) in (1..).zip(received) {
        let attaching = async {
            let file = SentFile::of(name.as_deref(), content?, room.clone()).await?;
            turn.iter_mut().try_for_each(|turn| turn.charge(file.bytes.len() as u64))?;
            upload::of_new_case::<Row>(app.cases.clone(), receipt.clone(), file).await
        };
        match attaching.await {
            Ok(()) => is_one_kept = true,
            Err(error) => left_out.push(apology(&name.unwrap_or_else(|| number.to_string()), &error, language)),
        }
    }
    if let Some(turn) = turn.filter(|_| is_one_kept) {
        turn.keep();
    }
    Ok(left_out)
}

/// What the applicant is told of a file that is not kept.
fn apology(name: &str, error: &Error, language: Language) -> String {
    if let Some(cause) = error.source() {
        tracing::warn!(code = error.code().name(), cause, "a file of a new request was not kept");
    }
    let message = error.errors().first().map_or_else(|| error.message(), |field| field.message.clone());
    let reason = message.localized(language);
    let apology = Message::new(
        format!("ไฟล์ {name} ไม่ได้แนบไปด้วย: {reason}"),
        format!("The file {name} is not attached: {reason}"),
    );
    apology.localized(language).to_owned()
}
