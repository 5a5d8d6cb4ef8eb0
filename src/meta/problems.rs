//! What the codes of problems and field errors mean: for programs as JSON, for people as pages.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get};
use entity::codes::Label;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{json, pages};
use crate::domain::field_code::FieldCode;
use crate::domain::message::{Language, Message};
use crate::domain::suggestion::nearest;
use crate::error::{Code, Error, Result};
use crate::http::context::accepted_language;
use crate::http::negotiation::{self, Format};
use crate::http::params::Query;
use crate::http::response::PAGE_POLICY;
use crate::http::route::Kind;

/// A type of problem.
#[derive(Serialize, ToSchema)]
struct ProblemType {
    /// The code.
    #[schema(max_length = 50, example = "validation_failed")]
    code: &'static str,
    /// HTTP status of problems with this code.
    #[schema(minimum = 400, maximum = 599, example = 422)]
    status: u16,
    /// Title of the problem.
    title: Label,
    /// When the problem occurs.
    meaning: Label,
    /// What to do next: the `detail` of a problem that has nothing more to say.
    remedy: Label,
}

impl From<Code> for ProblemType {
    fn from(code: Code) -> Self {
        let [title, meaning, remedy] = [code.title(), code.meaning(), code.remedy()].map(Label::from);
        Self { code: code.name(), status: code.status(), title, meaning, remedy }
    }
}

/// A code of field errors.
#[derive(Serialize, ToSchema)]
struct FieldErrorType {
    /// The code.
    #[schema(max_length = 50, pattern = "^[a-z_]+$", example = "too_long")]
    code: &'static str,
    /// What is wrong with the field. `detail` of an error can be more specific, for example with the limit.
    message: Label,
}

/// All codes of problems and of field errors.
#[derive(Serialize, ToSchema)]
struct ProblemTypes {
    /// Codes of problems.
    #[schema(max_items = 200)]
    problems: Vec<ProblemType>,
    /// Codes of field errors.
    #[schema(max_items = 200)]
    field_errors: Vec<FieldErrorType>,
}

/// How an explanation is shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Shown {
    /// Language of the page; by default that of `Accept-Language`. JSON has both languages.
    #[param(inline, example = "en")]
    lang: Option<Language>,
}

/// List the codes of problems and field errors
///
/// Lists all values that `code` of a problem and `code` of its `errors` can have. New codes can be added. The meaning
/// of a code never changes. A browser (`Accept: text/html`) gets a page.
#[utoipa::path(
    tag = "meta",
    extensions(("x-kind" = json!([Kind::Metadata]))),
    params(Shown),
    responses((status = 200, content((ProblemTypes = "application/json"), (String = "text/html")))),
)]
#[get("/problems")]
pub async fn get_problems(request: HttpRequest, shown: Query<Shown>) -> Result<HttpResponse> {
    explain(&request, &shown.0, pages::codes, || {
        let field_error = |code: &FieldCode| FieldErrorType { code: code.name(), message: code.message().into() };
        json(&ProblemTypes {
            problems: Code::ALL.iter().copied().map(ProblemType::from).collect(),
            field_errors: FieldCode::ALL.iter().map(field_error).collect(),
        })
    })
}

/// Get the meaning of a problem code
///
/// The `type` of each problem is the address of this operation. A browser (`Accept: text/html`) gets a page with an
/// example.
#[utoipa::path(
    tag = "meta",
    extensions(("x-kind" = json!([Kind::Metadata]))),
    params(
        ("code" = String, Path, description = "Code of the problem.", max_length = 50, pattern = "^[a-z_]+$", example = "validation_failed"),
        Shown,
    ),
    responses((status = 200, content((ProblemType = "application/json"), (String = "text/html"))), (status = 404)),
)]
#[get("/problems/{code}")]
pub async fn get_problem(request: HttpRequest, shown: Query<Shown>) -> Result<HttpResponse> {
    let name = request.match_info().get("code").unwrap_or_default();
    let code = Code::ALL.iter().copied().find(|code| code.name() == name).ok_or_else(|| unknown(name))?;
    explain(&request, &shown.0, |language| pages::problem(code, language), || json(&ProblemType::from(code)))
}

/// That there is no such code, and which was probably meant.
fn unknown(name: &str) -> Error {
    let (th, en) = match nearest(name, Code::ALL.iter().map(|code| code.name())) {
        Some(near) => (format!(" หมายถึง {near} หรือไม่"), format!(" Did you mean {near}?")),
        None => (String::new(), String::new()),
    };
    Code::NotFound.explained(Message::new(
        format!("ไม่มีรหัสข้อผิดพลาดนี้{th} ดูรหัสทั้งหมดได้ที่ /problems"),
        format!("No problem has this code.{en} GET /problems lists all codes."),
    ))
}

/// The page for a browser, JSON for everyone else.
pub(super) fn explain(
    request: &HttpRequest,
    shown: &Shown,
    page: impl FnOnce(Language) -> String,
    data: impl FnOnce() -> Result<HttpResponse>,
) -> Result<HttpResponse> {
    let mut answer = match Format::wanted(None, request, negotiation::EXPLANATION)? {
        Format::Html => {
            let language = shown.lang.unwrap_or_else(|| accepted_language(request.headers()));
            HttpResponse::Ok()
                .insert_header((header::CONTENT_TYPE, Format::Html.media_type()))
                .insert_header((header::CONTENT_LANGUAGE, language.tag()))
                .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
                .body(page(language))
        }
        _ => data()?,
    };
    let headers = answer.headers_mut();
    headers.insert(header::VARY, header::HeaderValue::from_static("Accept, Accept-Language"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("public, max-age=300"));
    Ok(answer)
}
