//! What the reports, their frames and their publications have in common.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum ReportSubject = "ReportSubject" ("เรื่องของรายงาน", "Subject of a report. It is the stable subject of the ITA item; addresses have hyphens in place of underscores.") {
        IntegrityMeasures = "integrity_measures" (
            "มาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน", "integrity measures",
            "แผนมาตรการของปี (ข้อ O34 ของปีงบประมาณ พ.ศ. 2567)",
            "The plan of measures of the year (ITA item O34 of fiscal year 2567)."
        ),
        IntegrityMeasuresReport = "integrity_measures_report" (
            "รายงานผลการดำเนินการเพื่อส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน", "report on integrity measures",
            "ผลการดำเนินการและผลลัพธ์ของแต่ละมาตรการ (ข้อ O35 ของปีงบประมาณ พ.ศ. 2567)",
            "Results and outcomes of the measures (ITA item O35 of fiscal year 2567)."
        ),
        AntiCorruptionReport = "anti_corruption_report" (
            "รายงานผลการดำเนินการป้องกันการทุจริตประจำปี", "annual anti-corruption report",
            "ผล งบประมาณ ปัญหา และข้อเสนอแนะของแต่ละโครงการ (ข้อ O33 ของปีงบประมาณ พ.ศ. 2567)",
            "Result, budget, problems and recommendations of the projects (ITA item O33 of fiscal year 2567)."
        ),
        ComplaintStatistics = "complaint_statistics" (
            "สถิติเรื่องร้องเรียนการทุจริตและประพฤติมิชอบ", "statistics of complaints",
            "จำนวนเรื่องร้องเรียนการทุจริตและประพฤติมิชอบรายเดือน (ข้อ O24 ของปีงบประมาณ พ.ศ. 2567)",
            "Complaints of corruption and misconduct by month (ITA item O24 of fiscal year 2567)."
        ),
        ServiceStatistics = "service_statistics" (
            "สถิติการให้บริการ", "statistics of services",
            "จำนวนคำขอรับบริการรายเดือน รายบริการ และรายช่องทาง (ข้อ O12 ของปีงบประมาณ พ.ศ. 2567)",
            "Service requests by month, service and channel (ITA item O12 of fiscal year 2567)."
        ),
        EService = "e_service" (
            "บริการออนไลน์ (E-Service)", "catalogue of e-services",
            "บริการที่ประชาชนยื่นคำขอออนไลน์ได้ (ข้อ O13 ของปีงบประมาณ พ.ศ. 2567)",
            "The services that can be requested online (ITA item O13 of fiscal year 2567)."
        ),
        ServiceManual = "service_manual" (
            "คู่มือการให้บริการสำหรับประชาชน", "citizens' manual",
            "ขั้นตอน ระยะเวลา ช่องทาง ค่าธรรมเนียม และกฎหมายของแต่ละบริการ (ข้อ O11 ของปีงบประมาณ พ.ศ. 2567)",
            "Steps, time, channel, fee and law of each service (ITA item O11 of fiscal year 2567)."
        ),
    }
}

impl ReportSubject {
    /// As addresses and names of files have it.
    pub fn slug(self) -> String {
        crate::codes::Coded::code(self).replace('_', "-")
    }
}

crate::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum SigningStep = "SigningStep" ("ขั้นตอนการลงนาม", "Step at which a post signs a report.") {
        Prepared = "prepared" (
            "ผู้จัดทำ", "prepared",
            "จัดทำและเสนอรายงาน",
            "The post prepares the report and submits it."
        ),
        Endorsed = "endorsed" (
            "ผู้เห็นชอบ", "endorsed",
            "ตรวจสอบและเสนอต่อผู้บังคับบัญชา",
            "The post examines the report and passes it on."
        ),
        Approved = "approved" (
            "ผู้อนุมัติ", "approved",
            "อนุมัติรายงาน",
            "The post approves the report."
        ),
        Acknowledged = "acknowledged" (
            "ผู้รับทราบ", "acknowledged",
            "รับทราบรายงาน",
            "The post takes note of the report."
        ),
    }
}
