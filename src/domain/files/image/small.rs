//! Pictures made small. They are decoded here, by a library, under limits: a small file can be a very large picture.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::super::types::Media;

/// Widths in pixels that a picture is made small to: one in a list, one beside a text, and two that fill a screen.
pub const WIDTHS: [u32; 4] = [160, 320, 640, 1280];

/// Pixels of a picture that is decoded: cameras of telephones make 12 to 24 million.
pub const MOST_PIXELS: u64 = 25_000_000;

/// Pixels in a row or column.
const LONGEST: u32 = 20_000;

/// Bytes that a decoder may take.
const MEMORY: u64 = 128 << 20;

/// Of a hundred: artefacts are not seen, and a photo takes half as much as with 90.
const QUALITY: u8 = 80;

/// Why there is no small copy.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// It is no picture of these types, or not a whole one.
    Unreadable,
    /// It has more pixels than are decoded.
    TooLarge,
}

/// The picture, upright and at most `width` pixels wide, without its metadata: as PNG if it has transparent parts, and as JPEG
/// otherwise.
pub fn small(media: Media, file: &[u8], width: u32) -> Result<(Media, Vec<u8>), Failure> {
    let format = match media {
        Media::Jpeg => ImageFormat::Jpeg,
        Media::Png => ImageFormat::Png,
        Media::Webp => ImageFormat::WebP,
        _ => return Err(Failure::Unreadable),
    };
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) = (Some(LONGEST), Some(LONGEST), Some(MEMORY));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(failure)?;
    let (columns, rows) = decoder.dimensions();
    if u64::from(columns) * u64::from(rows) > MOST_PIXELS || decoder.total_bytes() > MEMORY {
        return Err(Failure::TooLarge);
    }
    // Of what the camera was turned by nothing else is left.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(failure)?;
    let turned = |(columns, rows)| match orientation {
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH => {
            (rows, columns)
        }
        _ => (columns, rows),
    };
    let (columns, rows) = turned((columns, rows));
    if columns > width {
        let height = (u64::from(rows) * u64::from(width) / u64::from(columns)).max(1);
        let (columns, rows) = turned((width, u32::try_from(height).unwrap_or(rows)));
        picture = picture.thumbnail_exact(columns, rows);
    }
    // Once it is small: a second copy of a large one takes as much again.
    picture.apply_orientation(orientation);
    encode(&picture)
}

fn encode(picture: &DynamicImage) -> Result<(Media, Vec<u8>), Failure> {
    let mut bytes = Vec::new();
    let (media, done) = match picture.color().has_alpha() {
        true => (
            Media::Png,
            DynamicImage::from(picture.to_rgba8()).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png),
        ),
        false => {
            (Media::Jpeg, picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY)))
        }
    };
    done.map_err(failure)?;
    Ok((media, bytes))
}

fn failure(error: image::ImageError) -> Failure {
    match error {
        image::ImageError::Limits(_) => Failure::TooLarge,
        _ => Failure::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use image::{GenericImageView, Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    /// A picture whose left half is red and whose right one is blue.
    fn halves(columns: u32, rows: u32) -> RgbImage {
        RgbImage::from_fn(columns, rows, |x, _| if x < columns / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) })
    }

    fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes
    }

    /// The same JPEG with an orientation, and a place to be forgotten.
    fn turned(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let exif = [
            b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0",
            &[orientation][..],
            b"\0\0\0\0\0\0GPS-CANARY",
        ];
        let exif = exif.concat();
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
    }

    fn read(bytes: &[u8]) -> DynamicImage {
        image::load_from_memory(bytes).unwrap()
    }

    #[test]
    fn a_picture_becomes_small_and_is_never_made_larger() {
        let picture = DynamicImage::from(halves(400, 100));
        for (format, media) in
            [(ImageFormat::Jpeg, Media::Jpeg), (ImageFormat::Png, Media::Png), (ImageFormat::WebP, Media::Webp)]
        {
            let file = written(&picture, format);
            for (width, dimensions) in [(160, (160, 40)), (320, (320, 80)), (1280, (400, 100))] {
                let (kind, bytes) = small(media, &file, width).unwrap();
                assert_eq!((kind, read(&bytes).dimensions()), (Media::Jpeg, dimensions));
            }
        }
        // A line stays one.
        let line = written(&DynamicImage::from(halves(4000, 1)), ImageFormat::Png);
        assert_eq!(read(&small(Media::Png, &line, 160).unwrap().1).dimensions(), (160, 1));
    }

    #[test]
    fn what_is_transparent_stays_so_and_metadata_go() {
        let clear = DynamicImage::from(RgbaImage::from_pixel(300, 300, Rgba([9, 9, 9, 0])));
        let (media, bytes) = small(Media::Png, &written(&clear, ImageFormat::Png), 160).unwrap();
        assert_eq!((media, read(&bytes).get_pixel(5, 5).0[3]), (Media::Png, 0));
        let photo = turned(&written(&DynamicImage::from(halves(400, 100)), ImageFormat::Jpeg), 6);
        let (_, bytes) = small(Media::Jpeg, &photo, 160).unwrap();
        assert!(!bytes.windows(4).any(|part| part == b"Exif" || part == b"GPS-"));
    }

    #[test]
    fn a_picture_is_upright() {
        let photo = written(&DynamicImage::from(halves(400, 100)), ImageFormat::Jpeg);
        for (orientation, dimensions, red) in
            [(1, (160, 40), (5, 20)), (3, (160, 40), (150, 20)), (6, (100, 400), (50, 20)), (8, (100, 400), (50, 380))]
        {
            let (_, bytes) = small(Media::Jpeg, &turned(&photo, orientation), 160).unwrap();
            let picture = read(&bytes);
            let [r, _, b, _] = picture.get_pixel(red.0, red.1).0;
            assert!(
                picture.dimensions() == dimensions && r > 200 && b < 60,
                "{orientation}: {:?}",
                picture.dimensions()
            );
        }
    }

    #[test]
    fn what_is_no_whole_picture_or_a_huge_one_is_told() {
        let photo = written(&DynamicImage::from(halves(400, 100)), ImageFormat::Png);
        let half = &photo[..photo.len() / 2];
        for (media, file) in [
            (Media::Png, half),
            (Media::Jpeg, &photo[..]),
            (Media::Webp, b"RIFF\x0c\0\0\0WEBPVP8 ".as_slice()),
            (Media::Jpeg, &[0xFF, 0xD8, 0xFF, 0xD9]),
            (Media::Png, b""),
            (Media::Pdf, b"%PDF-1.4"),
        ] {
            assert_eq!(small(media, file, 160).unwrap_err(), Failure::Unreadable, "{media:?}");
        }
        // A few hundred bytes that say that they are a billion pixels, and a file that really has more than are decoded.
        let mut bomb = photo.clone();
        for (side, columns) in [(16, 19_999), (20, 19_999)] {
            bomb[side..side + 4].copy_from_slice(&u32::to_be_bytes(columns));
        }
        let crc = crc(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(small(Media::Png, &bomb, 160).unwrap_err(), Failure::TooLarge);
        bomb[16..20].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(small(Media::Png, &bomb, 160).is_err());
        let large = written(&DynamicImage::from(image::GrayImage::new(5001, 5000)), ImageFormat::Png);
        assert_eq!(small(Media::Png, &large, 160).unwrap_err(), Failure::TooLarge);
    }

    /// The check of a PNG chunk (ISO 3309).
    fn crc(bytes: &[u8]) -> u32 {
        let step =
            |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)));
        !bytes.iter().fold(u32::MAX, step)
    }
}
