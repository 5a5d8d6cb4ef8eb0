//! Errors for clients: RFC 9457 problem details, in Thai or English.
//!
//! Every code is one row of the table below; nothing else makes an error answer.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use actix_web::http::header::{self, HeaderName, HeaderValue};

use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::message::{Language, Message};

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

            pub fn title(self) -> Message {
                match self { $(Code::$code => Message::new($th, $en),)* }
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
    WrongPerson = "wrong_person" 403, "ต้องให้ผู้อื่นทำรายการนี้", "For somebody else to do", "Who asks does not decide about it: another person does. What was approved of an identity is handed to the custodian who approved it. No admin changes their own rights.";
    ApprovalRequired = "approval_required" 403, "ต้องให้ผู้ดูแลระบบอีกคนหนึ่งอนุมัติก่อน", "Approval required", "No admin does this alone: another one approves it at /v1/user-approvals first, or an operator does it from the command line.";
    OperatorOnly = "operator_only" 403, "ทำได้ด้วยคำสั่งที่เครื่องแม่ข่ายเท่านั้น", "Only from the command line", "The client has a right that only an operator gives; detail says with which command.";
    OriginNotAllowed = "origin_not_allowed" 403, "เว็บไซต์นี้ส่งคำขอเช่นนี้ไม่ได้", "Origin not allowed", "The answer to a preflight of a website whose origin is not configured (--cors-origins). Its scripts may read what is published, without a token, and nothing else.";
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
    NotKept = "response_not_kept" 409, "ทำรายการนี้สำเร็จแล้วก่อนหน้านี้", "Response not kept", "The request took effect when it was first sent with this Idempotency-Key; its response was too large to be kept. Read the record.";
    Anonymous = "anonymous" 409, "ผู้ร้องไม่ระบุชื่อ", "Anonymous", "The complaint came without a name: there is no identity to ask for.";
    Destroyed = "destroyed" 409, "ทำลายข้อมูลตามกำหนดแล้ว", "Destroyed", "What was written in this case has been destroyed at the end of its retention; only figures are left.";
    TooManyFiles = "too_many_files" 409, "แนบไฟล์ครบจำนวนแล้ว", "Too many files", "The case has as many files of this side, or as many bytes of them, as it can have; detail says how many.";
    Damaged = "damaged" 409, "ไฟล์ที่เก็บไว้ไม่ตรงกับที่ส่งมา", "Damaged", "The stored file is missing or not the one that was sent, so it is not handed out. The operator is told in the log.";
    Unpublished = "unpublished" 410, "ถอนการเผยแพร่แล้ว", "Unpublished", "The record was public and was unpublished; detail gives the reason.";
    PreconditionFailed = "precondition_failed" 412, "ข้อมูลถูกแก้ไขไปแล้ว", "Precondition failed", "The record has changed since the version in If-Match was read.";
    TooLarge = "content_too_large" 413, "ข้อมูลใหญ่เกินไป", "Content too large", "The body is larger than the operation takes.";
    UnsupportedMediaType = "unsupported_media_type" 415, "ชนิดข้อมูลไม่รองรับ", "Unsupported media type", "The operation does not take this Content-Type or Content-Encoding.";
    Invalid = "validation_failed" 422, "ข้อมูลไม่ผ่านการตรวจสอบ", "Validation failed", "The body is well-formed but breaks rules; errors lists every faulty field.";
    KeyReused = "idempotency_key_reused" 422, "ใช้ Idempotency-Key ซ้ำกับคำขออื่น", "Idempotency key reused", "This Idempotency-Key was used for another request in the last 24 hours.";
    PreconditionRequired = "precondition_required" 428, "ต้องมี If-Match", "Precondition required", "The change needs If-Match with the ETag of the record as it was read.";
    TooManyAttempts = "too_many_attempts" 429, "เข้าสู่ระบบผิดพลาดหลายครั้ง กรุณารอ", "Too many attempts", "Several logins with this name have failed; the next try is after Retry-After seconds.";
    TooManyRequests = "too_many_requests" 429, "ส่งคำขอบ่อยเกินไป กรุณารอ", "Too many requests", "The limit in RateLimit-Policy, or the one in detail, is used up; go on after Retry-After seconds.";
    Internal = "internal_error" 500, "ระบบขัดข้อง", "Internal error", "The fault is ours. Tell us the request_id.";
    LogBroken = "log_broken" 503, "บันทึกการตรวจสอบไม่ตรงกับที่ลงนามไว้ จึงงดบันทึกข้อมูล", "Audit log broken", "The audit log is not the one that was signed: nothing is written until an operator has looked at it. Reading goes on.";
    SchemaChanged = "schema_changed" 503, "มีการปรับปรุงฐานข้อมูลเป็นรุ่นใหม่ ระบบรุ่นนี้งดบันทึกข้อมูล", "Schema changed", "A newer program has migrated the database: this process writes nothing until it is replaced. Reading goes on.";
    StorageFull = "storage_full" 503, "พื้นที่จัดเก็บเต็ม ยังบันทึกข้อมูลไม่ได้ กรุณาลองใหม่ภายหลัง", "Storage full", "The disk is full: nothing is written until an operator has freed space. Nothing of the request was kept.";
    AttachmentsFull = "attachments_full" 503, "ขณะนี้รับไฟล์ไม่ได้ เรื่องและข้อความยังส่งได้ตามปกติ โปรดลองใหม่ภายหลัง", "Files full", "No files are taken, since their disk has little space left or the office has too many to deal with. All else is taken.";
    ReadOnly = "read_only" 503, "ฐานข้อมูลเปิดให้อ่านอย่างเดียว ยังบันทึกข้อมูลไม่ได้", "Read only", "The database, its disk or its file takes no writes, as a standby does. Nothing of the request was kept.";
    Unavailable = "unavailable" 503, "ระบบไม่ว่าง กรุณาลองใหม่", "Unavailable", "The database is away or busy; try again after Retry-After seconds.";
    OutcomeUnknown = "outcome_unknown" 503, "ยังไม่ทราบว่าบันทึกสำเร็จหรือไม่ กรุณาส่งอีกครั้งด้วย Idempotency-Key เดิม", "Outcome unknown", "The database did not say whether the write took effect, and it may still do so. Send it again with the same Idempotency-Key: it takes effect once.";
    ShuttingDown = "shutting_down" 503, "ระบบกำลังปิดเพื่อเริ่มใหม่ โปรดส่งอีกครั้งในอีกสักครู่", "Shutting down", "The service is shutting down. Nothing of the request was kept; send it again after Retry-After seconds.";
}

/// Where in the request an error is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// JSON pointer into the body, as a URI fragment (RFC 6901, section 6).
    Pointer(String),
    /// A query or path parameter.
    Parameter(String),
    Header(&'static str),
}

/// One error of a request: where it is, and the rule that is broken there.
#[derive(Clone, Debug)]
pub struct FieldError {
    pub location: Location,
    pub code: FieldCode,
    pub message: Message,
}

impl FieldError {
    /// An error in the body, at a path such as `/responsible/units/0`.
    pub fn at(path: &str, violation: impl Into<Violation>) -> Self {
        Self::new(Location::Pointer(format!("#{}", short(path))), violation)
    }

    pub fn parameter(name: &str, violation: impl Into<Violation>) -> Self {
        Self::new(Location::Parameter(short(name)), violation)
    }

    pub fn header(name: &'static str, violation: impl Into<Violation>) -> Self {
        Self::new(Location::Header(name), violation)
    }

    pub fn new(location: Location, violation: impl Into<Violation>) -> Self {
        let Violation { code, message } = violation.into();
        Self { location, code, message }
    }

    /// The same error in a body that has the checked value at `path`.
    pub fn below(mut self, path: &str) -> Self {
        if let Location::Pointer(pointer) = &mut self.location {
            pointer.insert_str(1, path);
        }
        self
    }
}

impl From<FieldError> for Error {
    fn from(error: FieldError) -> Self {
        let is_of_body = matches!(error.location, Location::Pointer(_));
        if is_of_body { Self::in_body(vec![error]) } else { Self::in_parameters(vec![error]) }
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
    detail: Option<Message>,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What has led to it, for the log. No client sees it.
    cause: Option<Cause>,
}

type Cause = Box<dyn StdError + Send + Sync>;

impl From<Code> for Error {
    /// An internal error without a cause has the place where it was made.
    #[track_caller]
    fn from(code: Code) -> Self {
        let cause = (code == Code::Internal).then(|| Cause::from(format!("at {}", std::panic::Location::caller())));
        Self(Box::new(Inner { code, detail: None, errors: Vec::new(), headers: Vec::new(), cause }))
    }
}

impl Code {
    /// This error, with what was wrong this time.
    pub fn because(self, th: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Error {
        self.explained(Message::new(th, en))
    }

    pub fn explained(self, detail: Message) -> Error {
        let mut error = Error::from(self);
        error.0.detail = Some(detail);
        error
    }

    /// This error, with what has led to it, for the log.
    pub fn caused_by(self, cause: impl Into<Cause>) -> Error {
        let mut error = Error::from(self);
        error.0.cause = Some(cause.into());
        error
    }

    /// This error, with the errors of fields that led to it.
    pub fn with(self, errors: Vec<FieldError>) -> Error {
        let mut error = Error::from(self);
        error.0.errors = errors;
        error
    }
}

impl Error {
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// An internal error with what has led to it: an error, or a sentence.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Code::Internal.caused_by(cause)
    }

    /// Says after how many seconds to try again.
    pub fn retry_after(self, seconds: i64) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// What the errors of a body amount to: a field that nobody knows is a malformed request, values that are all fine but
    /// taken are a conflict, all else breaks a rule.
    pub fn in_body(errors: Vec<FieldError>) -> Self {
        if errors.iter().any(|error| error.code == FieldCode::UnknownField) {
            Code::UnknownField.with(errors)
        } else if errors.iter().all(|error| error.code == FieldCode::AlreadyExists) {
            Code::AlreadyExists.with(errors)
        } else {
            Code::Invalid.with(errors)
        }
    }

    /// What the errors of a query, path or header amount to.
    pub fn in_parameters(errors: Vec<FieldError>) -> Self {
        let unknown = errors.iter().all(|error| error.code == FieldCode::UnknownParameter);
        if unknown { Code::UnknownParameter.with(errors) } else { Code::InvalidParameter.with(errors) }
    }

    /// The message for people.
    pub fn message(&self) -> Message {
        self.0.detail.clone().unwrap_or_else(|| self.0.code.title())
    }

    /// What was wrong this time.
    pub fn detail(&self) -> Option<&Message> {
        self.0.detail.as_ref()
    }

    /// Headers of the response beside those of its code.
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0.headers
    }

    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// The message and the errors of fields as text.
    pub fn localized(&self, language: Language) -> String {
        let title = self.0.code.title();
        let mut text = self.0.detail.as_ref().unwrap_or(&title).localized(language).to_owned();
        for error in &self.0.errors {
            let place = match &error.location {
                Location::Pointer(place) | Location::Parameter(place) => place,
                Location::Header(name) => *name,
            };
            text.push_str(&format!("\n  {place}: {}", error.message.localized(language)));
        }
        text
    }
}

/// Bounds the size of the response: further errors are not listed.
pub const MAX_ERRORS: usize = 1000;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.localized(Language::English))
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as _)
    }
}

/// An error of a library with what has led to it, for operators. Libraries tend to say only that something failed.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}
