//! The feed of what was published.

use actix_web::get;
use chrono::SecondsFormat;
use entity::agency;
use entity::publication::{Column, Entity, Model, Status};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::store;
use crate::error::{Code, Result};
use crate::http::atom::{Entry, Feed};
use crate::http::negotiation::{Format, ReportFormat};
use crate::http::response::ReadResponse;
use crate::revisions::Resource;
use crate::state::State;

/// Entries of the feed at most.
const MOST_ENTRIES: u64 = 50;

/// What was published, the latest first.
pub async fn latest(db: &impl ConnectionTrait, most: u64) -> Result<Vec<Model>> {
    let published = Entity::find()
        .filter(Column::Status.eq(Status::Published))
        .order_by_desc(Column::PublishedAt)
        .order_by_desc(Column::Id)
        .limit(most);
    Ok(published.all(db).await?)
}

/// Get the feed of publications
///
/// Returns an Atom feed (RFC 4287) of the last 50 published versions of reports: title, version and reason, with the address of the
/// page to print.
#[utoipa::path(
    tag = "publications",
    responses((status = 200, body = String, content_type = "application/atom+xml")),
)]
#[get("/v1/publications.atom")]
pub async fn get_publication_feed(app: State) -> Result<ReadResponse> {
    const DEPENDS_ON: &[Resource] = &[Resource::Publications, Resource::Agency];
    let (db, url) = (app.db.reader(), &app.site.public_url);
    let author = agency::Entity::find().one(db).await?.ok_or(Code::Internal)?.name_th;
    let entry = |publication: &Model| {
        let number = publication.number;
        Some(Entry {
            id: format!("urn:uuid:{}", publication.id),
            title: format!("{} (ฉบับที่ {number})", publication.title),
            updated: publication.published_at?.to_rfc3339_opts(SecondsFormat::Secs, true),
            link: Some(format!("{url}{}", store::address_of_file(publication, ReportFormat::Html))),
            content: publication.reason.clone().unwrap_or_else(|| publication.title.clone()),
        })
    };
    let entries = latest(db, MOST_ENTRIES).await?.iter().filter_map(entry).collect();
    let title = format!("รายงานที่เผยแพร่ – {author}");
    let body = Feed { address: format!("{url}/v1/publications.atom"), title, author, entries }.to_xml()?;
    Ok(ReadResponse::new(body, Format::Atom, DEPENDS_ON).by_content())
}
