//! Lists: paging by signed cursors, order, totals, and the three formats that a list comes in.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::{Ready, ready};
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, Iterable, ModelTrait, Order, PaginatorTrait,
    PrimaryKeyToColumn, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer::Read;
use crate::app::App;
use crate::cursor::{Cursor, Key};
use crate::domain::count::Count;
use crate::error::{Code, Error, Fault, Result, Said};
use crate::extract::Query;
use crate::format::{self, Format, TableFormat};
use crate::revisions::Resource;
use crate::shape::QueryShape;
use crate::table::{Cell, Table};

/// Rows of a list that is downloaded whole, as CSV or XLSX without a `limit`.
const WHOLE: u64 = 10_000;

const DEFAULT_LIMIT: u64 = 20;

/// Rows that are looked through at once, where the database cannot tell which are meant; and how often, for one page.
const SIFTED: u64 = 500;
const MOST_TURNS: u32 = 20;

/// Parameters that every list has.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Records on a page. CSV and XLSX without it have up to 10,000 in one file.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<u64>,
    /// Where to go on: the `next_cursor` of a page, good only with the same `sort`.
    #[param(max_length = 1000, pattern = "^[A-Za-z0-9_-]+$", example = "eyJvIjoiLW5vIiwidiI6W119c2lnbmF0dXJl")]
    cursor: Option<String>,
    /// Whether to count all records that match, as `page.total`.
    #[param(default = false, example = true)]
    #[serde(default)]
    include_total: bool,
    /// Format of the answer; goes before `Accept`.
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
        let format = Format::wanted(paging.format.map(Format::from), request, format::TABLE)?;
        let app = request.app_data::<web::Data<App>>().ok_or(Code::Internal)?;
        let mut list = Self {
            filter,
            format,
            cursor: None,
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
            paging,
        };
        if let Some(text) = &list.paging.cursor {
            let cursor = Cursor::open(text, &app.cursor_key).filter(|cursor| cursor.order == list.order_name());
            let Some(cursor) = cursor else {
                let said = Said::new("ใช้ไม่ได้กับรายการนี้", "does not belong to this list and order");
                return Err(Error::in_parameters(vec![Fault::parameter("cursor", "bad_cursor", said)]));
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

    /// One page of what `select` finds. `model` shows the row in which the ordering columns are.
    pub async fn find<R>(
        &self,
        app: &App,
        select: Select<F::Entity>,
        columns: impl FnOnce(Select<F::Entity>) -> Select<F::Entity>,
        model: fn(&R) -> &<F::Entity as EntityTrait>::Model,
    ) -> Result<Found<R>>
    where
        R: FromQueryResult + Send + Sync,
        <F::Entity as EntityTrait>::Model: FromQueryResult + Send + Sync,
    {
        let db = app.db.reader();
        let total = if self.paging.include_total { Some(select.clone().count(db).await?) } else { None };
        let from = self.cursor.as_ref().map(|cursor| &cursor.values[..]);
        let page = self.page(columns(select), from, self.limit() + 1);
        let mut rows: Vec<R> = page.into_model().all(db).await?;
        let mut next = None;
        if rows.len() as u64 > self.limit() {
            rows.truncate(self.limit() as usize);
            next = rows.last().map(|last| self.next(app, model(last)));
        }
        Ok(Found { rows, next, total })
    }

    /// The same of those rows that `keep` keeps, where the database cannot tell: it looks through them in order. Where there
    /// are very many, a page may have fewer than it could, and go on.
    pub async fn sift<R>(
        &self,
        app: &App,
        select: Select<F::Entity>,
        columns: impl FnOnce(Select<F::Entity>) -> Select<F::Entity>,
        model: fn(&R) -> &<F::Entity as EntityTrait>::Model,
        keep: impl Fn(&R) -> Result<bool>,
    ) -> Result<Found<R>>
    where
        R: FromQueryResult + Send + Sync,
    {
        if self.paging.include_total {
            let said = Said::new("ใช้ร่วมกับ q ไม่ได้", "does not go together with q");
            return Err(Error::in_parameters(vec![Fault::parameter("include_total", "not_together", said)]));
        }
        let select = columns(select);
        let mut from = self.cursor.as_ref().map(|cursor| cursor.values.clone());
        let (mut rows, mut next) = (Vec::new(), None);
        for turn in 1.. {
            let page = self.page(select.clone(), from.as_deref(), SIFTED);
            let page: Vec<R> = page.into_model().all(app.db.reader()).await?;
            let is_last = (page.len() as u64) < SIFTED;
            from = page.last().map(|last| self.keys(model(last)));
            for row in page {
                if !keep(&row)? {
                    continue;
                }
                if (rows.len() as u64) < self.limit() {
                    rows.push(row);
                } else if next.is_none() {
                    next = rows.last().map(|last| self.next(app, model(last)));
                }
            }
            if is_last || next.is_some() || turn == MOST_TURNS {
                next = next.or_else(|| from.filter(|_| !is_last).map(|keys| self.next_after(app, keys)));
                break;
            }
        }
        Ok(Found { rows, next, total: None })
    }

    /// Rows in order, from behind a place.
    fn page(&self, select: Select<F::Entity>, from: Option<&[Key]>, limit: u64) -> Select<F::Entity> {
        let mut page = select.limit(limit);
        for (column, order) in self.order() {
            page = page.order_by(column, order);
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

    /// The page after `last`.
    fn next(&self, app: &App, last: &<F::Entity as EntityTrait>::Model) -> Next {
        self.next_after(app, self.keys(last))
    }

    fn next_after(&self, app: &App, values: Vec<Key>) -> Next {
        let cursor = Cursor { order: self.order_name(), values }.seal(&app.cursor_key);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in url::form_urlencoded::parse(self.query.as_bytes()).filter(|(name, _)| name != "cursor") {
            query.append_pair(&name, &value);
        }
        query.append_pair("cursor", &cursor);
        Next { address: format!("{}{}?{}", app.public_url, self.path, query.finish()), cursor }
    }

    /// The page in the format that was asked for.
    pub async fn answer<T>(&self, found: Found<T>, name: &str, made_of: &'static [Resource]) -> Result<Read>
    where
        T: Serialize + Tabular,
    {
        let link = found.next.as_ref().map(|next| format!("<{}>; rel=\"next\"", next.address));
        let file_name = Some(name.to_owned());
        if self.format == Format::Json {
            let (next, next_cursor) = found.next.map(|next| (next.address, next.cursor)).unzip();
            let page = Page { limit: self.limit(), next, next_cursor, total: found.total };
            return Ok(Read { link, ..Read::json(&Items { items: found.rows, page }, made_of)? });
        }
        let rows = found.rows.iter().map(Tabular::cells).collect();
        let table = Table { columns: T::COLUMNS.iter().map(|name| (*name).to_owned()).collect(), rows };
        let format = self.format;
        let body = table.render(format).await?;
        Ok(Read { body, format, made_of, etag: None, link, file_name })
    }
}

/// A record as a row of a spreadsheet.
pub trait Tabular {
    /// Fixed English headers, for programs.
    const COLUMNS: &[&str];

    fn cells(&self) -> Vec<Cell>;
}

/// One page as it was found.
pub struct Found<R> {
    pub rows: Vec<R>,
    next: Option<Next>,
    total: Option<u64>,
}

/// Where a list goes on.
struct Next {
    address: String,
    cursor: String,
}

impl<R> Found<R> {
    pub fn map<T>(self, with: impl FnMut(R) -> T) -> Found<T> {
        Found { rows: self.rows.into_iter().map(with).collect(), next: self.next, total: self.total }
    }

    /// The same page of `rows`, which were made of its own.
    pub fn with<T>(self, rows: Vec<T>) -> Found<T> {
        Found { rows, next: self.next, total: self.total }
    }

    pub fn try_map<T>(self, with: impl FnMut(R) -> Result<T>) -> Result<Found<T>> {
        let rows = self.rows.into_iter().map(with).collect::<Result<_>>()?;
        Ok(Found { rows, next: self.next, total: self.total })
    }
}

/// A page of records.
#[derive(Serialize, ToSchema)]
#[schema(as = List)]
pub struct Items<T> {
    #[schema(max_items = 100)]
    items: Vec<T>,
    page: Page,
}

/// Where in the list this page is.
#[derive(Serialize, ToSchema)]
pub struct Page {
    /// Most records that this page could have.
    #[schema(minimum = 1, maximum = 10000, example = 20)]
    limit: u64,
    /// Address of the next page; null on the last.
    #[schema(required, format = "uri", max_length = 4000, example = json!(null))]
    next: Option<String>,
    /// The `cursor` of the next page, for clients that build addresses themselves; null on the last.
    #[schema(required, max_length = 1000, pattern = "^[A-Za-z0-9_-]+$", example = json!(null))]
    next_cursor: Option<String>,
    /// All records that match, if `include_total` asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Count, required = false)]
    total: Option<u64>,
}

/// The condition that a row stands after `values` in `order`.
fn after<C: ColumnTrait>(order: &[(C, Order)], values: &[Key]) -> Condition {
    let mut any = Condition::any();
    for (index, (column, direction)) in order.iter().enumerate() {
        let mut all = Condition::all();
        for ((column, _), value) in order[..index].iter().zip(values) {
            all = all.add(column.eq(value.clone()));
        }
        let Some(value) = values.get(index).cloned() else { break };
        let beyond: SimpleExpr = match direction {
            Order::Desc => Expr::col(column.as_column_ref()).lt(value),
            _ => Expr::col(column.as_column_ref()).gt(value),
        };
        any = any.add(all.add(beyond));
    }
    any
}
