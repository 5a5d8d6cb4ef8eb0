//! Retention of all kinds of cases: what is about to be destroyed, for auditors at `/v1/retention` and for operators; who approves
//! that; the daily run that lists and destroys it; and holds.

mod approvals;
mod dto;
pub mod hold;
pub mod run;
mod store;

use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::scope::RetentionRead;
use crate::auth::{Actor, recusal};
use crate::error::Result;
use crate::http::list::{Items, List, Paging};
use crate::http::response::ReadResponse;
use crate::state::State;
pub use dto::DueCase;
use dto::DueFilter;
pub use store::unheld;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_due_cases).configure(approvals::routes);
}

/// List cases due for destruction
///
/// Lists the closed cases that can be destroyed next, earliest first. A case is listed for at least 30 days before, and is
/// destroyed only once that is approved. The list is updated once a day; a hold or an approval is shown at once. Complaints from which the caller is recused are not listed.
#[utoipa::path(
    tag = "retention",
    security(("bearer" = ["retention:read"])),
    params(DueFilter, Paging),
    responses((status = 200, body = Items<DueCase>)),
)]
#[get("/v1/retention/due")]
async fn list_due_cases(app: State, actor: Actor<RetentionRead>, list: List<DueFilter>) -> Result<ReadResponse> {
    let hidden = recusal::recused_from(app.db.reader(), &actor.author).await?;
    let found = store::list(&app.db, &list, hidden).await?;
    list.answer(found, "retention-due", &[]).await
}
