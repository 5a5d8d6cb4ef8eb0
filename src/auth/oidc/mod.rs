//! Tokens of the municipality's own identity provider (OpenID Connect), accepted if configured, with groups mapped to
//! roles.

pub mod keys;

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::people::People;
use super::scope::Role;
use super::token::Claims;
use crate::domain::units::Units;
use crate::error::{Code, Result};
use keys::{ALGORITHMS, KeySource, Keys, is_for, key_of};

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

/// Prefix for the names of its users, before the provider's own subject.
const SUBJECT: &str = "oidc:";

/// Whether a name can be a subject of an identity provider.
pub fn is_subject(name: &str) -> bool {
    let own = name.strip_prefix(SUBJECT).unwrap_or_default();
    (1..=150).contains(&own.len()) && own.bytes().all(|byte| byte.is_ascii_graphic())
}

/// How far its clock may differ, in seconds.
const LEEWAY: u64 = 5;

/// Ways of authentication (RFC 8176): what one knows, and what one has or is. It takes both.
const KNOWN: [&str; 2] = ["pwd", "pin"];
const HAD: [&str; 6] = ["otp", "hwk", "swk", "sms", "fpt", "face"];

pub struct Provider {
    settings: OidcSettings,
    pub keys: Keys,
}

impl Provider {
    pub fn new(settings: OidcSettings) -> Result<Self, String> {
        Ok(Self { keys: Keys::new(&settings)?, settings })
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
        let keys = self.keys.known();
        let key = key_of(&keys, header.kid.as_deref()).ok_or(Code::InvalidToken)?;
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
        let mapped = || self.settings.units.iter().filter(|(group, _)| groups.contains(&unrooted(group)));
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
        let mapped =
            self.settings.roles.iter().filter(|(group, _)| groups.contains(&unrooted(group))).map(|(_, role)| *role);
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
            Some(Value::String(text)) => text.split_whitespace().map(unrooted).collect(),
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(unrooted).collect(),
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

/// A group without the slash that some providers put before the path of each.
fn unrooted(group: &str) -> &str {
    group.strip_prefix('/').unwrap_or(group)
}
