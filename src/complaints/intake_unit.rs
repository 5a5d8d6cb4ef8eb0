//! The unit that new complaints come to: the agency has one for corruption and misconduct, and one for all others.

use entity::agency::{
    self,
    Column::{GeneralUnitId, IntegrityUnitId},
};
use entity::case_event::Side;
use entity::complaint::Kind;
use sea_orm::{EntityTrait, QuerySelect};
use uuid::Uuid;

use super::steps;
use super::store::Row;
use crate::cases::timeline::{self, Entry};
use crate::cases::{Case, Cases, duplicates};
use crate::db::Write;
use crate::domain::timeline::MOVE_TO_INTAKE;
use crate::error::Result;

/// The unit that a new complaint of a kind comes to, if there is one. A complaint about it, or about one above or below it, gets no
/// unit: officers of all units see it until it is forwarded.
pub async fn of(write: &Write, kind: Kind, accused: Option<Uuid>) -> Result<Option<Uuid>> {
    let column = if kind.is_of_integrity() { IntegrityUnitId } else { GeneralUnitId };
    let unit = agency::Entity::find().select_only().column(column).into_tuple::<Option<Uuid>>();
    let unit = unit.one(write).await?.flatten();
    let is_accused = steps::is_accused(write, unit, accused).await?;
    Ok(unit.filter(|_| !is_accused))
}

/// Passes a complaint whose kind is corrected from the one intake unit to the other. One that was forwarded stays where it is.
pub async fn follow(cases: &Cases, write: &Write, row: &mut Row, kind: Kind) -> Result<()> {
    let (unit, accused) = (row.complaint.unit_id, row.complaint.accused_unit_id);
    let (from, to) = (of(write, row.complaint.kind, accused).await?, of(write, kind, accused).await?);
    let was_forwarded = unit.is_some() && unit != from;
    if from == to || unit == to || was_forwarded {
        return Ok(());
    }
    duplicates::refuse_linked(row)?;
    steps::pass(write, &mut row.complaint, "/kind", to).await?;
    let entry = Entry { action: MOVE_TO_INTAKE, side: Side::Office, public: false, status: None, text: None };
    timeline::add(write, &row.needed_key(&cases.vault)?, row.id(), entry).await.map(drop)
}
