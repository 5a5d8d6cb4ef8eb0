//! Texts of the agency that go with a case: the notices that its sender was shown, and what is still possible at its end.

use chrono::NaiveDate;
use entity::guide::{Column, Entity, Model, Occasion};
use entity::texts::Texts;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde::Serialize;
use utoipa::ToSchema;

use super::paper::Arrival;
use crate::db::sql;
use crate::domain::field_code::FieldCode;
use crate::domain::name::Name;
use crate::domain::thai;
use crate::error::{FieldError, Result};

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
    /// Day until which it can be done; null if there is no such day.
    #[schema(required, example = json!(null))]
    ends_on: Option<NaiveDate>,
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

/// The notices that are shown before a case of a kind is sent, each as `code/version`. An officer who enters one shows none of them: it
/// has those of the case that it goes on with.
pub async fn notices(db: &impl ConnectionTrait, intake: Occasion, arrival: &Arrival) -> Result<Texts> {
    if arrival.entered_by.is_some() {
        return Ok(arrival.notices.clone());
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

/// Something that the sender of a closed case is told.
pub struct Told {
    occasion: Occasion,
    until: Option<NaiveDate>,
    reference: Option<String>,
}

impl Told {
    pub fn of(occasion: Occasion) -> Self {
        Self { occasion, until: None, reference: None }
    }

    pub fn until(occasion: Occasion, day: NaiveDate) -> Self {
        Self::within(occasion, Some(day))
    }

    /// The same, where the day may not be known yet.
    pub fn within(occasion: Occasion, until: Option<NaiveDate>) -> Self {
        Self { until, ..Self::of(occasion) }
    }

    /// That the office goes on with it as another case.
    pub fn converted(reference: Option<String>) -> Self {
        Self { reference, ..Self::of(Occasion::Converted) }
    }

    /// A text about this, filled in.
    fn step(&self, guide: &Model) -> NextStep {
        let fill = |text: &str, day: fn(NaiveDate) -> String| {
            let text = match self.until {
                Some(until) => text.replace(UNTIL, &day(until)),
                None => undated(text),
            };
            text.replace(REFERENCE, self.reference.as_deref().unwrap_or_default())
        };
        NextStep {
            title: Name { th: guide.title_th.clone(), en: guide.title_en.clone() },
            text: fill(&guide.text_th, thai::date),
            text_en: guide.text_en.as_deref().map(|text| fill(text, |day| day.to_string())),
            ends_on: self.until,
        }
    }
}

const UNTIL: &str = "{until}";

const REFERENCE: &str = "{reference}";

/// What is filled in of the texts of an occasion when they are shown: without it, nobody is told.
pub fn filled_in(occasion: Occasion) -> Option<&'static str> {
    match occasion {
        Occasion::ComplaintReopening | Occasion::ServiceRequestReopening | Occasion::ServiceRequestAppeal => {
            Some(UNTIL)
        }
        Occasion::Converted => Some(REFERENCE),
        _ => None,
    }
}

/// A text without its paragraphs about a day that is not known yet. One of a single paragraph leaves the day open.
fn undated(text: &str) -> String {
    let kept: Vec<_> = text.split("\n\n").filter(|paragraph| !paragraph.contains(UNTIL)).collect();
    if kept.is_empty() { text.replace(UNTIL, "…") } else { kept.join("\n\n") }
}

/// Whether all that a text leaves open is filled in when it is shown.
pub fn is_filled(text: &str, occasion: Occasion) -> bool {
    !filled_in(occasion).map_or_else(|| text.to_owned(), |filled| text.replace(filled, "")).contains(['{', '}'])
}

/// Rejects a text for citizens, at its place in the body, in which a passage of a ready text is still to be filled in, such as
/// `[เหตุผล]`.
pub async fn refuse_unfilled(db: &impl ConnectionTrait, place: &'static str, text: Option<&str>) -> Result<()> {
    const READY: [Occasion; 3] = [Occasion::ComplaintRejection, Occasion::ServiceRequestRejection, Occasion::Delay];
    let Some(text) = text.filter(|text| text.contains('[')) else { return Ok(()) };
    for ready in current().filter(Column::Occasion.is_in(READY)).order_by_asc(Column::Code).all(db).await? {
        let texts = [Some(ready.text_th), ready.text_en].into_iter().flatten();
        if let Some(passage) = texts.flat_map(|ready| passages(&ready)).find(|passage| text.contains(passage)) {
            let unfilled = FieldCode::MissingPart.because(
                format!("ข้อความยังมี {passage} ของข้อความพร้อมใช้ โปรดใส่ข้อความจริงแทนก่อนส่ง"),
                format!("must have what is meant in place of {passage} of the ready text"),
            );
            return Err(FieldError::at(place, unfilled).into());
        }
    }
    Ok(())
}

/// The passages of a ready text that an officer fills in, with their brackets: a number in brackets is a reference.
fn passages(text: &str) -> Vec<String> {
    let inside = text.split('[').skip(1).filter_map(|rest| rest.split_once(']'));
    let inside = inside.filter(|(inside, _)| inside.contains(char::is_alphabetic));
    inside.map(|(inside, _)| format!("[{inside}]")).collect()
}

/// The texts about what the sender of a case is told at its end, in that order.
pub async fn next_steps(db: &impl ConnectionTrait, told: &[Told]) -> Result<Vec<NextStep>> {
    let occasions = told.iter().map(|told| told.occasion);
    let texts = current().filter(Column::Occasion.is_in(occasions)).order_by_asc(Column::Code).all(db).await?;
    let about = |told: &Told| {
        let texts = texts.iter().filter(|text| text.occasion == told.occasion);
        texts.map(|text| told.step(text)).collect::<Vec<_>>()
    };
    Ok(told.iter().flat_map(about).collect())
}
