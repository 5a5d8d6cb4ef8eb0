//! The keys of an identity provider: read on a schedule, and at most once a minute because of a token.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use super::OidcSettings;
use crate::domain::text::without_bom;
use crate::error::with_causes;

/// Where a provider's keys are.
#[derive(Clone, Debug)]
pub enum KeySource {
    File(PathBuf),
    /// https only.
    Url(String),
}

/// Larger sets of keys are not read.
const LARGEST: usize = 256 * 1024;

const PATIENCE: Duration = Duration::from_secs(5);

/// How long after the keys were read because of a token another one may have them read.
const AGAIN: Duration = Duration::from_secs(60);

/// Signatures that only the holder of a private key can make.
pub const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

pub struct Keys {
    issuer: String,
    source: KeySource,
    http: reqwest::Client,
    known: RwLock<Arc<JwkSet>>,
    /// When they were last read because of a token.
    asked: Mutex<Option<Instant>>,
}

impl Keys {
    /// With no keys yet: the first refresh reads them.
    pub fn new(settings: &OidcSettings) -> Result<Self, String> {
        let mut http = reqwest::Client::builder().https_only(true).redirect(Policy::none()).timeout(PATIENCE);
        if let Some(file) = &settings.ca {
            let message = |error: String| format!("--oidc-ca: {}: {error}", file.display());
            let pem = std::fs::read(file).map_err(|error| message(error.to_string()))?;
            for certificate in
                reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| message(error.to_string()))?
            {
                http = http.add_root_certificate(certificate);
            }
        }
        let http = http.build().map_err(|error| format!("--oidc-jwks: {}", with_causes(&error)))?;
        let (issuer, source) = (settings.issuer.clone(), settings.keys.clone());
        let known = RwLock::new(Arc::new(JwkSet { keys: Vec::new() }));
        Ok(Self { issuer, source, http, known, asked: Mutex::default() })
    }

    /// Reloads the keys. On failure the previous keys stay.
    pub async fn refresh(&self) -> Result<(), String> {
        // One at a time: an older answer does not replace a newer one.
        let _held = self.asked.lock().await;
        self.reload().await
    }

    async fn reload(&self) -> Result<(), String> {
        let bytes = match &self.source {
            KeySource::File(file) => {
                let (read, name) = (file.clone(), file.display());
                let read =
                    spawn_blocking(move || std::fs::read(read)).await.map_err(|error| format!("{name}: {error}"))?;
                read.map_err(|error| format!("{name}: {error}"))?
            }
            KeySource::Url(url) => self.fetch(url).await?,
        };
        if bytes.len() > LARGEST {
            return Err(format!("the keys are larger than {LARGEST} bytes"));
        }
        let keys = read_keys(&bytes)?;
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(())
    }

    /// Reads the keys again if a token of this provider names none of them, which is how the first token after a change of keys
    /// arrives. Whatever tokens come, this happens once a minute; those that come meanwhile wait for the same read.
    pub async fn learn(&self, token: &str) {
        if !self.names_unknown_key(token) {
            return;
        }
        let mut asked = self.asked.lock().await;
        if asked.is_some_and(|at| at.elapsed() < AGAIN) || !self.names_unknown_key(token) {
            return;
        }
        *asked = Some(Instant::now());
        if let Err(error) = self.reload().await {
            tracing::warn!(
                error,
                "the keys of the identity provider could not be read for a token that names a new one"
            );
        }
    }

    /// Nothing of the token is verified yet.
    fn names_unknown_key(&self, token: &str) -> bool {
        #[derive(Deserialize)]
        struct Unverified {
            iss: String,
        }
        let claims = || BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok();
        let issuer = claims().and_then(|claims| serde_json::from_slice::<Unverified>(&claims).ok());
        issuer.is_some_and(|claims| claims.iss == self.issuer)
            && jsonwebtoken::decode_header(token).is_ok_and(|header| {
                ALGORITHMS.contains(&header.alg) && key_of(&self.known(), header.kid.as_deref()).is_none()
            })
    }

    pub fn known(&self) -> Arc<JwkSet> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn fetch(&self, url: &str) -> Result<Vec<u8>, String> {
        let message = |error: reqwest::Error| with_causes(&error.without_url());
        let mut answer = self.http.get(url).send().await.map_err(message)?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(format!("the provider answers {}", answer.status()));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(message)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LARGEST {
                break;
            }
        }
        Ok(bytes)
    }
}

/// The key that a token names. A provider with one key need not name it (RFC 7515, section 4.1.4).
pub fn key_of<'a>(keys: &'a JwkSet, kid: Option<&str>) -> Option<&'a Jwk> {
    let only = match &keys.keys[..] {
        [only] if kid.is_none() || only.common.key_id.is_none() => Some(only),
        _ => None,
    };
    kid.and_then(|kid| keys.find(kid)).or(only)
}

/// Those keys of a set that we understand: a set may have others, for other purposes.
fn read_keys(bytes: &[u8]) -> Result<JwkSet, String> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let text = std::str::from_utf8(bytes).map(without_bom).unwrap_or_default();
    let set: Set = serde_json::from_str(text).map_err(|_| "is not a set of JSON web keys")?;
    let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
    let keys: Vec<Jwk> = keys.filter(|key| ALGORITHMS.iter().any(|algorithm| is_for(key, *algorithm))).collect();
    if keys.is_empty() { Err("has no key that we can verify with".to_owned()) } else { Ok(JwkSet { keys }) }
}

/// Whether a key may verify signatures of an algorithm.
pub fn is_for(key: &Jwk, algorithm: Algorithm) -> bool {
    use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, PublicKeyUse};
    let signs = key.common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature);
    let named = key.common.key_algorithm.is_none_or(|named| named.to_string() == format!("{algorithm:?}"));
    let fits = match &key.algorithm {
        AlgorithmParameters::RSA(_) => matches!(
            algorithm,
            Algorithm::RS256
                | Algorithm::RS384
                | Algorithm::RS512
                | Algorithm::PS256
                | Algorithm::PS384
                | Algorithm::PS512
        ),
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            EllipticCurve::P256 => algorithm == Algorithm::ES256,
            EllipticCurve::P384 => algorithm == Algorithm::ES384,
            _ => false,
        },
        AlgorithmParameters::OctetKeyPair(pair) => {
            pair.curve == EllipticCurve::Ed25519 && algorithm == Algorithm::EdDSA
        }
        // Symmetric keys are not accepted for verification.
        _ => false,
    };
    signs && named && fits
}
