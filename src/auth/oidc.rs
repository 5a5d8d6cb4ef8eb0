//! Tokens of the municipality's own identity provider (OpenID Connect), accepted if configured, with groups mapped to
//! roles. The keys are read from a file or an https URL on a schedule, never triggered by a token.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::task::spawn_blocking;

use super::scope::Role;
use super::token::Claims;
use crate::error::{Code, Result};

/// A configured provider.
#[derive(Clone, Debug)]
pub struct OidcSettings {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// Required audience (`aud`) of its tokens.
    pub audience: String,
    pub keys: KeySource,
    /// Which claim has the groups of a person: a list, or a text with spaces between.
    pub roles_claim: String,
    /// What a group gives.
    pub roles: Vec<(String, Role)>,
    /// Certificates (PEM) that are trusted beside the well-known ones.
    pub ca: Option<PathBuf>,
}

/// Where a provider's keys are.
#[derive(Clone, Debug)]
pub enum KeySource {
    File(PathBuf),
    /// https only.
    Url(String),
}

/// Prefix for the names of its users, before the provider's own subject.
const SUBJECT: &str = "oidc:";

/// Whether a name can be a subject of an identity provider.
pub fn is_subject(name: &str) -> bool {
    let own = name.strip_prefix(SUBJECT).unwrap_or_default();
    (1..=150).contains(&own.len()) && own.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Larger sets of keys are not read.
const LARGEST: usize = 256 * 1024;

const PATIENCE: Duration = Duration::from_secs(5);

/// How far its clock may differ, in seconds.
const LEEWAY: u64 = 5;

/// Signatures that only the holder of a private key can make.
const ALGORITHMS: [Algorithm; 9] = [
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

/// Ways of authentication (RFC 8176): what one knows, and what one has or is. It takes both.
const KNOWN: [&str; 2] = ["pwd", "pin"];
const HAD: [&str; 6] = ["otp", "hwk", "swk", "sms", "fpt", "face"];

pub struct Provider {
    settings: OidcSettings,
    http: reqwest::Client,
    keys: RwLock<Arc<JwkSet>>,
}

impl Provider {
    /// With no keys yet: the first refresh reads them.
    pub fn new(settings: OidcSettings) -> Result<Self, String> {
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
        let http = http.build().map_err(|error| format!("--oidc-jwks: {error}"))?;
        Ok(Self { settings, http, keys: RwLock::new(Arc::new(JwkSet { keys: Vec::new() })) })
    }

    /// Reloads the keys. On failure the previous keys stay.
    pub async fn refresh(&self) -> Result<(), String> {
        let bytes = match &self.settings.keys {
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
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(())
    }

    async fn fetch(&self, url: &str) -> Result<Vec<u8>, String> {
        let message = |error: reqwest::Error| error.without_url().to_string();
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

    /// The claims of a token of this provider that is valid now, in our terms.
    pub fn verify(&self, token: &str, second_factor_roles: &[Role]) -> Result<Claims> {
        let refused = |_| Code::InvalidToken;
        let header = jsonwebtoken::decode_header(token).map_err(refused)?;
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        let kid = header.kid.as_deref().ok_or(Code::InvalidToken)?;
        let key = keys.find(kid).ok_or(Code::InvalidToken)?;
        // The key says which algorithm it is for, not the token (RFC 8725, section 3.1).
        let fits = |algorithm: &Algorithm| is_for(key, *algorithm) && *algorithm == header.alg;
        let algorithm = ALGORITHMS.into_iter().find(fits).ok_or(Code::InvalidToken)?;
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[&self.settings.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY;
        let key = DecodingKey::from_jwk(key).map_err(refused)?;
        let foreign: Foreign = jsonwebtoken::decode(token, &key, &validation).map_err(refused)?.claims;
        if chrono::DateTime::from_timestamp(foreign.exp, 0).is_none() {
            return Err(Code::InvalidToken.into());
        }
        let subject = format!("{SUBJECT}{}", foreign.sub);
        if !is_subject(&subject) {
            return Err(Code::InvalidToken.into());
        }
        let roles = self.roles_of(&foreign, second_factor_roles);
        Ok(Claims {
            iss: self.settings.issuer.clone(),
            aud: self.settings.audience.clone(),
            sub: subject,
            client_id: foreign.azp.unwrap_or_default(),
            iat: foreign.iat.unwrap_or_default(),
            nbf: foreign.nbf.unwrap_or_default(),
            exp: foreign.exp,
            jti: foreign.jti.unwrap_or_default(),
            scope: Role::scopes_of(&roles).join(" "),
            roles,
            units: Vec::new(),
            rights_version: None,
        })
    }

    /// What the person's groups give. A role that needs a second factor is given where the provider has seen one.
    fn roles_of(&self, foreign: &Foreign, second_factor_roles: &[Role]) -> Vec<Role> {
        let groups: Vec<&str> = match foreign.other.get(&self.settings.roles_claim) {
            Some(Value::String(text)) => text.split_whitespace().collect(),
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let has = |ways: &[&str]| foreign.amr.iter().any(|way| ways.contains(&&**way));
        let second_factor = has(&["mfa"]) || (has(&KNOWN) && has(&HAD));
        let mapped = self.settings.roles.iter().filter(|(group, _)| groups.contains(&&**group)).map(|(_, role)| *role);
        let mut roles: Vec<Role> = mapped.filter(|role| second_factor || !second_factor_roles.contains(role)).collect();
        roles.sort_unstable();
        roles.dedup();
        roles
    }
}

/// The claims of OpenID Connect that matter here.
#[derive(Deserialize)]
struct Foreign {
    sub: String,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    jti: Option<String>,
    azp: Option<String>,
    #[serde(default)]
    amr: Vec<String>,
    #[serde(flatten)]
    other: Map<String, Value>,
}

/// Those keys of a set that we understand: a set may have others, for other purposes.
fn read_keys(bytes: &[u8]) -> Result<JwkSet, String> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_slice(bytes).map_err(|_| "is not a set of JSON web keys")?;
    let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
    let keys: Vec<Jwk> = keys.filter(|key| ALGORITHMS.iter().any(|algorithm| is_for(key, *algorithm))).collect();
    if keys.is_empty() { Err("has no key that we can verify with".to_owned()) } else { Ok(JwkSet { keys }) }
}

/// Whether a key may verify signatures of an algorithm.
fn is_for(key: &Jwk, algorithm: Algorithm) -> bool {
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
