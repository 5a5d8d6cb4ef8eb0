//! What the service itself proves: the reports that it has published, and what they lack.

use std::collections::HashMap;

use entity::agency;
use entity::codes::Coded;
use entity::ita_item::Subject;
use entity::report::ReportSubject;
use entity::state::Publication;
use sea_orm::{ConnectionTrait, EntityTrait};

use super::disclosures::store::Row;
use crate::db::Db;
use crate::domain::fiscal_year::FiscalYear;
use crate::error::{Error, Result};
use crate::http::negotiation::ReportFormat;
use crate::publications;
use crate::reports;
use crate::reports::envelope::Missing;

/// What the service proves about the subject of an item.
pub struct Proof {
    /// Title and address of what is published.
    pub published: Option<(String, String)>,
    /// What the report lacks: the published one, or else the one that could be published now.
    pub lacks: Vec<Missing>,
    parts: Parts,
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
        ReportSubject::ComplaintStatistics => &[("จำนวน", &["recording_began_on", "months"])],
        ReportSubject::ServiceStatistics => {
            &[("Walk-in", &["channels", "months"]), ("E-Service", &["channels", "months"])]
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

/// The proofs of the items of a year, each with what its report lacks.
pub async fn of_year(db: &Db, public_url: &str, year: FiscalYear, rows: &[Row]) -> Result<HashMap<Subject, Proof>> {
    let mut proofs = HashMap::new();
    for subject in rows.iter().filter_map(|row| row.item.subject) {
        let Some(mut proof) = of(db.reader(), public_url, year, subject).await? else { continue };
        if let Some(report) = report_of(subject).filter(|_| proof.published.is_none()) {
            proof.lacks = reports::assemble(db, report, year, &[Publication::Published]).await?.missing;
        }
        proofs.insert(subject, proof);
    }
    Ok(proofs)
}

/// What is published about a subject; nothing of one that the service knows nothing about.
pub async fn of(
    db: &impl ConnectionTrait,
    public_url: &str,
    year: FiscalYear,
    subject: Subject,
) -> Result<Option<Proof>> {
    let Some(report) = report_of(subject) else {
        return if subject == Subject::ComplaintChannel { channel(db).await.map(Some) } else { Ok(None) };
    };
    let mut proof = Proof { published: None, lacks: Vec::new(), parts: parts_of(report) };
    if let Some(version) = publications::store::latest(db, year, report).await? {
        let address = publications::store::address_of_file(&version, ReportFormat::Html);
        proof.published = Some((version.title, format!("{public_url}{address}")));
        proof.lacks = serde_json::from_value(version.missing).map_err(Error::internal)?;
    }
    Ok(Some(proof))
}

/// Complaints are taken over the website of the agency.
async fn channel(db: &impl ConnectionTrait) -> Result<Proof> {
    let agency = agency::Entity::find().one(db).await?;
    let website = agency.and_then(|agency| Some((agency.name_th, agency.website?)));
    Ok(Proof { published: website, lacks: Vec::new(), parts: &[] })
}

fn report_of(subject: Subject) -> Option<ReportSubject> {
    ReportSubject::of_code(subject.code())
}
