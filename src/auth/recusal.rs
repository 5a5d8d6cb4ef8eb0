//! The complaints from which somebody is recused, by any of their names.

use std::collections::HashSet;

use entity::complaint::{Column, Entity};
use entity::{identity_request, open_case};
use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use crate::audit_log::author::Author;
use crate::db::sql;
use crate::error::Result;

/// The complaints from which an author is recused.
fn recused(author: &Author) -> Condition {
    named(author, (Entity, Column::Recused))
}

/// The rows whose list of those who are recused, in a column, names an author.
fn named(author: &Author, list: impl IntoColumnRef + Copy) -> Condition {
    let has = |name| sql::with(Expr::col(list).cast_as("text"), &json!(name).to_string());
    author.names().map(has).fold(Condition::any(), Condition::add)
}

/// The complaints from which an author is not recused.
pub fn not_recused(author: &Author) -> Condition {
    recused(author).not()
}

/// The open cases from which an author is not recused.
pub fn not_recused_from_open(author: &Author) -> Condition {
    named(author, (open_case::Entity, open_case::Column::Recused)).not()
}

/// The complaints from which an author is recused, and what belongs to them, as the log names both.
pub async fn recused_from(db: &impl ConnectionTrait, author: &Author) -> Result<HashSet<Uuid>> {
    let complaints = Entity::find().filter(recused(author)).select_only().columns([Column::Id, Column::Continues]);
    let complaints = complaints.into_tuple::<(Uuid, Option<Uuid>)>().all(db).await?;
    // With the service requests that they were.
    let complaints: Vec<Uuid> =
        complaints.into_iter().flat_map(|(id, continues)| [id].into_iter().chain(continues)).collect();
    let of_them = identity_request::Column::CaseId.is_in(complaints.iter().copied());
    let requests = identity_request::Entity::find().filter(of_them).select_only().column(identity_request::Column::Id);
    Ok(requests.into_tuple::<Uuid>().all(db).await?.into_iter().chain(complaints).collect())
}

/// Whether an author is there and recused from no complaint. Others must not learn when something about one happens.
pub async fn may_see_times(db: &impl ConnectionTrait, author: Option<&Author>) -> Result<bool> {
    let Some(author) = author else { return Ok(false) };
    let first = Entity::find().filter(recused(author)).select_only().column(Column::Id).into_tuple::<Uuid>();
    Ok(first.one(db).await?.is_none())
}

/// The same as the ids of complaints, as part of another query.
pub fn open_to(author: &Author) -> SelectStatement {
    Query::select().column(Column::Id).from(Entity).cond_where(not_recused(author)).to_owned()
}
