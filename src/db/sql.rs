//! Parts of queries, alike for both databases.

use sea_orm::ColumnTrait;
use sea_orm::sea_query::{
    Alias, Asterisk, Expr, ExprTrait, Func, IntoColumnRef, LikeExpr, Query, SelectStatement, SimpleExpr,
};

use crate::domain::text::folded;
use crate::domain::text::typed::TYPOGRAPHY;

/// The single value of a query, as a subquery.
pub fn value(query: SelectStatement) -> SimpleExpr {
    SimpleExpr::SubQuery(None, Box::new(query.into()))
}

/// What stands in a column of the row whose `key` is in `of`. The table has another name in it: it may be the outer one, too.
pub fn referred<C: ColumnTrait>(column: C, key: C, of: impl IntoColumnRef) -> SimpleExpr {
    let table = Alias::new("referred");
    let query = Query::select()
        .expr(Expr::col((table.clone(), column)))
        .from_as(column.entity_name(), table.clone())
        .and_where(Expr::col((table, key)).equals(of))
        .to_owned();
    value(query)
}

/// How many rows refer to another. The table has another name in it, as above.
pub fn count_of<C: ColumnTrait>(reference: C, of: impl IntoColumnRef) -> SimpleExpr {
    let table = Alias::new("referring");
    let query = Query::select()
        .expr(Expr::col(Asterisk).count())
        .from_as(reference.entity_name(), table.clone())
        .and_where(Expr::col((table, reference)).equals(of))
        .to_owned();
    value(query)
}

/// Rows that have `text` somewhere in what [`folded`] made of a text.
pub fn containing(column: impl ExprTrait, text: &str) -> SimpleExpr {
    with(column, &folded(text))
}

/// Rows with a name that has `text` somewhere, both as [`folded`] makes them: of what it does to names, a database can do enough.
pub fn named_like(column: impl ColumnTrait, text: &str) -> SimpleExpr {
    let name = TYPOGRAPHY.iter().fold(Func::lower(Expr::col(column)), |name, (typed, plain)| {
        Func::cust("replace").arg(name).arg(typed.to_string()).arg(plain.to_string())
    });
    containing(name, text)
}

/// The same of two columns: a Thai and an English name.
pub fn either_named_like([one, other]: [impl ColumnTrait; 2], text: &str) -> SimpleExpr {
    named_like(one, text).or(named_like(other, text))
}

/// Rows that have `text` as it is somewhere in a column.
pub fn with(column: impl ExprTrait, text: &str) -> SimpleExpr {
    let text = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    column.like(LikeExpr::new(format!("%{text}%")).escape('\\'))
}
