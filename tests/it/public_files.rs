use std::path::PathBuf;

use chrono::TimeDelta;
use prongsai::app::moved;
use prongsai::auth::scope::Role;
use prongsai::domain::merkle::sha256;
use serde_json::{Value, json};

use crate::audit::verified;
use crate::secrets::is_in;
use crate::support::form::Form;
use crate::support::samples::{measure, photo, project};
use crate::support::{Answer, Service, spawn, spawn_filled};

const FILES: &str = "/v1/public-files";

impl Service {
    async fn upload(&self, name: &str, file: &[u8]) -> Answer {
        let form = Form::new().field("title", "ประกาศนโยบายไม่รับของขวัญ").file(name, file);
        self.post(FILES).token(&self.token(Role::Editor)).form(form).send().await
    }

    /// The stored object of the only file.
    fn object(&self) -> PathBuf {
        let folders = std::fs::read_dir(self.folder.path().join("attachments")).unwrap();
        let mut files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
        files.next().unwrap().unwrap().path()
    }

    /// Sends a record with this evidence.
    async fn with_evidence(&self, path: &str, mut record: Value, evidence: Value) -> Answer {
        record["evidence"] = evidence;
        self.post(path).token(&self.token(Role::Editor)).json(&record).send().await
    }
}

fn content_of(file: &Value) -> String {
    format!("{FILES}/{}/content", file["id"].as_str().unwrap())
}

fn evidence(file: &Value) -> Value {
    json!([{ "title": "ประกาศ", "kind": "announcement", "file_id": file["id"] }])
}

#[tokio::test]
async fn an_uploaded_file_is_served_to_everybody_at_an_address_that_never_changes() {
    let service = spawn().await;
    let uploaded = service.upload("นโยบาย.jpg", &photo()).await.expect(201);
    let file = uploaded.json();
    assert_eq!(uploaded.header("location"), format!("{FILES}/{}", file["id"].as_str().unwrap()));
    let hash = data_encoding::HEXLOWER.encode(&sha256(&[&photo()]));
    assert_eq!((&file["sha256"], &file["size_bytes"]), (&json!(hash), &json!(photo().len())));
    assert_eq!((&file["media_type"], &file["file_name"]), (&json!("image/jpeg"), &json!("นโยบาย.jpg")));
    // What it tells of who made it is public now, so whoever uploads it is told, and nobody else.
    assert!(is_in("GPS-CANARY", file["traces"].to_string().as_bytes()), "{}", file["traces"]);
    let mut shown = file.clone();
    shown.as_object_mut().unwrap().retain(|name, _| !["traces", "findings"].contains(&&**name));
    assert_eq!(service.all(FILES).await, [shown.clone()]);
    assert_eq!(
        service.get(&format!("{FILES}/{}", file["id"].as_str().unwrap())).send().await.expect(200).json(),
        shown
    );

    assert_eq!(file["url"], format!("{}{}", service.address, content_of(&file)));
    let content = service.get(file["url"].as_str().unwrap()).send().await.expect(200);
    assert_eq!(content.body, photo());
    assert_eq!(content.header("content-type"), "image/jpeg");
    assert_eq!(content.header("cache-control"), "public, max-age=300, must-revalidate");
    assert!(content.header("content-disposition").starts_with("attachment; filename="));
    assert_eq!(content.header("etag"), format!("\"{hash}\""));
    let again = service.get(&content_of(&file)).header("If-None-Match", content.header("etag")).send().await;
    assert!(again.expect(304).body.is_empty());
    service.request("HEAD", &content_of(&file)).send().await.expect(200);
}

#[tokio::test]
async fn a_changed_byte_on_the_disk_is_never_served() {
    let service = spawn().await;
    let text = "ประกาศ".repeat(20_000).into_bytes();
    let file = service.upload("ประกาศ.txt", &text).await.expect(201).json();
    assert!(service.get(&content_of(&file)).send().await.expect(200).body == text);
    let object = service.object();
    for change in [0, text.len() / 2, text.len() - 1] {
        let mut tampered = text.clone();
        tampered[change] ^= 1;
        std::fs::write(&object, tampered).unwrap();
        service.get(&content_of(&file)).send().await.problem(409, "damaged");
    }
    for wrong in [&text[1..], b"", &[&text[..], b"x"].concat()] {
        std::fs::write(&object, wrong).unwrap();
        service.get(&content_of(&file)).send().await.problem(409, "damaged");
    }
    std::fs::remove_file(&object).unwrap();
    service.get(&content_of(&file)).send().await.problem(409, "damaged");
    std::fs::write(&object, &text).unwrap();
    assert!(service.get(&content_of(&file)).send().await.expect(200).body == text);
}

#[tokio::test]
async fn a_file_is_evidence_of_measures_and_projects_with_its_hash() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let file = service.upload("ประกาศ.txt", "ประกาศ".as_bytes()).await.expect(201).json();
    let expected = json!([{
        "title": "ประกาศ", "kind": "announcement", "url": file["url"], "file_id": file["id"],
        "media_type": "text/plain", "size_bytes": 18, "sha256": file["sha256"],
    }]);
    for (path, record) in [("/v1/measures", measure(2567, 1)), ("/v1/projects", project(2567, "อบรม"))] {
        let created = service.with_evidence(path, record, evidence(&file)).await.expect(201).json();
        assert_eq!(created["evidence"], expected, "{path}");
        let address = format!("{path}/{}", created["id"].as_str().unwrap());
        // A patch of another field keeps it; a list of evidence is replaced as a whole.
        let patch = async |patch: Value| {
            service.patch(&address).token(&editor).header("If-Match", "*").json(&patch).send().await
        };
        assert_eq!(patch(json!({ "title": "ชื่อใหม่" })).await.expect(200).json()["evidence"], expected);
        let link = json!([{ "title": "หน้าเว็บ", "kind": "other", "url": "https://example.go.th/" }]);
        let changed = patch(json!({ "evidence": link })).await.expect(200).json();
        assert_eq!(changed["evidence"][0]["url"], "https://example.go.th/");
        assert!(changed["evidence"][0]["file_id"].is_null() && changed["evidence"][0]["sha256"].is_null());
        assert_eq!(patch(json!({ "evidence": evidence(&file) })).await.expect(200).json()["evidence"], expected);
        let csv = service.get(&format!("{path}?format=csv")).token(&editor).send().await.expect(200).text();
        assert!(csv.contains(file["url"].as_str().unwrap()), "{csv}");

        let wrong = json!([
            { "title": "ก", "kind": "other", "file_id": "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11" },
            { "title": "ข", "kind": "other", "file_id": file["id"], "url": "https://example.go.th/" },
            { "title": "ค", "kind": "other" },
        ]);
        let problem = patch(json!({ "evidence": wrong })).await.problem(422, "validation_failed");
        let told: Vec<_> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["pointer"].clone(), it["code"].clone()))
            .collect();
        let expected = [("0/file_id", "unknown_file"), ("1/file_id", "url_or_file"), ("2/url", "url_or_file")];
        assert_eq!(told, expected.map(|(place, code)| (json!(format!("#/evidence/{place}")), json!(code))));
    }
}

#[tokio::test]
async fn a_file_that_is_evidence_stays_and_another_goes_for_good() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let file = service.upload("ประกาศ.txt", "ประกาศ".as_bytes()).await.expect(201).json();
    let address = format!("{FILES}/{}", file["id"].as_str().unwrap());
    let created = service.with_evidence("/v1/measures", measure(2567, 1), evidence(&file)).await.expect(201).json();
    let delete = || service.delete(&address).token(&editor).header("If-Match", "\"1\"").send();
    delete().await.problem(409, "in_use");
    let measure = format!("/v1/measures/{}", created["id"].as_str().unwrap());
    service.delete(&measure).token(&editor).header("If-Match", "*").send().await.expect(204);
    delete().await.expect(204);
    service.get(&content_of(&file)).send().await.problem(404, "not_found");
    let object = service.object();
    sweep(&service, TimeDelta::zero()).await;
    assert!(!object.exists());
}

#[tokio::test]
async fn after_a_move_files_and_the_records_that_name_them_have_the_address_of_now() {
    let service = spawn_filled().await;
    let editor = service.token(Role::Editor);
    let file = service.upload("ประกาศ.txt", "ประกาศ".as_bytes()).await.expect(201).json();
    let mut paths = Vec::new();
    for (path, mut record) in [("/v1/measures", measure(2567, 99)), ("/v1/projects", project(2567, "อบรมใหม่"))]
    {
        record["evidence"] = evidence(&file);
        paths.push(service.publish(path, &record).await);
    }
    let links = json!({ "links": [{ "title": "ประกาศ", "file_id": file["id"] }] });
    let answer = "/v1/ita/2567/items/O5/disclosure";
    service.patch(answer).token(&editor).header("If-Match", "*").json(&links).send().await.expect(200);
    // What was entered into the ITA's form is not touched.
    let submitted = "/v1/ita/2567/items/O34/disclosure";
    let links = json!({ "disclosed": true, "links": [{ "title": "ประกาศ", "file_id": file["id"] }] });
    service.patch(submitted).token(&editor).header("If-Match", "*").json(&links).send().await.expect(200);
    for action in ["review", "complete", "submit"] {
        let step = service.post(&format!("{submitted}/transitions")).token(&editor);
        step.json(&json!({ "action": action })).send().await.expect(200);
    }
    moved::move_to(service.db(), "https://api.example.go.th").await.unwrap();
    let url = format!("https://api.example.go.th{}", content_of(&file));
    assert_eq!(service.all(FILES).await[0]["url"], url);
    for path in paths {
        assert_eq!(service.get(&path).send().await.expect(200).json()["evidence"][0]["url"], url, "{path}");
    }
    let read = async |path: &str| service.get(path).token(&editor).send().await.expect(200).json();
    assert_eq!(read(answer).await["links"][0]["url"], url);
    assert_eq!(read(submitted).await["links"][0]["url"], file["url"]);
    assert_eq!(read("/v1/ita/2567/readiness").await["items"][4]["paste"]["addresses"], url);
    for report in ["integrity-measures-report", "anti-corruption-report"] {
        let report = read(&format!("/v1/reports/{report}?fiscal_year=2567")).await;
        assert!(report["rows"].to_string().contains(&url), "{report}");
    }
    // The log knows, and nothing is written twice.
    let export = service.export().await;
    assert_eq!(verified(&export, None), Vec::<String>::new());
    moved::move_to(service.db(), "https://api.example.go.th").await.unwrap();
    assert_eq!(service.export().await.lines().count(), export.lines().count());
}

#[tokio::test]
async fn the_title_of_a_file_can_be_changed_and_its_content_cannot() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let file = service.upload("ประกาศ.txt", "ประกาศ".as_bytes()).await.expect(201).json();
    let address = format!("{FILES}/{}", file["id"].as_str().unwrap());
    let patch = |body: Value| service.patch(&address).token(&editor).header("If-Match", "\"1\"").json(&body).send();
    patch(json!({ "sha256": "0" })).await.problem(400, "unknown_field");
    assert_eq!(patch(json!({ "title": "ชื่อใหม่" })).await.expect(200).json()["title"], "ชื่อใหม่");
    patch(json!({ "title": "ชื่ออื่น" })).await.problem(412, "precondition_failed");
    service.upload("x.exe", b"MZ\0\0\0\0\0\0").await.problem(422, "validation_failed");
    assert_eq!(service.all(FILES).await.len(), 1);
}

#[tokio::test]
async fn a_sweep_takes_no_public_file() {
    let service = spawn().await;
    let file = service.upload("ประกาศ.txt", "ประกาศ".as_bytes()).await.expect(201).json();
    for later in [TimeDelta::hours(2), TimeDelta::days(40)] {
        sweep(&service, later).await;
        service.get(&content_of(&file)).send().await.expect(200);
    }
}

#[tokio::test]
async fn an_upload_that_is_sent_twice_is_one_file() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let send = || {
        let form = Form::new().field("title", "ประกาศ").file("a.txt", "ประกาศ".as_bytes());
        service.post(FILES).token(&editor).header("Idempotency-Key", "0123456789abcdef").form(form).send()
    };
    let (first, second) = (send().await.expect(201).json(), send().await.expect(201));
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(first, second.json());
    assert_eq!(service.all(FILES).await.len(), 1);
    let folder = service.object().parent().unwrap().to_owned();
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
}

async fn sweep(service: &Service, later: TimeDelta) {
    service.app.cases.blobs.sweep(service.db(), prongsai::db::machine_now() + later, None).await.unwrap();
}
