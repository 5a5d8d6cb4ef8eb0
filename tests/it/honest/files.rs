//! Reads the tables of files and checks every row, and changes every file in ten thousand ways.

mod documents;
pub mod parts;
mod pictures;
mod recordings;

use std::collections::BTreeSet;

use prongsai::domain::files::image;
use prongsai::domain::files::traces::{Trace, traces};
use prongsai::domain::files::types::{Media, Unfit, examine};
use prongsai::domain::text::cleaned;

struct Row {
    name: &'static str,
    recipe: &'static str,
    verdict: &'static str,
}

/// The rows below the introduction.
fn rows() -> Vec<Row> {
    let (_, table) = include_str!("files.txt").split_once("\n\n").unwrap();
    let rows = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let cells =
        |line: &'static str| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>();
    rows.map(|line| match cells(line)[..] {
        [name, recipe, verdict] => Row { name, recipe, verdict },
        _ => panic!("{line:?} has not three columns"),
    })
    .collect()
}

fn verdict(file: &[u8]) -> String {
    let examined = match examine(file) {
        Ok(examined) => examined,
        Err(Unfit::Unknown) => return "refused unknown".into(),
        Err(Unfit::Ambiguous) => return "refused ambiguous".into(),
        Err(Unfit::Bomb) => return "refused bomb".into(),
    };
    let media = match examined.media {
        Media::Docx => "docx",
        Media::Xlsx => "xlsx",
        Media::Pptx => "pptx",
        media => media.media_type(),
    };
    let findings = examined.findings.iter().map(|finding| snake_case(&format!("{finding:?}")));
    let view = examined.has_view.then_some("view");
    [media].into_iter().chain(view).map(str::to_owned).chain(findings).collect::<Vec<_>>().join(" ")
}

/// A variant's name as serde writes it.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for c in name.replace("ActiveX", "Activex").chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

#[test]
fn what_honest_people_send_is_taken_and_what_is_dangerous_is_told() {
    let rows = rows();
    let wrong = rows.iter().filter_map(|row| {
        let verdict = verdict(&parts::build(row.recipe));
        (verdict != row.verdict).then(|| format!("{}: {} is {verdict}, not {}", row.name, row.recipe, row.verdict))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(rows.len() >= 130);
    let names: BTreeSet<_> = rows.iter().map(|row| row.recipe).collect();
    assert_eq!(names.len(), rows.len(), "a recipe stands there twice");
}

#[test]
fn files_tell_about_their_authors_what_the_table_says() {
    let blocks: Vec<_> = include_str!("traces.txt").trim_end().split("\n\n").skip(1).collect();
    let seen = blocks.iter().map(|block| {
        let recipe = block.lines().next().unwrap();
        let file = parts::build(recipe);
        let traces = traces(examine(&file).unwrap().media, &file);
        let lines =
            traces.iter().map(|trace| format!("\n  {:<15}{}", snake_case(&format!("{:?}", trace.kind)), trace.value));
        format!("{recipe}{}", lines.collect::<String>())
    });
    let wrong: Vec<_> = seen.zip(&blocks).filter(|(seen, block)| seen != *block).map(|(seen, _)| seen).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

/// A view is made if and only if it is promised, and a view is taken and has nothing in it.
fn check(file: &[u8]) {
    let Ok(examined) = examine(file) else { return };
    let view = image::without_metadata(examined.media, file);
    assert_eq!(view.is_some(), examined.has_view);
    if let Some(view) = view {
        let again = examine(&view).unwrap();
        assert_eq!((again.media, again.has_view), (examined.media, true));
        assert_eq!(image::without_metadata(again.media, &view), Some(view));
    }
    let traces = traces(examined.media, file);
    assert!(traces.len() <= 100);
    for Trace { value, .. } in &traces {
        assert!(value.chars().count() <= 200 && cleaned(value) == *value && !value.contains(['\n', '\t']), "{value:?}");
    }
}

/// xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit.max(1)
    }

    fn changed(&mut self, file: &[u8], other: &[u8]) -> Vec<u8> {
        let mut file = file.to_vec();
        match self.below(4) {
            0 => file.truncate(self.below(file.len() + 1)),
            1 => (0..=self.below(8)).for_each(|_| {
                let at = self.below(file.len());
                file[at] = [0, 1, 0x7F, 0x80, 0xFF, self.below(256) as u8][self.below(6)];
            }),
            2 => {
                let (at, from) = (self.below(file.len()), self.below(other.len()));
                let part = &other[from..(from + self.below(300)).min(other.len())];
                file.splice(at..at, part.iter().copied());
            }
            _ => {
                let at = self.below(file.len());
                file.drain(at..(at + self.below(40)).min(file.len()));
            }
        }
        file
    }
}

#[test]
fn no_bytes_make_it_panic_and_views_are_as_promised() {
    // What becomes large is unpacked again for every change.
    let recipes = rows().into_iter().map(|row| row.recipe).filter(|recipe| !recipe.contains("MiB"));
    let files: Vec<Vec<u8>> = recipes.map(parts::build).filter(|file| file.len() < 20_000).collect();
    files.iter().for_each(|file| check(file));
    let mut random = Random(2569);
    for _ in 0..60 {
        for file in &files {
            let other = &files[random.below(files.len())];
            let once = random.changed(file, other);
            check(&once);
            if !once.is_empty() {
                check(&random.changed(&once, other));
            }
        }
    }
    // What is read as another type than it is must not panic either.
    for media in [Media::Jpeg, Media::Heic, Media::Pdf, Media::Docx, Media::Mp3, Media::Ogg, Media::Wav, Media::Mp4] {
        files.iter().for_each(|file| drop(traces(media, file)));
    }
}

/// One that took time in the square of its length would not end.
#[test]
fn large_hostile_files_are_walked_to_their_end() {
    const LENGTH: usize = 1 << 20;
    let filled = |start: &str, part: &[u8]| [parts::build(start), part.repeat(LENGTH / part.len())].concat();
    let marker: &[u8] = b"\xFF\xD8\xFF\xDA\0\x02\xFF\xD9";
    for (start, part) in [
        ("jpeg[mpf]", marker),
        ("jpeg", b"\0\0\0\x08ftyp\0\0\0\x08mdat"),
        ("jpeg", b"SEFT"),
        ("jpeg-without-end", b"\xFF\xFE\0\x02"),
        ("pdf", b"1 0 obj ("),
        ("pdf", b"1 0 obj <<"),
        ("pdf", b"1 0 obj /ObjStm stream "),
        ("pdf", b"1 0 obj /ObjStm /FlateDecode stream "),
        // Streams that all go on to the end of the file, through empty blocks.
        ("pdf + \"1 0 obj /ObjStm/FlateDecode stream\\n\" + zlib", b"\0\0\0\xFF\xFF"),
        ("docx", b"PK\x05\x06"),
        ("id3", b"\xFF\xFB\x90\x64\0"),
        ("ftyp:isom + mdat", b"\0\0\0\x10moov\0\0\0\x08udta"),
        ("frames", b"\xFF\xFB\x90\0"),
        ("frames", b"LYRICSBEGIN"),
        ("vorbis", b"OggS\0"),
        ("wav", b"note\0\0\0\0"),
        ("ftyp:isom + moov + mdat", b"\0\0\0\x08free"),
        ("amr", b"\0\0\0\0\0\0\0\0\0\0\0\0\x7C"),
        ("\"ก\"", b"<"),
        ("\"ก\"", b"                "),
        ("jpeg[xmp]", b"<x:xmpmeta><a "),
        ("png", b"\0\0\0\0prVt\0\0\0\0"),
    ] {
        check(&filled(start, part));
    }
}
