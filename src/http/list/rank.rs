//! Rows in the order of a number that the database does not have, such as a distance.

use std::sync::Arc;

use sea_orm::{EntityTrait, Iterable, ModelTrait, PrimaryKeyToColumn, Select};
use uuid::Uuid;

use super::find::{MOST_TURNS, SIFTED};
use super::page::{Found, off_thread};
use super::{Filter, List};
use crate::db::Db;
use crate::db::select::Selected;
use crate::domain::field_code::{FieldCode, Violation};
use crate::error::{Code, FieldError, Result};
use crate::http::cursor::Key;

/// A row with its place in the order.
type Ranked<T> = ((i64, Uuid), T);

impl<F: Filter> List<F> {
    /// One page of what `select` finds, in the order of what `measure` gives; rows for which it gives nothing are not meant. Each page
    /// looks at all rows, of which there can be 10,000; `parameter` is the one that has to find fewer.
    pub async fn rank<R, T>(
        &self,
        db: &Db,
        select: Select<F::Entity>,
        parameter: &str,
        measure: impl Fn(R) -> Result<Option<(i64, T)>> + Send + Sync + 'static,
    ) -> Result<Found<(i64, T)>>
    where
        R: Selected<Table = F::Entity>,
        T: Send + 'static,
    {
        let permit = self.permit().await?;
        let measure = Arc::new(measure);
        let behind = self.cursor.as_ref().and_then(|cursor| place(&cursor.values));
        let wanted = self.limit() as usize + 1;
        let (mut ranked, mut total, mut from) = (Vec::<Ranked<T>>::new(), 0, None);
        for turn in 1.. {
            let rows: Vec<R> =
                R::of(self.page(select.clone(), from.as_deref(), SIFTED), db.backend()).all(db.reader()).await?;
            if turn > MOST_TURNS && !rows.is_empty() {
                return Err(FieldError::parameter(parameter, too_many()).into());
            }
            let is_last = (rows.len() as u64) < SIFTED;
            from = rows.last().map(|last| self.keys(last.model()));
            let measure = measure.clone();
            let measured = off_thread(move || measured(rows, &*measure)).await?;
            total += measured.len() as u64;
            ranked.extend(measured.into_iter().filter(|(place, _)| behind.is_none_or(|behind| *place > behind)));
            ranked.sort_unstable_by_key(|(place, _)| *place);
            ranked.truncate(wanted);
            if is_last {
                break;
            }
        }
        let is_cut = ranked.len() == wanted;
        ranked.truncate(wanted - 1);
        let last = ranked.last().filter(|_| is_cut).map(|((number, id), _)| vec![Key::Number(*number), Key::Id(*id)]);
        let rows = ranked.into_iter().map(|((number, _), row)| (number, row)).collect();
        Ok(Found { rows, next: self.next(last)?, total: self.paging.include_total.then_some(total), permit })
    }
}

fn measured<R: Selected, T>(rows: Vec<R>, measure: impl Fn(R) -> Result<Option<(i64, T)>>) -> Result<Vec<Ranked<T>>> {
    let mut measured = Vec::new();
    for row in rows {
        let id = id(&row)?;
        if let Some((number, row)) = measure(row)? {
            measured.push(((number, id), row));
        }
    }
    Ok(measured)
}

fn id<R: Selected>(row: &R) -> Result<Uuid> {
    let key = <R::Table as EntityTrait>::PrimaryKey::iter().next().map(PrimaryKeyToColumn::into_column);
    match key.map(|key| Key::from(row.model().get(key))) {
        Some(Key::Id(id)) => Ok(id),
        _ => Err(Code::Internal.into()),
    }
}

/// Behind which place a cursor begins.
fn place(values: &[Key]) -> Option<(i64, Uuid)> {
    match values {
        [Key::Number(number), Key::Id(id)] => Some((*number, *id)),
        _ => None,
    }
}

fn too_many() -> Violation {
    FieldCode::TooManyAtOnce.because(
        "มีรายการมากกว่า 10,000 รายการในขอบเขตนี้ โปรดลดขอบเขตหรือกรองด้วยพารามิเตอร์อื่น",
        "must find at most 10,000 records: make the area smaller, or filter by status or days",
    )
}
