//! A version of a report on its way to the public: drafted, signed by a chain of posts, and published for good.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::report::{ReportSubject, SigningStep};
use crate::texts::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "publication")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub fiscal_year: i32,
    pub subject: ReportSubject,
    /// What versions are numbered within a year: the subject as addresses have it, and of a statement of none its period.
    pub series: String,
    pub number: i32,
    pub status: Status,
    pub title: String,
    /// First and last day of the period of a statement of none.
    pub none_from: Option<Date>,
    pub none_until: Option<Date>,
    /// Why the version before was corrected, for everybody.
    pub reason: Option<String>,
    /// Who has to sign, in order.
    pub chain: Chain,
    /// What the report lacks, as src/reports/envelope.rs has it.
    pub missing: Json,
    /// Why it is published although something is missing.
    pub override_reason: Option<String>,
    /// Rises each time that it is returned.
    pub round: i32,
    /// How many steps of the chain are signed in this round.
    pub signatures: i32,
    /// Names, as the audit log has them, of those who made its content, submitted it, or signed as who prepared it, in any round.
    pub editors: Texts,
    /// Of the frozen report in `publication_content`, in hexadecimal.
    pub content_sha256: String,
    /// What is published; the bytes are in `publication_file`.
    pub files: Files,
    pub published_at: Option<DateTimeUtc>,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// A signature that a report needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    pub step: SigningStep,
    pub post: String,
    pub acting_for: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Chain(pub Vec<Signer>);

/// A published file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// As the name of the file ends.
    pub format: String,
    /// In hexadecimal.
    pub sha256: String,
    pub size_bytes: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Files(pub Vec<File>);

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Status = "ReportPublicationStatus" ("สถานะของฉบับเผยแพร่", "Status of a version of a report.") {
        Draft = "draft" (
            "ฉบับร่าง", "draft",
            "จัดทำแล้ว ยังไม่เสนอลงนาม",
            "It is made, and not yet submitted for signing."
        ),
        InSigning = "in_signing" (
            "อยู่ระหว่างลงนาม", "in signing",
            "รอผู้ลงนามลำดับถัดไป",
            "It waits for the next signature."
        ),
        Returned = "returned" (
            "ส่งกลับแก้ไข", "returned",
            "ผู้ลงนามส่งคืนผู้จัดทำพร้อมเหตุผล",
            "A signer has sent it back with a reason."
        ),
        Published = "published" (
            "เผยแพร่แล้ว", "published",
            "ลงนามครบ และไม่เปลี่ยนแปลงอีก",
            "All have signed, and it never changes again."
        ),
        Abandoned = "abandoned" (
            "ยกเลิก", "abandoned",
            "ไม่ดำเนินการต่อ",
            "It was given up before it was published."
        ),
    }
}
