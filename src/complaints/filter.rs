//! Which complaints to list, and in which order.

use chrono::{DateTime, NaiveDate, Utc};
use entity::complaint::{Channel, Column, Entity, Kind, Outcome, Status};
use entity::{complaint_category, unit};
use sea_orm::sea_query::{Condition, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, Order};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::domain::receipt::read_reference;
use crate::domain::text::Line;
use crate::error::Result;
use crate::http::list::Filter;
use crate::http::several::{Codes, FiscalYears, Ids};
use crate::http::sort::{self, Sort, Sortable};
use crate::references::{check_filter, ids_of};

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
    #[param(inline, explode = false, example = json!(["bribery"]))]
    pub category: Option<Codes>,
    /// Complaints with one of these statuses.
    #[param(inline, explode = false, min_items = 1, max_items = 7, example = json!(["received", "accepted"]))]
    pub status: Option<Vec<Status>>,
    /// Complaints that were concluded with one of these outcomes.
    #[param(inline, explode = false, min_items = 1, max_items = 4, example = json!(["referred"]))]
    pub outcome: Option<Vec<Outcome>>,
    /// Complaints that came in by one of these channels.
    #[param(inline, explode = false, min_items = 1, max_items = 5, example = json!(["web", "phone"]))]
    pub channel: Option<Vec<Channel>>,
    /// Complaints that the unit with this code handles.
    #[param(inline, explode = false, example = json!(["legal"]))]
    pub unit: Option<Codes>,
    /// `true`: complaints that no unit handles yet. `false`: all others.
    #[param(example = true)]
    pub without_unit: Option<bool>,
    /// Complaints that this account handles.
    #[param(inline, explode = false, example = json!(["01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"]))]
    pub assignee_id: Option<Ids>,
    /// `true`: complaints that are past the deadline of the first answer or conclusion, and still lack it. `false`: all
    /// others.
    #[param(example = true)]
    pub overdue: Option<bool>,
    /// `true`: closed complaints whose reporter waits for an answer to a request for reopening. `false`: all others.
    #[param(example = true)]
    pub reopening_requested: Option<bool>,
    /// Open complaints whose next promise, first answer or conclusion, is for this day or later.
    #[param(example = "2024-04-22")]
    pub due_from: Option<NaiveDate>,
    /// Open complaints whose next promise, first answer or conclusion, is for this day or earlier.
    #[param(example = "2024-04-26")]
    pub due_to: Option<NaiveDate>,
    /// Records of this fiscal year.
    #[param(inline, explode = false, example = json!([2567]))]
    pub fiscal_year: Option<FiscalYears>,
    /// Records received on this day or later.
    #[param(example = "2024-04-01")]
    pub received_from: Option<NaiveDate>,
    /// Records received on this day or earlier.
    #[param(example = "2024-04-30")]
    pub received_to: Option<NaiveDate>,
    /// Records changed at this time or later.
    #[param(example = "2024-04-01T00:00:00Z")]
    pub updated_from: Option<DateTime<Utc>>,
    /// Records changed at this time or earlier.
    #[param(example = "2024-04-30T16:59:59Z")]
    pub updated_to: Option<DateTime<Utc>>,
    /// Duplicates of one of these complaints.
    #[param(inline, explode = false, example = json!(["01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"]))]
    pub duplicate_of_id: Option<Ids>,
    /// `true`: cases on hold. `false`: all others.
    #[param(example = true)]
    pub on_hold: Option<bool>,
    /// Complaints whose subject contains this text, or whose number does with three characters or more. Subjects are
    /// encrypted, so a search in very many complaints can return pages with fewer records than `limit`. Not together
    /// with `include_total`.
    #[param(inline, example = "ค่าอนุญาต")]
    pub q: Option<Line<100>>,
    /// Sort order. A minus sign reverses a field. By default newest first.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["received_at"]))]
    pub sort: Option<Vec<ComplaintSort>>,
}

type ComplaintSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "complaints";
    const BY: &'static [(&'static str, Column)] = &[
        ("received_at", Column::ReceivedAt),
        ("first_answer_due_on", Column::FirstAnswerDueOn),
        ("conclusion_due_on", Column::ConclusionDueOn),
        ("updated_at", Column::UpdatedAt),
    ];
}

impl Filter for ComplaintFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::ReceivedAt, Order::Desc)])
    }
}

impl ComplaintFilter {
    /// Refuses codes that are not there.
    pub async fn check(&self, db: &impl ConnectionTrait) -> Result<()> {
        check_filter::<complaint_category::Entity>(db, "category", self.category.as_ref()).await?;
        check_filter::<unit::Entity>(db, "unit", self.unit.as_ref()).await
    }

    /// The rows that it means, but for what is said in their sealed subjects.
    pub fn matching(&self, today: NaiveDate) -> Condition {
        let Self {
            reference,
            kind,
            category,
            status,
            outcome,
            channel,
            unit,
            without_unit,
            assignee_id,
            overdue,
            reopening_requested,
            due_from,
            due_to,
            fiscal_year,
            received_from,
            received_to,
            updated_from,
            updated_to,
            duplicate_of_id,
            on_hold,
            q: _,
            sort: _,
        } = self;
        let category =
            category.as_ref().map(|codes| Column::CategoryId.in_subquery(ids_of::<complaint_category::Entity>(codes)));
        let unit = unit.as_ref().map(|codes| Column::UnitId.in_subquery(ids_of::<unit::Entity>(codes)));
        let without_unit =
            without_unit.map(|none| if none { Column::UnitId.is_null() } else { Column::UnitId.is_not_null() });
        Condition::all()
            .add_option(reference.as_ref().map(|typed| Column::Reference.is_in(read_reference(typed))))
            .add_option(kind.as_ref().map(|kinds| Column::Kind.is_in(kinds.iter().copied())))
            .add_option(category)
            .add_option(status.as_ref().map(|status| Column::Status.is_in(status.iter().copied())))
            .add_option(outcome.as_ref().map(|outcomes| Column::Outcome.is_in(outcomes.iter().copied())))
            .add_option(channel.as_ref().map(|channels| Column::Channel.is_in(channels.iter().copied())))
            .add_option(unit)
            .add_option(without_unit)
            .add_option(assignee_id.as_ref().map(|ids| Column::AssigneeId.is_in(ids.ids())))
            .add_option(overdue.map(|overdue| if overdue { late(today) } else { late(today).not() }))
            .add_option(reopening_requested.map(|wanted| match wanted {
                true => Column::ReopeningRequestedOn.is_not_null(),
                false => Column::ReopeningRequestedOn.is_null(),
            }))
            .add_option(due_from.map(due_from_on))
            .add_option(due_to.map(due_by))
            .add_option(fiscal_year.as_ref().map(|years| Column::FiscalYear.is_in(years.numbers())))
            .add_option(received_from.map(|from| Column::ReceivedOn.gte(from)))
            .add_option(received_to.map(|to| Column::ReceivedOn.lte(to)))
            .add_option(updated_from.map(|from| Column::UpdatedAt.gte(from)))
            .add_option(updated_to.map(|to| Column::UpdatedAt.lte(to)))
            .add_option(duplicate_of_id.as_ref().map(|ids| Column::DuplicateOf.is_in(ids.ids())))
            .add_option(on_hold.map(|on_hold| Column::OnHold.eq(on_hold)))
    }
}

/// The rows whose first answer or conclusion is late, and still to come; `due_on` in what is counted says the same.
fn late(today: NaiveDate) -> Condition {
    due_by(today.pred_opt().unwrap_or(today))
}

/// The open rows with a promise for a day, or for one before.
fn due_by(last: NaiveDate) -> Condition {
    let due = Condition::any()
        .add(Column::FirstAnsweredOn.is_null().and(Column::FirstAnswerDueOn.lte(last)))
        // None while the reporter is waited for, which is not late.
        .add(Column::ConclusionDueOn.is_not_null().and(Column::ConclusionDueOn.lte(last)));
    Condition::all().add(Column::ClosedOn.is_null()).add(due)
}

/// The open rows with promises, all of them for a day or for later ones.
fn due_from_on(first: NaiveDate) -> Condition {
    Condition::all()
        .add(Column::ClosedOn.is_null())
        .add(Column::FirstAnsweredOn.is_null().or(Column::ConclusionDueOn.is_not_null()))
        .add(Column::FirstAnsweredOn.is_not_null().or(Column::FirstAnswerDueOn.gte(first)))
        .add(Column::ConclusionDueOn.is_null().or(Column::ConclusionDueOn.gte(first)))
}
