//! Holds: an operator keeps a case, however long it has been closed, for a court or an investigation.

use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use crate::audit_log::append::Event;
use crate::audit_log::author::{Author, OPERATOR};
use crate::cases::retention::{Expirable, HOLD, RELEASE, is_operators_hold, restart_notice};
use crate::complaints::store::Row as Complaint;
use crate::db::{Db, Write};
use crate::domain::receipt::read_reference;
use crate::e_services::requests::store::Row as ServiceRequest;
use crate::error::{Code, Result};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Hold,
    Release,
}

/// Puts the case with a number on hold, or lets retention go on. The reason stands in the audit log.
pub async fn change(db: &Arc<Db>, change: Change, reference: &str, reason: String) -> Result<()> {
    let unknown = || Code::NotFound.because("ไม่มีเรื่องหมายเลขนี้", "no complaint or service request has this number");
    let reference = read_reference(reference).ok_or_else(unknown)?;
    db.write(&Author::program(OPERATOR), move |write| async move {
        let event = if let Some(id) = Complaint::numbered(&write, &reference).await? {
            changed::<Complaint>(&write, id, change, &reason).await?
        } else if let Some(id) = ServiceRequest::numbered(&write, &reference).await? {
            changed::<ServiceRequest>(&write, id, change, &reason).await?
        } else {
            return Err(unknown());
        };
        write.commit([event], ())
    })
    .await
}

async fn changed<P: Expirable>(write: &Write, id: Uuid, change: Change, reason: &str) -> Result<Event> {
    let mut case = P::lock_any(write, id).await?;
    let on_hold = case.on_hold().ok_or(Code::Destroyed)?;
    let is_held = std::mem::replace(on_hold, change == Change::Hold);
    let action = match (change, is_held) {
        (Change::Hold, false) => HOLD,
        // From now on no officer ends it.
        (Change::Hold, true) if !is_operators_hold(write, id).await? => HOLD,
        (Change::Release, true) => RELEASE,
        (Change::Hold, true) => {
            return Err(Code::IllegalTransition.because("เรื่องนี้ระงับการทำลายอยู่แล้ว", "is on hold already"));
        }
        (Change::Release, false) => {
            return Err(Code::IllegalTransition.because("เรื่องนี้ไม่ได้ระงับการทำลาย", "is not on hold"));
        }
    };
    let case = case.touch(write).await?;
    if change == Change::Release {
        restart_notice(write, id).await?;
    }
    Ok(Event::about(action, &case).with(json!({ "reason": reason })))
}
