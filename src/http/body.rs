//! Bodies: read within their limits, checked against their published schema and then by their rules.

use std::marker::PhantomData;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::__dev::ComposeSchema;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use crate::domain::field_code::FieldCode;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::context::part;
use crate::http::idempotency::IdempotencyKey;
use crate::http::json;
use crate::http::middleware::shutdown::Shutdown;
use crate::schema::patch::patch_of;
use crate::schema::validate;

/// How long a body may take to arrive, and each part of a file.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A JSON body of at most `KIB` KiB, checked against the schema of `T` and then by its rules.
pub struct Json<T, const KIB: usize = 64> {
    pub value: T,
    pub key: Option<IdempotencyKey>,
    /// What was sent, to the byte.
    pub sent: Bytes,
}

impl<T, const KIB: usize> Json<T, KIB> {
    /// For callers that only the key distinguishes.
    pub fn require_key(self) -> Result<(T, IdempotencyKey, Bytes)> {
        Ok((self.value, IdempotencyKey::required(self.key)?, self.sent))
    }
}

impl<T: Body, const KIB: usize> FromRequest for Json<T, KIB> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        async move {
            let bytes = read_body(&request, payload, KIB * 1024, &["application/json"]).await?;
            let key = IdempotencyKey::of(&request, &bytes)?;
            Ok(Self { value: checked(parse(&bytes)?)?, key, sent: bytes })
        }
        .boxed_local()
    }
}

/// What a JSON body can be.
pub trait Body: DeserializeOwned + ToSchema + Validate + 'static {}

impl<T: DeserializeOwned + ToSchema + Validate + 'static> Body for T {}

/// A JSON merge patch (RFC 7396) of a `T`: what is absent stays, `null` clears.
pub struct Patch<T>(Value, PhantomData<T>);

impl<T: Body + Serialize> Patch<T> {
    /// A patch that came in no request.
    pub fn of(document: Value) -> Self {
        Self(document, PhantomData)
    }

    /// `current` with the patch applied, validated as a whole.
    pub fn onto(self, current: &T) -> Result<T> {
        let mut document = serde_json::to_value(current).map_err(Error::internal)?;
        let mut unknown = Vec::new();
        find_unknown(&document, &self.0, "", &mut unknown);
        if !unknown.is_empty() {
            return Err(Error::in_body(unknown));
        }
        merge(&mut document, self.0);
        checked(document)
    }
}

impl<T> FromRequest for Patch<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        async move {
            let kinds = ["application/merge-patch+json", "application/json"];
            let patch = parse(&read_body(&request, payload, 64 * 1024, &kinds).await?)?;
            Ok(Self(patch, PhantomData))
        }
        .boxed_local()
    }
}

impl<T: ToSchema> ComposeSchema for Patch<T> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let schema = serde_json::to_value(T::schema()).unwrap_or_default();
        serde_json::from_value(patch_of(schema)).unwrap_or_else(|_| T::schema())
    }
}

impl<T: ToSchema> ToSchema for Patch<T> {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}

/// Fields that a patch clears and that do not exist: merging would hide them from schema validation.
fn find_unknown(document: &Value, patch: &Value, path: &str, unknown: &mut Vec<FieldError>) {
    let (Value::Object(document), Value::Object(patch)) = (document, patch) else { return };
    for (name, change) in patch {
        let path = format!("{path}/{}", validate::escaped(name));
        match document.get(name) {
            Some(inner) => find_unknown(inner, change, &path, unknown),
            None if change.is_null() => {
                unknown.push(validate::unknown_field(&path, name, document.keys().map(String::as_str)));
            }
            None => {}
        }
    }
}

/// RFC 7396, section 2.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else { return };
    for (name, change) in patch {
        if change.is_null() {
            target.shift_remove(&name);
        } else {
            merge(target.entry(name).or_insert(Value::Null), change);
        }
    }
}

pub async fn read_body(request: &HttpRequest, mut payload: Payload, limit: usize, kinds: &[&str]) -> Result<Bytes> {
    refuse_other(request, kinds)?;
    let collect = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Code::MalformedRequest)?;
            if body.len() + chunk.len() > limit {
                return Err(Code::TooLarge.because(
                    format!("ข้อมูลต้องไม่เกิน {} กิโลไบต์ (KB) โปรดลดขนาดแล้วส่งใหม่", limit / 1024),
                    format!("The body must be at most {} KiB: send less of it, or in several requests.", limit / 1024),
                ));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    let in_time = async { tokio::time::timeout(BODY_TIMEOUT, collect).await.map_err(|_| Code::RequestTimeout)? };
    part::<Shutdown>(request)?.unless_ending(in_time).await
}

/// Refuses a body that is not of one of these kinds, or is compressed.
pub fn refuse_other(request: &HttpRequest, kinds: &[&str]) -> Result<()> {
    let encoded = request.headers().get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity");
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if encoded || !kinds.contains(&&*kind) {
        let kinds = kinds.join(", ");
        return Err(Code::UnsupportedMediaType
            .because(format!("โปรดส่งเป็น {kinds} โดยไม่บีบอัด"), format!("Send {kinds}, not compressed.")));
    }
    Ok(())
}

fn parse(bytes: &[u8]) -> Result<Value> {
    let value = json::parse(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if error.is_data() {
            return Code::MalformedJson.because(
                format!("มีชื่อซ้ำใน object ก่อนบรรทัด {line} ตำแหน่ง {column}"),
                format!("A name must not stand twice in an object: see before line {line}, column {column}."),
            );
        }
        Code::MalformedJson.because(
            format!("อ่าน JSON ไม่ได้ที่บรรทัด {line} ตำแหน่ง {column}"),
            format!("This is not JSON: see line {line}, column {column}."),
        )
    })?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Code::MalformedJson
            .because("ต้องเป็น JSON object หนึ่งชุด เช่น {}", "The body must be a JSON object, such as {}."))
    }
}

/// A value as a `T`, or everything that is wrong with it.
pub fn checked<T: Body>(mut value: Value) -> Result<T> {
    validate::normalise(&mut value);
    let errors = validate::body_errors::<T>(&value);
    if !errors.is_empty() {
        return Err(Error::in_body(errors));
    }
    let value: T = serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().iter().map(|segment| format!("/{segment}").replace(['[', ']'], "")).collect::<String>();
        FieldError::at(&path, FieldCode::BadFormat)
    })?;
    by_rules(&value).map(|()| value)
}

/// Everything in a value that breaks a rule over several fields.
pub fn by_rules(value: &impl Validate) -> Result<()> {
    value.validate().map_err(|broken| {
        let mut errors = Vec::new();
        collect_rules(&broken, "", &mut errors);
        Error::in_body(errors)
    })
}

fn collect_rules(broken: &ValidationErrors, path: &str, errors: &mut Vec<FieldError>) {
    for (field, kind) in broken.errors() {
        let path = if field == "__all__" { path.to_owned() } else { format!("{path}/{field}") };
        match kind {
            ValidationErrorsKind::Struct(inner) => collect_rules(inner, &path, errors),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect_rules(inner, &format!("{path}/{index}"), errors);
                }
            }
            ValidationErrorsKind::Field(broken) => errors.extend(broken.iter().map(|rule| {
                let message = rule.message.as_deref().unwrap_or("ข้อมูลไม่ถูกต้อง\nis not valid");
                let (th, en) = message.split_once('\n').unwrap_or((message, message));
                let code = FieldCode::named(&rule.code).unwrap_or(FieldCode::NotAllowed);
                FieldError::at(&path, code.because(th.to_owned(), en.to_owned()))
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_merge_patch_does_what_the_examples_of_rfc_7396_say() {
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut merged = target;
            merge(&mut merged, patch);
            assert_eq!(merged, result);
        }
    }
}
