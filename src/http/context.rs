//! The request that is being answered: its id, the language and the format of its errors, and the parts of the application that it
//! can reach.

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName};
use actix_web::web::Data;

use super::specification::ErrorFormat;
use crate::domain::message::Language;
use crate::error::{Code, Result};

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What errors are written with.
#[derive(Clone)]
pub struct Context {
    pub request_id: String,
    pub language: Language,
    /// As another specification has them; otherwise they are problem details.
    pub errors: Option<ErrorFormat>,
}

tokio::task_local! {
    pub(super) static REQUEST: Context;
}

/// The context of the request that is being answered.
pub fn current() -> Context {
    let nobodys = Context { request_id: String::new(), language: Language::Thai, errors: None };
    REQUEST.try_with(Clone::clone).unwrap_or(nobodys)
}

/// A part of the application, as the server was given it.
pub fn part<T: 'static>(request: &HttpRequest) -> Result<&Data<T>> {
    request.app_data::<Data<T>>().ok_or_else(|| Code::Internal.into())
}

/// Whether everybody gets the same answer: nobody has said who they are.
pub fn is_anonymous(headers: &HeaderMap) -> bool {
    !headers.contains_key(header::AUTHORIZATION)
}

/// The better of the two by `Accept-Language` (RFC 9110, section 12.5.4); Thai where both are equal.
pub fn accepted_language(headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let weight = |tag: &str| {
        accepted
            .split(',')
            .filter_map(|range| {
                let (range, parameters) = range.split_once(';').unwrap_or((range, ""));
                let weight = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.trim().parse().ok())?;
                let primary = range.trim().split('-').next().unwrap_or("").to_ascii_lowercase();
                (primary == tag).then_some(weight)
            })
            .fold(0.0, f32::max)
    };
    if weight("en") > weight("th") { Language::English } else { Language::Thai }
}
