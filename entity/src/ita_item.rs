//! An item of the ITA's open data assessment (OIT) in one fiscal year: what the agency must disclose, and of which parts.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::texts::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "ita_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub fiscal_year: i32,
    /// The number in its code: "O35" is 35. It means something in its year only.
    pub number: i32,
    /// What it is about, the same in every year.
    pub subject: Option<Subject>,
    pub indicator: String,
    pub sub_indicator: String,
    pub title: String,
    pub conditions: Texts,
    pub required_parts: Texts,
    /// How many years before its assessment the data is of.
    pub years_before: i32,
    pub confidence: Confidence,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Confidence = "ItaConfidence" ("ที่มาของข้อความ", "How sure the text of an ITA item is.") {
        Sourced = "sourced" (
            "ตรงตามคู่มือ", "sourced",
            "ข้อความตรงตามคู่มือการประเมินของสำนักงาน ป.ป.ช.",
            "The text is as in the commission's manual."
        ),
        PartlySourced = "partly_sourced" (
            "ตรงตามคู่มือบางส่วน", "partly sourced",
            "ข้อความบางส่วนมาจากแหล่งอื่น โปรดตรวจกับคู่มือ",
            "Part of the text is from elsewhere: compare it with the manual."
        ),
        Recalled = "recalled" (
            "ยังไม่ได้ตรวจกับคู่มือ", "recalled",
            "ข้อความเขียนจากความจำ โปรดตรวจกับคู่มือ",
            "The text is from memory: compare it with the manual."
        ),
    }
}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Subject = "ItaSubject" ("เรื่องของข้อคำถาม ITA", "What an ITA item is about, whatever its code is in a year.") {
        ServiceManual = "service_manual" (
            "คู่มือการให้บริการ", "service manual",
            "คู่มือหรือแนวทางการให้บริการสำหรับผู้รับบริการ",
            "The manual for those who use a service."
        ),
        ServiceStatistics = "service_statistics" (
            "สถิติการให้บริการ", "service statistics",
            "ข้อมูลสถิติการให้บริการ",
            "Figures of the services."
        ),
        EService = "e_service" (
            "บริการออนไลน์", "e-service",
            "ช่องทางขอรับบริการออนไลน์",
            "Services that are requested online."
        ),
        ComplaintGuideline = "complaint_guideline" (
            "แนวปฏิบัติการจัดการเรื่องร้องเรียน", "complaint guideline",
            "แนวปฏิบัติการจัดการเรื่องร้องเรียนการทุจริตและประพฤติมิชอบ",
            "How complaints about corruption and misconduct are handled."
        ),
        ComplaintChannel = "complaint_channel" (
            "ช่องทางแจ้งเรื่องร้องเรียน", "complaint channel",
            "ช่องทางแจ้งเรื่องร้องเรียนการทุจริตและประพฤติมิชอบ",
            "Where complaints about corruption and misconduct are sent."
        ),
        ComplaintStatistics = "complaint_statistics" (
            "สถิติเรื่องร้องเรียน", "complaint statistics",
            "ข้อมูลเชิงสถิติเรื่องร้องเรียนการทุจริตและประพฤติมิชอบ",
            "Figures of complaints about corruption and misconduct."
        ),
        PublicParticipation = "public_participation" (
            "การมีส่วนร่วม", "public participation",
            "การเปิดโอกาสให้เกิดการมีส่วนร่วม",
            "How people outside of the agency take part."
        ),
        NoGiftAnnouncement = "no_gift_announcement" (
            "ประกาศเจตนารมณ์ No Gift Policy", "no-gift announcement",
            "ประกาศเจตนารมณ์นโยบาย No Gift Policy",
            "The announcement of the no-gift policy."
        ),
        NoGiftCulture = "no_gift_culture" (
            "การสร้างวัฒนธรรม No Gift Policy", "no-gift culture",
            "กิจกรรมสร้างวัฒนธรรม No Gift Policy",
            "Activities that spread the no-gift policy."
        ),
        NoGiftReport = "no_gift_report" (
            "รายงานผลตามนโยบาย No Gift Policy", "no-gift report",
            "รายงานการรับของขวัญตามนโยบาย No Gift Policy",
            "The report on gifts under the no-gift policy."
        ),
        CustomaryGifts = "customary_gifts" (
            "การรับทรัพย์สินโดยธรรมจรรยา", "customary gifts",
            "รายงานการรับทรัพย์สินหรือประโยชน์อื่นใดโดยธรรมจรรยา",
            "The report on gifts received by custom."
        ),
        RiskAssessment = "risk_assessment" (
            "การประเมินความเสี่ยงการทุจริต", "risk assessment",
            "การประเมินความเสี่ยงการทุจริตและประพฤติมิชอบ",
            "The assessment of the risks of corruption."
        ),
        RiskReport = "risk_report" (
            "รายงานผลการจัดการความเสี่ยงการทุจริต", "risk report",
            "รายงานผลการดำเนินการเพื่อจัดการความเสี่ยงการทุจริต",
            "The report on what was done about these risks."
        ),
        AntiCorruptionPlan = "anti_corruption_plan" (
            "แผนปฏิบัติการป้องกันการทุจริต", "anti-corruption plan",
            "แผนโครงการและกิจกรรมป้องกันการทุจริต",
            "The plan of anti-corruption projects."
        ),
        AntiCorruptionReport = "anti_corruption_report" (
            "รายงานผลการป้องกันการทุจริต", "anti-corruption report",
            "รายงานผลการดำเนินการป้องกันการทุจริตประจำปี",
            "The annual report on anti-corruption projects."
        ),
        IntegrityMeasures = "integrity_measures" (
            "มาตรการส่งเสริมคุณธรรมและความโปร่งใส", "integrity measures",
            "มาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน",
            "The plan of integrity measures."
        ),
        IntegrityMeasuresReport = "integrity_measures_report" (
            "รายงานผลมาตรการส่งเสริมคุณธรรมและความโปร่งใส", "integrity measures report",
            "รายงานผลการดำเนินการตามมาตรการส่งเสริมคุณธรรมและความโปร่งใส",
            "The report on integrity measures."
        ),
    }
}
