//! Who a request is counted for: an account or client, a visitor that a client names, or an IP address. None of them is
//! stored: a keyed hash stands for each, in memory only, and its key is a new one every day.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use aws_lc_rs::{hmac, rand};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use ipnet::IpNet;

use crate::auth::scope::{ComplaintsSubmit, Scope};
use crate::domain::field_code::FieldCode;
use crate::domain::notation;
use crate::error::{FieldError, Result};
use crate::{auth, db};

/// The header in which a client names its visitor.
pub const VISITOR: &str = "Prongsai-Visitor";

/// The longest name of a visitor.
pub const LONGEST_VISITOR: usize = 64;

/// Stands for a caller.
pub type CallerKey = [u8; 16];

pub enum Caller {
    /// An account, or a client.
    Known(CallerKey),
    /// Whoever has no token, by IP address.
    Stranger(CallerKey),
    /// A visitor of a client's, and the client.
    Visitor(CallerKey, CallerKey),
}

impl Caller {
    pub fn key(&self) -> &CallerKey {
        match self {
            Caller::Known(key) | Caller::Stranger(key) | Caller::Visitor(key, _) => key,
        }
    }

    /// The client, of those that it names.
    pub fn client(&self) -> Option<&CallerKey> {
        if let Caller::Visitor(_, client) = self { Some(client) } else { None }
    }
}

pub struct Callers {
    /// Reverse proxies, whose `X-Forwarded-For` is believed.
    trusted_proxies: Vec<IpNet>,
    /// The key of today, in memory only, so that no hash can be traced back to an IP address.
    key: Mutex<(NaiveDate, hmac::Key)>,
}

impl Callers {
    pub fn new(trusted_proxies: &[IpNet]) -> Result<Self, String> {
        let key = random_key().ok_or("no random bytes could be had")?;
        Ok(Self { trusted_proxies: trusted_proxies.to_vec(), key: Mutex::new((db::machine_now().date_naive(), key)) })
    }

    /// Who sends a request. A token that is not valid makes nobody known.
    pub fn of(&self, request: &HttpRequest) -> Result<Caller> {
        match auth::authenticate(request) {
            Ok(Some(claims)) => {
                let subject = self.hash(&format!("subject {}", claims.sub));
                let Some(visitor) = visitor(request.headers())? else { return Ok(Caller::Known(subject)) };
                if !claims.has(ComplaintsSubmit::NAME) {
                    return Err(not_a_website());
                }
                Ok(Caller::Visitor(self.hash(&format!("visitor {}\n{visitor}", claims.sub)), subject))
            }
            Ok(None) if visitor(request.headers())?.is_some() => Err(not_a_website()),
            Ok(None) | Err(_) => Ok(Caller::Stranger(self.address_key(request))),
        }
    }

    /// The day of today's key, and in how many seconds it ends: everybody is another caller after that.
    pub fn day(&self) -> (NaiveDate, i64) {
        let now = db::machine_now();
        (now.date_naive(), (next_midnight(now) - now).num_seconds() + 1)
    }

    /// What stands for the address of a request.
    pub fn address_key(&self, request: &HttpRequest) -> CallerKey {
        let address = self.address_of(request).map(|it| it.to_string()).unwrap_or_default();
        self.hash(&format!("address {address}"))
    }

    fn hash(&self, caller: &str) -> CallerKey {
        let (today, _) = self.day();
        let mut key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        if key.0 != today
            && let Some(fresh) = random_key()
        {
            *key = (today, fresh);
        }
        let mut short = CallerKey::default();
        short.copy_from_slice(&hmac::sign(&key.1, caller.as_bytes()).as_ref()[..16]);
        short
    }

    /// The address that a request comes from; of IPv6 the network.
    fn address_of(&self, request: &HttpRequest) -> Option<IpAddr> {
        let mut address = request.peer_addr()?.ip().to_canonical();
        let forwarded =
            request.headers().get_all("x-forwarded-for").flat_map(|value| value.as_bytes().split(|it| *it == b','));
        let way: Vec<&str> = forwarded.map(|hop| str::from_utf8(hop).unwrap_or_default().trim()).collect();
        // Each trusted proxy appends the address of its peer: the last address that is not a trusted proxy is the
        // caller's. Entries before an invalid one are ignored.
        for hop in way.into_iter().rev() {
            let hop = hop.parse().or_else(|_| hop.parse::<SocketAddr>().map(|hop| hop.ip()));
            match hop {
                Ok(hop) if self.trusts(address) => address = hop.to_canonical(),
                _ => break,
            }
        }
        Some(network(address))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|proxies| proxies.contains(&address))
    }

    /// Whether a reverse proxy of ours is in the network of an address, as [`network`] has it.
    pub fn is_proxy(&self, address: IpAddr) -> bool {
        self.trusts(address) || self.trusted_proxies.iter().any(|proxies| network(proxies.addr()) == address)
    }
}

/// What one caller has: an address of IPv4, a network of IPv6.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX)).into(),
        address => address,
    }
}

/// The visitor that a request is sent for.
fn visitor(headers: &HeaderMap) -> Result<Option<&str>> {
    let mut values = headers.get_all(VISITOR);
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let fits = (1..=LONGEST_VISITOR).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits && values.next().is_none() {
        return Ok(Some(text));
    }
    Err(FieldError::header(VISITOR, notation::violation(VISITOR)).into())
}

fn not_a_website() -> crate::error::Error {
    let (th, en) =
        ("ใช้ได้เฉพาะโปรแกรมที่มีสิทธิ์ complaints:submit", "must be left out by clients without the scope complaints:submit");
    FieldError::header(VISITOR, FieldCode::NotForThis.because(th, en)).into()
}

fn next_midnight(now: DateTime<Utc>) -> DateTime<Utc> {
    let tomorrow = now.date_naive().checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
    tomorrow.and_time(NaiveTime::MIN).and_utc()
}

fn random_key() -> Option<hmac::Key> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).ok()?;
    Some(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_a_proxy_of_ours_is_believed() {
        let address = |peer: &str, forwarded: Option<&str>| {
            let callers = Callers::new(&["10.0.0.1/32".parse().unwrap()]).unwrap();
            let mut request = TestRequest::default().peer_addr(format!("{peer}:1").parse().unwrap());
            if let Some(forwarded) = forwarded {
                request = request.insert_header(("x-forwarded-for", forwarded));
            }
            callers.address_of(&request.to_http_request()).unwrap().to_string()
        };
        let mut odd = TestRequest::default().peer_addr("10.0.0.1:1".parse().unwrap());
        odd = odd.insert_header(("x-forwarded-for", HeaderValue::from_bytes(b"\xff, 1.2.3.4").unwrap()));
        let callers = Callers::new(&["10.0.0.1/32".parse().unwrap()]).unwrap();
        assert_eq!(callers.address_of(&odd.to_http_request()).unwrap().to_string(), "1.2.3.4");
        assert_eq!(address("9.9.9.9", None), "9.9.9.9");
        assert_eq!(address("9.9.9.9", Some("1.2.3.4")), "9.9.9.9");
        assert_eq!(address("10.0.0.1", Some("6.6.6.6, 1.2.3.4")), "1.2.3.4");
        assert_eq!(address("10.0.0.1", Some("1.2.3.4, 10.0.0.1")), "1.2.3.4");
        assert_eq!(address("10.0.0.1", Some("6.6.6.6, 1.2.3.4:443")), "1.2.3.4");
        assert_eq!(address("10.0.0.1", Some("6.6.6.6, unknown")), "10.0.0.1");
        assert_eq!(address("[::ffff:9.9.9.9]", None), "9.9.9.9");
        assert_eq!(address("[2001:db8::1:2:3:4]", None), "2001:db8::");
        let containers = Callers::new(&["172.16.0.0/12".parse().unwrap()]).unwrap();
        assert!(
            containers.is_proxy("172.18.0.5".parse().unwrap()) && !containers.is_proxy("172.32.0.1".parse().unwrap())
        );
    }
}
