//! Measures and projects as they were: the audit log has every state of them.

use std::collections::HashMap;

use chrono::{DateTime, Days, Utc};
use entity::state::Publication;
use entity::{audit_detail, audit_event};
use futures_util::TryStreamExt;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::RecordsView;
use crate::audit_log::append::DELETE;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::period::{Part, Period};
use crate::domain::working_days::midnight;
use crate::error::{Error, Result};
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
    /// None where the period is to come, or had ended before the log began.
    pub records: Option<Vec<&'a R>>,
}

impl<R: DeserializeOwned> History<R> {
    /// The states of the records with these ids.
    pub async fn read(moment: &DatabaseTransaction, resource: Resource, ids: SelectStatement) -> Result<Self> {
        let first = audit_event::Entity::find().order_by_asc(audit_event::Column::Hour).one(moment).await?;
        let mut events = audit_event::Entity::find()
            .filter(audit_event::Column::RecordId.in_subquery(ids))
            .filter(audit_event::Column::Resource.eq(resource.name()))
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
            PastPeriod {
                records: is_known.then(|| self.at(year, end.min(at))),
                // That of the present would be another one each time.
                as_of: if is_over { Some(end) } else { view.as_of }.filter(|_| is_known),
                part,
            }
        };
        interval.parts(year).into_iter().map(period).collect()
    }
}
