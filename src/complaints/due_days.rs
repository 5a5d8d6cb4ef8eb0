//! Due days of open complaints that have become holidays.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::complaint::{ActiveModel, Column, Entity, Model};
use entity::texts::Texts;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::store::those;
use super::tally;
use crate::audit_log::append::Event;
use crate::cases::due_days::{self, AT_ONCE, Holidays, tell};
use crate::cases::vault::Vault;
use crate::db::Write;
use crate::domain::due_day::Promise;
use crate::domain::timeline::MOVE_DUE_DAY;
use crate::error::Result;

/// Moves each due day that is a holiday to the next working day, and tells both sides.
pub async fn move_from_holidays(write: &Write, vault: &Vault, holidays: &Holidays) -> Result<Vec<Event>> {
    let ids = due_on_holidays(write).await?;
    let (mut events, mut moved) = (Vec::new(), Vec::new());
    for ids in ids.chunks(AT_ONCE) {
        // Cases of the same day move alike.
        let (mut told, mut alike) = (Vec::new(), HashMap::<Promises, Vec<Uuid>>::new());
        for row in those(write, ids.to_vec()).await? {
            let (promises, text) = moved_promises(&row.complaint, holidays);
            // The holiday was entered after the holidays were read: the job moves it.
            if text.is_empty() {
                continue;
            }
            alike.entry(promises).or_default().push(row.id());
            told.push((row, text));
        }
        for (promises, ids) in alike {
            update(write, promises, ids).await?;
        }
        tell(write, vault, &told).await?;
        let rows = those(write, told.iter().map(|(row, _)| row.id()).collect()).await?;
        events.extend(rows.iter().map(|row| Event::about(MOVE_DUE_DAY, row)));
        moved.extend(rows);
    }
    tally::count(write, &moved).await?;
    Ok(events)
}

/// Open complaints with a promise that is still to be kept on a holiday, locked in a fixed order, against deadlocks.
async fn due_on_holidays(write: &Write) -> Result<Vec<Uuid>> {
    let is_due = |column: Column| column.in_subquery(due_days::holidays());
    let answer = Column::FirstAnsweredOn.is_null().and(is_due(Column::FirstAnswerDueOn));
    let due = Column::ClosedOn.is_null().and(answer.or(is_due(Column::ConclusionDueOn)));
    let select = Entity::find().select_only().column(Column::Id).filter(due).order_by_asc(Column::Id);
    Ok(select.lock_exclusive().into_tuple().all(write).await?)
}

/// Both promises of a complaint, each with the holidays that were left out.
#[derive(PartialEq, Eq, Hash)]
struct Promises {
    first_answer: (NaiveDate, Vec<String>),
    conclusion: (Option<NaiveDate>, Vec<String>),
}

/// The promises of a complaint, those on a holiday moved; and what is told of it.
fn moved_promises(complaint: &Model, holidays: &Holidays) -> (Promises, String) {
    let mut told = Vec::new();
    let (mut answer, mut answer_holidays) = (complaint.first_answer_due_on, complaint.first_answer_holidays.clone());
    if complaint.first_answered_on.is_none() {
        told.extend(holidays.moved(Promise::FirstAnswer, &mut answer, &mut answer_holidays));
    }
    let (mut conclusion, mut conclusion_holidays) =
        (complaint.conclusion_due_on, complaint.conclusion_holidays.clone());
    if let Some(due_on) = &mut conclusion {
        told.extend(holidays.moved(Promise::Conclusion, due_on, &mut conclusion_holidays));
    }
    let promises =
        Promises { first_answer: (answer, answer_holidays.0), conclusion: (conclusion, conclusion_holidays.0) };
    (promises, told.join("\n"))
}

async fn update(write: &Write, promises: Promises, ids: Vec<Uuid>) -> Result<()> {
    let Promises { first_answer, conclusion } = promises;
    let changed = ActiveModel {
        first_answer_due_on: Set(first_answer.0),
        first_answer_holidays: Set(Texts(first_answer.1)),
        conclusion_due_on: Set(conclusion.0),
        conclusion_holidays: Set(Texts(conclusion.1)),
        updated_at: Set(write.now),
        ..Default::default()
    };
    let update = Entity::update_many().set(changed).col_expr(Column::Version, Expr::col(Column::Version).add(1));
    update.filter(Column::Id.is_in(ids)).exec(write).await?;
    Ok(())
}
