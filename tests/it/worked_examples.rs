//! Worked examples: what happens on which day, and the dates and deadlines as a calculation by hand has them.

use chrono::{DateTime, TimeDelta, Utc};
use prongsai::auth::scope::Role;
use prongsai::domain::retention::Retention;
use prongsai::domain::working_days::midnight;
use serde_json::{Value, json};

use crate::audit::verified;
use crate::between_cases::compliment;
use crate::complaints::Officer;
use crate::conversions::{as_request, dark};
use crate::support::samples::{complaint, lighting};
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
    assert_eq!((&answered["status"], &answered["answer_due_on"]), (&json!("received"), &json!(null)));
    let completion = &answered["completion"];
    assert_eq!((&completion["due_on"], &completion["waited_working_days"]), (&json!("2026-12-18"), &json!(5)));
    assert_eq!(completion["holidays"], json!(["2026-12-10"]));

    service.until("2026-12-18");
    for action in ["accept", "start"] {
        officer.step_request(&found, json!({ "action": action })).await.expect(200);
    }
    let complete = json!({ "action": "complete", "text": "เปลี่ยนหลอดแล้ว" });
    let completed = officer.step_request(&found, complete).await.expect(200).json();
    assert_eq!(
        (&completed["completion"]["met_on"], &completed["completion"]["overdue"]),
        (&json!("2026-12-18"), &json!(false))
    );
    let seen = service.look_up_request(&given["receipt"]).await.expect(200).json();
    let steps: Vec<_> = seen["timeline"].as_array().unwrap().iter().map(|event| &event["action"]).collect();
    assert_eq!(steps, ["complete", "start", "accept", "answer", "ask", "receive"]);
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

/// By hand: a letter that came on Tuesday 1 December 2026 has to be answered in 15 days, on Wednesday the 16th. Sixty working days after
/// the 1st are 20 in December (without the 10th and the 31st), 20 in January (without the 1st) and 20 in February: Friday 26 February 2027.
/// It is kept for ten years from its end.
#[tokio::test]
async fn an_anonymous_letter() {
    let service = spawn_unused_at(morning("2026-12-03")).await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let mut letter = complaint();
    for (name, value) in [("channel", "letter"), ("received_on", "2026-12-01"), ("register_no", "ชน 52001/7")] {
        letter[name] = value.into();
    }
    let given = officer.post("/v1/complaints").once().json(&letter).send().await.expect(201).json();
    let found = officer.find(&given).await;
    let due = |found: &Value| ["first_answer", "conclusion"].map(|promise| found[promise]["due_on"].clone());
    assert_eq!((due(&found), &found["anonymous"]), ([json!("2026-12-16"), json!("2027-02-26")], &json!(true)));
    assert_eq!(found["conclusion"]["holidays"], json!(["2026-12-10", "2026-12-31", "2027-01-01"]));
    // Whoever wrote it was shown no notice.
    assert_eq!(found["notices"], json!([]));
    // It has neither evidence nor witnesses: the ready text says why it is not taken up.
    service.until("2026-12-16");
    let ready = service.get("/v1/guides/rejection-of-an-anonymous-complaint").send().await.expect(200).json();
    let reject = json!({ "action": "reject", "text": ready["text"] });
    let rejected = officer.step(&found, reject).await.expect(200).json();
    for promise in ["first_answer", "conclusion"] {
        let [met_on, overdue] = ["met_on", "overdue"].map(|field| rejected[promise][field].clone());
        assert_eq!((met_on, overdue), (json!("2026-12-16"), json!(false)), "{promise}");
    }
    assert_eq!(rejected["status"], "rejected");
    let kept = Retention::default().ends(["corruption.rejected"], "2026-12-16".parse().unwrap());
    assert_eq!(kept, "2036-12-16".parse().ok());
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

/// By hand: fifteen days after Monday 30 March 2026 is Tuesday 14 April, of Songkran, which ends on the 15th: Thursday the 16th. The answer
/// of the 20th is late, after 11 working days: 31 March, 1 to 3, 7 to 10, 16, 17 and 20 April. The 60th working day is 30 June, without
/// Chakri Day, Songkran, 4 May and 3 June; the end of 29 May is in time, after 39.
#[tokio::test]
async fn a_paper_of_last_year() {
    let service = spawn_unused_at(morning("2026-12-03")).await;
    service.record_from(json!({ "general": "2025-10-01" })).await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let paper = json!({
        "kind": "service",
        "category": "nuisance",
        "subject": "เสียงดังจากโรงงาน",
        "description": "เสียงดังทุกคืน",
        "channel": "walk_in",
        "received_on": "2026-03-30",
        "register_no": "31",
        "first_answered_on": "2026-04-20",
        "closing": { "status": "concluded", "closed_on": "2026-05-29", "outcome": "substantiated", "text": "สั่งปรับปรุงแล้ว" },
    });
    let given = officer.post("/v1/complaints").once().json(&paper).send().await.expect(201).json();
    let found = officer.find(&given).await;
    let (answer, conclusion) = (&found["first_answer"], &found["conclusion"]);
    assert_eq!((&answer["due_on"], &answer["met_on"]), (&json!("2026-04-16"), &json!("2026-04-20")));
    assert_eq!(answer["holidays"], json!(["2026-04-14", "2026-04-15"]));
    assert_eq!((&conclusion["due_on"], &conclusion["met_on"]), (&json!("2026-06-30"), &json!("2026-05-29")));
    let path = "/v1/statistics/complaints?fiscal_year=2569&period=month";
    let auditor = service.token(Role::Auditor);
    let year = service.get(path).token(&auditor).send().await.expect(200).json();
    let general = &year["current"]["by_group"][1];
    let months = general["periods"].as_array().unwrap().iter().filter(|month| month["total"] == 1);
    assert_eq!(months.map(|month| &month["starts_on"]).collect::<Vec<_>>(), ["2026-03-01"]);
    for (promise, days, share) in [("first_answer", 11, 0.0), ("conclusion", 39, 100.0)] {
        let figures = &general["breakdown"][promise];
        assert_eq!((&figures["median_days"], &figures["in_time_percent"]), (&json!(days), &json!(share)), "{promise}");
    }
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

/// By hand: fifteen days after Thursday 3 December 2026 is Friday the 18th, and five working days after Friday the 11th are the 14th to the
/// 18th. On the 14th the cabinet makes the 18th a holiday: both are due on Monday the 21st. What comes in on the 14th after that is due
/// after the 15th, 16th, 17th, 21st and 22nd; what was due on the 17th stays.
#[tokio::test]
async fn a_holiday_declared_late() {
    let service = spawn_unused_at(morning("2026-12-03")).await;
    let officer = service.person("somchai", &[Role::ComplaintOfficer, Role::ServiceOfficer], &[]).await;
    let reported = service.report(&complaint()).await;
    service.until("2026-12-09");
    let earlier = service.ask_for("public-lighting", &lighting()).await;
    service.until("2026-12-11");
    let asked = service.ask_for("public-lighting", &lighting()).await;
    let due = |of: &Value, promise: &str| of[promise]["due_on"].clone();
    assert_eq!(due(&reported, "first_answer"), "2026-12-18");
    assert_eq!([due(&earlier, "completion"), due(&asked, "completion")], ["2026-12-17", "2026-12-18"]);
    service.until("2026-12-14");
    let holiday = json!({ "date": "2026-12-18", "name": { "th": "วันหยุดพิเศษตามมติคณะรัฐมนตรี" } });
    service.post("/v1/holidays").token(&service.token(Role::Admin)).json(&holiday).send().await.expect(201);
    let later = service.ask_for("public-lighting", &lighting()).await;
    assert_eq!(due(&later, "completion"), "2026-12-22");
    for (given, expected) in [(&earlier, "2026-12-17"), (&asked, "2026-12-21")] {
        let seen = service.look_up_request(&given["receipt"]).await.expect(200).json();
        assert_eq!([due(&seen, "completion"), due(&officer.find_request(given).await, "completion")], [expected; 2]);
        assert_eq!(seen["timeline"][0]["action"] == "move_due_day", expected == "2026-12-21");
    }
    let seen = service.look_up(&reported["receipt"]).await.expect(200).json();
    assert_eq!([due(&seen, "first_answer"), due(&officer.find(&reported).await, "first_answer")], ["2026-12-21"; 2]);
    let told = &seen["timeline"][0];
    assert!(told["action"] == "move_due_day" && told["text"].as_str().unwrap().contains("21 ธันวาคม 2569"), "{told}");
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

/// By hand: 15 days after Friday 4 December 2026 are over on Saturday the 19th, so an appeal is possible until Monday the 21st (section 193/8 of
/// the Civil and Commercial Code). A case can be reopened for 30 days: until 3 January 2027.
#[tokio::test]
async fn each_end_tells_what_can_be_done_and_until_when() {
    let service = spawn_unused_at(morning("2026-12-04")).await;
    let clerk = service.service_officer("malee", &[]).await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let told = async |kind: &str, given: &Value| {
        let body = json!({ "receipt": given["receipt"] });
        let seen = service.post(&format!("/v1/{kind}/lookup")).json(&body).send().await.expect(200).json();
        let steps = seen["next_steps"].as_array().unwrap().iter();
        steps.map(|step| (step["text"].as_str().unwrap().to_owned(), step["ends_on"].clone())).collect::<Vec<_>>()
    };
    let refused = service.ask_for("public-lighting", &lighting()).await;
    assert_eq!(told("service-requests", &refused).await, []);
    let request = clerk.find_request(&refused).await;
    clerk.step_request(&request, json!({ "action": "reject", "text": "ที่เอกชน" })).await.expect(200);
    let seen = told("service-requests", &refused).await;
    let [appeal, reopening, always] = &seen[..] else { panic!("{seen:?}") };
    assert!(appeal.0.contains("อุทธรณ์") && appeal.0.contains("21 ธันวาคม 2569"), "{appeal:?}");
    assert!(reopening.0.contains("3 มกราคม 2570"), "{reopening:?}");
    assert_eq!((&appeal.1, &reopening.1, &always.1), (&json!("2026-12-21"), &json!("2027-01-03"), &json!(null)));

    let note = json!({ "action": "note", "text": "ขอบคุณสำหรับคำชมเชย" });
    let reject = json!({ "action": "reject", "text": "ไม่มีหลักฐาน" });
    for (sent, end, disagrees) in [(compliment(), note, false), (complaint(), reject, true)] {
        let given = service.report(&sent).await;
        officer.step(&officer.find(&given).await, end).await.expect(200);
        let seen = told("complaints", &given).await;
        assert_eq!(seen.iter().any(|(text, _)| text.contains("1205")), disagrees, "{seen:?}");
        assert!(seen.iter().any(|(text, until)| text.contains("3 มกราคม 2570") && until == "2027-01-03"), "{seen:?}");
    }

    let lamp = service.report(&dark()).await;
    let goes_on = officer.convert("complaints", &officer.find(&lamp).await, &as_request()).await.expect(201).json();
    let seen = told("complaints", &lamp).await;
    let [(text, until), (_, reopens)] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!(reopens, "2027-01-03");
    assert!(text.contains(goes_on["reference"].as_str().unwrap()) && until.is_null(), "{text}");

    // What is over is not offered.
    service.until("2027-01-04");
    let seen = told("service-requests", &refused).await;
    assert_eq!(seen.iter().map(|(_, until)| until).collect::<Vec<_>>(), [&json!(null)]);
}
