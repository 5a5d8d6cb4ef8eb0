//! Settings of the rate limits.

use std::net::IpAddr;

use clap::Args;
use ipnet::{IpNet, Ipv4Net};

use super::errors::{ConfigErrors, listed};
use crate::http::middleware::rate_limit::{Limit, LimitSettings};

/// Rate limits, and the proxies whose X-Forwarded-For identifies a caller.
#[derive(Args, Clone, Debug)]
pub struct LimitArgs {
    /// Rate limit of reads per caller, as requests per seconds, such as 1200/60s; `off` for none
    #[arg(long, env = "PRONGSAI_LIMIT_READS", default_value = "1200/60s")]
    pub limit_reads: String,
    /// Rate limit of writes per caller
    #[arg(long, env = "PRONGSAI_LIMIT_WRITES", default_value = "300/60s")]
    pub limit_writes: String,
    /// Rate limit of logins and token requests per caller
    #[arg(long, env = "PRONGSAI_LIMIT_LOGINS", default_value = "30/60s")]
    pub limit_logins: String,
    /// Rate limit of new complaints per caller: an IP address, an officer, a client, or each visitor that a client with
    /// complaints:submit names in Prongsai-Visitor. Without that header all visitors of a website share one limit; with
    /// it the website as a whole has a hundred times as much
    #[arg(long, env = "PRONGSAI_LIMIT_COMPLAINTS", default_value = "60/600s")]
    pub limit_complaints: String,
    /// Rate limit of new service requests per caller
    #[arg(long, env = "PRONGSAI_LIMIT_REQUESTS", default_value = "60/600s")]
    pub limit_requests: String,
    /// IP addresses or networks (172.16.0.0/12) of trusted reverse proxies, separated by commas; only their X-Forwarded-For
    /// is used. Nobody else may have an address in such a network
    #[arg(long, env = "PRONGSAI_TRUSTED_PROXIES", default_value = "")]
    pub trusted_proxies: String,
}

impl LimitArgs {
    pub(super) fn check(&self) -> Result<LimitSettings, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let settings = LimitSettings {
            reads: errors.value(limit("--limit-reads", &self.limit_reads)),
            writes: errors.value(limit("--limit-writes", &self.limit_writes)),
            logins: errors.value(limit("--limit-logins", &self.limit_logins)),
            complaints: errors.value(limit("--limit-complaints", &self.limit_complaints)),
            requests: errors.value(limit("--limit-requests", &self.limit_requests)),
            trusted_proxies: errors.value(self.proxies()),
        };
        errors.none_or(settings)
    }

    fn proxies(&self) -> Result<Vec<IpNet>, ConfigErrors> {
        // Everybody would be a proxy with 0.0.0.0/0, and could name any address as their own.
        listed(&self.trusted_proxies, |text| network("--trusted-proxies", text))
    }
}

/// Parses an address or a network that is not all there are.
pub(super) fn network(flag: &str, text: &str) -> Result<IpNet, String> {
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map(canonical);
    let network = network.ok().filter(|network| network.prefix_len() > 0);
    network.ok_or_else(|| format!("{flag}: {text:?} is not an address or a network such as 172.16.0.0/12"))
}

/// Peers are compared as addresses of IPv4 where they are such.
fn canonical(network: IpNet) -> IpNet {
    let mapped = match network {
        IpNet::V6(network) => network.addr().to_ipv4_mapped().zip(network.prefix_len().checked_sub(96)),
        IpNet::V4(_) => None,
    };
    mapped.and_then(|(address, length)| Ipv4Net::new(address, length).ok()).map_or(network, IpNet::V4)
}

fn limit(flag: &str, text: &str) -> Result<Option<Limit>, String> {
    match text {
        "off" => Ok(None),
        text => text.parse().map(Some).map_err(|error| format!("{flag}: {error}")),
    }
}
