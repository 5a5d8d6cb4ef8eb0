//! The kinds of records whose changes are told to programs: those that the events of the log are about.

use entity::codes::{self, Code, Coded, Label};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::revisions::Resource;

/// What everyone can read, or once could.
pub const PUBLIC: &[Resource] = &[
    Resource::Agency,
    Resource::Units,
    Resource::Holidays,
    Resource::Measures,
    Resource::Projects,
    Resource::ReportedFigures,
    Resource::PublicFiles,
    Resource::ComplaintCategories,
    Resource::Guides,
    Resource::EServices,
    Resource::ClosedDays,
    Resource::ItaYears,
    Resource::ItaItems,
    Resource::Publications,
];

/// What only a token shows.
const CONFIDENTIAL: &[Resource] = &[Resource::ItaDisclosures, Resource::Complaints, Resource::ServiceRequests];

pub const KIND: Label = Label::new("ประเภทข้อมูลที่ติดตามได้", "What a change is about.");

/// The kinds of records whose changes are listed.
pub fn kinds() -> impl Iterator<Item = &'static Code> {
    let followed = PUBLIC.iter().chain(CONFIDENTIAL);
    followed.map(|resource| &Resource::CODES[*resource as usize])
}

/// What a change is about, as the document has it.
pub struct ChangedResource;

impl PartialSchema for ChangedResource {
    fn schema() -> RefOr<Schema> {
        codes::schema(&KIND.en, kinds())
    }
}

impl ToSchema for ChangedResource {}
