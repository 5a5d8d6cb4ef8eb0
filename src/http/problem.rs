//! Errors as problem details (RFC 9457), or as the specification of their address has them.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::context::{self, Context};
use super::specification::ErrorBody;
use crate::domain::baht::Baht;
use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::message::Language;
use crate::domain::notation;
use crate::error::{Code, Error, FieldError, Location, MAX_ERRORS};
use crate::schema::{describe, validate};

/// Problem details (RFC 9457): the body of every response with a status of 400 and above.
#[derive(Serialize, ToSchema)]
pub struct Problem<'a> {
    /// Address of the explanation of this type of problem.
    #[schema(format = "uri-reference", max_length = 100, example = "/problems/validation_failed")]
    r#type: String,
    /// Type of problem in words: Thai, or English by `Accept-Language`.
    #[schema(value_type = String, max_length = 200, example = "ข้อมูลไม่ถูกต้องหรือไม่ครบถ้วน")]
    title: Cow<'static, str>,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 422)]
    status: u16,
    /// What went wrong in this request, or how to correct it.
    #[schema(value_type = String, max_length = 2000, example = "พบข้อมูลที่ต้องแก้ไข 1 รายการ ดูที่ errors")]
    detail: Cow<'static, str>,
    /// Code of the problem, for programs. It never changes.
    #[schema(max_length = 50, pattern = "^[a-z_]+$", example = "validation_failed")]
    code: &'a str,
    /// Id of the request. Quote it when asking for support.
    #[schema(max_length = 128, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    request_id: String,
    /// All errors in fields, parameters and headers, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 1000)]
    errors: Vec<FieldProblem<'a>>,
}

/// An error in a field, parameter or header.
#[derive(Serialize, ToSchema)]
pub struct FieldProblem<'a> {
    /// JSON pointer into the body, as a URI fragment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 1000, example = "#/title")]
    pointer: Option<&'a str>,
    /// Name of the query or path parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 1000, example = "fiscal_year")]
    parameter: Option<&'a str>,
    /// Name of the request header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, max_length = 100, example = "Idempotency-Key")]
    header: Option<&'a str>,
    /// Code of the error, for programs.
    #[schema(max_length = 50, pattern = "^[a-z_]+$", example = "too_long")]
    code: &'a str,
    /// Text of the error, for people.
    #[schema(max_length = 2000, example = "ต้องไม่เกิน 500 ตัวอักษร")]
    detail: &'a str,
}

impl<'a> Problem<'a> {
    pub fn of(error: &'a Error, request_id: String, language: Language) -> Self {
        let code = error.code();
        let mut errors: Vec<_> = error.errors().iter().collect();
        errors.sort_by(|a, b| (&a.location, a.code.name()).cmp(&(&b.location, b.code.name())));
        errors.truncate(MAX_ERRORS);
        Self {
            r#type: address(code),
            title: code.title().into_localized(language),
            status: code.status(),
            detail: error.message().into_localized(language),
            code: code.name(),
            request_id,
            errors: errors.into_iter().map(|error| FieldProblem::of(error, language)).collect(),
        }
    }
}

impl<'a> FieldProblem<'a> {
    fn of(error: &'a FieldError, language: Language) -> Self {
        Self {
            pointer: if let Location::Pointer(pointer) = &error.location { Some(pointer) } else { None },
            parameter: if let Location::Parameter(name) = &error.location { Some(name) } else { None },
            header: if let Location::Header(name) = &error.location { Some(name) } else { None },
            code: error.code.name(),
            detail: error.message.localized(language),
        }
    }
}

/// Where a code is explained.
pub fn address(code: Code) -> String {
    format!("/problems/{}", code.name())
}

/// The problem that a code commonly is, for those who read about it. The functions that make its errors make those of real ones.
pub fn example(code: Code, language: Language) -> Value {
    let unknown = |code, sent, known| validate::unknown(code, sent, [known]);
    let error = match code {
        Code::Invalid => Error::in_body(vec![
            FieldError::at("/title", FieldCode::Required),
            FieldError::at("/budget_spent_baht", notation::violation(Baht::PATTERN)),
        ]),
        Code::UnknownField => FieldError::at("/titel", unknown(FieldCode::UnknownField, "titel", "title")).into(),
        Code::UnknownParameter => {
            FieldError::parameter("fiscalyear", unknown(FieldCode::UnknownParameter, "fiscalyear", "fiscal_year"))
                .into()
        }
        Code::InvalidParameter => {
            let message = describe::year_hint(&2024.into());
            FieldError::parameter("fiscal_year", Violation { code: FieldCode::FiscalYearOutOfRange, message }).into()
        }
        Code::AlreadyExists => FieldError::at("/code", FieldCode::AlreadyExists).into(),
        Code::UnknownReceipt => Error::unknown_receipt(),
        code => code.into(),
    };
    json!(Problem::of(&error, "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11".to_owned(), language))
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let Context { request_id, language, errors } = context::current();
        let ErrorBody { status, media_type, body } = match errors {
            Some(write) => write(self, language),
            None => ErrorBody {
                status: self.status_code(),
                media_type: "application/problem+json",
                body: serde_json::to_vec(&Problem::of(self, request_id, language)).unwrap_or_default(),
            },
        };
        let mut answer = HttpResponse::build(status);
        answer
            .insert_header((header::CONTENT_LANGUAGE, language.tag()))
            .insert_header((header::VARY, "Accept-Language"))
            .insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(retry_header) = retry_header(self.code()) {
            answer.insert_header(retry_header);
        }
        for header in self.headers() {
            answer.insert_header(header.clone());
        }
        answer.content_type(media_type).body(body)
    }
}

/// The header that says how to repeat the request: with authentication (RFC 6750), or after some seconds.
fn retry_header(code: Code) -> Option<(HeaderName, String)> {
    let retry_after = |seconds: u32| Some((header::RETRY_AFTER, seconds.to_string()));
    let challenge = "Bearer realm=\"prongsai\"";
    match code {
        Code::Unauthenticated | Code::InvalidCredentials | Code::SecondFactorRequired => {
            Some((header::WWW_AUTHENTICATE, challenge.to_owned()))
        }
        // No token helps a script of an origin that is not configured.
        Code::OriginNotAllowed => None,
        code if code == Code::InvalidToken || code.status() == 403 => {
            Some((header::WWW_AUTHENTICATE, format!("{challenge}, error=\"{}\"", code.name())))
        }
        Code::Unavailable | Code::OutcomeUnknown | Code::KeyInProgress => retry_after(1),
        Code::StorageFull | Code::AttachmentsFull | Code::ReadOnly | Code::SchemaChanged => retry_after(60),
        Code::ShuttingDown => retry_after(5),
        Code::LogBroken => retry_after(3600),
        _ => None,
    }
}
