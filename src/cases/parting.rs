//! Links of duplicates that end by themselves: where other people see the one case than the other, and where one is destroyed.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::Cases;
use super::duplicates::{Duplicable, are_seen_alike, lock_each, tell};
use super::tallies;
use crate::audit_log::append::Event;
use crate::db::Write;
use crate::domain::timeline::UNLINK_DUPLICATE;
use crate::error::Result;

/// Locks a case with all that are linked with it, whoever may see them, and gives the others.
pub async fn lock_linked<C: Duplicable>(write: &Write, id: Uuid) -> Result<Vec<C>> {
    let backend = write.get_database_backend();
    let main = C::of(C::Table::find_by_id(id), backend).one(write).await?.and_then(|case| case.duplicate_of());
    let duplicates = C::of(C::Table::find().filter(C::DUPLICATE_OF.eq(id)), backend).all(write).await?;
    let ids = duplicates.iter().map(C::case_id).chain(main).chain([id]).collect();
    let mut locked = lock_each::<C>(write, ids, |_| true).await?;
    tallies::hold(write, locked.values().map(C::place).collect::<Result<_>>()?).await?;
    let case = locked.remove(&id);
    let main = case.and_then(|case| case.duplicate_of());
    let is_linked = |other: &C| other.duplicate_of() == Some(id) || main == Some(other.case_id());
    Ok(locked.into_values().filter(is_linked).collect())
}

/// Ends the links of a case with those that other people see. Gives the events of all.
pub async fn part<C: Duplicable>(cases: &Cases, write: &Write, mut case: C, linked: Vec<C>) -> Result<(C, Vec<Event>)> {
    let apart: Vec<C> = linked.into_iter().filter(|other| !are_seen_alike(&case, other)).collect();
    let mut events = Vec::new();
    for other in apart {
        tell(cases, write, &case, UNLINK_DUPLICATE).await?;
        tell(cases, write, &other, UNLINK_DUPLICATE).await?;
        let other = if other.duplicate_of() == Some(case.case_id()) {
            other.linked_to(write, None).await?
        } else {
            case = case.linked_to(write, None).await?;
            other.touch(write).await?
        };
        events.push(Event::about(UNLINK_DUPLICATE, &other));
    }
    if !events.is_empty() {
        case = case.touch(write).await?;
        events.push(Event::about(UNLINK_DUPLICATE, &case));
    }
    Ok((case, events))
}

/// Ends the links of those that were linked with a case that is destroyed. Gives their events.
pub async fn outlive<C: Duplicable>(write: &Write, destroyed: Uuid, linked: Vec<C>) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    for case in linked {
        let case = match case.duplicate_of() {
            Some(main) if main == destroyed => case.linked_to(write, None).await?,
            _ => case.touch(write).await?,
        };
        events.push(Event::about(UNLINK_DUPLICATE, &case));
    }
    Ok(events)
}
