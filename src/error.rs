//! What a client is told when a request cannot be done: RFC 9457 problem details, in Thai or English.
//!
//! Every code is one row of the table below; nothing else makes an error answer.

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::edge::{self, Language};

pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($code:ident = $name:literal $status:literal, $th:literal, $en:literal, $meaning:literal;)*) => {
        /// Why a request could not be done. Codes never change their meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $(#[doc = $meaning] $code,)* }

        impl Code {
            pub const ALL: &[Code] = &[$(Code::$code,)*];

            pub fn name(self) -> &'static str {
                match self { $(Code::$code => $name,)* }
            }

            pub fn status(self) -> u16 {
                match self { $(Code::$code => $status,)* }
            }

            pub fn title(self) -> Said {
                match self { $(Code::$code => Said::new($th, $en),)* }
            }

            pub fn meaning(self) -> &'static str {
                match self { $(Code::$code => $meaning,)* }
            }
        }
    };
}

codes! {
    MalformedRequest = "malformed_request" 400, "คำขอไม่ถูกต้อง", "Malformed request", "The request is not well-formed HTTP.";
    MalformedJson = "malformed_json" 400, "JSON ไม่ถูกต้อง", "Malformed JSON", "The body is not JSON, or not a JSON object.";
    UnknownField = "unknown_field" 400, "มีฟิลด์ที่ไม่รู้จัก", "Unknown field", "The body has a field that this operation does not know; errors names it.";
    UnknownParameter = "unknown_parameter" 400, "มีพารามิเตอร์ที่ไม่รู้จัก", "Unknown parameter", "The query has a parameter that this operation does not know; errors names it.";
    InvalidParameter = "invalid_parameter" 400, "พารามิเตอร์ไม่ถูกต้อง", "Invalid parameter", "A value in the query, the path or a header is not allowed; errors names it.";
    Unauthenticated = "unauthenticated" 401, "ต้องแสดงโทเคน", "Token required", "The operation needs a bearer token.";
    InvalidToken = "invalid_token" 401, "โทเคนใช้ไม่ได้", "Invalid token", "The bearer token is malformed, expired, not yet valid or not ours.";
    InvalidCredentials = "invalid_credentials" 401, "ชื่อผู้ใช้ รหัสผ่าน หรือรหัสยืนยันไม่ถูกต้อง", "Invalid credentials", "Login, password and code do not belong together. Which of them is wrong is not told.";
    SecondFactorRequired = "second_factor_required" 401, "ต้องใช้รหัสยืนยันจากแอป", "Second factor required", "The password was right; a code of the authenticator app is needed as well.";
    WrongPassword = "wrong_password" 403, "รหัสผ่านปัจจุบันหรือรหัสยืนยันไม่ถูกต้อง", "Wrong password or code", "The current password, or the code that confirms an app, is wrong.";
    NoAccount = "no_account" 403, "โทเคนนี้ไม่ใช่ของผู้ใช้ที่เป็นบุคคล", "Not a person's token", "The operation is about one's own account, and the token is a program's.";
    InsufficientScope = "insufficient_scope" 403, "ไม่มีสิทธิ์ทำรายการนี้", "Insufficient scope", "The token lacks the scope that the operation needs.";
    WrongPerson = "wrong_person" 403, "ต้องให้ผู้อื่นทำรายการนี้", "For somebody else to do", "Whoever asked for an identity does not decide about it, and what was approved is handed to the custodian who approved it.";
    NotFound = "not_found" 404, "ไม่พบข้อมูล", "Not found", "There is nothing at this address, or it is not yours to see.";
    UnknownReceipt = "unknown_receipt" 404, "ไม่พบเรื่องตามเลขใบรับนี้ โปรดตรวจสอบว่าพิมพ์ถูกต้อง", "Unknown receipt", "No case has this receipt. Receipts that cannot be are told alike: look for a slip of the pen.";
    MethodNotAllowed = "method_not_allowed" 405, "ใช้เมทอดนี้ไม่ได้", "Method not allowed", "The address exists, with other methods; Allow lists them.";
    NotAcceptable = "not_acceptable" 406, "ไม่มีรูปแบบที่ขอ", "Not acceptable", "The operation has no answer in a format that Accept or format asks for.";
    RequestTimeout = "request_timeout" 408, "รับคำขอไม่ทันเวลา", "Request timeout", "The body did not arrive in time.";
    IllegalTransition = "illegal_transition" 409, "สถานะปัจจุบันไม่อนุญาต", "Illegal transition", "The record's state does not allow this step.";
    AlreadyExists = "already_exists" 409, "มีข้อมูลนี้อยู่แล้ว", "Already exists", "Another record already has a value that must be unique.";
    InUse = "in_use" 409, "มีข้อมูลอื่นอ้างถึงอยู่", "In use", "Other records refer to this one, so it cannot be deleted.";
    NotADraft = "not_a_draft" 409, "เผยแพร่แล้ว ลบไม่ได้", "Not a draft", "A record that was published cannot be deleted, only withdrawn with a reason.";
    KeyInProgress = "idempotency_key_in_progress" 409, "คำขอเดียวกันกำลังทำอยู่", "Request in progress", "A request with this Idempotency-Key is still running.";
    Anonymous = "anonymous" 409, "ผู้ร้องไม่ระบุชื่อ", "Anonymous", "The complaint came without a name: there is no identity to ask for.";
    Destroyed = "destroyed" 409, "ทำลายข้อมูลตามกำหนดแล้ว", "Destroyed", "What was written in this case has been destroyed at the end of its retention; only figures are left.";
    TooManyFiles = "too_many_files" 409, "แนบไฟล์ครบจำนวนแล้ว", "Too many files", "The case has as many files of this side as it can have; detail says how many.";
    Damaged = "damaged" 409, "ไฟล์ที่เก็บไว้ไม่ตรงกับที่ส่งมา", "Damaged", "The stored file is missing or not the one that was sent, so it is not handed out. The operator is told in the log.";
    Withdrawn = "withdrawn" 410, "ถอนการเผยแพร่แล้ว", "Withdrawn", "The record was public and was withdrawn; detail gives the reason.";
    PreconditionFailed = "precondition_failed" 412, "ข้อมูลถูกแก้ไขไปแล้ว", "Precondition failed", "The record has changed since the version in If-Match was read.";
    TooLarge = "content_too_large" 413, "ข้อมูลใหญ่เกินไป", "Content too large", "The body is larger than the operation takes.";
    UnsupportedMediaType = "unsupported_media_type" 415, "ชนิดข้อมูลไม่รองรับ", "Unsupported media type", "The operation does not take this Content-Type or Content-Encoding.";
    Invalid = "validation_failed" 422, "ข้อมูลไม่ผ่านการตรวจสอบ", "Validation failed", "The body is well-formed but breaks rules; errors lists every faulty field.";
    KeyReused = "idempotency_key_reused" 422, "ใช้ Idempotency-Key ซ้ำกับคำขออื่น", "Idempotency key reused", "This Idempotency-Key was used for another request in the last 24 hours.";
    PreconditionRequired = "precondition_required" 428, "ต้องมี If-Match", "Precondition required", "The change needs If-Match with the ETag of the record as it was read.";
    TooManyAttempts = "too_many_attempts" 429, "เข้าสู่ระบบผิดพลาดหลายครั้ง กรุณารอ", "Too many attempts", "Several logins with this name have failed; the next try is after Retry-After seconds.";
    TooManyRequests = "too_many_requests" 429, "ส่งคำขอบ่อยเกินไป กรุณารอ", "Too many requests", "The limit in RateLimit-Policy is used up; go on after Retry-After seconds.";
    Internal = "internal_error" 500, "ระบบขัดข้อง", "Internal error", "The fault is ours. Tell us the request_id.";
    LogBroken = "log_broken" 503, "บันทึกการตรวจสอบไม่ตรงกับที่ลงนามไว้ จึงงดบันทึกข้อมูล", "Audit log broken", "The audit log is not the one that was signed: nothing is written until an operator has looked at it. Reading goes on.";
    SchemaChanged = "schema_changed" 503, "มีการปรับปรุงฐานข้อมูลเป็นรุ่นใหม่ ระบบรุ่นนี้งดบันทึกข้อมูล", "Schema changed", "A newer program has migrated the database: this process writes nothing until it is replaced. Reading goes on.";
    StorageFull = "storage_full" 503, "พื้นที่จัดเก็บเต็ม ยังบันทึกข้อมูลไม่ได้ กรุณาลองใหม่ภายหลัง", "Storage full", "The disk is full: nothing is written until an operator has freed space. Nothing of the request was kept.";
    ReadOnly = "read_only" 503, "ฐานข้อมูลเปิดให้อ่านอย่างเดียว ยังบันทึกข้อมูลไม่ได้", "Read only", "The database, its disk or its file takes no writes, as a standby does. Nothing of the request was kept.";
    Unavailable = "unavailable" 503, "ระบบไม่ว่าง กรุณาลองใหม่", "Unavailable", "The database is away or busy; try again after Retry-After seconds.";
    OutcomeUnknown = "outcome_unknown" 503, "ยังไม่ทราบว่าบันทึกสำเร็จหรือไม่ กรุณาส่งอีกครั้งด้วย Idempotency-Key เดิม", "Outcome unknown", "The database did not say whether the write took effect, and it may still do so. Send it again with the same Idempotency-Key: it takes effect once.";
    ShuttingDown = "shutting_down" 503, "ระบบกำลังปิดเพื่อเริ่มใหม่ โปรดส่งอีกครั้งในอีกสักครู่", "Shutting down", "The service is shutting down. Nothing of the request was kept; send it again after Retry-After seconds.";
}

/// A sentence in the two languages that answers are given in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    th: Cow<'static, str>,
    en: Cow<'static, str>,
}

impl Said {
    pub fn new(th: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self { th: th.into(), en: en.into() }
    }

    /// The same of something that has this name.
    pub fn about(&self, name: &str) -> Self {
        Self::new(format!("{name}: {}", self.th), format!("{name}: {}", self.en))
    }

    pub fn speak(&self, language: Language) -> &str {
        match language {
            Language::Thai => &self.th,
            Language::English => &self.en,
        }
    }
}

/// Where in the request a fault is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// JSON pointer into the body, as a URI fragment (RFC 6901, section 6).
    Pointer(String),
    /// A query or path parameter.
    Parameter(String),
    Header(&'static str),
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug)]
pub struct Fault {
    pub place: Place,
    pub code: &'static str,
    pub said: Said,
}

impl Fault {
    /// A fault in the body, at a path such as `/responsible/units/0`.
    pub fn at(path: &str, code: &'static str, said: Said) -> Self {
        Self { place: Place::Pointer(format!("#{}", short(path))), code, said }
    }

    pub fn parameter(name: &str, code: &'static str, said: Said) -> Self {
        Self { place: Place::Parameter(short(name)), code, said }
    }

    /// The same fault in a body that has the checked value at `path`.
    pub fn below(mut self, path: &str) -> Self {
        if let Place::Pointer(pointer) = &mut self.place {
            pointer.insert_str(1, path);
        }
        self
    }
}

/// A name that a client sent, as much of it as is worth sending back.
fn short(name: &str) -> String {
    name.chars().take(900).collect()
}

#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: Code,
    detail: Option<Said>,
    faults: Vec<Fault>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self(Box::new(Inner { code, detail: None, faults: Vec::new(), headers: Vec::new() }))
    }
}

impl Code {
    /// This error, with what was wrong this time.
    pub fn because(self, th: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Error {
        let mut error = Error::from(self);
        error.0.detail = Some(Said::new(th, en));
        error
    }

    /// This error, with the faults that led to it.
    pub fn with(self, faults: Vec<Fault>) -> Error {
        let mut error = Error::from(self);
        error.0.faults = faults;
        error
    }
}

impl Error {
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Says after how many seconds to try again.
    pub fn retry_after(self, seconds: i64) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// What the faults of a body amount to: a field that nobody knows is a malformed request, values that are all fine but
    /// taken are a conflict, all else breaks a rule.
    pub fn in_body(faults: Vec<Fault>) -> Self {
        let is = |code: Code| move |fault: &Fault| fault.code == code.name();
        if faults.iter().any(is(Code::UnknownField)) {
            Code::UnknownField.with(faults)
        } else if faults.iter().all(is(Code::AlreadyExists)) {
            Code::AlreadyExists.with(faults)
        } else {
            Code::Invalid.with(faults)
        }
    }

    /// What the faults of a query, path or header amount to.
    pub fn in_parameters(faults: Vec<Fault>) -> Self {
        let unknown = faults.iter().all(|fault| fault.code == Code::UnknownParameter.name());
        if unknown { Code::UnknownParameter.with(faults) } else { Code::InvalidParameter.with(faults) }
    }

    /// What a person is told.
    pub fn said(&self) -> Said {
        self.0.detail.clone().unwrap_or_else(|| self.0.code.title())
    }

    pub fn faults(&self) -> &[Fault] {
        &self.0.faults
    }

    /// What a person is told, without the machinery around it.
    pub fn speak(&self, language: Language) -> String {
        let title = self.0.code.title();
        let mut told = self.0.detail.as_ref().unwrap_or(&title).speak(language).to_owned();
        for fault in &self.0.faults {
            let place = match &fault.place {
                Place::Pointer(place) | Place::Parameter(place) => place,
                Place::Header(name) => *name,
            };
            told.push_str(&format!("\n  {place}: {}", fault.said.speak(language)));
        }
        told
    }
}

/// More are not told at once: a small request must not have a large answer.
pub const MOST_FAULTS: usize = 1000;

/// Problem details (RFC 9457): the body of every answer of 400 and above.
#[derive(Serialize, ToSchema)]
pub struct Problem<'a> {
    /// Address of the explanation of this kind of problem.
    #[schema(value_type = String, format = "uri-reference", max_length = 100, example = "/problems/validation_failed")]
    r#type: Cow<'a, str>,
    /// What kind of problem it is, in the language asked for by Accept-Language: Thai, or English.
    #[schema(max_length = 200, example = "ข้อมูลไม่ผ่านการตรวจสอบ")]
    title: &'a str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 422)]
    status: u16,
    /// What was wrong this time.
    #[schema(max_length = 2000, example = "ข้อมูลไม่ผ่านการตรวจสอบ")]
    detail: &'a str,
    /// The kind of problem for programs; never changes.
    #[schema(max_length = 50, pattern = "^[a-z_]+$", example = "validation_failed")]
    code: &'a str,
    /// Quote it when you ask for help.
    #[schema(max_length = 128, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    request_id: Cow<'a, str>,
    /// Every faulty field or parameter, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 1000)]
    errors: Vec<FieldProblem<'a>>,
}

/// One faulty field, parameter or header.
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
    /// What is wrong with it, for programs.
    #[schema(max_length = 50, pattern = "^[a-z_]+$", example = "too_long")]
    code: &'a str,
    /// What is wrong with it, for people.
    #[schema(max_length = 2000, example = "ยาวเกิน 500 ตัวอักษร")]
    detail: &'a str,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.speak(Language::English))
    }
}

impl std::error::Error for Error {}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let (request_id, language) = edge::current();
        let title = self.0.code.title();
        let mut faults: Vec<_> = self.0.faults.iter().collect();
        faults.sort_by(|a, b| (&a.place, a.code).cmp(&(&b.place, b.code)));
        faults.truncate(MOST_FAULTS);
        let body = Problem {
            r#type: format!("/problems/{}", self.0.code.name()).into(),
            title: title.speak(language),
            status: self.0.code.status(),
            detail: self.0.detail.as_ref().unwrap_or(&title).speak(language),
            code: self.0.code.name(),
            request_id: request_id.into(),
            errors: faults
                .into_iter()
                .map(|fault| FieldProblem {
                    pointer: if let Place::Pointer(pointer) = &fault.place { Some(pointer) } else { None },
                    parameter: if let Place::Parameter(name) = &fault.place { Some(name) } else { None },
                    header: if let Place::Header(name) = &fault.place { Some(name) } else { None },
                    code: fault.code,
                    detail: fault.said.speak(language),
                })
                .collect(),
        };
        let mut answer = HttpResponse::build(self.status_code());
        answer
            .insert_header((header::CONTENT_LANGUAGE, language.tag()))
            .insert_header((header::VARY, "Accept-Language"))
            .insert_header((header::CACHE_CONTROL, "no-store"));
        match self.0.code {
            Code::Unauthenticated | Code::InvalidCredentials | Code::SecondFactorRequired => {
                answer.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"prongsai\""));
            }
            code if code == Code::InvalidToken || code.status() == 403 => {
                let challenge = format!("Bearer realm=\"prongsai\", error=\"{}\"", self.0.code.name());
                answer.insert_header((header::WWW_AUTHENTICATE, challenge));
            }
            Code::Unavailable | Code::OutcomeUnknown | Code::KeyInProgress => {
                answer.insert_header((header::RETRY_AFTER, "1"));
            }
            Code::StorageFull | Code::ReadOnly | Code::SchemaChanged => {
                answer.insert_header((header::RETRY_AFTER, "60"));
            }
            Code::ShuttingDown => {
                answer.insert_header((header::RETRY_AFTER, "5"));
            }
            Code::LogBroken => {
                answer.insert_header((header::RETRY_AFTER, "3600"));
            }
            _ => {}
        }
        for header in &self.0.headers {
            answer.insert_header(header.clone());
        }
        answer.content_type("application/problem+json").body(serde_json::to_vec(&body).unwrap_or_default())
    }
}
