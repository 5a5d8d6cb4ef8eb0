//! Published statistics, which both verifiers recompute from the audit log.

use chrono::TimeDelta;
use prongsai::crypto::signed_note::Verifier;
use prongsai::domain::fiscal_year::FiscalYear;
use prongsai::domain::retention::Retention;
use serde_json::{Value, json};

use crate::audit::{judged, verified};
use crate::complaints::open;
use crate::publications::Signers;
use crate::support::samples::{complaint, lighting};
use crate::support::{Service, audit_key};

impl Signers<'_> {
    /// Publishes statistics of this year; gives where they are.
    async fn publish_statistics(&self, subject: &str, reason: Value) -> String {
        let service = self.preparer.service;
        let year = FiscalYear::current(service.now()).number();
        let (frame, address) = (subject.replace('_', "-"), format!("/v1/report-frames/2567/integrity-measures-report"));
        let memo = self.preparer.get(&address).send().await.expect(200).json()["memo"].clone();
        let path = format!("/v1/report-frames/{year}/{frame}");
        service.change(&path, &json!({ "memo": memo })).await;
        let draft = json!({ "fiscal_year": year, "subject": subject, "reason": reason });
        let draft = self.preparer.post("/v1/publications").json(&draft).send().await.expect(201);
        let address = draft.header("location");
        // The year is not over.
        let submit = json!({ "action": "submit", "override_reason": "ปีงบประมาณยังไม่สิ้นสุด" });
        self.preparer.take(address, submit).await.expect(200);
        self.clerk.do_(address, "sign").await.expect(200);
        self.mayor.do_(address, "sign").await.expect(200);
        format!("/v1/publications/{year}/{frame}/latest.json")
    }
}

impl Service {
    async fn pass(&self, days: i64) {
        self.db().clock.set(self.now() + TimeDelta::days(days));
    }

    /// The record of the published file in JSON, as findings have it.
    async fn file(&self, export: &str, text: &Value) -> String {
        let lines = export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let is_it = |line: &Value| {
            let text_of = |line: &Value| serde_json::from_str::<Value>(line["document"]["text"].as_str()?).ok();
            line["kind"] == "record" && text_of(line).as_ref() == Some(text)
        };
        let file = lines.filter(is_it).last().unwrap();
        format!("record publication-files {}", file["record"].as_str().unwrap())
    }
}

fn summary(export: &str) -> String {
    let key = Verifier::of(&audit_key(), "prongsai");
    prongsai::audit::verify::verify(export.as_bytes(), &key, None).unwrap().summary()
}

#[tokio::test]
async fn published_figures_are_those_of_the_log_whatever_happened_to_the_cases_since() {
    let service = open().await;
    let signers = service.signers().await;
    let (officer, clerk) =
        (service.complaint_officer("somchai", &[]).await, service.service_officer("malee", &[]).await);
    let feedback = json!({ "kind": "feedback", "category": "suggestion" });
    let [closed, refiled_before, refiled_after, open_then] = [
        service.old_complaint().await,
        service.report(&complaint()).await,
        service.report(&complaint()).await,
        service.report(&complaint()).await,
    ];
    officer.correct(&refiled_before, feedback.clone()).await.expect(200);
    let [done, open_request] =
        [service.ask_for("public-lighting", &lighting()).await, service.ask_for("public-lighting", &lighting()).await];
    clerk.complete(&clerk.find_request(&done).await).await;
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
    assert_eq!((figures(&complaints).await, figures(&requests).await), ([3, 1, 2], [2, 1, 1]));
    // What happens later changes nothing of it.
    officer.correct(&refiled_after, feedback).await.expect(200);
    service.withdraw(&open_then).await;
    clerk.complete(&clerk.find_request(&open_request).await).await;
    let reopen = json!({ "action": "reopen", "text": "ไฟดับอีก" });
    clerk.step_request(&clerk.find_request(&done).await, reopen).await.expect(200);
    let export = service.export().await;
    assert_eq!(verified(&export, None), Vec::<String>::new());
    assert!(summary(&export).ends_with("; 2 published statistics were recomputed"), "{}", summary(&export));
    // Nor does the destruction of a case.
    assert_eq!(service.retain(&Retention::default()).await, 1);
    assert_eq!(officer.find(&closed).await["status"], "withdrawn");
    let export = service.export().await;
    let judgement = judged(&export, None, &Verifier::of(&audit_key(), "prongsai"));
    assert_eq!((judgement.places, judgement.destroyed.len()), (Vec::new(), 1));
    assert!(summary(&export).ends_with("; 2 published statistics were recomputed"), "{}", summary(&export));
}

#[tokio::test]
async fn false_figures_are_found_although_they_were_published_by_the_service() {
    let service = open().await;
    let signers = service.signers().await;
    service.report(&complaint()).await;
    service.ask_for("public-lighting", &lighting()).await;
    service.pass(1).await;
    let mut found = Vec::new();
    for (subject, counted) in
        [("complaint_statistics", "complaints-integrity"), ("service_statistics", "service-requests/public-lighting")]
    {
        // Whoever has the database hides a case in a year that nobody looks at.
        service.run(&format!("UPDATE case_tally SET fiscal_year = 2560 WHERE subject = '{counted}'")).await;
        let address = signers.publish_statistics(subject, json!(null)).await;
        let published = service.get(&address).send().await.expect(200).json();
        found.push(service.file(&service.export().await, &published).await);
        let places = verified(&service.export().await, None);
        let mut expected = found.clone();
        expected.sort();
        assert_eq!(places, expected);
        // The correction is right, and what was published before stays wrong.
        service
            .run(&format!(
                "UPDATE case_tally SET fiscal_year = {} WHERE subject = '{counted}'",
                FiscalYear::current(service.now()).number()
            ))
            .await;
        signers.publish_statistics(subject, json!("แก้ไขจำนวนที่ผิด")).await;
        assert_eq!(verified(&service.export().await, None), expected);
    }
}
