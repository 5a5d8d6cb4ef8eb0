//! What a caller sees of the records whose changes are listed.

use std::collections::HashMap;

use entity::publication::Status;
use entity::state::Publication;
use entity::{
    closed_day, complaint_category, e_service, guide, holiday, ita_item, ita_year, measure, project, public_file,
    publication as report_publication, reported_figure, unit,
};
use sea_orm::{ColumnTrait, Condition, DatabaseConnection, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::audit_log::author::{Author, UnitScope};
use crate::audit_log::followed::PUBLIC;
use crate::auth::Officer;
use crate::auth::scope::{EServicesWrite, ItaRead, MeasuresRead, ProjectsRead, PublicationsRead, Scope};
use crate::auth::token::Claims;
use crate::cases::Case;
use crate::complaints::store::Row as Complaint;
use crate::domain::change::ChangeKind;
use crate::e_services::requests::store::Row as ServiceRequest;
use crate::error::Result;
use crate::revisions::Resource;
use crate::{ita, measures, projects, publication};

/// Some records as a caller sees them: what is true of each, and its address.
pub type Seen = HashMap<Uuid, (ChangeKind, Option<String>)>;

/// Who asks for changes.
pub struct Reader<'a> {
    pub db: &'a DatabaseConnection,
    pub claims: Option<Claims>,
}

impl Reader<'_> {
    /// Whether some cases are open to them.
    pub fn is_officer(&self) -> bool {
        let officer = self.claims.as_ref().map(Officer::of);
        officer.is_some_and(|Officer { complaints, service_requests }| {
            [complaints, service_requests].iter().any(|author| author.units != UnitScope::Nothing)
        })
    }

    /// What the response depends on: for the public alone it can be told without the times of confidential changes.
    pub fn depends_on(&self) -> &'static [Resource] {
        if self.claims.is_some() { &[] } else { PUBLIC }
    }

    fn has<S: Scope>(&self) -> bool {
        self.claims.as_ref().is_some_and(|claims| claims.has(S::NAME))
    }

    fn units<S: Scope>(&self) -> UnitScope {
        let held = self.claims.as_ref().filter(|claims| claims.has(S::NAME));
        held.map_or(UnitScope::Nothing, |claims| claims.units_of(S::NAME))
    }

    /// Those of some records of a kind that the caller sees.
    pub async fn seen(&self, resource: Resource, ids: &[Uuid]) -> Result<Seen> {
        match resource {
            Resource::Units => self.public::<unit::Entity>(resource, unit::Column::Id, ids).await,
            Resource::Holidays => self.public::<holiday::Entity>(resource, holiday::Column::Id, ids).await,
            Resource::PublicFiles => self.public::<public_file::Entity>(resource, public_file::Column::Id, ids).await,
            Resource::ClosedDays => self.public::<closed_day::Entity>(resource, closed_day::Column::Id, ids).await,
            Resource::ReportedFigures => {
                self.public::<reported_figure::Entity>(resource, reported_figure::Column::Id, ids).await
            }
            Resource::ComplaintCategories => {
                self.public::<complaint_category::Entity>(resource, complaint_category::Column::Id, ids).await
            }
            Resource::Measures => {
                let reached = measures::store::reached(&self.units::<MeasuresRead>());
                let columns = [measure::Column::Id, measure::Column::Publication];
                self.published::<measure::Entity>(resource, columns, reached, ids).await
            }
            Resource::Projects => {
                let reached = projects::store::reached(&self.units::<ProjectsRead>());
                let columns = [project::Column::Id, project::Column::Publication];
                self.published::<project::Entity>(resource, columns, reached, ids).await
            }
            Resource::EServices => self.e_services(ids).await,
            Resource::Publications => self.publications(ids).await,
            Resource::Guides => self.guides(ids).await,
            Resource::ItaYears => self.ita_years(ids).await,
            Resource::ItaItems => self.ita_items("", ids).await,
            Resource::ItaDisclosures if self.has::<ItaRead>() => self.ita_items("/disclosure", ids).await,
            Resource::Complaints => self.cases::<Complaint>(|officer| officer.complaints, ids).await,
            Resource::ServiceRequests => self.cases::<ServiceRequest>(|officer| officer.service_requests, ids).await,
            _ => Ok(Seen::new()),
        }
    }

    /// Records that are public as long as they exist.
    async fn public<E: EntityTrait>(&self, resource: Resource, id: E::Column, ids: &[Uuid]) -> Result<Seen> {
        let select = E::find().filter(id.is_in(ids.iter().copied())).select_only().column(id);
        let found = select.into_tuple::<Uuid>().all(self.db).await?;
        Ok(or_deleted(ids, found.into_iter().map(|id| (id, address(resource, id)))))
    }

    /// Records that are public once they are published. Drafts alone can be deleted.
    async fn published<E: EntityTrait>(
        &self,
        resource: Resource,
        [id, state]: [E::Column; 2],
        reached: Condition,
        ids: &[Uuid],
    ) -> Result<Seen> {
        let select = E::find().filter(id.is_in(ids.iter().copied())).filter(publication::not_draft(state, reached));
        let found = select.select_only().columns([id, state]).into_tuple::<(Uuid, Publication)>().all(self.db).await?;
        Ok(found.into_iter().map(|(id, state)| (id, (kind_of(state), Some(address(resource, id))))).collect())
    }

    async fn e_services(&self, ids: &[Uuid]) -> Result<Seen> {
        let rows = e_service::Entity::find().filter(e_service::Column::Id.is_in(ids.iter().copied()));
        let units = self.units::<EServicesWrite>();
        let is_open =
            |row: &e_service::Model| row.publication != Publication::Draft || units.includes(Some(row.unit_id));
        let rows = rows.all(self.db).await?.into_iter().filter(is_open);
        Ok(rows.map(|row| (row.id, (kind_of(row.publication), Some(format!("/v1/e-services/{}", row.code))))).collect())
    }

    async fn publications(&self, ids: &[Uuid]) -> Result<Seen> {
        let rows = report_publication::Entity::find().filter(report_publication::Column::Id.is_in(ids.iter().copied()));
        let is_staff = self.has::<PublicationsRead>();
        let rows = rows.all(self.db).await?.into_iter().filter(|row| is_staff || row.status == Status::Published);
        Ok(rows.map(|row| (row.id, updated(address(Resource::Publications, row.id)))).collect())
    }

    async fn guides(&self, ids: &[Uuid]) -> Result<Seen> {
        let rows = guide::Entity::find().filter(guide::Column::Id.is_in(ids.iter().copied())).all(self.db).await?;
        Ok(rows.into_iter().map(|row| (row.id, updated(format!("/v1/guides/{}", row.code)))).collect())
    }

    async fn ita_years(&self, ids: &[Uuid]) -> Result<Seen> {
        let rows =
            ita_year::Entity::find().filter(ita_year::Column::Id.is_in(ids.iter().copied())).all(self.db).await?;
        Ok(rows.into_iter().map(|row| (row.id, updated(format!("/v1/ita/{}", row.fiscal_year)))).collect())
    }

    /// Items, or the answers to them, which have their ids.
    async fn ita_items(&self, below: &str, ids: &[Uuid]) -> Result<Seen> {
        let rows =
            ita_item::Entity::find().filter(ita_item::Column::Id.is_in(ids.iter().copied())).all(self.db).await?;
        let address = |row: &ita_item::Model| format!("{}{below}", ita::items::store::address(row));
        Ok(or_deleted(ids, rows.iter().map(|row| (row.id, address(row)))))
    }

    async fn cases<C: Case>(&self, author: impl Fn(Officer) -> Author, ids: &[Uuid]) -> Result<Seen> {
        let Some(claims) = &self.claims else { return Ok(Seen::new()) };
        let seen =
            C::Table::find().filter(C::ID.is_in(ids.iter().copied())).filter(C::seen_by(&author(Officer::of(claims))));
        let found = seen.select_only().column(C::ID).into_tuple::<Uuid>().all(self.db).await?;
        Ok(found.into_iter().map(|id| (id, updated(address(C::RESOURCE, id)))).collect())
    }
}

fn address(resource: Resource, id: Uuid) -> String {
    format!("/v1/{}/{id}", resource.name())
}

fn updated(address: String) -> (ChangeKind, Option<String>) {
    (ChangeKind::Updated, Some(address))
}

fn kind_of(state: Publication) -> ChangeKind {
    if state == Publication::Unpublished { ChangeKind::Unpublished } else { ChangeKind::Updated }
}

/// Records that no longer exist if they are not found.
fn or_deleted(ids: &[Uuid], found: impl Iterator<Item = (Uuid, String)>) -> Seen {
    let mut seen: Seen = ids.iter().map(|id| (*id, (ChangeKind::Deleted, None))).collect();
    seen.extend(found.map(|(id, address)| (id, updated(address))));
    seen
}
