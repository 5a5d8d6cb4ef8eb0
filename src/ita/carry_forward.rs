//! Last year's answers as this year's, to be reviewed.

use std::collections::HashSet;

use actix_web::post;
use entity::ita_disclosure::{Model, State as Progress};
use entity::ita_item;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::disclosures::store::{self, Row};
use super::years;
use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::ItaWrite;
use crate::domain::count::Count;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::text::folded;
use crate::error::Result;
use crate::http::params::Path;
use crate::http::response::WriteResponse;
use crate::state::State;

/// The result of carrying answers forward.
#[derive(Serialize, ToSchema)]
struct ItaCarriedForward {
    /// Number of answers that were copied into this year.
    #[schema(value_type = Count)]
    carried_count: usize,
    /// Number of answers of the year before that were left: this year has no such item, or its answer was begun already.
    #[schema(value_type = Count)]
    left_count: usize,
}

/// Create answers from those of the previous year
///
/// Copies each answer of the previous year into the item of this year with the same subject, or with the same title where there is no
/// subject. It is `carried` until somebody changes or reviews it, and not complete before that. Answers that were begun are not
/// touched, and each answer is carried once: repeating the call changes nothing.
#[utoipa::path(
    tag = "ita",
    security(("bearer" = ["ita:write"])),
    params(("year" = FiscalYear, Path)),
    responses((status = 200, body = ItaCarriedForward), (status = 404)),
)]
#[post("/v1/ita/{year}/carry-forward")]
pub async fn carry_forward_ita_disclosures(
    app: State,
    actor: Actor<ItaWrite>,
    year: Path<FiscalYear>,
) -> Result<WriteResponse> {
    app.db
        .write(&actor.author, move |write| async move {
            // The second of two who do this at once finds what the first has carried.
            years::lock(&write, year.0).await?;
            years::find(&write, year.0.before()).await?;
            let sources = store::of_year(&write, year.0.before()).await?;
            let sources: Vec<Row> = sources.into_iter().filter(|row| row.answer.state != Progress::Open).collect();
            let here = store::lock_year(&write, year.0).await?;
            let carried: HashSet<Uuid> = here.iter().filter_map(|row| row.answer.carried_from).collect();
            let (mut events, mut taken) = (Vec::new(), HashSet::new());
            let found = sources.len();
            for source in sources.into_iter().filter(|source| !carried.contains(&source.item.id)) {
                let is_free = |row: &&Row| {
                    row.answer.state == Progress::Open
                        && row.answer.carried_from.is_none()
                        && !taken.contains(&row.item.id)
                };
                let Some(target) = here.iter().filter(is_free).find(|row| is_same(&row.item, &source.item)) else {
                    continue;
                };
                taken.insert(target.item.id);
                let answer = Model {
                    id: target.item.id,
                    state: Progress::Carried,
                    unit_id: target.answer.unit_id.or(source.answer.unit_id),
                    notes: target.answer.notes.clone().or(source.answer.notes),
                    carried_from: Some(source.item.id),
                    version: target.version() + 1,
                    updated_at: write.now,
                    ..source.answer
                };
                let answer = answer.into_active_model().reset_all().update(&write).await?;
                events.push(Event::about("carry_forward", &answer));
            }
            let carried_count = events.len();
            let written = WriteResponse::done(&ItaCarriedForward { carried_count, left_count: found - carried_count })?;
            if carried_count == 0 { Ok(written) } else { write.commit(events, written) }
        })
        .await
}

/// Whether two items of different years are about the same.
fn is_same(one: &ita_item::Model, other: &ita_item::Model) -> bool {
    match (one.subject, other.subject) {
        (Some(one), Some(other)) => one == other,
        _ => folded(&one.title) == folded(&other.title),
    }
}
