//! Bookings that nobody confirms: an officer accepts a request, or gives it another day, within a day, or its day is free
//! again. So a stranger cannot keep all days booked.

use entity::codes::Coded;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use entity::case_event::{self, Side};
use entity::service_request::{Channel, Column, Entity, Status};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Select};
use uuid::Uuid;

use super::steps;
use super::store::Row;
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::cases::timeline::{self, Entry};
use crate::cases::{Case, Cases, deadline};
use crate::domain::service_request::Action;
use crate::domain::thai;
use crate::domain::timeline::RELEASE;
use crate::domain::working_days::bangkok_day;
use crate::error::Result;

/// Gives back the days of requests that were not confirmed in time.
pub async fn release(cases: &Arc<Cases>) -> Result<()> {
    let db = &cases.db;
    let before = deadline::calendar(db.reader()).await?.day_before(db.now());
    let late = unconfirmed(before, bangkok_day(db.now())).select_only().column(Column::Id);
    for id in late.into_tuple::<Uuid>().all(db.reader()).await? {
        let cases = cases.clone();
        db.write(&Author::program("bookings"), move |write| async move {
            let row = Row::lock_any(&write, id).await?;
            // It may have been accepted since.
            let is_late =
                unconfirmed(before, bangkok_day(write.now)).filter(Column::Id.eq(id)).count(&write).await? > 0;
            let Some(day) = row.request.booked_on.filter(|_| is_late) else { return Ok(()) };
            let key = row.needed_key(&cases.vault)?;
            let text = message(day);
            let entry = Entry { action: RELEASE, side: Side::Office, public: true, status: None, text: Some(&text) };
            timeline::add(&write, &key, id, entry).await?;
            let mut request = row.request;
            request.booked_on = None;
            let row = steps::save(&write, request).await?;
            write.commit([Event::about(RELEASE, &row)], ())
        })
        .await?;
    }
    Ok(())
}

/// Requests of the public from before an instant that hold a day to come, and that no officer has accepted. Where an officer has
/// chosen the day it is confirmed, and who was asked for papers is no stranger who keeps days booked.
fn unconfirmed(before: DateTime<Utc>, today: NaiveDate) -> Select<Entity> {
    let handled = Query::select()
        .expr(Expr::value(1))
        .from(case_event::Entity)
        .and_where(Expr::col((case_event::Entity, case_event::Column::CaseId)).equals((Entity, Column::Id)))
        .and_where(case_event::Column::Action.is_in([Action::Reschedule, Action::Ask].map(Coded::code)))
        .to_owned();
    Entity::find()
        .filter(Column::Status.eq(Status::Received))
        .filter(Column::Channel.eq(Channel::Web))
        .filter(Column::EnteredBy.is_null())
        .filter(Column::BookedOn.gt(today))
        .filter(Column::ReceivedAt.lte(before))
        .filter(Expr::exists(handled).not())
}

fn message(day: NaiveDate) -> String {
    format!(
        "วันที่จองไว้ ({}) ว่างให้ผู้อื่นจองแล้ว เพราะเจ้าหน้าที่ยังไม่ได้รับคำขอภายในหนึ่งวันทำการ คำขอยังอยู่ หากต้องการวันใหม่โปรดส่งข้อความถึงเจ้าหน้าที่",
        thai::date(day)
    )
}
