//! What every handler can reach.

use std::sync::Arc;

use actix_web::web::Data;

use crate::audit_log::AuditLog;
use crate::auth::Auth;
use crate::cases::Cases;
use crate::clock;
use crate::db::Db;
use crate::fetch::Fetcher;
use crate::http::Http;
use crate::http::turns::Turns;
use crate::openapi::served::Documents;

/// The application, in parts. What stands below the resources asks for its own part.
pub struct App {
    pub db: Arc<Db>,
    pub auth: Data<Auth>,
    pub audit: AuditLog,
    pub http: Http,
    pub cases: Arc<Cases>,
    pub clock: clock::Watch,
    /// Checks links; none where that is switched off.
    pub fetcher: Option<Fetcher>,
    pub statistics: Statistics,
    pub site: Site,
}

/// A recount reads everything: one at a time, and one for the public.
#[derive(Default)]
pub struct Statistics {
    pub recounts: Turns,
    pub public_recounts: Turns,
}

pub type State = Data<App>;

/// What the service says of itself.
pub struct Site {
    /// Where clients reach the service, without a slash at the end.
    pub public_url: String,
    /// Whether `--public-url` says so; otherwise it is where the service listens.
    pub public_url_is_set: bool,
    pub security_contact: Option<String>,
    /// What anyone can read: paths and summaries.
    pub collections: Vec<(String, String)>,
    /// Whether there is a website at `/website/`.
    pub has_website: bool,
    pub documents: Documents,
}
