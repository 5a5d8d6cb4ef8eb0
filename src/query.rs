//! Parts of queries, alike for both databases.

use sea_orm::sea_query::{ExprTrait, LikeExpr, SelectStatement, SimpleExpr};

use crate::domain::text::folded;

/// The one value that a query gives, as part of another.
pub fn value(query: SelectStatement) -> SimpleExpr {
    SimpleExpr::SubQuery(None, Box::new(query.into()))
}

/// Rows that have `text` somewhere in what [`folded`] made of a text.
pub fn containing(column: impl ExprTrait, text: &str) -> SimpleExpr {
    with(column, &folded(text))
}

/// Rows that have `text` as it is somewhere in a column.
pub fn with(column: impl ExprTrait, text: &str) -> SimpleExpr {
    let text = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    column.like(LikeExpr::new(format!("%{text}%")).escape('\\'))
}
