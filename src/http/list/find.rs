//! Rows of a page: in order, from behind the cursor, and the cursor of the next page.

use std::sync::Arc;

use futures_util::TryStreamExt;
use sea_orm::sea_query::NullOrdering;
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, ModelTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use tokio::sync::OwnedSemaphorePermit;

use super::page::{Found, Next, off_thread};
use super::{Filter, List, WHOLE};
use crate::db::Db;
use crate::db::select::Selected;
use crate::domain::field_code::FieldCode;
use crate::error::{FieldError, Result};
use crate::http::cursor::{Cursor, Key};
use crate::http::sort::after;

/// Rows that are looked through at once, where the database cannot tell which are meant; and how often, for one page.
pub(super) const SIFTED: u64 = 500;
pub(super) const MOST_TURNS: u32 = 20;

impl<F: Filter> List<F> {
    /// One page of what `select` finds.
    pub async fn find<R>(&self, db: &Db, select: Select<F::Entity>) -> Result<Found<R>>
    where
        R: Selected<Table = F::Entity>,
        <F::Entity as EntityTrait>::Model: FromQueryResult + Send + Sync,
    {
        let permit = self.permit().await?;
        let db = db.reader();
        let total = if self.paging.include_total { Some(select.clone().count(db).await?) } else { None };
        let from = self.cursor.as_ref().map(|cursor| &cursor.values[..]);
        let page = self.page(select, from, self.limit() + 1);
        // Row by row: a row of the driver takes several times the memory of the record that is made of it.
        let mut rows: Vec<R> = R::of(page, db.get_database_backend()).stream(db).await?.try_collect().await?;
        let is_cut = rows.len() as u64 > self.limit();
        rows.truncate(self.limit() as usize);
        let last = rows.last().filter(|_| is_cut).map(|row| self.keys(row.model()));
        Ok(Found { rows, next: self.next(last)?, total, permit })
    }

    /// Like `find`, but filters decrypted rows in memory; stops after 10,000, so a page may be short.
    pub async fn sift<R>(
        &self,
        db: &Db,
        select: Select<F::Entity>,
        keep: impl Fn(R) -> Result<Option<R>> + Send + Sync + 'static,
    ) -> Result<Found<R>>
    where
        R: Selected<Table = F::Entity>,
    {
        if self.paging.include_total {
            return Err(FieldError::parameter(
                "include_total",
                FieldCode::NotTogether.because("ใช้ร่วมกับ q ไม่ได้", "must not be sent together with q"),
            )
            .into());
        }
        let permit = self.permit().await?;
        let keep = Arc::new(keep);
        let mut from = self.cursor.as_ref().map(|cursor| cursor.values.clone());
        let (mut rows, mut last) = (Vec::new(), None);
        for turn in 1.. {
            let page = self.page(select.clone(), from.as_deref(), SIFTED);
            let page: Vec<R> = R::of(page, db.backend()).all(db.reader()).await?;
            let is_last = (page.len() as u64) < SIFTED;
            from = page.last().map(|last| self.keys(last.model()));
            let keep = keep.clone();
            for row in off_thread(move || kept(page, &*keep)).await? {
                if (rows.len() as u64) < self.limit() {
                    rows.push(row);
                } else if last.is_none() {
                    last = rows.last().map(|row: &R| self.keys(row.model()));
                }
            }
            if is_last || last.is_some() || turn == MOST_TURNS {
                last = last.or(from.filter(|_| !is_last));
                break;
            }
        }
        Ok(Found { rows, next: self.next(last)?, total: None, permit })
    }

    /// Held until the answer is made, of a list that is downloaded whole.
    pub(super) async fn permit(&self) -> Result<Option<OwnedSemaphorePermit>> {
        if self.limit() == WHOLE { self.admission.whole_list().await.map(Some) } else { Ok(None) }
    }

    /// Rows in order, from behind a place.
    pub(super) fn page(&self, select: Select<F::Entity>, from: Option<&[Key]>, limit: u64) -> Select<F::Entity> {
        let mut page = select.limit(limit);
        for (column, order) in self.order() {
            page = match column.def().is_null() {
                // The two databases differ where nothing else is said.
                true => page.order_by_with_nulls(column, order, NullOrdering::Last),
                false => page.order_by(column, order),
            };
        }
        match from {
            Some(values) => page.filter(after(&self.order(), values)),
            None => page,
        }
    }

    /// The place of a row.
    pub(super) fn keys(&self, row: &<F::Entity as EntityTrait>::Model) -> Vec<Key> {
        self.order().into_iter().map(|(column, _)| Key::from(row.get(column))).collect()
    }

    /// The page behind a place, if there is one.
    pub(super) fn next(&self, last: Option<Vec<Key>>) -> Result<Option<Next>> {
        let Some(values) = last else { return Ok(None) };
        let cursor = Cursor { order: self.order_name(), values }.seal(&self.pages.cursor_key)?;
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in url::form_urlencoded::parse(self.query.as_bytes()).filter(|(name, _)| name != "cursor") {
            query.append_pair(&name, &value);
        }
        query.append_pair("cursor", &cursor);
        Ok(Some(Next { address: format!("{}{}?{}", self.pages.public_url, self.path, query.finish()), cursor }))
    }
}

fn kept<R>(rows: Vec<R>, keep: impl Fn(R) -> Result<Option<R>>) -> Result<Vec<R>> {
    rows.into_iter().filter_map(|row| keep(row).transpose()).collect()
}
