//! Addresses of public files after the service has moved to another address. Records have the one that was right when they were
//! written, so that tables, reports and the log show it without asking where the service is.

use std::collections::HashMap;
use std::sync::Arc;

use entity::evidence::EvidenceFile;
use entity::{ita_disclosure, measure, project, public_file};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::audit_log::append::{Event, Logged};
use crate::audit_log::author::Author;
use crate::db::select::Selected;
use crate::db::{Db, Write};
use crate::error::{Error, Result};
use crate::{measures, projects, public_files};

/// Who the audit log names.
const PROGRAM: &str = "public-url";

/// The new address of each file that has moved.
type Moved = HashMap<Uuid, String>;

/// Gives public files, and the evidence that names them, the addresses below `public_url`. What is frozen or was submitted keeps its own.
pub async fn move_to(db: &Arc<Db>, public_url: &str) -> Result<()> {
    let files = public_file::Entity::find().select_only().columns([public_file::Column::Id, public_file::Column::Url]);
    let files: Vec<(Uuid, String)> = files.into_tuple().all(db.reader()).await?;
    let addresses = files.into_iter().map(|(id, url)| (id, url, public_files::address(public_url, id)));
    let moved: Moved = addresses.filter(|(_, old, new)| old != new).map(|(id, _, new)| (id, new)).collect();
    if moved.is_empty() {
        return Ok(());
    }
    tracing::info!(files = moved.len(), public_url, "public files have other addresses now");
    db.write(&Author::program(PROGRAM), move |write| async move {
        let mut events = Vec::new();
        // Records before files, as whoever changes their evidence locks them.
        move_records(&write, &moved, &mut events).await?;
        for file in
            public_file::Entity::find().order_by_asc(public_file::Column::Id).lock_exclusive().all(&write).await?
        {
            let Some(url) = moved.get(&file.id).cloned() else { continue };
            let version = file.version + 1;
            let mut file = file.into_active_model();
            (file.url, file.version) = (Set(url), Set(version));
            events.push(Event::about("update", &file.update(&write).await?));
        }
        // Those that were added meanwhile.
        move_records(&write, &moved, &mut events).await?;
        write.commit(events, ())
    })
    .await
}

async fn move_records(write: &Write, moved: &Moved, events: &mut Vec<Event>) -> Result<()> {
    for mut row in measure::Entity::find().order_by_asc(measure::Column::Id).lock_exclusive().all(write).await? {
        if is_moved(row.evidence.0.iter_mut().map(|it| (&mut it.url, it.file.as_ref())), moved) {
            row.version += 1;
            let id = row.id;
            row.into_active_model().reset_all().update(write).await?;
            events.push(changed::<measures::store::Row>(write, id).await?);
        }
    }
    for mut row in project::Entity::find().order_by_asc(project::Column::Id).lock_exclusive().all(write).await? {
        if is_moved(row.evidence.0.iter_mut().map(|it| (&mut it.url, it.file.as_ref())), moved) {
            row.version += 1;
            let id = row.id;
            row.into_active_model().reset_all().update(write).await?;
            events.push(changed::<projects::store::Row>(write, id).await?);
        }
    }
    // Submitted ones are what was entered into the ITA's form.
    let answers = ita_disclosure::Entity::find()
        .filter(ita_disclosure::Column::State.ne(ita_disclosure::State::Submitted))
        .order_by_asc(ita_disclosure::Column::Id);
    for mut row in answers.lock_exclusive().all(write).await? {
        if is_moved(row.links.0.iter_mut().map(|it| (&mut it.url, it.file.as_ref())), moved) {
            row.version += 1;
            let id = row.id;
            row.into_active_model().reset_all().update(write).await?;
            events.push(changed::<ita_disclosure::Model>(write, id).await?);
        }
    }
    Ok(())
}

/// Gives the files of a list their new addresses; tells whether there were any.
fn is_moved<'a>(list: impl Iterator<Item = (&'a mut String, Option<&'a EvidenceFile>)>, moved: &Moved) -> bool {
    let mut is_moved = false;
    for (url, file) in list {
        if let Some(new) = file.and_then(|file| moved.get(&file.id)).filter(|new| *new != url) {
            url.clone_from(new);
            is_moved = true;
        }
    }
    is_moved
}

/// The event of a record that was changed.
async fn changed<R>(write: &Write, id: Uuid) -> Result<Event>
where
    R: Logged + Selected<Table: EntityTrait<PrimaryKey: sea_orm::PrimaryKeyTrait<ValueType = Uuid>>>,
{
    let row = R::of(R::Table::find_by_id(id), write.get_database_backend()).one(write).await?;
    Ok(Event::about("update", &row.ok_or_else(|| Error::internal(format!("the record {id} is gone")))?))
}
