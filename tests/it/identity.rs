//! Who reports: sealed as it comes in, asked for with a reason, approved by somebody else, handed over once, and opened by a
//! custodian's key and nothing else.

use std::path::Path;
use std::process::{Command, Stdio};

use futures_util::future::join_all;
use prongsai::app::config::Settings;
use prongsai::app::demo;
use prongsai::auth::scope::Role;
use prongsai::cases::vault::{ContentKeys, Vault};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, Database, EntityTrait};
use serde_json::{Value, json};

use crate::audit::verified;
use crate::cli::{Served, done, prongsai, run};
use crate::complaints::{Officer, open};
use crate::secrets::{contents, is_in};
use crate::support::samples::{complaint, named_complaint};
use crate::support::{Answer, CUSTODIAN_KEYS, faults, need, on_postgres, spawn_filled, spawn_with};

impl Officer<'_> {
    pub async fn ask(&self, complaint: &Value) -> Answer {
        let path = format!("/v1/complaints/{}/identity-requests", complaint["id"].as_str().unwrap());
        self.post(&path).json(&json!({ "reason": "ต้องนัดผู้ร้องมาให้ถ้อยคำ" })).send().await
    }

    async fn decide(&self, request: &Value, body: Value) -> Answer {
        let path = format!("/v1/identity-requests/{}/transitions", request["id"].as_str().unwrap());
        self.post(&path).json(&body).send().await
    }

    pub async fn approve(&self, request: &Value) -> Answer {
        self.decide(request, json!({ "action": "approve" })).await
    }

    pub async fn take_over(&self, request: &Value) -> Answer {
        self.decide(request, json!({ "action": "hand_over" })).await
    }
}

/// Opens a box with our command and with stock age; both must say the same.
pub fn opened(sealed: &[u8], key: &str) -> Value {
    need("age");
    let folder = tempfile::tempdir().unwrap();
    let (box_file, key_file) = (folder.path().join("box.age"), folder.path().join("key"));
    std::fs::write(&box_file, sealed).unwrap();
    std::fs::write(&key_file, key).unwrap();
    let path = |file: &Path| file.to_str().unwrap().to_owned();
    let ours = done(run(&["identity", "open", "--key", &path(&key_file), &path(&box_file)]));
    let stock = Command::new("age").args(["--decrypt", "-i", &path(&key_file), &path(&box_file)]).output().unwrap();
    assert!(stock.status.success(), "{}", String::from_utf8_lossy(&stock.stderr));
    let (ours, stock): (Value, Value) =
        (serde_json::from_str(&ours).unwrap(), serde_json::from_slice(&stock.stdout).unwrap());
    assert_eq!(ours, stock);
    ours
}

#[tokio::test]
async fn a_name_is_asked_for_approved_handed_over_and_opened_and_its_owner_sees_each_step() {
    let service = open().await;
    let given = service.report(&named_complaint()).await;
    let (officer, custodian) =
        (service.complaint_officer("somchai", &[]).await, service.person("malee", &[Role::Custodian], &[]).await);
    let found = officer.find(&given).await;
    assert_eq!(found["anonymous"], false);
    let request = officer.ask(&found).await.expect(201).json();
    let asked = |list: Value| list["items"][0].clone();
    let seen = custodian.get("/v1/identity-requests?status=pending").send().await.expect(200).json();
    assert_eq!(asked(seen.clone()), request);
    assert_eq!((&request["requested_by_name"], &request["reference"]), (&json!("สมศรี ใจดี"), &given["reference"]));
    assert_eq!(request["reason"], "ต้องนัดผู้ร้องมาให้ถ้อยคำ");
    assert!(!seen.to_string().contains("เรียกรับเงิน"), "a custodian reads no complaint: {seen}");

    let approved = custodian.approve(&request).await.expect(200);
    assert_eq!((&approved.json()["status"], approved.json().get("sealed_identity")), (&json!("approved"), None));
    let handed = custodian.take_over(&request).await.expect(200).json();
    assert_eq!(handed["status"], "handed_over");
    let mut expected = named_complaint()["reporter"].clone();
    expected["reference"] = given["reference"].clone();
    for key in CUSTODIAN_KEYS {
        assert_eq!(opened(handed["sealed_identity"].as_str().unwrap().as_bytes(), key), expected);
    }

    let path = format!("/v1/complaints/{}/identity-requests", found["id"].as_str().unwrap());
    let listed = asked(officer.get(&path).send().await.expect(200).json());
    assert_eq!((&listed["status"], listed.get("sealed_identity")), (&json!("handed_over"), None));
    let seen = service.look_up(&given["receipt"]).await.expect(200).json();
    assert_eq!((&seen["anonymous"], &seen["first_answer"]["met_on"]), (&json!(false), &json!(null)));
    let steps = seen["timeline"].as_array().unwrap();
    let actions: Vec<_> = steps.iter().map(|event| &event["action"]).collect();
    assert_eq!(actions, ["hand_over_identity", "approve_identity", "request_identity", "receive"]);
    assert!(steps.iter().all(|event| event.get("actor_id").is_none() && event["text"].is_null()), "{seen}");
    let export = service.export().await;
    for action in ["seal", "request_identity", "approve_identity", "hand_over_identity"] {
        assert!(export.contains(&format!("\\\"action\\\":\\\"{action}\\\"")), "{action}");
    }
    assert_eq!(verified(&export, None), Vec::<String>::new());
}

#[tokio::test]
async fn who_asked_does_not_approve_and_only_who_approved_receives_and_only_once() {
    let service = open().await;
    let found = service.report(&named_complaint()).await;
    let both = service.person("both", &[Role::ComplaintOfficer, Role::Custodian], &[]).await;
    let custodian = service.person("malee", &[Role::Custodian], &[]).await;
    let found = both.find(&found).await;
    let request = both.ask(&found).await.expect(201).json();
    both.ask(&found).await.problem(409, "already_exists");
    both.approve(&request).await.problem(403, "wrong_person");
    custodian.take_over(&request).await.problem(409, "illegal_transition");
    custodian.approve(&request).await.expect(200);
    both.ask(&found).await.problem(409, "already_exists");
    both.take_over(&request).await.problem(403, "wrong_person");
    custodian.take_over(&request).await.expect(200);
    custodian.take_over(&request).await.problem(409, "illegal_transition");
    custodian.approve(&request).await.problem(409, "illegal_transition");
    let again = both.ask(&found).await.expect(201).json();
    let problem = custodian.decide(&again, json!({ "action": "deny" })).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/text".to_owned(), "needed".to_owned())]);
    let denied = json!({ "action": "deny", "text": "ไม่จำเป็นต่อการสอบสวน" });
    assert_eq!(custodian.decide(&again, denied).await.expect(200).json()["answer"], "ไม่จำเป็นต่อการสอบสวน");
    custodian.take_over(&again).await.problem(409, "illegal_transition");
    let said = json!({ "action": "hand_over", "text": "ก" });
    let problem = custodian.decide(&again, said).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/text".to_owned(), "not_for_this".to_owned())]);
}

#[tokio::test]
async fn two_processes_that_hand_over_at_once_hand_over_once() {
    let service = open().await;
    let other = service.sibling().await;
    let given = service.report(&named_complaint()).await;
    let (officer, custodian) =
        (service.complaint_officer("somchai", &[]).await, service.person("malee", &[Role::Custodian], &[]).await);
    let request = officer.ask(&officer.find(&given).await).await.expect(201).json();
    custodian.approve(&request).await.expect(200);
    let path = format!("/v1/identity-requests/{}/transitions", request["id"].as_str().unwrap());
    let takers = (0..12).map(|number| {
        let process = if number % 2 == 0 { &service } else { &other };
        process.post(&path).token(&custodian.token).json(&json!({ "action": "hand_over" })).send()
    });
    let answers = join_all(takers).await;
    let boxes = answers.iter().filter(|answer| answer.text().contains("AGE ENCRYPTED FILE"));
    assert_eq!(boxes.count(), 1);
    assert!(answers.iter().all(|answer| [200, 409, 503].contains(&answer.status)));
}

#[tokio::test]
async fn a_sealed_identity_is_handed_over_once_whatever_key_it_is_asked_with() {
    let service = open().await;
    let given = service.report(&named_complaint()).await;
    let (officer, custodian) =
        (service.complaint_officer("somchai", &[]).await, service.person("malee", &[Role::Custodian], &[]).await);
    let request = officer.ask(&officer.find(&given).await).await.expect(201).json();
    custodian.approve(&request).await.expect(200);
    let path = format!("/v1/identity-requests/{}/transitions", request["id"].as_str().unwrap());
    let take = || {
        let post = custodian.post(&path).header("Idempotency-Key", "a-key-of-malee-for-this");
        post.json(&json!({ "action": "hand_over" })).send()
    };
    assert!(take().await.expect(200).json()["sealed_identity"].is_string());
    take().await.problem(409, "illegal_transition");
}

#[tokio::test]
async fn an_approval_that_nobody_used_ends_after_seven_days() {
    let service = open().await;
    let given = service.report(&named_complaint()).await;
    let (officer, custodian) =
        (service.complaint_officer("somchai", &[]).await, service.person("malee", &[Role::Custodian], &[]).await);
    let found = officer.find(&given).await;
    let request = officer.ask(&found).await.expect(201).json();
    custodian.approve(&request).await.expect(200);
    let direct = Database::connect(&service.database_url).await.unwrap();
    let past = entity::identity_request::ActiveModel {
        id: Set(request["id"].as_str().unwrap().parse().unwrap()),
        expires_at: Set(Some(service.now())),
        ..Default::default()
    };
    past.update(&direct).await.unwrap();
    for (status, count) in [("expired", 1), ("approved", 0), ("approved,expired", 1), ("pending", 0)] {
        let path = format!("/v1/identity-requests?status={status}");
        let list = custodian.get(&path).send().await.expect(200).json();
        assert_eq!(list["items"].as_array().unwrap().len(), count, "{status}");
    }
    let path = format!("/v1/identity-requests/{}", request["id"].as_str().unwrap());
    assert_eq!(custodian.get(&path).send().await.expect(200).json()["status"], "expired");
    custodian.take_over(&request).await.problem(409, "illegal_transition");
    officer.ask(&found).await.expect(201);
}

#[tokio::test]
async fn nobody_asks_about_a_complaint_that_they_are_kept_out_of_or_that_is_anonymous() {
    let service = open().await;
    let chief = service.complaint_officer("chief", &[]).await;
    let found = chief.find(&service.report(&named_complaint()).await).await;
    let (accused, friend) =
        (service.complaint_officer("accused", &[]).await, service.person("friend", &[Role::Custodian], &[]).await);
    let custodian = service.person("malee", &[Role::Custodian], &[]).await;
    let request = accused.ask(&found).await.expect(201).json();
    chief.propose(&found, &[&accused.id, &friend.id]).await.expect(200);
    service.complaint_officer("second", &[]).await.decide_recusal(&found, "confirm").await.expect(200);
    // What was asked before is not approved either.
    custodian.approve(&request).await.problem(409, "illegal_transition");
    friend.approve(&request).await.problem(404, "not_found");
    let list = friend.get("/v1/identity-requests").send().await.expect(200).json();
    assert_eq!(list["items"], json!([]));
    custodian.decide(&request, json!({ "action": "deny", "text": "เป็นผู้ถูกร้อง" })).await.expect(200);
    accused.ask(&found).await.problem(404, "not_found");
    let builder = service.complaint_officer("builder", &["public-works"]).await;
    builder.ask(&found).await.problem(404, "not_found");
    let anonymous = chief.find(&service.report(&complaint()).await).await;
    assert_eq!(anonymous["anonymous"], true);
    chief.ask(&anonymous).await.problem(409, "anonymous");
}

#[tokio::test]
async fn without_custodians_names_are_refused_and_anonymous_complaints_are_not() {
    let service = spawn_with(Settings::default()).await;
    demo::fill(service.db()).await.unwrap();
    let refused = service.post("/v1/complaints").once().json(&named_complaint()).send().await;
    let problem = refused.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/reporter".to_owned(), "no_custodians".to_owned())]);
    service.report(&complaint()).await;
}

#[tokio::test]
async fn what_is_wrong_with_an_identity_is_named_and_not_repeated() {
    let service = open().await;
    for (field, value, code) in [
        ("full_name", " ", "blank"),
        ("full_name", "\u{202E}\u{200B}", "blank"),
        ("phone", "canary-phone", "bad_format"),
        ("email", "canary at example", "bad_format"),
        ("national_id", "1234567890122", "wrong_check_digit"),
        ("national_id", "1-2345-67890-12-2", "wrong_check_digit"),
    ] {
        let mut body = named_complaint();
        body["reporter"][field] = json!(value);
        let problem = service.post("/v1/complaints").once().json(&body).send().await.problem(422, "validation_failed");
        let told = faults(&problem);
        assert!(told.contains(&(format!("#/reporter/{field}"), code.to_owned())), "{told:?}");
        assert!(!problem.to_string().contains(value.trim()) || value == " ", "{problem}");
    }
}

#[tokio::test]
async fn a_box_that_was_put_in_anothers_place_is_found_in_the_audit_log() {
    let service = open().await;
    let given = service.report(&named_complaint()).await;
    let found = service.complaint_officer("somchai", &[]).await.find(&given).await;
    let empty = if on_postgres() { "'\\x00'::bytea" } else { "X'00'" };
    service.tamper(&[&format!("UPDATE sealed_identity SET sealed = {empty}")]).await;
    assert_eq!(
        verified(&service.export().await, None),
        [format!("record sealed-identities {}", found["id"].as_str().unwrap())]
    );
}

/// Everything that the service's own keys can decrypt.
async fn all_that_is_sealed_with_content_keys(database_url: &str, keys: &Path) -> String {
    let (vault, db) =
        (Vault::new(ContentKeys::read(keys).unwrap(), None), Database::connect(database_url).await.unwrap());
    let mut all = String::new();
    for key in entity::case_key::Entity::find().all(&db).await.unwrap() {
        let case = vault.open(&key).unwrap();
        for row in entity::complaint::Entity::find().all(&db).await.unwrap() {
            all += &case.open("complaint.subject", row.id, &row.subject).unwrap();
            all += &case.open("complaint.report", row.id, &row.report).unwrap();
        }
        for row in entity::case_event::Entity::find().all(&db).await.unwrap() {
            all.extend(row.text.map(|text| case.open("case_event.text", row.id, &text).unwrap()));
        }
        for row in entity::identity_request::Entity::find().all(&db).await.unwrap() {
            all += &case.open("identity_request.reason", row.id, &row.reason).unwrap();
            all.extend(row.answer.map(|text| case.open("identity_request.answer", row.id, &text).unwrap()));
        }
    }
    all
}

#[tokio::test]
async fn a_name_is_nowhere_on_the_disk_of_the_service_nor_in_what_it_can_decrypt() {
    let mut served = Served::start().await;
    let (url, http) = (served.database_url.clone(), reqwest::Client::new());
    let path = |name: &str| served.folder.path().join(name).to_str().unwrap().to_owned();
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/data/reference.json");
    done(run(&["import", "complaint-categories", data, "--database-url", &url]));
    let identity = json!({
        "full_name": "คานารี เหลืองอ่อน",
        "phone": "(089) 765-4321 #77",
        "email": "canary.reporter@example.org",
        "address": "123/45 ซอยนกขมิ้น\nชัยนาท",
        "national_id": "1101700230708",
    });
    let mut body = complaint();
    body["reporter"] = identity.clone();
    let send = async |body: &Value, key: &str| {
        let request = http.post(format!("{}/v1/complaints", served.address)).json(body);
        let answer = request.header("Idempotency-Key", key).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, given) = send(&body, "a-key-that-is-kept").await;
    assert_eq!(status, 201, "{given}");
    let mut told = given + &send(&body, "a-key-that-is-kept").await.1;
    for (field, value) in [("/kind", json!("misconduct")), ("/reporter/national_id", json!("1101700230709"))] {
        let mut faulty = body.clone();
        *faulty.pointer_mut(field).unwrap() = value;
        let (status, answer) = send(&faulty, &format!("a-key-of-a-refusal{field}")).await;
        assert_eq!(status, 422, "{answer}");
        told += &answer;
    }
    let token = |role: &str, subject: &str| {
        let arguments = ["token", "issue", "--role", role, "--subject", subject, "--signing-key", &served.key];
        done(run(&arguments)).trim().to_owned()
    };
    let (officer, custodian) = (token("complaint_officer", "somchai"), token("custodian", "malee"));
    let ask = async |method: reqwest::Method, path: &str, token: &str, body: Value| -> Value {
        let request = http.request(method, format!("{}{path}", served.address)).bearer_auth(token);
        let request = if body.is_null() { request } else { request.json(&body) };
        request.send().await.unwrap().json().await.unwrap()
    };
    let (get, post) = (reqwest::Method::GET, reqwest::Method::POST);
    let list = ask(get.clone(), "/v1/complaints", &officer, Value::Null).await;
    let requests = format!("/v1/complaints/{}/identity-requests", list["items"][0]["id"].as_str().unwrap());
    let request = ask(post.clone(), &requests, &officer, json!({ "reason": "ต้องนัดให้ถ้อยคำ" })).await;
    let steps = format!("/v1/identity-requests/{}/transitions", request["id"].as_str().unwrap());
    ask(post.clone(), &steps, &custodian, json!({ "action": "approve" })).await;
    let handed = ask(post, &steps, &custodian, json!({ "action": "hand_over" })).await;
    told += &[list, request, handed.clone()].map(|value| value.to_string()).concat();

    // While it runs, what was written may still be in the write-ahead log; then it is moved into the file.
    let mut database = contents(&url).await;
    if !on_postgres() {
        let direct = Database::connect(&url).await.unwrap();
        direct.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
        database.extend(contents(&url).await);
    }
    let decrypted = all_that_is_sealed_with_content_keys(&url, Path::new(&path("content.keys"))).await;
    let audit = done(run(&["audit", "export", "--database-url", &url]));
    let (key, content) = (path("one.key"), path("content.keys"));
    let (log_file, box_file) = (path("log"), path("box.age"));
    assert!(served.process.terminate());
    database.extend(contents(&url).await);
    let log = std::fs::read_to_string(log_file).unwrap();
    // The search finds what is there.
    assert!(is_in("เรียกรับเงินค่าอนุญาต", decrypted.as_bytes()) && is_in("somchai", &database));
    assert!(is_in("somchai", audit.as_bytes()) && is_in("/v1/complaints", log.as_bytes()));
    for secret in identity.as_object().unwrap().values() {
        let secret = secret.as_str().unwrap();
        for (place, text) in [
            ("log", log.as_bytes()),
            ("audit log", audit.as_bytes()),
            ("database", &database),
            ("decrypted texts", decrypted.as_bytes()),
            ("answers", told.as_bytes()),
        ] {
            assert!(!is_in(secret, text), "{secret} is in the {place}");
        }
    }

    // A custodian's key opens the box, with nothing of the service at hand; the service's own do not.
    let sealed = handed["sealed_identity"].as_str().unwrap();
    let opens = opened(sealed.as_bytes(), &std::fs::read_to_string(&key).unwrap());
    assert_eq!(opens["full_name"], identity["full_name"]);
    std::fs::write(&box_file, sealed).unwrap();
    for ours in [&content, &served.key, &path("audit.pem"), &path("custodians.txt")] {
        let output = run(&["identity", "open", "--key", ours, &box_file]);
        assert!(!output.status.success() && output.stdout.is_empty(), "{ours}");
    }
    // Two custodians, two keys that open it, and no third.
    let direct = Database::connect(&url).await.unwrap();
    let kept = entity::sealed_identity::Entity::find().one(&direct).await.unwrap().unwrap();
    let header = String::from_utf8_lossy(&kept.sealed).into_owned();
    assert_eq!(header.lines().filter(|line| line.starts_with("-> X25519 ")).count(), 2);
    assert_eq!(opened(&kept.sealed, &std::fs::read_to_string(&key).unwrap()), opens);
}

#[test]
fn a_custodians_key_is_as_age_keygen_makes_it() {
    need("age");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key").to_str().unwrap().to_owned();
    let public = done(run(&["keygen", "custodian", &file]));
    let stock = Command::new("age-keygen").args(["-y", &file]).output().unwrap();
    assert_eq!(String::from_utf8(stock.stdout).unwrap(), public);
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("# created: 2") && lines[0].ends_with('Z'), "{}", lines[0]);
    assert_eq!(lines[1], format!("# public key: {}", public.trim()));
    assert!(lines[2].starts_with("AGE-SECRET-KEY-1") && lines.len() == 3);
    assert!(!run(&["keygen", "custodian", &file]).status.success());
}

#[test]
fn a_box_that_cannot_be_opened_is_told_why() {
    need("age");
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let public = done(run(&["keygen", "custodian", &path("one.key")]));
    done(run(&["keygen", "custodian", &path("other.key")]));
    std::fs::write(path("text"), "x").unwrap();
    std::fs::write(path("plain"), "no identity").unwrap();
    let sealed = path("plain.age");
    let stock = Command::new("age").args(["-r", public.trim(), "-o", &sealed, &path("plain")]).status().unwrap();
    assert!(stock.success());
    for (key, file, told) in [
        ("other.key", "plain.age", "was not sealed to this key"),
        ("one.key", "plain.age", "is no identity"),
        ("one.key", "text", "age file"),
        ("one.key", "nowhere", "nowhere"),
        ("nowhere", "plain.age", "--key"),
        ("text", "plain.age", "is no secret key"),
    ] {
        let output = run(&["identity", "open", "--key", &path(key), &path(file)]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(told), "{key} {file}: {said}");
    }
    // From standard input, as it comes out of a pipe.
    std::fs::write(path("identity"), "{\"name\":\"สมหญิง\"}        ").unwrap();
    let sealed = Command::new("age").args(["-a", "-r", public.trim(), &path("identity")]).output().unwrap().stdout;
    std::fs::write(path("identity.age"), sealed).unwrap();
    let mut command = prongsai(&["identity", "open", "--key", &path("one.key")]);
    let piped = command.stdin(Stdio::from(std::fs::File::open(path("identity.age")).unwrap())).output().unwrap();
    assert_eq!(done(piped), "{\n  \"name\": \"สมหญิง\"\n}\n");
}

/// So that the walk over the document finds a request that can be decided about.
#[tokio::test]
async fn what_the_other_tests_begin_with_has_a_request_that_waits() {
    let service = spawn_filled().await;
    let custodian = service.person("malee", &[Role::Custodian], &[]).await;
    let list = custodian.get("/v1/identity-requests").send().await.expect(200).json();
    custodian.approve(&list["items"][0]).await.expect(200);
}
