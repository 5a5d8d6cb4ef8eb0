//! A version of a text that the agency keeps for citizens and officers. It never changes: another text is another version.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "guide")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    /// From 1. The highest of a code is in use.
    pub version: i32,
    pub occasion: Occasion,
    pub title_th: String,
    pub title_en: Option<String>,
    pub text_th: String,
    pub text_en: Option<String>,
    /// The law that the text follows.
    pub law: Option<String>,
    pub law_check: Option<LawCheck>,
    pub created_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Occasion = "GuideOccasion" ("โอกาสที่ใช้ข้อความ", "When a text of the agency is shown or used.") {
        Reference = "reference" (
            "เผยแพร่ทั่วไป", "reference",
            "แสดงบนเว็บไซต์ ไม่ผูกกับขั้นตอนใด",
            "On the website, at no step of a case."
        ),
        Intake = "intake" (
            "ก่อนยื่นเรื่องทุกชนิด", "any intake",
            "แสดงก่อนส่งเรื่องร้องเรียนหรือคำขอรับบริการ",
            "Before a complaint or a service request is sent."
        ),
        ComplaintIntake = "complaint_intake" (
            "ก่อนยื่นเรื่องร้องเรียน", "complaint intake",
            "แสดงก่อนส่งเรื่องร้องเรียน",
            "Before a complaint is sent."
        ),
        ServiceRequestIntake = "service_request_intake" (
            "ก่อนยื่นคำขอรับบริการ", "service request intake",
            "แสดงก่อนส่งคำขอรับบริการ",
            "Before a service request is sent."
        ),
        ComplaintClosed = "complaint_closed" (
            "เมื่อเรื่องร้องเรียนสิ้นสุด", "complaint closed",
            "แสดงเมื่อเรื่องร้องเรียนสิ้นสุด ไม่ว่าสิ้นสุดอย่างไร เว้นแต่ดำเนินการต่อเป็นคำขอรับบริการ",
            "However a complaint has ended, unless it was converted."
        ),
        ComplaintDisagreement = "complaint_disagreement" (
            "เมื่อไม่เห็นด้วยกับผลการพิจารณา", "complaint disagreement",
            "บอกผู้ร้องเรียนว่าร้องเรียนต่อหน่วยงานใดได้ เมื่อเทศบาลแจ้งผลการพิจารณาหรือไม่รับเรื่อง",
            "Where a reporter can go who disagrees: the complaint was rejected, or concluded with a verdict."
        ),
        ComplaintReopening = "complaint_reopening" (
            "การขอให้นำเรื่องกลับมาพิจารณาใหม่", "complaint reopening",
            "แสดงขณะที่ผู้ร้องเรียนขอให้นำเรื่องกลับมาพิจารณาใหม่ได้ {until} คือวันสุดท้ายที่ขอได้",
            "While the reporter can ask to reopen the complaint. {until} is the last day."
        ),
        ServiceRequestClosed = "service_request_closed" (
            "เมื่อคำขอรับบริการสิ้นสุด", "service request closed",
            "แสดงเมื่อคำขอรับบริการสิ้นสุด ไม่ว่าสิ้นสุดอย่างไร เว้นแต่ดำเนินการต่อเป็นเรื่องร้องเรียน",
            "However a service request has ended, unless it was converted."
        ),
        ServiceRequestAppeal = "service_request_appeal" (
            "สิทธิอุทธรณ์เมื่อไม่รับคำขอ", "service request appeal",
            "บอกผู้ยื่นคำขอที่เทศบาลไม่รับคำขอถึงสิทธิอุทธรณ์ {until} คือวันสุดท้ายของ 15 วันนับแต่วันที่แจ้งผล",
            "The right of appeal of an applicant whose request was rejected. {until} is the last of the 15 days after the applicant was told."
        ),
        ServiceRequestReopening = "service_request_reopening" (
            "การขอให้นำคำขอกลับมาดำเนินการใหม่", "service request reopening",
            "แสดงขณะที่เจ้าหน้าที่นำคำขอกลับมาดำเนินการใหม่ได้ {until} คือวันสุดท้าย",
            "While the office can reopen the request. {until} is the last day."
        ),
        Rating = "rating" (
            "การให้คะแนน", "rating",
            "แสดงขณะที่ผู้ร้องเรียนหรือผู้ยื่นคำขอให้คะแนนได้",
            "While the reporter or applicant can rate the case."
        ),
        Converted = "converted" (
            "เมื่อดำเนินการต่อเป็นอีกเรื่องหนึ่ง", "converted",
            "แสดงเมื่อเรื่องร้องเรียนเปลี่ยนเป็นคำขอรับบริการ หรือคำขอรับบริการเปลี่ยนเป็นเรื่องร้องเรียน {reference} คือเลขรับเรื่องที่ดำเนินการต่อ",
            "A case goes on as one of the other kind. {reference} is the number of that case."
        ),
        ComplaintRejection = "complaint_rejection" (
            "ข้อความไม่รับเรื่องร้องเรียน", "complaint rejection",
            "ข้อความพร้อมใช้สำหรับเจ้าหน้าที่ เมื่อไม่รับเรื่องร้องเรียน",
            "A ready text for officers who reject a complaint."
        ),
        ServiceRequestRejection = "service_request_rejection" (
            "ข้อความไม่รับคำขอ", "service request rejection",
            "ข้อความพร้อมใช้สำหรับเจ้าหน้าที่ เมื่อไม่รับคำขอรับบริการ",
            "A ready text for officers who reject a service request."
        ),
        Delay = "delay" (
            "ข้อความแจ้งเหตุล่าช้า", "delay",
            "ข้อความพร้อมใช้สำหรับเจ้าหน้าที่ เมื่อดำเนินการไม่ทันกำหนด",
            "A ready text for officers who are late."
        ),
    }
}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum LawCheck = "LawCheck" ("การตรวจสอบข้อกฎหมาย", "Whether a reference to a law was compared with the law.") {
        Compared = "compared" (
            "ตรวจกับตัวบทแล้ว", "compared",
            "ตรวจกับตัวบทหรือแหล่งทางการแล้ว",
            "It was compared with the law or an official source."
        ),
        Known = "known" (
            "เป็นที่ทราบทั่วไป", "known",
            "เป็นที่ทราบทั่วไป แต่ยังไม่ได้ตรวจกับตัวบท",
            "It is commonly known, and was not compared with the law."
        ),
        ToBeChecked = "to_be_checked" (
            "ต้องตรวจสอบ", "to be checked",
            "โปรดให้นิติกรตรวจกับตัวบทก่อนใช้",
            "A lawyer has to compare it with the law before use."
        ),
    }
}
