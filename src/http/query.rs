//! The query of an address as it arrives, before anything reads it.

use actix_web::http::Uri;
use actix_web::http::uri::PathAndQuery;
use percent_encoding::percent_decode;

use crate::domain::field_code::FieldCode;
use crate::error::{FieldError, Result};

/// What websites, messengers and advertisements add to an address so that they know it again. It means nothing to this service, and
/// all names that begin with `utm_` are among them.
pub const TRACKING: [&str; 21] = [
    "_",
    "_ga",
    "_gl",
    "dclid",
    "fbclid",
    "gad_campaignid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "igsh",
    "igshid",
    "mc_cid",
    "mc_eid",
    "mibextid",
    "msclkid",
    "openExternalBrowser",
    "srsltid",
    "ttclid",
    "twclid",
    "wbraid",
];

/// An address without what others have added to it, and with the offsets of its instants, if something of it changes.
pub fn as_meant(uri: &Uri) -> Option<Uri> {
    let query = uri.query()?;
    // A link that was copied out of the source of a page.
    let plain = query.replace("&amp;", "&");
    let kept: Vec<String> = plain.split('&').filter(|pair| !is_tracking(pair)).map(with_offset).collect();
    let kept = kept.join("&");
    if kept == query {
        return None;
    }
    let path = uri.path();
    let target = if kept.is_empty() { path.to_owned() } else { format!("{path}?{kept}") };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Uri::from_parts(parts).ok()
}

/// Refuses a query, or a form, that is not UTF-8: it would be read as something else.
pub fn refuse_other_encodings(query: &[u8]) -> Result<()> {
    match not_utf8(query) {
        Some(name) => {
            Err(FieldError::parameter(&name, FieldCode::BadFormat.because("ต้องเข้ารหัสแบบ UTF-8", "must be UTF-8"))
                .into())
        }
        None => Ok(()),
    }
}

/// The first name that is not UTF-8, or whose value is not.
fn not_utf8(query: &[u8]) -> Option<String> {
    let is_utf8 = |pair: &&[u8]| percent_decode(pair).decode_utf8().is_ok();
    let pair = query.split(|byte| *byte == b'&').find(|pair| !is_utf8(pair))?;
    let name = pair.split(|byte| *byte == b'=').next()?;
    Some(percent_decode(name).decode_utf8_lossy().into_owned())
}

fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    name.starts_with("utm_") || TRACKING.contains(&name)
}

/// An unescaped plus is a blank in a query (WHATWG URL, 5.1), and no instant has one: what was meant is the sign of its offset.
fn with_offset(pair: &str) -> String {
    let meant = || {
        let (name, value) = pair.split_once('=')?;
        let (instant, offset) = value.rsplit_once('+')?;
        let is_time = instant.get(10..11).is_some_and(|separator| separator.eq_ignore_ascii_case("T"));
        let digits = offset.replace("%3A", ":").replace("%3a", ":");
        let is_offset = digits.len() == 5 && digits.as_bytes()[2] == b':';
        (is_time && is_offset).then(|| format!("{name}={instant}%2B{offset}"))
    };
    meant().unwrap_or_else(|| pair.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_utf_8_is_named() {
        assert_eq!(not_utf8("q=ก&a=%E0%B8%81&b".as_bytes()), None);
        assert_eq!(not_utf8(b"a=1&first_name=%CA%C1&b=2").as_deref(), Some("first_name"));
        assert_eq!(not_utf8(b"q=\xA1").as_deref(), Some("q"));
    }

    #[test]
    fn an_address_loses_what_others_have_added_and_nothing_else() {
        for (sent, meant) in [
            ("/v1/a?fbclid=x", "/v1/a"),
            ("/v1/a?fiscal_year=2567&format=html&fbclid=x&utm_source=line", "/v1/a?fiscal_year=2567&format=html"),
            ("/?_=1700000000000", "/"),
            ("/v1/a?fiscal_year=2567&amp;format=html", "/v1/a?fiscal_year=2567&format=html"),
            ("/v1/a?gclid=1&q=%E0%B8%81&utm_campaign", "/v1/a?q=%E0%B8%81"),
            ("/a?from=2026-11-01T00:00:00+07:00", "/a?from=2026-11-01T00:00:00%2B07:00"),
            ("/a?from=2026-11-01T00%3A00%3A00+07%3A00&q=a+b", "/a?from=2026-11-01T00%3A00%3A00%2B07%3A00&q=a+b"),
        ] {
            let uri = as_meant(&sent.parse().unwrap()).unwrap();
            assert_eq!(uri, meant);
        }
        for same in [
            "/v1/a",
            "/v1/a?",
            "/v1/a?q=a+b",
            "/v1/a?utm=1&fbclid2=x&q=fbclid",
            "/a?q=1+07:00",
            "/a?from=2026-11-01T00:00:00%2B07:00",
        ] {
            assert_eq!(as_meant(&same.parse().unwrap()), None, "{same}");
        }
    }
}
