//! Due days of open cases that have become holidays: what complaints and service requests share of moving them.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use entity::case_event::{ActiveModel, Column, Entity, Model, Side};
use entity::holiday;
use entity::texts::Texts;
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Case;
use super::timeline::sealed;
use super::vault::Vault;
use crate::db::Write;
use crate::domain::due_day::{Move, Promise};
use crate::domain::name::Name;
use crate::domain::timeline::MOVE_DUE_DAY;
use crate::domain::working_days::Calendar;
use crate::error::Result;

/// Cases that are moved at once.
pub const AT_ONCE: usize = 500;

/// The days of all holidays, as a subquery.
pub fn holidays() -> SelectStatement {
    Query::select().column(holiday::Column::Date).from(holiday::Entity).to_owned()
}

/// The holidays that are entered, with their names.
pub struct Holidays {
    calendar: Calendar,
    names: BTreeMap<NaiveDate, Name>,
}

impl Holidays {
    pub async fn read(write: &Write) -> Result<Self> {
        let rows = holiday::Entity::find().all(write).await?;
        let calendar = Calendar::new(rows.iter().map(|row| row.date));
        let named = |row: holiday::Model| (row.date, Name { th: row.name_th, en: row.name_en });
        Ok(Self { calendar, names: rows.into_iter().map(named).collect() })
    }

    /// Where a due day has to move, with what is told of it: from a holiday to the next working day. The holidays on the way are added
    /// to those that were left out.
    pub fn moved(&self, promise: Promise, due_on: &mut NaiveDate, skipped: &mut Texts) -> Option<String> {
        let (from, holiday) = (*due_on, self.names.get(due_on)?);
        let to = self.calendar.from(from);
        let way = self.calendar.holidays(from.pred_opt()?, to);
        skipped.0.extend(way.iter().map(NaiveDate::to_string));
        *due_on = to;
        (to != from).then(|| Move { promise, from, to }.text(holiday))
    }
}

/// Puts a text on the timeline of each of several cases, which are locked. It is nothing that an officer has done about the case.
pub async fn tell<C: Case>(write: &Write, vault: &Vault, cases: &[(C, String)]) -> Result<()> {
    let ids = cases.iter().map(|(case, _)| case.case_id());
    let last = Entity::find().select_only().column(Column::CaseId).column_as(Column::No.max(), "no");
    let last = last.filter(Column::CaseId.is_in(ids)).group_by(Column::CaseId);
    let last: HashMap<Uuid, i32> = last.into_tuple::<(Uuid, i32)>().all(write).await?.into_iter().collect();
    let mut events = Vec::new();
    for (case, text) in cases {
        let (id, case_id) = (Uuid::now_v7(), case.case_id());
        // What was destroyed is told nothing.
        let Some(key) = case.key(vault)? else { continue };
        events.push(ActiveModel::from(Model {
            id,
            case_id,
            no: last.get(&case_id).copied().unwrap_or_default() + 1,
            at: write.now,
            happened_on: None,
            action: MOVE_DUE_DAY.to_owned(),
            side: Side::Office,
            actor: Some(write.author.name.clone()),
            public: true,
            status: None,
            text: Some(sealed(&key, id, text)?),
        }));
    }
    if !events.is_empty() {
        Entity::insert_many(events).exec_without_returning(write).await?;
    }
    Ok(())
}
