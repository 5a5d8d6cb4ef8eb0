//! Rate limits per group of operations, for each caller (callers.rs), reported in the headers of
//! draft-ietf-httpapi-ratelimit-headers.

use ipnet::IpNet;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{NotUntil, Quota, RateLimiter};

use crate::error::{Code, Error};
use crate::http::callers::{Caller, CallerKey, Callers};
use crate::http::context::part;
use crate::http::middleware::validation::Route;
use crate::http::route::{Kind, Kinds};

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
    pub trusted_proxies: Vec<IpNet>,
}

/// How many times the limit of one caller a client has for all of its visitors together.
const VISITORS: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

type Counter = RateLimiter<CallerKey, DefaultKeyedStateStore<CallerKey>, DefaultClock, StateInformationMiddleware>;

struct Group {
    name: &'static str,
    limit: Limit,
    counter: Counter,
    /// Counts clients that name their visitors.
    clients: Counter,
}

impl Group {
    fn new(name: &'static str, limit: Limit) -> Option<Self> {
        let Limit { requests, seconds } = limit;
        let counter = |requests: NonZeroU32| {
            let pace = Duration::from_secs(seconds.get().into()) / requests.get();
            Some(RateLimiter::keyed(Quota::with_period(pace)?.allow_burst(requests)).with_middleware())
        };
        let clients = counter(requests.saturating_mul(VISITORS))?;
        Some(Self { name, limit, counter: counter(requests)?, clients })
    }

    /// What is left to a caller, who has one request less of it.
    fn count(&self, caller: &Caller) -> Result<StateSnapshot, NotUntil<<DefaultClock as Clock>::Instant>> {
        let left = self.counter.check_key(caller.key())?;
        caller.client().map(|client| self.clients.check_key(client)).transpose()?;
        Ok(left)
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
}

impl RateLimits {
    pub fn new(settings: &LimitSettings) -> Self {
        let group = |name, limit: Option<Limit>| limit.and_then(|limit| Group::new(name, limit));
        Self {
            reads: group("reads", settings.reads),
            writes: group("writes", settings.writes),
            logins: group("logins", settings.logins),
            complaints: group("complaints", settings.complaints),
            requests: group("requests", settings.requests),
        }
    }

    /// Removes callers that have been idle for a while.
    pub fn tidy(&self) {
        let groups = [&self.reads, &self.writes, &self.logins, &self.complaints, &self.requests];
        for group in groups.into_iter().flatten() {
            group.counter.retain_recent();
            group.clients.retain_recent();
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
}

pub async fn limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let limits = part::<RateLimits>(request.request())?.clone();
    let kinds = Route::of(&request)?.kinds;
    let caller = match part::<Callers>(request.request())?.of(request.request()) {
        Ok(caller) => caller,
        Err(error) => return Ok(request.error_response(error).map_into_right_body()),
    };
    let Some(group) = limits.group_of(request.method(), kinds) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let (mut answer, left, wait) = match group.count(&caller) {
        Ok(state) => {
            // What is left to an address would tell who shares it that somebody has sent something.
            let is_shared = matches!(caller, Caller::Stranger(_));
            let left = (!is_shared).then(|| state.remaining_burst_capacity());
            (next.call(request).await?.map_into_left_body(), left, group.limit.seconds.get().into())
        }
        Err(refused) => {
            let wait = refused.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
            let error = Error::from(Code::TooManyRequests).retry_after(wait.cast_signed());
            (request.error_response(error).map_into_right_body(), Some(0), wait)
        }
    };
    tell(answer.headers_mut(), RATE_LIMIT_POLICY, &group.policy());
    if let Some(left) = left {
        tell(answer.headers_mut(), RATE_LIMIT, &format!("\"{}\";r={left};t={wait}", group.name));
    }
    Ok(answer)
}

fn tell(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
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
}
