//! Lists: paging by encrypted cursors, order, totals, and the three formats that a list comes in.

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::TryStreamExt;
use futures_util::future::{Ready, ready};
use sea_orm::sea_query::NullOrdering;
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, Iterable, ModelTrait, Order, PaginatorTrait, PrimaryKeyToColumn,
    QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::OwnedSemaphorePermit;
use utoipa::{IntoParams, ToSchema};

use actix_web::web::Data;

use super::middleware::admission::Admission;
use crate::crypto::aead::SivKey;
use crate::db::Db;
use crate::db::select::Selected;
use crate::domain::count::Count;
use crate::domain::field_code::FieldCode;
use crate::error::{Error, FieldError, Result};
use crate::http::context::part;
use crate::http::cursor::{Cursor, Key};
use crate::http::negotiation::{self, Format, TableFormat};
use crate::http::params::Query;
use crate::http::response::ReadResponse;
use crate::http::sort::after;
use crate::http::spreadsheet::{Table, TableColumn};
use crate::revisions::Resource;
use crate::schema::validate::QueryShape;

/// Rows of a list that is downloaded whole, as CSV or XLSX without a `limit`.
const WHOLE: u64 = 10_000;

const DEFAULT_LIMIT: u64 = 20;

/// Rows that are looked through at once, where the database cannot tell which are meant; and how often, for one page.
const SIFTED: u64 = 500;
const MOST_TURNS: u32 = 20;

/// What addresses of pages are made with.
pub struct Pages {
    pub cursor_key: SivKey,
    /// Where clients reach the service, without a slash at the end.
    pub public_url: String,
}

/// Parameters that every list has.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Maximum number of records on a page. Without it, CSV and XLSX contain up to 10,000 records in one file.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<u64>,
    /// Start of the page: the `next_cursor` of the previous page. Valid only with the same `sort`.
    #[param(max_length = 1000, pattern = "^[A-Za-z0-9_-]+$", example = "eyJvIjoiLW5vIiwidiI6W119c2lnbmF0dXJl")]
    cursor: Option<String>,
    /// Set to `true` to count all matching records in `page.total`.
    #[param(default = false, example = true)]
    #[serde(default)]
    include_total: bool,
    /// Format of the response. Takes precedence over `Accept`.
    #[param(inline, example = "csv")]
    format: Option<TableFormat>,
}

/// The filters of one resource's list.
pub trait Filter: DeserializeOwned + IntoParams + 'static {
    type Entity: EntityTrait;

    /// Columns to order by; the id is added as the last.
    fn order(&self) -> Vec<(<Self::Entity as EntityTrait>::Column, Order)>;
}

/// A request for a list: its filter, and which page of it.
pub struct List<F> {
    pub filter: F,
    paging: Paging,
    format: Format,
    cursor: Option<Cursor>,
    path: String,
    query: String,
    pages: Data<Pages>,
    admission: Data<Admission>,
}

/// The parameters of a list are the filter's and those of paging.
struct Both<F>(std::marker::PhantomData<F>);

impl<F: IntoParams> IntoParams for Both<F> {
    fn into_params(
        place: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        F::into_params(&place).into_iter().chain(Paging::into_params(&place)).collect()
    }
}

impl<F: Filter> FromRequest for List<F> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request))
    }
}

impl<F: Filter> List<F> {
    fn read(request: &HttpRequest) -> Result<Self> {
        let values = QueryShape::of::<Both<F>>().read(request.query_string());
        let values = values.map_err(Error::in_parameters)?;
        let Query(filter) = Query::<F>::of(values.clone())?;
        let Query(paging) = Query::<Paging>::of(values)?;
        let format = Format::wanted(paging.format.map(Format::from), request, negotiation::TABLE)?;
        let (pages, admission) = (part::<Pages>(request)?.clone(), part::<Admission>(request)?.clone());
        let mut list = Self {
            filter,
            format,
            cursor: None,
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
            paging,
            pages,
            admission,
        };
        if let Some(text) = &list.paging.cursor {
            let cursor = Cursor::open(text, &list.pages.cursor_key).filter(|cursor| cursor.order == list.order_name());
            let Some(cursor) = cursor else {
                return Err(FieldError::parameter("cursor", FieldCode::BadCursor).into());
            };
            list.cursor = Some(cursor);
        }
        Ok(list)
    }

    fn limit(&self) -> u64 {
        self.paging.limit.unwrap_or(if self.format == Format::Json { DEFAULT_LIMIT } else { WHOLE })
    }

    fn order(&self) -> Vec<(<F::Entity as EntityTrait>::Column, Order)> {
        let mut order = self.filter.order();
        order.extend(<F::Entity as EntityTrait>::PrimaryKey::iter().map(|key| (key.into_column(), Order::Asc)));
        order
    }

    /// Which list and order a cursor belongs to.
    fn order_name(&self) -> String {
        let columns = self.order().into_iter().map(|(column, order)| format!("{column:?}{order:?}"));
        format!("{} {}", self.path, columns.collect::<Vec<_>>().join(" "))
    }

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
        let mut next = None;
        if rows.len() as u64 > self.limit() {
            rows.truncate(self.limit() as usize);
            next = rows.last().map(|last| self.next(last.model())).transpose()?;
        }
        Ok(Found { rows, next, total, permit })
    }

    /// Like `find`, but filters decrypted rows in memory; stops after 10,000, so a page may be short.
    pub async fn sift<R>(
        &self,
        db: &Db,
        select: Select<F::Entity>,
        keep: impl Fn(&R) -> Result<bool> + Send + Sync + 'static,
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
        let (mut rows, mut next) = (Vec::new(), None);
        for turn in 1.. {
            let page = self.page(select.clone(), from.as_deref(), SIFTED);
            let page: Vec<R> = R::of(page, db.backend()).all(db.reader()).await?;
            let is_last = (page.len() as u64) < SIFTED;
            from = page.last().map(|last| self.keys(last.model()));
            let keep = keep.clone();
            for row in off_thread(move || kept(page, &*keep)).await? {
                if (rows.len() as u64) < self.limit() {
                    rows.push(row);
                } else if next.is_none() {
                    next = rows.last().map(|last| self.next(last.model())).transpose()?;
                }
            }
            if is_last || next.is_some() || turn == MOST_TURNS {
                if next.is_none() {
                    next = from.filter(|_| !is_last).map(|keys| self.next_after(keys)).transpose()?;
                }
                break;
            }
        }
        Ok(Found { rows, next, total: None, permit })
    }

    /// Whether the answer is a table, with the columns of [`Tabular`] alone.
    pub fn is_table(&self) -> bool {
        self.format != Format::Json
    }

    /// Held until the answer is made, of a list that is downloaded whole.
    async fn permit(&self) -> Result<Option<OwnedSemaphorePermit>> {
        if self.limit() == WHOLE { self.admission.whole_list().await.map(Some) } else { Ok(None) }
    }

    /// Rows in order, from behind a place.
    fn page(&self, select: Select<F::Entity>, from: Option<&[Key]>, limit: u64) -> Select<F::Entity> {
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
    fn keys(&self, row: &<F::Entity as EntityTrait>::Model) -> Vec<Key> {
        self.order().into_iter().map(|(column, _)| Key::from(row.get(column))).collect()
    }

    fn next(&self, last: &<F::Entity as EntityTrait>::Model) -> Result<Next> {
        self.next_after(self.keys(last))
    }

    fn next_after(&self, values: Vec<Key>) -> Result<Next> {
        let cursor = Cursor { order: self.order_name(), values }.seal(&self.pages.cursor_key)?;
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in url::form_urlencoded::parse(self.query.as_bytes()).filter(|(name, _)| name != "cursor") {
            query.append_pair(&name, &value);
        }
        query.append_pair("cursor", &cursor);
        Ok(Next { address: format!("{}{}?{}", self.pages.public_url, self.path, query.finish()), cursor })
    }

    /// The page in the format that was asked for.
    pub async fn answer<T>(&self, found: Found<T>, name: &str, depends_on: &'static [Resource]) -> Result<ReadResponse>
    where
        T: Serialize + Tabular,
    {
        if self.is_table() { self.table(found, name, depends_on).await } else { self.json(found, depends_on) }
    }

    pub fn json<T: Serialize>(&self, found: Found<T>, depends_on: &'static [Resource]) -> Result<ReadResponse> {
        let link = found.link();
        let (next, next_cursor) = found.next.map(|next| (next.address, next.cursor)).unzip();
        let page = Page { limit: self.limit(), next, next_cursor, total: found.total };
        Ok(ReadResponse { link, ..ReadResponse::json(&Items { items: found.rows, page }, depends_on)? })
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
        // Each record goes as soon as its row is there.
        let cells = |record: T| T::COLUMNS.iter().map(|(_, cell)| cell(&record)).collect();
        let columns = T::COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut table = Table { columns, rows: rows.into_iter().map(cells).collect() };
        let file_name = Some(if is_cut { format!("{name}-cut-at-{WHOLE}") } else { name.to_owned() });
        if is_cut {
            table.end_with(format!(
                "(ยังมีต่อ ไฟล์นี้มีเพียง {WHOLE} รายการ / more follow: this file has {WHOLE} records only)"
            ));
        }
        let body = table.render_as(name, self.format).await?;
        drop(permit);
        Ok(ReadResponse { body, format: self.format, depends_on, etag: None, link, file_name })
    }
}

/// A record as a row of a spreadsheet.
pub trait Tabular: Sized + 'static {
    const COLUMNS: &[TableColumn<Self>];
}

/// One page as it was found.
pub struct Found<R> {
    pub rows: Vec<R>,
    next: Option<Next>,
    total: Option<u64>,
    permit: Option<OwnedSemaphorePermit>,
}

/// Where a list goes on.
struct Next {
    address: String,
    cursor: String,
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

fn kept<R>(rows: Vec<R>, keep: impl Fn(&R) -> Result<bool>) -> Result<Vec<R>> {
    let mut kept = Vec::new();
    for row in rows {
        if keep(&row)? {
            kept.push(row);
        }
    }
    Ok(kept)
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
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
    pub fn whole(limit: u64) -> Self {
        Self { limit, next: None, next_cursor: None, total: None }
    }
}
