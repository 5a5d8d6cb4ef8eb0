//! Due days of open service requests that have become holidays.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::service_request::{ActiveModel, Column, Entity};
use entity::texts::Texts;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::store::Row;
use super::tally;
use crate::audit_log::append::Event;
use crate::cases::due_days::{self, AT_ONCE, Holidays, tell};
use crate::cases::vault::Vault;
use crate::db::Write;
use crate::db::select::Selected;
use crate::domain::due_day::Promise;
use crate::domain::timeline::MOVE_DUE_DAY;
use crate::error::Result;

/// What is told where the booked day is the same one.
const BOOKED: &str = "\nวันนัดหมายเดิมเป็นวันหยุด เจ้าหน้าที่จะแจ้งวันนัดหมายใหม่";

/// Moves each due day that is a holiday to the next working day, and tells both sides.
pub async fn move_from_holidays(write: &Write, vault: &Vault, holidays: &Holidays) -> Result<Vec<Event>> {
    let is_due = Column::ClosedOn.is_null().and(Column::DueOn.in_subquery(due_days::holidays()));
    // Locked in a fixed order, against deadlocks.
    let due = Entity::find().select_only().column(Column::Id).filter(is_due).order_by_asc(Column::Id);
    let ids: Vec<Uuid> = due.lock_exclusive().into_tuple().all(write).await?;
    let (mut events, mut moved) = (Vec::new(), Vec::new());
    for ids in ids.chunks(AT_ONCE) {
        // Requests of the same day move alike.
        let (mut told, mut alike) = (Vec::new(), HashMap::<(NaiveDate, Vec<String>), Vec<Uuid>>::new());
        for row in those(write, ids.to_vec()).await? {
            let Some(mut due_on) = row.request.due_on else { continue };
            let mut skipped = row.request.holidays.clone();
            // Without a text the holiday was entered after the holidays were read: the job moves it.
            let Some(mut text) = holidays.moved(Promise::Completion, &mut due_on, &mut skipped) else { continue };
            if row.request.booked_on == row.request.due_on {
                text.push_str(BOOKED);
            }
            alike.entry((due_on, skipped.0)).or_default().push(row.id());
            told.push((row, text));
        }
        for ((due_on, skipped), ids) in alike {
            update(write, due_on, Texts(skipped), ids).await?;
        }
        tell(write, vault, &told).await?;
        let rows = those(write, told.iter().map(|(row, _)| row.id()).collect()).await?;
        events.extend(rows.iter().map(|row| Event::about(MOVE_DUE_DAY, row)));
        moved.extend(rows);
    }
    tally::count(write, &moved).await?;
    Ok(events)
}

/// Those of several ids, as the log has them: what was filled in is not in it.
async fn those(write: &Write, ids: Vec<Uuid>) -> Result<Vec<Row>> {
    let select = Entity::find().filter(Column::Id.is_in(ids));
    Ok(Row::of(select, write.get_database_backend()).all(write).await?)
}

async fn update(write: &Write, due_on: NaiveDate, holidays: Texts, ids: Vec<Uuid>) -> Result<()> {
    let changed = ActiveModel {
        due_on: Set(Some(due_on)),
        holidays: Set(holidays),
        updated_at: Set(write.now),
        ..Default::default()
    };
    let update = Entity::update_many().set(changed).col_expr(Column::Version, Expr::col(Column::Version).add(1));
    update.filter(Column::Id.is_in(ids)).exec(write).await?;
    Ok(())
}
