//! Authentication and authorization. A handler names the required scope in its signature.

pub mod attempts;
pub mod client_secrets;
pub mod failures;
pub mod oidc;
pub mod password;
pub mod people;
pub mod recusal;
pub mod revocation;
pub mod scope;
pub mod token;
pub mod totp;

use std::marker::PhantomData;
use std::path::PathBuf;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::{Ready, ready};
use uuid::Uuid;

use crate::audit_log::author::{Author, UnitScope};
use crate::db;
use crate::error::{Code, Error, Result};
use attempts::Attempts;
use failures::Failures;
use oidc::Provider;
use password::Passwords;
use people::People;
use revocation::Revocations;
use scope::{ComplaintsHandle, Role, Scope, ServiceRequestsHandle};
use token::{Claims, Tokens};

/// What callers are recognised by.
pub struct Auth {
    pub tokens: Tokens,
    /// Where the signing keys come from, to be read again.
    pub signing_keys_file: Option<PathBuf>,
    pub revocations: Revocations,
    /// The municipality's own identity provider.
    pub provider: Option<Provider>,
    pub people: People,
    pub passwords: Passwords,
    pub second_factor_roles: Vec<Role>,
    pub attempts: Attempts,
    pub failures: Failures,
}

/// A caller whose token has the scope `S`.
pub struct Actor<S> {
    pub author: Author,
    account: Option<Uuid>,
    scope: PhantomData<S>,
}

impl<S> Actor<S> {
    /// The caller's account: an error for programs.
    pub fn account(&self) -> Result<Uuid> {
        self.account.ok_or_else(|| Code::NoAccount.into())
    }
}

impl<S: Scope> FromRequest for Actor<S> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate(request).and_then(|claims| {
            let claims = claims.ok_or(Code::Unauthenticated)?;
            if claims.has(S::NAME) {
                let author = claims.author(claims.units_of(S::NAME));
                return Ok(Self { author, account: claims.account(), scope: PhantomData });
            }
            Err(Code::InsufficientScope.explained(scope::needed(S::NAME, claims.is_program())))
        }))
    }
}

/// Any caller. A token with the scope `S` adds unpublished records of the units that its subject works for.
pub struct Viewer<S> {
    pub units: UnitScope,
    /// Who it is, of those with the scope.
    pub author: Option<Author>,
    scope: PhantomData<S>,
}

impl<S: Scope> FromRequest for Viewer<S> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate(request).map(|claims| {
            let held = claims.filter(|claims| claims.has(S::NAME));
            let author = held.map(|claims| claims.author(claims.units_of(S::NAME)));
            let units = author.as_ref().map_or(UnitScope::Nothing, |author| author.units.clone());
            Self { units, author, scope: PhantomData }
        }))
    }
}

/// A caller with any token.
pub struct Bearer(pub Claims);

impl FromRequest for Bearer {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate(request).and_then(|claims| Ok(Self(claims.ok_or(Code::Unauthenticated)?))))
    }
}

/// A person who has logged in.
pub struct AccountHolder {
    pub id: Uuid,
    pub author: Author,
}

impl FromRequest for AccountHolder {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate(request).and_then(|claims| {
            let claims = claims.ok_or(Code::Unauthenticated)?;
            match claims.account() {
                Some(id) => Ok(Self { id, author: claims.author(UnitScope::Nothing) }),
                None => Err(Code::NoAccount.into()),
            }
        }))
    }
}

/// A caller who handles cases: of each kind as an author, who reaches nothing of a kind that they do not handle.
pub struct Officer {
    pub complaints: Author,
    pub service_requests: Author,
}

impl Officer {
    /// The holder of a token, with what it gives.
    pub fn of(claims: &Claims) -> Self {
        let units = |scope| if claims.has(scope) { claims.units_of(scope) } else { UnitScope::Nothing };
        let author = |scope| claims.author(units(scope));
        Self { complaints: author(ComplaintsHandle::NAME), service_requests: author(ServiceRequestsHandle::NAME) }
    }

    /// Who it is, whatever the kind of case.
    pub fn author(&self) -> &Author {
        &self.complaints
    }

    /// Whoever writes of both kinds: the units of a person or program are the same for each that they handle.
    pub fn writer(&self) -> &Author {
        if self.complaints.units == UnitScope::Nothing { &self.service_requests } else { &self.complaints }
    }
}

impl FromRequest for Officer {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate(request).and_then(|claims| {
            let claims = claims.ok_or(Code::Unauthenticated)?;
            require_any(&claims, &[ComplaintsHandle::NAME, ServiceRequestsHandle::NAME])?;
            Ok(Self::of(&claims))
        }))
    }
}

/// Rejects a token that has none of several scopes.
pub fn require_any(claims: &Claims, scopes: &[&str]) -> Result<()> {
    match scopes.first() {
        Some(first) if !scopes.iter().any(|scope| claims.has(scope)) => {
            Err(Code::InsufficientScope.explained(scope::needed(first, claims.is_program())))
        }
        _ => Ok(()),
    }
}

/// The token of an `Authorization` header (RFC 6750, section 2.1).
pub fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The claims of the request's token, if there is one. An invalid token is rejected even where none is required.
pub fn authenticate(request: &HttpRequest) -> Result<Option<Claims>> {
    if let Some(claims) = request.extensions().get::<Claims>() {
        return Ok(Some(claims.clone()));
    }
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Code::InvalidToken.into());
    }
    let token = bearer(value);
    let auth = request.app_data::<Data<Auth>>().ok_or(Code::Internal)?;
    let token = token.ok_or_else(|| {
        Code::InvalidToken.because(
            "ส่วนหัวต้องเป็น Authorization: Bearer <token> โดยมีคำว่า Bearer และเว้นวรรคหนึ่งครั้งก่อนโทเคน",
            "The header must be Authorization: Bearer <token>, with the word Bearer and one blank before the token.",
        )
    })?;
    let now = db::machine_now();
    let mut claims = match (auth.tokens.verify(token, now), &auth.provider) {
        (Err(_), Some(provider)) => provider.verify(token, now, &auth.second_factor_roles, &auth.people)?,
        (claims, _) => claims?,
    };
    if auth.revocations.covers(&claims) || auth.people.has_ended(&claims.sub) {
        return Err(Code::InvalidToken.into());
    }
    if oidc::is_subject(&claims.sub) {
        auth.people.see(&claims.sub);
    }
    claims.other_names = auth.people.other_names(&claims.sub);
    // Cached, so that later extractors need not verify the signature again.
    request.extensions_mut().insert(claims.clone());
    Ok(Some(claims))
}
