//! Colleagues as clients see them.

use entity::account::{Column, Entity};
use entity::open_case::Kind;
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::accounts::units;
use crate::domain::name::Name;
use crate::domain::text::Line;
use crate::domain::units::UnitCodes;
use crate::http::list::{Filter, Tabular};
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};

/// A person who handles cases.
#[derive(Serialize, ToSchema)]
pub struct Colleague {
    /// Id of the account, for `assignee_id`.
    pub id: Uuid,
    /// Name of the person.
    #[schema(max_length = 200, example = "สมชาย ใจดี")]
    pub display_name: String,
    /// Names of the posts that the person holds.
    #[schema(max_items = 100)]
    pub posts: Vec<Name>,
    /// Units for which the person works.
    pub units: UnitCodes,
    /// Kinds of cases that can be assigned to the person. Empty if the person can hold none any more.
    #[schema(max_items = 2)]
    pub handles: Vec<Kind>,
    /// Number of open cases of the person that the caller may see.
    #[schema(minimum = 0, maximum = 1000000000, example = 7)]
    pub open_count: i64,
}

/// Which colleagues to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ColleagueFilter {
    /// People to whom this complaint can be assigned. Who is recused from it is left out.
    #[param(example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    pub complaint: Option<Uuid>,
    /// People to whom this service request can be assigned. Not together with `complaint`.
    #[param(example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    pub service_request: Option<Uuid>,
    /// `true`: people to whom a case can be assigned. `false`: people who cannot hold a case any more but still have one.
    #[param(example = true)]
    pub assignable: Option<bool>,
    /// People whose name contains this text.
    #[param(inline, example = "สมชาย")]
    pub q: Option<Line<100>>,
    /// Sort order. A minus sign reverses a field. By default by name.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["display_name"]))]
    pub sort: Option<Vec<ColleagueSort>>,
}

type ColleagueSort = Sort<Colleague, Entity>;

impl Sortable<Entity> for Colleague {
    const RECORDS: &str = "colleagues";
    const BY: &'static [(&'static str, Column)] = &[("display_name", Column::Name), ("id", Column::Id)];
}

impl Filter for ColleagueFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::Name, Order::Asc)])
    }
}

impl Tabular for Colleague {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |colleague| colleague.id.to_string().into()),
        ("display_name", |colleague| colleague.display_name.as_str().into()),
        ("posts", |colleague| Cell::from(&*colleague.posts.iter().map(|post| post.th.clone()).collect::<Vec<_>>())),
        ("units", |colleague| units::cell(&colleague.units)),
        ("handles", |colleague| Cell::codes(colleague.handles.iter().copied().map(Cell::code))),
        ("open_count", |colleague| Cell::count(colleague.open_count)),
    ];
}
