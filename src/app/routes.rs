//! Every operation. Registering a handler is documenting it.

use utoipa_actix_web::service_config::ServiceConfig;

macro_rules! resources {
    ($($resource:ident,)*) => {
        pub fn register(config: &mut ServiceConfig) {
            $(crate::$resource::routes(config);)*
        }
    };
}

// In the order of the document.
resources! {
    accounts,
    agency,
    audit,
    units,
    fiscal_years,
    holidays,
    measures,
    projects,
    complaints,
    e_services,
    statistics,
    reports,
    meta,
}
