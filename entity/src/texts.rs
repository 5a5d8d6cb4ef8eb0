//! An ordered list of texts in one column.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Texts(pub Vec<String>);

impl Texts {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
