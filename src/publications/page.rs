//! What was published, as a page for people: `/publications`.

use actix_web::{HttpRequest, get};
use chrono::NaiveDate;
use entity::agency;
use entity::codes::Coded;
use entity::publication::Model;
use maud::{Markup, html};
use sea_orm::EntityTrait;
use serde::Deserialize;
use utoipa::IntoParams;

use super::dto::PublishedFile;
use super::feed;
use super::shown::Shown;
use super::store::Row;
use crate::domain::message::{Language, Localized};
use crate::domain::thai;
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Result};
use crate::http::context::accepted_language;
use crate::http::negotiation::Format;
use crate::http::params::Query;
use crate::http::response::ReadResponse;
use crate::meta::pages::{page, say};
use crate::revisions::Resource;
use crate::state::State;

/// Versions on the page at most.
const MOST: u64 = 500;

/// How the page is shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Language of the page; by default that of `Accept-Language`.
    #[param(inline, example = "en")]
    lang: Option<Language>,
}

/// Get the page of publications
///
/// Returns a page for people: the published reports, the latest first, with their files and hashes.
#[utoipa::path(
    tag = "publications",
    params(Asked),
    responses((status = 200, body = String, content_type = "text/html")),
)]
#[get("/publications")]
pub async fn get_publication_page(app: State, asked: Query<Asked>, request: HttpRequest) -> Result<ReadResponse> {
    const DEPENDS_ON: &[Resource] = &[Resource::Publications, Resource::Agency];
    let language = asked.0.lang.unwrap_or_else(|| accepted_language(request.headers()));
    let agency = agency::Entity::find().one(app.db.reader()).await?.ok_or(Code::Internal)?.name_th;
    let published = feed::latest(app.db.reader(), MOST).await?;
    let shown = Shown::to_everybody(&app);
    let content = html! {
        p { (agency) }
        @if published.is_empty() { p { (say(language, "ยังไม่มีรายงานที่เผยแพร่", "Nothing is published yet.")) } }
        @for publication in published { (section(language, &shown, publication)) }
    };
    let body = page(language, "/publications", say(language, "รายงานที่เผยแพร่", "Published reports"), content);
    Ok(ReadResponse::new(body.into_bytes(), Format::Html, DEPENDS_ON).by_content())
}

fn date(language: Language, day: NaiveDate) -> String {
    match language {
        Language::Thai => thai::date(day),
        Language::English => day.to_string(),
    }
}

fn section(language: Language, shown: &Shown, publication: Model) -> Markup {
    let say = |th, en| say(language, th, en);
    let publication = shown.publication(Row { publication, steps: Vec::new() });
    let day = publication.published_at.map(bangkok_day);
    html! {
        h2 { (publication.title) }
        p {
            (say("ปีงบประมาณ พ.ศ.", "Fiscal year")) " " (publication.fiscal_year) " · "
            (say("ฉบับที่", "version")) " " (publication.number)
            @if let Some(day) = day { " · " (say("เผยแพร่วันที่", "published on")) " " (date(language, day)) }
        }
        @if let Some(reason) = &publication.reason {
            p { (say("เหตุผลที่แก้ไข:", "Reason of the correction:")) " " (reason) }
        }
        dl {
            @for file in &publication.files { (link(language, file)) }
        }
    }
}

fn link(language: Language, file: &PublishedFile) -> Markup {
    html! {
        dt { a href=(file.url) { (file.format.label().localized(language)) } }
        dd { (file.size_bytes) " " (say(language, "ไบต์", "bytes")) " · SHA-256 " code { (file.sha256) } }
    }
}
