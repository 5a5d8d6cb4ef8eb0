//! Texts of the agency that go with a case: the notices that its sender was shown, and what is still possible at its end.

use entity::guide::{Column, Entity, Occasion};
use entity::texts::Texts;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde::Serialize;
use utoipa::ToSchema;

use super::paper::Arrival;
use crate::db::sql;
use crate::domain::name::Name;
use crate::error::Result;

/// A notice that the sender of a case was shown, `GET /v1/guides/{guide}/versions` has its text.
#[derive(Serialize, ToSchema)]
pub struct ShownNotice {
    /// Code of the notice.
    #[schema(max_length = 50, example = "privacy-notice")]
    code: String,
    /// Its version at that time.
    #[schema(minimum = 1, maximum = 1000000, example = 1)]
    version: i32,
}

/// What the sender of a closed case can still do.
#[derive(Serialize, ToSchema)]
pub struct NextStep {
    /// Title of the text.
    title: Name,
    /// The text in Thai.
    #[schema(max_length = 8000, example = "หากมีข้อมูลหรือหลักฐานใหม่ โปรดติดต่อเทศบาลโดยแจ้งเลขรับเรื่อง")]
    text: String,
    /// The text in English; null if there is none.
    #[schema(required, max_length = 8000, example = json!(null))]
    text_en: Option<String>,
}

/// The version of each guide that is in use.
pub fn current() -> Select<Entity> {
    let other = Alias::new("other");
    let latest = Query::select()
        .expr(Func::max(Expr::col((other.clone(), Column::Version))))
        .from_as(Entity, other.clone())
        .and_where(Expr::col((other, Column::Code)).equals((Entity, Column::Code)))
        .to_owned();
    Entity::find().filter(Expr::col((Entity, Column::Version)).eq(sql::value(latest)))
}

/// The notices that are shown before a case of a kind is sent, each as `code/version`. An officer who enters one shows none of them.
pub async fn notices(db: &impl ConnectionTrait, intake: Occasion, arrival: &Arrival) -> Result<Texts> {
    if arrival.entered_by.is_some() {
        return Ok(Texts::default());
    }
    let shown = current().filter(Column::Occasion.is_in([Occasion::Intake, intake])).order_by_asc(Column::Code);
    let shown = shown.select_only().columns([Column::Code, Column::Version]).into_tuple::<(String, i32)>();
    Ok(Texts(shown.all(db).await?.into_iter().map(|(code, version)| format!("{code}/{version}")).collect()))
}

/// The notices of a case.
pub fn shown(notices: &Texts) -> Vec<ShownNotice> {
    let parts = notices.0.iter().filter_map(|notice| notice.rsplit_once('/'));
    parts
        .filter_map(|(code, version)| Some(ShownNotice { code: code.to_owned(), version: version.parse().ok()? }))
        .collect()
}

/// What can still be done once a case has ended.
pub async fn next_steps(db: &impl ConnectionTrait, end: Occasion) -> Result<Vec<NextStep>> {
    let texts = current().filter(Column::Occasion.eq(end)).order_by_asc(Column::Code).all(db).await?;
    let step = |guide: entity::guide::Model| NextStep {
        title: Name { th: guide.title_th, en: guide.title_en },
        text: guide.text_th,
        text_en: guide.text_en,
    };
    Ok(texts.into_iter().map(step).collect())
}
