//! Small copies of pictures, made when they are asked for. One is decoded at a time: each takes many times its size in memory.
//! Of each side one waits for that at most, so that neither keeps the other waiting for longer than one picture takes.

use std::sync::Arc;
use std::time::Duration;

use entity::case_event::Side;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema, SchemaFormat};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::domain::files::image::small::{Failure, MOST_PIXELS, WIDTHS, small};
use crate::domain::files::types::Media;
use crate::error::{Code, Error, Result};

/// How long a picture waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Gives the turns to decode a picture: first among those of a side, then among all.
pub struct Decoding {
    sender: Arc<Semaphore>,
    office: Arc<Semaphore>,
    all: Arc<Semaphore>,
}

impl Default for Decoding {
    fn default() -> Self {
        let one = || Arc::new(Semaphore::new(1));
        Self { sender: one(), office: one(), all: one() }
    }
}

/// The turn to decode a picture, until it is dropped.
pub struct Turn {
    _all: OwnedSemaphorePermit,
    _side: OwnedSemaphorePermit,
}

/// A width in pixels that a picture is made small to.
#[derive(Clone, Copy, Deserialize)]
pub struct Width(u32);

impl PartialSchema for Width {
    fn schema() -> RefOr<Schema> {
        let width =
            ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)));
        let width = width.minimum(WIDTHS.first().copied()).maximum(WIDTHS.last().copied()).enum_values(Some(WIDTHS));
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
    /// Waits for the turn of a side.
    pub async fn turn(&self, side: Side) -> Result<Turn> {
        let of_side = match side {
            Side::Sender => &self.sender,
            Side::Office => &self.office,
        };
        let turn = async {
            let side = of_side.clone().acquire_owned().await?;
            Ok::<_, AcquireError>(Turn { _all: self.all.clone().acquire_owned().await?, _side: side })
        };
        let busy = || Error::from(Code::Unavailable).retry_after(PATIENCE.as_secs().cast_signed());
        tokio::time::timeout(PATIENCE, turn).await.map_err(|_| busy())?.map_err(Error::internal)
    }
}

impl Turn {
    /// A small copy of a whole file, and its type. The turn lasts until it is made, also when nobody waits for it any more.
    pub async fn small(self, media: Media, whole: Vec<u8>, Width(width): Width) -> Result<(Media, Vec<u8>, Self)> {
        let made = spawn_blocking(move || (small(media, &whole, width), self));
        let (made, turn) = made.await.map_err(Error::internal)?;
        let (media, bytes) = made.map_err(|failure| match failure {
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
        })?;
        Ok((media, bytes, turn))
    }
}
