//! Which IP addresses are of the public internet, by the registries of special-purpose addresses (RFC 6890, IANA).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// First address and length of networks of IPv4 that are not public.
const NOT_PUBLIC_V4: [([u8; 4], u32); 17] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    // What machines of a cloud ask their host, in no registry.
    ([168, 63, 129, 16], 32),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    // Multicast, reserved, broadcast.
    ([224, 0, 0, 0], 3),
];

/// The same of IPv6 within 2000::/3, the only part that is assigned: protocols and Teredo, documentation, 6to4.
const NOT_PUBLIC_V6: [([u16; 2], u32); 4] =
    [([0x2001, 0x0000], 23), ([0x2001, 0x0db8], 32), ([0x2002, 0x0000], 16), ([0x3fff, 0x0000], 20)];

/// Whether packets to an address go to the public internet. Of an address that has one of IPv4 in it, that one decides.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let within = |(network, length): &([u8; 4], u32)| {
        (address.to_bits() ^ Ipv4Addr::from(*network).to_bits()).leading_zeros() >= *length
    };
    !NOT_PUBLIC_V4.iter().any(within)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, .., high, low] = address.segments();
    let (bits, embedded) = (u32::from(a) << 16 | u32::from(b), u32::from(high) << 16 | u32::from(low));
    if address.to_ipv4_mapped().is_some() || address.to_bits() >> 32 == NAT64 {
        return is_public_v4(Ipv4Addr::from_bits(embedded));
    }
    let within =
        |([a, b], length): &([u16; 2], u32)| (bits ^ (u32::from(*a) << 16 | u32::from(*b))).leading_zeros() >= *length;
    a >> 13 == 1 && !NOT_PUBLIC_V6.iter().any(within)
}

/// 64:ff9b::/96, which translators of IPv6-only networks have (RFC 6052).
const NAT64: u128 = 0x0064_ff9b << 64;

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &[&str] = &[
        "8.8.8.8",
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "203.150.1.1",
        "223.255.255.254",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2405:9800::1",
        "2001:200::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ];

    const NOT_PUBLIC: &[&str] = &[
        "0.0.0.0",
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::808:808",
        "100::1",
        "2001::1",
        "2001:0:53aa:64c:0:fbff:80ff:fffe",
        "2001:10::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "3fff::1",
        "3fff:fff::1",
        "4000::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for (addresses, expected) in [(PUBLIC, true), (NOT_PUBLIC, false)] {
            for address in addresses {
                assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
            }
        }
    }
}
