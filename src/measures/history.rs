//! What has become of a measure: its states, as the audit log keeps them, and what has changed from one to the next.

use actix_web::get;
use chrono::{DateTime, Utc};
use entity::measure::Model;
use entity::state::Publication;
use entity::texts::Texts;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::dto::Measure;
use super::store::{self, Row, Unit, Units};
use crate::audit_log::append::{self, Logged};
use crate::audit_log::author;
use crate::auth::scope::{AuditRead, MeasuresRead};
use crate::auth::{Viewer, recusal};
use crate::domain::count::Count;
use crate::domain::text::Line;
use crate::error::{Error, Result};
use crate::http::list::Page;
use crate::http::params::Path;
use crate::http::response::ReadResponse;
use crate::publication;
use crate::state::State;

/// The latest changes are shown; a measure has a few in its life.
const MOST: u64 = 1000;

/// Fields that say when, not what.
const TIMES: [&str; 3] = ["id", "created_at", "updated_at"];

/// The history of a measure.
#[derive(Serialize, ToSchema)]
struct MeasureChangeList {
    /// The changes, newest first.
    #[schema(max_items = 1000)]
    items: Vec<MeasureChange>,
    /// Position of this page in the list.
    page: Page,
}

/// A change of a measure.
#[derive(Serialize, ToSchema)]
struct MeasureChange {
    /// Number of the event in the audit log. Only callers with `audit:read` get it, because the difference of two
    /// numbers reveals how many events happened between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Count, required = false, example = 17)]
    seq: Option<i64>,
    /// Time of the change.
    occurred_at: DateTime<Utc>,
    /// What was done, such as `update` or `publish`.
    #[schema(max_length = 50, example = "update")]
    action: String,
    /// Roles of the person or program that made the change.
    #[schema(value_type = Vec<Line<200>>, max_items = 20, example = json!(["editor"]))]
    roles: Vec<String>,
    /// The fields that changed.
    #[schema(max_items = 50)]
    changes: Vec<FieldChange>,
}

/// A field before and after a change.
#[derive(Serialize, ToSchema)]
struct FieldChange {
    /// Name of the field of a measure.
    #[schema(max_length = 50, example = "topic")]
    field: String,
    /// Previous value; null if there was none.
    #[schema(required, example = json!(null))]
    before: Value,
    /// New value; null if the field was cleared.
    #[schema(required, example = 1)]
    after: Value,
}

/// List the history of a measure
///
/// Lists what changed, when, and with which role. The public sees the states that were public, and what changed from
/// one to the next.
#[utoipa::path(
    tag = "measures",
    security((), ("bearer" = ["measures:read"]), ("bearer" = ["audit:read"])),
    responses((status = 200, body = MeasureChangeList), (status = 404), (status = 410)),
)]
#[get("/v1/measures/{id}/history")]
pub async fn list_measure_history(
    app: State,
    viewer: Viewer<MeasuresRead>,
    auditor: Viewer<AuditRead>,
    id: Path<Uuid>,
) -> Result<ReadResponse> {
    let row = store::find(app.db.reader(), id.0).await?;
    let is_reached = store::is_reached(app.db.reader(), id.0, &viewer.units).await?;
    publication::check(row.measure.publication, row.measure.unpublished_reason.as_deref(), is_reached)?;
    let sees_numbers = recusal::may_see_times(app.db.reader(), auditor.author.as_ref()).await?;
    let states = append::states(app.db.reader(), Row::RESOURCE, id.0, MOST).await?;
    let mut items = Vec::new();
    let mut before = Map::new();
    for (event, at, document) in states {
        let Some(after) = shown(document)? else { continue };
        // What was changed while it was not public never was; that it was unpublished is.
        let is_published =
            |state: &Map<String, Value>| state.get("publication") == Some(&json!(Publication::Published));
        let public = is_published(&after) || is_published(&before);
        if !is_reached && !public {
            continue;
        }
        let change = |(field, after): (&String, &Value)| {
            let before = before.get(field).cloned().unwrap_or_default();
            (before != *after).then(|| FieldChange { field: field.clone(), before, after: after.clone() })
        };
        let changes = after.iter().filter_map(change).collect();
        items.push(MeasureChange {
            seq: sees_numbers.then_some(event.seq),
            occurred_at: at,
            action: event.action,
            roles: author::roles(&event.role),
            changes,
        });
        before = after;
    }
    items.reverse();
    ReadResponse::json(&MeasureChangeList { items, page: Page::whole(MOST) }, super::DEPENDS_ON)
}

/// A state as the log keeps it, in the fields of the API. Nothing where it was erased.
fn shown(document: Option<Value>) -> Result<Option<Map<String, Value>>> {
    #[derive(Deserialize)]
    struct State {
        #[serde(flatten)]
        measure: Model,
        units: Texts,
    }
    let Some(document) = document else { return Ok(None) };
    let State { measure, units } = serde_json::from_value(document).map_err(Error::internal)?;
    let units = Units(units.0.into_iter().map(|code| Unit { name: code.clone(), code }).collect());
    let Value::Object(mut shown) = json!(Measure::from(Row { measure, units })) else { return Ok(None) };
    shown.retain(|field, _| !TIMES.contains(&&**field));
    // The log knows the units by their codes, which do not change.
    if let Some(Value::Object(responsible)) = shown.get_mut("responsible") {
        responsible.remove("names");
    }
    Ok(Some(shown))
}
