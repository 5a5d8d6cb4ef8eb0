//! What migrations have changed of records, for the log: the records in its export equal those in its events.

use entity::{account, client, complaint, e_service, holiday, ita_item, measure, project, service_request};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, Select};

use crate::accounts::{clients, users};
use crate::audit_log::append::{Event, Logged};
use crate::db::select::Selected;
use crate::error::Result;
use crate::{complaints, e_services, measures, projects};

/// The migration that changes how rights are stored.
const RIGHTS: &str = "m2026_11_30_000005_rights";

/// The migration that renames columns and values.
const NAMES: &str = "m2026_12_01_000001_names";

/// The migration that adds of which year the data of an ITA item is.
const YEARS_BEFORE: &str = "m2026_12_02_000012_years_before";

/// An event for each record that the migrations that were applied have changed.
pub fn changes<'a>(db: &'a DatabaseTransaction, applied: &'a [String]) -> BoxFuture<'a, Result<Vec<Event>>> {
    async move {
        let mut events = Vec::new();
        let was_applied = |migration: &str| applied.iter().any(|name| name == migration);
        if was_applied(RIGHTS) {
            add::<users::store::Row>(db, account::Entity::find(), &mut events).await?;
            add::<clients::store::Row>(db, client::Entity::find(), &mut events).await?;
        }
        if was_applied(NAMES) {
            add::<holiday::Model>(db, holiday::Entity::find(), &mut events).await?;
            add::<measures::store::Row>(db, measure::Entity::find(), &mut events).await?;
            add::<projects::store::Row>(db, project::Entity::find(), &mut events).await?;
            add::<complaints::store::Row>(db, complaint::Entity::find(), &mut events).await?;
            add::<e_services::store::Row>(db, e_service::Entity::find(), &mut events).await?;
            add::<e_services::requests::store::Row>(db, service_request::Entity::find(), &mut events).await?;
        }
        if was_applied(YEARS_BEFORE) {
            add::<ita_item::Model>(db, ita_item::Entity::find(), &mut events).await?;
        }
        Ok(events)
    }
    .boxed()
}

async fn add<R: Logged + Selected>(
    db: &DatabaseTransaction,
    records: Select<R::Table>,
    events: &mut Vec<Event>,
) -> Result<()> {
    let records = R::of(records, db.get_database_backend()).all(db).await?;
    events.extend(records.iter().map(|record| Event::about("update", record)));
    Ok(())
}
