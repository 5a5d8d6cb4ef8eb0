//! What a reporter wrote, for the case that goes on with the complaint. Whom it is about stays here.

use sea_orm::ConnectionTrait;

use super::dto::Written;
use super::store::Row;
use crate::cases::vault::Vault;
use crate::cases::{Case, continuation};
use crate::error::Result;

/// The texts for its timeline.
pub async fn words(db: &impl ConnectionTrait, row: &Row, vault: &Vault) -> Result<Vec<String>> {
    let Written { subject, description, occurred_text, location_text, accused: _ } =
        Written::open(row, Some(&row.needed_key(vault)?))?;
    let named = |name: &str, text: Option<String>| text.map(|text| format!("{name}: {text}"));
    let first = [subject, description, named("เวลา", occurred_text), named("สถานที่", location_text)];
    let first = first.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    continuation::words(db, row, vault, first).await
}
