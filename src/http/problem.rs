//! Errors as problem details (RFC 9457), or as the specification of their address has them.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use super::context::{self, Context};
use super::specification::ErrorBody;
use crate::domain::message::Language;
use crate::error::{Code, Error, Location, MAX_ERRORS};

/// Problem details (RFC 9457): the body of every response with a status of 400 and above.
#[derive(Serialize, ToSchema)]
pub struct Problem<'a> {
    /// Address of the explanation of this type of problem.
    #[schema(value_type = String, format = "uri-reference", max_length = 100, example = "/problems/validation_failed")]
    r#type: Cow<'a, str>,
    /// Type of problem in words: Thai, or English by `Accept-Language`.
    #[schema(max_length = 200, example = "ข้อมูลไม่ถูกต้องหรือไม่ครบถ้วน")]
    title: &'a str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 422)]
    status: u16,
    /// What went wrong in this request, or how to correct it.
    #[schema(max_length = 2000, example = "พบข้อมูลที่ต้องแก้ไข 1 รายการ ดูที่ errors")]
    detail: &'a str,
    /// Code of the problem, for programs. It never changes.
    #[schema(max_length = 50, pattern = "^[a-z_]+$", example = "validation_failed")]
    code: &'a str,
    /// Id of the request. Quote it when asking for support.
    #[schema(max_length = 128, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    request_id: Cow<'a, str>,
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

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let Context { request_id, language, errors } = context::current();
        let ErrorBody { status, media_type, body } = match errors {
            Some(write) => write(self, language),
            None => Problem::of(self, &request_id, language),
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

impl Problem<'_> {
    fn of(error: &Error, request_id: &str, language: Language) -> ErrorBody {
        let (title, detail) = (error.code().title(), error.message());
        let mut errors: Vec<_> = error.errors().iter().collect();
        errors.sort_by(|a, b| (&a.location, a.code.name()).cmp(&(&b.location, b.code.name())));
        errors.truncate(MAX_ERRORS);
        let body = Problem {
            r#type: format!("/problems/{}", error.code().name()).into(),
            title: title.localized(language),
            status: error.code().status(),
            detail: detail.localized(language),
            code: error.code().name(),
            request_id: request_id.into(),
            errors: errors
                .into_iter()
                .map(|error| FieldProblem {
                    pointer: if let Location::Pointer(pointer) = &error.location { Some(pointer) } else { None },
                    parameter: if let Location::Parameter(name) = &error.location { Some(name) } else { None },
                    header: if let Location::Header(name) = &error.location { Some(name) } else { None },
                    code: error.code.name(),
                    detail: error.message.localized(language),
                })
                .collect(),
        };
        ErrorBody {
            status: error.status_code(),
            media_type: "application/problem+json",
            body: serde_json::to_vec(&body).unwrap_or_default(),
        }
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
