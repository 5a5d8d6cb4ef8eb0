//! Errors over Open311: a list of codes and descriptions, which name what was sent.

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use super::{definition, rendered};
use crate::domain::message::{Language, Localized, Message};
use crate::error::{Error, FieldError, Location, MAX_ERRORS};
use crate::http::context::current;
use crate::http::negotiation::Format;
use crate::http::specification::{ErrorBody, ErrorFormat};

/// How errors are written at a path.
pub fn format_at(path: &str) -> ErrorFormat {
    match super::format_at(path) {
        Format::Json => |error, language| written(Format::Json, error, language),
        _ => |error, language| written(Format::Xml, error, language),
    }
}

/// An error as the specification has it: a list of codes and descriptions, one for each field.
fn written(format: Format, error: &Error, language: Language) -> ErrorBody {
    let status = match error.code().status() {
        422 => 400,
        status => status,
    };
    let described = |description: String| json!({ "code": status, "description": description });
    let fields = error.errors().iter().take(MAX_ERRORS).map(|field| {
        let name = match &field.location {
            Location::Pointer(place) => parameter_of(place),
            Location::Parameter(place) => place.clone(),
            Location::Header(place) => (*place).to_owned(),
        };
        described(format!("{name}: {}", field.message.localized(language)))
    });
    let mut errors: Vec<Value> = fields.collect();
    if errors.is_empty() {
        errors.push(described(error.message().localized(language).to_owned()));
    }
    ErrorBody {
        status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        media_type: format.media_type(),
        body: rendered(format, "errors", &errors.into()).unwrap_or_default(),
    }
}

/// The parameter that a field of ours is sent as.
fn parameter_of(pointer: &str) -> String {
    match pointer.trim_start_matches("#/") {
        "location" => "lat, long, address_string".to_owned(),
        "location/latitude" => "lat".to_owned(),
        "location/longitude" => "long".to_owned(),
        "location/address" => "address_string".to_owned(),
        "applicant/full_name" => "first_name, last_name".to_owned(),
        "booked_on" => format!("attribute[{}]", definition::DAY),
        "proof" | "proof/challenge" | "proof/solution" => format!("attribute[{}]", definition::PROOF),
        "applicant" => "first_name, last_name, phone, email".to_owned(),
        other => match other.split_once('/') {
            Some(("form", _)) => attribute_of(pointer),
            Some(("applicant", field)) => field.to_owned(),
            _ => other.to_owned(),
        },
    }
}

/// The attribute that a pointer lies in.
fn attribute_of(pointer: &str) -> String {
    let field = pointer.trim_start_matches("#/form/").split('/').next().unwrap_or_default();
    format!("attribute[{field}]")
}

/// The errors of a filled-in form, with the titles of its fields before their codes: people read these first.
pub fn titled(error: Error, schema: &Value) -> Error {
    if error.errors().is_empty() {
        return error;
    }
    let errors = error.errors().iter().cloned().map(|error| match &error.location {
        Location::Pointer(pointer) if pointer.starts_with("#/form/") => titled_field(pointer, &error, schema),
        _ => error,
    });
    error.code().with(errors.collect())
}

fn titled_field(pointer: &str, error: &FieldError, schema: &Value) -> FieldError {
    let field = pointer.trim_start_matches("#/form/").split('/').next().unwrap_or_default();
    let title = definition::title(schema, field);
    let [th, en] = [Language::Thai, Language::English].map(|language| {
        let text = error.message.localized(language);
        let title = title.as_ref().map(|title| title.localized(language));
        let rest = title.and_then(|title| text.strip_prefix(title)?.strip_prefix(": "));
        rest.unwrap_or(text).to_owned()
    });
    let message = Message::new(th, en);
    let name = match &title {
        Some(title) => format!("{} ({})", title.localized(current().language), attribute_of(pointer)),
        None => attribute_of(pointer),
    };
    FieldError { location: Location::Parameter(name), code: error.code, message }
}
