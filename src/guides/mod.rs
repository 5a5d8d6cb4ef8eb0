//! Texts that the agency keeps for citizens and officers: `/v1/guides`.

mod dto;
pub mod store;

use actix_web::{get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audit_log::append::Event;
use crate::auth::Actor;
use crate::auth::scope::GuidesWrite;
use crate::domain::field_code::Violation;
use crate::error::Result;
use crate::http::body::{Json, Patch};
use crate::http::etag::IfMatch;
use crate::http::idempotency::write_once;
use crate::http::list::{Items, List, Paging};
use crate::http::params::{Path, Segment, as_code};
use crate::http::response::{ReadResponse, WriteResponse};
use crate::revisions::Resource;
use crate::state::State;

pub use dto::{Guide, GuideFilter, GuideInput, GuideVersionFilter};

const DEPENDS_ON: &[Resource] = &[Resource::Guides];

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_guides)
        .service(create_guide)
        .service(get_guide)
        .service(update_guide)
        .service(list_guide_versions);
}

/// List guides
///
/// Lists the texts that the agency keeps for citizens and officers, in the version that is in use: guides to complaints and
/// e-services, notices to show before something is sent, what people can still do once their case is closed, and ready
/// texts for officers. Each names the law that it follows, and whether the reference was compared with the law.
#[utoipa::path(tag = "guides", params(GuideFilter, Paging), responses((status = 200, body = Items<Guide>)))]
#[get("/v1/guides")]
async fn list_guides(app: State, list: List<GuideFilter>) -> Result<ReadResponse> {
    let found = store::list(&app, &list).await?.map(Guide::from);
    list.answer(found, "guides", DEPENDS_ON).await
}

/// Create a guide
///
/// Creates the first version of a text, which is public immediately.
#[utoipa::path(
    tag = "guides",
    security(("bearer" = ["guides:write"])),
    request_body = GuideInput,
    responses((status = 201, body = Guide)),
)]
#[post("/v1/guides")]
async fn create_guide(app: State, actor: Actor<GuidesWrite>, body: Json<GuideInput>) -> Result<WriteResponse> {
    let Json { value: input, key, .. } = body;
    write_once(&app.db, &actor.author, key, |write| async move {
        let row = store::insert(&write, input).await?;
        let (address, etag) = (format!("/v1/guides/{}", row.code), etag(&row));
        let event = Event::about("create", &row);
        write.commit([event], WriteResponse::created(&Guide::from(row), address, etag)?)
    })
    .await
}

/// Get a guide
///
/// Returns the version that is in use.
#[utoipa::path(
    tag = "guides",
    params(("guide" = String, Path)),
    responses((status = 200, body = Guide), (status = 404)),
)]
#[get("/v1/guides/{guide}")]
async fn get_guide(app: State, code: Path<GuideCode>) -> Result<ReadResponse> {
    let row = store::find(app.db.reader(), &code.0.0).await?;
    let etag = etag(&row);
    ReadResponse::record(&Guide::from(row), etag, DEPENDS_ON)
}

/// Update a guide
///
/// Creates a new version, which is in use immediately. Cases keep the version that was shown when they were sent.
#[utoipa::path(
    tag = "guides",
    security(("bearer" = ["guides:write"])),
    params(("guide" = String, Path)),
    request_body(content = Patch<GuideInput>, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Guide), (status = 404)),
)]
#[patch("/v1/guides/{guide}")]
async fn update_guide(
    app: State,
    actor: Actor<GuidesWrite>,
    code: Path<GuideCode>,
    if_match: IfMatch,
    patch: Patch<GuideInput>,
) -> Result<WriteResponse> {
    app.db
        .write(&actor.author, move |write| async move {
            let row = store::lock(&write, &code.0.0).await?;
            if_match.check(row.version)?;
            let input = patch.onto(&GuideInput::from(&row))?;
            let row = store::update(&write, &row, input).await?;
            let (etag, event) = (etag(&row), Event::about("update", &row));
            write.commit([event], WriteResponse::changed(&Guide::from(row), etag)?)
        })
        .await
}

/// List the versions of a guide
///
/// Lists all versions of a text, newest first.
#[utoipa::path(
    tag = "guides",
    params(("guide" = String, Path), GuideVersionFilter, Paging),
    responses((status = 200, body = Items<Guide>), (status = 404)),
)]
#[get("/v1/guides/{guide}/versions")]
async fn list_guide_versions(
    app: State,
    code: Path<GuideCode>,
    list: List<GuideVersionFilter>,
) -> Result<ReadResponse> {
    store::find(app.db.reader(), &code.0.0).await?;
    let select = store::versions(&code.0.0, list.filter.version);
    let found = list.find::<entity::guide::Model>(&app.db, select).await?;
    list.answer(found.map(Guide::from), "guide-versions", DEPENDS_ON).await
}

/// The code of a guide in an address.
struct GuideCode(String);

impl Segment for GuideCode {
    const NAME: &str = "guide";

    fn read(text: &str) -> Result<Self, Violation> {
        Ok(Self(as_code(text).to_owned()))
    }
}

/// Nothing else shows in the record.
fn etag(row: &entity::guide::Model) -> String {
    format!("\"{}\"", row.version)
}
