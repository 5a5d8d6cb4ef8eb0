//! The end of what was written: when a complaint has been closed for long enough, its texts and their key are destroyed, and who
//! handled it and whom it was about is forgotten. Kind, category, dates and outcome stay, for the statistics.

use std::sync::Arc;

use chrono::{Months, NaiveDate};
use entity::complaint::{Column, Entity, Model};
use entity::texts::Texts;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::counted::outcome;
use super::{steps, store};
use crate::answer::Written;
use crate::cases;
use crate::db::Db;
use crate::domain::retention::Retention;
use crate::error::Result;
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

/// What is to be destroyed today, the oldest first.
pub async fn due(db: &impl ConnectionTrait, retention: &Retention, today: NaiveDate) -> Result<Vec<Due>> {
    let last = today.checked_sub_months(Months::new(retention.shortest())).unwrap_or(NaiveDate::MIN);
    let closed = Entity::find()
        .filter(Column::ClosedOn.lte(last))
        .filter(Column::DestroyedOn.is_null())
        .filter(Column::OnHold.eq(false))
        .order_by_asc(Column::ClosedOn);
    let closed = closed.all(db).await?;
    Ok(closed.iter().filter_map(|complaint| due_of(complaint, retention)).filter(|due| due.ends_on <= today).collect())
}

fn due_of(complaint: &Model, retention: &Retention) -> Option<Due> {
    use sea_orm::ActiveEnum;
    let (kind, outcome, closed_on) = (complaint.kind.to_value(), outcome(complaint)?, complaint.closed_on?);
    let ends_on = retention.ends(&kind, &outcome, closed_on)?;
    let reference = complaint.reference.clone();
    Some(Due { id: complaint.id, reference, kind, outcome, closed_on, ends_on })
}

/// Destroys what is due, one after the other, and tells how many that were.
pub async fn run(db: &Arc<Db>, author: &Author, retention: &Retention, today: NaiveDate) -> Result<usize> {
    let mut destroyed = 0;
    for Due { id, .. } in due(db.reader(), retention, today).await? {
        let retention = retention.clone();
        let written = db.write(author, None, move |write| async move {
            let mut row = store::lock_any(&write, id).await?;
            // Somebody may have reopened or held it meanwhile.
            let is_due = due_of(&row.complaint, &retention).is_some_and(|due| due.ends_on <= today);
            if !is_due || row.complaint.on_hold || row.complaint.destroyed_on.is_some() {
                return Ok(Written::deleted());
            }
            let mut events = cases::destroy(&write, id).await?;
            forget(&mut row.complaint, today);
            let row = steps::save(&write, row.complaint).await?;
            events.push(Event::about("destroy", &row));
            write.commit(events, Written::done(&())?).await
        });
        destroyed += usize::from(!written.await?.body.is_empty());
    }
    if destroyed > 0 {
        db.forget().await?;
    }
    Ok(destroyed)
}

fn forget(complaint: &mut Model, today: NaiveDate) {
    complaint.subject = Vec::new();
    complaint.report = Vec::new();
    complaint.recused = Texts::default();
    complaint.assignee_id = None;
    complaint.accused_unit_id = None;
    complaint.destroyed_on = Some(today);
}
