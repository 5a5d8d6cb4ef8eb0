//! Which open cases to list, and in which order.

use entity::open_case::{Column, Entity, Kind, Promise};
use entity::unit;
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, Order};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::dto::Day;
use crate::auth::Officer;
use crate::domain::facilitation;
use crate::error::Result;
use crate::http::list::Filter;
use crate::http::several::{Codes, Ids};
use crate::http::sort::{self, Sort, Sortable};
use crate::references::{check_filter, ids_of};

/// Working days that "soon" has, unless a client says another number.
const SOON: u32 = 5;

/// Which open cases to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WorkFilter {
    /// Cases of one of these kinds.
    #[param(inline, explode = false, min_items = 1, max_items = 2, example = json!(["complaint"]))]
    pub kind: Option<Vec<Kind>>,
    /// Cases that the unit with this code handles.
    #[param(inline, explode = false, example = json!(["legal"]))]
    pub unit: Option<Codes>,
    /// Cases that this account handles.
    #[param(inline, explode = false, example = json!(["01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"]))]
    pub assignee_id: Option<Ids>,
    /// `true`: cases that the officer handles. `false`: all others.
    #[param(example = true)]
    pub mine: Option<bool>,
    /// `true`: cases that nobody handles. `false`: all others.
    #[param(example = true)]
    pub unassigned: Option<bool>,
    /// `true`: cases whose due day has passed. `false`: all others.
    #[param(example = true)]
    pub overdue: Option<bool>,
    /// Cases that are due within this number of working days and not overdue. 0 is today.
    #[param(minimum = 0, maximum = 365, example = 5)]
    pub due_within: Option<u32>,
    /// `true`: cases in which the reporter or applicant has said something that the office has not answered. `false`: all
    /// others.
    #[param(example = true)]
    pub awaiting_office: Option<bool>,
    /// `true`: cases in which the office waits for the reporter or applicant. `false`: all others.
    #[param(example = true)]
    pub awaiting_sender: Option<bool>,
    /// `true`: service requests whose applicant was asked to answer by today, or 7 days ago if no day was set, and has not answered. `false`: all others.
    #[param(example = true)]
    pub reminder_due: Option<bool>,
    /// `true`: service requests whose applicant has to be told by today why they are late. `false`: all others.
    #[param(example = true)]
    pub delay_notice_due: Option<bool>,
    /// Sort order. A minus sign reverses a field. By default the next due day first.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["received_at"]))]
    pub sort: Option<Vec<WorkSort>>,
}

type WorkSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "open cases";
    const BY: &'static [(&'static str, Column)] = &[
        ("due_on", Column::DueOn),
        ("reference", Column::Reference),
        ("received_at", Column::ReceivedAt),
        ("unanswered_at", Column::UnansweredAt),
    ];
}

impl Filter for WorkFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::DueOn, Order::Asc)])
    }
}

/// The cases of each selection, for the list and for its counts.
pub struct Selections {
    pub mine: Condition,
    pub unassigned: Condition,
    pub overdue: Condition,
    pub due_within: Condition,
    pub awaiting_office: Condition,
    pub awaiting_sender: Condition,
    pub reminder_due: Condition,
    pub delay_notice_due: Condition,
}

impl WorkFilter {
    /// Refuses codes that are not there.
    pub async fn check(&self, db: &impl ConnectionTrait) -> Result<()> {
        check_filter::<unit::Entity>(db, "unit", self.unit.as_ref()).await
    }

    pub fn selections(&self, officer: &Officer, day: &Day) -> Selections {
        let accounts = officer.author().names().filter_map(|name| name.parse::<Uuid>().ok());
        let mine = Condition::all().add(Column::AssigneeId.is_not_null()).add(Column::AssigneeId.is_in(accounts));
        let is_due = || Condition::all().add(Column::DueOn.is_not_null());
        let is_late = Column::Promise.eq(Promise::Completion);
        let week_ago = facilitation::a_week_before(day.today);
        let unexplained =
            Condition::any().add(Column::DelayExplainedOn.is_null()).add(Column::DelayExplainedOn.lte(week_ago));
        // A day that is no working day has as many left as the last working day before it.
        let beyond = day.calendar.after(day.today, self.due_within.unwrap_or(SOON) + 1);
        Selections {
            mine,
            unassigned: Condition::all().add(Column::AssigneeId.is_null()),
            overdue: is_due().add(Column::DueOn.lt(day.today)),
            due_within: is_due().add(Column::DueOn.gte(day.today)).add(Column::DueOn.lt(beyond)),
            awaiting_office: Condition::all().add(Column::UnansweredAt.is_not_null()),
            awaiting_sender: Condition::all().add(Column::WaitingSince.is_not_null()),
            reminder_due: Condition::all().add(Column::ReminderOn.lte(day.today)),
            delay_notice_due: is_due().add(is_late).add(Column::DueOn.lte(day.today)).add(unexplained),
        }
    }

    /// The cases that are counted, whatever is selected.
    pub fn counted(&self) -> Condition {
        let unit = self.unit.as_ref().map(|codes| Column::UnitId.in_subquery(ids_of::<unit::Entity>(codes)));
        Condition::all()
            .add_option(self.kind.as_ref().map(|kinds| Column::Kind.is_in(kinds.iter().copied())))
            .add_option(unit)
    }

    /// The cases that are listed.
    pub fn listed(&self, selections: &Selections) -> Condition {
        let Self {
            kind: _,
            unit: _,
            assignee_id,
            mine,
            unassigned,
            overdue,
            due_within,
            awaiting_office,
            awaiting_sender,
            reminder_due,
            delay_notice_due,
            sort: _,
        } = self;
        let wanted = |wanted: Option<bool>, selection: &Condition| {
            wanted.map(|is| if is { selection.clone() } else { selection.clone().not() })
        };
        self.counted()
            .add_option(assignee_id.as_ref().map(|ids| Column::AssigneeId.is_in(ids.ids())))
            .add_option(wanted(*mine, &selections.mine))
            .add_option(wanted(*unassigned, &selections.unassigned))
            .add_option(wanted(*overdue, &selections.overdue))
            .add_option(wanted(due_within.map(|_| true), &selections.due_within))
            .add_option(wanted(*awaiting_office, &selections.awaiting_office))
            .add_option(wanted(*awaiting_sender, &selections.awaiting_sender))
            .add_option(wanted(*reminder_due, &selections.reminder_due))
            .add_option(wanted(*delay_notice_due, &selections.delay_notice_due))
    }
}
