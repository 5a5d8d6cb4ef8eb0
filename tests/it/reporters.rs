//! What reporters do by receipt: see what they wrote, ask to reopen, rate, and give their name later.

use prongsai::auth::scope::Role;
use serde_json::{Value, json};

use crate::audit::verified;
use crate::complaints::open;
use crate::support::Service;
use crate::support::samples::{complaint, named_complaint};

impl Service {
    pub async fn by_receipt(&self, given: &Value, what: &str, mut body: Value) -> crate::support::Answer {
        body["receipt"] = given["receipt"].clone();
        self.post(&format!("/v1/complaints/lookup/{what}")).once().json(&body).send().await
    }

    async fn own(&self, given: &Value) -> Value {
        self.look_up(&given["receipt"]).await.expect(200).json()
    }
}

#[tokio::test]
async fn a_reporter_sees_what_they_wrote_the_notices_and_what_they_can_still_do() {
    let service = open().await;
    let sent = complaint();
    let given = service.report(&sent).await;
    let seen = service.own(&given).await;
    for field in ["subject", "description"] {
        assert_eq!(seen[field], sent[field], "{field}");
    }
    let notice = json!({ "code": "privacy-notice", "version": 1 });
    assert!(seen["notices"].as_array().unwrap().contains(&notice), "{seen}");
    assert_eq!(seen["next_steps"], json!([]));
    // A new version is not that which they were shown.
    let editor = service.token(Role::Editor);
    let changed = json!({ "text": "ฉบับใหม่" });
    let change = service.patch("/v1/guides/privacy-notice").token(&editor).header("If-Match", "*").json(&changed);
    change.send().await.expect(200);
    assert_eq!(service.own(&given).await["notices"], seen["notices"]);
    service.withdraw(&given).await;
    let next = service.own(&given).await["next_steps"].clone();
    let titles: Vec<_> = next.as_array().unwrap().iter().map(|step| &step["title"]["en"]).collect();
    assert_eq!(titles, ["Ask to reopen the complaint", "Rate how you were treated", "When a complaint is closed"]);
    let officer = service.complaint_officer("somchai", &[]).await;
    assert_eq!(officer.find(&given).await["notices"], seen["notices"]);
}

#[tokio::test]
async fn a_reopening_is_asked_for_and_decided_and_moves_no_clock() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let given = service.report(&complaint()).await;
    let wish = json!({ "text": "มีพยานใหม่" });
    let ask = || service.by_receipt(&given, "reopening", wish.clone());
    ask().await.problem(409, "illegal_transition");
    let found = officer.find(&given).await;
    officer.steps(&found, &["accept", "investigate"]).await;
    officer
        .step(&found, json!({ "action": "decline_reopening", "text": "ไม่" }))
        .await
        .problem(409, "illegal_transition");
    let conclusion = json!({ "action": "conclude", "outcome": "unsubstantiated", "text": "ไม่พบหลักฐาน" });
    let closed = officer.step(&found, conclusion).await.expect(200).json();
    let refused = officer.step(&found, json!({ "action": "accept" })).await.problem(409, "illegal_transition");
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.ends_with("ขั้นตอนที่ทำได้คือ \"นำกลับมาดำเนินการใหม่\""), "{detail}");
    officer
        .step(&found, json!({ "action": "decline_reopening", "text": "ไม่" }))
        .await
        .problem(409, "illegal_transition");
    assert_eq!(service.own(&given).await["takes_reopening_request"], true);
    let asked = ask().await.expect(200).json();
    assert_eq!((&asked["status"], &asked["takes_reopening_request"]), (&json!("concluded"), &json!(false)));
    assert_eq!(asked["conclusion"], service.own(&given).await["conclusion"]);
    ask().await.problem(409, "illegal_transition");
    let listed = officer.find(&given).await;
    assert_eq!(listed["reopening_requested_on"], asked["reopening_requested_on"]);
    assert_eq!(listed["conclusion"], closed["conclusion"]);
    officer.step(&found, json!({ "action": "decline_reopening" })).await.problem(422, "validation_failed");
    let decline = json!({ "action": "decline_reopening", "text": "พยานเคยให้ถ้อยคำแล้ว" });
    officer.step(&found, decline).await.expect(200);
    assert_eq!(service.own(&given).await["reopening_requested_on"], Value::Null);
    ask().await.expect(200);
    let reopened = officer.step(&found, json!({ "action": "reopen", "text": "พบพยานใหม่" })).await.expect(200).json();
    let wish = &reopened["reopening_requested_on"];
    assert_eq!((&reopened["status"], wish), (&json!("investigating"), &Value::Null));
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn a_closed_complaint_is_rated_at_most_five_times() {
    let service = open().await;
    let given = service.report(&complaint()).await;
    let rate = |rating: i32| service.by_receipt(&given, "rating", json!({ "rating": rating, "text": "สุภาพ" }));
    rate(5).await.problem(409, "illegal_transition");
    rate(6).await.problem(422, "validation_failed");
    service.withdraw(&given).await;
    for (rating, left) in [(1, 4), (2, 3), (3, 2), (4, 1), (5, 0)] {
        let rated = rate(rating).await.expect(200).json();
        assert_eq!(rated, json!({ "rating": rating, "changes_left": left }));
    }
    rate(1).await.problem(409, "illegal_transition");
    let seen = service.own(&given).await;
    assert_eq!((&seen["rating"], &seen["takes_rating"]), (&json!(5), &json!(false)));
    let officer = service.complaint_officer("somchai", &[]).await;
    assert_eq!(officer.find(&given).await["rating"], 5);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn a_name_given_later_is_sealed_like_one_that_came_at_once() {
    let service = open().await;
    let given = service.report(&complaint()).await;
    let identity = named_complaint()["reporter"].clone();
    let give = |given: &Value, reporter: &Value| {
        let (service, given, body) = (&service, given.clone(), json!({ "reporter": reporter }));
        async move { service.by_receipt(&given, "identity", body).await }
    };
    let problem = give(&given, &json!({ "full_name": "" })).await.problem(422, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "#/reporter/full_name");
    let seen = give(&given, &identity).await.expect(200).json();
    assert_eq!(seen["anonymous"], false);
    assert_eq!(seen["timeline"][0]["action"], "give_identity");
    assert!(!seen.to_string().contains(identity["full_name"].as_str().unwrap()));
    give(&given, &identity).await.problem(409, "illegal_transition");
    let officer = service.complaint_officer("somchai", &[]).await;
    let found = officer.find(&given).await;
    officer.ask(&found).await.expect(201);
    let other = service.report(&complaint()).await;
    service.withdraw(&other).await;
    let refused = give(&other, &identity).await.problem(409, "illegal_transition");
    assert!(refused["detail"].as_str().unwrap().contains("จึงแจ้งชื่อภายหลังไม่ได้"), "{refused}");
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}
