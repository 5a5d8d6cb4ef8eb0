//! `/v1/file-inspections`: what a file tells, before it is sent. Nothing of it is stored or logged.

use std::collections::BTreeSet;

use actix_web::post;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use crate::domain::files::traces::{Trace, traces};
use crate::domain::files::types::Finding;
use crate::error::{Error, Result};
use crate::http::multipart::{FileField, SentForm, Upload};
use crate::http::response::WriteResponse;
use crate::http::route::Kind;
use crate::http::upload_quota::UploadTurn;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    config.service(inspect_file);
}

/// A file to inspect.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "file": "วันที่ 5 มีนาคม จ่ายสองพันบาทที่ชั้นสอง" }))]
pub struct FileInspectionInput {
    #[schema(inline)]
    #[expect(dead_code, reason = "the document's view of a file that Upload reads")]
    file: FileField,
}

/// The type of a file, and the metadata in it.
#[derive(Serialize, ToSchema)]
struct FileInspection {
    /// Media type, determined from the content.
    #[schema(max_length = 100, example = "image/jpeg")]
    media_type: &'static str,
    /// Size of the file in bytes.
    #[schema(minimum = 1, maximum = 67108864, example = 482133)]
    size_bytes: i32,
    /// Dangerous or unusual content that officers would see as a warning.
    #[schema(max_items = 11, example = json!([]))]
    findings: BTreeSet<Finding>,
    /// Whether officers could view a copy without metadata.
    #[schema(example = true)]
    has_view: bool,
    /// Metadata about the author of the file: each entry once, at most 100. What can be seen or heard in the file is
    /// not examined.
    #[schema(max_items = 100, example = json!([{ "kind": "place", "value": "15.18432, 100.12473" }]))]
    traces: Vec<Trace>,
}

/// Inspect the metadata of a file
///
/// Returns where, when, with which device and by whom a file was made. Call it before the file is sent with a complaint
/// or a service request, because officers download files unchanged, with this metadata. Nothing of the file is stored.
#[utoipa::path(
    tag = "file-inspections",
    extensions(("x-kind" = json!([Kind::Query]))),
    request_body(content = FileInspectionInput, content_type = "multipart/form-data"),
    responses((status = 200, body = FileInspection)),
)]
#[post("/v1/file-inspections")]
async fn inspect_file(app: State, form: Upload<FileInspectionInput>) -> Result<WriteResponse> {
    let turn = UploadTurn::begin(form.request())?;
    let SentForm { file, turn, .. } = form.read(&app.cases.blobs.memory.unannounced, turn).await?;
    let size_bytes = i32::try_from(file.bytes.len()).map_err(Error::internal)?;
    let look = move || {
        // The turn ends with the work.
        let _turn = turn;
        FileInspection {
            media_type: file.examined.media.media_type(),
            size_bytes,
            traces: traces(file.examined.media, &file.bytes),
            has_view: file.examined.has_view,
            findings: file.examined.findings,
        }
    };
    WriteResponse::done(&tokio::task::spawn_blocking(look).await.map_err(Error::internal)?)
}
