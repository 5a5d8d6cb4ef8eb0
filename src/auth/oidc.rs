//! Tokens of the municipality's own identity provider (OpenID Connect), accepted if configured, with groups mapped to
//! roles. The keys are read from a file or an https URL on a schedule, never triggered by a token.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::people::People;
use super::scope::Role;
use super::token::Claims;
use crate::domain::text::without_bom;
use crate::domain::units::Units;
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
    /// Whose records people of a group see and change. Whoever is in none of these groups sees nothing that is not published.
    pub units: Vec<(String, GroupUnits)>,
    /// Tokens that are good for longer are refused.
    pub longest: TimeDelta,
    /// Certificates (PEM) that are trusted beside the well-known ones.
    pub ca: Option<PathBuf>,
}

/// The units that a group works for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupUnits {
    All,
    /// The unit with this code; none where there is no such unit.
    Unit(String),
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

    /// Codes of units that groups are mapped to, and that are none.
    pub fn unknown_units<'a>(&'a self, people: &People) -> Vec<&'a str> {
        let codes = self.settings.units.iter().filter_map(|(_, units)| match units {
            GroupUnits::Unit(code) => Some(&**code),
            GroupUnits::All => None,
        });
        codes.filter(|code| people.unit(code).is_none()).collect()
    }

    /// The claims of a token of this provider that is valid now, in our terms.
    pub fn verify(
        &self,
        token: &str,
        now: DateTime<Utc>,
        second_factor_roles: &[Role],
        people: &People,
    ) -> Result<Claims> {
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
        if !self.is_timely(&foreign, now) || !self.is_for_us(&foreign) {
            return Err(Code::InvalidToken.into());
        }
        let subject = format!("{SUBJECT}{}", foreign.sub);
        if !is_subject(&subject) {
            return Err(Code::InvalidToken.into());
        }
        let groups = foreign.groups(&self.settings.roles_claim);
        let roles = self.roles_of(&foreign, &groups, second_factor_roles);
        let units = self.units_of(&groups, people);
        Ok(Claims {
            iss: self.settings.issuer.clone(),
            aud: self.settings.audience.clone(),
            sub: subject,
            client_id: foreign.azp.unwrap_or_default(),
            iat: foreign.iat.0,
            nbf: foreign.nbf.map_or(0, |from| from.0),
            exp: foreign.exp.0,
            jti: foreign.jti.unwrap_or_default(),
            scope: Role::scopes_of(&roles).join(" "),
            roles,
            units,
            rights_version: None,
            other_names: Vec::new(),
        })
    }

    /// Whether a token was issued in the past, for no longer than tokens may be good: one that is stolen ends soon, and so does
    /// what somebody had who has left.
    fn is_timely(&self, foreign: &Foreign, now: DateTime<Utc>) -> bool {
        let (from, to) = (foreign.iat.0, foreign.exp.0);
        let age = to.checked_sub(from);
        from <= now.timestamp() + LEEWAY.cast_signed()
            && age.is_some_and(|age| (0..=self.settings.longest.num_seconds()).contains(&age))
    }

    /// Whether a token was issued to the client that is us (OpenID Connect Core, section 3.1.3.7). `aud` is checked before.
    fn is_for_us(&self, foreign: &Foreign) -> bool {
        match &foreign.azp {
            Some(azp) => *azp == self.settings.audience,
            None => foreign.aud.0.len() == 1,
        }
    }

    /// The units of the person's groups.
    fn units_of(&self, groups: &[&str], people: &People) -> Units<Uuid> {
        let mapped = || self.settings.units.iter().filter(|(group, _)| groups.contains(&&**group));
        if mapped().any(|(_, units)| *units == GroupUnits::All) {
            return Units::All;
        }
        let mut ids: Vec<Uuid> = mapped()
            .filter_map(|(_, units)| match units {
                GroupUnits::Unit(code) => people.unit(code),
                GroupUnits::All => None,
            })
            .collect();
        ids.sort_unstable();
        ids.dedup();
        Units::Some(ids)
    }

    /// What the person's groups give. A role that needs a second factor is given where the provider has seen one.
    fn roles_of(&self, foreign: &Foreign, groups: &[&str], second_factor_roles: &[Role]) -> Vec<Role> {
        let has = |ways: &[&str]| foreign.amr.0.iter().any(|way| ways.contains(&&**way));
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
    aud: Names,
    exp: NumericDate,
    iat: NumericDate,
    nbf: Option<NumericDate>,
    jti: Option<String>,
    azp: Option<String>,
    #[serde(default)]
    amr: Names,
    #[serde(flatten)]
    other: Map<String, Value>,
}

impl Foreign {
    fn groups(&self, claim: &str) -> Vec<&str> {
        match self.other.get(claim) {
            Some(Value::String(text)) => text.split_whitespace().collect(),
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

/// Names in a list, or in a text with spaces between.
#[derive(Default, Deserialize)]
#[serde(from = "OneOrMany")]
struct Names(Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for Names {
    fn from(names: OneOrMany) -> Self {
        match names {
            OneOrMany::One(text) => Self(text.split_whitespace().map(str::to_owned).collect()),
            OneOrMany::Many(names) => Self(names),
        }
    }
}

/// Seconds since 1970. Some write them with a decimal point (RFC 7519, section 2).
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "serde_json::Number")]
struct NumericDate(i64);

impl TryFrom<serde_json::Number> for NumericDate {
    type Error = &'static str;

    fn try_from(number: serde_json::Number) -> Result<Self, Self::Error> {
        let seconds = number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds.floor() as i64));
        let is_time = |seconds: &i64| DateTime::from_timestamp(*seconds, 0).is_some();
        seconds.filter(is_time).map(Self).ok_or("is no time")
    }
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
