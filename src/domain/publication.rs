//! From draft to published to unpublished: what was once public never disappears without a reason.

use entity::state::Publication::{self, Draft, Published, Unpublished};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::rule::Rules;
use super::text::Lines;
use crate::domain::field_code::FieldCode;

/// An action on the publication of a record.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PublicationTransition)]
pub struct Transition {
    /// `publish` makes the record public, `unpublish` ends that.
    #[schema(example = "publish")]
    pub action: Action,
    /// Public reason. Required for `unpublish`, not allowed for `publish`.
    #[schema(example = json!(null))]
    pub reason: Option<Lines<1000>>,
}

impl Validate for Transition {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let unpublishes = self.action == Action::Unpublish;
        Rules::default()
            .require(self.reason.is_some() || !unpublishes, "reason", FieldCode::NeededToUnpublish)
            .require(self.reason.is_none() || unpublishes, "reason", FieldCode::OnlyToUnpublish)
            .end()
    }
}

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Action = "PublicationAction" ("การดำเนินการเผยแพร่", "Step of publication.") {
        Publish = "publish" (
            "เผยแพร่", "publish",
            "เปิดให้ประชาชนเห็น",
            "Show the record to everyone."
        ),
        Unpublish = "unpublish" (
            "ถอนการเผยแพร่", "unpublish",
            "ต้องระบุเหตุผล",
            "Take the record back. A reason is required."
        ),
    }
}

/// The state that an action leads to, or nothing where it is not allowed.
pub fn after(action: Action, from: Publication) -> Option<Publication> {
    match (action, from) {
        (Action::Publish, Draft | Unpublished) => Some(Published),
        (Action::Unpublish, Published) => Some(Unpublished),
        (Action::Publish, Published) | (Action::Unpublish, Draft | Unpublished) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_published_can_be_withdrawn_and_it_can_come_back() {
        let grid =
            [Draft, Published, Unpublished].map(|from| [Action::Publish, Action::Unpublish].map(|a| after(a, from)));
        assert_eq!(grid, [[Some(Published), None], [None, Some(Unpublished)], [Some(Published), None]]);
    }
}
