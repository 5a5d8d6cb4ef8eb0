//! A slash at the end of an address means nothing: `/v1/measures/` is `/v1/measures`, for every method.
//!
//! It is no redirect. A browser follows none of a preflight, many clients follow none of a POST, and an address of the request's own
//! in `Location` could lead to another host.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Uri;
use actix_web::http::uri::PathAndQuery;
use actix_web::middleware::Next;

use crate::http::route::is_file;

/// Outside of all others: each of them sees the address that the router sees.
pub async fn trim(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if let Some(uri) = trimmed(request.uri()) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
    next.call(request).await
}

/// The address without the slash at its end, if it has one. The files of a page are relative to the slash, and an empty segment
/// before it is of another address.
fn trimmed(uri: &Uri) -> Option<Uri> {
    let path = uri.path().strip_suffix('/')?;
    if path.is_empty() || path.ends_with('/') || is_file(path) {
        return None;
    }
    let target = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slash_is_taken_away_and_nothing_else_changes() {
        for (uri, expected) in [
            ("/v1/measures/", Some("/v1/measures")),
            ("/v1/measures/?limit=1&q=/", Some("/v1/measures?limit=1&q=/")),
            ("http://example.go.th/v1/", Some("http://example.go.th/v1")),
            ("/v1/measures", None),
            ("/v1/measures?q=/", None),
            ("/v1/measures//", None),
            ("/v1/measures%2F", None),
            ("/docs/", None),
            ("//", None),
            ("/", None),
            ("*", None),
        ] {
            let trimmed = trimmed(&uri.parse().unwrap()).map(|uri| uri.to_string());
            assert_eq!(trimmed.as_deref(), expected, "{uri}");
        }
    }
}
