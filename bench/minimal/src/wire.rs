//! The bytes: what Prongsai answers, field by field in its order, and what it takes.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Serialize)]
pub struct Measure {
    pub id: Uuid,
    pub fiscal_year: i32,
    pub number: i32,
    pub title: String,
    pub methods: Vec<String>,
    pub responsible: Responsible,
    pub period_text: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub results: Vec<String>,
    pub outcomes: Vec<String>,
    pub evidence: Vec<Evidence>,
    pub status: String,
    pub topic: Option<i16>,
    pub predecessor_id: Option<Uuid>,
    pub publication: String,
    pub unpublished_reason: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A row of either database as a [`Measure`], by how it gives a column and a column of JSON.
macro_rules! measure {
    ($row:ident, $get:ident, $json:ident) => {
        Measure {
            id: $row.$get(0)?,
            fiscal_year: $row.$get(1)?,
            number: $row.$get(2)?,
            title: $row.$get(3)?,
            methods: $json($row, 4)?,
            responsible: Responsible::new($row.$get(5)?, $json($row, 19)?),
            period_text: $row.$get(6)?,
            starts_on: $row.$get(7)?,
            ends_on: $row.$get(8)?,
            results: $json($row, 9)?,
            outcomes: $json($row, 10)?,
            evidence: $json($row, 11)?,
            status: $row.$get(12)?,
            topic: $row.$get(13)?,
            predecessor_id: $row.$get(14)?,
            publication: $row.$get(15)?,
            unpublished_reason: $row.$get(16)?,
            created_at: $row.$get(17)?,
            updated_at: $row.$get(18)?,
        }
    };
}

#[derive(Serialize)]
pub struct Responsible {
    all_units: bool,
    units: Vec<String>,
    names: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Evidence {
    title: String,
    kind: String,
    url: String,
}

/// A unit as the queries give it.
#[derive(Deserialize)]
pub struct Unit {
    code: String,
    name: String,
}

impl Responsible {
    pub fn new(all_units: bool, units: Vec<Unit>) -> Self {
        let (units, mut names): (Vec<_>, Vec<_>) = units.into_iter().map(|unit| (unit.code, unit.name)).unzip();
        if all_units {
            names.push("ทุกส่วนราชการ".to_owned());
        }
        Self { all_units, units, names }
    }
}

#[derive(Serialize)]
pub struct Page<'a> {
    pub items: &'a [Measure],
    pub page: PageInfo<'a>,
}

#[derive(Serialize)]
pub struct PageInfo<'a> {
    pub limit: usize,
    pub next: Option<String>,
    pub next_cursor: Option<&'a str>,
}

#[derive(Deserialize)]
pub struct MeasureInput {
    pub fiscal_year: i32,
    pub number: i32,
    pub title: String,
    #[serde(default)]
    pub methods: Vec<String>,
    pub responsible: ResponsibleInput,
    pub period_text: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    #[serde(default)]
    pub results: Vec<String>,
    #[serde(default)]
    pub outcomes: Vec<String>,
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    pub status: String,
    pub topic: Option<i16>,
    pub predecessor_id: Option<Uuid>,
}

/// The time of records, to the millisecond.
#[expect(clippy::disallowed_methods, reason = "the one clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}

#[derive(Deserialize)]
pub struct ResponsibleInput {
    #[serde(default)]
    pub all_units: bool,
    #[serde(default)]
    pub units: Vec<String>,
}

impl MeasureInput {
    /// The column that a search looks through.
    pub fn search(&self) -> String {
        let texts = [&self.title, &self.period_text].into_iter();
        let texts = texts.chain(&self.methods).chain(&self.results).chain(&self.outcomes);
        texts.flat_map(|text| [text.to_lowercase(), "\n".to_owned()]).collect()
    }
}

#[derive(Serialize)]
pub struct Report {
    title: String,
    agency: String,
    fiscal_year: i32,
    as_of: Option<DateTime<Utc>>,
    columns: Vec<ReportField>,
    rows: Vec<ReportRow>,
    missing: Vec<Missing>,
}

#[derive(Serialize)]
struct ReportRow {
    id: Uuid,
    number: i32,
    title: String,
    methods: Vec<String>,
    responsible: Vec<String>,
    period_text: String,
    results: Vec<String>,
    outcomes: Vec<String>,
}

#[derive(Serialize)]
struct Missing {
    id: Uuid,
    number: i32,
    title: String,
    fields: Vec<ReportField>,
}

/// A column, or what is missing in it.
#[derive(Serialize)]
struct ReportField {
    field: &'static str,
    label: Label,
}

const COLUMNS: [(&str, &str, &str); 6] = [
    ("title", "มาตรการ", "Measure"),
    ("methods", "วิธีการดำเนินการ", "Methods"),
    ("responsible", "หน่วยงานที่รับผิดชอบ", "Responsible units"),
    ("period_text", "ระยะเวลาดำเนินการ", "Period"),
    ("results", "ผลการดำเนินการ", "Results"),
    ("outcomes", "ผลลัพธ์หรือความสำเร็จของการดำเนินการ", "Outcomes"),
];

fn columns(shown: impl Fn(&str) -> bool) -> Vec<ReportField> {
    let columns = COLUMNS.iter().filter(|(field, ..)| shown(field));
    columns.map(|(field, th, en)| ReportField { field, label: Label::new(*th, *en) }).collect()
}

impl Report {
    pub fn new(agency: String, fiscal_year: i32, changes: Vec<DateTime<Utc>>, measures: Vec<Measure>) -> Self {
        let digit = |c: char| c.to_digit(10).and_then(|digit| char::from_u32(0x0E50 + digit)).unwrap_or(c);
        let year: String = fiscal_year.to_string().chars().map(digit).collect();
        let rows: Vec<_> = measures.into_iter().map(ReportRow::from).collect();
        Self {
            title: format!("รายงานผลการดำเนินการเพื่อส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน ประจำปีงบประมาณ พ.ศ. {year}"),
            agency,
            fiscal_year,
            as_of: changes.into_iter().max(),
            columns: columns(|_| true),
            missing: rows.iter().filter_map(ReportRow::missing).collect(),
            rows,
        }
    }
}

impl ReportRow {
    fn missing(&self) -> Option<Missing> {
        let texts = [("methods", &self.methods), ("results", &self.results), ("outcomes", &self.outcomes)];
        let fields = columns(|field| texts.iter().any(|(name, texts)| *name == field && texts.is_empty()));
        let Self { id, number, title, .. } = self;
        (!fields.is_empty()).then(|| Missing { id: *id, number: *number, title: title.clone(), fields })
    }
}

impl From<Measure> for ReportRow {
    fn from(measure: Measure) -> Self {
        let Measure { id, number, title, methods, responsible, period_text, results, outcomes, .. } = measure;
        Self { id, number, title, methods, responsible: responsible.names, period_text, results, outcomes }
    }
}

#[derive(Serialize)]
pub struct Statistics {
    fiscal_year: i32,
    period: &'static str,
    as_of: Option<DateTime<Utc>>,
    current: Figures,
    previous: Figures,
}

#[derive(Serialize)]
struct Figures {
    fiscal_year: i32,
    label: Label,
    starts_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
    total: i64,
    by_status: Vec<Slice>,
    implementation_rate_percent: Option<f64>,
    without_results_count: i64,
    without_outcomes_count: i64,
    shared_by_all_units_count: i64,
    by_unit: Vec<OfUnit>,
}

#[derive(Serialize)]
struct Label {
    th: String,
    en: String,
}

#[derive(Serialize)]
struct Slice {
    value: &'static str,
    label: Label,
    total: i64,
}

#[derive(Serialize)]
struct OfUnit {
    value: String,
    label: Label,
    total: i64,
    completed_count: i64,
}

/// Year, status, and four counts: all, without results, without outcomes, of all units.
pub type StatusRow = (i32, String, [i64; 4]);

/// Year, code and Thai name of the unit, its English name, and two counts: all, completed.
pub type UnitRow = (i32, [String; 2], Option<String>, [i64; 2]);

const STATUSES: [(&str, &str, &str); 4] = [
    ("planned", "ยังไม่เริ่มดำเนินการ", "planned"),
    ("in_progress", "อยู่ระหว่างดำเนินการ", "in progress"),
    ("completed", "ดำเนินการแล้วเสร็จ", "completed"),
    ("cancelled", "ยกเลิก", "cancelled"),
];

impl Label {
    fn new(th: impl Into<String>, en: impl Into<String>) -> Self {
        Self { th: th.into(), en: en.into() }
    }
}

impl Statistics {
    pub fn new(changes: Vec<DateTime<Utc>>, year: i32, statuses: &[StatusRow], units: &[UnitRow]) -> Self {
        let figures = |year| Figures::new(year, statuses, units);
        let as_of = changes.into_iter().max();
        Self { fiscal_year: year, period: "year", as_of, current: figures(year), previous: figures(year - 1) }
    }
}

impl Figures {
    fn new(fiscal_year: i32, statuses: &[StatusRow], units: &[UnitRow]) -> Self {
        let of_year: Vec<_> = statuses.iter().filter(|row| row.0 == fiscal_year).collect();
        let mut sums = [0; 4];
        for (_, _, counts) in &of_year {
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        let [total, without_results_count, without_outcomes_count, shared_by_all_units_count] = sums;
        let count = |status: &str| of_year.iter().find(|row| row.1 == status).map_or(0, |row| row.2[0]);
        let slice = |(value, th, en)| Slice { value, label: Label::new(th, en), total: count(value) };
        let rate = (count("completed") as f64 * 10_000.0 / total as f64).round() / 100.0;
        let units = units.iter().filter(|row| row.0 == fiscal_year);
        let year = fiscal_year - 543;
        Self {
            fiscal_year,
            label: Label::new(
                format!("ปีงบประมาณ พ.ศ. {fiscal_year}"),
                format!("Fiscal year {fiscal_year} ({}-{year})", year - 1),
            ),
            starts_on: NaiveDate::from_ymd_opt(year - 1, 10, 1),
            ends_on: NaiveDate::from_ymd_opt(year, 9, 30),
            total,
            by_status: STATUSES.into_iter().map(slice).collect(),
            implementation_rate_percent: (total > 0).then_some(rate),
            without_results_count,
            without_outcomes_count,
            shared_by_all_units_count,
            by_unit: units
                .map(|(_, [code, th], en, [total, completed])| OfUnit {
                    value: code.clone(),
                    label: Label::new(th, en.as_ref().unwrap_or(th)),
                    total: *total,
                    completed_count: *completed,
                })
                .collect(),
        }
    }
}
