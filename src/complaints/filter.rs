//! Which complaints to list, and in which order.

use chrono::NaiveDate;
use entity::complaint::{Column, Entity, Kind, Status};
use sea_orm::sea_query::{Condition, ExprTrait};
use sea_orm::{ColumnTrait, Order};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::categories;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::receipt::read_reference;
use crate::domain::text::Line;
use crate::http::list::Filter;
use crate::http::sort::{self, Sort, Sortable};
use crate::references;

/// Which complaints to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ComplaintFilter {
    /// Complaint with this number. Only its letters and digits count.
    #[param(inline, example = "7K3M-9Q2X")]
    pub reference: Option<Line<100>>,
    /// Complaints of one of these kinds.
    #[param(inline, explode = false, min_items = 1, max_items = 4, example = json!(["corruption", "misconduct"]))]
    pub kind: Option<Vec<Kind>>,
    /// Complaints of the category with this code.
    #[param(max_length = 50, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "bribery")]
    pub category: Option<String>,
    /// Complaints with one of these statuses.
    #[param(inline, explode = false, min_items = 1, max_items = 7, example = json!(["received", "accepted"]))]
    pub status: Option<Vec<Status>>,
    /// Complaints that the unit with this code handles.
    #[param(max_length = 50, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "legal")]
    pub unit: Option<String>,
    /// `true`: complaints that no unit handles yet. `false`: all others.
    #[param(example = true)]
    pub without_unit: Option<bool>,
    /// Complaints that this account handles.
    #[param(example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    pub assignee_id: Option<Uuid>,
    /// `true`: complaints that are past the deadline of the first answer or conclusion, and still lack it. `false`: all
    /// others.
    #[param(example = true)]
    pub overdue: Option<bool>,
    /// Complaints of this fiscal year.
    #[param(inline, example = 2567)]
    pub fiscal_year: Option<FiscalYear>,
    /// Complaints received on this day or later.
    #[param(example = "2024-04-01")]
    pub received_from: Option<NaiveDate>,
    /// Complaints received on this day or earlier.
    #[param(example = "2024-04-30")]
    pub received_to: Option<NaiveDate>,
    /// Complaints whose subject contains this text. Subjects are encrypted, so a search in very many complaints can
    /// return pages with fewer records than `limit`. Not together with `include_total`.
    #[param(inline, example = "ค่าอนุญาต")]
    pub q: Option<Line<100>>,
    /// Sort order. A minus sign reverses a field. By default newest first.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["received_at"]))]
    pub sort: Option<Vec<ComplaintSort>>,
}

type ComplaintSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "complaints";
    const BY: &'static [Column] = &[Column::ReceivedAt, Column::FirstAnswerDueOn, Column::UpdatedAt];
}

impl Filter for ComplaintFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::ReceivedAt, Order::Desc)])
    }
}

impl ComplaintFilter {
    /// The rows that it means, but for what is said in their sealed subjects.
    pub fn matching(&self, today: NaiveDate) -> Condition {
        let Self {
            reference,
            kind,
            category,
            status,
            unit,
            without_unit,
            assignee_id,
            overdue,
            fiscal_year,
            received_from,
            received_to,
            q: _,
            sort: _,
        } = self;
        let category = category.as_ref().map(|code| Column::CategoryId.in_subquery(categories::store::id_of(code)));
        let unit = unit.as_ref().map(|code| Column::UnitId.in_subquery(references::id_of(code)));
        let without_unit =
            without_unit.map(|none| if none { Column::UnitId.is_null() } else { Column::UnitId.is_not_null() });
        Condition::all()
            .add_option(reference.as_ref().map(|typed| Column::Reference.is_in(read_reference(typed))))
            .add_option(kind.as_ref().map(|kinds| Column::Kind.is_in(kinds.iter().copied())))
            .add_option(category)
            .add_option(status.as_ref().map(|status| Column::Status.is_in(status.iter().copied())))
            .add_option(unit)
            .add_option(without_unit)
            .add_option(assignee_id.map(|id| Column::AssigneeId.eq(id)))
            .add_option(overdue.map(|overdue| if overdue { late(today) } else { late(today).not() }))
            .add_option(fiscal_year.map(|year| Column::FiscalYear.eq(year.number())))
            .add_option(received_from.map(|from| Column::ReceivedOn.gte(from)))
            .add_option(received_to.map(|to| Column::ReceivedOn.lte(to)))
    }
}

/// The rows whose first answer or conclusion is late, and still to come; `due_on` in what is counted says the same.
fn late(today: NaiveDate) -> Condition {
    let late = Condition::any()
        .add(Column::FirstAnsweredOn.is_null().and(Column::FirstAnswerDueOn.lt(today)))
        // None while the reporter is waited for, which is not late.
        .add(Column::ConclusionDueOn.is_not_null().and(Column::ConclusionDueOn.lt(today)));
    Condition::all().add(Column::ClosedOn.is_null()).add(late)
}
