//! Many steps in one request: `POST /v1/complaints/transitions/batch`.

use std::collections::BTreeSet;

use actix_web::post;
use entity::codes::Coded;
use entity::complaint::Outcome;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::dto::{Complaint, ComplaintTransition};
use super::store::Row;
use super::{read, recusals, steps, tally};
use crate::auth::Actor;
use crate::auth::scope::ComplaintsHandle;
use crate::cases::batch::{Finished, Steps};
use crate::cases::deadline::Today;
use crate::cases::referral::ReferralInput;
use crate::cases::tallies;
use crate::cases::workflow::OfficeAction;
use crate::db::Write;
use crate::domain::complaint::Action;
use crate::domain::text::{Line, Lines};

use crate::error::{Code, Result};
use crate::http::batch::{self, Batch, StepOptions, Taken};
use crate::http::body::{Json, by_rules};
use crate::http::context;
use crate::http::idempotency::{IdempotencyKey, write_once, write_once_about};
use crate::http::params::Query;
use crate::http::response::WriteResponse;
use crate::http::route::Kind;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    config.service(transition_complaint_batch);
}

/// A step with one of several complaints. Each action needs what it needs alone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "id": "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11", "action": "accept" }))]
struct ComplaintStep {
    /// Id of the complaint.
    id: Uuid,
    #[schema(inline)]
    action: OfficeAction<Action>,
    /// Reason, question or answer, which the reporter reads; with `assign` and `forward` it is for the office alone.
    #[schema(example = json!(null))]
    text: Option<Lines<10000>>,
    /// Id of an officer's account.
    #[schema(example = json!(null))]
    assignee_id: Option<Uuid>,
    /// Code of the unit that is to handle it.
    #[schema(example = json!(null))]
    unit: Option<Line<50>>,
    /// Outcome of the complaint. Only for `conclude`.
    #[schema(example = json!(null))]
    outcome: Option<Outcome>,
    /// Where the complaint goes. Only for `conclude` with the outcome `referred`, which needs it.
    #[schema(example = json!(null))]
    referral: Option<ReferralInput>,
}

impl ComplaintStep {
    fn parts(self) -> (Uuid, ComplaintTransition) {
        let Self { id, action, text, assignee_id, unit, outcome, referral } = self;
        (id, ComplaintTransition { action, text, assignee_id, unit, outcome, referral })
    }
}

impl Validate for ComplaintStep {
    /// What its action needs is checked where it is taken: alone it fails alone.
    fn validate(&self) -> Result<(), ValidationErrors> {
        Ok(())
    }
}

/// Change the state of up to 100 complaints
///
/// Takes all steps or none, in their order. A complaint may have several steps. Every error is listed with the index of
/// its step; steps that follow a faulty step of the same complaint are not checked. With `dry_run=true` everything is
/// checked and nothing is written; the returned complaints are logged as read. The response has each complaint once, as
/// it is after the last step. Errors of the body alone, such as a missing text, come first: whether the steps are possible is
/// checked once there are none.
///
/// With `atomic=false`, each step is taken for itself, and `results` has the status of each and its problem; `items` is
/// empty. A step without a field that its action needs, or with one that is not for it, has its problem there as well. A body
/// that is not as the schema says is rejected as a whole.
#[utoipa::path(
    tag = "complaints",
    extensions(("x-kind" = json!([Kind::Batch]))),
    security(("bearer" = ["complaints:handle"])),
    params(StepOptions),
    request_body = Batch<ComplaintStep>,
    responses(
        (status = 200, body = Taken<Complaint>),
        (status = 409, description = "Steps that cannot be taken as things are; errors lists them."),
    ),
)]
#[post("/v1/complaints/transitions/batch")]
async fn transition_complaint_batch(
    app: State,
    actor: Actor<ComplaintsHandle>,
    options: Query<StepOptions>,
    body: Json<Batch<ComplaintStep>, 2048>,
) -> Result<WriteResponse> {
    let Json { value: Batch { items }, key, .. } = body;
    let StepOptions { dry_run, atomic } = options.0;
    let ids: BTreeSet<Uuid> = items.iter().map(|item| item.id).collect();
    let items: Vec<_> = items.into_iter().map(ComplaintStep::parts).collect();
    if atomic {
        batch::by_rules(items.iter().map(|(_, step)| step))?;
    }
    if dry_run {
        // The response has their texts, or what can be done with them, and no step is an event.
        for id in &ids {
            if let Err(error) = app.cases.read::<Row>(*id, &actor.author).await
                && error.code() != Code::NotFound
            {
                return Err(error);
            }
        }
    }
    let (state, all) = (app.clone(), ids.clone());
    let each = (!atomic).then(context::current);
    let work = move |write: Write| async move {
        let mut batch = Steps::<Row>::lock(&write, all, each).await?;
        tallies::hold(&write, batch.found().map(tally::place).collect::<Result<_>>()?).await?;
        for (index, (id, step)) in items.into_iter().enumerate() {
            let action = step.action.0.code();
            let step = async |row| {
                by_rules(&step)?;
                steps::take(&state.cases, &write, row, step.into()).await.map(|(row, _)| row)
            };
            batch.take(&write, (index, id), action, is_theirs, step).await?;
        }
        let Finished { cases: done, results, events } = batch.finish()?;
        let today = Today::read(&write, write.now).await?;
        let names = recusals::names(&write, done.values().map(|row| &row.complaint)).await?;
        let items = done.values().map(|row| Complaint::with(row, &state.cases.vault, &today, &names));
        let written = WriteResponse::done(&Taken { items: items.collect::<Result<_>>()?, results })?;
        let written = (Uuid::nil(), written);
        if dry_run { Ok(written) } else { write.commit(events, written) }
    };
    // Those of them that the officer still sees.
    let again = async |_| {
        let mut items = Vec::new();
        for id in ids {
            match read(&app, id, &actor.author).await {
                Ok((complaint, _)) => items.push(complaint),
                Err(error) if error.code() == Code::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        WriteResponse::done(&Taken { items, results: None })
    };
    let key = key.filter(|_| !dry_run);
    if !atomic {
        let key = key.map(IdempotencyKey::for_results);
        return write_once(&app.db, &actor.author, key, |write| async { Ok(work(write).await?.1) }).await;
    }
    write_once_about(&app.db, &actor.author, key, work, again).await
}

/// Whether the officer still has it: what was forwarded to another unit is that unit's.
fn is_theirs(row: &Row, write: &Write) -> bool {
    write.author.units.includes(row.complaint.unit_id)
}
