//! The resources in the order of the document, each with its tags, and with its records in the export of the audit log.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::accounts::{clients, users};
use crate::audit::export::records;
use crate::audit_log::Records;
use crate::{complaints, e_services, measures, posts, projects, reported_figures, units};

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
    measures {
        "measures": "Integrity and transparency measures of each fiscal year (มาตรการส่งเสริมคุณธรรมและความโปร่งใส)"
    } [measures::store::Row],
    projects {
        "projects": "Anti-corruption projects and activities, with their budgets and results (โครงการ/กิจกรรมป้องกันการทุจริต)"
    } [projects::store::Row],
    report_frames {} [entity::report_frame::Model],
    public_files { "public-files": "Files that the municipality publishes as evidence, at permanent addresses (ไฟล์เผยแพร่)" } [entity::public_file::Model],
    links { "links": "Web addresses that published records refer to, and whether they work (ลิงก์)" } [],
    reports { "reports": "Annual reports for publication and for the ITA submission (รายงานสำหรับการประเมิน ITA)" } [],
    ita { "ita": "The yearly submission to the ITA: its items, the agency's answers, and their readiness (การประเมินคุณธรรมและความโปร่งใส)" } [
        entity::ita_year::Model,
        entity::ita_item::Model,
        entity::ita_disclosure::Model
    ],
    publications {
        "publications": "Reports that are signed and published for good, with their hashes (รายงานที่ลงนามและเผยแพร่)"
    } [entity::publication::Model, entity::publication_file::Model],
    reported_figures {} [reported_figures::store::Row],
    statistics { "statistics": "Figures of measures, projects, complaints and e-services by fiscal year (สถิติ)" } [],
    complaints {
        "complaints": "Complaints about corruption, misconduct and services, and feedback (เรื่องร้องเรียน)",
        "identity-requests": "Requests of officers for the identity of a reporter, decided by custodians (คำขอเปิดเผยตัวตนผู้ร้องเรียน)",
        "complaint-categories": "Categories under which complaints are filed (ประเภทย่อยของเรื่องร้องเรียน)"
    } [
        entity::complaint_category::Model,
        complaints::store::Row,
        entity::sealed_identity::Model,
        entity::identity_request::Model
    ],
    e_services {
        "e-services": "Services of the municipality that can be requested online, and their forms (บริการออนไลน์)",
        "service-requests": "Requests for e-services, and their progress (คำขอรับบริการ)",
        "closed-days": "Days that are closed for bookings, such as for rain (วันงดให้บริการ)"
    } [
        e_services::store::Row,
        entity::e_service_form::Model,
        e_services::requests::store::Row,
        entity::closed_day::Model
    ],
    conversions {} [],
    work { "work": "Open cases of both kinds, and the officers who handle them (งานที่ต้องดำเนินการ)" } [],
    changes { "changes": "What has changed, for programs that keep a copy (ข้อมูลที่เปลี่ยนแปลง)" } [],
    code_lists { "code-lists": "The codes of all fields, with their names in Thai and in English (รหัสและชื่อ)" } [],
    guides { "guides": "Texts of the agency for citizens and officers: guides, notices and ready texts (แนวทาง คำชี้แจง และข้อความพร้อมใช้)" } [
        entity::guide::Model
    ],
    challenges {
        "challenges": "Proof of work for complaints and requests that are sent without a token (โจทย์ป้องกันโปรแกรมอัตโนมัติ)"
    } [],
    file_inspections { "file-inspections": "Metadata of a file, before it is sent (การตรวจข้อมูลแฝงในไฟล์)" } [],
    accounts {
        "accounts": "Login, tokens and the current user's own account (การเข้าสู่ระบบและบัญชีของตนเอง)",
        "users": "Accounts of people, and people of the identity provider (บัญชีผู้ใช้)",
        "user-approvals": "Operations on users that need the approval of a second admin (คำขออนุมัติเกี่ยวกับบัญชีผู้ใช้)",
        "clients": "Programs that use the API, and their secrets (โปรแกรมที่เชื่อมต่อ)"
    } [
        users::store::Row,
        entity::user_approval::Model,
        clients::store::Row,
        entity::provider_subject::Model
    ],
    audit { "audit": "The audit log, its checkpoints and proofs (บันทึกเหตุการณ์ในระบบ)" } [],
    retention { "retention": "Cases due for destruction at the end of retention (การทำลายเมื่อครบกำหนดจัดเก็บ)" } [],
    posts { "posts": "Posts of those who sign reports, and their holders (ตำแหน่งและผู้ดำรงตำแหน่ง)" } [posts::store::Row],
    agency { "agency": "Name, address and contact of the municipality (ข้อมูลเทศบาล)" } [entity::agency::Model],
    units { "units": "Divisions and sections of the municipality (ส่วนราชการ)" } [units::store::Row],
    holidays { "holidays": "Public holidays, which are skipped when working days are counted (วันหยุดราชการ)" } [entity::holiday::Model],
    fiscal_years { "fiscal-years": "First and last days of fiscal years, quarters and halves (ปีงบประมาณ)" } [],
    meta { "meta": "The service itself: documents, health and problem codes (ข้อมูลของระบบ)" } [],
}
