//! Which links are checked. A resource with links of its own adds a function to [`SOURCES`].
//!
//! A request to an address shows its server that somebody prepares something. So links of drafts are not checked: of measures, projects
//! and e-services those of published records are. Answers to the ITA are never published here, and must be known to work before they
//! are entered into its form: their links are checked from the first draft.

use entity::state::Publication;
use entity::{agency, e_service, evidence, ita_disclosure, ita_item, measure, project};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::domain::ita::ItemCode;
use crate::error::Result;
use crate::revisions::Resource;

/// A link of a record.
pub struct Use {
    pub resource: Resource,
    /// Id or code.
    pub record: String,
    pub title: String,
    pub fiscal_year: Option<i32>,
    pub url: String,
}

type Source = fn(&DatabaseConnection) -> BoxFuture<'_, Result<Vec<Use>>>;

const SOURCES: &[Source] = &[
    |db| measures(db).boxed(),
    |db| projects(db).boxed(),
    |db| e_services(db).boxed(),
    |db| ita_disclosures(db).boxed(),
    |db| website(db).boxed(),
];

pub async fn all(db: &DatabaseConnection) -> Result<Vec<Use>> {
    let mut all = Vec::new();
    for source in SOURCES {
        all.extend(source(db).await?);
    }
    Ok(all)
}

/// A record with evidence: id, title, year, evidence.
type WithEvidence = (Uuid, String, i32, evidence::EvidenceList);

/// The links among the evidence of records. Our own files are compared with their hash as they are served.
fn links(resource: Resource, records: Vec<WithEvidence>) -> Vec<Use> {
    let uses = |(id, title, year, list): WithEvidence| {
        list.0.into_iter().filter(|evidence| evidence.file.is_none()).map(move |evidence| Use {
            resource,
            record: id.to_string(),
            title: title.clone(),
            fiscal_year: Some(year),
            url: evidence.url,
        })
    };
    records.into_iter().flat_map(uses).collect()
}

async fn measures(db: &DatabaseConnection) -> Result<Vec<Use>> {
    use measure::{Column, Entity};
    let records = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Title, Column::FiscalYear, Column::Evidence])
        .filter(Column::Publication.eq(Publication::Published));
    Ok(links(Resource::Measures, records.into_tuple().all(db).await?))
}

async fn projects(db: &DatabaseConnection) -> Result<Vec<Use>> {
    use project::{Column, Entity};
    let records = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Title, Column::FiscalYear, Column::Evidence])
        .filter(Column::Publication.eq(Publication::Published));
    Ok(links(Resource::Projects, records.into_tuple().all(db).await?))
}

async fn e_services(db: &DatabaseConnection) -> Result<Vec<Use>> {
    use e_service::{Column, Entity};
    let records = Entity::find()
        .select_only()
        .columns([Column::Code, Column::NameTh, Column::ChannelUrl])
        .filter(Column::Publication.eq(Publication::Published))
        .filter(Column::ChannelUrl.is_not_null());
    let records: Vec<(String, String, String)> = records.into_tuple().all(db).await?;
    let uses = records.into_iter().map(|(record, title, url)| {
        let resource = Resource::EServices;
        Use { resource, record, title, fiscal_year: None, url }
    });
    Ok(uses.collect())
}

async fn ita_disclosures(db: &DatabaseConnection) -> Result<Vec<Use>> {
    let answers = ita_disclosure::Entity::find().find_also_related(ita_item::Entity).all(db).await?;
    let uses = |(answer, item): (ita_disclosure::Model, Option<ita_item::Model>)| {
        let links = answer.links.0.into_iter().filter(|link| link.file.is_none());
        item.into_iter().flat_map(move |item| {
            let title = format!("{} {}", ItemCode::stored(item.number), item.title);
            links.clone().map(move |link| Use {
                resource: Resource::ItaDisclosures,
                record: item.id.to_string(),
                title: title.clone(),
                fiscal_year: Some(item.fiscal_year),
                url: link.url,
            })
        })
    };
    Ok(answers.into_iter().flat_map(uses).collect())
}

async fn website(db: &DatabaseConnection) -> Result<Vec<Use>> {
    let agency = agency::Entity::find().one(db).await?;
    let uses = agency.into_iter().filter_map(|agency| {
        let (resource, record) = (Resource::Agency, Resource::Agency.name().to_owned());
        Some(Use { resource, record, title: agency.name_th, fiscal_year: None, url: agency.website? })
    });
    Ok(uses.collect())
}
