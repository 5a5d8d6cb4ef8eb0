//! What the service itself proves: the reports that it has published, and what they lack.

use std::collections::HashMap;

use entity::codes::Coded;
use entity::ita_item::Subject;
use entity::report::ReportSubject;
use entity::state::Publication;
use entity::{ita_item, publication};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::disclosures;
use super::items::store::about_year;
use crate::agency::{self, store::Row};
use crate::db::Db;
use crate::domain::fiscal_year::FiscalYear;
use crate::error::{Error, Result};
use crate::http::negotiation::ReportFormat;
use crate::publications;
use crate::reports;
use crate::reports::envelope::Missing;

/// What the service proves about the subject of an item.
pub struct Proof {
    /// The year that the item asks about.
    pub year: FiscalYear,
    /// Title and address of what is published of that year.
    pub published: Option<(String, String)>,
    /// Other years of which the report is published.
    pub other_years: Vec<i32>,
    /// What the report lacks: the published one, or else the one that could be published now.
    pub lacks: Vec<Missing>,
    /// Of the item about the complaint channel alone, which has no report.
    pub channel: Option<Channel>,
    parts: Parts,
}

/// What the service proves of the channel for complaints about corruption: that it takes them, apart from others. It does not know the
/// page that has the form, nor how it is found from the first page of the website.
pub struct Channel {
    /// The first page of the website, which is not the channel.
    pub website: Option<String>,
    /// Names of the units that complaints about corruption and all others come to, where these are two.
    pub units: Option<[String; 2]>,
}

impl Channel {
    /// For the explanation.
    pub fn accepts(&self) -> String {
        let accepts = "รับแจ้งเรื่องร้องเรียนการทุจริตและประพฤติมิชอบของเจ้าหน้าที่ทางออนไลน์ แยกประเภทจากเรื่องร้องเรียนทั่วไป";
        match &self.units {
            Some([integrity, general]) => {
                format!("{accepts} โดย{integrity}เป็นผู้รับเรื่อง ส่วนเรื่องร้องเรียนทั่วไป{general}เป็นผู้รับเรื่อง")
            }
            None => accepts.to_owned(),
        }
    }
}

/// The fields of a report that a required part is made of, by a word in the name of the part. The first that fits counts.
type Parts = &'static [(&'static str, &'static [&'static str])];

fn parts_of(subject: ReportSubject) -> Parts {
    match subject {
        ReportSubject::IntegrityMeasures => {
            &[("", &["title", "methods", "responsible", "period_text", "follow_up", "opening", "topic"])]
        }
        ReportSubject::IntegrityMeasuresReport => &[("ผลลัพธ์", &["outcomes"]), ("ผล", &["results"])],
        ReportSubject::AntiCorruptionReport => &[
            ("งบประมาณ", &["budget_spent_baht"]),
            ("ปัญหา", &["problems"]),
            ("ข้อเสนอแนะ", &["recommendations"]),
            ("ผล", &["result"]),
        ],
        ReportSubject::ComplaintStatistics => &[("จำนวน", &["recorded_from", "months"])],
        ReportSubject::ServiceStatistics => {
            const FIELDS: &[&str] = &["recorded_from", "channels", "months"];
            &[("Walk-in", FIELDS), ("E-Service", FIELDS)]
        }
        ReportSubject::EService => &[("", &["channel_url"])],
        ReportSubject::ServiceManual => &[
            ("ชื่องาน", &["name"]),
            ("ระยะเวลา", &["working_days", "time"]),
            ("ขั้นตอน", &["steps"]),
            ("ช่องทาง", &["channel_url"]),
            ("ค่าธรรมเนียม", &["fee_baht"]),
            ("กฎหมาย", &["legal_basis"]),
            ("เอกสาร", &["papers"]),
        ],
    }
}

impl Proof {
    /// What the report lacks of a required part; nothing where the service does not know the part.
    fn lacking(&self, part: &str) -> Option<Vec<&Missing>> {
        let (_, fields) = self.parts.iter().find(|(word, _)| part.contains(word))?;
        let lacks = |missing: &&Missing| missing.fields.iter().any(|lack| fields.contains(&&*lack.field));
        Some(self.lacks.iter().filter(lacks).collect())
    }

    /// What the published report lacks that none of these parts is about.
    pub fn lacks_beside(&self, parts: &[String]) -> impl Iterator<Item = &Missing> {
        let of_parts: Vec<&Missing> = parts.iter().filter_map(|part| self.lacking(part)).flatten().collect();
        let lacks = if self.published.is_some() { &self.lacks[..] } else { &[] };
        lacks.iter().filter(move |missing| !of_parts.contains(missing))
    }

    /// Whether what is published has a required part.
    pub fn shows(&self, part: &str) -> bool {
        self.published.is_some() && self.lacking(part).is_some_and(|missing| missing.is_empty())
    }

    /// Why it does not, as far as the report knows.
    pub fn reasons(&self, part: &str) -> Vec<String> {
        self.lacking(part).unwrap_or_default().into_iter().map(Missing::line).collect()
    }
}

/// The proofs of items, each with what its report lacks.
pub async fn of_year(db: &Db, public_url: &str, rows: &[disclosures::store::Row]) -> Result<HashMap<Uuid, Proof>> {
    let mut proofs = HashMap::new();
    for item in rows.iter().map(|row| &row.item) {
        let Some(mut proof) = of(db.reader(), public_url, item).await? else { continue };
        if let Some(report) = report_of(item).filter(|_| proof.published.is_none()) {
            proof.lacks = reports::assemble(db, report, proof.year, &[Publication::Published]).await?.missing;
        }
        proofs.insert(item.id, proof);
    }
    Ok(proofs)
}

/// What is published about the subject of an item; nothing of one that the service knows nothing about.
pub async fn of(db: &impl ConnectionTrait, public_url: &str, item: &ita_item::Model) -> Result<Option<Proof>> {
    let year = about_year(item);
    let (published, other_years, lacks, channel) = Default::default();
    let mut proof = Proof { year, published, other_years, lacks, channel, parts: &[] };
    let Some(report) = report_of(item) else {
        if item.subject != Some(Subject::ComplaintChannel) {
            return Ok(None);
        }
        let Row { agency, integrity_unit, general_unit } = agency::store::find(db).await?;
        let units = integrity_unit.zip(general_unit).filter(|(integrity, general)| integrity.code != general.code);
        let units = units.map(|(integrity, general)| [integrity.name_th, general.name_th]);
        proof.channel = Some(Channel { website: agency.website, units });
        return Ok(Some(proof));
    };
    proof.parts = parts_of(report);
    if let Some(version) = publications::store::latest(db, year, report).await? {
        let address = publications::store::address_of_file(&version, ReportFormat::Html);
        proof.published = Some((version.title, format!("{public_url}{address}")));
        proof.lacks = serde_json::from_value(version.missing).map_err(Error::internal)?;
    } else {
        proof.other_years = published_years(db, report).await?;
    }
    Ok(Some(proof))
}

/// The years of which a report is published.
async fn published_years(db: &impl ConnectionTrait, report: ReportSubject) -> Result<Vec<i32>> {
    use publication::{Column, Entity, Status};
    let years = Entity::find().select_only().column(Column::FiscalYear).distinct().order_by_asc(Column::FiscalYear);
    let published = years.filter(Column::Series.eq(report.slug())).filter(Column::Status.eq(Status::Published));
    Ok(published.into_tuple().all(db).await?)
}

/// The report that answers an item.
pub fn report_of(item: &ita_item::Model) -> Option<ReportSubject> {
    ReportSubject::of_code(item.subject?.code())
}
