//! Addresses that another specification describes, and not our document.

use actix_web::http::{Method, StatusCode};

use super::route::Kinds;
use crate::domain::message::Language;
use crate::error::Error;

/// What a specification says of the addresses that begin with `root`.
pub struct OtherSpecification {
    pub root: &'static str,
    /// Of which kinds its operations are. Their requests are checked by their handlers.
    pub operations: Vec<(Method, String, Kinds)>,
    /// How errors are written at a path, whichever part of the service makes them.
    pub errors: fn(&str) -> ErrorFormat,
}

/// Writes an error as its specification has it.
pub type ErrorFormat = fn(&Error, Language) -> ErrorBody;

pub struct ErrorBody {
    pub status: StatusCode,
    pub media_type: &'static str,
    pub body: Vec<u8>,
}
