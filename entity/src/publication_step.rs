//! A signature under a publication, or its return: a row for each, never changed.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::report::SigningStep;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "publication_step")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub publication_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub round: i32,
    /// Place in the chain, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    pub step: SigningStep,
    pub post: String,
    pub acting_for: Option<String>,
    pub account_id: Uuid,
    pub outcome: Outcome,
    pub comment: Option<String>,
    pub at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Outcome = "SigningOutcome" ("ผลของการลงนาม", "What a signer did.") {
        Signed = "signed" (
            "ลงนามแล้ว", "signed",
            "ลงนามในลำดับของตน",
            "Signed the step."
        ),
        Returned = "returned" (
            "ส่งกลับแก้ไข", "returned",
            "ไม่ลงนาม และส่งคืนผู้จัดทำ",
            "Sent it back in place of signing."
        ),
    }
}
