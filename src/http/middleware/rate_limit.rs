//! Rate limits per group of operations, for each account, client or IP address (which is not stored), reported in the
//! headers of draft-ietf-httpapi-ratelimit-headers.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use aws_lc_rs::{hmac, rand};
use chrono::NaiveDate;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::error::{Code, Error};
use crate::http::context::part;
use crate::http::middleware::validation::Route;
use crate::http::route::{Kind, Kinds};
use crate::{auth, db};

pub const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// So many requests in so many seconds, written `600/60s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    requests: NonZeroU32,
    seconds: NonZeroU32,
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (requests, seconds) = text.split_once('/')?;
            Some(Self { requests: requests.parse().ok()?, seconds: seconds.strip_suffix('s')?.parse().ok()? })
        };
        read().ok_or_else(|| format!("{text:?} is not a limit such as 600/60s, or off"))
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}s", self.requests, self.seconds)
    }
}

/// The limit of each group of operations; none is none.
#[derive(Clone, Debug, Default)]
pub struct LimitSettings {
    pub reads: Option<Limit>,
    pub writes: Option<Limit>,
    pub logins: Option<Limit>,
    /// New complaints.
    pub complaints: Option<Limit>,
    /// New service requests.
    pub requests: Option<Limit>,
    /// Reverse proxies, whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

/// The caller that requests are counted for.
pub type Key = [u8; 16];

type Counter = RateLimiter<Key, DefaultKeyedStateStore<Key>, DefaultClock, StateInformationMiddleware>;

struct Group {
    name: &'static str,
    limit: Limit,
    counter: Counter,
}

impl Group {
    fn new(name: &'static str, limit: Limit) -> Option<Self> {
        let Limit { requests, seconds } = limit;
        let pace = Duration::from_secs(seconds.get().into()) / requests.get();
        let quota = Quota::with_period(pace)?.allow_burst(requests);
        Some(Self { name, limit, counter: RateLimiter::keyed(quota).with_middleware() })
    }

    fn policy(&self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.limit.requests, self.limit.seconds)
    }
}

pub struct RateLimits {
    reads: Option<Group>,
    writes: Option<Group>,
    logins: Option<Group>,
    complaints: Option<Group>,
    requests: Option<Group>,
    trusted_proxies: Vec<IpAddr>,
    /// The key of today, in memory only, so that counters cannot be traced back to an IP address.
    key: Mutex<(NaiveDate, hmac::Key)>,
}

impl RateLimits {
    pub fn new(settings: &LimitSettings) -> Result<Self, String> {
        let group = |name, limit: Option<Limit>| limit.and_then(|limit| Group::new(name, limit));
        let canonical = |address: &IpAddr| address.to_canonical();
        Ok(Self {
            reads: group("reads", settings.reads),
            writes: group("writes", settings.writes),
            logins: group("logins", settings.logins),
            complaints: group("complaints", settings.complaints),
            requests: group("requests", settings.requests),
            trusted_proxies: settings.trusted_proxies.iter().map(canonical).collect(),
            key: Mutex::new((db::machine_now().date_naive(), random_key().ok_or("no random bytes could be had")?)),
        })
    }

    /// Removes callers that have been idle for a while.
    pub fn tidy(&self) {
        let groups = [&self.reads, &self.writes, &self.logins, &self.complaints, &self.requests];
        for group in groups.into_iter().flatten() {
            group.counter.retain_recent();
        }
    }

    fn group_of(&self, method: &Method, kinds: Kinds) -> Option<&Group> {
        let group = match *method {
            _ if kinds.has(Kind::Probe) => return None,
            Method::OPTIONS => return None,
            _ if kinds.has(Kind::Login) => &self.logins,
            _ if kinds.has(Kind::ComplaintIntake) => &self.complaints,
            _ if kinds.has(Kind::RequestIntake) => &self.requests,
            Method::GET => &self.reads,
            _ => &self.writes,
        };
        group.as_ref()
    }

    fn key_of(&self, request: &ServiceRequest) -> Key {
        match auth::authenticate(request.request()) {
            Ok(Some(claims)) => self.hashed(&format!("subject {}", claims.sub)),
            _ => self.address_key(request.request()),
        }
    }

    /// What stands for the address of a request.
    pub fn address_key(&self, request: &HttpRequest) -> Key {
        let address = self.address_of(request).map(|address| address.to_string());
        self.hashed(&format!("address {}", address.unwrap_or_default()))
    }

    fn hashed(&self, caller: &str) -> Key {
        let today = db::machine_now().date_naive();
        let mut key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        if key.0 != today
            && let Some(fresh) = random_key()
        {
            *key = (today, fresh);
        }
        let mut short = Key::default();
        short.copy_from_slice(&hmac::sign(&key.1, caller.as_bytes()).as_ref()[..16]);
        short
    }

    /// The address that a request comes from; of IPv6 the network, which is what one caller has.
    fn address_of(&self, request: &HttpRequest) -> Option<IpAddr> {
        let mut address = request.peer_addr()?.ip().to_canonical();
        let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
        let way: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
        // Each trusted proxy appends the address of its peer: the last address that is not a trusted proxy is the
        // caller's. Entries before an invalid one are ignored.
        for hop in way.into_iter().rev() {
            let hop = hop.parse().or_else(|_| hop.parse::<SocketAddr>().map(|hop| hop.ip()));
            match hop {
                Ok(hop) if self.trusted_proxies.contains(&address) => address = hop.to_canonical(),
                _ => break,
            }
        }
        Some(match address {
            IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX)).into(),
            address => address,
        })
    }
}

fn random_key() -> Option<hmac::Key> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).ok()?;
    Some(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

pub async fn limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let limits = part::<RateLimits>(request.request())?.clone();
    let kinds = Route::of(&request)?.kinds;
    let Some(group) = limits.group_of(request.method(), kinds) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let (mut answer, left, wait) = match group.counter.check_key(&limits.key_of(&request)) {
        Ok(state) => {
            let left = state.remaining_burst_capacity();
            (next.call(request).await?.map_into_left_body(), left, group.limit.seconds.get().into())
        }
        Err(refused) => {
            let wait = refused.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
            let error = Error::from(Code::TooManyRequests).retry_after(wait.cast_signed());
            (request.error_response(error).map_into_right_body(), 0, wait)
        }
    };
    let message = format!("\"{}\";r={left};t={wait}", group.name);
    tell(answer.headers_mut(), &message, &group.policy());
    Ok(answer)
}

fn tell(headers: &mut HeaderMap, state: &str, policy: &str) {
    for (name, text) in [(RATE_LIMIT, state), (RATE_LIMIT_POLICY, policy)] {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_limit_is_read_as_it_is_written() {
        for text in ["600/60s", "1/1s"] {
            assert_eq!(text.parse::<Limit>().unwrap().to_string(), text);
        }
        for wrong in ["", "600", "600/60", "0/60s", "600/0s", "-1/60s", "a/bs"] {
            assert!(wrong.parse::<Limit>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_proxy_of_ours_is_believed() {
        let address = |peer: &str, forwarded: Option<&str>| {
            let proxies = vec!["10.0.0.1".parse().unwrap()];
            let limits =
                RateLimits::new(&LimitSettings { trusted_proxies: proxies, ..LimitSettings::default() }).unwrap();
            let mut request = TestRequest::default().peer_addr(format!("{peer}:1").parse().unwrap());
            if let Some(forwarded) = forwarded {
                request = request.insert_header(("x-forwarded-for", forwarded));
            }
            limits.address_of(&request.to_http_request()).unwrap().to_string()
        };
        assert_eq!(address("9.9.9.9", None), "9.9.9.9");
        assert_eq!(address("9.9.9.9", Some("1.2.3.4")), "9.9.9.9");
        assert_eq!(address("10.0.0.1", Some("6.6.6.6, 1.2.3.4")), "1.2.3.4");
        assert_eq!(address("10.0.0.1", Some("1.2.3.4, 10.0.0.1")), "1.2.3.4");
        assert_eq!(address("10.0.0.1", Some("6.6.6.6, 1.2.3.4:443")), "1.2.3.4");
        assert_eq!(address("10.0.0.1", Some("6.6.6.6, unknown")), "10.0.0.1");
        assert_eq!(address("[::ffff:9.9.9.9]", None), "9.9.9.9");
        assert_eq!(address("[2001:db8::1:2:3:4]", None), "2001:db8::");
    }
}
