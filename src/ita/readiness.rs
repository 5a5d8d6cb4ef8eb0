//! How far the answers of a year are, and what to enter into the ITA's form: `/v1/ita/{year}/readiness`.

use actix_web::get;
use chrono::NaiveDate;
use entity::ita_disclosure::State as Progress;
use entity::ita_item::Subject;
use serde::Serialize;
use utoipa::ToSchema;

use super::disclosures::store::{self, Row};
use super::gaps::{self, Gap, Misplaced};
use super::years;
use crate::auth::Actor;
use crate::auth::scope::ItaRead;
use crate::domain::count::Count;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::ita::{FULL, ItemCode, average, rounded};
use crate::domain::name::Name;
use crate::domain::working_days::bangkok_day;
use crate::error::Result;
use crate::http::params::Path;
use crate::http::response::ReadResponse;
use crate::references::Referred;
use crate::revisions::Resource;
use crate::state::State;

/// How far the answers of a year are.
#[derive(Serialize, ToSchema)]
struct ItaReadiness {
    /// Fiscal year of the assessment, Buddhist era.
    fiscal_year: FiscalYear,
    /// Last day on which the items are answered.
    #[schema(example = "2024-04-30")]
    deadline: NaiveDate,
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
    assumptions: entity::codes::Label,
    /// Totals by indicator, in the order of the items.
    #[schema(max_items = 50)]
    indicators: Vec<ReadyIndicator>,
    /// The items, in the order of their codes.
    #[schema(max_items = 999)]
    items: Vec<ReadyItem>,
}

/// The items of an indicator.
#[derive(Serialize, ToSchema)]
#[schema(as = ItaReadyIndicator)]
struct ReadyIndicator {
    /// Name of the indicator, with its number.
    #[schema(max_length = 300, example = "10 การป้องกันการทุจริต")]
    indicator: String,
    /// Number of items.
    #[schema(value_type = Count)]
    item_count: usize,
    /// Number of items that lack nothing.
    #[schema(value_type = Count)]
    complete_count: usize,
    /// Expected score, 0 to 100: the average of its sub-indicators.
    #[schema(minimum = 0, maximum = 100, example = 50.0)]
    expected_score: f64,
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
    /// Number of items.
    #[schema(value_type = Count)]
    item_count: usize,
    /// Number of items that lack nothing.
    #[schema(value_type = Count)]
    complete_count: usize,
    /// Expected score, 0 to 100: the average of its items.
    #[schema(minimum = 0, maximum = 100, example = 50.0)]
    expected_score: f64,
}

/// How far the answer to an item is.
#[derive(Serialize, ToSchema)]
#[schema(as = ItaReadyItem)]
struct ReadyItem {
    /// Code of the item in this year.
    code: ItemCode,
    /// What the item is about; null where nothing depends on it.
    #[schema(required, example = "integrity_measures_report")]
    subject: Option<Subject>,
    /// Title of the item.
    #[schema(max_length = 300, example = "รายงานผลการดำเนินการเพื่อส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน")]
    title: String,
    /// Indicator that the item counts for.
    #[schema(max_length = 300, example = "10 การป้องกันการทุจริต")]
    indicator: String,
    /// Sub-indicator that the item counts for.
    #[schema(max_length = 300, example = "10.2 มาตรการส่งเสริมคุณธรรมและความโปร่งใส")]
    sub_indicator: String,
    /// Code of the unit that prepares the answer; null if none is stated.
    #[schema(required, max_length = 50, example = "policy-planning")]
    unit: Option<String>,
    /// Name of that unit.
    #[schema(required)]
    unit_name: Option<Name>,
    /// Progress of the answer.
    state: Progress,
    /// What is missing. The item scores nothing until the list is empty.
    #[schema(max_items = 100)]
    missing: Vec<Gap>,
    /// Parts that the answer shows and the item does not ask for; null if there are none.
    #[schema(required)]
    misplaced: Option<Misplaced>,
    /// What to enter into the ITA's form.
    paste: Paste,
    /// Expected score of the item: 100 or 0.
    #[schema(minimum = 0, maximum = 100, example = 100.0)]
    expected_score: f64,
}

/// What to enter into the ITA's form.
#[derive(Serialize, ToSchema)]
#[schema(as = ItaPaste)]
struct Paste {
    /// The answer, "มี" or "ไม่มี"; null before it is decided.
    #[schema(required, max_length = 10, example = "มี")]
    answer: Option<&'static str>,
    /// The addresses, a line each.
    #[schema(max_length = 50_000, example = "https://www.example.go.th/integrity-report-2567")]
    addresses: String,
    /// The explanation: that of the answer, how each address is found, and where each part is.
    #[schema(max_length = 100_000, example = "1. ผลการดำเนินการตามมาตรการ: คอลัมน์ผลการดำเนินการ")]
    explanation: String,
}

/// Get the readiness for the ITA
///
/// Returns for each item of a fiscal year what is there, what is missing, and the text to enter into the ITA's form; with totals by
/// indicator and the expected score.
#[utoipa::path(
    tag = "ita",
    security(("bearer" = ["ita:read"])),
    params(("year" = FiscalYear, Path)),
    responses((status = 200, body = ItaReadiness), (status = 404)),
)]
#[get("/v1/ita/{year}/readiness")]
pub async fn get_ita_readiness(app: State, _: Actor<ItaRead>, year: Path<FiscalYear>) -> Result<ReadResponse> {
    const DEPENDS_ON: &[Resource] =
        &[Resource::ItaDisclosures, Resource::ItaItems, Resource::ItaYears, Resource::Units, Resource::Today];
    let db = app.db.reader();
    let deadline = years::find(db, year.0).await?.deadline;
    let rows = store::of_year(db, year.0).await?;
    ReadResponse::json(&ItaReadiness::of(year.0, deadline, bangkok_day(app.db.now()), rows), DEPENDS_ON)
}

impl ItaReadiness {
    fn of(fiscal_year: FiscalYear, deadline: NaiveDate, today: NaiveDate, rows: Vec<Row>) -> Self {
        let catalogue: Vec<_> = rows.iter().map(|row| &row.item).collect();
        let items: Vec<_> = rows.iter().map(|row| ReadyItem::of(row, gaps::misplaced(row, &catalogue))).collect();
        let indicators: Vec<_> = grouped(&items, |item| &item.indicator).into_iter().map(ReadyIndicator::of).collect();
        let scores: Vec<f64> = indicators.iter().map(|indicator| indicator.expected_score).collect();
        Self {
            fiscal_year,
            deadline,
            days_left: (deadline - today).num_days(),
            item_count: items.len(),
            complete_count: complete(&items),
            expected_score: average(&scores).map(rounded),
            assumptions: ASSUMPTIONS,
            indicators,
            items,
        }
    }
}

const ASSUMPTIONS: entity::codes::Label = entity::codes::Label::new(
    "ข้อที่ครบถ้วนได้ 100 คะแนน ข้อที่ขาดสิ่งใดสิ่งหนึ่งได้ 0 คะแนน คะแนนตัวชี้วัดย่อยเป็นค่าเฉลี่ยของทุกข้อ คะแนนตัวชี้วัดเป็นค่าเฉลี่ยของทุกตัวชี้วัดย่อย \
     คะแนนรวมเป็นค่าเฉลี่ยของทุกตัวชี้วัด เฉพาะแบบวัดการเปิดเผยข้อมูลสาธารณะ (OIT) ผู้ประเมินเป็นผู้ตัดสินเนื้อหา",
    "An item that lacks nothing scores 100, any other 0. A sub-indicator is the average of its items, an indicator that of its \
     sub-indicators, the score that of the indicators. It is of the open data assessment (OIT) alone. Assessors judge the contents.",
);

impl ReadyIndicator {
    fn of(items: Vec<&ReadyItem>) -> Self {
        let sub_indicators: Vec<_> =
            grouped(items.iter().copied(), |item| &item.sub_indicator).into_iter().map(ReadySubIndicator::of).collect();
        let scores: Vec<f64> = sub_indicators.iter().map(|part| part.expected_score).collect();
        Self {
            indicator: items.first().map(|item| item.indicator.clone()).unwrap_or_default(),
            item_count: items.len(),
            complete_count: complete(items),
            expected_score: average(&scores).map(rounded).unwrap_or_default(),
            sub_indicators,
        }
    }
}

impl ReadySubIndicator {
    fn of(items: Vec<&ReadyItem>) -> Self {
        let scores: Vec<f64> = items.iter().map(|item| item.expected_score).collect();
        Self {
            sub_indicator: items.first().map(|item| item.sub_indicator.clone()).unwrap_or_default(),
            item_count: items.len(),
            complete_count: complete(items),
            expected_score: average(&scores).map(rounded).unwrap_or_default(),
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

impl ReadyItem {
    fn of(row: &Row, misplaced: Option<Misplaced>) -> Self {
        let missing = gaps::of(row);
        let Row { item, answer, unit } = row;
        Self {
            code: row.code(),
            subject: item.subject,
            title: item.title.clone(),
            indicator: item.indicator.clone(),
            sub_indicator: item.sub_indicator.clone(),
            unit_name: unit.as_ref().map(Referred::name),
            unit: unit.as_ref().map(|unit| unit.code.clone()),
            state: answer.state,
            expected_score: if missing.is_empty() { FULL } else { 0.0 },
            missing,
            misplaced,
            paste: Paste::of(row),
        }
    }
}

impl Paste {
    fn of(row: &Row) -> Self {
        let answer = &row.answer;
        let links = &answer.links.0;
        let numbered = links.len() > 1;
        let steps = (1..).zip(links).filter_map(|(number, link)| {
            let steps = link.steps.as_deref()?;
            Some(if numbered { format!("ลิงก์ที่ {number}: {steps}") } else { steps.to_owned() })
        });
        let parts = (1..).zip(&answer.parts.0).map(|(number, part)| {
            let place = part.place.as_deref().unwrap_or_default();
            let link = if numbered { format!("ลิงก์ที่ {} ", part.link) } else { String::new() };
            let place = format!("{link}{place}");
            let place = if place.trim().is_empty() { String::new() } else { format!(": {}", place.trim()) };
            format!("{number}. {}{place}", part.part)
        });
        let explanation: Vec<String> = answer.explanation.clone().into_iter().chain(steps).chain(parts).collect();
        Self {
            answer: answer.disclosed.map(|disclosed| if disclosed { "มี" } else { "ไม่มี" }),
            addresses: links.iter().map(|link| &*link.url).collect::<Vec<_>>().join("\n"),
            explanation: explanation.join("\n"),
        }
    }
}
