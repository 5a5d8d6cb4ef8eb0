//! Programs that say who they are: `api_key` is the secret of a client. No other key means anything here, and many programs cannot
//! be set up without one.

use entity::client;

use super::fields::Fields;
use crate::audit_log::author::Author;
use crate::auth::client_secrets::{PREFIX, client_of};
use crate::auth::failures::Failure;
use crate::auth::scope::{Role, Scope, ServiceRequestsSubmit};
use crate::error::{Code, Error, Result};
use crate::state::App;

/// The program that sends a form, if it is one of ours.
pub async fn of(app: &App, fields: &Fields) -> Result<Option<client::Model>> {
    let Some(key) = fields.text("api_key").filter(|key| key.starts_with(PREFIX)) else { return Ok(None) };
    let Some((client, _)) = client_of(app.db.reader(), key, app.db.now()).await? else {
        app.auth.failures.count(Failure::Token, None, app.db.now());
        return Err(unknown());
    };
    let may_send = client.scopes.0.iter().any(|scope| scope == ServiceRequestsSubmit::NAME);
    if may_send {
        return Ok(Some(client));
    }
    app.auth.failures.count(Failure::Token, Some(client.id), app.db.now());
    Err(unknown())
}

/// As the log calls it.
pub fn author(client: &client::Model) -> Author {
    Author::new(client.id, Role::Integrator.name())
}

/// Of a key that is not known, and where one is needed.
pub fn unknown() -> Error {
    Code::InsufficientScope.because(
        "api_key: ต้องเป็นรหัสลับของโปรแกรมที่มีสิทธิ์ service-requests:submit และยังใช้ได้",
        "api_key: must be the secret of a client that has access and the scope service-requests:submit.",
    )
}
