//! Last year's measures as this year's drafts.

use std::collections::{HashMap, HashSet};

use actix_web::post;
use chrono::{DateTime, Utc};
use entity::evidence::EvidenceList;
use entity::measure::{ActiveModel, Column, Entity, Model};
use entity::measure_unit;
use entity::state::{Publication, Status};
use entity::texts::Texts;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store;
use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::MeasuresWrite;
use crate::db::Write;
use crate::db::select::Selected;
use crate::domain::count::Count;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::text::searchable;
use crate::domain::thai;
use crate::error::{Code, Result};
use crate::http::params::Path;
use crate::http::response::WriteResponse;
use crate::state::State;

/// The result of carrying measures forward.
#[derive(Serialize, ToSchema)]
struct CarriedForward {
    /// Number of drafts that were created.
    #[schema(value_type = Count)]
    created_count: usize,
    /// Number of measures that already had a successor in the year.
    #[schema(value_type = Count)]
    existing_count: usize,
}

/// Create measures from the previous year
///
/// Creates a planned draft of this year for each measure of the previous year that was not unpublished or cancelled.
/// The draft has the same number where that is free, and refers to its predecessor. Measures that already have a
/// successor are skipped, so repeating the call changes nothing.
#[utoipa::path(
    tag = "measures",
    security(("bearer" = ["measures:write"])),
    params(("year" = FiscalYear, Path)),
    responses((status = 200, body = CarriedForward), (status = 409, description = "No number is free, or another is doing the same.")),
)]
#[post("/v1/fiscal-years/{year}/carry-forward")]
pub async fn carry_forward_measures(
    app: State,
    actor: Actor<MeasuresWrite>,
    year: Path<FiscalYear>,
) -> Result<WriteResponse> {
    app.db
        .write(&actor.author, move |write| async move {
            let sources = sources(&write, year.0).await?;
            let here = Entity::find().filter(Column::FiscalYear.eq(year.0.number())).all(&write).await?;
            let continued: HashSet<Uuid> = here.iter().filter_map(|measure| measure.predecessor_id).collect();
            let taken = here.iter().filter(|measure| measure.publication != Publication::Unpublished);
            let mut taken: HashSet<i32> = taken.map(|measure| measure.number).collect();
            let mut drafts = Vec::new();
            let found = sources.len();
            for source in sources.into_iter().filter(|source| !continued.contains(&source.id)) {
                let number = (source.number..=9999).chain(1..source.number).find(|number| taken.insert(*number));
                let number = number.ok_or_else(|| {
                    Code::AlreadyExists.because(
                        "ปีงบประมาณนี้ใช้ลำดับที่ครบทุกเลขแล้ว",
                        "Every number of this fiscal year is taken: delete a draft first.",
                    )
                })?;
                drafts.push(draft_of(source, year.0, number, write.now));
            }
            let created = drafts.len();
            let mut events = Vec::new();
            for drafts in drafts.chunks(AT_ONCE) {
                let rows = insert(&write, drafts).await?;
                events.extend(rows.iter().map(|row| Event::about("carry_forward", row)));
            }
            let written =
                WriteResponse::done(&CarriedForward { created_count: created, existing_count: found - created })?;
            if created == 0 { Ok(written) } else { write.commit(events, written) }
        })
        .await
}

/// The measures to carry forward into `year`, locked, so that concurrent calls run one after the other.
async fn sources(write: &Write, year: FiscalYear) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::FiscalYear.eq(year.before().number()))
        .filter(store::reached(&write.author.units))
        .filter(Column::Publication.ne(Publication::Unpublished))
        .filter(Column::Status.ne(Status::Cancelled))
        .order_by_asc(Column::Number)
        .lock_exclusive()
        .all(write)
        .await?)
}

fn draft_of(source: Model, year: FiscalYear, number: i32, now: DateTime<Utc>) -> ActiveModel {
    let predecessor = source.id;
    let period_text = format!("ปีงบประมาณ พ.ศ. {}", thai::digits(year));
    let texts = [&source.title, &period_text].into_iter().chain(&source.methods.0).chain(&source.follow_up);
    let search = searchable(texts.map(String::as_str));
    let mut row = source.into_active_model().reset_all();
    row.id = Set(Uuid::now_v7());
    row.fiscal_year = Set(year.number());
    row.number = Set(number);
    row.period_text = Set(period_text);
    row.starts_on = Set(None);
    row.ends_on = Set(None);
    row.results = Set(Texts::default());
    row.outcomes = Set(Texts::default());
    row.evidence = Set(EvidenceList::default());
    row.status = Set(Status::Planned);
    row.publication = Set(Publication::Draft);
    row.unpublished_reason = Set(None);
    row.predecessor_id = Set(Some(predecessor));
    row.search = Set(search);
    row.version = Set(1);
    row.created_at = Set(now);
    row.updated_at = Set(now);
    row
}

/// Rows of one INSERT: PostgreSQL takes 65,535 values in a statement, SQLite 32,766.
const AT_ONCE: usize = 500;

/// Writes new measures, with the units of those that they continue.
async fn insert(write: &Write, drafts: &[ActiveModel]) -> Result<Vec<store::Row>> {
    let pair = |draft: &ActiveModel| Some(((*draft.predecessor_id.try_as_ref()?)?, *draft.id.try_as_ref()?));
    let new: HashMap<Uuid, Uuid> = drafts.iter().filter_map(pair).collect();
    Entity::insert_many(drafts.iter().cloned()).exec_without_returning(write).await?;
    let links = measure_unit::Entity::find().filter(measure_unit::Column::MeasureId.is_in(new.keys().copied()));
    let links = links.all(write).await?.into_iter().filter_map(|link| {
        let measure_id = *new.get(&link.measure_id)?;
        Some(measure_unit::Model { measure_id, ..link }.into_active_model().reset_all())
    });
    for links in links.collect::<Vec<_>>().chunks(AT_ONCE) {
        measure_unit::Entity::insert_many(links.iter().cloned()).exec_without_returning(write).await?;
    }
    let rows = Entity::find().filter(Column::Id.is_in(new.into_values())).order_by_asc(Column::Number);
    Ok(store::Row::of(rows, write.get_database_backend()).all(write).await?)
}
