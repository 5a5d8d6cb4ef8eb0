//! People and programs with access: `/v1/users`, `/v1/clients`, `/v1/provider-subjects`, and authentication: `/v1/login`, `/oauth/token`,
//! `/v1/me`.

pub mod approvals;
mod client_auth;
pub mod clients;
mod devices;
mod grants;
mod login;
mod me;
mod oauth;
mod operator;
mod provider_subjects;
mod sessions;
pub mod units;
pub mod users;

pub use clients::ClientInput;
pub use operator::*;
pub use provider_subjects::{add_seen, record_seen};
pub use users::UserInput;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::client_secrets::kept;
use crate::crypto::aead::random;
use crate::error::Result;

pub fn routes(config: &mut ServiceConfig) {
    users::routes(config);
    approvals::routes(config);
    clients::routes(config);
    provider_subjects::routes(config);
    login::routes(config);
    me::routes(config);
    oauth::routes(config);
}

/// A secret of 256 random bits, and the hash that is stored.
fn new_secret(prefix: &str) -> Result<(String, Vec<u8>)> {
    let secret = format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?));
    let hash = kept(&secret);
    Ok((secret, hash))
}
