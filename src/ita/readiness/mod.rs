//! How far the answers of a year are, and what to enter into the ITA's form: `/v1/ita/{year}/readiness`.

mod document;
mod item;

use actix_web::{HttpRequest, get};
use chrono::{DateTime, NaiveDate, Utc};
use entity::agency;
use entity::codes::Label;
use entity::link::{self, State as LinkState};
use entity::link_use;
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::disclosures::store::{self, Row};
use super::proofs;
use super::{memos, years};
use crate::auth::Actor;
use crate::auth::scope::ItaRead;
use crate::domain::count::Count;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::ita::{average, rounded};
use crate::domain::working_days::bangkok_day;
use crate::error::{Code, Result};
use crate::http::negotiation::{self, Format, ReportFormat};
use crate::http::params::{Path, Query};
use crate::http::response::ReadResponse;
use crate::http::route::Kind;
use crate::links;
use crate::reports::Report;
use crate::revisions::Resource;
use crate::state::State;
use item::{Facts, ReadyItem};

/// How far the answers of a year are.
#[derive(Serialize, ToSchema)]
struct ItaReadiness {
    /// Fiscal year of the assessment, Buddhist era.
    fiscal_year: FiscalYear,
    /// Last day on which the items are answered.
    #[schema(example = "2024-04-30")]
    due_on: NaiveDate,
    /// Days until the deadline; negative after it.
    #[schema(minimum = -100_000, maximum = 100_000, example = 6)]
    days_left: i64,
    /// Number of items.
    #[schema(value_type = Count)]
    item_count: usize,
    /// Number of items that lack nothing.
    #[schema(value_type = Count)]
    complete_count: usize,
    /// Expected score of the open data assessment, 0 to 100; null if the year has no items.
    #[schema(required, minimum = 0, maximum = 100, example = 8.93)]
    expected_score: Option<f64>,
    /// What the expected score assumes.
    assumptions: Label,
    /// Totals by indicator, in the order of the items.
    #[schema(max_items = 50)]
    indicators: Vec<ReadyIndicator>,
    /// The items, in the order of their codes.
    #[schema(max_items = 999)]
    items: Vec<ReadyItem>,
    /// Whether the service checks links. Without checks `broken_links` is what was found before; what is older than seven days does
    /// not count.
    links_checked: bool,
    /// Links of the year's answers, and of the evidence of its published measures and projects, that do not work or have changed.
    #[schema(max_items = 100_000)]
    broken_links: Vec<BrokenLink>,
}

/// A link that does not work, or whose file has changed since it was declared.
#[derive(Serialize, ToSchema)]
#[schema(as = ItaBrokenLink)]
struct BrokenLink {
    /// The address.
    #[schema(max_length = 20000, example = "https://www.example.go.th/no-gift-policy.pdf")]
    url: String,
    /// What the last check found.
    state: LinkState,
    /// Why the link is in this state.
    #[schema(required)]
    reason: Option<Label>,
    /// Time of the last check; null if there was none.
    #[schema(required, example = "2024-04-10T17:00:00Z")]
    checked_at: Option<DateTime<Utc>>,
    /// Time of the last check that received the page or file; null if there was none.
    #[schema(required, example = "2024-04-10T17:00:00Z")]
    last_good_at: Option<DateTime<Utc>>,
    /// Kind of the record that has the link.
    #[schema(max_length = 50, example = "measures")]
    resource: String,
    /// Id of that record.
    #[schema(max_length = 50, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    record_id: String,
    /// Title of that record.
    #[schema(max_length = 1100, example = "สร้างกระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ")]
    title: String,
}

impl From<(link::Model, link_use::Model)> for BrokenLink {
    fn from((link, used): (link::Model, link_use::Model)) -> Self {
        let reason = link.reason_th.map(|th| Label::named(th, link.reason_en));
        let link_use::Model { resource, record, title, .. } = used;
        let (url, state, checked_at, last_good_at) = (link.url, link.state, link.checked_at, link.last_good_at);
        Self { url, state, reason, checked_at, last_good_at, resource, record_id: record, title }
    }
}

/// The items of an indicator.
#[derive(Serialize, ToSchema)]
#[schema(as = ItaReadyIndicator)]
struct ReadyIndicator {
    /// Name of the indicator, with its number.
    #[schema(max_length = 300, example = "10 การป้องกันการทุจริต")]
    indicator: String,
    #[serde(flatten)]
    totals: Totals,
    /// Its sub-indicators, in the order of the items.
    #[schema(max_items = 50)]
    sub_indicators: Vec<ReadySubIndicator>,
}

/// The items of a sub-indicator.
#[derive(Serialize, ToSchema)]
#[schema(as = ItaReadySubIndicator)]
struct ReadySubIndicator {
    /// Name of the sub-indicator, with its number.
    #[schema(max_length = 300, example = "10.2 มาตรการส่งเสริมคุณธรรมและความโปร่งใส")]
    sub_indicator: String,
    #[serde(flatten)]
    totals: Totals,
}

/// The totals of a group of items.
#[derive(Serialize, ToSchema)]
#[schema(as = ItaReadyTotals)]
struct Totals {
    /// Number of items.
    #[schema(value_type = Count)]
    item_count: usize,
    /// Number of items that lack nothing.
    #[schema(value_type = Count)]
    complete_count: usize,
    /// Expected score, 0 to 100: of a sub-indicator the average of its items, of an indicator that of its sub-indicators.
    #[schema(minimum = 0, maximum = 100, example = 50.0)]
    expected_score: f64,
}

/// In which format to read the readiness.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Format of the response. Takes precedence over `Accept`.
    #[param(inline, example = "html")]
    format: Option<ReportFormat>,
}

/// Get the readiness for the ITA
///
/// Returns for each item of a fiscal year what is there, what is missing, and the text to enter into the ITA's form; with totals by
/// indicator and the expected score. What the service publishes answers its items without being entered.
#[utoipa::path(
    tag = "ita",
    extensions(("x-kind" = json!([Kind::Report]))),
    security(("bearer" = ["ita:read"])),
    params(("year" = FiscalYear, Path), Asked),
    responses((status = 200, body = ItaReadiness), (status = 404)),
)]
#[get("/v1/ita/{year}/readiness")]
pub async fn get_ita_readiness(
    app: State,
    _: Actor<ItaRead>,
    year: Path<FiscalYear>,
    asked: Query<Asked>,
    request: HttpRequest,
) -> Result<ReadResponse> {
    let format = Format::wanted(asked.0.format.map(Format::from), &request, negotiation::REPORT)?;
    let _permit = app.http.admission.report().await?;
    let (db, year) = (app.db.reader(), year.0);
    let due_on = years::find(db, year).await?.due_on;
    let rows = store::of_year(db, year).await?;
    let proofs = proofs::of_year(&app.db, &app.site.public_url, &rows).await?;
    let urls = rows.iter().flat_map(|row| &row.answer.links.0).map(|link| &*link.url);
    let links = links::of(db, app.db.now(), &urls.collect::<Vec<_>>()).await?;
    let broken = links::store::broken(db, app.db.now(), year.number()).await?;
    let items: Vec<_> = rows.iter().map(|row| &row.item).collect();
    let memos = memos::of_items(db, &items).await?;
    let facts = Facts { proofs, links, memos, broken, links_checked: app.fetcher.is_some() };
    let readiness = ItaReadiness::of(year, (due_on, bangkok_day(app.db.now())), &rows, &facts);
    if format == Format::Json {
        return ReadResponse::json(&readiness, DEPENDS_ON);
    }
    let agency = agency::Entity::find().one(db).await?.ok_or(Code::NotFound)?.name_th;
    let report = Report { data: Value::Null, document: document::of(&readiness, agency), missing: Vec::new() };
    let (body, file_name) = (report.body(format).await?, Some(format!("ita-readiness-{year}")));
    Ok(ReadResponse { file_name, ..ReadResponse::new(body, format, DEPENDS_ON) })
}

const DEPENDS_ON: &[Resource] = &[
    Resource::ItaDisclosures,
    Resource::ItaItems,
    Resource::ItaYears,
    Resource::Units,
    Resource::Agency,
    Resource::Measures,
    Resource::Projects,
    Resource::EServices,
    Resource::ReportFrames,
    Resource::Publications,
    Resource::Links,
    Resource::Today,
];

impl ItaReadiness {
    fn of(fiscal_year: FiscalYear, (due_on, today): (NaiveDate, NaiveDate), rows: &[Row], facts: &Facts) -> Self {
        let catalogue: Vec<_> = rows.iter().map(|row| &row.item).collect();
        let items: Vec<_> = rows.iter().map(|row| ReadyItem::of(row, facts, &catalogue)).collect();
        let indicators: Vec<_> = grouped(&items, |item| &item.indicator).into_iter().map(ReadyIndicator::of).collect();
        let scores: Vec<f64> = indicators.iter().map(|indicator| indicator.totals.expected_score).collect();
        Self {
            fiscal_year,
            due_on,
            days_left: (due_on - today).num_days(),
            item_count: items.len(),
            complete_count: complete(&items),
            expected_score: average(&scores).map(rounded),
            assumptions: ASSUMPTIONS,
            indicators,
            items,
            links_checked: facts.links_checked,
            broken_links: facts.broken.iter().cloned().map(BrokenLink::from).collect(),
        }
    }
}

const ASSUMPTIONS: Label = Label::new(
    "ข้อที่ครบถ้วนได้ 100 คะแนน ข้อที่ขาดสิ่งใดสิ่งหนึ่งได้ 0 คะแนน คะแนนตัวชี้วัดย่อยเป็นค่าเฉลี่ยของทุกข้อ คะแนนตัวชี้วัดเป็นค่าเฉลี่ยของทุกตัวชี้วัดย่อย \
     คะแนนรวมเป็นค่าเฉลี่ยของทุกตัวชี้วัด เฉพาะแบบวัดการเปิดเผยข้อมูลสาธารณะ (OIT) ผู้ประเมินเป็นผู้ตัดสินเนื้อหา",
    "An item that lacks nothing scores 100, any other 0. A sub-indicator is the average of its items, an indicator that of its \
     sub-indicators, the score that of the indicators. It is of the open data assessment (OIT) alone. Assessors judge the contents.",
);

impl ReadyIndicator {
    fn of(items: Vec<&ReadyItem>) -> Self {
        let sub_indicators: Vec<_> =
            grouped(items.iter().copied(), |item| &item.sub_indicator).into_iter().map(ReadySubIndicator::of).collect();
        let scores: Vec<f64> = sub_indicators.iter().map(|part| part.totals.expected_score).collect();
        Self {
            indicator: items.first().map(|item| item.indicator.clone()).unwrap_or_default(),
            totals: Totals::of(&items, &scores),
            sub_indicators,
        }
    }
}

impl Totals {
    /// Of items, and the scores that the expected one is the average of.
    fn of(items: &[&ReadyItem], scores: &[f64]) -> Self {
        Self {
            item_count: items.len(),
            complete_count: complete(items.iter().copied()),
            expected_score: average(scores).map(rounded).unwrap_or_default(),
        }
    }
}

impl ReadySubIndicator {
    fn of(items: Vec<&ReadyItem>) -> Self {
        let scores: Vec<f64> = items.iter().map(|item| item.expected_score).collect();
        Self {
            sub_indicator: items.first().map(|item| item.sub_indicator.clone()).unwrap_or_default(),
            totals: Totals::of(&items, &scores),
        }
    }
}

/// Items of the same name, in the order in which the names first come.
fn grouped<'a>(
    items: impl IntoIterator<Item = &'a ReadyItem>,
    name: impl Fn(&ReadyItem) -> &String,
) -> Vec<Vec<&'a ReadyItem>> {
    let mut groups: Vec<Vec<&ReadyItem>> = Vec::new();
    for item in items {
        match groups.iter_mut().find(|group| name(group[0]) == name(item)) {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    groups
}

fn complete<'a>(items: impl IntoIterator<Item = &'a ReadyItem>) -> usize {
    items.into_iter().filter(|item| item.missing.is_empty()).count()
}
