//! From draft to published to withdrawn: what was once public never disappears without a reason.

use entity::state::Publication::{self, Draft, Published, Withdrawn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::rule::Rules;
use super::text::Lines;
use crate::domain::field_code::FieldCode;

/// A step in a record's publication.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// `publish` shows the record to everyone, `withdraw` takes it back.
    #[schema(example = "publish")]
    pub action: Action,
    /// Why it is withdrawn; everyone can read it. Needed to withdraw, not allowed otherwise.
    #[schema(example = json!(null))]
    pub reason: Option<Lines<1000>>,
}

impl Validate for Transition {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let withdraws = self.action == Action::Withdraw;
        Rules::default()
            .require(self.reason.is_some() || !withdraws, "reason", FieldCode::NeededToWithdraw)
            .require(self.reason.is_none() || withdraws, "reason", FieldCode::OnlyToWithdraw)
            .end()
    }
}

/// What can be done with a record's publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Publish,
    Withdraw,
}

impl Action {
    pub fn name(self) -> &'static str {
        match self {
            Action::Publish => "publish",
            Action::Withdraw => "withdraw",
        }
    }
}

/// The state that an action leads to, or nothing where it is not allowed.
pub fn after(action: Action, from: Publication) -> Option<Publication> {
    match (action, from) {
        (Action::Publish, Draft | Withdrawn) => Some(Published),
        (Action::Withdraw, Published) => Some(Withdrawn),
        (Action::Publish, Published) | (Action::Withdraw, Draft | Withdrawn) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_published_can_be_withdrawn_and_it_can_come_back() {
        let grid =
            [Draft, Published, Withdrawn].map(|from| [Action::Publish, Action::Withdraw].map(|a| after(a, from)));
        assert_eq!(grid, [[Some(Published), None], [None, Some(Withdrawn)], [Some(Published), None]]);
    }
}
