//! Measures and projects as they were: the audit log has every state of them.

use std::collections::HashMap;

use chrono::{DateTime, Days, Utc};
use entity::state::Publication;
use entity::{audit_detail, audit_event, unit};
use futures_util::TryStreamExt;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::shape::Envelope;
use super::{RecordsView, of_two_years};
use crate::audit_log::append::DELETE;
use crate::db::last_change;
use crate::domain::coverage::Known;
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::period::{Part, Period};
use crate::domain::working_days::midnight;
use crate::error::{Error, FieldError, Result};
use crate::revisions::Resource;

/// States of some records.
pub struct History<R> {
    /// In the order of the log: the record, when, and what it was; nothing once it was deleted.
    states: Vec<(Uuid, DateTime<Utc>, Option<State<R>>)>,
    /// When the log began.
    began_at: DateTime<Utc>,
}

/// A state of a record, in what is counted of it.
#[derive(Deserialize)]
struct State<R> {
    fiscal_year: i32,
    publication: Publication,
    #[serde(flatten)]
    counted: R,
}

/// The records of a period as they were at the end of it, or at the instant of the figures.
pub struct PastPeriod<'a, R> {
    pub part: Part,
    pub as_of: Option<DateTime<Utc>>,
    pub known: Known,
    /// None where the period is to come, or had ended before the log began, and where there were none.
    pub records: Option<Vec<&'a R>>,
}

/// Figures of the published records of a year, which count in it whatever their year is by now.
pub trait Counted: Sized {
    const RESOURCE: Resource;
    /// Queries of the records as they are, of two years.
    const BY_STATUS: &str;
    const BY_UNIT: &str;
    /// What is counted of a record.
    type Past: DeserializeOwned;
    type StatusRow: FromQueryResult;
    type UnitRow: FromQueryResult;

    /// The records as they were, as the queries would have found them.
    fn past(
        history: &History<Self::Past>,
        years: [FiscalYear; 2],
        at: DateTime<Utc>,
        units: &[unit::Model],
    ) -> Rows<Self>;

    /// Figures at an instant.
    fn of(year: FiscalYear, at: DateTime<Utc>, rows: &Rows<Self>, periods: Vec<PastPeriod<'_, Self::Past>>) -> Self;
}

/// What figures are made of, by status and by unit.
pub type Rows<F> = (Vec<<F as Counted>::StatusRow>, Vec<<F as Counted>::UnitRow>);

pub async fn count<F: Counted>(
    db: &DatabaseTransaction,
    view: &RecordsView,
    depends_on: &[Resource],
) -> Result<Envelope<F>> {
    let RecordsView { year, as_of, period, now } = *view;
    let years = [year, year.before()];
    let history = match view.is_of_the_past() {
        true => Some(History::<F::Past>::read(db, F::RESOURCE, as_of.unwrap_or(now)).await?),
        false => None,
    };
    let rows = match (&history, as_of) {
        (Some(history), Some(at)) if at < history.began_at => {
            return Err(FieldError::parameter("as_of", FieldCode::BeforeTheLog).into());
        }
        (Some(history), Some(at)) => F::past(history, years, at, &unit::Entity::find().all(db).await?),
        _ => (
            F::StatusRow::find_by_statement(of_two_years(db, F::BY_STATUS, year)).all(db).await?,
            F::UnitRow::find_by_statement(of_two_years(db, F::BY_UNIT, year)).all(db).await?,
        ),
    };
    let [current, previous] = years.map(|year| {
        let periods = history.iter().zip(period);
        let periods = periods.flat_map(|(history, interval)| history.periods(interval, year, view)).collect();
        F::of(year, as_of.unwrap_or(now), &rows, periods)
    });
    let as_of = if as_of.is_some() { as_of } else { last_change(db, depends_on).await? };
    Ok(Envelope { fiscal_year: year.number(), period: period.unwrap_or(Period::Year), as_of, current, previous })
}

impl<R: DeserializeOwned> History<R> {
    /// The states of all records of a kind until an instant: of the year of each the log alone knows what it was.
    async fn read(moment: &DatabaseTransaction, resource: Resource, until: DateTime<Utc>) -> Result<Self> {
        let first = audit_event::Entity::find().order_by_asc(audit_event::Column::Hour).one(moment).await?;
        let mut events = audit_event::Entity::find()
            .filter(audit_event::Column::Resource.eq(resource.name()))
            .filter(audit_event::Column::Hour.lte(until))
            .order_by_asc(audit_event::Column::Seq)
            .find_also_related(audit_detail::Entity)
            .stream(moment)
            .await?;
        #[derive(Deserialize)]
        #[serde(bound = "R: DeserializeOwned")]
        struct Detail<R> {
            at: DateTime<Utc>,
            document: Option<State<R>>,
        }
        let mut states = Vec::new();
        while let Some((event, detail)) = events.try_next().await? {
            let Some((id, detail)) = event.record_id.zip(detail) else { continue };
            let Detail { at, document } = serde_json::from_str::<Detail<R>>(&detail.text).map_err(Error::internal)?;
            // What is only said beside a record leaves it as it was.
            if document.is_some() || event.action == DELETE {
                states.push((id, at, document));
            }
        }
        Ok(Self { states, began_at: first.map_or(DateTime::<Utc>::MAX_UTC, |first| first.hour) })
    }

    /// The records of a year that were published at an instant.
    pub fn at(&self, year: FiscalYear, at: DateTime<Utc>) -> Vec<&R> {
        let mut last = HashMap::new();
        for (id, _, state) in self.states.iter().filter(|(_, since, _)| *since <= at) {
            last.insert(*id, state.as_ref());
        }
        let of_year =
            |state: &&State<R>| state.fiscal_year == year.number() && state.publication == Publication::Published;
        last.into_values().flatten().filter(of_year).map(|state| &state.counted).collect()
    }

    /// The periods of a year, as of an instant or of the present.
    pub fn periods(&self, interval: Period, year: FiscalYear, view: &RecordsView) -> Vec<PastPeriod<'_, R>> {
        let at = view.as_of.unwrap_or(view.now);
        let period = |part: Part| {
            let end = midnight(part.days.1 + Days::new(1));
            let is_over = end <= at;
            let is_known = midnight(part.days.0) < at && end.min(at) > self.began_at;
            let records = is_known.then(|| self.at(year, end.min(at))).filter(|records| !records.is_empty());
            PastPeriod {
                // That of the present would be another one each time.
                as_of: if is_over { Some(end) } else { view.as_of }.filter(|_| records.is_some()),
                known: Known::of(part.days, at, records.is_some()),
                records,
                part,
            }
        };
        interval.parts(year).into_iter().map(period).collect()
    }
}
