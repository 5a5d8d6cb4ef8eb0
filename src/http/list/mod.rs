//! Lists. A request for a page: filter, order, cursor, format. What the page has is found in `find`, and answered in `page`.

mod find;
mod page;
mod rank;

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::{Ready, ready};
use sea_orm::{EntityTrait, Iterable, Order, PrimaryKeyToColumn};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::context::part;
use super::cursor::Cursor;
use super::middleware::admission::Admission;
use super::negotiation::{self, Format, TableFormat};
use super::params::Query;
use crate::crypto::aead::SivKey;
use crate::db::Db;
use crate::domain::field_code::FieldCode;
use crate::domain::message::Language;
use crate::error::{Error, FieldError, Result};
use crate::schema::validate::QueryShape;

pub use super::spreadsheet::Tabular;
pub use page::{Found, Items, Page};

/// Rows of a list that is downloaded whole, as CSV or XLSX without a `limit`.
const WHOLE: u64 = 10_000;

const DEFAULT_LIMIT: u64 = 20;

/// What pages are made with.
pub struct Pages {
    /// Has the names of the records that tables name.
    pub db: Arc<Db>,
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
    /// Language of headings and names in CSV and XLSX. Without it, tables have the names of fields, and codes.
    #[param(inline, example = "th")]
    labels: Option<Language>,
}

/// The filters of one resource's list.
pub trait Filter: DeserializeOwned + IntoParams + 'static {
    type Entity: EntityTrait;

    /// Columns to order by; the id is added as the last.
    fn order(&self) -> Vec<(<Self::Entity as EntityTrait>::Column, Order)>;

    /// What else the order depends on, if a client asks for one that no column has.
    fn ranking(&self) -> Option<String> {
        None
    }
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
        let ranking = self.filter.ranking().unwrap_or_default();
        format!("{} {}{ranking}", self.path, columns.collect::<Vec<_>>().join(" "))
    }

    /// Whether the answer is a table, with the columns of [`Tabular`] alone.
    pub fn is_table(&self) -> bool {
        self.format != Format::Json
    }
}
