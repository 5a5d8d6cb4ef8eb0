//! The middlewares that every request passes. Their order is in `app/server.rs`.

/// Admission control: overload is rejected before it waits for the database.
pub mod admission;
/// Conditional requests and the cache of public responses.
pub mod cache;
/// Closes connections: those beyond the share of an address, and all while the service shuts down.
pub mod connections;
/// Which websites may read an answer, and what their scripts may send.
pub mod cors;
/// Audit events for denied requests.
pub mod denials;
/// Padding and fixed timing for receipt lookups, against side channels.
pub mod lookup_padding;
/// What a 404 says.
pub mod missing;
/// New keys of the identity provider.
pub mod provider_keys;
/// Rate limits.
pub mod rate_limit;
/// Request id, language, panics, the access log, headers of every response.
pub mod request;
/// The phases of shutting down.
pub mod shutdown;
/// Addresses with a slash at their end.
pub mod trailing_slash;
/// Requests that the published document does not have.
pub mod validation;
