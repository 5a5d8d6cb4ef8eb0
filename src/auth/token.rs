//! Access tokens: JWTs signed with EdDSA, with the claims of RFC 9068, checked as RFC 8725 asks.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::key::SigningKey;
use crate::error::{Code, Result};

const KIND: &str = "at+jwt";

/// Seconds by which two clocks may differ.
const LEEWAY: u64 = 5;

#[derive(Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: String,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
    pub jti: String,
    /// Scopes with spaces between.
    pub scope: String,
}

impl Claims {
    pub fn has(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|held| held == scope)
    }
}

/// Issues and verifies tokens of one deployment.
pub struct Tokens {
    header: Header,
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
    issuer: String,
}

/// Whom the tokens of every deployment are for.
const AUDIENCE: &str = "prongsai";

impl Tokens {
    pub fn new(key: &SigningKey, issuer: &str) -> Self {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(KIND.to_owned());
        header.kid = Some(key.id());
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "nbf", "exp"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY;
        Self {
            header,
            signing: EncodingKey::from_ed_der(key.pkcs8()),
            verifying: DecodingKey::from_ed_der(key.public()),
            validation,
            issuer: issuer.to_owned(),
        }
    }

    pub fn issue(&self, subject: &str, scopes: &[&str], now: DateTime<Utc>, lifetime: TimeDelta) -> Result<String> {
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: subject.to_owned(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: (now + lifetime).timestamp(),
            jti: Uuid::now_v7().to_string(),
            scope: scopes.join(" "),
        };
        jsonwebtoken::encode(&self.header, &claims, &self.signing).map_err(|_| Code::Internal.into())
    }

    /// The claims of a token of ours that is valid now. What exactly is wrong with another is not told.
    pub fn verify(&self, token: &str) -> Result<Claims> {
        let refused = |_| Code::InvalidToken;
        let header = jsonwebtoken::decode_header(token).map_err(refused)?;
        if header.typ != self.header.typ || header.kid != self.header.kid {
            return Err(Code::InvalidToken.into());
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &self.verifying, &self.validation).map_err(refused)?.claims;
        if claims.iat > claims.exp || claims.sub.is_empty() {
            return Err(Code::InvalidToken.into());
        }
        Ok(claims)
    }
}
