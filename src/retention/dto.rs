//! Cases that are about to be destroyed, as auditors and operators see them. What was written in one does not show.

use chrono::{DateTime, NaiveDate, Utc};
use entity::codes::{Code, Coded};
use entity::retention_listing::{Column, Entity, Kind, Model};
use entity::{complaint, service_request};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store::{Hold, Row};
use crate::http::list::{Filter, Tabular};
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::references::Names;
use crate::revisions::Resource;

/// A closed case that is due for destruction.
#[derive(Serialize, ToSchema)]
pub struct DueCase {
    /// Id of the complaint or service request.
    pub id: Uuid,
    /// Number of the case.
    #[schema(max_length = 20, example = "7K3M-9Q2X")]
    pub reference: String,
    /// Kind of the complaint, or `request` for a service request.
    pub kind: Kind,
    /// Code of the e-service of a service request; null for a complaint.
    #[schema(required, max_length = 50, example = json!(null))]
    pub e_service: Option<String>,
    /// Outcome of a complaint, or the status in which the case was closed.
    #[schema(max_length = 50, example = "substantiated")]
    pub result: String,
    /// Day on which the case was closed.
    #[schema(example = "2014-03-31")]
    pub closed_on: NaiveDate,
    /// First day after the retention period.
    #[schema(example = "2024-03-31")]
    pub retention_ends_on: NaiveDate,
    /// First of the 30 days of notice.
    #[schema(example = "2024-03-01")]
    pub listed_on: NaiveDate,
    /// First day on which the case is destroyed if that is approved; null while it is on hold.
    #[schema(required, example = "2024-03-31")]
    pub destroy_on: Option<NaiveDate>,
    /// Instant at which the destruction was approved; null if it is not.
    #[schema(required, example = json!(null))]
    pub approved_at: Option<DateTime<Utc>>,
    /// Id of the account that approved it; null if it is not approved.
    #[schema(required, max_length = 200, example = json!(null))]
    pub approved_by_id: Option<String>,
    /// Name of that account; null if it is not approved.
    #[schema(required, max_length = 200, example = json!(null))]
    pub approved_by_name: Option<String>,
    /// Number of the letter with which it was approved; null if none was stated, or it is not approved.
    #[schema(required, max_length = 100, example = json!(null))]
    pub document_number: Option<String>,
    /// Whether a hold prevents destruction.
    #[schema(example = false)]
    pub on_hold: bool,
    /// Time since when the case is on hold; null if it is not.
    #[schema(required, example = json!(null))]
    pub held_at: Option<DateTime<Utc>>,
    /// Reason of the hold, given by an operator; null for a hold of an officer, which has no reason.
    #[schema(required, max_length = 1000, example = json!(null))]
    pub hold_reason: Option<String>,
}

impl DueCase {
    pub fn of(Row { listing, on_hold }: Row, hold: Option<Hold>, names: &Names) -> Self {
        let Model {
            case_id,
            reference,
            kind,
            e_service,
            outcome,
            closed_on,
            ends_on,
            listed_on,
            destroy_on,
            approved_at,
            approved_by,
            document_number,
        } = listing;
        let (held_at, hold_reason) = hold.map_or((None, None), |hold| (Some(hold.since), hold.reason));
        let destroy_on = Some(destroy_on).filter(|_| !on_hold);
        Self {
            id: case_id,
            reference,
            kind,
            e_service,
            result: outcome,
            closed_on,
            retention_ends_on: ends_on,
            listed_on,
            destroy_on,
            approved_at,
            approved_by_name: approved_by.as_ref().and_then(|approver| names.get(approver)).cloned(),
            approved_by_id: approved_by,
            document_number,
            on_hold,
            held_at,
            hold_reason,
        }
    }
}

/// Which cases to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DueFilter {
    /// Cases of one of these kinds.
    #[param(inline, explode = false, min_items = 1, max_items = 5, example = json!(["corruption", "request"]))]
    pub kind: Option<Vec<Kind>>,
    /// `true`: cases on hold. `false`: all others.
    #[param(example = false)]
    pub on_hold: Option<bool>,
    /// `true`: cases whose destruction is approved. `false`: all others.
    #[param(example = false)]
    pub approved: Option<bool>,
    /// Cases that can be destroyed before this day. Cases on hold are left out.
    #[param(example = "2024-04-01")]
    pub destroy_before: Option<NaiveDate>,
    /// Sort order. A minus sign reverses a field. By default in the order of destruction.
    #[param(inline, explode = false, min_items = 1, max_items = 3, example = json!(["-closed_on"]))]
    pub sort: Option<Vec<DueSort>>,
}

type DueSort = Sort<Entity>;

impl Sortable for Entity {
    const RECORDS: &str = "cases";
    const BY: &'static [(&'static str, Column)] = &[
        ("destroy_on", Column::DestroyOn),
        ("closed_on", Column::ClosedOn),
        ("retention_ends_on", Column::EndsOn),
        ("listed_on", Column::ListedOn),
    ];
}

impl Filter for DueFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[(Column::DestroyOn, Order::Asc)])
    }
}

/// A result is a code of the kind of case that it is of.
fn result(case: &DueCase) -> Cell {
    fn known<C: Coded>(code: &str) -> Option<&'static Code> {
        C::of_code(code).map(C::coded)
    }
    let code = &*case.result;
    let known = match case.kind {
        Kind::Request => known::<service_request::Status>(code),
        _ => known::<complaint::Outcome>(code).or(known::<complaint::Status>(code)),
    };
    Cell::stored(code, known)
}

impl Tabular for DueCase {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("id", |case| case.id.to_string().into()),
        ("reference", |case| case.reference.as_str().into()),
        ("kind", |case| Cell::code(case.kind)),
        ("e_service", |case| Cell::records(Resource::EServices, &case.e_service)),
        ("result", result),
        ("closed_on", |case| case.closed_on.into()),
        ("retention_ends_on", |case| case.retention_ends_on.into()),
        ("listed_on", |case| case.listed_on.into()),
        ("destroy_on", |case| case.destroy_on.into()),
        ("approved_at", |case| case.approved_at.into()),
        ("approved_by_id", |case| case.approved_by_id.as_deref().into()),
        ("approved_by_name", |case| case.approved_by_name.as_deref().into()),
        ("document_number", |case| case.document_number.as_deref().into()),
        ("on_hold", |case| case.on_hold.into()),
        ("held_at", |case| case.held_at.into()),
        ("hold_reason", |case| case.hold_reason.as_deref().into()),
    ];
}
