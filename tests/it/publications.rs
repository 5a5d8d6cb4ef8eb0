//! Reports from the draft through the signatures to the address that never changes.

use entity::report::ReportSubject;
use prongsai::audit_log::author::Author;
use prongsai::auth::scope::Role;
use prongsai::domain::fiscal_year::FiscalYear;
use serde_json::{Value, json};

use crate::audit::verified;
use crate::complaints::{Officer, open};
use crate::reports::text_of;
use crate::support::{Answer, Service, faults};

const SIGNERS: [&str; 3] = ["หัวหน้าฝ่ายแผนงานและงบประมาณ", "ปลัดเทศบาลเมืองชัยนาท", "นายกเทศมนตรีเมืองชัยนาท"];
pub const REPORT: &str = "/v1/publications/2567/integrity-measures-report";
const FORMATS: [&str; 5] = ["json", "html", "csv", "xlsx", "docx"];

/// Those who sign the report of the memo: who prepares it, the clerk and the mayor.
pub struct Signers<'a> {
    pub preparer: Officer<'a>,
    pub clerk: Officer<'a>,
    pub mayor: Officer<'a>,
}

impl Service {
    /// The posts of the memo, with a holder each.
    pub async fn signers(&self) -> Signers<'_> {
        let approver = [Role::Approver];
        let (preparer, clerk, mayor) = (
            self.person("preparer", &[Role::Editor], &[]).await,
            self.person("clerk", &approver, &[]).await,
            self.person("mayor", &approver, &[]).await,
        );
        for (post, holder) in SIGNERS.iter().zip([&preparer, &clerk, &mayor]) {
            self.hold(post, &[&holder.id]).await;
        }
        Signers { preparer, clerk, mayor }
    }

    /// Makes these accounts the holders of a post.
    async fn hold(&self, post: &str, holders: &[&str]) {
        let admin = self.token(Role::Admin);
        let found = self.get(&format!("/v1/posts?q={post}")).token(&admin).send().await.expect(200).json();
        let body = json!({ "name": { "th": post }, "holders": holders });
        match found["items"][0]["id"].as_str() {
            None => self.post("/v1/posts").token(&admin).json(&body).send().await.expect(201),
            Some(id) => {
                let change = self.patch(&format!("/v1/posts/{id}")).token(&admin).header("If-Match", "*");
                change.json(&body).send().await.expect(200)
            }
        };
    }

    /// Gives a report the memo of the municipality.
    pub async fn set_frame(&self, year: i32, subject: &str) {
        let frames = "/v1/report-frames";
        let sample = self.get(&format!("{frames}/2567/integrity-measures-report")).token(&self.token(Role::Editor));
        let memo = sample.send().await.expect(200).json()["memo"].clone();
        self.change(&format!("{frames}/{year}/{subject}"), &json!({ "memo": memo })).await;
    }

    /// Two published versions of the report of the memo, as often as it is asked for.
    pub async fn published_report(&self) {
        if self.get(&format!("{REPORT}/v2/diff")).send().await.status == 200 {
            return;
        }
        let signers = self.signers().await;
        let open = "/v1/publications?subject=integrity_measures_report&status=draft,in_signing,returned";
        let open = signers.preparer.get(open).send().await.expect(200).json();
        for draft in open["items"].as_array().unwrap() {
            signers
                .preparer
                .do_(&format!("/v1/publications/{}", draft["id"].as_str().unwrap()), "abandon")
                .await
                .expect(200);
        }
        let is_first = self.get(REPORT).send().await.status == 404;
        signers.publish(&if is_first { json!(null) } else { json!("แก้ไขคำผิด") }).await;
        let measure = self.get("/v1/measures?fiscal_year=2567&number=2").send().await.expect(200).json();
        let address = format!("/v1/measures/{}", measure["items"][0]["id"].as_str().unwrap());
        self.change(&address, &json!({ "title": "สร้างกระบวนการปฏิบัติงานที่โปร่งใส" })).await;
        signers.publish(&json!("แก้ไขชื่อมาตรการที่ 2")).await;
    }
}

impl Officer<'_> {
    async fn draft(&self, reason: &Value) -> Answer {
        let body = json!({ "fiscal_year": 2567, "subject": "integrity_measures_report", "reason": reason });
        self.post("/v1/publications").json(&body).send().await
    }

    /// Takes a step on the version as it is now.
    pub async fn take(&self, address: &str, body: Value) -> Answer {
        let read = self.get(address).send().await;
        let tag = if read.status == 200 { read.header("etag") } else { "*" };
        self.post(&format!("{address}/transitions")).header("If-Match", tag).json(&body).send().await
    }

    pub async fn do_(&self, address: &str, action: &str) -> Answer {
        self.take(address, json!({ "action": action })).await
    }
}

impl Signers<'_> {
    /// Drafts a version; gives its address.
    pub async fn draft(&self, reason: &Value) -> String {
        self.preparer.draft(reason).await.expect(201).header("location").to_owned()
    }

    /// The whole chain.
    pub async fn publish(&self, reason: &Value) -> Value {
        let address = self.draft(reason).await;
        self.preparer.do_(&address, "submit").await.expect(200);
        self.clerk.do_(&address, "sign").await.expect(200);
        self.mayor.do_(&address, "sign").await.expect(200).json()
    }
}

/// What signers read before they sign is what is published then, but for the signatures.
#[tokio::test]
async fn signers_read_what_they_sign_and_nobody_else_does() {
    let service = open().await;
    let signers = service.signers().await;
    let address = signers.draft(&json!(null)).await;
    signers.preparer.do_(&address, "submit").await.expect(200);
    let measures = service.get("/v1/measures?fiscal_year=2567&number=1").send().await.expect(200).json();
    let measure = format!("/v1/measures/{}", measures["items"][0]["id"].as_str().unwrap());
    service.change(&measure, &json!({ "title": "ชื่อที่แก้หลังเสนอลงนาม" })).await;
    let file = |format: &str| format!("{REPORT}/v1.{format}");
    for format in FORMATS {
        let read = signers.mayor.get(&file(format)).send().await.expect(200);
        assert!(!read.header("cache-control").contains("immutable"), "{format}");
        service.get(&file(format)).send().await.problem(404, "not_found");
    }
    let page = signers.mayor.get(&file("html")).send().await.expect(200).text();
    assert!(page.contains("(ลงนามแล้ว) ผู้จัดทำ") && !page.contains("ชื่อที่แก้หลังเสนอลงนาม"), "{page}");
    let read = signers.mayor.get(&file("json")).send().await.expect(200).body;
    signers.clerk.do_(&address, "sign").await.expect(200);
    signers.mayor.do_(&address, "sign").await.expect(200);
    assert_eq!(service.get(&file("json")).send().await.expect(200).body, read);
    // A draft that was given up has no file.
    let second = signers.draft(&json!("แก้ไขชื่อ")).await;
    let draft = format!("{REPORT}/v2.json");
    signers.clerk.get(&draft).send().await.expect(200);
    signers.preparer.do_(&second, "abandon").await.expect(200);
    signers.clerk.get(&draft).send().await.problem(404, "not_found");
}

async fn files(service: &Service, version: &str) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for format in FORMATS {
        files.push(service.get(&format!("{REPORT}/{version}.{format}")).send().await.expect(200).body);
    }
    files
}

#[tokio::test]
async fn a_report_goes_through_the_chain_and_no_byte_of_it_changes_after() {
    let service = open().await;
    let signers = service.signers().await;
    let published = signers.publish(&json!(null)).await;
    assert_eq!((&published["status"], &published["number"]), (&json!("published"), &json!(1)));
    let steps = |of: &Value| -> Vec<Value> {
        of["signatures"].as_array().unwrap().iter().map(|step| step["step"].clone()).collect()
    };
    assert_eq!(steps(&published), ["prepared", "endorsed", "acknowledged"]);
    assert_eq!(published["signatures"][1]["name"], "สมศรี ใจดี");
    let before = files(&service, "v1").await;
    for (file, bytes) in published["files"].as_array().unwrap().iter().zip(
        // In the order of the code list.
        ["json", "html", "csv", "xlsx", "docx"].map(|format| FORMATS.iter().position(|it| *it == format).unwrap()),
    ) {
        let bytes = &before[bytes];
        assert_eq!(file["size_bytes"], bytes.len());
        assert_eq!(file["sha256"], data_encoding::HEXLOWER.encode(&prongsai::domain::merkle::sha256(&[bytes])));
        assert_eq!(service.get(file["url"].as_str().unwrap()).send().await.expect(200).body, *bytes);
    }
    // The public sees posts and days, and nothing of persons.
    let versions = service.get(REPORT).send().await.expect(200);
    let shown = &versions.json()["versions"][0];
    assert_eq!(steps(shown), steps(&published));
    assert!(!versions.text().contains("สมศรี") && shown.get("missing").is_none(), "{shown}");
    // Live data, posts and holders change; what is published does not.
    let measures = service.get("/v1/measures?fiscal_year=2567&number=1").send().await.expect(200).json();
    let measure = format!("/v1/measures/{}", measures["items"][0]["id"].as_str().unwrap());
    service.change(&measure, &json!({ "title": "ชื่อใหม่" })).await;
    assert_eq!(files(&service, "v1").await, before);
    assert_eq!(files(&service, "latest").await, before);
    // A correction says why, and nothing else does.
    let first = json!({ "fiscal_year": 2566, "subject": "integrity_measures_report", "reason": "แก้ไข" });
    let refused = signers.preparer.post("/v1/publications").json(&first).send().await.problem(422, "validation_failed");
    assert_eq!(faults(&refused), [("#/reason".to_owned(), "not_for_this".to_owned())]);
    let refused = signers.preparer.draft(&json!(null)).await.problem(422, "validation_failed");
    assert_eq!(faults(&refused), [("#/reason".to_owned(), "needed".to_owned())]);
    let second = signers.publish(&json!("แก้ไขชื่อมาตรการที่ 1")).await;
    assert_eq!(second["number"], 2);
    assert_eq!(files(&service, "v1").await, before);
    assert_ne!(files(&service, "v2").await[0], before[0]);
    assert_eq!(files(&service, "latest").await, files(&service, "v2").await);
    let diff = service.get(&format!("{REPORT}/v2/diff")).send().await.expect(200).json();
    assert_eq!(diff["reason"], "แก้ไขชื่อมาตรการที่ 1");
    let patch: json_patch::Patch = serde_json::from_value(diff["patch"].clone()).unwrap();
    let data = |file: &[u8]| serde_json::from_slice::<Value>(file).unwrap();
    let mut patched = data(&before[0]);
    json_patch::patch(&mut patched, &patch).unwrap();
    assert_eq!(patched, data(&files(&service, "v2").await[0]));
    assert!(diff["patch"].to_string().contains("ชื่อใหม่"), "{diff}");
}

#[tokio::test]
async fn each_step_is_signed_by_another_person_who_holds_its_post() {
    let service = open().await;
    let Signers { preparer, clerk, mayor } = service.signers().await;
    let address = preparer.draft(&json!(null)).await.expect(201).header("location").to_owned();
    // From a draft nobody signs; nobody but an editor submits.
    clerk.do_(&address, "sign").await.problem(409, "illegal_transition");
    clerk.do_(&address, "submit").await.problem(403, "insufficient_scope");
    let other = service.person("other", &[Role::Editor, Role::Approver], &[]).await;
    other.do_(&address, "submit").await.problem(403, "wrong_person");
    preparer.do_(&address, "submit").await.expect(200);
    for stranger in [&preparer, &mayor, &other] {
        stranger.do_(&address, "sign").await.problem(403, "wrong_person");
    }
    clerk.do_(&address, "sign").await.expect(200);
    // Who holds both posts signs one of them.
    service.hold(SIGNERS[2], &[&clerk.id, &preparer.id, &mayor.id]).await;
    clerk.do_(&address, "sign").await.problem(403, "wrong_person");
    preparer.do_(&address, "sign").await.problem(403, "insufficient_scope");
    // Nobody approves what they prepared, or made.
    let all = service.person("all", &[Role::Editor, Role::Approver], &[]).await;
    service.hold(SIGNERS[2], &[&all.id, &mayor.id]).await;
    mayor.take(&address, json!({ "action": "return" })).await.problem(422, "validation_failed");
    let returned = mayor.take(&address, json!({ "action": "return", "comment": "โปรดตรวจสอบมาตรการที่ 3" })).await;
    let returned = returned.expect(200).json();
    assert_eq!((&returned["status"], &returned["signatures"][2]["outcome"]), (&json!("returned"), &json!("returned")));
    all.do_(&address, "refresh").await.expect(200);
    preparer.do_(&address, "submit").await.expect(200);
    clerk.do_(&address, "sign").await.expect(200);
    all.do_(&address, "sign").await.problem(403, "wrong_person");
    let published = mayor.do_(&address, "sign").await.expect(200).json();
    assert_eq!(published["status"], "published");
    assert_eq!(published["signatures"].as_array().unwrap().len(), 6);
    // The public sees the round that counts.
    let shown = service.get(&address).send().await.expect(200).json();
    assert_eq!(shown["signatures"].as_array().unwrap().len(), 3);
    assert!(shown["signatures"][0].get("round").is_none() && published["signatures"][0]["round"] == 1, "{shown}");
    assert!(!shown.to_string().contains("โปรดตรวจสอบ"));
    for action in ["refresh", "submit", "sign", "abandon"] {
        all.do_(&address, action).await.problem(409, "illegal_transition");
    }
}

#[tokio::test]
async fn a_step_is_taken_on_the_version_that_was_read() {
    let service = open().await;
    let Signers { preparer, clerk, .. } = service.signers().await;
    let address = preparer.draft(&json!(null)).await.expect(201).header("location").to_owned();
    let take = async |person: &Officer<'_>, action: &str, tag: Option<&str>| {
        let ask = person.post(&format!("{address}/transitions"));
        let body =
            json!({ "action": action, "comment": if action == "return" { json!("โปรดแก้ไข") } else { json!(null) } });
        tag.into_iter().fold(ask, |ask, tag| ask.header("If-Match", tag)).json(&body).send().await
    };
    let read = async || preparer.get(&address).send().await.expect(200).header("etag").to_owned();
    let before = read().await;
    preparer.do_(&address, "refresh").await.expect(200);
    for action in ["refresh", "submit", "abandon"] {
        take(&preparer, action, None).await.problem(428, "precondition_required");
        take(&preparer, action, Some(&before)).await.problem(412, "precondition_failed");
    }
    take(&preparer, "submit", Some(&read().await)).await.expect(200);
    for action in ["sign", "return"] {
        take(&clerk, action, None).await.problem(428, "precondition_required");
        take(&clerk, action, Some(&before)).await.problem(412, "precondition_failed");
    }
    take(&clerk, "sign", Some(&read().await)).await.expect(200);
}

#[tokio::test]
async fn who_prepared_a_report_in_one_round_approves_it_in_none() {
    let service = open().await;
    let Signers { preparer, clerk, mayor } = service.signers().await;
    let both = service.person("both", &[Role::Editor, Role::Approver], &[]).await;
    let address = preparer.draft(&json!(null)).await.expect(201).header("location").to_owned();
    service.hold(SIGNERS[0], &[&both.id]).await;
    both.do_(&address, "submit").await.expect(200);
    let back = json!({ "action": "return", "comment": "โปรดแก้ไข" });
    clerk.take(&address, back).await.expect(200);
    service.hold(SIGNERS[0], &[&preparer.id]).await;
    preparer.do_(&address, "submit").await.expect(200);
    clerk.do_(&address, "sign").await.expect(200);
    service.hold(SIGNERS[2], &[&both.id, &mayor.id]).await;
    both.do_(&address, "sign").await.problem(403, "wrong_person");
    mayor.do_(&address, "sign").await.expect(200);
}

#[tokio::test]
async fn a_report_has_one_version_on_its_way_and_the_number_of_an_abandoned_one_is_given_again() {
    let service = open().await;
    let Signers { preparer, clerk, .. } = service.signers().await;
    let address = preparer.draft(&json!(null)).await.expect(201).header("location").to_owned();
    preparer.draft(&json!(null)).await.problem(409, "already_exists");
    // Nobody else sees it.
    service.get(&address).send().await.problem(404, "not_found");
    assert!(service.all("/v1/publications").await.is_empty());
    service.get(REPORT).send().await.problem(404, "not_found");
    preparer.do_(&address, "submit").await.expect(200);
    clerk.take(&address, json!({ "action": "abandon" })).await.problem(403, "insufficient_scope");
    preparer.do_(&address, "abandon").await.expect(200);
    let again = preparer.draft(&json!(null)).await.expect(201).json();
    assert_eq!(again["number"], 1);
}

#[tokio::test]
async fn of_two_who_sign_at_once_one_signs_each_step_and_none_is_skipped() {
    let service = open().await;
    let signers = service.signers().await;
    let (deputy, vice) =
        (service.person("deputy", &[Role::Approver], &[]).await, service.person("vice", &[Role::Approver], &[]).await);
    service.hold(SIGNERS[1], &[&signers.clerk.id, &deputy.id]).await;
    service.hold(SIGNERS[2], &[&signers.mayor.id, &vice.id]).await;
    let sibling = service.sibling().await;
    for round in 0..5 {
        let reason = if round == 0 { json!(null) } else { json!("แก้ไข") };
        let address = signers.draft(&reason).await;
        signers.preparer.do_(&address, "submit").await.expect(200);
        let pairs = [(&signers.clerk, &deputy, "in_signing", 2), (&signers.mayor, &vice, "published", 3)];
        for (one, other, status, signatures) in pairs {
            let read = signers.preparer.get(&address).send().await.expect(200);
            let sign = |service: &Service, token: &str| {
                let ask = service.post(&format!("{address}/transitions")).token(token);
                ask.header("If-Match", read.header("etag")).json(&json!({ "action": "sign" })).send()
            };
            let (one, other) = tokio::join!(sign(&service, &one.token), sign(&sibling, &other.token));
            let mut statuses = [one.status, other.status];
            statuses.sort_unstable();
            assert!(statuses[0] == 200 && [403, 409, 412].contains(&statuses[1]), "{} {}", one.text(), other.text());
            let now = signers.preparer.get(&address).send().await.expect(200).json();
            assert_eq!((&now["status"], now["signatures"].as_array().unwrap().len()), (&json!(status), signatures));
        }
    }
}

#[tokio::test]
async fn a_file_that_is_not_what_was_published_is_refused_and_told_in_the_log() {
    let service = open().await;
    service.signers().await.publish(&json!(null)).await;
    let address = format!("{REPORT}/v1.html");
    let first = service.get(&address).send().await.expect(200);
    assert_eq!(first.header("cache-control"), "public, max-age=31536000, immutable");
    service.get(&address).header("If-None-Match", first.header("etag")).send().await.expect(304);
    let latest = service.get(&format!("{REPORT}/latest.html")).send().await.expect(200);
    assert_eq!(latest.header("etag"), first.header("etag"));
    assert!(!latest.header("cache-control").contains("immutable"));
    let other = "(SELECT other.bytes FROM publication_file other WHERE other.format = 'csv')";
    service.run(&format!("UPDATE publication_file SET bytes = {other} WHERE format = 'html'")).await;
    service.get(&address).send().await.problem(409, "damaged");
    service.get(&format!("{REPORT}/v1.json")).send().await.expect(200);
    // Both verifiers find it in an export.
    let found = verified(&service.export().await, None);
    assert!(found.len() == 1 && found[0].starts_with("record publication-files "), "{found:?}");
    service.run("DELETE FROM publication_file").await;
    service.get(&format!("{REPORT}/v1.json")).send().await.problem(409, "damaged");
    for unknown in [
        "/v1/publications/2566/integrity-measures-report/v1.json",
        "/v1/publications/2567/nonsense/v1.json",
        "/v1/publications/2567/integrity-measures-report/v2.json",
        "/v1/publications/2567/integrity-measures-report/v01.json",
        "/v1/publications/2567/integrity-measures-report/v1.pdf",
        "/v1/publications/2567/integrity-measures-report/v1/diff",
        "/v1/publications/2567/integrity-measures-report/v9/diff",
        "/v1/publications/2566/integrity-measures-report",
    ] {
        service.get(unknown).send().await.problem(404, "not_found");
    }
    service.get("/v1/publications/2024/integrity-measures-report").send().await.problem(400, "invalid_parameter");
}

#[tokio::test]
async fn nothing_is_made_of_a_report_that_is_not_what_was_frozen() {
    let service = open().await;
    service.published_report().await;
    service.run("UPDATE publication_content SET report = '{}'").await;
    service.get(&format!("{REPORT}/v2/diff")).send().await.problem(409, "damaged");
}

#[tokio::test]
async fn what_is_published_is_in_the_feed_the_page_and_the_list() {
    let service = open().await;
    assert!(service.get("/publications").send().await.expect(200).text().contains("ยังไม่มีรายงานที่เผยแพร่"));
    service.published_report().await;
    let feed = service.get("/v1/publications.atom").send().await.expect(200);
    assert_eq!(feed.header("content-type"), "application/atom+xml");
    let text = feed.text();
    let mut reader = quick_xml::Reader::from_str(&text);
    let mut entries = 0;
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(start) if start.name().as_ref() == b"entry" => entries += 1,
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(entries, 2);
    assert!(text.contains("/integrity-measures-report/v2.html") && text.contains("แก้ไขชื่อมาตรการที่ 2"), "{text}");
    let page = service.get("/publications?lang=th").send().await.expect(200).text();
    let list =
        service.all("/v1/publications?fiscal_year=2567&subject=integrity_measures_report&status=published").await;
    assert_eq!(list.len(), 2);
    for file in list.iter().flat_map(|version| version["files"].as_array().unwrap()) {
        assert!(page.contains(file["sha256"].as_str().unwrap()), "{page}");
    }
    assert!(service.get("/publications?lang=en").send().await.expect(200).text().contains("Published reports"));
    assert!(service.all("/v1/publications?fiscal_year=2566").await.is_empty());
    let csv = service.get("/v1/publications?format=csv&labels=th").send().await.expect(200).text();
    assert!(csv.contains("เรื่องของรายงาน") && csv.contains("เผยแพร่แล้ว"), "{csv}");
}

#[tokio::test]
async fn the_log_commits_to_the_hashes_and_the_checkpoint_of_the_next_day_covers_that() {
    let service = open().await;
    let published = service.signers().await.publish(&json!(null)).await;
    let auditor = service.token(Role::Auditor);
    let events = service.get("/v1/audit/events?resource=publications&action=publish").token(&auditor);
    let event = events.send().await.expect(200).json()["items"][0].clone();
    assert_eq!(event["record_id"], published["id"]);
    let version = async |token: Option<&str>| {
        let mut request = service.get(REPORT);
        if let Some(token) = token {
            request = request.token(token);
        }
        request.send().await.expect(200).json()["versions"][0].clone()
    };
    assert_eq!(version(Some(&auditor)).await["event_seq"], event["seq"]);
    let public = version(None).await;
    assert!(public.get("event_seq").is_none());
    assert_eq!(public["in_checkpoint"], false);
    let export = service.get("/v1/audit/export").token(&auditor).send().await.expect(200).text();
    assert_eq!(crate::audit::verified(&export, None), Vec::<String>::new());
    for file in published["files"].as_array().unwrap() {
        assert!(export.contains(file["sha256"].as_str().unwrap()));
    }
    service.db().clock.set(service.now() + chrono::TimeDelta::days(1));
    service.db().load_revisions().await.unwrap();
    assert_eq!(version(None).await["in_checkpoint"], true);
}

#[tokio::test]
async fn what_is_missing_stops_a_report_unless_somebody_says_why_not() {
    let service = open().await;
    let signers = service.signers().await;
    let measures = service.get("/v1/measures?fiscal_year=2567&number=3").send().await.expect(200).json();
    let measure = format!("/v1/measures/{}", measures["items"][0]["id"].as_str().unwrap());
    service.change(&measure, &json!({ "outcomes": [] })).await;
    let address = signers.draft(&json!(null)).await;
    let draft = signers.preparer.get(&address).send().await.expect(200).json();
    assert_eq!(draft["missing"][0]["fields"][0]["field"], "outcomes");
    // A list tells how much, a record what.
    let listed = signers.preparer.get("/v1/publications").send().await.expect(200).json()["items"][0].clone();
    assert_eq!(
        (listed.get("missing"), &listed["missing_count"], &draft["missing_count"]),
        (None, &json!(1), &json!(1))
    );
    let problem = signers.preparer.do_(&address, "submit").await.problem(409, "incomplete");
    assert_eq!(faults(&problem), [("#/override_reason".to_owned(), "missing_part".to_owned())]);
    let told = problem["errors"][0]["detail"].as_str().unwrap();
    assert!(told.contains("2567") && told.contains("ผลลัพธ์หรือความสำเร็จของการดำเนินการ"), "{told}");
    let body = json!({ "action": "submit", "override_reason": "สำนักงาน ป.ป.ช. ผ่อนผันให้ส่งภายหลัง" });
    let submitted = signers.preparer.take(&address, body.clone()).await.expect(200).json();
    assert_eq!(submitted["override_reason"], body["override_reason"]);
    signers.clerk.do_(&address, "sign").await.expect(200);
    signers.mayor.do_(&address, "sign").await.expect(200);
    // The public is told neither.
    for path in [address.clone(), format!("{REPORT}/v1.json"), format!("{REPORT}/v1.html"), REPORT.to_owned()] {
        let text = service.get(&path).send().await.expect(200).text();
        assert!(!text.contains("ผ่อนผัน") && !text.contains("\"missing"), "{path}: {text}");
    }
    let export = service.get("/v1/audit/export").token(&service.token(Role::Auditor)).send().await.expect(200).text();
    assert!(export.contains("ผ่อนผัน"));
    // Where nothing is missing there is nothing to override.
    service.change(&measure, &json!({ "outcomes": ["โปร่งใส"] })).await;
    let address = signers.draft(&json!("เพิ่มผลลัพธ์")).await;
    let problem = signers.preparer.take(&address, body).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/override_reason".to_owned(), "not_for_this".to_owned())]);
    signers.preparer.do_(&address, "submit").await.expect(200);
}

#[tokio::test]
async fn a_demonstration_has_the_whole_chain_signed_by_those_who_hold_the_posts() {
    let service = open().await;
    let Signers { preparer, clerk, mayor } = service.signers().await;
    let publish = async |signers: &[&Officer<'_>]| {
        let signers: Vec<_> = signers.iter().map(|signer| Author::new(&signer.id, "approver")).collect();
        let (year, subject) = (FiscalYear::stored(2567), ReportSubject::IntegrityMeasuresReport);
        prongsai::publications::publish(service.db(), year, subject, &signers).await
    };
    assert!(publish(&[&preparer, &mayor, &clerk]).await.is_err());
    let left = preparer.get("/v1/publications").send().await.expect(200).json()["items"][0].clone();
    let left = format!("/v1/publications/{}", left["id"].as_str().unwrap());
    preparer.do_(&left, "abandon").await.expect(200);
    publish(&[&preparer, &clerk, &mayor]).await.unwrap();
    assert_eq!(files(&service, "v1").await.len(), 5);
}

#[tokio::test]
async fn a_report_that_nobody_is_to_sign_is_not_submitted() {
    let service = open().await;
    let preparer = service.person("preparer", &[Role::Editor], &[]).await;
    let body = json!({ "fiscal_year": 2566, "subject": "anti_corruption_report" });
    let address = preparer.post("/v1/publications").json(&body).send().await.expect(201).header("location").to_owned();
    preparer.do_(&address, "submit").await.problem(409, "illegal_transition");
}

#[tokio::test]
async fn that_there_were_no_complaints_is_said_of_finished_recorded_periods_without_any() {
    let service = open().await;
    let Signers { preparer, clerk, mayor } = service.signers().await;
    let this_year = FiscalYear::current(service.now()).number();
    service.set_frame(2567, "complaint-statistics").await;
    let state = async |year: i32, part: &str| {
        let body =
            json!({ "fiscal_year": year, "subject": "complaint_statistics", "no_complaints_in": part, "reason": null });
        preparer.post("/v1/publications").json(&body).send().await
    };
    let record_since = async |day: &str| service.record_from(json!({ "integrity": day })).await;
    let refused = |answer: Answer| faults(&answer.problem(422, "validation_failed"))[0].1.clone();
    record_since("2024-01-01").await;
    assert_eq!(refused(state(this_year, &this_year.to_string()).await), "not_ended");
    assert_eq!(refused(state(2567, "2567").await), "not_recorded");
    assert_eq!(refused(state(2567, "2567-Q1").await), "not_recorded");
    assert_eq!(refused(state(2567, "2568-Q1").await), "not_for_this");
    assert_eq!(refused(state(2567, "2566-M13").await), "bad_format");
    // A complaint of last month, as it were.
    service.report(&crate::support::samples::complaint()).await;
    for table in ["case_tally", "case_state"] {
        service.run(&format!("UPDATE {table} SET fiscal_year = 2567, month = 5")).await;
    }
    service.db().clock.set(service.now() + chrono::TimeDelta::days(1));
    let some = state(2567, "2567-Q2").await.problem(422, "validation_failed");
    assert_eq!(faults(&some)[0].1, "some_received");
    assert!(some["errors"][0]["detail"].as_str().unwrap().contains("กุมภาพันธ์ 2567"), "{some}");
    let address = state(2567, "2567-Q3").await.expect(201).header("location").to_owned();
    // A draft that became false is not made anew, and the fault is not in what was sent.
    service.run("UPDATE case_tally SET month = 7").await;
    let told = preparer.do_(&address, "refresh").await.problem(409, "illegal_transition");
    assert!(told["detail"].as_str().unwrap().contains("คำรับรองนี้ใช้ไม่ได้แล้ว: เดือนเมษายน 2567"), "{told}");
    assert_eq!(told.get("errors"), None);
    service.run("UPDATE case_tally SET month = 5").await;
    preparer.do_(&address, "submit").await.expect(200);
    clerk.do_(&address, "sign").await.expect(200);
    // One that turns up until the last signature is one.
    service.run("UPDATE case_tally SET month = 7").await;
    mayor.do_(&address, "sign").await.problem(409, "illegal_transition");
    service.run("UPDATE case_tally SET month = 5").await;
    let published = mayor.do_(&address, "sign").await.expect(200).json();
    assert_eq!(published["no_complaints"], json!({ "starts_on": "2024-04-01", "ends_on": "2024-06-30" }));
    let page = service.get("/v1/publications/2567/no-complaints-q3/v1.html").send().await.expect(200).text();
    assert!(page.contains("ระหว่างวันที่ ๑ เมษายน ๒๕๖๗ ถึงวันที่ ๓๐ มิถุนายน ๒๕๖๗"), "{page}");
    let data = service.get("/v1/publications/2567/no-complaints-q3/latest.json").send().await.expect(200).json();
    assert_eq!(data["complaint_count"], 0);
    // It says so in every format, and has no memo about something else.
    for format in FORMATS {
        let file = service.get(&format!("/v1/publications/2567/no-complaints-q3/v1.{format}")).send().await.expect(200);
        let text = if ["xlsx", "docx"].contains(&format) { text_of(&file.body) } else { file.text() };
        assert!(text.contains(data["statement"].as_str().unwrap()), "{format}: {text}");
        assert!(!text.contains("บันทึกข้อความ") && !text.contains("ITA"), "{format}: {text}");
    }
}

#[tokio::test]
async fn a_draft_that_is_asked_for_again_is_the_one_that_was_made_whatever_has_changed_since() {
    let service = open().await;
    let preparer = service.person("preparer", &[Role::Editor], &[]).await;
    service.set_frame(2567, "complaint-statistics").await;
    let body = json!({ "fiscal_year": 2567, "subject": "complaint_statistics", "no_complaints_in": "2567-Q3" });
    let ask = async || {
        let ask = preparer.post("/v1/publications").header("Idempotency-Key", "a-draft-that-is-sent-twice");
        ask.json(&body).send().await.expect(201)
    };
    let first = ask().await;
    service.report(&crate::support::samples::complaint()).await;
    service.run("UPDATE case_tally SET fiscal_year = 2567, month = 7").await;
    service.db().clock.set(service.now() + chrono::TimeDelta::hours(23));
    let again = ask().await;
    assert_eq!((again.header("idempotency-replayed"), again.json()), ("true", first.json()));
}
