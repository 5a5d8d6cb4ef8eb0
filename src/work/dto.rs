//! Open cases as the office sees them in one list.

use chrono::{DateTime, NaiveDate, Utc};
use entity::codes::{self, Code, Coded, Label};
use entity::open_case::{Kind, Model, Promise};
use entity::{complaint, service_request};
use sea_orm::FromQueryResult;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::Row;
use crate::domain::facilitation;
use crate::domain::name::Name;
use crate::domain::working_days::Calendar;
use crate::http::list::{Page, Tabular};
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::references::Referred;
use crate::revisions::Resource;

/// The day on which a list is made, and where.
pub struct Day {
    pub today: NaiveDate,
    pub calendar: Calendar,
    pub public_url: String,
}

impl Day {
    /// Working days until a day, negative for one that has passed.
    fn left(&self, day: NaiveDate) -> i32 {
        let left = self.calendar.between(self.today, day).cast_signed();
        left - self.calendar.between(day, self.today).cast_signed()
    }
}

/// An open complaint or service request, without its texts.
#[derive(Serialize, ToSchema)]
pub struct WorkItem {
    /// Kind of case.
    pub kind: Kind,
    /// Id of the complaint or service request.
    pub id: Uuid,
    /// Number of the case, for inquiries.
    #[schema(max_length = 20, example = "7K3M-9Q2X")]
    pub reference: String,
    /// Status of the case in the workflow of its kind.
    #[schema(max_length = 50, example = "accepted")]
    pub status: String,
    /// Name of the status.
    pub status_label: Label,
    /// Code of the unit that handles the case; null if none does.
    #[schema(required, max_length = 50, example = "legal")]
    pub unit: Option<String>,
    /// Name of that unit.
    #[schema(required)]
    pub unit_name: Option<Name>,
    /// Id of the account that handles the case; null if none does.
    #[schema(required, example = json!(null))]
    pub assignee_id: Option<Uuid>,
    /// Name of that account.
    #[schema(required, max_length = 200, example = json!(null))]
    pub assignee_name: Option<String>,
    /// Time at which the case was received.
    pub received_at: DateTime<Utc>,
    /// Next promise that is still to be kept.
    pub promise: Promise,
    /// Day for which it is promised; null while the deadline is paused.
    #[schema(required, example = "2024-05-07")]
    pub due_on: Option<NaiveDate>,
    /// Working days left until that day, which counts; negative for working days that have passed since. Null while the
    /// deadline is paused.
    #[schema(required, minimum = -100000, maximum = 100000, example = 12)]
    pub days_left: Option<i32>,
    /// Whether that day has passed.
    #[schema(example = false)]
    pub overdue: bool,
    /// Day since when the office has waited for the reporter or applicant; null if it does not.
    #[schema(required, example = json!(null))]
    pub paused_on: Option<NaiveDate>,
    /// Day on which the applicant of a service request is reminded, or the request is rejected with the reason: the day until which they
    /// were asked to answer, or 7 days after `ask`. Null while nothing is asked.
    #[schema(required, example = json!(null))]
    pub reminder_on: Option<NaiveDate>,
    /// Day until which the applicant has to be told why the request is late, with `explain_delay`: the due day, then 7 days after each
    /// notice. Null while it is not late.
    #[schema(required, example = json!(null))]
    pub delay_notice_due_on: Option<NaiveDate>,
    /// Time of the first message of the reporter or applicant that the office has not answered; null if there is none.
    #[schema(required, example = json!(null))]
    pub unanswered_at: Option<DateTime<Utc>>,
    /// Address of the case.
    #[schema(
        format = "uri",
        max_length = 300,
        example = "https://api.example.go.th/v1/complaints/01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"
    )]
    pub url: String,
}

impl WorkItem {
    pub fn of(row: Row, day: &Day) -> Self {
        let Row { case, unit, assignee_name } = row;
        let Model {
            id,
            kind,
            reference,
            status,
            unit_id: _,
            assignee_id,
            recused: _,
            received_at,
            promise,
            due_on,
            waiting_since,
            delay_explained_on,
            reminder_on,
            unanswered_at,
        } = case;
        let completion = due_on.filter(|_| promise == Promise::Completion);
        let collection = match kind {
            Kind::Complaint => "complaints",
            Kind::ServiceRequest => "service-requests",
        };
        Self {
            kind,
            id,
            reference,
            status_label: codes::label_of(&status, status_of(kind, &status)),
            status,
            unit_name: unit.as_ref().map(Referred::name),
            unit: unit.map(|unit| unit.code),
            assignee_id,
            assignee_name,
            received_at,
            promise,
            due_on,
            days_left: due_on.map(|due_on| day.left(due_on)),
            overdue: due_on.is_some_and(|due_on| due_on < day.today),
            paused_on: waiting_since,
            reminder_on,
            delay_notice_due_on: facilitation::delay_notice_due_on(completion, delay_explained_on, day.today),
            unanswered_at,
            url: format!("{}/v1/{collection}/{id}", day.public_url),
        }
    }
}

/// The code of a status of its kind.
fn status_of(kind: Kind, status: &str) -> Option<&'static Code> {
    match kind {
        Kind::Complaint => complaint::Status::of_code(status).map(Coded::coded),
        Kind::ServiceRequest => service_request::Status::of_code(status).map(Coded::coded),
    }
}

impl Tabular for WorkItem {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("kind", |item| Cell::code(item.kind)),
        ("id", |item| item.id.to_string().into()),
        ("reference", |item| item.reference.as_str().into()),
        ("status", |item| Cell::stored(&item.status, status_of(item.kind, &item.status))),
        ("unit", |item| Cell::records(Resource::Units, &item.unit)),
        ("assignee_id", |item| item.assignee_id.map(|id| id.to_string()).into()),
        ("assignee_name", |item| item.assignee_name.as_deref().into()),
        ("received_at", |item| item.received_at.into()),
        ("promise", |item| Cell::code(item.promise)),
        ("due_on", |item| item.due_on.into()),
        ("days_left", |item| item.days_left.into()),
        ("overdue", |item| item.overdue.into()),
        ("paused_on", |item| item.paused_on.into()),
        ("reminder_on", |item| item.reminder_on.into()),
        ("delay_notice_due_on", |item| item.delay_notice_due_on.into()),
        ("unanswered_at", |item| item.unanswered_at.into()),
        ("url", |item| item.url.as_str().into()),
    ];
}

/// A page of open cases, and how many there are of each selection.
#[derive(Serialize, ToSchema)]
pub struct WorkList {
    /// The cases of this page.
    #[schema(max_items = 100)]
    pub items: Vec<WorkItem>,
    /// Position of this page in the list.
    pub page: Page,
    /// How many open cases there are, whatever is selected.
    pub counts: WorkCounts,
}

/// Numbers of open cases of the same kinds and units that the officer may see.
#[derive(Default, Serialize, ToSchema, FromQueryResult)]
pub struct WorkCounts {
    /// All of them.
    #[schema(minimum = 0, maximum = 1000000000, example = 42)]
    pub open: i64,
    /// Those that the officer handles.
    #[schema(minimum = 0, maximum = 1000000000, example = 7)]
    pub mine: i64,
    /// Those that nobody handles.
    #[schema(minimum = 0, maximum = 1000000000, example = 3)]
    pub unassigned: i64,
    /// Those whose due day has passed.
    #[schema(minimum = 0, maximum = 1000000000, example = 1)]
    pub overdue: i64,
    /// Those that are due within the working days of `due_within`, or within 5.
    #[schema(minimum = 0, maximum = 1000000000, example = 5)]
    pub due_within: i64,
    /// Those in which a message of the reporter or applicant is not answered.
    #[schema(minimum = 0, maximum = 1000000000, example = 2)]
    pub awaiting_office: i64,
    /// Those in which the office waits for the reporter or applicant.
    #[schema(minimum = 0, maximum = 1000000000, example = 1)]
    pub awaiting_sender: i64,
    /// Service requests whose applicant is to be reminded by today.
    #[schema(minimum = 0, maximum = 1000000000, example = 0)]
    pub reminder_due: i64,
    /// Service requests whose applicant has to be told by today why they are late.
    #[schema(minimum = 0, maximum = 1000000000, example = 0)]
    pub delay_notice_due: i64,
}
