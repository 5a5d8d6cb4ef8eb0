//! Data retention of cases: some time after a case was closed, its texts, its key and the names of its officers are
//! destroyed. The counted properties stay, for the statistics.

use std::sync::Arc;

use chrono::NaiveDate;
use entity::audit_event;
use entity::retention_listing::{ActiveModel, Entity, Kind, Model};
use entity::texts::Texts;
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::duplicates::Duplicable;
use super::parting;
use crate::audit_log::append::{DESTROY, Event};
use crate::audit_log::author::{Author, OPERATOR, SYSTEM};
use crate::db::{Db, Write};
use crate::domain::retention::{Retention, destroy_on, label};
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Result};

/// The audit events of a case that is put on hold, and of one that is no longer on hold.
pub const HOLD: &str = "hold";
pub const RELEASE: &str = "release";

/// The audit event of a case whose kind changes. Its detail has no texts, and outlives the case.
pub const CHANGE_KIND: &str = "change_kind";

/// The audit event of a case whose destruction is approved. The number of the letter in its detail outlives the case as well.
pub const APPROVE_DESTRUCTION: &str = "approve_destruction";

/// Events after which an approval before them is none.
pub const END_OF_APPROVAL: [&str; 3] = ["reopen", HOLD, RELEASE];

/// Events whose details outlive the case that they are about.
pub const OUTLIVING: [&str; 2] = [CHANGE_KIND, APPROVE_DESTRUCTION];

/// What of a closed case decides how long it is kept, and what the list says of it: nothing that was written.
pub struct Closed {
    pub id: Uuid,
    pub reference: String,
    pub kind: Kind,
    pub e_service: Option<String>,
    pub outcome: String,
    pub formerly: Texts,
    pub closed_on: NaiveDate,
    pub on_hold: bool,
}

impl Closed {
    /// The first day on which it need not be kept. What it was filed or closed as before still counts.
    pub fn ends_on(&self, retention: &Retention) -> Option<NaiveDate> {
        let present = label(&self.kind.to_value(), &self.outcome);
        retention.ends(self.formerly.0.iter().chain([&present]).map(String::as_str), self.closed_on)
    }

    /// The case as it is listed, before anybody approves its destruction.
    pub fn listing(self, ends_on: NaiveDate, listed_on: NaiveDate) -> Model {
        let Self { id, reference, kind, e_service, outcome, formerly: _, closed_on, on_hold: _ } = self;
        Model {
            case_id: id,
            reference,
            kind,
            e_service,
            outcome,
            closed_on,
            ends_on,
            listed_on,
            destroy_on: destroy_on(ends_on, listed_on),
            approved_at: None,
            approved_by: None,
            document_number: None,
        }
    }
}

/// What a case was filed or closed as before, with what it is now. To be kept when its kind changes or it is reopened.
pub fn formerly(before: &Texts, present: String) -> Texts {
    let mut formerly = before.clone();
    if !formerly.0.contains(&present) {
        formerly.0.push(present);
    }
    formerly
}

/// A case that is not kept for ever.
pub trait Expirable: Duplicable {
    /// The closed ones whose retention may end by a day.
    fn closed<C: ConnectionTrait>(
        db: &C,
        retention: &Retention,
        by: NaiveDate,
    ) -> impl Future<Output = Result<Vec<Closed>>> + Send;

    /// This one, if it is closed, and not destroyed already.
    fn as_closed(&self) -> Option<Closed>;

    /// Whether it is kept for now. None of one that is destroyed.
    fn on_hold(&mut self) -> Option<&mut bool>;

    /// The id of the one with this number.
    fn numbered<C: ConnectionTrait>(db: &C, reference: &str) -> impl Future<Output = Result<Option<Uuid>>> + Send;

    /// Forgets what is in the row itself.
    fn forget(&mut self, today: NaiveDate);
}

/// Destroys a case. Gives whether it was still to be destroyed: it may have been reopened or put on hold since it was listed. Without
/// an approval it never is.
pub async fn destroy<P: Expirable>(
    db: &Arc<Db>,
    author: &Author,
    retention: &Retention,
    today: NaiveDate,
    id: Uuid,
) -> Result<bool> {
    let retention = retention.clone();
    db.write(author, move |write| async move {
        let linked = parting::lock_linked::<P>(&write, id).await?;
        let mut case = P::lock_any(&write, id).await?;
        let listing = Entity::find_by_id(id).one(&write).await?.filter(|listing| listing.approved_at.is_some());
        let ends_on = case.as_closed().filter(|closed| !closed.on_hold).and_then(|closed| closed.ends_on(&retention));
        let day = listing.zip(ends_on).map(|(listing, ends_on)| destroy_on(ends_on, listing.listed_on));
        if day.is_none_or(|day| day > today) {
            return Ok(false);
        }
        let mut events = super::destroy(&write, id).await?;
        Entity::delete_by_id(id).exec(&write).await?;
        case.forget(today);
        let case = case.touch(&write).await?;
        events.push(Event::about(DESTROY, &case));
        events.extend(parting::outlive(&write, id, linked).await?);
        write.commit(events, true)
    })
    .await
}

/// Whether the last hold of a case is an operator's: for a court, say.
pub async fn is_operators_hold(db: &impl ConnectionTrait, id: Uuid) -> Result<bool> {
    use audit_event::{Column, Entity};
    let holds = Entity::find().filter(Column::RecordId.eq(id)).filter(Column::Action.eq(HOLD));
    let last = holds.order_by_desc(Column::Seq).one(db).await?;
    // Tokens that an operator issues may have the same name.
    Ok(last.is_some_and(|event| (&*event.actor, &*event.role) == (OPERATOR, SYSTEM)))
}

/// Rejects that an officer ends the hold of an operator.
pub async fn refuse_operators_hold(write: &Write, id: Uuid) -> Result<()> {
    if !is_operators_hold(write, id).await? {
        return Ok(());
    }
    Err(Code::IllegalTransition.because(
        "ผู้ดูแลเครื่องแม่ข่ายเป็นผู้ระงับการทำลาย จึงต้องยกเลิกด้วยคำสั่ง prongsai retention release",
        "it is an operator who holds it: prongsai retention release ends that",
    ))
}

/// Takes a case off the list, if it is listed: it is reopened. If it is closed again, its notice begins, and its destruction has to be
/// approved, anew.
pub async fn unlist(write: &Write, id: Uuid) -> Result<()> {
    Entity::delete_by_id(id).exec(write).await?;
    Ok(())
}

/// Lets the notice of a case begin again, if it is listed: it is no longer on hold. Its destruction has to be approved again.
pub async fn restart_notice(write: &Write, id: Uuid) -> Result<()> {
    let Some(listing) = Entity::find_by_id(id).one(write).await? else { return Ok(()) };
    let today = bangkok_day(write.now);
    let destroy_on = destroy_on(listing.ends_on, today);
    let restarted = ActiveModel {
        listed_on: Set(today),
        destroy_on: Set(destroy_on),
        approved_at: Set(None),
        approved_by: Set(None),
        document_number: Set(None),
        ..listing.into_active_model()
    };
    restarted.update(write).await?;
    Ok(())
}
