//! The resources in the order of the document, each with its tags, and with its records in the export of the audit log.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::accounts::{clients, users};
use crate::audit::export::records;
use crate::audit_log::Records;
use crate::http::middleware::missing::RecordName;
use crate::{complaints, e_services, measures, projects, units};

macro_rules! resources {
    ($($resource:ident { $($tag:literal: $description:literal),* } [$($record:ty),*],)*) => {
        /// Every operation. Registering a handler is documenting it.
        pub fn register(config: &mut ServiceConfig) {
            $(crate::$resource::routes(config);)*
        }

        pub const TAGS: &[(&str, &str)] = &[$($(($tag, $description),)*)*];

        pub const RECORDS: &[Records] = &[$($(records::<$record>,)*)*];
    };
}

resources! {
    agency { "agency": "The municipality itself" } [entity::agency::Model],
    units { "units": "Divisions and sections" } [units::store::Row],
    fiscal_years { "fiscal-years": "What a fiscal year is" } [],
    holidays { "holidays": "Public holidays, which working days leave out" } [entity::holiday::Model],
    measures { "measures": "Integrity measures (มาตรการส่งเสริมคุณธรรมและความโปร่งใส)" } [measures::store::Row],
    projects { "projects": "Projects and activities against corruption" } [projects::store::Row],
    complaints {
        "complaints": "Complaints about corruption and misconduct (เรื่องร้องเรียน), and the public's feedback",
        "identity-requests": "Who asks to see who a reporter is, and what custodians say to it",
        "complaint-categories": "What complaints are about"
    } [
        entity::complaint_category::Model,
        complaints::store::Row,
        entity::sealed_identity::Model,
        entity::identity_request::Model
    ],
    challenges { "challenges": "Proof of work, of whoever sends something without a token" } [],
    file_inspections { "file-inspections": "What a file tells, before it is sent" } [],
    e_services {
        "e-services": "What the municipality does for whoever asks for it online (ระบบบริการประชาชนออนไลน์)",
        "service-requests": "What people ask of e-services, and what came of it"
    } [e_services::store::Row, entity::e_service_form::Model, e_services::requests::store::Row],
    statistics { "statistics": "What is counted from measures and projects" } [],
    reports { "reports": "Documents for publication and for the ITA submission" } [],
    accounts {
        "accounts": "Logging in, tokens, one's own account",
        "users": "People with an account",
        "user-approvals": "What no admin does alone to an account, and what another admin says to it",
        "clients": "Programs with access"
    } [
        users::store::Row,
        entity::user_approval::Model,
        clients::store::Row,
        entity::provider_subject::Model
    ],
    audit { "audit": "The audit log, and how to verify it" } [],
    retention { "retention": "What is destroyed at the end of its retention" } [],
    meta { "meta": "The service itself" } [],
}

/// What the records of each collection are called, for the 404 of one of them.
pub const NAMES: &[RecordName] = &[
    RecordName { collection: "clients", th: "โปรแกรมที่เชื่อมต่อ", en: "client" },
    RecordName { collection: "complaint-attachments", th: "ไฟล์แนบ", en: "file of a complaint" },
    RecordName { collection: "complaint-categories", th: "ประเภทย่อย", en: "complaint category" },
    RecordName { collection: "complaints", th: "เรื่องร้องเรียน", en: "complaint" },
    RecordName { collection: "e-services", th: "บริการออนไลน์", en: "e-service" },
    RecordName { collection: "holidays", th: "วันหยุดราชการ", en: "holiday" },
    RecordName {
        collection: "identity-requests", th: "คำขอเปิดเผยตัวตน", en: "identity request"
    },
    RecordName { collection: "measures", th: "มาตรการ", en: "measure" },
    RecordName { collection: "projects", th: "โครงการ", en: "project" },
    RecordName {
        collection: "provider-subjects", th: "บัญชีของระบบยืนยันตัวตน", en: "person of the identity provider"
    },
    RecordName {
        collection: "service-request-attachments", th: "ไฟล์แนบ", en: "file of a service request"
    },
    RecordName { collection: "service-requests", th: "คำขอรับบริการ", en: "service request" },
    RecordName { collection: "units", th: "ส่วนราชการ", en: "unit" },
    RecordName { collection: "user-approvals", th: "คำขออนุมัติ", en: "request for approval" },
    RecordName { collection: "users", th: "ผู้ใช้", en: "user" },
];
