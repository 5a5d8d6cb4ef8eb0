//! Text search in the office's lists: what is in the clear is asked of the database, what is sealed is decrypted and compared.

use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Expr, Func, SimpleExpr};
use serde::Deserialize;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::db::sql;
use crate::domain::phone_end;
use crate::domain::receipt::part_of_reference;
use crate::domain::text::{Line, SEARCHED, folded};

/// What is searched for: three characters or more.
#[derive(Deserialize)]
pub struct SearchText(Line<100>);

impl SearchText {
    /// The end of a telephone number, if it can be one and nothing else but the number of a case.
    pub fn phone_end(&self) -> Option<String> {
        phone_end::asked(&self.0)
    }

    pub fn pattern(&self) -> Pattern {
        Pattern::of(&self.0)
    }
}

impl PartialSchema for SearchText {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(100));
        text.pattern(Some(SEARCHED)).into()
    }
}

impl ToSchema for SearchText {}

/// A text as it is compared with those of cases.
pub struct Pattern {
    folded: String,
    reference: Option<String>,
}

impl Pattern {
    pub fn of(text: &str) -> Self {
        Self { folded: folded(text), reference: part_of_reference(text) }
    }

    /// Whether it stands in the number of a case.
    pub fn is_in_reference(&self, reference: &str) -> bool {
        self.reference.as_ref().is_some_and(|part| reference.replace('-', "").contains(part))
    }

    /// The same as a condition, if it can be.
    pub fn in_reference(&self, reference: impl ColumnTrait) -> Option<SimpleExpr> {
        let plain = Func::cust("replace").arg(Expr::col(reference)).arg("-").arg("");
        self.reference.as_ref().map(|part| sql::with(plain, part))
    }

    /// Whether it stands in a text.
    pub fn is_in(&self, text: &str) -> bool {
        folded(text).contains(&self.folded)
    }
}
