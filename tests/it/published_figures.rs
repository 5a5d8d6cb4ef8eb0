//! Published statistics, which both verifiers recompute from the audit log.

use chrono::{Months, TimeDelta};
use entity::publication_content;
use prongsai::crypto::signed_note::Verifier;
use prongsai::domain::fiscal_year::FiscalYear;
use prongsai::domain::retention::Retention;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::audit::{judged, verified};
use crate::complaints::open;
use crate::publications::Signers;
use crate::support::samples::{complaint, lighting};
use crate::support::{Service, audit_key};

impl Signers<'_> {
    /// Drafts statistics of this year and submits them; gives the address of the version.
    async fn submitted_statistics(&self, subject: &str, reason: Value) -> String {
        let year = FiscalYear::current(self.preparer.service.now()).number();
        self.preparer.service.set_frame(year, &subject.replace('_', "-")).await;
        let draft = json!({ "fiscal_year": year, "subject": subject, "reason": reason });
        let draft = self.preparer.post("/v1/publications").json(&draft).send().await.expect(201);
        // The year is not over.
        let submit = json!({ "action": "submit", "override_reason": "ปีงบประมาณยังไม่สิ้นสุด" });
        self.preparer.take(draft.header("location"), submit).await.expect(200);
        draft.header("location").to_owned()
    }

    /// Publishes statistics of this year; gives where they are.
    async fn publish_statistics(&self, subject: &str, reason: Value) -> String {
        let address = self.submitted_statistics(subject, reason).await;
        self.clerk.do_(&address, "sign").await.expect(200);
        let published = self.mayor.do_(&address, "sign").await.expect(200).json();
        let files = published["files"].as_array().unwrap();
        files.iter().find(|file| file["format"] == "json").unwrap()["url"].as_str().unwrap().to_owned()
    }
}

impl Service {
    async fn pass(&self, days: i64) {
        self.db().clock.set(self.now() + TimeDelta::days(days));
    }
}

/// The record of a published file in JSON, as findings have it.
fn file(export: &str, published: &Value) -> String {
    let mut lines = export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text_of = |line: &Value| serde_json::from_str::<Value>(line["document"]["text"].as_str()?).ok();
    let file = lines.find(|line| text_of(line).as_ref() == Some(published)).unwrap();
    format!("record publication-files {}", file["record"].as_str().unwrap())
}

fn summary(export: &str) -> String {
    let key = Verifier::of(&audit_key(), "prongsai");
    prongsai::audit::verify::verify(export.as_bytes(), &key, None).unwrap().summary()
}

#[tokio::test]
async fn published_figures_are_those_of_the_log_whatever_happened_to_the_cases_since() {
    let service = open().await;
    let signers = service.signers().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let clerk = service.service_officer("malee", &[]).await;
    let feedback = json!({ "kind": "feedback", "category": "suggestion" });
    let corruption = json!({ "kind": "corruption", "category": "bribery" });
    let closed = service.report(&complaint()).await;
    service.withdraw(&closed).await;
    let mut given = Vec::new();
    for _ in 0..4 {
        given.push(service.report(&complaint()).await);
    }
    let [refiled_before, refiled_twice, refiled_after, open_then] = &given[..] else { unreachable!() };
    officer.correct(refiled_before, feedback.clone()).await.expect(200);
    for kind in [&feedback, &corruption] {
        officer.correct(refiled_twice, kind.clone()).await.expect(200);
    }
    let mut asked = Vec::new();
    for _ in 0..3 {
        asked.push(service.ask_for("public-lighting", &lighting()).await);
    }
    let reopen = json!({ "action": "reopen", "text": "ไฟดับอีก" });
    for request in &asked[..2] {
        clerk.complete(&clerk.find_request(request).await).await;
    }
    clerk.step_request(&clerk.find_request(&asked[1]).await, reopen.clone()).await.expect(200);
    service.pass(1).await;
    // Not in the figures of the last midnight.
    service.report(&complaint()).await;
    service.ask_for("public-lighting", &lighting()).await;
    let complaints = signers.publish_statistics("complaint_statistics", json!(null)).await;
    let requests = signers.publish_statistics("service_statistics", json!(null)).await;
    let figures = async |address: &str| {
        let published = service.get(address).send().await.expect(200).json();
        ["total", "finished_count", "in_progress_count"].map(|name| published[name].as_u64().unwrap())
    };
    assert_eq!((figures(&complaints).await, figures(&requests).await), ([4, 1, 3], [3, 1, 2]));
    // What happens later changes nothing of it.
    officer.correct(refiled_after, feedback).await.expect(200);
    officer.correct(refiled_before, corruption).await.expect(200);
    service.withdraw(open_then).await;
    clerk.step_request(&clerk.find_request(&asked[0]).await, reopen).await.expect(200);
    clerk.complete(&clerk.find_request(&asked[2]).await).await;
    let export = service.export().await;
    assert_eq!(verified(&export, None), Vec::<String>::new());
    assert!(summary(&export).ends_with("; 2 published statistics were recomputed"), "{}", summary(&export));
    // Nor does the destruction of a case.
    service.close_on(&closed, service.today() - Months::new(11 * 12)).await;
    assert_eq!(service.retain(&Retention::default()).await, 1);
    assert_eq!(officer.find(&closed).await["status"], "withdrawn");
    let export = service.export().await;
    let judgement = judged(&export, None, &Verifier::of(&audit_key(), "prongsai"));
    assert_eq!((judgement.places, judgement.destroyed.len()), (Vec::new(), 1));
    assert!(summary(&export).ends_with("; 2 published statistics were recomputed"), "{}", summary(&export));
}

/// An export in which a published figure is another.
fn with_figure(export: &str, subject: &str, pointer: &str, figure: &Value) -> String {
    let line = |line: &str| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        if line["kind"] == "record"
            && let Some(text) = line["document"]["text"].as_str()
        {
            let mut published: Value = serde_json::from_str(text).unwrap();
            if published["subject"] == subject {
                *published.pointer_mut(pointer).unwrap() = figure.clone();
                line["document"]["text"] = published.to_string().into();
            }
        }
        line.to_string()
    };
    export.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn each_figure_that_is_false_is_found() {
    let service = open().await;
    let signers = service.signers().await;
    // Enough that channels are not suppressed.
    for _ in 0..6 {
        service.ask_for("public-lighting", &lighting()).await;
    }
    service.report(&complaint()).await;
    service.pass(1).await;
    signers.publish_statistics("complaint_statistics", json!(null)).await;
    let requests = signers.publish_statistics("service_statistics", json!(null)).await;
    let published = service.get(&requests).send().await.expect(200).json();
    let place = |list: &str, field: &str, value: &str| {
        published[list].as_array().unwrap().iter().position(|one| one[field] == value).unwrap()
    };
    let month = published["months"].as_array().unwrap().iter().position(|month| month["total"] == 6).unwrap();
    let key = published["months"][month]["key"].as_str().unwrap();
    let (service_at, web) = (place("services", "code", "public-lighting"), place("channels", "value", "web"));
    let export = service.export().await;
    let verifier = Verifier::of(&audit_key(), "prongsai");
    let false_figures = |subject: &str, pointer: &str, figure: Value| {
        judged(&with_figure(&export, subject, pointer, &figure), None, &verifier).false_figures
    };
    let of = |subject: &str, figures: &[(String, Value, String)]| {
        for (pointer, figure, finding) in figures {
            let found = false_figures(subject, pointer, figure.clone());
            assert!(found.len() == 1 && found[0].ends_with(finding), "{pointer}: {found:?}");
        }
    };
    of(
        "service_statistics",
        &[
            ("/total".to_owned(), json!(7), ": total is 7, the log has 6".to_owned()),
            ("/finished_count".to_owned(), json!(6), ": finished_count is 6, the log has 0".to_owned()),
            (format!("/months/{month}/total"), json!(0), format!("{key}: total is 0, the log has 6")),
            (
                format!("/months/{month}/in_progress_count"),
                json!(null),
                format!("{key}: in_progress_count is null, the log has 6"),
            ),
            (
                format!("/services/{service_at}/total"),
                json!(60),
                "public-lighting: total is 60, the log has 6".to_owned(),
            ),
            (
                format!("/services/{service_at}/months/{month}/total"),
                json!(5),
                format!("public-lighting {key}: total is 5, the log has 6"),
            ),
            (format!("/channels/{web}/total"), json!(4), "web: total is 4, the log has 6".to_owned()),
        ],
    );
    of(
        "complaint_statistics",
        &[
            ("/total".to_owned(), json!(0), ": total is 0, the log has 1".to_owned()),
            (format!("/months/{month}/total"), json!(2), format!("{key}: total is 2, the log has 1")),
        ],
    );
    // Figures of another day are refused, whatever they are.
    let old = with_figure(&export, "complaint_statistics", "/as_of", &json!("2000-01-01T17:00:00Z"));
    let findings = prongsai::audit::verify::verify(old.as_bytes(), &verifier, None).unwrap().findings;
    assert!(
        findings.iter().any(|it| it.ends_with("are not those of the midnight before it was drafted")),
        "{findings:?}"
    );
    assert_eq!(judged(&old, None, &verifier).places.len(), 1);
}

/// Whoever has the database can change a draft between two signatures, and everything that the service compares it with.
#[tokio::test]
async fn a_draft_that_is_changed_before_it_is_signed_is_found() {
    let service = open().await;
    let signers = service.signers().await;
    service.report(&complaint()).await;
    service.pass(1).await;
    let address = signers.submitted_statistics("complaint_statistics", json!(null)).await;
    let frozen = publication_content::Entity::find().one(service.db().reader()).await.unwrap().unwrap().report;
    let changed = frozen.replace("\"total\":1", "\"total\":0");
    assert_ne!(frozen, changed);
    let hash = data_encoding::HEXLOWER.encode(&prongsai::domain::merkle::sha256(&[changed.as_bytes()]));
    let quoted = changed.replace('\'', "''");
    service.run(&format!("UPDATE publication_content SET report = '{quoted}'")).await;
    service.run(&format!("UPDATE publication SET content_sha256 = '{hash}'")).await;
    signers.clerk.do_(&address, "sign").await.expect(200);
    signers.mayor.do_(&address, "sign").await.expect(200);
    let places = verified(&service.export().await, None);
    // Both later signatures are about another content, and the figures are false.
    assert_eq!(places.iter().filter(|place| place.starts_with("event ")).count(), 2, "{places:?}");
    assert_eq!(places.iter().filter(|place| place.starts_with("record publication-files ")).count(), 1, "{places:?}");
}

#[tokio::test]
async fn a_statement_of_none_is_recomputed() {
    let service = open().await;
    let signers = service.signers().await;
    service.record_from(json!({ "integrity": "2024-01-01" })).await;
    service.set_frame(2567, "complaint-statistics").await;
    let state = json!({ "fiscal_year": 2567, "subject": "complaint_statistics", "no_complaints_in": "2567-Q3", "reason": null });
    let draft = signers.preparer.post("/v1/publications").json(&state).send().await.expect(201);
    let address = draft.header("location");
    signers.preparer.do_(address, "submit").await.expect(200);
    signers.clerk.do_(address, "sign").await.expect(200);
    signers.mayor.do_(address, "sign").await.expect(200);
    let export = service.export().await;
    assert_eq!(verified(&export, None), Vec::<String>::new());
    assert!(summary(&export).ends_with("; 1 published statistics were recomputed"), "{}", summary(&export));
    let some = with_figure(&export, "complaint_statistics", "/complaint_count", &json!(1));
    let judgement = judged(&some, None, &Verifier::of(&audit_key(), "prongsai"));
    assert!(
        judgement.false_figures[0].ends_with(": complaint_count is 1, the log has 0"),
        "{:?}",
        judgement.false_figures
    );
}

/// Publishes a statement, or statistics, of a part of 2567; gives the export then.
async fn published_of_2567(service: &Service, none_in: Option<&str>) -> String {
    let signers = service.signers().await;
    service.set_frame(2567, "complaint-statistics").await;
    let draft = json!({ "fiscal_year": 2567, "subject": "complaint_statistics", "no_complaints_in": none_in });
    let draft = signers.preparer.post("/v1/publications").json(&draft).send().await.expect(201);
    let address = draft.header("location");
    let submit = json!({ "action": "submit", "override_reason": "บันทึกไม่ครบทั้งปี" });
    match none_in {
        Some(_) => signers.preparer.do_(address, "submit").await.expect(200),
        None => signers.preparer.take(address, submit).await.expect(200),
    };
    signers.clerk.do_(address, "sign").await.expect(200);
    signers.mayor.do_(address, "sign").await.expect(200);
    service.export().await
}

#[tokio::test]
async fn what_was_not_recorded_is_null_whatever_the_log_has_of_it() {
    let service = open().await;
    service.report(&complaint()).await;
    service.report(&complaint()).await;
    // One came in December and one in April, as it were.
    for (number, month) in [(0, ("2023-12-05", 3)), (1, ("2024-04-05", 7))] {
        let one = format!("(SELECT id FROM complaint ORDER BY id LIMIT 1 OFFSET {number})");
        let (day, month) = month;
        service.run(&format!("UPDATE complaint SET received_on = '{day}', fiscal_year = 2567 WHERE id = {one}")).await;
        service.run(&format!("UPDATE case_state SET fiscal_year = 2567, month = {month} WHERE case_id = {one}")).await;
    }
    let tally = "SELECT subject, 2567, 3, REPLACE(tally, ':2', ':1'), day, before FROM case_tally";
    service.run("UPDATE case_tally SET fiscal_year = 2567, month = 7, tally = REPLACE(tally, ':2', ':1'), day = '2000-01-01'").await;
    service.run(&format!("INSERT INTO case_tally (subject, fiscal_year, month, tally, day, before) {tally}")).await;
    service.record_from(json!({ "integrity": "2024-04-01" })).await;
    service.pass(1).await;
    let export = published_of_2567(&service, None).await;
    let published =
        service.get("/v1/publications/2567/complaint-statistics/latest.json").send().await.expect(200).json();
    assert_eq!((&published["total"], &published["months"][2]["total"]), (&json!(1), &json!(null)));
    assert_eq!(
        (&published["coverage"], &published["recorded_from"]),
        (&json!("partly_recorded"), &json!("2024-04-01"))
    );
    // The dates of the two were changed behind the log's back, and that is all that is wrong.
    let judge = |export: &str| judged(export, None, &Verifier::of(&audit_key(), "prongsai"));
    let judgement = judge(&export);
    assert!(judgement.false_figures.is_empty() && judgement.places.len() == 2, "{:?}", judgement.places);
    let hidden = with_figure(&export, "complaint_statistics", "/months/6/total", &json!(null));
    assert!(judge(&hidden).false_figures[0].contains("2567-M07: total is null, the log has 1"));
    let more = with_figure(&export, "complaint_statistics", "/total", &json!(2));
    assert!(judge(&more).false_figures[0].contains(": total is 2, the log has 1"));
    for (pointer, figure) in [
        ("/months/2/total", json!(0)),
        ("/months/2/total", json!(1)),
        ("/coverage", json!("recorded")),
        ("/recorded_from", json!("2023-10-01")),
        ("/recorded_until", json!("2024-08-31")),
        ("/months/2/coverage", json!("recorded")),
        ("/months/2/recorded_from", json!("2023-12-01")),
        ("/months/7/recorded_from", json!(null)),
        ("/months/7/recorded_until", json!("2024-05-30")),
    ] {
        let forged = judge(&with_figure(&export, "complaint_statistics", pointer, &figure));
        assert_eq!(forged.places.len(), 3, "{pointer}: {:?}", forged.places);
    }
    let said = with_figure(&export, "complaint_statistics", "/statement", &json!("ไม่มีเรื่องร้องเรียน"));
    let findings = prongsai::audit::verify::verify(said.as_bytes(), &Verifier::of(&audit_key(), "prongsai"), None);
    let findings = findings.unwrap().findings;
    assert!(
        findings.iter().any(|it| it.ends_with("says that there were none, of days that were not recorded")),
        "{findings:?}"
    );
    assert_eq!(judge(&said).places.len(), 3);
}

#[tokio::test]
async fn what_is_recorded_from_the_day_of_the_draft_on_is_not_of_the_midnight_before() {
    let service = open().await;
    service.db().clock.set("2024-04-01T03:00:00Z".parse().unwrap());
    service.record_from(json!({ "integrity": "2024-04-01" })).await;
    let export = published_of_2567(&service, None).await;
    assert_eq!(verified(&export, None), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_stated_on_the_day_of_the_draft_is_not_of_the_midnight_before() {
    let service = open().await;
    service.record_from(json!({ "integrity": null })).await;
    service.pass(1).await;
    service.record_from(json!({ "integrity": "2023-10-01" })).await;
    let export = published_of_2567(&service, None).await;
    assert_eq!(verified(&export, None), Vec::<String>::new());
    let published =
        service.get("/v1/publications/2567/complaint-statistics/latest.json").send().await.expect(200).json();
    assert_eq!((&published["coverage"], &published["total"]), (&json!("not_recorded"), &json!(null)));
    let forged = with_figure(&export, "complaint_statistics", "/coverage", &json!("recorded"));
    assert_eq!(judged(&forged, None, &Verifier::of(&audit_key(), "prongsai")).places.len(), 1);
}

#[tokio::test]
async fn a_statement_of_days_that_were_not_recorded_is_found_and_one_of_those_that_were_stays_right() {
    let service = open().await;
    service.record_from(json!({ "integrity": "2024-04-01" })).await;
    let export = published_of_2567(&service, Some("2567-Q3")).await;
    assert_eq!(verified(&export, None), Vec::<String>::new());
    // It was right when it was drafted.
    service.pass(1).await;
    service.record_from(json!({ "integrity": null })).await;
    let export = service.export().await;
    assert_eq!(verified(&export, None), Vec::<String>::new());
    let earlier = with_figure(&export, "complaint_statistics", "/starts_on", &json!("2024-01-01"));
    assert_eq!(judged(&earlier, None, &Verifier::of(&audit_key(), "prongsai")).places.len(), 1);
}

#[tokio::test]
async fn false_figures_are_found_although_the_service_has_published_them() {
    let service = open().await;
    let signers = service.signers().await;
    service.report(&complaint()).await;
    service.pass(1).await;
    // Whoever has the database hides a case in a year that nobody looks at.
    let hidden = "UPDATE case_tally SET fiscal_year = 2560 WHERE subject = 'complaints-integrity'";
    service.run(hidden).await;
    let address = signers.publish_statistics("complaint_statistics", json!(null)).await;
    let published = service.get(&address).send().await.expect(200).json();
    assert_eq!(published["total"], 0);
    let export = service.export().await;
    let expected = [file(&export, &published)];
    assert_eq!(verified(&export, None), expected);
    // The correction is right, and what was published before stays wrong.
    let year = FiscalYear::current(service.now()).number();
    service.run(&hidden.replace("2560", &year.to_string())).await;
    signers.publish_statistics("complaint_statistics", json!("แก้ไขจำนวนที่ผิด")).await;
    assert_eq!(verified(&service.export().await, None), expected);
}
