//! Client authentication at `/oauth/...`: form-encoded requests, and errors in the format of RFC 6749.

use std::fmt;
use std::marker::PhantomData;

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use entity::{client, client_secret};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use percent_encoding::percent_decode_str;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::client_secrets::client_of;
use crate::domain::message::Language;
use crate::error::{Code, Error, FieldError, Location};
use crate::http::body::read_body;
use crate::schema::validate;

/// Why a request for a token could not be done (RFC 6749, section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnsupportedGrantType,
    InvalidScope,
    UnsupportedTokenType,
}

impl Reason {
    fn name(self) -> &'static str {
        match self {
            Reason::InvalidRequest => "invalid_request",
            Reason::InvalidClient => "invalid_client",
            Reason::InvalidGrant => "invalid_grant",
            Reason::UnsupportedGrantType => "unsupported_grant_type",
            Reason::InvalidScope => "invalid_scope",
            Reason::UnsupportedTokenType => "unsupported_token_type",
        }
    }

    pub fn because(self, description: &str) -> Failure {
        Failure::Oauth(self, description.to_owned())
    }
}

/// An error in the format of RFC 6749.
#[derive(Serialize, ToSchema)]
pub struct OauthError<'a> {
    /// Error code of RFC 6749, section 5.2.
    #[schema(value_type = String, max_length = 50, pattern = "^[a-z_]+$", example = "invalid_client")]
    error: &'a str,
    /// What was wrong, in English.
    #[schema(value_type = String, max_length = 500, example = "the client or its secret is not known")]
    error_description: &'a str,
}

/// An error at these URLs: OAuth's own, or a problem where the cause is not in the request.
#[derive(Debug)]
pub enum Failure {
    Oauth(Reason, String),
    Problem(Error),
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Oauth(reason, description) => write!(f, "{}: {description}", reason.name()),
            Failure::Problem(error) => error.fmt(f),
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Failure::Oauth(Reason::InvalidClient, _) => StatusCode::UNAUTHORIZED,
            Failure::Oauth(..) => StatusCode::BAD_REQUEST,
            Failure::Problem(error) => error.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let (reason, description) = match self {
            Failure::Oauth(reason, description) => (reason, description),
            Failure::Problem(error) => return error.error_response(),
        };
        let mut answer = HttpResponse::build(self.status_code());
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        if *reason == Reason::InvalidClient {
            answer.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"prongsai\""));
        }
        answer.json(OauthError { error: reason.name(), error_description: description })
    }
}

/// A form that the published schema of `T` allows, and what `Authorization` says beside it.
pub struct Form<T> {
    fields: Map<String, Value>,
    credentials: Option<(String, String)>,
    kind: PhantomData<T>,
}

/// Enough for every token and secret of ours.
const LARGEST: usize = 16 * 1024;

impl<T: ToSchema + 'static> FromRequest for Form<T> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        async move {
            let body = read_body(&request, payload, LARGEST, &["application/x-www-form-urlencoded"]).await;
            let body = body.map_err(|error| match error.code() {
                Code::UnsupportedMediaType => {
                    Reason::InvalidRequest.because("send application/x-www-form-urlencoded, not compressed")
                }
                _ => error.into(),
            })?;
            let known = json!(T::schema())["properties"].take();
            let mut fields = Map::new();
            for (name, value) in url::form_urlencoded::parse(&body) {
                // Unknown parameters are ignored; parameters without a value are treated as omitted (section 3.2).
                if value.is_empty() || known.get(&*name).is_none() {
                    continue;
                }
                if fields.insert(name.to_string(), json!(value)).is_some() {
                    return Err(Reason::InvalidRequest.because("a parameter is there twice"));
                }
            }
            let fields = Value::Object(fields);
            if let Some(FieldError { location: Location::Pointer(field), message, .. }) =
                validate::body_errors::<T>(&fields).first()
            {
                let text = format!("{}: {}", field.trim_start_matches("#/"), message.localized(Language::English));
                return Err(Reason::InvalidRequest.because(&text));
            }
            let Value::Object(fields) = fields else { return Err(Error::from(Code::Internal).into()) };
            Ok(Self { fields, credentials: basic(&request)?, kind: PhantomData })
        }
        .boxed_local()
    }
}

/// The client's id and secret in `Authorization: Basic` (section 2.3.1).
fn basic(request: &HttpRequest) -> Result<Option<(String, String)>, Failure> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    let read = || {
        let (scheme, coded) = value.to_str().ok()?.split_once(' ')?;
        let coded = scheme.eq_ignore_ascii_case("basic").then(|| coded.trim())?;
        let text = String::from_utf8(BASE64_STANDARD.decode(coded).ok()?).ok()?;
        let (id, secret) = text.split_once(':')?;
        let plain = |text: &str| Some(percent_decode_str(&text.replace('+', " ")).decode_utf8().ok()?.into_owned());
        Some((plain(id)?, plain(secret)?))
    };
    read().map(Some).ok_or_else(|| Reason::InvalidClient.because("Authorization is not Basic with an id and a secret"))
}

impl<T> Form<T> {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    pub fn require(&self, name: &str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| Reason::InvalidRequest.because(&format!("{name} is missing")))
    }

    /// The client id that the request claims.
    pub fn client_id(&self) -> Option<Uuid> {
        let basic = self.credentials.as_ref().map(|(id, _)| &**id);
        basic.or(self.get("client_id"))?.parse().ok()
    }

    /// Whether a client has said who it is.
    pub fn names_client(&self) -> bool {
        self.credentials.is_some() || self.get("client_secret").is_some()
    }

    /// The authenticated client, and the secret it used.
    pub async fn client(
        &self,
        db: &impl ConnectionTrait,
        now: DateTime<Utc>,
    ) -> Result<(client::Model, client_secret::Model), Failure> {
        if !self.names_client() {
            return Err(Reason::InvalidClient.because(
                "no client id and secret were sent: use HTTP Basic, or client_id and client_secret in the form",
            ));
        }
        let unknown =
            || Reason::InvalidClient.because("the client or its secret is not known, or its access has ended");
        let secret = match &self.credentials {
            Some(_) if self.get("client_secret").is_some() => {
                return Err(Reason::InvalidRequest.because("the client proves itself in two ways"));
            }
            Some((_, secret)) => secret,
            None => self.get("client_secret").unwrap_or_default(),
        };
        let found = client_of(db, secret, now).await?;
        found.filter(|(client, _)| self.client_id() == Some(client.id)).ok_or_else(unknown)
    }
}
