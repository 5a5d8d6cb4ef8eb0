use std::io::{Cursor, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use chrono::TimeDelta;
use prongsai::app::config::Settings;
use prongsai::app::demo;
use prongsai::auth::scope::Role;
use prongsai::auth::token::Grant;
use prongsai::cases::blobs::FileSettings;
use prongsai::domain::files::image::without_metadata;
use prongsai::domain::files::types::Media;
use prongsai::domain::merkle::sha256;
use prongsai::domain::units::Units;
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use uuid::Uuid;
use zip::write::SimpleFileOptions;

use crate::honest::files::parts::build;
use crate::secrets::{contents, is_in};
use crate::support::form::Form;
use crate::support::samples::{complaint, lighting, photo};
use crate::support::{Answer, Service, faults, spawn, spawn_with};

const SEND: &str = "/v1/complaints/lookup/attachments";

/// A service with a complaint; its receipt and its address.
async fn reported() -> (Service, Value, String) {
    with_complaint(spawn().await).await
}

async fn with_complaint(service: Service) -> (Service, Value, String) {
    demo::fill(service.db()).await.unwrap();
    let receipt = service.report(&complaint()).await["receipt"].clone();
    let list = service.get("/v1/complaints").token(&service.office_token()).send().await.expect(200).json();
    let address = format!("/v1/complaints/{}", list["items"][0]["id"].as_str().unwrap());
    (service, receipt, address)
}

impl Service {
    /// As an officer.
    async fn seen(&self, path: &str) -> Answer {
        self.get(path).token(&self.office_token()).send().await
    }

    /// As the office.
    async fn add_file(&self, address: &str, public: &str, name: &str, file: &[u8]) -> Answer {
        let form = Form::new().field("public", public).file(name, file);
        self.post(&format!("{address}/attachments")).token(&self.office_token()).form(form).send().await
    }

    /// Everything that is stored, finished or not.
    pub fn stored(&self) -> Vec<PathBuf> {
        let folders = std::fs::read_dir(self.folder.path().join("attachments")).unwrap();
        let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
        files.map(|file| file.unwrap().path()).collect()
    }

    /// Sends what is given, as it is.
    fn raw(&self, head: &str, body: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(&[format!("{head}\r\n\r\n").as_bytes(), body].concat()).unwrap();
        stream
    }

    /// Changes the database behind the back of the service.
    pub async fn run(&self, sql: &str) {
        Database::connect(&self.database_url).await.unwrap().execute_unprepared(sql).await.unwrap();
    }
}

fn id_of(attachment: &Value) -> &str {
    attachment["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_photo_reaches_the_officer_to_the_byte_and_its_view_tells_no_place() {
    let (service, receipt, address) = reported().await;
    let photo = photo();
    let sent = service.attach(&receipt, "../โฟลเดอร์/สลิป.exe", &photo).await.expect(201).json();
    assert_eq!(sent["file_name"], "สลิป.exe");
    assert_eq!((&sent["media_type"], &sent["size_bytes"]), (&json!("image/jpeg"), &json!(photo.len())));
    assert_eq!(sent["sha256"], data_encoding::HEXLOWER.encode(&sha256(&[&photo])));
    assert_eq!(sent["side"], "sender");

    let list = service.seen(&format!("{address}/attachments")).await.expect(200).json();
    let mut seen = sent.clone();
    (seen["findings"], seen["has_view"]) = (json!([]), json!(true));
    assert_eq!(list["items"], json!([seen]));
    let original = service.seen(&format!("/v1/complaint-attachments/{}", id_of(&sent))).await.expect(200);
    assert_eq!(original.body, photo);
    assert_eq!(original.header("content-type"), "application/octet-stream");
    assert!(original.header("content-disposition").starts_with("attachment; filename=\"____.exe.jpg\"; filename*="));
    assert_eq!(original.header("cache-control"), "private, no-store");
    let view = service.seen(&format!("/v1/complaint-attachments/{}/view", id_of(&sent))).await.expect(200);
    assert_eq!(view.header("content-type"), "image/jpeg");
    assert!(is_in("GPS-CANARY", &photo) && !is_in("GPS-CANARY", &view.body));
    assert!(view.text().contains("Exif") && view.body.len() < photo.len());

    let timeline = service.seen(&format!("{address}/timeline")).await.expect(200).json();
    assert_eq!((&timeline["items"][1]["action"], &timeline["items"][1]["text"]), (&json!("attach"), &json!("สลิป.exe")));
    let looked_up = service.post("/v1/complaints/lookup").json(&json!({ "receipt": receipt })).send().await;
    assert_eq!(looked_up.expect(200).json()["attachments"], json!([sent]));
}

#[tokio::test]
async fn what_was_sent_is_nowhere_in_clear_and_no_hash_of_it_either() {
    let (service, receipt, _) = reported().await;
    let sent = service.attach(&receipt, "CANARY-NAME.jpg", &photo()).await.expect(201).json();
    let database = contents(&service.database_url).await;
    let files: Vec<u8> = service.stored().iter().flat_map(|file| std::fs::read(file).unwrap()).collect();
    assert!(
        is_in(id_of(&sent), &database)
            || database.windows(16).any(|part| part == Uuid::parse_str(id_of(&sent)).unwrap().as_bytes())
    );
    let hash = sha256(&[&photo()]);
    for place in [&database, &files] {
        assert!(!is_in("GPS-CANARY", place) && !is_in("CANARY-NAME", place));
        assert!(!is_in(sent["sha256"].as_str().unwrap(), place) && !place.windows(32).any(|part| part == hash));
    }
    let events = service.get("/v1/audit/events").token(&service.token(Role::Auditor)).send().await.expect(200).text();
    assert!(events.contains("\"attach\""));
}

#[tokio::test]
async fn the_office_shares_a_file_or_keeps_it() {
    let (service, receipt, address) = reported().await;
    let kept = service.add_file(&address, "false", "บันทึก.txt", "ภายใน".as_bytes()).await.expect(201);
    assert_eq!(kept.header("location"), format!("/v1/complaint-attachments/{}", id_of(&kept.json())));
    let shared = service.add_file(&address, "true", "หนังสือ.txt", "ถึงผู้ร้อง".as_bytes()).await.expect(201).json();
    assert_eq!(shared["actor_id"], "tester");
    let looked_up = service.post("/v1/complaints/lookup").json(&json!({ "receipt": receipt })).send().await;
    let looked_up = looked_up.expect(200).json();
    let mut expected = shared.clone();
    expected.as_object_mut().unwrap().retain(|name, _| !["actor_id", "findings", "has_view"].contains(&name.as_str()));
    assert_eq!(looked_up["attachments"], json!([expected]));
    let download = async |receipt: &Value, id: &Value| {
        let body = json!({ "receipt": receipt, "id": id });
        service.post("/v1/complaints/lookup/attachments/download").json(&body).send().await
    };
    assert_eq!(download(&receipt, &shared["id"]).await.expect(200).text(), "ถึงผู้ร้อง");
    download(&receipt, &kept.json()["id"]).await.problem(404, "not_found");
    download(&json!("5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S"), &shared["id"]).await.problem(404, "unknown_receipt");
    let other = service.report(&complaint()).await["receipt"].clone();
    download(&other, &shared["id"]).await.problem(404, "not_found");
    let list = service.seen(&format!("{address}/attachments?public=false")).await.expect(200).json();
    assert_eq!(list["items"], json!([kept.json()]));
    let table = service.seen(&format!("{address}/attachments?format=csv")).await.expect(200).text();
    assert!(table.contains("หนังสือ.txt"));
    // A text is no picture.
    service.seen(&format!("/v1/complaint-attachments/{}/view", id_of(&shared))).await.problem(404, "not_found");
}

#[tokio::test]
async fn officers_of_other_units_see_no_file() {
    let (service, receipt, address) = reported().await;
    let sent = service.attach(&receipt, "a.jpg", &photo()).await.expect(201).json();
    let scopes = Role::ComplaintOfficer.scopes().into_iter().map(str::to_owned).collect();
    let grant = Grant {
        scopes,
        roles: vec![Role::ComplaintOfficer],
        units: Units::Some(vec![Uuid::now_v7()]),
        subject: "tester".to_owned(),
        ..Grant::default()
    };
    let token = service.issue(grant);
    let below = format!("/v1/complaint-attachments/{}", id_of(&sent));
    for path in [below.clone(), format!("{below}/view"), format!("{address}/attachments")] {
        service.get(&path).token(&token).send().await.problem(404, "not_found");
    }
    let form = Form::new().field("public", "true").file("a.txt", b"a");
    let adding = service.post(&format!("{address}/attachments")).token(&token).form(form);
    adding.send().await.problem(404, "not_found");
    assert_eq!(service.stored().len(), 1);
}

fn document(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [("[Content_Types].xml", &b"<Types/>"[..])].iter().chain(entries) {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[tokio::test]
async fn a_file_that_is_two_things_or_none_is_refused_and_leaves_nothing() {
    let (service, receipt, _) = reported().await;
    let plain = document(&[("word/document.xml", b"<w/>")]);
    service.attach(&receipt, "a.docx", &plain).await.expect(201);
    let bomb = document(&[("word/document.xml", &vec![0; 64 << 20])]);
    assert!(bomb.len() < 100_000);
    for (what, file) in [
        ("a page", b"<html><script>alert(1)</script></html>".to_vec()),
        ("a program", b"MZ\x90\0\x03".to_vec()),
        ("half a picture", photo()[..40].to_vec()),
        ("a page that begins as a recording", b"ID3\x03\0\0\0\0\0\0<html><script>".to_vec()),
        ("any archive", document(&[("a.txt", b"a")])),
        ("a bomb", bomb),
    ] {
        let answer = service.attach(&receipt, "a.jpg", &file).await;
        assert_eq!(answer.status, 422, "{what}");
        let problem = answer.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [("#/file".to_owned(), "unsupported_file".to_owned())], "{what}");
    }
    assert_eq!(service.stored().len(), 1);
}

#[tokio::test]
async fn officers_are_told_what_is_dangerous_in_a_file_and_get_it_to_the_byte() {
    let (service, receipt, address) = reported().await;
    let macros = document(&[("word/document.xml", b"<w/>"), ("word/vbaProject.bin", b"x")]);
    let script = b"%PDF-1.7\n1 0 obj << /S /J#61vaScript /JS (app.alert) >> endobj\n%%EOF\n".to_vec();
    for (file, findings, has_view) in [
        ([&photo()[..], b"%PDF-1.7\n%%EOF"].concat(), json!(["hidden_data"]), true),
        ([&photo()[..], &document(&[("a.txt", b"a")])].concat(), json!(["archive"]), true),
        (photo()[..photo().len() - 2].to_vec(), json!([]), false),
        (macros, json!(["macros"]), false),
        (script, json!(["script"]), false),
    ] {
        let sent = service.attach(&receipt, "หลักฐาน", &file).await.expect(201).json();
        assert!(sent.get("findings").is_none() && sent.get("has_view").is_none(), "{sent}");
        let list = service.seen(&format!("{address}/attachments")).await.expect(200).json();
        let seen = list["items"].as_array().unwrap().iter().find(|seen| seen["id"] == sent["id"]).unwrap();
        assert_eq!((&seen["findings"], &seen["has_view"]), (&findings, &json!(has_view)), "{sent}");
        let original = format!("/v1/complaint-attachments/{}", id_of(&sent));
        assert_eq!(service.seen(&original).await.expect(200).body, file);
        let view = service.seen(&(original + "/view")).await;
        if has_view { assert_eq!(view.expect(200).body, bare(&photo())) } else { drop(view.problem(404, "not_found")) }
    }
    let table = service.seen(&format!("{address}/attachments?format=csv")).await.expect(200).text();
    assert!(table.contains(",macros,false"), "{table}");
}

/// The same picture alone, without its metadata.
fn bare(photo: &[u8]) -> Vec<u8> {
    without_metadata(Media::Jpeg, photo).unwrap()
}

#[tokio::test]
async fn a_reporter_reads_what_a_file_tells_before_it_is_sent_and_nothing_of_it_is_kept() {
    let (service, ..) = reported().await;
    let look = async |file: &[u8]| {
        let form = Form::new().file("ภาพ.jpg", file);
        service.post("/v1/file-inspections").form(form).send().await
    };
    let told = look(&build("jpeg[exif] + exe")).await.expect(200);
    assert_eq!(told.header("cache-control"), "private, no-store");
    let told = told.json();
    assert_eq!((&told["media_type"], &told["has_view"]), (&json!("image/jpeg"), &json!(true)));
    assert_eq!(told["findings"], json!(["executable"]));
    let traces = told["traces"].as_array().unwrap();
    for trace in [
        json!({ "kind": "place", "value": "15.18432, 100.12473" }),
        json!({ "kind": "device", "value": "Apple iPhone 13" }),
        json!({ "kind": "person", "value": "สมชาย" }),
    ] {
        assert!(traces.contains(&trace), "{trace} is not in {traces:?}");
    }
    assert_eq!(look("ไม่บอกอะไร".as_bytes()).await.expect(200).json()["traces"], json!([]));
    look(b"MZ\x90\0\x03").await.problem(422, "validation_failed");
    assert!(service.stored().is_empty());
}

#[tokio::test]
async fn documents_that_programs_write_are_taken() {
    let (service, receipt, _) = reported().await;
    for (format, media_type) in [("xlsx", "spreadsheetml.sheet"), ("docx", "wordprocessingml.document")] {
        let path = format!("/v1/reports/integrity-measures-report?fiscal_year=2567&format={format}");
        let report = service.get(&path).send().await.expect(200).body;
        let sent = service.attach(&receipt, "รายงาน", &report).await.expect(201).json();
        assert!(sent["media_type"].as_str().unwrap().ends_with(media_type), "{sent}");
        let read = service.seen(&format!("/v1/complaint-attachments/{}", id_of(&sent))).await.expect(200);
        assert!(read.header("content-disposition").ends_with(&format!(".{format}")) && read.body == report);
    }
}

#[tokio::test]
async fn a_file_of_ten_mebibytes_is_taken_and_one_byte_more_is_not() {
    let (service, receipt, _) = reported().await;
    let mut file = vec![b'a'; 10 << 20];
    let sent = service.attach(&receipt, "a.txt", &file).await.expect(201).json();
    // Each time the memory that it needs is free again when it is sent.
    for _ in 0..30 {
        assert_eq!(service.seen(&format!("/v1/complaint-attachments/{}", id_of(&sent))).await.expect(200).body, file);
    }
    file.push(b'a');
    let problem = service.attach(&receipt, "a.txt", &file).await.problem(413, "content_too_large");
    assert!(problem["detail"].as_str().unwrap().contains("10 เมกะไบต์"));
    assert_eq!(service.stored().len(), 1);
}

#[tokio::test]
async fn what_is_wrong_in_a_form_is_named() {
    let (service, receipt, address) = reported().await;
    let receipt = receipt.as_str().unwrap();
    let right = || Form::new().field("receipt", receipt).file("a.txt", b"a");
    let send = async |form: Form| service.post(SEND).once().form(form).send().await;
    let problem = send(right().field("colour", "red")).await.problem(400, "unknown_field");
    assert_eq!(faults(&problem), [("#/colour".to_owned(), "unknown_field".to_owned())]);
    for (form, place, code) in [
        (Form::new().field("receipt", receipt), "#/file", "required"),
        (Form::new().file("a.txt", b"a"), "#/receipt", "required"),
        (Form::new().field("receipt", receipt).file("a.txt", b""), "#/file", "blank"),
        (Form::new().field("receipt", " ").file("a.txt", b"a"), "#/receipt", "blank"),
        (right().file("b.txt", b"b"), "#/file", "duplicate"),
    ] {
        let problem = send(form).await.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [(place.to_owned(), code.to_owned())]);
    }
    let problem = service.add_file(&address, "maybe", "a.txt", b"a").await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/public".to_owned(), "wrong_type".to_owned())]);
    for kind in ["multipart/form-data", "multipart/form-data; boundary=other"] {
        let request = service.post(SEND).once().header("Content-Type", kind).body(right().finish().1);
        request.send().await.problem(400, "malformed_request");
    }
    let problem = service.post(SEND).form(right()).send().await.problem(400, "invalid_parameter");
    assert_eq!(faults(&problem), [("Idempotency-Key".to_owned(), "required".to_owned())]);
    send(Form::new().field("receipt", "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S").file("a.txt", b"a"))
        .await
        .problem(404, "unknown_receipt");
    assert!(service.stored().is_empty());
}

#[tokio::test]
async fn a_file_sent_twice_is_stored_once_also_when_no_more_are_taken() {
    let (service, receipt, address) = reported().await;
    let send = async |key: &str, file: &[u8]| {
        let form = Form::new().field("receipt", receipt.as_str().unwrap()).file("a.txt", file);
        service.post(SEND).header("Idempotency-Key", key).form(form).send().await
    };
    for no in 1..=9 {
        service.attach(&receipt, "a.txt", format!("{no}").as_bytes()).await.expect(201);
    }
    let first = send("the-tenth-of-the-files", b"10").await.expect(201);
    service.attach(&receipt, "a.txt", b"11").await.problem(409, "too_many_files");
    let again = send("the-tenth-of-the-files", b"10").await.expect(201);
    assert_eq!((again.header("idempotency-replayed"), again.json()), ("true", first.json()));
    // In whichever order the fields stand.
    let turned = Form::new().file("a.txt", b"10").field("receipt", receipt.as_str().unwrap());
    let again = service.post(SEND).header("Idempotency-Key", "the-tenth-of-the-files").form(turned).send().await;
    assert_eq!(again.expect(201).json(), first.json());
    send("the-tenth-of-the-files", b"another").await.problem(422, "idempotency_key_reused");
    let (one, other) = tokio::join!(send("a-key-of-two-at-once", b"11"), send("a-key-of-two-at-once", b"11"));
    assert_eq!((one.status, other.status), (409, 409));
    assert_eq!(service.stored().len(), 10);
    // The office has its own ten.
    service.add_file(&address, "true", "a.txt", b"a").await.expect(201);
}

#[tokio::test]
async fn of_two_that_want_the_last_place_one_gets_it() {
    let settings = Settings::default();
    let files = FileSettings { per_case: 1, ..settings.files };
    let (service, receipt, _) = with_complaint(spawn_with(Settings { files, ..Settings::default() }).await).await;
    let (one, other) = tokio::join!(service.attach(&receipt, "a.txt", b"a"), service.attach(&receipt, "b.txt", b"b"));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!((statuses, service.stored().len()), ([201, 409], 1));
}

#[tokio::test]
async fn what_is_closed_takes_no_file_and_what_is_destroyed_gives_none() {
    let (service, receipt, address) = reported().await;
    let sent = service.attach(&receipt, "a.jpg", &photo()).await.expect(201).json();
    service.run("DELETE FROM case_key").await;
    for path in [
        format!("/v1/complaint-attachments/{}", id_of(&sent)),
        format!("/v1/complaint-attachments/{}/view", id_of(&sent)),
    ] {
        service.seen(&path).await.problem(409, "destroyed");
    }
    service.attach(&receipt, "a.txt", b"a").await.problem(409, "destroyed");
    let list = service.seen(&format!("{address}/attachments")).await.expect(200).json();
    assert_eq!((&list["items"][0]["file_name"], &list["items"][0]["sha256"]), (&json!(null), &json!(null)));

    let given = service.report(&complaint()).await;
    service.withdraw(&given).await;
    service.attach(&given["receipt"], "a.txt", b"a").await.problem(409, "illegal_transition");
    assert_eq!(service.stored().len(), 1);
}

/// What becomes of a stored file, which is given with another one; nothing where it goes.
type Change = dyn Fn(&[u8], &[u8]) -> Option<Vec<u8>>;

#[tokio::test]
async fn a_stored_file_that_was_changed_cut_swapped_or_taken_away_is_not_handed_out() {
    let (service, receipt, _) = reported().await;
    let file = vec![b'a'; 150_000];
    let mut sent = Vec::new();
    for name in ["a.txt", "b.txt"] {
        sent.push(service.attach(&receipt, name, &file).await.expect(201).json());
    }
    let picture = service.attach(&receipt, "c.jpg", &photo()).await.expect(201).json();
    let whole: Vec<_> = service.stored().into_iter().map(|path| (std::fs::read(&path).unwrap(), path)).collect();
    let (large, small): (Vec<_>, Vec<_>) = whole.into_iter().partition(|(bytes, _)| bytes.len() > 100_000);
    const PIECE: usize = 64 * 1024 + 28;
    let change = |with: &Change| {
        for (index, (bytes, path)) in large.iter().enumerate() {
            match with(bytes, &large[1 - index].0) {
                Some(changed) => std::fs::write(path, changed).unwrap(),
                None => std::fs::remove_file(path).unwrap(),
            }
        }
    };
    let flipped = |at: usize| {
        move |bytes: &[u8], _: &[u8]| {
            let mut changed = bytes.to_vec();
            changed[at] ^= 1;
            Some(changed)
        }
    };
    let changes: [&Change; 8] = [
        &flipped(0),
        &flipped(100_000),
        &|bytes, _| Some(bytes[..bytes.len() - 1].to_vec()),
        &|bytes, _| Some(bytes[..2 * PIECE].to_vec()),
        &|bytes, _| Some([&bytes[PIECE..2 * PIECE], &bytes[..PIECE], &bytes[2 * PIECE..]].concat()),
        &|bytes, _| Some([bytes, &bytes[..PIECE]].concat()),
        &|_, other| Some(other.to_vec()),
        &|_, _| None,
    ];
    for with in changes {
        change(with);
        for sent in &sent {
            service.seen(&format!("/v1/complaint-attachments/{}", id_of(sent))).await.problem(409, "damaged");
        }
        let body = json!({ "receipt": receipt, "id": sent[0]["id"] });
        let download = service.post("/v1/complaints/lookup/attachments/download").json(&body).send().await;
        download.problem(409, "damaged");
    }
    change(&|bytes, _| Some(bytes.to_vec()));
    assert_eq!(service.seen(&format!("/v1/complaint-attachments/{}", id_of(&sent[0]))).await.expect(200).body, file);
    std::fs::write(&small[0].1, flipped(20)(&small[0].0, &[]).unwrap()).unwrap();
    service.seen(&format!("/v1/complaint-attachments/{}/view", id_of(&picture))).await.problem(409, "damaged");
}

#[tokio::test]
async fn files_of_a_service_request_are_looked_at_and_guarded_like_those_of_a_complaint() {
    let (service, ..) = reported().await;
    let given = service.ask_for("public-lighting", &lighting()).await;
    let receipt = &given["receipt"];
    let found = service.service_officer("somchai", &[]).await.find_request(&given).await;
    let address = format!("/v1/service-requests/{}", found["id"].as_str().unwrap());
    let page = b"<html><script>alert(1)</script></html>";
    for answer in [
        service.attach_to("service-requests", receipt, "a.jpg", page).await,
        service.add_file(&address, "true", "a.jpg", page).await,
    ] {
        let problem = answer.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [("#/file".to_owned(), "unsupported_file".to_owned())]);
    }
    let sent = service.attach_to("service-requests", receipt, "a.jpg", &photo()).await.expect(201).json();
    for path in service.stored() {
        std::fs::write(path, b"changed").unwrap();
    }
    let original = format!("/v1/service-request-attachments/{}", id_of(&sent));
    for path in [original.clone(), original + "/view"] {
        service.seen(&path).await.problem(409, "damaged");
    }
    let body = json!({ "receipt": receipt, "id": sent["id"] });
    let download = service.post("/v1/service-requests/lookup/attachments/download").json(&body).send().await;
    download.problem(409, "damaged");
}

#[tokio::test]
async fn a_file_that_is_half_sent_or_stalls_leaves_nothing() {
    let (service, receipt, address) = reported().await;
    let form = Form::new().field("receipt", receipt.as_str().unwrap()).file("a.txt", &vec![b'a'; 1 << 20]);
    let (kind, body) = form.finish();
    let key = "half-a-file-and-then-the-end";
    let head = format!(
        "POST {SEND} HTTP/1.1\r\nHost: x\r\nIdempotency-Key: {key}\r\nContent-Type: {kind}\r\nContent-Length: {}",
        body.len()
    );
    drop(service.raw(&head, &body[..body.len() / 2]));
    // Its end is missing, and the connection says that this is all.
    let short =
        head.replace(&format!("Content-Length: {}", body.len()), &format!("Content-Length: {}", body.len() / 2));
    let mut answer = String::new();
    let short = format!("{short}\r\nConnection: close");
    service.raw(&short, &body[..body.len() / 2]).read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("malformed_request"), "{answer}");
    let mut stalls = service.raw(&head, &body[..body.len() / 2]);
    let answer = tokio::task::spawn_blocking(move || {
        let mut answer = [0; 12];
        stalls.read_exact(&mut answer).map(|()| answer)
    });
    assert_eq!(&answer.await.unwrap().unwrap(), b"HTTP/1.1 408");
    assert!(service.stored().is_empty());
    let list = service.seen(&format!("{address}/attachments?include_total=true")).await.expect(200).json();
    assert_eq!(list["page"]["total"], 0);
    // The key is free for the whole.
    let whole = service.post(SEND).header("Idempotency-Key", key).header("Content-Type", &kind).body(body);
    whole.send().await.expect(201);
}

/// A service behind a proxy, with files of at most 1 MiB and a complaint.
async fn behind_a_proxy(files: impl FnOnce(&mut FileSettings)) -> (Service, Value, String) {
    let mut settings = Settings::default();
    settings.limits.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    settings.files.largest = 1 << 20;
    files(&mut settings.files);
    with_complaint(spawn_with(settings).await).await
}

const UNKNOWN: &str = "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S";

impl Service {
    /// Sends a file from an address.
    async fn attach_from(&self, address: &str, receipt: &Value, file: &[u8]) -> Answer {
        let form = Form::new().field("receipt", receipt.as_str().unwrap()).file("a.txt", file);
        self.post(SEND).once().header("X-Forwarded-For", address).form(form).send().await
    }

    /// Begins to send a form from an address, and stalls just before its end.
    fn stall(&self, address: &str, form: Form) -> TcpStream {
        let (kind, body) = form.finish();
        let head = format!(
            "POST {SEND} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {address}\r\nIdempotency-Key: {}\r\n\
             Content-Type: {kind}\r\nContent-Length: {}",
            Uuid::now_v7(),
            body.len()
        );
        self.raw(&head, &body[..body.len() - 100])
    }

    /// Waits until no more than so many pieces of a part of the memory are free.
    async fn until_free(memory: &Semaphore, pieces: usize) {
        for _ in 0..1000 {
            if memory.available_permits() <= pieces {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{} pieces are free", memory.available_permits());
    }
}

/// Pieces of memory for a file of 1 MiB: three times as many as it has, and as it may have beside it.
const OF_A_FILE: usize = 3 * 17;

#[tokio::test]
async fn stalled_uploads_of_strangers_stop_no_officer_no_download_and_no_receipt_holder() {
    let (service, receipt, address) = behind_a_proxy(|_| {}).await;
    let file = vec![b'a'; 1_000_000];
    let sent = service.attach_from("9.9.9.9", &receipt, &file).await.expect(201).json();
    let (memory, known) = (&service.app.cases.blobs.memory, receipt.as_str().unwrap());
    let form = |receipt: &str| Form::new().field("receipt", receipt).file("a.txt", &file);
    let mut stalled = Vec::new();
    // Whoever knows no receipt holds no memory for it, however many they are.
    for number in 0..20 {
        stalled.push(service.stall(&format!("9.9.1.{number}"), form(UNKNOWN)));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(memory.uploads.available_permits(), 4 * OF_A_FILE);
    service.attach_from("9.9.9.9", &receipt, &file).await.expect(201);
    // Nor does a file that comes before its receipt.
    let turned = Form::new().file("a.txt", &file).field("receipt", known);
    let unannounced = service.stall("9.9.2.1", turned.clone());
    Service::until_free(&memory.unannounced, 5).await;
    let another = service.post(SEND).once().header("X-Forwarded-For", "9.9.2.2").form(turned).send().await;
    another.problem(503, "unavailable");
    service.attach_from("9.9.9.9", &receipt, &file).await.expect(201);
    // Who knows one takes no more for it from many addresses.
    let others =
        [service.report(&complaint()).await["receipt"].clone(), service.report(&complaint()).await["receipt"].clone()];
    for number in 0..5 {
        stalled.push(service.stall(&format!("9.9.3.{number}"), form(known)));
    }
    Service::until_free(&memory.uploads, 3 * OF_A_FILE).await;
    service.attach_from("9.9.9.9", &receipt, &file).await.problem(429, "too_many_requests");
    service.attach_from("9.9.9.9", &others[0], &file).await.expect(201);
    // Who knows several takes only what others who upload would have.
    for (number, other) in others.iter().flat_map(|other| [other, other]).enumerate() {
        stalled.push(service.stall(&format!("9.9.4.{number}"), form(other.as_str().unwrap())));
    }
    Service::until_free(&memory.uploads, OF_A_FILE / 2).await;
    let third = service.report(&complaint()).await["receipt"].clone();
    service.attach_from("9.9.9.9", &third, &file).await.problem(503, "unavailable");
    let path = format!("/v1/complaint-attachments/{}", id_of(&sent));
    assert!(service.seen(&path).await.expect(200).body == file);
    service.add_file(&address, "true", "a.txt", &file).await.expect(201);
    let body = json!({ "receipt": receipt, "id": sent["id"] });
    let download = service.post("/v1/complaints/lookup/attachments/download").json(&body).send().await;
    assert!(download.expect(200).body == file);
    drop((stalled, unannounced));
}

#[tokio::test]
async fn an_address_without_a_token_uploads_two_files_at_a_time() {
    let (service, receipt, _) = behind_a_proxy(|_| {}).await;
    let form = || Form::new().field("receipt", receipt.as_str().unwrap()).file("a.txt", &[b'a'; 500_000]);
    let stalled = [service.stall("9.9.9.9", form()), service.stall("9.9.9.9", form())];
    let memory = &service.app.cases.blobs.memory.uploads;
    // Both are held, 22 pieces each.
    Service::until_free(memory, 4 * OF_A_FILE - 44).await;
    let third = service.attach_from("9.9.9.9", &receipt, b"a").await;
    assert_eq!(third.header("retry-after"), "5");
    let problem = third.problem(429, "too_many_requests");
    assert!(problem["detail"].as_str().unwrap().contains("2 ไฟล์"), "{problem}");
    let other = service.report(&complaint()).await["receipt"].clone();
    service.attach_from("9.9.9.9", &other, b"a").await.problem(429, "too_many_requests");
    service.attach_from("9.9.9.8", &other, b"a").await.expect(201);
    // A website says for whom it sends.
    let website = service.token_with(&["complaints:submit"]);
    let form = || Form::new().field("receipt", other.as_str().unwrap()).file("a.txt", &[b'a'; 500_000]);
    for visitor in ["one", "two", "three"] {
        let request = service.post(SEND).once().token(&website).header("X-Forwarded-For", "9.9.9.9");
        request.header("Prongsai-Visitor", visitor).form(form()).send().await.expect(201);
    }
    drop(stalled);
    for _ in 0..100 {
        let again = service.attach_from("9.9.9.9", &receipt, b"b").await;
        if again.status == 201 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("uploads that have ended still count");
}

#[tokio::test]
async fn an_upload_that_trickles_is_cut_with_408() {
    let (service, receipt, _) = behind_a_proxy(|_| {}).await;
    let form = Form::new().field("receipt", receipt.as_str().unwrap()).file("a.txt", &[b'a'; 1_000_000]);
    let (kind, body) = form.finish();
    let head = format!(
        "POST {SEND} HTTP/1.1\r\nHost: x\r\nIdempotency-Key: {}\r\nContent-Type: {kind}\r\nContent-Length: {}",
        Uuid::now_v7(),
        body.len()
    );
    let mut stream = service.raw(&head, &body[..200_000]);
    let began = std::time::Instant::now();
    let answer = tokio::task::spawn_blocking(move || {
        stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        let mut answer = [0; 12];
        // A thousand bytes each half second: each comes in time, and the whole would take four hours and more.
        for chunk in body[200_000..].chunks(1000) {
            if stream.write_all(chunk).is_err() || stream.read_exact(&mut answer).is_ok() {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "it is not cut");
        }
        answer
    });
    assert_eq!(&answer.await.unwrap(), b"HTTP/1.1 408");
    assert!(began.elapsed() > Duration::from_secs(9), "it has no time to begin");
    assert!(service.stored().is_empty());
}

#[tokio::test]
async fn a_wrong_receipt_is_told_whichever_place_it_has() {
    let (service, ..) = behind_a_proxy(|_| {}).await;
    let file = vec![b'a'; 900_000];
    for form in [
        Form::new().field("receipt", UNKNOWN).file("a.txt", &file),
        Form::new().file("a.txt", &file).field("receipt", UNKNOWN),
    ] {
        service.post(SEND).once().form(form).send().await.problem(404, "unknown_receipt");
    }
    let none = Form::new().field("receipt", "\u{200B}").file("a.txt", &file);
    let problem = service.post(SEND).once().form(none).send().await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/receipt".to_owned(), "blank".to_owned())]);
    assert!(service.stored().is_empty());
}

#[tokio::test]
async fn an_address_sends_so_many_bytes_in_a_day_and_officers_as_many_as_they_need() {
    let (service, receipt, address) = behind_a_proxy(|files| files.daily_bytes = Some(1 << 20)).await;
    let file = vec![b'a'; 500_000];
    let form = || Form::new().field("receipt", receipt.as_str().unwrap()).file("a.txt", &file);
    // Neither what is refused counts, nor what is sent again.
    service.attach_from("9.9.9.9", &json!(UNKNOWN), &file).await.problem(404, "unknown_receipt");
    service.attach_from("9.9.9.9", &receipt, &[0xFF; 500_000]).await.problem(422, "validation_failed");
    for _ in 0..3 {
        let request = service.post(SEND).header("Idempotency-Key", "the-first-of-the-files");
        request.header("X-Forwarded-For", "9.9.9.9").form(form()).send().await.expect(201);
    }
    service.attach_from("9.9.9.9", &receipt, &file).await.expect(201);
    let refused = service.attach_from("9.9.9.9", &receipt, &file).await;
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=86_401).contains(&wait), "{wait}");
    let problem = refused.problem(429, "too_many_requests");
    assert!(problem["detail"].as_str().unwrap().contains("1 เมกะไบต์"), "{problem}");
    assert_eq!(service.stored().len(), 2);
    // Complaints are taken, and files of others and of the office.
    let more = service.post("/v1/complaints").once().header("X-Forwarded-For", "9.9.9.9").json(&complaint());
    more.send().await.expect(201);
    service.attach_from("9.9.9.8", &receipt, &file).await.expect(201);
    for _ in 0..3 {
        service.add_file(&address, "true", "a.txt", &file).await.expect(201);
    }
}

#[tokio::test]
async fn each_side_of_a_case_has_so_many_bytes() {
    let (service, receipt, address) = behind_a_proxy(|files| files.per_case_bytes = Some(1 << 20)).await;
    let file = vec![b'a'; 500_000];
    for _ in 0..2 {
        service.attach_from("9.9.9.9", &receipt, &file).await.expect(201);
        service.add_file(&address, "true", "a.txt", &file).await.expect(201);
    }
    for answer in [
        service.attach_from("9.9.9.9", &receipt, &file).await,
        service.add_file(&address, "true", "a.txt", &file).await,
    ] {
        let problem = answer.problem(409, "too_many_files");
        assert!(problem["detail"].as_str().unwrap().contains("1 เมกะไบต์"), "{problem}");
    }
    service.attach_from("9.9.9.9", &receipt, b"a").await.expect(201);
    let other = service.report(&complaint()).await["receipt"].clone();
    service.attach_from("9.9.9.9", &other, &file).await.expect(201);
}

/// Until `/health/ready` has this condition, or has none: storage is looked at every ten seconds.
async fn until_ready_says(service: &Service, condition: Option<&str>) {
    for _ in 0..150 {
        let ready = service.get("/health/ready").send().await.expect(200).json();
        if ready["conditions"][0]["code"].as_str() == condition {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("/health/ready does not say {condition:?}");
}

#[tokio::test]
async fn files_of_cases_that_the_office_has_not_dealt_with_are_limited_together() {
    let (service, receipt, address) = behind_a_proxy(|files| files.unhandled_bytes = Some(2 << 20)).await;
    let file = vec![b'a'; 500_000];
    service.attach_from("9.9.9.1", &receipt, &file).await.expect(201);
    // What is taken back still lies there.
    let other = service.report(&complaint()).await["receipt"].clone();
    service.attach_from("9.9.9.2", &other, &file).await.expect(201);
    let body = json!({ "receipt": other });
    service.post("/v1/complaints/lookup/withdrawal").once().json(&body).send().await.expect(200);
    let third = service.report(&complaint()).await["receipt"].clone();
    for _ in 0..2 {
        service.attach_from("9.9.9.3", &third, &file).await.expect(201);
    }
    let refused = service.attach_from("9.9.9.3", &third, &file).await;
    assert_eq!(refused.header("retry-after"), "60");
    refused.problem(503, "attachments_full");
    until_ready_says(&service, Some("attachments_full")).await;
    // The office has room of its own, and makes room by what it does; the case that it has dealt with takes files.
    service.add_file(&address, "false", "a.txt", &file).await.expect(201);
    service.attach_from("9.9.9.1", &receipt, &file).await.expect(201);
    service.attach_from("9.9.9.3", &third, &file).await.expect(201);
    service.attach_from("9.9.9.3", &third, &file).await.problem(503, "attachments_full");
    service.attach_from("9.9.9.1", &receipt, &file).await.expect(201);
    for complaint in service.all_of_office("/v1/complaints").await {
        let path = format!("/v1/complaints/{}/messages", complaint["id"].as_str().unwrap());
        let note = json!({ "text": "ดูแล้ว", "public": false });
        service.post(&path).token(&service.token(Role::ComplaintOfficer)).json(&note).send().await.expect(201);
    }
    service.attach_from("9.9.9.3", &third, &file).await.expect(201);
    until_ready_says(&service, None).await;
}

#[tokio::test]
async fn a_disk_with_too_little_space_left_takes_complaints_and_no_files() {
    let (service, receipt, address) = behind_a_proxy(|files| files.free_bytes = 1 << 60).await;
    let refused = service.attach_from("9.9.9.9", &receipt, b"a").await;
    assert_eq!(refused.header("retry-after"), "60");
    refused.problem(503, "attachments_full");
    service.add_file(&address, "true", "a.txt", b"a").await.problem(503, "attachments_full");
    assert!(service.stored().is_empty());
    service.report(&complaint()).await;
    until_ready_says(&service, Some("attachments_full")).await;
}

/// A sweep as it would be so long from now.
async fn sweep(service: &Service, later: TimeDelta) {
    service.app.cases.blobs.sweep(service.db(), prongsai::db::machine_now() + later, None).await.unwrap();
}

#[tokio::test]
async fn unread_downloads_leave_room_for_others() {
    let (service, receipt, _) = reported().await;
    let file: Vec<u8> = (0..9_000_000_u32).map(|number| b'a' + (number / 1000 % 26) as u8).collect();
    let sent = service.attach(&receipt, "a.txt", &file).await.expect(201).json();
    let body = json!({ "receipt": receipt, "id": sent["id"] });
    let text = body.to_string();
    let head = format!(
        "POST {SEND}/download HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}",
        text.len()
    );
    let unread: Vec<_> = (0..30).map(|_| service.raw(&head, text.as_bytes())).collect();
    let begun = tokio::task::spawn_blocking(move || {
        let status = |mut stream: TcpStream| {
            let mut status = [0; 12];
            stream.read_exact(&mut status).unwrap();
            assert_eq!(&status, b"HTTP/1.1 200");
            stream
        };
        unread.into_iter().map(status).collect::<Vec<_>>()
    });
    let unread = begun.await.unwrap();
    let download = service.post("/v1/complaints/lookup/attachments/download").json(&body).send().await;
    assert!(download.expect(200).body == file);
    service.attach(&receipt, "b.txt", &file[..5_000_000]).await.expect(201);
    drop(unread);
}

#[tokio::test]
async fn a_file_without_a_row_goes_to_the_quarantine_and_after_thirty_days_for_good() {
    let (service, receipt, _) = reported().await;
    let sent = service.attach(&receipt, "a.txt", b"a").await.expect(201).json();
    let known = service.stored()[0].clone();
    for name in ["0123456789abcdef", "0123456789abcdef#1"] {
        std::fs::write(known.with_file_name(name), b"x").unwrap();
    }
    // What another deployment keeps in the same place is its own.
    let other = service.folder.path().join("attachments/other/file");
    std::fs::create_dir(other.parent().unwrap()).unwrap();
    std::fs::write(&other, b"x").unwrap();
    sweep(&service, TimeDelta::zero()).await;
    assert_eq!(service.stored().len(), 4);
    sweep(&service, TimeDelta::hours(2)).await;
    let quarantined = |file: &&PathBuf| file.to_string_lossy().contains("-quarantine/");
    assert_eq!(service.stored().iter().filter(quarantined).count(), 1);
    assert_eq!(service.stored().len(), 3);
    sweep(&service, TimeDelta::days(29)).await;
    assert_eq!(service.stored().len(), 3);
    sweep(&service, TimeDelta::days(31)).await;
    let mut left = service.stored();
    left.sort();
    let mut expected = vec![known, other];
    expected.sort();
    assert_eq!(left, expected);
    service.seen(&format!("/v1/complaint-attachments/{}", id_of(&sent))).await.expect(200);
}

#[tokio::test]
async fn the_files_of_a_newer_database_survive_an_older_one() {
    let (service, receipt, _) = reported().await;
    let sent = service.attach(&receipt, "a.txt", b"a").await.expect(201).json();
    let hidden = "UPDATE case_file SET object = 'hidden/' || object";
    service.tamper(&[hidden]).await;
    sweep(&service, TimeDelta::hours(2)).await;
    assert!(service.stored()[0].to_string_lossy().contains("-quarantine/"));
    service.tamper(&["UPDATE case_file SET object = substr(object, 8)"]).await;
    service.app.cases.blobs.return_named(service.db()).await.unwrap();
    service.seen(&format!("/v1/complaint-attachments/{}", id_of(&sent))).await.expect(200);
}

#[tokio::test]
async fn a_sweep_that_would_move_many_files_moves_none_and_says_so() {
    let (service, receipt, _) = reported().await;
    service.attach(&receipt, "a.txt", b"a").await.expect(201);
    let known = service.stored()[0].clone();
    for number in 0..11 {
        std::fs::write(known.with_file_name(format!("{number:032x}")), b"x").unwrap();
    }
    sweep(&service, TimeDelta::hours(2)).await;
    assert_eq!(service.stored().len(), 12);
    let ready = service.get("/health/ready").send().await.expect(200).json();
    assert_eq!((&ready["status"], &ready["conditions"][0]["code"]), (&json!("degraded"), &json!("files_unclaimed")));
    std::fs::remove_file(known.with_file_name(format!("{:032x}", 0))).unwrap();
    sweep(&service, TimeDelta::hours(2)).await;
    assert_eq!(service.get("/health/ready").send().await.expect(200).json()["conditions"], json!([]));
}

#[tokio::test]
async fn another_database_under_the_same_keys_has_another_folder() {
    let (service, receipt, _) = reported().await;
    service.attach(&receipt, "a.txt", b"a").await.expect(201);
    let known = service.stored();
    service.tamper(&["UPDATE database_identity SET identity = 'another'"]).await;
    let other = service.sibling().await;
    sweep(&other, TimeDelta::days(31)).await;
    assert_eq!(service.stored(), known);
}
