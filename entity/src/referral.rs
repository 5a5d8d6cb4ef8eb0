//! To whom a case was referred.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The authority that a case was referred to, and the letter with which it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Referral {
    pub authority: String,
    /// Number of the letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter_no: Option<String>,
    /// Day of the letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter_on: Option<Date>,
}
