//! Revision numbers of the resources: exact for writes of this process, within a second for those of others.

use std::sync::atomic::{AtomicI64, Ordering};

use entity::codes::Coded;

entity::codes! {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Resource = "Resource" ("ประเภทข้อมูล", "What has a revision. A public response names those that it depends on.") {
        Today = "today" (
            "วันนี้", "today",
            "ข้อมูลที่ขึ้นกับวัน",
            "Not in the database: it rises at midnight, for what depends on the day."
        ),
        Agency = "agency" (
            "ข้อมูลเทศบาล", "agency",
            "ชื่อ ที่อยู่ และช่องทางติดต่อของเทศบาล",
            "Name, address and contact of the municipality."
        ),
        Units = "units" (
            "ส่วนราชการ", "unit",
            "ส่วนราชการของเทศบาล",
            "A division or section of the municipality."
        ),
        Holidays = "holidays" (
            "วันหยุดราชการ", "holiday",
            "วันที่ไม่นับเป็นวันทำการ",
            "A day that is no working day."
        ),
        Measures = "measures" (
            "มาตรการ", "measure",
            "มาตรการส่งเสริมคุณธรรมและความโปร่งใส",
            "An integrity and transparency measure."
        ),
        Projects = "projects" (
            "โครงการ", "project",
            "โครงการหรือกิจกรรมป้องกันการทุจริต",
            "An anti-corruption project or activity."
        ),
        ReportFrames = "report-frames" (
            "กรอบรายงาน", "frame of a report",
            "ชื่อรายงาน ข้อความนำ ข้อความปิดท้าย และบันทึกข้อความของรายงาน",
            "Title, opening, closing and memo of a report."
        ),
        ReportedFigures = "reported-figures" (
            "ตัวเลขที่รายงานไว้", "reported figure",
            "จำนวนเรื่องของช่วงเวลาที่ไม่ได้บันทึกในระบบ ตามที่รายงานไว้ในเอกสารอื่น",
            "Totals of a period whose cases are not recorded here, as they were reported elsewhere."
        ),
        PublicFiles = "public-files" (
            "ไฟล์เผยแพร่", "public file",
            "ไฟล์ที่เทศบาลเผยแพร่เป็นหลักฐาน",
            "A file that the municipality published as evidence."
        ),
        Links = "links" (
            "ลิงก์", "link",
            "ที่อยู่เว็บที่ข้อมูลที่เผยแพร่อ้างถึง",
            "A web address that published records refer to."
        ),
        ComplaintCategories = "complaint-categories" (
            "ประเภทย่อย", "complaint category",
            "ประเภทย่อยของเรื่องร้องเรียน",
            "A category under which complaints are filed."
        ),
        Complaints = "complaints" (
            "เรื่องร้องเรียน", "complaint",
            "เรื่องร้องเรียน ข้อเสนอแนะ และคำชมเชย",
            "A complaint, suggestion or compliment."
        ),
        SealedIdentities = "sealed-identities" (
            "ข้อมูลตัวตนที่ปิดผนึก", "sealed identity",
            "ข้อมูลตัวตนผู้ร้องเรียน เปิดได้เฉพาะผู้ดูแลกุญแจ",
            "The identity of a reporter, which custodians alone can open."
        ),
        IdentityRequests = "identity-requests" (
            "คำขอเปิดเผยตัวตน", "identity request",
            "คำขอเปิดเผยตัวตนผู้ร้องเรียนของเจ้าหน้าที่",
            "A request of an officer for the identity of a reporter."
        ),
        Guides = "guides" (
            "แนวทางและคำชี้แจง", "guide",
            "แนวทาง คำชี้แจง และข้อความพร้อมใช้ของหน่วยงาน",
            "A guide, notice or ready text of the agency."
        ),
        EServices = "e-services" (
            "บริการออนไลน์", "e-service",
            "บริการที่ยื่นคำขอออนไลน์ได้",
            "A service that can be requested online."
        ),
        EServiceForms = "e-service-forms" (
            "แบบคำขอ", "form of an e-service",
            "แบบคำขอของบริการออนไลน์แต่ละรุ่น",
            "A version of the form of an e-service."
        ),
        ServiceRequests = "service-requests" (
            "คำขอรับบริการ", "service request",
            "คำขอใช้บริการออนไลน์",
            "A request for an e-service."
        ),
        ClosedDays = "closed-days" (
            "วันงดให้บริการ", "closed day",
            "วันหรือครึ่งวันที่งดนัดหมายของบริการ",
            "A day, or half of one, that is closed for bookings of an e-service."
        ),
        ItaYears = "ita-years" (
            "ปีของการประเมิน ITA", "year of the ITA",
            "กำหนดส่งและผลการประเมิน ITA ของปีงบประมาณ",
            "Deadline and result of the ITA of a fiscal year."
        ),
        ItaItems = "ita-items" (
            "ข้อคำถาม ITA", "item of the ITA",
            "ข้อคำถามของแบบวัดการเปิดเผยข้อมูลสาธารณะ (OIT)",
            "An item of the ITA's open data assessment."
        ),
        ItaDisclosures = "ita-disclosures" (
            "คำตอบข้อคำถาม ITA", "answer to an item of the ITA",
            "คำตอบของเทศบาลต่อข้อคำถาม ITA",
            "The agency's answer to an item of the ITA."
        ),
        Users = "users" (
            "ผู้ใช้", "user",
            "บัญชีผู้ใช้ของบุคคล",
            "The account of a person."
        ),
        UserApprovals = "user-approvals" (
            "คำขออนุมัติ", "request for approval",
            "การดำเนินการกับบัญชีที่ต้องให้ผู้ดูแลระบบคนที่สองอนุมัติ",
            "An operation on an account that needs a second admin."
        ),
        Clients = "clients" (
            "โปรแกรมที่เชื่อมต่อ", "client",
            "โปรแกรมที่ได้รับสิทธิ์ใช้ระบบ",
            "A program that has access."
        ),
        ProviderSubjects = "provider-subjects" (
            "บัญชีของระบบยืนยันตัวตน", "person of the identity provider",
            "บุคคลที่เข้าสู่ระบบผ่านผู้ให้บริการยืนยันตัวตน",
            "A person who logs in at the identity provider."
        ),
        Posts = "posts" (
            "ตำแหน่ง", "post",
            "ตำแหน่งของผู้ลงนาม และผู้ดำรงตำแหน่ง",
            "A post that signs reports, and its holders."
        ),
        Publications = "publications" (
            "ฉบับเผยแพร่", "publication",
            "รายงานที่เสนอลงนามและเผยแพร่แต่ละฉบับ",
            "A version of a report that is signed and published."
        ),
        PublicationFiles = "publication-files" (
            "ไฟล์ของฉบับเผยแพร่", "published file",
            "ไฟล์ที่เผยแพร่ของรายงานแต่ละฉบับ พร้อมค่าแฮช",
            "A published file of a version of a report, by its hash."
        ),
    }
}

impl Resource {
    /// Whether its revision tells when somebody reported something: no public response shows it.
    pub fn is_confidential(self) -> bool {
        [Resource::Complaints, Resource::SealedIdentities, Resource::IdentityRequests].contains(&self)
    }

    /// Whether the database has texts of it that are encrypted.
    pub fn is_encrypted(self) -> bool {
        self.is_confidential() || self == Resource::ServiceRequests
    }

    pub const fn name(self) -> &'static str {
        Self::CODES[self as usize].code
    }
}

/// Numbers only rise. A reader takes them before it asks the database: what it then reads is at least as new.
#[derive(Default)]
pub struct Revisions([AtomicI64; <Resource as Coded>::ALL.len()]);

impl Revisions {
    pub fn of(&self, resource: Resource) -> i64 {
        self.0[resource as usize].load(Ordering::Acquire)
    }

    pub fn raise(&self, resource: Resource, number: i64) {
        self.0[resource as usize].fetch_max(number, Ordering::AcqRel);
    }

    pub fn snapshot(&self) -> RevisionSet {
        RevisionSet(std::array::from_fn(|index| self.0[index].load(Ordering::Acquire)))
    }
}

/// The revisions at one moment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RevisionSet([i64; <Resource as Coded>::ALL.len()]);

impl RevisionSet {
    /// Whether nothing of `resources` has changed since.
    pub fn still_holds(&self, resources: &[Resource], now: &Revisions) -> bool {
        resources.iter().all(|resource| self.0[*resource as usize] == now.of(*resource))
    }

    /// The ETag of a record: its version, which is what `If-Match` looks at, and the revisions of what else shows in it.
    pub fn etag(&self, version: i32, shown: &[Resource]) -> String {
        format!("\"{version}.{}\"", self.tag(shown))
    }

    /// The revisions of several resources as the text of an ETag.
    pub fn tag(&self, resources: &[Resource]) -> String {
        resources.iter().map(|resource| self.0[*resource as usize].to_string()).collect::<Vec<_>>().join(".")
    }
}
