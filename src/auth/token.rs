//! Access tokens: JWTs signed with EdDSA, with the claims of RFC 9068, checked as RFC 8725 asks.

use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::oidc;
use super::scope::{self, Role, Row};
use crate::audit_log::author::{Author, UnitScope};
use crate::crypto::keys::KeyRing;
use crate::domain::units::Units;
use crate::error::{Code, Error, Result};

const KIND: &str = "at+jwt";

/// Seconds by which two clocks may differ.
const LEEWAY: u64 = 5;

/// How long a token of an account or client is good.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// Audience of the tokens of every deployment.
const AUDIENCE: &str = "prongsai";

/// Subject and rights of a token.
#[derive(Clone, Debug, Default)]
pub struct Grant {
    /// Id of the account or client, or the name of one of our own programs.
    pub subject: String,
    /// The client that acts, where it is not this service itself.
    pub client: Option<Uuid>,
    pub scopes: Vec<String>,
    pub roles: Vec<Role>,
    /// Units that the subject works for.
    pub units: Units<Uuid>,
    /// Rights version of the account or client; a token with an older version is rejected.
    pub rights_version: Option<i32>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: String,
    pub client_id: String,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
    pub jti: String,
    /// Scopes, separated by spaces.
    pub scope: String,
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Without it, the token gives nothing that depends on units.
    #[serde(default)]
    pub units: Units<Uuid>,
    #[serde(rename = "stamp")]
    pub rights_version: Option<i32>,
    /// The other names of the same person, as an admin has linked them.
    #[serde(skip)]
    pub other_names: Vec<String>,
}

impl Claims {
    /// Whether the token has a scope. Who may write records of a kind may read them.
    pub fn has(&self, scope: &str) -> bool {
        let covers =
            |held: &str| held.strip_suffix(":write").is_some_and(|kind| scope.strip_suffix(":read") == Some(kind));
        self.scope.split(' ').any(|held| held == scope || covers(held))
    }

    /// Whether it is a client's.
    pub fn is_program(&self) -> bool {
        self.client_id != AUDIENCE && !oidc::is_subject(&self.sub)
    }

    /// The account of a person who has logged in.
    pub fn account(&self) -> Option<Uuid> {
        self.rights_version.filter(|_| self.client_id == AUDIENCE)?;
        self.sub.parse().ok()
    }

    /// The units for which the token gives a scope: all, where a role gives it without regard to units.
    pub fn units_of(&self, scope: &str) -> UnitScope {
        let is_bound = |row: &Row| row.is_of_units() && !self.roles.iter().any(|role| row.roles.contains(role));
        match &self.units {
            _ if !scope::named(scope).is_none_or(is_bound) => UnitScope::Everything,
            Units::All => UnitScope::Everything,
            units if units.is_none() => UnitScope::Nothing,
            Units::Some(units) => UnitScope::Units(units.clone()),
        }
    }

    /// The subject as the author of writes to records of these units.
    pub fn author(&self, units: UnitScope) -> Author {
        let roles: Vec<_> = self.roles.iter().map(|role| role.name()).collect();
        Author { name: self.sub.clone(), role: roles.join(" "), units, other_names: self.other_names.clone() }
    }
}

/// Issues and verifies the tokens of one deployment.
pub struct Tokens {
    keys: RwLock<Arc<Keys>>,
    validation: Validation,
    pub issuer: String,
}

/// A ring as the library wants it.
struct Keys {
    ring: KeyRing,
    each: Vec<(Header, EncodingKey, DecodingKey)>,
}

impl From<KeyRing> for Keys {
    fn from(ring: KeyRing) -> Self {
        let each = ring.keys().iter().map(|key| {
            let mut header = Header::new(Algorithm::EdDSA);
            header.typ = Some(KIND.to_owned());
            header.kid = Some(key.id());
            (header, EncodingKey::from_ed_der(key.pkcs8()), DecodingKey::from_ed_der(key.public()))
        });
        let each = each.collect();
        Self { ring, each }
    }
}

impl Tokens {
    pub fn new(ring: KeyRing, issuer: &str) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "nbf", "exp"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY;
        Self { keys: RwLock::new(Arc::new(ring.into())), validation, issuer: issuer.to_owned() }
    }

    fn keys(&self) -> Arc<Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the keys.
    pub fn replace(&self, ring: KeyRing) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring.into());
    }

    pub fn issue(&self, grant: Grant, now: DateTime<Utc>, lifetime: TimeDelta) -> Result<String> {
        let Grant { subject, client, scopes, roles, units, rights_version } = grant;
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: subject,
            client_id: client.map_or_else(|| AUDIENCE.to_owned(), |client| client.to_string()),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: (now + lifetime).timestamp(),
            jti: Uuid::now_v7().to_string(),
            scope: scopes.join(" "),
            roles,
            units,
            rights_version,
            other_names: Vec::new(),
        };
        let keys = self.keys();
        let (header, signing, _) = keys.each.get(keys.ring.signing(now)).ok_or(Code::Internal)?;
        jsonwebtoken::encode(header, &claims, signing).map_err(Error::internal)
    }

    /// The claims of a valid token of ours. The reason for a rejection is not disclosed.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims> {
        let refused = |_| Code::InvalidToken;
        let given = jsonwebtoken::decode_header(token).map_err(refused)?;
        let keys = self.keys();
        // The header must match ours exactly; a key, certificate or URL in it is never used.
        let known = keys.each.iter().find(|(header, ..)| *header == given);
        let (.., verifying) = known.ok_or(Code::InvalidToken)?;
        let claims = jsonwebtoken::decode::<Claims>(token, verifying, &self.validation).map_err(refused)?.claims;
        let (from, to) = (claims.iat, claims.exp);
        if from > to || from > now.timestamp() + LEEWAY.cast_signed() || from < 0 || claims.sub.is_empty() {
            return Err(Code::InvalidToken.into());
        }
        Ok(claims)
    }

    /// The public keys as a JWK set (RFC 7517; RFC 8037 for Ed25519).
    pub fn jwks(&self) -> Value {
        let keys = self.keys();
        let key = |key: &crate::crypto::keys::SigningKey| {
            let x = BASE64_URL_SAFE_NO_PAD.encode(key.public());
            json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": key.id(), "use": "sig", "alg": "EdDSA" })
        };
        json!({ "keys": keys.ring.keys().iter().map(key).collect::<Vec<_>>() })
    }
}
