//! Queries of colleagues.

use std::collections::{HashMap, HashSet};

use entity::account::{Column, Entity};
use entity::open_case::Kind;
use entity::{open_case, post, post_holder};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::super::store::held;
use super::dto::{Colleague, ColleagueFilter};
use crate::accounts::users::store::Row;
use crate::audit_log::author::{Author, UnitScope};
use crate::auth::scope::{ComplaintsHandle, ServiceRequestsHandle};
use crate::auth::{Officer, people};
use crate::cases::Case;
use crate::cases::assignment::{can_hold, of_unit};
use crate::complaints::store::Row as Complaint;
use crate::db::{Db, sql};
use crate::domain::field_code::FieldCode;
use crate::domain::name::Name;
use crate::e_services::requests::store::Row as ServiceRequest;
use crate::error::{FieldError, Result};
use crate::http::list::{Found, List};

/// The accounts to whom the case of a filter can be assigned, if it names one.
pub async fn of_case(
    db: &impl ConnectionTrait,
    filter: &ColleagueFilter,
    officer: &Officer,
) -> Result<Option<Condition>> {
    let ColleagueFilter { complaint, service_request, assignable: _, q: _, sort: _ } = filter;
    match (complaint, service_request) {
        (Some(_), Some(_)) => Err(FieldError::parameter("service_request", FieldCode::NotTogether).into()),
        (Some(id), None) => {
            let complaint = Complaint::find(db, *id, &officer.complaints).await?.complaint;
            let recused = people::accounts_of(db, &complaint.recused.0).await?;
            let able = can_hold::<ComplaintsHandle>(&of_unit(complaint.unit_id));
            Ok(Some(able.add(Column::Id.is_not_in(recused))))
        }
        (None, Some(id)) => {
            let request = ServiceRequest::find(db, *id, &officer.service_requests).await?.request;
            Ok(Some(can_hold::<ServiceRequestsHandle>(&of_unit(Some(request.unit_id)))))
        }
        (None, None) => Ok(None),
    }
}

/// The accounts that can hold cases of an officer's units, and those that cannot and still have some.
pub fn listed(officer: &Officer, assignable: Option<bool>) -> Condition {
    let able = each_kind(officer).map(|(_, able)| able).fold(Condition::any().add(never()), Condition::add);
    let has_some = open_case::Entity::find().select_only().column(open_case::Column::AssigneeId);
    let has_some = has_some.filter(held(officer)).filter(open_case::Column::AssigneeId.is_not_null());
    let has_some = Column::Id.in_subquery(has_some.into_query());
    match assignable {
        Some(true) => able,
        Some(false) => Condition::all().add(has_some).add(able.not()),
        None => Condition::any().add(able).add(has_some),
    }
}

fn never() -> Expr {
    Expr::cust("1 = 0")
}

/// Who can hold a case of an officer's units, for each kind that the officer handles.
fn each_kind(officer: &Officer) -> impl Iterator<Item = (Kind, Condition)> {
    let able = |kind, author: &Author, able: fn(&UnitScope) -> Condition| {
        (author.units != UnitScope::Nothing).then(|| (kind, able(&author.units)))
    };
    let complaints = able(Kind::Complaint, &officer.complaints, can_hold::<ComplaintsHandle>);
    let requests = able(Kind::ServiceRequest, &officer.service_requests, can_hold::<ServiceRequestsHandle>);
    complaints.into_iter().chain(requests)
}

pub async fn list(
    db: &Db,
    list: &List<ColleagueFilter>,
    accounts: Condition,
    officer: &Officer,
) -> Result<Found<Colleague>> {
    let named = list.filter.q.as_ref().map(|q| sql::named_like(Column::Name, q));
    let select = Entity::find().filter(accounts).filter(Condition::all().add_option(named));
    let mut found = list.find::<Row>(db, select).await?;
    let rows = std::mem::take(&mut found.rows);
    let ids: Vec<Uuid> = rows.iter().map(Row::id).collect();
    let db = db.reader();
    let handles = handles(db, officer, &ids).await?;
    let (mut posts, open) = (posts(db, &ids).await?, open_counts(db, officer, &ids).await?);
    let colleague = |row: Row| Colleague {
        id: row.id(),
        posts: posts.remove(&row.id()).unwrap_or_default(),
        units: row.units(),
        handles: handles.iter().filter(|(_, able)| able.contains(&row.id())).map(|(kind, _)| *kind).collect(),
        open_count: open.get(&row.id()).copied().unwrap_or_default(),
        display_name: row.account.name,
    };
    Ok(found.with(rows.into_iter().map(colleague).collect()))
}

/// Which of several accounts can hold cases of each kind.
async fn handles(db: &impl ConnectionTrait, officer: &Officer, ids: &[Uuid]) -> Result<Vec<(Kind, HashSet<Uuid>)>> {
    let mut handles = Vec::new();
    for (kind, able) in each_kind(officer) {
        let able = Entity::find().filter(Column::Id.is_in(ids.iter().copied())).filter(able);
        let able = able.select_only().column(Column::Id).into_tuple::<Uuid>().all(db).await?;
        handles.push((kind, able.into_iter().collect()));
    }
    Ok(handles)
}

/// The names of the posts of several accounts.
async fn posts(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Name>>> {
    use post_holder::Column::{AccountId, PostId};
    let name = |column| sql::referred(column, post::Column::Id, (post_holder::Entity, PostId));
    let held = post_holder::Entity::find().filter(AccountId.is_in(ids.iter().copied())).select_only().column(AccountId);
    let held = held.expr_as(name(post::Column::NameTh), "name_th").expr_as(name(post::Column::NameEn), "name_en");
    let held = held.order_by_asc(PostId).into_tuple::<(Uuid, String, Option<String>)>().all(db).await?;
    let mut posts = HashMap::<Uuid, Vec<Name>>::new();
    for (account, th, en) in held {
        posts.entry(account).or_default().push(Name { th, en });
    }
    Ok(posts)
}

/// How many open cases that an officer may see several accounts have.
pub async fn open_counts(db: &impl ConnectionTrait, officer: &Officer, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    use open_case::{Column, Entity};
    let of_them = Entity::find().filter(held(officer)).filter(Column::AssigneeId.is_in(ids.iter().copied()));
    let counts = of_them.select_only().column(Column::AssigneeId);
    let counts = counts.expr_as(Expr::col((Entity, Column::Id)).count(), "open").group_by(Column::AssigneeId);
    Ok(counts.into_tuple::<(Uuid, i64)>().all(db).await?.into_iter().collect())
}
