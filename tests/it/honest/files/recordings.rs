//! Videos and sound for the tables: boxes, frames, pages and chunks.

use super::parts::build;
use super::pictures::packet;

pub fn part(name: &str, inner: &[&str]) -> Option<Vec<u8>> {
    boxes(name, inner).or_else(|| mpeg(name, inner)).or_else(|| other(name, inner))
}

fn boxed(kind: &[u8], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
}

fn boxes(name: &str, inner: &[&str]) -> Option<Vec<u8>> {
    let content = || inner.iter().flat_map(|part| build(part)).collect::<Vec<_>>();
    let brand = |brand: &str| format!("{brand:4}").into_bytes();
    if let Some(major) = name.strip_prefix("ftyp:") {
        let compatible: Vec<_> = inner.iter().flat_map(|name| brand(name)).collect();
        return Some(boxed(b"ftyp", &[brand(major), vec![0; 4], compatible].concat()));
    }
    if let Some(kind) = name.strip_prefix("box:") {
        return Some(boxed(&brand(kind), &content()));
    }
    Some(match name {
        "mdat" => boxed(b"mdat", &[7; 40]),
        "mdat-to-the-end" => [&[0; 4], &b"mdat"[..], &[7; 40]].concat(),
        "mdat-64-bit" => [&[0, 0, 0, 1], &b"mdat"[..], &56_u64.to_be_bytes(), &[7; 40]].concat(),
        "mdat-unfinished" => [&[0, 9, 0, 0], &b"mdat"[..], &[7; 40]].concat(),
        "mdat-exif" => boxed(b"mdat", &[b"\0\0\0\x06Exif\0\0".to_vec(), build("exif"), vec![7; 40]].concat()),
        "mdat-tiff" => boxed(b"mdat", &[vec![7; 40], vec![0; 4], build("exif"), vec![7; 40]].concat()),
        "uuid-xmp" => {
            boxed(b"uuid", &[vec![0xBE; 16], b"<?xpacket begin=''?>".to_vec(), packet("").into_bytes()].concat())
        }
        "moov" => boxed(b"moov", &[movie_header(), user_data(inner)].concat()),
        "meta" => boxed(b"meta", &[vec![0; 4], boxed(b"hdlr", &[0; 24])].concat()),
        _ => return None,
    })
}

fn movie_header() -> Vec<u8> {
    let created = 2_082_844_800_u32 + 1_767_323_045;
    boxed(b"mvhd", &[&[0; 4][..], &created.to_be_bytes(), &[0; 92]].concat())
}

fn user_data(inner: &[&str]) -> Vec<u8> {
    let apple = |key: &str, value: &str| {
        let key = boxed(b"mdta", key.as_bytes());
        let data = boxed(b"data", &[&[0, 0, 0, 1, 0, 0, 0, 0], value.as_bytes()].concat());
        let keys = boxed(b"keys", &[&[0, 0, 0, 0, 0, 0, 0, 1], &key[..]].concat());
        boxed(b"meta", &[boxed(b"hdlr", &[0; 24]), keys, boxed(b"ilst", &boxed(&[0, 0, 0, 1], &data))].concat())
    };
    let parts = inner.iter().map(|name| match *name {
        "place" => boxed(b"udta", &boxed(b"\xA9xyz", b"\0\x12\x15\xC7+15.1843+100.1247/")),
        "place-3gp" => {
            let degrees =
                [100.1247, 15.1843, 0.0].map(|degrees: f64| ((degrees * 65536.0) as i32).to_be_bytes()).concat();
            boxed(b"udta", &boxed(b"loci", &[b"\0\0\0\0\x15\xC7\0\0", &degrees[..], b"earth\0\0"].concat()))
        }
        "apple-model" => apple("com.apple.quicktime.model", "iPhone 13"),
        "apple-place" => apple("com.apple.quicktime.location.ISO6709", "+15.1843+100.1247+021.000/"),
        "apple-place-very-long" => apple("com.apple.quicktime.location.ISO6709", "+1e300+1/"),
        "apple-place-of-no-number" => apple("com.apple.quicktime.location.ISO6709", "+nan+1/"),
        "apple-place-beyond" => apple("com.apple.quicktime.location.ISO6709", "+91.0+1.0/"),
        other => panic!("nobody knows {other:?}"),
    });
    parts.collect::<Vec<_>>().concat()
}

fn mpeg(name: &str, inner: &[&str]) -> Option<Vec<u8>> {
    let frame = |header: [u8; 4], length: usize| [&header[..], &vec![1; length - 4]].concat();
    let tag = |content: Vec<u8>| {
        let size = [0, 0, (content.len() >> 7) as u8, (content.len() & 0x7F) as u8];
        [b"ID3\x03\0\0", &size[..], &content].concat()
    };
    let text =
        |name: &[u8], content: &[u8]| [name, &(content.len() as u32).to_be_bytes()[..], &[0, 0], content].concat();
    Some(match name {
        // 128 kbit/s, 44.1 kHz.
        "frames" => frame([0xFF, 0xFB, 0x90, 0], 417).repeat(6),
        "frame" => frame([0xFF, 0xFB, 0x90, 0], 417),
        "frames-mpeg-2" => frame([0xFF, 0xF3, 0x40, 0], 104).repeat(6),
        "frames-layer-2" => frame([0xFF, 0xFD, 0x80, 0], 417).repeat(6),
        "xing" => {
            let mut first = frame([0xFF, 0xFB, 0x90, 0], 417);
            first[36..40].copy_from_slice(b"Xing");
            first
        }
        // 16 kHz, 200 bytes each.
        "adts" => frame([0xFF, 0xF1, 0x60, 0x40], 200)
            .into_iter()
            .enumerate()
            .map(|(at, byte)| match at {
                4 => 25,
                5 => 0x1F,
                _ => byte,
            })
            .collect::<Vec<_>>()
            .repeat(5),
        "id3" if inner.is_empty() => {
            let artist: Vec<u8> = [vec![0], build("tis-620[\"สมชาย\"]")].concat();
            let title: Vec<u8> = [vec![1], build("utf-16le[\"เสียงประชุม\"]")].concat();
            tag([text(b"TPE1", &artist), text(b"TIT2", &title), text(b"TSSE", b"\0Voice Recorder"), vec![0; 60]]
                .concat())
        }
        "id3" => tag(inner.iter().flat_map(|part| build(part)).collect()),
        "id3v1" => [b"TAG", "ประชุม".as_bytes(), &[0; 12], b"Somchai", &[0; 88]].concat()[..128].to_vec(),
        "ape" => {
            let start = |flags: u32| {
                [
                    &b"APETAGEX"[..],
                    &2000_u32.to_le_bytes(),
                    &44_u32.to_le_bytes(),
                    &1_u32.to_le_bytes(),
                    &flags.to_le_bytes(),
                    &[0; 8],
                ]
                .concat()
            };
            [start(0xA000_0000), vec![b'a'; 12], start(0x8000_0000)].concat()
        }
        "lyrics" => b"LYRICSBEGININD0000210000017LYRICS200".to_vec(),
        _ => return None,
    })
}

pub fn riff_chunk(name: &[u8], content: &[u8]) -> Vec<u8> {
    let pad = vec![0; content.len() % 2];
    [name, &(content.len() as u32).to_le_bytes()[..], content, &pad].concat()
}

fn ogg_page(content: &[u8]) -> Vec<u8> {
    let segments = [vec![255; content.len() / 255], vec![(content.len() % 255) as u8]].concat();
    [b"OggS\0\0", &[0; 20][..], &[segments.len() as u8], &segments, content].concat()
}

fn other(name: &str, inner: &[&str]) -> Option<Vec<u8>> {
    let counted = |text: &str| [&(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat();
    let comments = [counted("Recorder 1.2"), 1_u32.to_le_bytes().to_vec(), counted("ARTIST=สมชาย")].concat();
    let format = riff_chunk(b"fmt ", &[1; 16]);
    let wave = |chunks: &[Vec<u8>]| {
        let body = [b"WAVE".to_vec(), format.clone(), chunks.concat()].concat();
        [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
    };
    let endless = |length: u32| [b"data", &length.to_le_bytes()[..], &[5; 100]].concat();
    let items =
        || [b"INFO".to_vec(), riff_chunk(b"IART", "สมชาย".as_bytes()), riff_chunk(b"ISFT", b"Recorder")].concat();
    Some(match name {
        "vorbis" => {
            [ogg_page(b"\x01vorbis12345"), ogg_page(&[b"\x03vorbis", &comments[..]].concat()), ogg_page(&[9; 300])]
                .concat()
        }
        "opus" => {
            [ogg_page(b"OpusHead\x01\x01"), ogg_page(&[b"OpusTags", &comments[..]].concat()), ogg_page(&[9; 300])]
                .concat()
        }
        "flac-in-ogg" => [
            ogg_page(&[b"\x7FFLAC\x01\0\0\x01fLaC", &[0; 38][..]].concat()),
            ogg_page(&[&[0x84, 0, 0, 40], &comments[..]].concat()),
        ]
        .concat(),
        "theora" => [ogg_page(b"\x80theora"), ogg_page(&[9; 300])].concat(),
        "ogg-head" => ogg_page(b"\x01vorbis12345"),
        "wav" => wave(
            &[
                vec![riff_chunk(b"data", &[5; 101])],
                inner.iter().map(|part| riff_chunk(b"note", &build(part))).collect(),
            ]
            .concat(),
        ),
        "wav-list" => {
            wave(&[riff_chunk(b"LIST", &items()), riff_chunk(b"fact", &[0; 4]), riff_chunk(b"data", &[5; 100])])
        }
        "wav-of-0" => wave(&[endless(0)]),
        "wav-of-everything" => wave(&[endless(u32::MAX)]),
        "wav-beyond-its-end" => wave(&[endless(5000)]),
        "wav-without-data" => wave(&[]),
        "rf64" => [
            &b"RF64\xFF\xFF\xFF\xFFWAVE"[..],
            &riff_chunk(b"ds64", &[&200_u64.to_le_bytes()[..], &100_u64.to_le_bytes(), &[0; 12]].concat()),
            &format,
            &endless(u32::MAX),
        ]
        .concat(),
        "amr" => {
            [b"#!AMR\n".to_vec(), [&[0x3C][..], &[1; 31]].concat().repeat(4), [&[0x04][..], &[1; 12]].concat()].concat()
        }
        "amr-wb" => [b"#!AMR-WB\n".to_vec(), [&[0x14][..], &[1; 32]].concat().repeat(4)].concat(),
        _ => return None,
    })
}
