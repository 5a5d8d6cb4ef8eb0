//! Scopes, and the roles that grant them: the only table of permissions. The document publishes it.

use clap::ValueEnum;
use entity::codes::{self, Code, Coded, Label};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::message::Message;

/// A right, as a type in a handler's signature.
pub trait Scope: 'static {
    const NAME: &str;
}

/// A row of the table: a scope and the roles that give it.
pub struct Row {
    pub name: &'static str,
    /// Its name for people, in Thai.
    pub name_th: &'static str,
    pub meaning: &'static str,
    /// The roles that give it for all units, or for what belongs to no unit.
    pub roles: &'static [Role],
    /// The roles that give it for the units that their holder works for. If there are any, it is bound to the units of a client as
    /// well.
    pub of_units: &'static [Role],
    /// Whether no admin gives it alone: who has it reads cases or learns more of them than the public, learns who reported, has cases
    /// destroyed, or changes what others can do.
    pub guarded: bool,
}

impl Row {
    fn is_given_by(&self, role: Role) -> bool {
        self.roles.contains(&role) || self.of_units.contains(&role)
    }

    /// Whether the units of its holder bind it.
    pub fn is_of_units(&self) -> bool {
        !self.of_units.is_empty()
    }
}

macro_rules! scopes {
    (@guarded) => { false };
    (@guarded guarded) => { true };
    ($($scope:ident = $name:literal $name_th:literal [$($role:ident),*] $(of units [$($bound:ident),*])? $(, $guarded:ident)? $meaning_th:literal $meaning:literal;)*) => {
        $(#[doc = $meaning] pub struct $scope; impl Scope for $scope { const NAME: &str = $name; })*

        /// The scopes, as clients read them.
        pub const CODES: &[Code] = &[$(Code::new($name, ($name_th, $name), ($meaning_th, $meaning)),)*];

        pub const ALL: &[Row] = &[$(Row {
            name: $name,
            name_th: $name_th,
            meaning: $meaning,
            roles: &[$(Role::$role),*],
            of_units: &[$($(Role::$bound),*)?],
            guarded: scopes!(@guarded $($guarded)?),
        },)*];
    };
}

scopes! {
    AgencyWrite = "agency:write" "แก้ไขข้อมูลเทศบาล" [Admin] "แก้ไขชื่อ ที่อยู่ และช่องทางติดต่อของเทศบาล" "Change the agency's own particulars";
    UnitsWrite = "units:write" "จัดการส่วนราชการ" [Admin] "เพิ่มและแก้ไขส่วนราชการ" "Create and change units";
    HolidaysWrite = "holidays:write" "จัดการวันหยุดราชการ" [Admin] "เพิ่ม แก้ไข และลบวันหยุดราชการ ซึ่งใช้คำนวณวันทำการ" "Create, change and delete holidays";
    MeasuresRead = "measures:read" "ดูมาตรการฉบับร่าง" [Approver, Auditor] of units [Editor] "ดูมาตรการที่ยังไม่เผยแพร่" "See measures that are not published";
    MeasuresWrite = "measures:write" "จัดการมาตรการ" [] of units [Editor] "ดู เพิ่ม แก้ไข เผยแพร่ และถอนการเผยแพร่มาตรการ" "Read, create, change, publish and unpublish measures";
    ProjectsRead = "projects:read" "ดูโครงการฉบับร่าง" [Approver, Auditor] of units [Editor] "ดูโครงการที่ยังไม่เผยแพร่" "See projects that are not published";
    ProjectsWrite = "projects:write" "จัดการโครงการ" [] of units [Editor] "ดู เพิ่ม แก้ไข เผยแพร่ และถอนการเผยแพร่โครงการ" "Read, create, change, publish and unpublish projects";
    ReportFramesRead = "report-frames:read" "ดูบันทึกข้อความและส่วนที่ขาดของรายงาน" [Approver, Auditor, Editor] "ดูกรอบและบันทึกข้อความของรายงาน และข้อมูลที่รายงานยังขาด" "See frames and memos of reports, and what the reports lack";
    ReportFramesWrite = "report-frames:write" "จัดการกรอบรายงาน" [Editor] "ดูและแก้ไขชื่อรายงาน ข้อความนำ ข้อความปิดท้าย และบันทึกข้อความ" "Read and change title, opening, closing and memo of reports";
    PostsRead = "posts:read" "ดูตำแหน่งและผู้ดำรงตำแหน่ง" [Editor, Approver, Auditor, Admin] "ดูว่าผู้ใดดำรงตำแหน่งใด" "See who holds which post";
    PostsWrite = "posts:write" "จัดการตำแหน่ง" [Admin] "เพิ่ม แก้ไข และลบตำแหน่ง และกำหนดผู้ดำรงตำแหน่ง" "Create, change and delete posts, and say who holds them";
    PublicationsRead = "publications:read" "ดูรายงานที่อยู่ระหว่างลงนาม" [Editor, Approver, Auditor] "ดูฉบับร่างและการลงนามรายงานที่ยังไม่เผยแพร่ รวมทั้งข้อมูลที่ยังขาด" "See versions of reports that are not published, their signatures and what they lack";
    PublicationsWrite = "publications:write" "จัดทำรายงานเพื่อเผยแพร่" [Editor] "จัดทำฉบับร่าง เสนอลงนาม และยกเลิกฉบับที่ยังไม่เผยแพร่" "Draft versions of reports, submit them for signing, and give them up";
    PublicationsSign = "publications:sign" "ลงนามรายงาน" [Editor, Approver] "ลงนามหรือส่งกลับรายงานตามตำแหน่งของตน" "Sign reports, or return them, as the holder of a post";
    PublicationsApprove = "publications:approve" "ลงนามเผยแพร่รายงาน" [Approver] "ลงนามลำดับสุดท้าย ซึ่งเผยแพร่รายงาน" "Give the last signature, which publishes a report";
    StatisticsWrite = "statistics:write" "จัดการตัวเลขที่รายงานไว้" [Editor] "เพิ่ม แก้ไข และลบตัวเลขของช่วงเวลาที่ไม่ได้บันทึกเรื่องในระบบ ซึ่งแสดงคู่กับสถิติ" "Create, change and delete reported figures, which statistics show beside those that are recorded";
    PublicFilesWrite = "public-files:write" "จัดการไฟล์เผยแพร่" [Editor] "อัปโหลดและลบไฟล์ที่เทศบาลเผยแพร่เป็นหลักฐาน" "Upload, retitle and delete public files";
    LinksRead = "links:read" "ดูผลตรวจลิงก์" [Editor, Auditor] "ดูว่าลิงก์ในข้อมูลที่เผยแพร่ใช้งานได้หรือไม่" "See whether the links of published records work";
    LinksWrite = "links:write" "จัดการลิงก์" [Editor] "ยืนยันไฟล์ที่เปลี่ยนไป และขอให้ตรวจลิงก์" "Accept changed files behind links, and ask for checks";
    GuidesWrite = "guides:write" "จัดการแนวทางและคำชี้แจง" [Editor] "เพิ่มและแก้ไขแนวทาง คำชี้แจง และข้อความพร้อมใช้ของหน่วยงาน" "Create guides, notices and ready texts of the agency, and change them";
    EServicesWrite = "e-services:write" "จัดการบริการออนไลน์" [] of units [Editor] "เพิ่ม แก้ไข เผยแพร่ และถอนการเผยแพร่บริการออนไลน์ รวมทั้งแบบคำขอ" "Create, change, publish and unpublish e-services and their forms";
    ItaRead = "ita:read" "ดูคำตอบ ITA" [Editor, Approver, Auditor] "ดูคำตอบข้อคำถาม ITA ของเทศบาลและความพร้อมส่ง" "See the agency's answers to the items of the ITA, and their readiness";
    ItaWrite = "ita:write" "จัดการข้อมูล ITA" [Editor] "ดู เพิ่ม และแก้ไขข้อคำถาม ITA และคำตอบของเทศบาล" "Read, create and change items of the ITA and the agency's answers";
    ServiceRequestsHandle = "service-requests:handle" "ดำเนินการคำขอรับบริการ" [] of units [ServiceOfficer], guarded "อ่านและดำเนินการคำขอรับบริการของส่วนราชการตน" "Read and handle service requests";
    ServiceRequestsSubmit = "service-requests:submit" "ส่งคำขอรับบริการแทนเว็บไซต์" [] "ส่งคำขอรับบริการทาง Open311 แทนผู้ใช้เว็บไซต์ และส่งข้อความที่ผู้ใช้เพิ่มเติมภายหลัง" "Send service requests over Open311 as a website that adds what its visitors say later";
    ServiceRequestsCount = "service-requests:count" "ดูสถิติคำขอโดยละเอียด" [Auditor], guarded "ดูตัวเลขจริงของคำขอรับบริการ รวมทั้งที่ไม่แสดงต่อประชาชน" "See exact figures of service requests, those included that the public does not see";
    ComplaintsHandle = "complaints:handle" "ดำเนินการเรื่องร้องเรียน" [] of units [ComplaintOfficer], guarded "อ่านและดำเนินการเรื่องร้องเรียนของส่วนราชการตน" "Read and handle complaints";
    ComplaintsSubmit = "complaints:submit" "ส่งเรื่องร้องเรียนแทนเว็บไซต์" [] "ส่งเรื่องร้องเรียนแทนผู้ใช้เว็บไซต์ โดยไม่ต้องผ่านการตรวจป้องกันโปรแกรมอัตโนมัติ" "Send complaints without a challenge, as the website does for its visitors";
    ComplaintsCount = "complaints:count" "ดูสถิติเรื่องร้องเรียนโดยละเอียด" [Auditor], guarded "ดูตัวเลขจริงของเรื่องร้องเรียน รวมทั้งที่ไม่แสดงต่อประชาชน" "See exact figures of complaints, those included that the public does not see";
    IdentitiesApprove = "identities:approve" "พิจารณาคำขอเปิดเผยตัวตน" [Custodian], guarded "ดูว่าผู้ใดขอเปิดเผยตัวตนผู้ร้องเรียนและเพราะเหตุใด อนุมัติหรือไม่อนุมัติ และรับข้อมูลที่ปิดผนึก" "See who asks for a reporter's identity and why, approve or deny it, receive the sealed identity";
    ComplaintCategoriesWrite = "complaint-categories:write" "จัดการประเภทย่อยของเรื่องร้องเรียน" [Admin] "เพิ่มและแก้ไขประเภทย่อยของเรื่องร้องเรียน" "Create and change the categories of complaints";
    UsersRead = "users:read" "ดูรายชื่อผู้ใช้" [Auditor, Admin] "ดูว่าผู้ใดมีบัญชี มีบทบาทใด และบุคคลใดเข้าใช้ผ่านผู้ให้บริการยืนยันตัวตน" "See who has an account, with which roles, and who of the identity provider was here";
    UsersWrite = "users:write" "จัดการบัญชีผู้ใช้" [Admin], guarded "สร้าง แก้ไข และระงับบัญชีผู้ใช้ ตั้งรหัสผ่าน และล้างการยืนยันตัวตนสองชั้น" "Create, change and disable accounts, set passwords, reset second factors; disable people of the identity provider, link them to accounts";
    ClientsRead = "clients:read" "ดูโปรแกรมที่เชื่อมต่อ" [Auditor, Admin] "ดูว่าโปรแกรมใดเชื่อมต่อและมีสิทธิ์ใด" "See which programs have access, with which scopes";
    ClientsWrite = "clients:write" "จัดการโปรแกรมที่เชื่อมต่อ" [Admin] "สร้าง แก้ไข และเพิกถอนโปรแกรมที่เชื่อมต่อ และสร้างรหัสลับของโปรแกรม" "Create, change and revoke clients, make their secrets";
    RetentionRead = "retention:read" "ดูบัญชีเรื่องที่ครบกำหนดทำลาย" [Auditor, Approver], guarded "ดูและพิมพ์บัญชีเรื่องที่ครบกำหนดจัดเก็บ โดยไม่เห็นข้อความในเรื่อง" "See and print the list of cases due for destruction, without what was written in them";
    RetentionApprove = "retention:approve" "อนุมัติการทำลายเรื่อง" [Approver], guarded "อนุมัติให้ทำลายเรื่องที่ครบกำหนดจัดเก็บตามบัญชี" "Approve that cases on the list are destroyed";
    AuditRead = "audit:read" "ดูบันทึกเหตุการณ์ในระบบ" [Auditor], guarded "อ่านและส่งออกบันทึกเหตุการณ์ในระบบ พร้อมจุดรับรองและหลักฐานพิสูจน์ล่าสุด" "Read and export the audit log, with fresh checkpoints and proofs";
}

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[value(rename_all = "snake_case")]
    pub enum Role = "Role" ("บทบาท", "Role of a person or program. One person may hold several.") {
        Editor = "editor" (
            "ผู้จัดทำข้อมูล", "editor",
            "บันทึกมาตรการ โครงการ และบริการออนไลน์",
            "Writes measures, projects and e-services."
        ),
        ComplaintOfficer = "complaint_officer" (
            "เจ้าหน้าที่รับเรื่องร้องเรียน", "complaint officer",
            "ดำเนินการเรื่องร้องเรียนของส่วนราชการตน",
            "Handles the complaints of their own units."
        ),
        ServiceOfficer = "service_officer" (
            "เจ้าหน้าที่รับคำขอ", "service officer",
            "ดำเนินการคำขอรับบริการของส่วนราชการตน อ่านเรื่องร้องเรียนไม่ได้",
            "Handles the service requests of their own units. Reads no complaint."
        ),
        Custodian = "custodian" (
            "ผู้ดูแลกุญแจ", "custodian",
            "พิจารณาคำขอเปิดเผยตัวตนผู้ร้องเรียน และรับข้อมูลที่ปิดผนึก",
            "Decides about identity requests, and receives the sealed identity."
        ),
        Approver = "approver" (
            "ผู้รับรองรายงาน", "approver",
            "ลงนามและเผยแพร่รายงาน อนุมัติการทำลายเรื่อง ดูมาตรการและโครงการที่ยังไม่เผยแพร่",
            "Signs and publishes reports, approves the destruction of cases, sees measures and projects that are not published."
        ),
        Auditor = "auditor" (
            "ผู้ตรวจสอบ", "auditor",
            "อ่านฉบับร่าง ตัวเลขจริง ผู้ใช้ และบันทึกเหตุการณ์ แต่ไม่อ่านข้อความในเรื่อง แก้ไขไม่ได้",
            "Reads drafts, exact figures, users, clients and the audit log, but no text of a case. Writes nothing."
        ),
        Integrator = "integrator" (
            "โปรแกรมเชื่อมต่อ", "integrator",
            "โปรแกรมที่ได้รับสิทธิ์เฉพาะรายการ",
            "A program with exactly the scopes that it was given."
        ),
        Admin = "admin" (
            "ผู้ดูแลระบบ", "admin",
            "จัดการบัญชีและข้อมูลหลัก อ่านเรื่องร้องเรียนไม่ได้",
            "Manages the agency, units, holidays, categories, users and clients. Reads no complaint."
        ),
    }
}

impl Role {
    pub fn scopes(self) -> Vec<&'static str> {
        Self::scopes_of(&[self])
    }

    /// What several roles give together.
    pub fn scopes_of(roles: &[Role]) -> Vec<&'static str> {
        let is_given = |row: &&Row| roles.iter().any(|role| row.is_given_by(*role));
        ALL.iter().filter(is_given).map(|row| row.name).collect()
    }

    /// Whether no admin gives it alone.
    pub fn is_guarded(self) -> bool {
        ALL.iter().any(|row| row.guarded && row.is_given_by(self))
    }

    /// Whether it gives something for the units that its holder works for.
    pub fn is_of_units(self) -> bool {
        ALL.iter().any(|row| row.of_units.contains(&self))
    }

    pub fn name(self) -> String {
        self.code().to_owned()
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::of_code(name)
    }
}

/// What scopes are.
pub const MEANING: Label = Label::new("สิทธิ์การใช้งาน", "A right of a token.");

/// The name of a scope, as the document has it.
pub struct ScopeName;

impl PartialSchema for ScopeName {
    fn schema() -> RefOr<Schema> {
        codes::schema(&MEANING.en, CODES)
    }
}

impl ToSchema for ScopeName {}

pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|row| row.name)
}

/// The code of a scope, with its names.
pub fn code_of(name: &str) -> Option<&'static Code> {
    CODES.iter().find(|code| code.code == name)
}

pub fn is_guarded(scope: &str) -> bool {
    named(scope).is_some_and(|row| row.guarded)
}

/// That a person's or a program's token needs a scope. It is the same whatever the record is, and whether it exists.
pub fn needed(scope: &str, by_program: bool) -> Message {
    let name_th = named(scope).map_or(scope, |row| row.name_th);
    if by_program {
        return Message::new(
            format!("โปรแกรมนี้ไม่มีสิทธิ์ \"{name_th}\" ({scope}) โปรดให้ผู้ดูแลระบบเพิ่มสิทธิ์ให้โปรแกรม แล้วขอโทเคนใหม่"),
            format!(
                "The client lacks the scope {scope}. Ask an administrator to add it to the client, then get a new token."
            ),
        );
    }
    Message::new(
        format!("ต้องมีสิทธิ์ \"{name_th}\" ({scope}) โปรดติดต่อผู้ดูแลระบบเพื่อขอสิทธิ์ แล้วเข้าสู่ระบบใหม่"),
        format!("The scope {scope} is needed. Ask an administrator for a role that has it, then get a new token."),
    )
}

/// The row of a scope.
pub fn named(scope: &str) -> Option<&'static Row> {
    ALL.iter().find(|row| row.name == scope)
}
