//! Fetching what others publish on the web: bounded in time and bytes, and from public addresses alone. Whom a name leads to is judged
//! as the connection is made, so that a name which changes its addresses in between gains nothing.

mod resolver;

use std::error::Error as StdError;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use ipnet::IpNet;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use url::{Host, Url};

use crate::domain::message::Message;
use crate::domain::public_address::is_public;
use crate::error::with_causes;
use resolver::{NotAdmitted, Resolver};

/// Redirects that are followed, each judged like the first address.
const MOST_REDIRECTS: usize = 3;

/// Ports of the web. On others of a public address there may be anything.
const PORTS: [u16; 4] = [80, 443, 8080, 8443];

/// Characters of a cause in a message.
const LONGEST_CAUSE: usize = 200;

#[derive(Clone, Debug)]
pub struct FetchSettings {
    /// Networks that are not public and may be fetched from nevertheless, on any port.
    pub allowed: Vec<IpNet>,
    /// From the first byte of the first request to the last one of the last response.
    pub time: Duration,
    /// Bytes of a page or file.
    pub largest: u64,
    /// Between two requests to the same host.
    pub pause: Duration,
    /// After which no other request of a run is sent to a host.
    pub host_time: Duration,
}

impl Default for FetchSettings {
    fn default() -> Self {
        Self {
            allowed: Vec::new(),
            time: Duration::from_secs(10),
            largest: 20 << 20,
            pause: Duration::from_secs(1),
            host_time: Duration::from_secs(120),
        }
    }
}

/// A page or file as it was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Fetched {
    pub status: u16,
    /// Without parameters, in lower case.
    pub media_type: Option<String>,
    pub size: u64,
    /// In hexadecimal.
    pub sha256: String,
}

/// Why there is none.
#[derive(Debug)]
pub enum Failure {
    /// The address is none that is fetched from.
    Refused(Message),
    /// An answer that says that there is none, with its status; or no answer.
    Dead(Option<u16>, Message),
    /// An answer that says that it is there, with nothing in it.
    Empty(u16, Message),
    TimedOut(Message),
    TooLarge(Message),
}

pub struct Fetcher {
    /// For the ports of the web.
    public: Client,
    /// For other ports: the networks that are allowed, and no others.
    allowed: Client,
    pub settings: FetchSettings,
}

impl Fetcher {
    /// `public_url` is where whoever is asked can learn who asks.
    pub fn new(settings: FetchSettings, public_url: &str) -> Result<Self, String> {
        let agent = format!("prongsai/{} (link check; +{public_url})", env!("CARGO_PKG_VERSION"));
        let client = |public: bool| {
            let allowed: Arc<[IpNet]> = settings.allowed.as_slice().into();
            // A connection is used once: the next request judges its address again. A proxy would judge nothing.
            Client::builder()
                .dns_resolver(Resolver { admits: Arc::new(move |ip| (public && is_public(ip)) || is_in(&allowed, ip)) })
                .redirect(Policy::none())
                .no_proxy()
                .referer(false)
                .pool_max_idle_per_host(0)
                .user_agent(&agent)
                .build()
                .map_err(|error| format!("--link-check: {}", with_causes(&error)))
        };
        Ok(Self { public: client(true)?, allowed: client(false)?, settings })
    }

    /// Fetches a page or file, and keeps its hash.
    pub async fn fetch(&self, address: &str) -> Result<Fetched, Failure> {
        let fetched = tokio::time::timeout(self.settings.time, self.follow(address)).await;
        fetched.unwrap_or_else(|_| {
            let seconds = self.settings.time.as_secs();
            let (th, en) =
                (format!("ไม่ได้รับข้อมูลครบภายใน {seconds} วินาที"), format!("It did not arrive within {seconds} seconds."));
            Err(Failure::TimedOut(Message::new(th, en)))
        })
    }

    async fn follow(&self, address: &str) -> Result<Fetched, Failure> {
        let mut url = Url::parse(address).map_err(|_| refused("ไม่ใช่ที่อยู่เว็บ", "It is no web address."))?;
        let mut status = None;
        for _ in 0..=MOST_REDIRECTS {
            let response = self.client_for(&url)?.get(url.clone()).send().await.map_err(unanswered)?;
            // What the resolver has admitted is what was connected to; an address in the URL does not pass it.
            if response.remote_addr().is_some_and(|peer| !self.admits(&url, peer.ip())) {
                return Err(not_public());
            }
            status = Some(response.status().as_u16());
            let location = response.headers().get(LOCATION).and_then(|to| std::str::from_utf8(to.as_bytes()).ok());
            match location.filter(|_| response.status().is_redirection()) {
                Some(to) => {
                    let to = url.join(to);
                    url = to.map_err(|_| refused("ส่งต่อไปยังที่อยู่ที่ไม่ถูกต้อง", "It redirects to what is no web address."))?;
                }
                None => return self.read(response).await,
            }
        }
        let (th, en) = (
            format!("ส่งต่อไปยังที่อยู่อื่นเกิน {MOST_REDIRECTS} ครั้ง"),
            format!("It redirects more than {MOST_REDIRECTS} times."),
        );
        Err(Failure::Dead(status, Message::new(th, en)))
    }

    /// The client that may connect to where an address leads.
    fn client_for(&self, url: &Url) -> Result<&Client, Failure> {
        if !["http", "https"].contains(&url.scheme()) {
            return Err(refused("ไม่ใช่ที่อยู่เว็บ (http หรือ https)", "Its scheme is neither http nor https."));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("ที่อยู่มีชื่อผู้ใช้หรือรหัสผ่าน", "It has a user name or a password in it."));
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            _ => None,
        };
        if literal.is_some_and(|address| !self.admits(url, address)) {
            return Err(not_public());
        }
        Ok(if has_port_of_the_web(url) { &self.public } else { &self.allowed })
    }

    fn admits(&self, url: &Url, address: IpAddr) -> bool {
        (has_port_of_the_web(url) && is_public(address)) || is_in(&self.settings.allowed, address)
    }

    async fn read(&self, mut response: Response) -> Result<Fetched, Failure> {
        let status = response.status().as_u16();
        if !response.status().is_success() {
            let (th, en) =
                (format!("เครื่องแม่ข่ายตอบว่าเปิดไม่ได้ (HTTP {status})"), format!("The server answers with HTTP {status}."));
            return Err(Failure::Dead(Some(status), Message::new(th, en)));
        }
        if response.content_length().is_some_and(|length| length > self.settings.largest) {
            return Err(self.too_large());
        }
        let media_type = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(essence);
        let (mut hash, mut size) = (digest::Context::new(&digest::SHA256), 0);
        while let Some(chunk) = response.chunk().await.map_err(unanswered)? {
            size += chunk.len() as u64;
            if size > self.settings.largest {
                return Err(self.too_large());
            }
            hash.update(&chunk);
        }
        if size == 0 {
            return Err(Failure::Empty(
                status,
                Message::new("เปิดได้ แต่ไม่มีเนื้อหา", "It can be opened and there is nothing in it."),
            ));
        }
        Ok(Fetched { status, media_type, size, sha256: HEXLOWER.encode(hash.finish().as_ref()) })
    }

    fn too_large(&self) -> Failure {
        let mib = self.settings.largest >> 20;
        let (th, en) = (format!("มีขนาดเกิน {mib} เมกะไบต์ (MB)"), format!("It is larger than {mib} MiB."));
        Failure::TooLarge(Message::new(th, en))
    }
}

fn has_port_of_the_web(url: &Url) -> bool {
    url.port_or_known_default().is_some_and(|port| PORTS.contains(&port))
}

fn is_in(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address.to_canonical()))
}

/// A media type without its parameters.
fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().chars().take(100).collect()
}

fn refused(th: &'static str, en: &'static str) -> Failure {
    Failure::Refused(Message::new(th, en))
}

fn not_public() -> Failure {
    refused(
        "นำไปยังที่อยู่ภายในหรือพอร์ตที่ไม่ใช่ของเว็บ ซึ่งประชาชนเปิดไม่ได้",
        "It leads to an address that is not public, or to a port that is not of the web.",
    )
}

fn unanswered(error: reqwest::Error) -> Failure {
    let mut cause: &dyn StdError = &error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if cause.is::<NotAdmitted>() {
        return not_public();
    }
    let cause: String = cause.to_string().chars().take(LONGEST_CAUSE).collect();
    Failure::Dead(
        None,
        Message::new(format!("ไม่มีเครื่องแม่ข่ายตอบ ({cause})"), format!("No server answers, or not to the end: {cause}.")),
    )
}
