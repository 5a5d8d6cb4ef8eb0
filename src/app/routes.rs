//! Every operation. Registering a handler is documenting it.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    accounts, agency, audit, complaints, e_services, fiscal_years, holidays, measures, meta, projects, reports,
    statistics, units,
};

pub fn register(config: &mut ServiceConfig) {
    accounts::routes(config);
    agency::routes(config);
    audit::routes(config);
    units::routes(config);
    fiscal_years::routes(config);
    holidays::routes(config);
    measures::routes(config);
    projects::routes(config);
    complaints::routes(config);
    e_services::routes(config);
    statistics::routes(config);
    reports::routes(config);
    meta::routes(config);
}
