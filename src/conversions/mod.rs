//! Cases that go on as one of the other kind: a complaint becomes a service request, or a service request a complaint. The first is
//! closed; the other has the day on which it came, its files and its receipts.

mod complaints;
mod service_requests;

use std::sync::OnceLock;

use serde::Serialize;
use tracing::Instrument;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::audit_log::author::Author;
use crate::cases::continuation::Copies;
use crate::cases::duplicates::Duplicable;
use crate::cases::vault::NewKey;
use crate::db::Write;
use crate::error::{Code, Error, Result};
use crate::http::idempotency::{IdempotencyKey, write_once_prepared};
use crate::http::response::WriteResponse;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    complaints::routes(config);
    service_requests::routes(config);
}

/// The case that goes on with a converted one.
#[derive(Serialize, ToSchema)]
struct ConvertedCase {
    /// Id of the new case, a UUIDv7.
    id: Uuid,
    /// Number of the new case, for inquiries. The receipt of the converted case opens it, too.
    #[schema(max_length = 20, example = "7K3M-9Q2X")]
    reference: String,
}

/// What a conversion needs before it is written.
struct Prepared<T> {
    /// Of the new case.
    key: NewKey,
    copies: Copies,
    /// The version of the case of which the copies and what is filed are.
    version: i32,
    /// What is filed.
    given: T,
}

impl<T> Prepared<T> {
    /// Rejects the conversion of an open case to which something has come since.
    fn check(&self, case: &impl Duplicable) -> Result<()> {
        if case.is_closed() || case.version() == self.version {
            return Ok(());
        }
        Err(Code::Unavailable
            .because("มีการเปลี่ยนแปลงในเรื่องนี้พอดี โปรดลองอีกครั้ง", "The case has just changed: send the request again."))
    }
}

/// Converts a case in a task of its own, so that a disconnect leaves no copy of a file without a row. `prepare` reads the case once
/// more than the write does: whatever takes long, and whatever can be refused without a lock, is done there.
async fn convert<C: Duplicable, T, P, F, Fut, Preparing>(
    app: State,
    (id, author): (Uuid, Author),
    key: Option<IdempotencyKey>,
    all_files: bool,
    prepare: P,
    work: F,
) -> Result<WriteResponse>
where
    T: Send + 'static,
    P: FnOnce(C) -> Preparing + Send + 'static,
    Preparing: Future<Output = Result<(C, T)>> + Send,
    F: FnOnce(Write, Prepared<T>) -> Fut + Send + 'static,
    Fut: Future<Output = Result<WriteResponse>> + Send + 'static,
{
    let task = async move {
        let (cases, stored) = (&app.cases, OnceLock::new());
        let prepared = async {
            let (case, given) = prepare(cases.read::<C>(id, &author).await?).await?;
            let (from, key) = (case.needed_key(&cases.vault)?, NewKey::of(Uuid::now_v7())?);
            app.db.refuse_writes()?;
            let copies = Copies::of(&cases.blobs, app.db.reader(), (id, &from), &key, all_files).await?;
            let _ = stored.set(copies.objects());
            Ok(Prepared { key, copies, version: case.version(), given })
        };
        let written = write_once_prepared(&app.db, &author, key, prepared, work).await;
        // Where the outcome of the write is unknown, the sweep decides later.
        if written.as_ref().is_err_and(|error| error.code() != Code::OutcomeUnknown) {
            for object in stored.get().into_iter().flatten() {
                cases.blobs.remove(object).await;
            }
        }
        written
    };
    tokio::spawn(task.in_current_span()).await.map_err(Error::internal)?
}
