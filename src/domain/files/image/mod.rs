//! Pictures by their containers, and a copy without what they tell beside the picture. Nothing is decoded but for small copies.

pub mod jpeg;
pub mod png;
pub mod small;
pub mod webp;

use super::types::Media;

/// Segments or chunks: no camera makes more, and each costs memory of its own.
const MOST_PARTS: usize = 10_000;

/// The picture alone: no place, time, device, thumbnail or comment, and nothing that follows. Which way is up stays.
pub fn without_metadata(media: Media, file: &[u8]) -> Option<Vec<u8>> {
    match media {
        Media::Jpeg => jpeg::without_metadata(file),
        Media::Png => png::without_metadata(file),
        Media::Webp => webp::without_metadata(file),
        _ => None,
    }
}
