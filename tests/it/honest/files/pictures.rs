//! Pictures for the tables: JPEG, PNG and WebP, and what telephones put into them and behind them.

use super::parts::build;
use super::recordings;

pub fn part(name: &str, inner: &[&str]) -> Option<Vec<u8>> {
    let start = || [b"\xFF\xD8".to_vec(), inner.iter().flat_map(|name| segment(name)).collect()].concat();
    let scan = || {
        let frame = jpeg_segment(0xC0, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]);
        [frame, jpeg_segment(0xDA, &[1, 1, 0, 0, 63, 0]), b"\x01\xFF\0\x02\xFF\xD0\x03".to_vec()].concat()
    };
    Some(match name {
        "jpeg" => [start(), scan(), b"\xFF\xD9".to_vec()].concat(),
        "jpeg-progressive" => [start(), scan(), scan(), b"\xFF\xD9".to_vec()].concat(),
        "jpeg-without-end" => [start(), scan()].concat(),
        "jpeg-without-scan" => [start(), b"\xFF\xD9".to_vec()].concat(),
        "png" => png(inner),
        "webp" => webp(inner, 0),
        "webp-short-by-one" => webp(inner, -1),
        "webp-long-by-one" => webp(inner, 1),
        "samsung" => samsung(&[("Image_UTC_Data", b"1767323045000".to_vec())]),
        "samsung-video" => {
            samsung(&[("Image_UTC_Data", b"17673".to_vec()), ("MotionPhoto_Data", build("ftyp:mp42 + moov + mdat"))])
        }
        "samsung-exe" => samsung(&[("MotionPhoto_Data", build("exe"))]),
        "exif" => exif(),
        _ => return None,
    })
}

fn jpeg_segment(marker: u8, content: &[u8]) -> Vec<u8> {
    [&[0xFF, marker][..], &(content.len() as u16 + 2).to_be_bytes(), content].concat()
}

fn segment(name: &str) -> Vec<u8> {
    let xmp = |attributes: &str| {
        jpeg_segment(0xE1, format!("http://ns.adobe.com/xap/1.0/\0{}", packet(attributes)).as_bytes())
    };
    match name {
        "jfif" => jpeg_segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"),
        "exif" => jpeg_segment(0xE1, &[b"Exif\0\0", &exif()[..]].concat()),
        "mpf" => jpeg_segment(0xE2, b"MPF\0II\x2A\0\x08\0\0\0\0\0"),
        "xmp" => xmp("xmp:CreatorTool=\"Snapseed 2.19\" photoshop:City=\"ชัยนาท\""),
        "xmp-motion" => xmp("GCamera:MotionPhoto=\"1\" GCamera:MicroVideoOffset=\"200\""),
        "xmp-gainmap" => {
            jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><Container:Directory/></x:xmpmeta>")
        }
        "comment" => jpeg_segment(0xFE, "ถ่ายหน้าเทศบาล".as_bytes()),
        "iptc" => jpeg_segment(
            0xED,
            &[&b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x14\x1C\x02\x50\0\x0F"[..], "สมชาย".as_bytes()].concat(),
        ),
        "comment-pdf" => jpeg_segment(0xFE, &build("pdf")),
        "comment-html" => jpeg_segment(0xFE, &build("html")),
        _ => panic!("nobody knows the segment {name:?}"),
    }
}

pub fn packet(attributes: &str) -> String {
    format!(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF><rdf:Description {attributes}>\
         <dc:creator><rdf:Seq><rdf:li>สมชาย</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
}

/// A directory with device, direction, time, a serial number, the place (15.18432, 100.12473) and a thumbnail.
fn exif() -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    let directory = |entries: &[Vec<u8>], next: u32| {
        [&(entries.len() as u16).to_le_bytes()[..], &entries.concat(), &next.to_le_bytes()].concat()
    };
    let rationals =
        |parts: [u32; 3]| parts.iter().flat_map(|part| [part.to_le_bytes(), 1000_u32.to_le_bytes()].concat()).collect();
    // Directories are at 8, 98, 128 and 182, values from 200 on.
    let main = [
        entry(0x010F, 2, 6, 200),
        entry(0x0110, 2, 10, 208),
        entry(0x0112, 3, 1, 6),
        entry(0x0131, 2, 5, 220),
        entry(0x0132, 2, 20, 228),
        entry(0x8769, 4, 1, 98),
        entry(0x8825, 4, 1, 128),
    ];
    let photo = [entry(0xA431, 2, 8, 250), entry(0xA430, 2, 16, 260)];
    let north = u32::from_le_bytes(*b"N\0\0\0");
    let east = u32::from_le_bytes(*b"E\0\0\0");
    let gps = [entry(1, 2, 2, north), entry(2, 5, 3, 280), entry(3, 2, 2, east), entry(4, 5, 3, 304)];
    let thumbnail = [entry(0x0201, 4, 1, 328)];
    let mut tiff = vec![0; 330];
    let values: [(usize, Vec<u8>); 12] = [
        (0, b"II\x2A\0\x08\0\0\0".to_vec()),
        (8, directory(&main, 182)),
        (98, directory(&photo, 0)),
        (128, directory(&gps, 0)),
        (182, directory(&thumbnail, 0)),
        (200, b"Apple\0".to_vec()),
        (208, b"iPhone 13\0".to_vec()),
        (220, b"17.1\0".to_vec()),
        (228, b"2026:01:02 03:04:05\0".to_vec()),
        (250, b"F2L00001".to_vec()),
        (280, rationals([15_000, 11_000, 3_552])),
        (304, rationals([100_000, 7_000, 29_028])),
    ];
    values.into_iter().for_each(|(at, value)| tiff[at..at + value.len()].copy_from_slice(&value));
    tiff[260..275].copy_from_slice("สมชาย".as_bytes());
    tiff
}

fn png(inner: &[&str]) -> Vec<u8> {
    let chunk =
        |name: &[u8], content: &[u8]| [&(content.len() as u32).to_be_bytes()[..], name, content, &[0; 4]].concat();
    let extra = inner.iter().flat_map(|name| match *name {
        "exif" => chunk(b"eXIf", &exif()),
        "raw-profile" => {
            let digits: String = [b"Exif\0\0", &exif()[..]].concat().iter().map(|byte| format!("{byte:02x}")).collect();
            let lines = digits.replace("0000", "00\n00");
            chunk(b"tEXt", format!("Raw profile type exif\0\nexif\n     336\n{lines}\n").as_bytes())
        }
        "text" => chunk(b"tEXt", b"Software\0LINE 14.2"),
        "time" => chunk(b"tIME", &[7, 0xEA, 1, 2, 3, 4, 5]),
        private => chunk(b"prVt", &build(private)),
    });
    let (head, extra) = (chunk(b"IHDR", &[0; 13]), extra.collect::<Vec<_>>());
    [b"\x89PNG\r\n\x1A\n".to_vec(), head, extra, chunk(b"IDAT", b"abc"), chunk(b"IEND", b"")].concat()
}

fn webp(inner: &[&str], off: i32) -> Vec<u8> {
    let mut body = [b"WEBP".to_vec(), recordings::riff_chunk(b"VP8 ", b"abcd")].concat();
    for name in inner {
        body.extend(match *name {
            "exif" => recordings::riff_chunk(b"EXIF", &exif()),
            "xmp" => recordings::riff_chunk(b"XMP ", packet("").as_bytes()),
            "odd" => recordings::riff_chunk(b"note", b"abc"),
            "odd-without-pad" => recordings::riff_chunk(b"note", b"abc")[..11].to_vec(),
            private => recordings::riff_chunk(b"note", &build(private)),
        });
    }
    let length = (body.len() as i32 + off) as u32;
    [b"RIFF".to_vec(), length.to_le_bytes().to_vec(), body].concat()
}

/// Blocks, their directory and its length.
fn samsung(blocks: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let blocks: Vec<Vec<u8>> = blocks
        .iter()
        .map(|(name, content)| {
            [&[0, 0, 1, 0x0A][..], &(name.len() as u32).to_le_bytes(), name.as_bytes(), content].concat()
        })
        .collect();
    let mut directory = [b"SEFH", &106_u32.to_le_bytes()[..], &(blocks.len() as u32).to_le_bytes()].concat();
    let mut offset: usize = blocks.iter().map(Vec::len).sum();
    for block in &blocks {
        directory.extend(
            [&[0, 0, 1, 0x0A][..], &(offset as u32).to_le_bytes(), &(block.len() as u32).to_le_bytes()].concat(),
        );
        offset -= block.len();
    }
    let length = (directory.len() as u32).to_le_bytes();
    [blocks.concat(), directory, length.to_vec(), b"SEFT".to_vec()].concat()
}
