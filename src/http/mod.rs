//! HTTP: what handlers take from a request and what they respond with, alike for every resource.

pub mod arrival;
pub mod atom;
pub mod batch;
pub mod body;
pub mod callers;
pub mod context;
pub mod cursor;
pub mod deprecation;
pub mod download;
pub mod etag;
pub mod idempotency;
pub mod immutable;
pub mod json;
pub mod list;
pub mod memory_budget;
pub mod middleware;
pub mod multipart;
pub mod negotiation;
pub mod params;
pub mod places;
pub mod problem;
pub mod query;
pub mod record;
pub mod response;
pub mod route;
pub mod several;
pub mod sort;
pub mod specification;
pub mod spool;
pub mod spreadsheet;
pub mod turns;
pub mod upload_quota;

use actix_web::web::{Data, ServiceConfig};

use callers::Callers;
use idempotency::IdempotencyKeys;
use list::Pages;
use middleware::admission::Admission;
use middleware::cache::ResponseCache;
use middleware::cors::Cors;
use middleware::denials::Denials;
use middleware::rate_limit::RateLimits;
use middleware::shutdown::Shutdown;
use middleware::validation::Routes;
use multipart::Uploads;
use upload_quota::UploadQuota;

/// The parts of the application that extractors and middlewares ask for.
pub struct Http {
    pub admission: Data<Admission>,
    pub cache: Data<ResponseCache>,
    pub callers: Data<Callers>,
    pub cors: Data<Cors>,
    pub denials: Data<Denials>,
    pub idempotency: Data<IdempotencyKeys>,
    pub pages: Data<Pages>,
    pub rate_limits: Data<RateLimits>,
    pub routes: Data<Routes>,
    pub shutdown: Data<Shutdown>,
    pub upload_quota: Data<UploadQuota>,
    pub uploads: Data<Uploads>,
}

impl Http {
    /// Gives each part to the requests of a server.
    pub fn register(&self, config: &mut ServiceConfig) {
        config
            .app_data(self.admission.clone())
            .app_data(self.cache.clone())
            .app_data(self.callers.clone())
            .app_data(self.cors.clone())
            .app_data(self.denials.clone())
            .app_data(self.idempotency.clone())
            .app_data(self.pages.clone())
            .app_data(self.rate_limits.clone())
            .app_data(self.routes.clone())
            .app_data(self.shutdown.clone())
            .app_data(self.upload_quota.clone())
            .app_data(self.uploads.clone());
    }
}
