//! The yearly submission to the ITA (การประเมินคุณธรรมและความโปร่งใสในการดำเนินงานของหน่วยงานภาครัฐ): `/v1/ita`.
//!
//! The code of an item means something in its fiscal year only; what an item is about, its subject, is the same in every year.

mod carry_forward;
pub mod disclosures;
mod gaps;
pub mod items;
mod memos;
mod proofs;
mod readiness;
pub mod years;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig) {
    years::routes(config);
    items::routes(config);
    disclosures::routes(config);
    config.service(carry_forward::carry_forward_ita_disclosures).service(readiness::get_ita_readiness);
}
