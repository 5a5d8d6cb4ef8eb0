//! Worked examples: what happens on which day, and the dates and deadlines as a calculation by hand has them.

use chrono::{DateTime, TimeDelta, Utc};
use prongsai::domain::working_days::midnight;
use serde_json::{Value, json};

use crate::audit::verified;
use crate::complaints::Officer;
use crate::support::samples::lighting;
use crate::support::{Service, spawn_unused_at};

impl Service {
    /// Goes on to the morning of a day.
    fn until(&self, day: &str) {
        self.db().clock.set(morning(day));
    }
}

fn morning(day: &str) -> DateTime<Utc> {
    midnight(day.parse().unwrap()) + TimeDelta::hours(9)
}

impl Officer<'_> {
    async fn counts(&self, names: [&str; 3]) -> [Value; 3] {
        let work = self.work("").await;
        names.map(|name| work["counts"][name].clone())
    }
}

/// By hand: public lighting takes 5 working days. Of what is asked for on Thursday 3 December 2026 they are 4, 7, 8, 9 and 11 December: the 5th
/// and 6th are a weekend, the 10th is Constitution Day. So it is due on Friday the 11th. The clock stands still from Friday the 4th, after
/// one of the five days, and goes on on Monday the 14th, after 7, 8, 9, 11 and 14 December were waited: five days. The other four are the
/// 15th to the 18th. The reminder is a week after the 4th: the 11th.
#[tokio::test]
async fn an_incomplete_application() {
    let service = spawn_unused_at(morning("2026-12-03")).await;
    let officer = service.service_officer("somchai", &["public-works"]).await;
    let given = service.ask_for("public-lighting", &lighting()).await;
    assert_eq!(given["completion"]["due_on"], "2026-12-11");
    let found = officer.find_request(&given).await;

    service.until("2026-12-04");
    let ask = json!({ "action": "ask", "text": "โปรดส่งภาพถ่ายป้ายหมายเลขเสา", "answer_due_on": "2026-12-11" });
    let asked = officer.step_request(&found, ask).await.expect(200).json();
    assert_eq!(asked["status"], "awaiting_applicant");
    let completion = &asked["completion"];
    assert_eq!((&completion["due_on"], &completion["paused_on"]), (&json!(null), &json!("2026-12-04")));
    assert_eq!((&asked["answer_due_on"], &asked["reminder_on"]), (&json!("2026-12-11"), &json!("2026-12-11")));
    let seen = service.look_up_request(&given["receipt"]).await.expect(200).json();
    assert_eq!((&seen["awaits_answer"], &seen["answer_due_on"]), (&json!(true), &json!("2026-12-11")));
    let awaited = seen["awaited"]["th"].as_str().unwrap();
    assert!(awaited.contains("วันที่ 4 ธันวาคม 2569") && awaited.contains("ภายในวันที่ 11 ธันวาคม 2569"), "{awaited}");
    let waiting = ["awaiting_sender", "reminder_due", "awaiting_office"];
    service.until("2026-12-10");
    assert_eq!(officer.counts(waiting).await, [1, 0, 0]);
    service.until("2026-12-11");
    assert_eq!(officer.counts(waiting).await, [1, 1, 0]);
    let item = officer.work("?reminder_due=true&awaiting_sender=true").await["items"][0].clone();
    assert_eq!((&item["reminder_on"], &item["due_on"]), (&json!("2026-12-11"), &json!(null)));
    assert_eq!(officer.work("?overdue=true").await["items"], json!([]));

    service.until("2026-12-14");
    service.say("service-requests", &given["receipt"]).await;
    assert_eq!(officer.counts(waiting).await, [0, 0, 1]);
    let answered = officer.find_request(&given).await;
    assert_eq!((&answered["status"], &answered["answer_due_on"]), (&json!("in_progress"), &json!(null)));
    let completion = &answered["completion"];
    assert_eq!((&completion["due_on"], &completion["waited_working_days"]), (&json!("2026-12-18"), &json!(5)));
    assert_eq!(completion["holidays"], json!(["2026-12-10"]));

    service.until("2026-12-18");
    let complete = json!({ "action": "complete", "text": "เปลี่ยนหลอดแล้ว" });
    let completed = officer.step_request(&found, complete).await.expect(200).json();
    assert_eq!(
        (&completed["completion"]["met_on"], &completed["completion"]["overdue"]),
        (&json!("2026-12-18"), &json!(false))
    );
    let seen = service.look_up_request(&given["receipt"]).await.expect(200).json();
    let steps: Vec<_> = seen["timeline"].as_array().unwrap().iter().map(|event| &event["action"]).collect();
    assert_eq!(steps, ["complete", "answer", "ask", "receive"]);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

/// By hand: five working days after Wednesday 9 December 2026 are the 11th and the 14th to the 17th. On the 18th the request is late and no reason was told;
/// a week after the notice of the 18th is the 25th, a week after that of the 25th is 1 January 2027, and a week after that of Monday the 4th is the 11th.
#[tokio::test]
async fn a_late_application() {
    let service = spawn_unused_at(morning("2026-12-09")).await;
    let officer = service.service_officer("somchai", &["public-works"]).await;
    let given = service.ask_for("public-lighting", &lighting()).await;
    assert_eq!(given["completion"]["due_on"], "2026-12-17");
    let found = officer.find_request(&given).await;
    for action in ["accept", "start"] {
        officer.step_request(&found, json!({ "action": action })).await.expect(200);
    }
    let late = ["overdue", "delay_notice_due", "open"];
    // On its due day it is not late, and its applicant is told if it will be.
    service.until("2026-12-16");
    assert_eq!(officer.counts(late).await, [0, 0, 1]);
    service.until("2026-12-17");
    assert_eq!(officer.counts(late).await, [0, 1, 1]);
    let explain = json!({ "action": "explain_delay", "text": "รอหลอดไฟจากผู้ขาย คาดว่าจะแล้วเสร็จต้นเดือนมกราคม" });
    for (day, due_on, next) in [
        ("2026-12-18", "2026-12-17", "2026-12-25"),
        ("2026-12-25", "2026-12-25", "2027-01-01"),
        ("2027-01-04", "2027-01-01", "2027-01-11"),
    ] {
        service.until(day);
        assert_eq!(officer.counts(late).await, [1, 1, 1], "{day}");
        let item = officer.work("?delay_notice_due=true").await["items"][0].clone();
        assert_eq!((&item["delay_notice_due_on"], &item["due_on"]), (&json!(due_on), &json!("2026-12-17")));
        assert_eq!(officer.find_request(&given).await["delay_notice_due_on"], due_on);
        let explained = officer.step_request(&found, explain.clone()).await.expect(200).json();
        assert_eq!((&explained["status"], &explained["delay_notice_due_on"]), (&json!("in_progress"), &json!(next)));
        assert_eq!(officer.counts(late).await, [1, 0, 1], "{day}");
        let seen = service.look_up_request(&given["receipt"]).await.expect(200).json();
        assert_eq!(
            (&seen["delay_notice_due_on"], &seen["timeline"][0]["action"]),
            (&json!(next), &json!("explain_delay"))
        );
    }
    service.until("2027-01-08");
    let complete = json!({ "action": "complete", "text": "เปลี่ยนหลอดแล้ว" });
    let completed = officer.step_request(&found, complete).await.expect(200).json();
    assert_eq!(
        (&completed["completion"]["met_on"], &completed["delay_notice_due_on"]),
        (&json!("2027-01-08"), &json!(null))
    );
    // Who applied online reads the result at once.
    assert_eq!(completed["result_due_on"], json!(null));
    assert_eq!(officer.counts(late).await, [0, 0, 0]);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}
