//! Documents for the tables: PDF, and Office's by the zip crate.

use std::io::{Cursor, Seek, Write};

use miniz_oxide::deflate::compress_to_vec_zlib;
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use super::parts::build;

pub fn part(name: &str, inner: &[&str]) -> Option<Vec<u8>> {
    Some(match name {
        "pdf" => [pdf(inner), b"startxref\n9\n%%EOF\n".to_vec()].concat(),
        "pdf-without-end" => [pdf(inner), b"startxref\n9\n".to_vec()].concat(),
        "pdf-head" => b"%PDF-1.7\n".to_vec(),
        "update" => b"3 0 obj\n<< /Type /Page >>\nendobj\nstartxref\n9\n%%EOF\n".to_vec(),
        "update-cut-off" => b"3 0 obj\n<< /Type /Pa".to_vec(),
        "docx" => office("word/document.xml", inner),
        "xlsx" => office("xl/workbook.xml", inner),
        "pptx" => office("ppt/presentation.xml", inner),
        "zip" => archive(&[("a.txt".into(), b"a".to_vec())], inner),
        _ => return None,
    })
}

fn pdf(inner: &[&str]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n".to_vec();
    for (name, number) in inner.iter().zip(10..) {
        file.extend(format!("{number} 0 obj\n").as_bytes());
        file.extend(object(name));
        file.extend(b"\nendobj\n");
    }
    file.extend(b"trailer\n<< /Root 1 0 R >>\n");
    file
}

fn object(name: &str) -> Vec<u8> {
    let stream = |dictionary: &str, content: &[u8]| {
        [format!("<< {dictionary} /Length {} >>\nstream\n", content.len()).as_bytes(), content, b"\nendstream"].concat()
    };
    let packed =
        |content: &[u8]| stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", &compress_to_vec_zlib(content, 6));
    let plain: &[u8] = match name {
        "javascript" => b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>",
        "javascript-escaped" => b"<< /S /J#61vaScript >>",
        "javascript-packed" => return packed(b"5 0 << /S /JavaScript /JS (app.alert\\(1\\)) >>"),
        "javascript-packed-escaped" => return packed(b"5 0 << /S /J#61v#61Script >>"),
        "objects-packed" => return packed("5 0 << /Type /Page /Title (about /JavaScript) >>".as_bytes()),
        "objects-packed-oddly" => return stream("/Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode]", b"ff>"),
        "objects-of-64-MiB" => return packed(&vec![b' '; 64 << 20]),
        "objects-of-5-MiB" => return packed(&vec![b' '; 5 << 20]),
        "names-of-7-MiB" => return packed(&[&vec![b'/'; 7 << 20][..], b"/Author(a)"].concat()),
        "attachment" => b"<</Type/Annot/Subtype/FileAttachment/FS<</EF<</F 5 0 R>>>>>>",
        "about-encryption" => return stream("", b"(see /Encrypt) /Encrypt"),
        "properties-escaped" => b"<< /#41uthor (Somchai) >>",
        "properties-that-hide" => "<< /Author (สม\u{202E}ชา\u{200B}ย) /Title (a\nb) >>".as_bytes(),
        "launch" => b"<< /S /Launch /F (cmd.exe) >>",
        "import" => b"<< /S /ImportData /F (a.fdf) >>",
        "submit" => b"<< /S /SubmitForm /F (https://a.example) >>",
        "other-file" => b"<< /S /GoToR /F (\\\\\\\\a.example\\\\b) >>",
        "rich-media" => b"<< /Subtype /RichMedia >>",
        "link" => b"<< /S /URI /URI (https://a.example/JavaScript) >>",
        "encrypt" => b"<< /Filter /Standard /V 4 >>\nendobj\ntrailer\n<< /Encrypt 9 0 R >>\n8 0 obj",
        "words" => return stream("", b"BT (see /JavaScript and /Launch) Tj /JS ET"),
        "words-packed" => return stream("/Filter /FlateDecode", &compress_to_vec_zlib(b"BT (/JS) Tj /JS ET", 6)),
        "properties" => {
            b"<< /Author <FEFF0E2A0E210E0A0E320E22> /Creator (Word\\0512016) /Producer (LibreOffice 7) \
              /CreationDate (D:20260102030405+07'00') /Title (\\376\\377\\016\\001) >>"
        }
        "comment" => "<< /Type /Annot /Subtype /Text /T (สมหญิง) /Contents (a) >>".as_bytes(),
        "embedded" => b"<< /Names << /EmbeddedFiles 9 0 R >> >>",
        file => return stream("", &build(file)),
    };
    plain.to_vec()
}

const CORE_PROPERTIES: &str = "<cp:coreProperties><dc:creator>สมชาย</dc:creator>\
    <cp:lastModifiedBy>สมหญิง &amp; ลูก</cp:lastModifiedBy>\
    <dcterms:created>2026-01-02T03:04:05Z</dcterms:created></cp:coreProperties>";

const EXTENDED_PROPERTIES: &str = "<Properties><Application>Microsoft Office Word</Application>\
    <Company>เทศบาลตำบลโพงาม</Company></Properties>";

const COMMENTS: &str = "<w:comments><w:comment w:author=\"ปลัด\"/></w:comments>";

/// A field in several pieces.
const FIELDS: &str = "<w:fldChar w:fldCharType=\"begin\"/><w:instrText> DD</w:instrText>\
    <w:instrText>EAUTO c:\\cmd.exe</w:instrText><w:fldChar w:fldCharType=\"end\"/>";

const RELATIONSHIP: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn office(main: &str, inner: &[&str]) -> Vec<u8> {
    let types = ("[Content_Types].xml".to_owned(), content_types(inner).into_bytes());
    let folder = main.split('/').next().unwrap();
    let text = if inner.contains(&"change") {
        "<w:ins w:id=\"1\" w:author=\"สมหญิง\"/>".to_owned()
    } else if inner.contains(&"fields") {
        FIELDS.replace(" DD", " PAGE")
    } else if inner.contains(&"fields-dde") {
        FIELDS.to_owned()
    } else if inner.contains(&"fields-simple") {
        "<w:fldSimple w:instr=\" ddeauto c:\\windows\\cmd.exe\"/>".to_owned()
    } else if inner.contains(&"text-of-5-MiB") {
        // Of numbers, so that it is no bomb.
        (0..890_000_u64).map(|no| format!("{} ", no * 7919 % 100_003)).collect()
    } else {
        "สวัสดี".to_owned()
    };
    let main = (main.to_owned(), format!("<?xml version=\"1.0\"?><w:body>{text}</w:body>").into_bytes());
    let parts = inner.iter().filter_map(|name| entry(folder, name));
    let entries: Vec<_> = if inner.contains(&"types-last") {
        [main].into_iter().chain(parts).chain([types]).collect()
    } else {
        [types, main].into_iter().chain(parts).collect()
    };
    archive(&entries, inner)
}

fn content_types(inner: &[&str]) -> String {
    let types = [
        ("vba-renamed", "application/vnd.ms-office.vbaProject"),
        ("macro-sheet-renamed", "application/vnd.ms-excel.macrosheet+xml"),
        ("activex-renamed", "application/vnd.ms-office.activeX+xml"),
    ];
    let overrides = types.iter().filter(|(name, _)| inner.contains(name));
    let overrides: String =
        overrides.map(|(_, kind)| format!("<Override PartName=\"/a.bin\" ContentType=\"{kind}\"/>")).collect();
    format!("<?xml version=\"1.0\"?><Types>{overrides}</Types>")
}

fn entry(folder: &str, name: &str) -> Option<(String, Vec<u8>)> {
    let relationship = |kind: &str, target: &str, mode: &str| {
        let xml = format!(
            "<Relationships><Relationship Type=\"{RELATIONSHIP}/{kind}\" Target=\"{target}\"{mode}/></Relationships>"
        );
        (format!("{folder}/_rels/document.xml.rels"), xml.into_bytes())
    };
    let external = " TargetMode=\"External\"";
    let at = |name: &str, content: Vec<u8>| (name.replace('*', folder), content);
    Some(match name {
        "vba" => at("*/vbaProject.bin", b"macro".to_vec()),
        "macro-sheet" => at("*/macrosheets/sheet1.xml", b"<a/>".to_vec()),
        "activex" => at("*/activeX/activeX1.xml", b"<a/>".to_vec()),
        "object" => at("*/embeddings/oleObject1.bin", build("ole")),
        "object-renamed" => at("*/a.dat", build("ole")),
        "workbook" => at("*/embeddings/งบประมาณ.xlsx", build("xlsx")),
        "link" => relationship("hyperlink", "https://a.go.th", external),
        "template" => relationship("attachedTemplate", "https://a.example/a.dotm", external),
        "template-escaped" => relationship("attachedTemplate", "https://a.example", " TargetMode=\"&#69;xternal\""),
        "template-utf-16" => {
            let (name, xml) = relationship("attachedTemplate", "https://a.example", external);
            let units: Vec<u8> = String::from_utf8(xml).unwrap().encode_utf16().flat_map(u16::to_le_bytes).collect();
            (name, [vec![0xFF, 0xFE], units].concat())
        }
        "template-disguised" => {
            relationship("attachedTemplate", "https://a.example", " a:TargetMode=\"Internal\" TargetMode=\"External\"")
        }
        "template-by-entity" => {
            let (name, xml) = relationship("attachedTemplate", "https://a.example", " TargetMode=\"&amp;e;\"");
            (name, [b"<!DOCTYPE a [<!ENTITY e \"External\">]>".to_vec(), xml].concat())
        }
        "image-remote" => relationship("image", "https://a.example/a.png", external),
        "object-remote" => relationship("oleObject", "https://a.example/a.doc", external),
        "vba-related" => relationship("vbaProject", "a.bin", ""),
        "chunk" => relationship("aFChunk", "a.html", ""),
        "relationships-of-1-MiB" => {
            let elements = (0..90_000).map(|no| format!("<a b=\"{}\"/>\n", no * 7919 % 100_003));
            at("*/_rels/document.xml.rels", elements.collect::<String>().into_bytes())
        }
        "drawing-script" => at("*/media/a.svg", b"<svg><script>alert(1)</script></svg>".to_vec()),
        "drawing" => at("*/media/a.svg", b"<svg><path d=\"M0 0\"/></svg>".to_vec()),
        "printer" => at("*/printerSettings/printerSettings1.bin", vec![0; 200]),
        "thumbnail" => at("docProps/thumbnail.jpeg", build("jpeg")),
        "photo" => at("*/media/image1.jpeg", build("jpeg[exif]")),
        "properties" => at("docProps/core.xml", CORE_PROPERTIES.into()),
        "company" => at("docProps/app.xml", EXTENDED_PROPERTIES.into()),
        "comments" => at("*/comments.xml", COMMENTS.into()),
        "link-dde" => at(
            "*/externalLinks/externalLink1.xml",
            b"<externalLink><ddeLink ddeService=\"cmd\"/></externalLink>".to_vec(),
        ),
        "very-many-attributes" => {
            at("*/_rels/document.xml.rels", [b"<a ", &b"b=\"\" ".repeat(2000)[..], b"/>"].concat())
        }
        "zeros-of-8-MiB" => at("*/media/a.emf", vec![0; 8 << 20]),
        "parent-folder" => at("*/../../a", Vec::new()),
        "types-last" | "comment" | "stored" | "streamed" | "change" | "fields" | "fields-dde" => return None,
        "fields-simple" | "text-of-5-MiB" | "vba-renamed" | "macro-sheet-renamed" | "activex-renamed" => return None,
        part => at(&format!("*/{part}.dat"), build(part)),
    })
}

fn archive(entries: &[(String, Vec<u8>)], inner: &[&str]) -> Vec<u8> {
    let method = if inner.contains(&"stored") { CompressionMethod::Stored } else { CompressionMethod::Deflated };
    let options = SimpleFileOptions::default().compression_method(method);
    if inner.contains(&"streamed") {
        // Lengths follow the entries.
        return written(zip::ZipWriter::new_stream(Vec::new()), entries, options).finish().unwrap().into_inner();
    }
    let mut zip = written(zip::ZipWriter::new(Cursor::new(Vec::new())), entries, options);
    if inner.contains(&"comment") {
        zip.set_comment("รายงานประจำปี").unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn written<W: Write + Seek>(
    mut zip: zip::ZipWriter<W>,
    entries: &[(String, Vec<u8>)],
    options: SimpleFileOptions,
) -> zip::ZipWriter<W> {
    for (name, content) in entries {
        zip.start_file(&**name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip
}
