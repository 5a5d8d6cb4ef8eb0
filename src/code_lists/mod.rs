//! Codes with their names and meanings in Thai and in English: `/v1/code-lists`.

use actix_web::get;
use entity::codes::{self, Coded, Label};
use entity::{
    agency, case_event, case_file, closed_day, complaint, evidence, guide, identity_request, ita_disclosure, ita_item,
    link, open_case, publication as publications, publication_step, report, reported_figure, retention_listing,
    service_request, state, user_approval,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audit_log::{followed, names};
use crate::auth::scope::{self, Role};
use crate::domain::change::ChangeKind;
use crate::domain::coverage::Coverage;
use crate::domain::disclosure::Disclosure;
use crate::domain::files::{traces, types};
use crate::domain::link as links;
use crate::domain::message::Language;
use crate::domain::period::Period;
use crate::domain::service_request::{self as service_requests, Rating};
use crate::domain::usual_holidays::UsualHolidayKind;
use crate::domain::{approval, complaint as complaints, identity, ita, publication, signing, timeline};
use crate::error::{Code, Result};
use crate::http::list::Page;
use crate::http::negotiation::{RecordFormat, ReportFormat, TableFormat};
use crate::http::params::Path;
use crate::http::response::ReadResponse;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_code_lists).service(get_code_list);
}

/// Every list.
fn lists() -> Vec<CodeList> {
    vec![
        CodeList::of::<complaint::Kind>(),
        CodeList::of::<complaint::Channel>(),
        CodeList::of::<complaint::Status>(),
        CodeList::of::<complaint::Outcome>(),
        CodeList::of::<complaints::Action>(),
        CodeList::of::<complaints::RecusalDecision>(),
        CodeList::of::<service_request::Channel>(),
        CodeList::of::<service_request::Status>(),
        CodeList::of::<service_requests::Action>(),
        CodeList::of::<agency::DayCount>(),
        CodeList::of::<closed_day::Part>(),
        CodeList::of::<case_event::Side>(),
        CodeList::of::<case_file::Taken>(),
        CodeList::of::<state::Status>(),
        CodeList::of::<state::Publication>(),
        CodeList::of::<publication::Action>(),
        CodeList::of::<evidence::EvidenceKind>(),
        CodeList::of::<report::ReportSubject>(),
        CodeList::of::<report::SigningStep>(),
        CodeList::of::<publications::Status>(),
        CodeList::of::<publication_step::Outcome>(),
        CodeList::of::<signing::Action>(),
        CodeList::of::<link::State>(),
        CodeList::of::<links::Action>(),
        CodeList::of::<Period>(),
        CodeList::of::<UsualHolidayKind>(),
        CodeList::of::<Disclosure>(),
        CodeList::of::<Coverage>(),
        CodeList::of::<reported_figure::Kind>(),
        CodeList::of::<Rating>(),
        CodeList::of::<Language>(),
        CodeList::of::<ita_item::Subject>(),
        CodeList::of::<ita_item::Confidence>(),
        CodeList::of::<guide::Occasion>(),
        CodeList::of::<guide::LawCheck>(),
        CodeList::of::<ita_disclosure::State>(),
        CodeList::of::<ita::Action>(),
        CodeList::of::<ita::GapKind>(),
        CodeList::of::<identity_request::Status>(),
        CodeList::of::<identity::Action>(),
        CodeList::of::<types::Finding>(),
        CodeList::of::<traces::TraceKind>(),
        CodeList::of::<Role>(),
        CodeList::new("ScopeName", scope::MEANING, scope::CODES),
        CodeList::new("TimelineAction", timeline::MEANING, timeline::codes()),
        CodeList::new("AuditAction", names::ACTION, names::ACTIONS.iter().copied()),
        CodeList::new("AuditResource", names::KIND, names::kinds()),
        CodeList::new("ChangedResource", followed::KIND, followed::kinds()),
        CodeList::of::<ChangeKind>(),
        CodeList::of::<user_approval::Operation>(),
        CodeList::of::<user_approval::Status>(),
        CodeList::of::<approval::Action>(),
        CodeList::of::<retention_listing::Kind>(),
        CodeList::of::<open_case::Kind>(),
        CodeList::of::<open_case::Promise>(),
        CodeList::of::<TableFormat>(),
        CodeList::of::<ReportFormat>(),
        CodeList::of::<RecordFormat>(),
    ]
}

/// The codes that a field can have.
#[derive(Serialize, ToSchema)]
struct CodeList {
    /// The name of the list in addresses.
    #[schema(max_length = 50, example = "complaint-kind")]
    code: String,
    /// The name of its schema in the OpenAPI document.
    #[schema(max_length = 50, example = "ComplaintKind")]
    schema: &'static str,
    /// What the codes are about.
    meaning: Label,
    /// The codes, in the order of the schema.
    #[schema(max_items = 100)]
    values: Vec<CodeValue>,
}

/// A code, its name and its meaning.
#[derive(Serialize, ToSchema)]
struct CodeValue {
    /// The code.
    #[schema(max_length = 50, example = "corruption")]
    value: &'static str,
    /// The name of the code.
    label: Label,
    /// The meaning of the code, in a sentence.
    meaning: Label,
}

impl CodeList {
    fn of<C: Coded>() -> Self {
        Self::new(C::NAME, C::MEANING, C::CODES)
    }

    fn new(schema: &'static str, meaning: Label, codes: impl IntoIterator<Item = &'static codes::Code>) -> Self {
        let value = |code: &codes::Code| CodeValue {
            value: code.code,
            label: code.label.clone(),
            meaning: code.meaning.clone(),
        };
        Self { code: kebab(schema), schema, meaning, values: codes.into_iter().map(value).collect() }
    }
}

/// `ComplaintKind` as `complaint-kind`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    kebab
}

/// All lists of codes.
#[derive(Serialize, ToSchema)]
struct CodeListList {
    /// The lists.
    #[schema(max_items = 200)]
    items: Vec<CodeList>,
    /// The only page.
    page: Page,
}

/// List all codes with their names
///
/// Returns every list of codes: the values that a field can have, each with its name and its meaning in Thai and in English. Values are
/// added to lists, but never change their meaning: treat a value that you do not know as "other".
#[utoipa::path(tag = "code-lists", responses((status = 200, body = CodeListList)))]
#[get("/v1/code-lists")]
async fn list_code_lists() -> Result<ReadResponse> {
    let items = lists();
    let page = Page::whole(items.len() as u64);
    ReadResponse::json(&CodeListList { items, page }, &[]).map(ReadResponse::by_content)
}

/// Get a list of codes
///
/// Returns the values of one list, each with its name and its meaning in Thai and in English.
#[utoipa::path(
    tag = "code-lists",
    params(("code" = String, Path, description = "Code of the list.", max_length = 50, pattern = "^[a-z-]+$", example = "complaint-kind")),
    responses((status = 200, body = CodeList), (status = 404)),
)]
#[get("/v1/code-lists/{code}")]
async fn get_code_list(code: Path<String>) -> Result<ReadResponse> {
    let list = lists().into_iter().find(|list| list.code == code.0).ok_or(Code::NotFound)?;
    ReadResponse::json(&list, &[]).map(ReadResponse::by_content)
}
