//! Recusals as clients see them.

use chrono::{DateTime, Utc};
use entity::complaint::{Column, Entity, Model, RecusalProposal as Stored};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::domain::complaint::RecusalDecision;
use crate::domain::text::Line;
use crate::http::list::{Filter, Tabular};
use crate::http::sort::{self, Sort, Sortable};
use crate::http::spreadsheet::{Cell, TableColumn};
use crate::references::Names;
use crate::revisions::Resource;

/// The people who must not see a complaint, because they are accused or head the accused unit, and that unit.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "recused": ["01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"], "accused_unit": "public-works" }))]
pub struct RecusalInput {
    /// All recused people, including those already recused: ids of accounts or clients, or `oidc:` and the subject of a
    /// person of the identity provider.
    #[schema(max_items = 100)]
    pub recused: Vec<Line<170>>,
    /// Code of the unit that the complaint is about, or null. This unit and the units above and below it do not handle
    /// the complaint.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    pub accused_unit: Option<Line<50>>,
}

/// A proposed recusal that a second person has not yet confirmed.
#[derive(Serialize, ToSchema)]
pub struct RecusalProposal {
    /// Id of the complaint.
    pub complaint_id: Uuid,
    /// Number of the complaint, for inquiries.
    #[schema(max_length = 20, example = "7K3M-9Q2X")]
    pub reference: String,
    /// People who would no longer see the complaint, identified as in the audit log.
    #[schema(value_type = Vec<Line<170>>, max_items = 100, example = json!(["01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"]))]
    pub recused: Vec<String>,
    /// The same people with their names.
    #[schema(max_items = 100)]
    pub recused_people: Vec<RecusedPerson>,
    /// Code of the proposed accused unit; null if there is none.
    #[schema(required, max_length = 50, example = "public-works")]
    pub accused_unit: Option<String>,
    /// Id of the account or client that made the proposal.
    #[schema(max_length = 170, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c12")]
    pub proposed_by_id: String,
    /// Name of that account or client; null if it is neither of this service.
    #[schema(required, max_length = 200, example = "สมชาย ใจดี")]
    pub proposed_by_name: Option<String>,
    /// Time of the proposal.
    pub proposed_at: DateTime<Utc>,
}

/// A person who must not see a complaint.
#[derive(Serialize, ToSchema)]
pub struct RecusedPerson {
    /// Id of the account or client, or `oidc:` and the subject of a person of the identity provider.
    #[schema(max_length = 170, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    pub id: String,
    /// Name of that account or client; null if it is neither of this service.
    #[schema(required, max_length = 200, example = "สมศรี ใจดี")]
    pub name: Option<String>,
}

impl RecusedPerson {
    pub fn each(recused: &[String], names: &Names) -> Vec<Self> {
        recused.iter().map(|id| Self { id: id.clone(), name: names.get(id).cloned() }).collect()
    }
}

impl RecusalProposal {
    pub fn of(complaint: &Model, names: &Names) -> Option<Self> {
        let Stored { recused, accused_unit, proposed_by, proposed_at, rejected_at: _ } = waiting(complaint)?.clone();
        Some(Self {
            complaint_id: complaint.id,
            reference: complaint.reference.clone(),
            recused_people: RecusedPerson::each(&recused, names),
            recused,
            accused_unit,
            proposed_by_name: names.get(&proposed_by).cloned(),
            proposed_by_id: proposed_by,
            proposed_at,
        })
    }
}

/// The proposal that a second person has to decide about.
pub fn waiting(complaint: &Model) -> Option<&Stored> {
    complaint.recusal_proposal.as_ref().filter(|stored| stored.rejected_at.is_none())
}

impl Tabular for RecusalProposal {
    const COLUMNS: &[TableColumn<Self>] = &[
        ("complaint_id", |proposal| proposal.complaint_id.to_string().into()),
        ("reference", |proposal| proposal.reference.as_str().into()),
        ("recused", |proposal| proposal.recused.join(" ").into()),
        ("recused_people", |proposal| {
            let names = proposal.recused_people.iter().filter_map(|person| person.name.clone());
            Cell::from(&*names.collect::<Vec<_>>())
        }),
        ("accused_unit", |proposal| Cell::records(Resource::Units, &proposal.accused_unit)),
        ("proposed_by_id", |proposal| proposal.proposed_by_id.as_str().into()),
        ("proposed_by_name", |proposal| proposal.proposed_by_name.as_deref().into()),
        ("proposed_at", |proposal| proposal.proposed_at.into()),
    ];
}

/// A decision about a proposed recusal.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "action": "confirm", "proposed_at": "2024-04-11T03:15:00.000Z" }))]
pub struct RecusalTransition {
    /// The decision.
    pub action: RecusalDecision,
    /// `proposed_at` of the proposal, so that a replaced proposal is not confirmed by mistake. A rejection applies to
    /// the pending proposal.
    pub proposed_at: DateTime<Utc>,
}

/// Which proposals to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RecusalFilter {
    /// Sort order. A minus sign reverses a field. By default by complaint, the first received first.
    #[param(inline, explode = false, min_items = 1, max_items = 2, example = json!(["reference"]))]
    pub sort: Option<Vec<RecusalSort>>,
}

type RecusalSort = Sort<RecusalProposal, Entity>;

/// A proposal stands in the row of its complaint.
impl Sortable<Entity> for RecusalProposal {
    const RECORDS: &str = "proposed recusals";
    const BY: &'static [(&'static str, Column)] = &[("complaint_id", Column::Id), ("reference", Column::Reference)];
}

impl Filter for RecusalFilter {
    type Entity = Entity;

    fn order(&self) -> Vec<(Column, Order)> {
        sort::order(self.sort.as_deref(), &[])
    }
}
