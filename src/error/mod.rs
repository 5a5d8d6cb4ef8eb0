//! Errors for clients: RFC 9457 problem details, in Thai or English.
//!
//! Every code is one entry of the table in `codes`; nothing else makes an error answer.

mod codes;

use std::borrow::Cow;
use std::collections::HashSet;
use std::error::Error as StdError;
use std::fmt;

use actix_web::http::header::{self, HeaderName, HeaderValue};

use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::message::{Language, Message};

pub use codes::Code;

pub type Result<T, E = Error> = std::result::Result<T, E>;

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
    /// Of a receipt that no case has, whatever was typed: that one cannot be is told like that one is unknown.
    pub fn unknown_receipt() -> Self {
        Code::UnknownReceipt.with(vec![FieldError::at("/receipt", FieldCode::UnknownReceipt)])
    }

    pub fn code(&self) -> Code {
        self.0.code
    }

    /// An internal error with what has led to it: an error, or a sentence.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Code::Internal.caused_by(cause)
    }

    /// Says after how many seconds to try again.
    pub fn retry_after(mut self, seconds: i64) -> Self {
        let seconds = seconds.max(1);
        self.0.detail.get_or_insert_with(|| {
            Message::new(
                format!("ลองใหม่ได้เมื่อพ้น {seconds} วินาที"),
                format!("Try again after {seconds} second{}.", plural(seconds)),
            )
        });
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds))
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

    /// The message for people: what was wrong this time, or else what to do.
    pub fn message(&self) -> Message {
        self.0.detail.clone().unwrap_or_else(|| self.count_of_errors().unwrap_or_else(|| self.0.code.remedy()))
    }

    /// How many values need correction, where `errors` says which.
    fn count_of_errors(&self) -> Option<Message> {
        let says_more = [Code::AlreadyExists, Code::Incomplete, Code::UnknownReceipt].contains(&self.0.code);
        let first = self.0.errors.first().filter(|_| !says_more)?;
        // One value may break several rules.
        let count = self.0.errors.iter().map(|error| &error.location).collect::<HashSet<_>>().len();
        let (th, en) = match first.location {
            Location::Pointer(_) => ("ข้อมูล", "field"),
            Location::Parameter(_) => ("พารามิเตอร์", "parameter"),
            Location::Header(_) => ("ส่วนหัว", "header"),
        };
        let (many, need) = if count == 1 { ("", "needs") } else { ("s", "need") };
        Some(Message::new(
            format!("พบ{th}ที่ต้องแก้ไข {count} รายการ ดูที่ errors"),
            format!("{count} {en}{many} {need} correction: see errors."),
        ))
    }

    /// What was wrong this time, where the place that made the error has said so.
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

fn plural(count: i64) -> &'static str {
    if count == 1 { "" } else { "s" }
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
