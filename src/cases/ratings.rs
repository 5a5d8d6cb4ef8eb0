//! How satisfied the sender of a case is with the way in which it was handled.

use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::receipts::ReceiptText;
use super::timeline;
use crate::domain::text::Lines;
use crate::error::{Code, Result};

/// What timeline and log call it.
pub const RATE: &str = "rate";

/// Ratings of one case in all: each is kept on its timeline.
const MOST: u64 = 5;

/// A rating by the sender.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "receipt": "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S", "rating": 5, "text": "ซ่อมเร็วมาก" }))]
pub struct RatingInput {
    /// Receipt of the case.
    pub receipt: ReceiptText,
    /// Satisfaction from 1 (very dissatisfied) to 5 (very satisfied).
    #[schema(minimum = 1, maximum = 5, example = 5)]
    pub rating: i32,
    /// Comment on the rating.
    #[schema(example = json!(null))]
    pub text: Option<Lines<2000>>,
}

/// The rating that counts.
#[derive(Serialize, ToSchema)]
#[schema(as = CaseRating)]
pub struct Rating {
    /// The rating, 1 (worst) to 5 (best).
    #[schema(minimum = 1, maximum = 5, example = 5)]
    pub rating: i32,
    /// Number of times it can still be changed.
    #[schema(minimum = 0, maximum = 100, example = 4)]
    pub changes_left: u64,
}

/// How often a case can still be rated.
pub async fn left(db: &impl ConnectionTrait, case: Uuid) -> Result<u64> {
    Ok(MOST.saturating_sub(timeline::times(db, case, RATE).await?))
}

/// How often it can be rated after the rating that is being made.
pub async fn left_after_this(db: &impl ConnectionTrait, case: Uuid) -> Result<u64> {
    left(db, case).await?.checked_sub(1).ok_or_else(|| {
        Code::IllegalTransition.because(
            format!("ให้คะแนนครบ {MOST} ครั้งแล้ว เปลี่ยนอีกไม่ได้"),
            format!("The case was rated {MOST} times, and cannot be rated again."),
        )
    })
}
