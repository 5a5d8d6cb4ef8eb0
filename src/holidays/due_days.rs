//! Due days of open cases that have become holidays: moved in the write that enters a holiday, and by a job for what that write cannot
//! see, such as a case that was received at the same time, and holidays of `prongsai import`, which has no key to tell anybody.

use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::cases::due_days::Holidays;
use crate::cases::vault::Vault;
use crate::complaints;
use crate::db::Write;
use crate::e_services::requests;
use crate::error::Result;
use crate::state::App;

/// Moves the due days of open cases that are holidays to the next working day. Returns the events for the log.
pub async fn move_from_holidays(write: &Write, vault: &Vault) -> Result<Vec<Event>> {
    let holidays = Holidays::read(write).await?;
    let mut events = complaints::due_days::move_from_holidays(write, vault, &holidays).await?;
    events.extend(requests::due_days::move_from_holidays(write, vault, &holidays).await?);
    Ok(events)
}

pub async fn run(app: &App) -> Result<()> {
    let vault = app.cases.vault.clone();
    let moving = app.db.write(&Author::program("due_days"), |write| async move {
        let events = move_from_holidays(&write, &vault).await?;
        if events.is_empty() { Ok(()) } else { write.commit(events, ()) }
    });
    moving.await
}
