//! The office's list of service requests: which rows, in which order. What is written in them is decrypted where it is searched.

use chrono::NaiveDate;
use entity::service_request::{Column, Entity};
use sea_orm::{EntityTrait, QueryFilter};

use super::dto::content;
use super::filter::{ServiceRequestFilter, Vicinity};
use super::store::{Row, without_content};
use crate::audit_log::author::Author;
use crate::cases::search::Pattern;
use crate::cases::vault::Vault;
use crate::cases::{Case, phones};
use crate::domain::place::Point;
use crate::error::Result;
use crate::http::list::{Found, List};
use crate::state::App;

/// The page that an officer asks for.
pub async fn list(
    app: &App,
    list: &List<ServiceRequestFilter>,
    author: &Author,
    today: NaiveDate,
) -> Result<Found<Row>> {
    list.filter.check(app.db.reader()).await?;
    let mut select = Entity::find().filter(Row::seen_by(author)).filter(list.filter.matching(today));
    let vault = app.cases.vault.clone();
    let mut pattern = None;
    if let Some(q) = &list.filter.q {
        match q.phone_end() {
            None => pattern = Some(q.pattern()),
            Some(end) => {
                let found = phones::with_end(&vault, app.db.reader(), Column::Id, &end).await?;
                select = select.filter(found.add_option(q.pattern().in_reference(Column::Reference)));
            }
        }
    }
    let is_table = list.is_table();
    if let Some(vicinity) = list.filter.vicinity()? {
        let measure = move |row| measured(row, vicinity, pattern.as_ref(), &vault, is_table);
        return Ok(list.rank(&app.db, select, "radius", measure).await?.map(|(_, row)| row));
    }
    if let Some(pattern) = pattern {
        return list.sift(&app.db, select, move |row| kept(row, &pattern, &vault, is_table)).await;
    }
    if is_table {
        select = without_content(select);
    }
    list.find(&app.db, select).await
}

/// A request with its distance, from where it is to be done exactly; None if it is not meant.
fn measured(
    mut row: Row,
    vicinity: Vicinity,
    pattern: Option<&Pattern>,
    vault: &Vault,
    is_table: bool,
) -> Result<Option<(i64, Row)>> {
    let place = content(&row, vault)?.and_then(|content| content.place);
    let point = place.and_then(|place| Some(Point::from_degrees(place.latitude?, place.longitude?)));
    let Some(distance) = point.and_then(|point| vicinity.distance(point)) else { return Ok(None) };
    if let Some(pattern) = pattern
        && !has(&row, pattern, vault)?
    {
        return Ok(None);
    }
    if is_table {
        row.request.content.clear();
    }
    row.distance_m = i32::try_from(distance).ok();
    Ok(Some((distance, row)))
}

/// A request that has a text; None of another.
fn kept(mut row: Row, pattern: &Pattern, vault: &Vault, is_table: bool) -> Result<Option<Row>> {
    if !has(&row, pattern, vault)? {
        return Ok(None);
    }
    if is_table {
        row.request.content.clear();
    }
    Ok(Some(row))
}

/// Whether the number of a request has this, or the description of its place.
fn has(row: &Row, pattern: &Pattern, vault: &Vault) -> Result<bool> {
    if pattern.is_in_reference(&row.request.reference) {
        return Ok(true);
    }
    let address = content(row, vault)?.and_then(|content| content.place?.address);
    Ok(address.is_some_and(|address| pattern.is_in(&address)))
}
