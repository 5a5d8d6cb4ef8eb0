//! Small copies of pictures, made when they are asked for. One is decoded at a time: each takes many times its size in memory.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::domain::files::image::small::{Failure, MOST_PIXELS, WIDTHS, small};
use crate::domain::files::types::Media;
use crate::error::{Code, Error, Result};

/// How long a picture waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// The turn to decode a picture.
#[derive(Clone)]
pub struct Decoding(Arc<Semaphore>);

impl Default for Decoding {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

/// A width in pixels that a picture is made small to.
#[derive(Clone, Copy, Deserialize)]
pub struct Width(u32);

impl PartialSchema for Width {
    fn schema() -> RefOr<Schema> {
        let width = ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some(WIDTHS));
        width.examples([json!(WIDTHS[1])]).into()
    }
}

impl ToSchema for Width {}

/// How a picture is viewed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ViewOptions {
    /// Width in pixels of a small copy, as JPEG, or as PNG if the picture has transparent parts. The copy is upright, and
    /// no wider than the picture.
    #[param(inline, example = 320)]
    pub width: Option<Width>,
}

impl Decoding {
    /// A small copy of a whole file, and its type.
    pub async fn small(&self, media: Media, whole: Vec<u8>, Width(width): Width) -> Result<(Media, Vec<u8>)> {
        let busy = || Error::from(Code::Unavailable).retry_after(PATIENCE.as_secs().cast_signed());
        let turn = tokio::time::timeout(PATIENCE, self.0.clone().acquire_owned()).await.map_err(|_| busy())?;
        let turn = turn.map_err(Error::internal)?;
        let made = spawn_blocking(move || {
            // Until it is done, also when nobody waits for it any more.
            let _turn = turn;
            small(media, &whole, width)
        });
        made.await.map_err(Error::internal)?.map_err(|failure| match failure {
            Failure::Unreadable => Code::NotFound.because(
                "ไม่มีสำเนาขนาดเล็ก เพราะเปิดภาพในไฟล์นี้ไม่ได้ โปรดดาวน์โหลดต้นฉบับ",
                "The file has no small copy: the picture in it cannot be read. Download the original.",
            ),
            Failure::TooLarge => {
                let million = MOST_PIXELS / 1_000_000;
                Code::NotFound.because(
                    format!("ไม่มีสำเนาขนาดเล็ก เพราะภาพใหญ่กว่า {million} ล้านพิกเซล โปรดดาวน์โหลดต้นฉบับ"),
                    format!(
                        "The file has no small copy: it has more than {million} million pixels. Download the original."
                    ),
                )
            }
        })
    }
}
