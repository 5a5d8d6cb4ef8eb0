//! The end of what was written: when a complaint has been closed for long enough, its texts and their key are destroyed, and who
//! handled it and whom it was about is forgotten. Kind, category, dates and outcome stay, for the statistics.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{Months, NaiveDate};
use entity::complaint::{Column, Entity, Kind, Model, Outcome, Status};
use entity::texts::Texts;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, EntityTrait, Iterable, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::counted::outcome;
use super::steps;
use super::store::Row;
use crate::answer::Written;
use crate::cases::{self, Case};
use crate::db::Db;
use crate::domain::retention::Retention;
use crate::error::{Error, Result};
use crate::ledger::{Author, Event};

/// A complaint whose time has come.
pub struct Due {
    pub id: Uuid,
    pub reference: String,
    pub kind: String,
    pub outcome: String,
    pub closed_on: NaiveDate,
    /// The first day on which it is no longer kept.
    pub ends_on: NaiveDate,
}

/// What of a closed complaint decides how long it is kept: what was written is not read for it.
type Closed = (Uuid, String, Kind, Status, Option<Outcome>, NaiveDate);

/// What is to be destroyed today, the oldest first.
pub async fn due(db: &impl ConnectionTrait, retention: &Retention, today: NaiveDate) -> Result<Vec<Due>> {
    let mut may_be = Condition::any();
    for kind in Kind::iter() {
        let last = today.checked_sub_months(Months::new(retention.shortest(&kind.to_value())));
        may_be = may_be.add(Column::Kind.eq(kind).and(Column::ClosedOn.lte(last.unwrap_or(NaiveDate::MIN))));
    }
    let columns = [Column::Id, Column::Reference, Column::Kind, Column::Status, Column::Outcome, Column::ClosedOn];
    let closed = Entity::find()
        .select_only()
        .columns(columns)
        .filter(may_be)
        .filter(Column::DestroyedOn.is_null())
        .filter(Column::OnHold.eq(false))
        .order_by_asc(Column::ClosedOn)
        .into_tuple::<Closed>();
    let all = closed.all(db).await?.into_iter();
    Ok(all.filter_map(|closed| due_of(closed, retention)).filter(|due| due.ends_on <= today).collect())
}

fn due_of((id, reference, kind, status, ended, closed_on): Closed, retention: &Retention) -> Option<Due> {
    let (kind, outcome) = (kind.to_value(), outcome(status, ended)?);
    let ends_on = retention.ends(&kind, &outcome, closed_on)?;
    Some(Due { id, reference, kind, outcome, closed_on, ends_on })
}

/// Destroys what is due, one after the other, and tells how many that were. One that cannot be destroyed now does not keep the
/// others: the last fault is told in the end.
pub async fn run(db: &Arc<Db>, author: &Author, retention: &Retention, today: NaiveDate) -> (usize, Result<()>) {
    let due = match due(db.reader(), retention, today).await {
        Ok(due) => due,
        Err(error) => return (0, Err(error)),
    };
    let (mut destroyed, mut done) = (0, Ok(()));
    for Due { id, .. } in due {
        match destroy(db, author, retention, today, id).await {
            Ok(was_due) => destroyed += usize::from(was_due),
            Err(error) => done = Err(error),
        }
    }
    (destroyed, done.and(db.forget().await.map_err(Error::from)))
}

/// Whether it was still due: somebody may have reopened or held it meanwhile.
async fn destroy(db: &Arc<Db>, author: &Author, retention: &Retention, today: NaiveDate, id: Uuid) -> Result<bool> {
    let (retention, was_due) = (retention.clone(), Arc::new(AtomicBool::new(false)));
    let is_due = was_due.clone();
    let written = db.write(author, None, move |write| async move {
        let mut row = Row::lock_any(&write, id).await?;
        let Model { reference, kind, status, outcome, closed_on, on_hold, destroyed_on, .. } = &row.complaint;
        let due = closed_on.filter(|_| !on_hold && destroyed_on.is_none());
        let due = due.and_then(|day| due_of((id, reference.clone(), *kind, *status, *outcome, day), &retention));
        if due.is_none_or(|due| due.ends_on > today) {
            return Ok(Written::deleted());
        }
        is_due.store(true, Ordering::Relaxed);
        let mut events = cases::destroy(&write, id).await?;
        forget(&mut row.complaint, today);
        let row = steps::save(&write, row.complaint).await?;
        events.push(Event::about("destroy", &row));
        write.commit(events, Written::deleted()).await
    });
    written.await.map(|_| was_due.load(Ordering::Relaxed))
}

fn forget(complaint: &mut Model, today: NaiveDate) {
    complaint.subject = Vec::new();
    complaint.report = Vec::new();
    complaint.recused = Texts::default();
    complaint.assignee_id = None;
    complaint.accused_unit_id = None;
    complaint.destroyed_on = Some(today);
}
