//! The page that is answered: as JSON, or as a spreadsheet.

use actix_web::web;
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::ToSchema;

use super::{Filter, List, WHOLE};
use crate::domain::count::Count;
use crate::error::{Error, Result};
use crate::http::response::ReadResponse;
use crate::http::spool::Keep;
use crate::http::spreadsheet::{Table, Tabular};
use crate::revisions::Resource;

/// One page as it was found.
pub struct Found<R> {
    pub rows: Vec<R>,
    pub(super) next: Option<Next>,
    pub(super) total: Option<u64>,
    pub(super) permit: Option<OwnedSemaphorePermit>,
}

/// Where a list goes on.
pub(super) struct Next {
    pub(super) address: String,
    pub(super) cursor: String,
}

impl<R> Found<R> {
    pub fn map<T>(mut self, with: impl FnMut(R) -> T) -> Found<T> {
        let rows = std::mem::take(&mut self.rows).into_iter().map(with).collect();
        self.with(rows)
    }

    /// The same page of `rows`, which were made of its own.
    pub fn with<T>(self, rows: Vec<T>) -> Found<T> {
        Found { rows, next: self.next, total: self.total, permit: self.permit }
    }

    pub fn try_map<T>(mut self, with: impl FnMut(R) -> Result<T>) -> Result<Found<T>> {
        let rows = std::mem::take(&mut self.rows).into_iter().map(with).collect::<Result<_>>()?;
        Ok(self.with(rows))
    }

    /// The same off the threads that answer requests, for rows that are decrypted.
    pub async fn open<T>(mut self, with: impl FnMut(R) -> Result<T> + Send + 'static) -> Result<Found<T>>
    where
        R: Send + 'static,
        T: Send + 'static,
    {
        let rows = std::mem::take(&mut self.rows);
        let rows = off_thread(move || rows.into_iter().map(with).collect::<Result<_>>()).await?;
        Ok(self.with(rows))
    }

    fn link(&self) -> Option<String> {
        self.next.as_ref().map(|next| format!("<{}>; rel=\"next\"", next.address))
    }
}

impl<F: Filter> List<F> {
    /// The page in the format that was asked for.
    pub async fn answer<T>(&self, found: Found<T>, name: &str, depends_on: &'static [Resource]) -> Result<ReadResponse>
    where
        T: Serialize + Tabular,
    {
        if self.is_table() { self.table(found, name, depends_on).await } else { self.json(found, depends_on) }
    }

    pub fn json<T: Serialize>(&self, found: Found<T>, depends_on: &'static [Resource]) -> Result<ReadResponse> {
        self.json_within(found, depends_on, |items, page| Items { items, page })
    }

    /// The same in an envelope that says more of the list.
    pub fn json_within<T: Serialize, E: Serialize>(
        &self,
        found: Found<T>,
        depends_on: &'static [Resource],
        envelope: impl FnOnce(Vec<T>, Page) -> E,
    ) -> Result<ReadResponse> {
        let link = found.link();
        let (next, next_cursor) = found.next.map(|next| (next.address, next.cursor)).unzip();
        let page = Page { limit: self.limit(), next, next_cursor, total: found.total };
        Ok(ReadResponse { link, ..ReadResponse::json(&envelope(found.rows, page), depends_on)? })
    }

    pub async fn table<T: Tabular>(
        &self,
        found: Found<T>,
        name: &str,
        depends_on: &'static [Resource],
    ) -> Result<ReadResponse> {
        let link = found.link();
        // Of a page that was asked for by its length, programs know that there are more.
        let is_cut = link.is_some() && self.paging.limit.is_none();
        let Found { rows, permit, .. } = found;
        let mut table = Table::of(rows);
        if let Some(language) = self.paging.labels {
            let names = table.record_names(self.pages.db.reader()).await?;
            table = table.labelled(language, &names);
        }
        let file_name = Some(if is_cut { format!("{name}-cut-at-{WHOLE}") } else { name.to_owned() });
        if is_cut {
            table.end_with(format!(
                "(ยังมีต่อ ไฟล์นี้มีเพียง {WHOLE} รายการ / more follow: this file has {WHOLE} records only)"
            ));
        }
        let body = table.render(Keep::by(depends_on), name, self.format).await?;
        drop(permit);
        Ok(ReadResponse { link, file_name, ..ReadResponse::new(body, self.format, depends_on) })
    }
}

/// Work that would keep the threads that answer requests busy.
pub(super) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    web::block(work).await.map_err(Error::internal)?
}

/// A page of records.
#[derive(Serialize, ToSchema)]
#[schema(as = List)]
pub struct Items<T> {
    /// The records of this page.
    #[schema(max_items = 100)]
    items: Vec<T>,
    /// Position of this page in the list.
    page: Page,
}

/// Position of a page in a list.
#[derive(Serialize, ToSchema)]
pub struct Page {
    /// Maximum number of records on this page.
    #[schema(minimum = 1, maximum = 10000, example = 20)]
    limit: u64,
    /// Address of the next page; null on the last page.
    #[schema(required, format = "uri", max_length = 4000, example = json!(null))]
    next: Option<String>,
    /// Value of `cursor` for the next page, for clients that build addresses themselves; null on the last page.
    #[schema(required, max_length = 1000, pattern = "^[A-Za-z0-9_-]+$", example = "bm90IGEgY3Vyc29y")]
    next_cursor: Option<String>,
    /// Number of all matching records. Only with `include_total`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Count, required = false)]
    total: Option<u64>,
}

impl Page {
    /// The only page of a list that is never divided.
    pub fn whole(count: u64) -> Self {
        Self { limit: count.max(1), next: None, next_cursor: None, total: None }
    }
}
