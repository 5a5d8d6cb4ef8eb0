//! The units that new complaints come to: one for corruption and misconduct, one for all others.

use std::collections::HashMap;

use prongsai::app::import;
use prongsai::auth::scope::Role;
use serde_json::{Value, json};

use crate::audit::verified;
use crate::between_cases::compliment;
use crate::complaints::{Officer, open};
use crate::support::samples::complaint;
use crate::support::{Answer, Service, faults, hold_commits};

/// Each kind, with a category.
const KINDS: [(&str, &str); 4] =
    [("corruption", "bribery"), ("misconduct", "abuse-of-power"), ("service", "nuisance"), ("feedback", "compliment")];

impl Service {
    /// Names the units that new complaints come to.
    async fn take_in(&self, integrity: Option<&str>, general: Option<&str>) {
        let units = json!({ "intake_units": { "integrity": integrity, "general": general } });
        self.patch_agency(&units).await.expect(200);
    }

    /// Reports something of a kind, about a unit.
    async fn report_as(&self, (kind, category): (&str, &str), accused: Option<&str>) -> Value {
        let mut body = complaint();
        (body["kind"], body["category"], body["accused_unit"]) = (json!(kind), json!(category), json!(accused));
        self.report(&body).await
    }
}

impl Officer<'_> {
    /// Corrects the kind of a complaint.
    async fn file_as(&self, found: &Value, (kind, category): (&str, &str)) -> Answer {
        let path = format!("/v1/complaints/{}", found["id"].as_str().unwrap());
        let body = json!({ "kind": kind, "category": category });
        self.service.patch(&path).token(&self.token).header("If-Match", "*").json(&body).send().await
    }
}

/// The intake unit of a kind, as it was named.
fn intake<'a>(kind: &str, (integrity, general): (Option<&'a str>, Option<&'a str>)) -> Option<&'a str> {
    if ["corruption", "misconduct"].contains(&kind) { integrity } else { general }
}

#[tokio::test]
async fn each_kind_comes_to_its_unit_unless_it_is_about_that_or_one_above_or_below_it() {
    let service = open().await;
    let chief = service.complaint_officer("chief", &[]).await;
    let units = service.all("/v1/units").await;
    let parent: HashMap<&str, Option<&str>> =
        units.iter().map(|unit| (unit["code"].as_str().unwrap(), unit["parent"].as_str())).collect();
    let is_below = |one: &str, other: &str| one == other || parent[one] == Some(other);
    for named in [
        (Some("legal"), Some("clerk-office")),
        (Some("strategy-budget"), Some("legal")),
        (Some("finance"), Some("finance")),
        (Some("legal"), None),
        (None, Some("clerk-office")),
        (None, None),
    ] {
        service.take_in(named.0, named.1).await;
        for kind in KINDS {
            for accused in [None, Some("legal"), Some("strategy-budget"), Some("clerk-office"), Some("finance")] {
                let is_about = |unit: &&str| accused.is_some_and(|it| is_below(it, unit) || is_below(unit, it));
                let expected = intake(kind.0, named).filter(|unit| !is_about(unit));
                let found = chief.find(&service.report_as(kind, accused).await).await;
                assert_eq!(found["unit"], json!(expected), "{kind:?} about {accused:?}, {named:?}");
            }
        }
    }
}

#[tokio::test]
async fn neither_intake_sees_what_comes_to_the_other() {
    let service = open().await;
    service.take_in(Some("legal"), Some("clerk-office")).await;
    let jurist = service.complaint_officer("jurist", &["legal"]).await;
    let clerk = service.complaint_officer("clerk", &["clerk-office"]).await;
    let chief = service.complaint_officer("chief", &[]).await;
    let mut given = Vec::new();
    for kind in KINDS {
        given.push(service.report_as(kind, None).await);
    }
    for (officer, own, others) in [(&jurist, &given[..2], &given[2..]), (&clerk, &given[2..], &given[..2])] {
        for list in ["complaints", "work"] {
            let list = officer.get(&format!("/v1/{list}")).send().await.expect(200).json();
            let seen = |given: &Value| {
                list["items"].as_array().unwrap().iter().any(|item| item["reference"] == given["reference"])
            };
            assert!(own.iter().all(seen) && !others.iter().any(seen), "{list}");
        }
        let table = officer.get("/v1/complaints?format=csv").send().await.expect(200).text();
        for other in others {
            assert!(!table.contains(other["reference"].as_str().unwrap()), "{table}");
            let other = chief.find(other).await;
            let path = format!("/v1/complaints/{}", other["id"].as_str().unwrap());
            for part in ["", "/timeline", "/attachments"] {
                officer.get(&format!("{path}{part}")).send().await.problem(404, "not_found");
            }
            officer.step(&other, json!({ "action": "take" })).await.problem(404, "not_found");
            officer.file_as(&other, KINDS[1]).await.problem(404, "not_found");
        }
    }
    // Figures are of all of them, whoever asks.
    let [of_one, of_other] = [&jurist, &clerk].map(|officer| officer.get("/v1/statistics/complaints").send());
    assert_eq!(of_one.await.expect(200).json()["current"], of_other.await.expect(200).json()["current"]);
}

#[tokio::test]
async fn a_corrected_kind_takes_a_complaint_to_the_other_intake_and_says_so_to_the_office() {
    let service = open().await;
    service.take_in(Some("legal"), Some("clerk-office")).await;
    let jurist = service.complaint_officer("jurist", &["legal"]).await;
    let clerk = service.complaint_officer("clerk", &["clerk-office"]).await;
    let given = service.report(&complaint()).await;
    let found = jurist.find(&given).await;
    jurist.steps(&found, &["take", "accept"]).await;
    // Within the channel nothing moves.
    let same = jurist.file_as(&found, KINDS[1]).await.expect(200).json();
    assert_eq!((&same["unit"], &same["assignee_id"]), (&json!("legal"), &json!(jurist.id)));
    let answer = jurist.file_as(&found, KINDS[2]).await.expect(200);
    let moved = answer.json();
    assert_eq!((&moved["unit"], &moved["assignee_id"]), (&json!("clerk-office"), &json!(null)));
    assert_eq!((&moved["kind"], &moved["status"]), (&json!("service"), &json!("accepted")));
    jurist.get(&format!("/v1/complaints/{}", found["id"].as_str().unwrap())).send().await.problem(404, "not_found");
    assert_eq!(clerk.find(&given).await, moved);
    let path = format!("/v1/complaints/{}/timeline", found["id"].as_str().unwrap());
    let events = clerk.get(&path).send().await.expect(200).json();
    let last = events["items"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["action"], &last["public"]), (&json!("move_to_intake"), &json!(false)));
    assert_eq!((&last["actor_id"], &last["status"]), (&json!(jurist.id), &json!(null)));
    let seen = service.look_up(&given["receipt"]).await.expect(200).json();
    assert!(!seen.to_string().contains("move_to_intake"), "{seen}");
    // And back.
    let back = clerk.file_as(&moved, KINDS[0]).await.expect(200).json();
    assert_eq!(back["unit"], "legal");
    assert_eq!(jurist.find(&given).await["unit"], "legal");
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn what_was_forwarded_or_is_about_the_other_intake_does_not_come_to_it() {
    let service = open().await;
    let chief = service.complaint_officer("chief", &[]).await;
    let named = (Some("legal"), Some("clerk-office"));
    for (from, to) in KINDS.iter().flat_map(|from| KINDS.map(|to| (*from, to))).filter(|(from, to)| from != to) {
        let crosses = intake(from.0, named) != intake(to.0, named);
        for (accused, forwarded, begun) in [
            (None, None, true),
            (None, Some("finance"), true),
            (intake(to.0, named).filter(|_| crosses), None, true),
            // It came in before there was an intake.
            (None, None, false),
        ] {
            service.take_in(named.0.filter(|_| begun), named.1.filter(|_| begun)).await;
            let found = chief.find(&service.report_as(from, accused).await).await;
            service.take_in(named.0, named.1).await;
            if let Some(unit) = forwarded {
                chief.step(&found, json!({ "action": "forward", "unit": unit })).await.expect(200);
            }
            let expected = match forwarded {
                Some(unit) => Some(unit),
                None if crosses && accused.is_some() => None,
                None if crosses => intake(to.0, named),
                None => found["unit"].as_str(),
            };
            let corrected = chief.file_as(&found, to).await.expect(200).json();
            let case = format!("{from:?} to {to:?} {accused:?} {forwarded:?} {begun}");
            assert_eq!(corrected["unit"], json!(expected), "{case}");
        }
    }
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn a_correction_neither_parts_duplicates_nor_leaves_a_complaint_to_nobody() {
    let service = open().await;
    service.take_in(Some("legal"), Some("clerk-office")).await;
    let jurist = service.complaint_officer("jurist", &["legal"]).await;
    let (main, duplicate) = (service.report(&complaint()).await, service.report(&complaint()).await);
    let (main, duplicate) = (jurist.find(&main).await, jurist.find(&duplicate).await);
    // Nobody is in the other unit, nor in all of them.
    let alone = jurist.file_as(&main, KINDS[3]).await.problem(422, "validation_failed");
    assert_eq!(faults(&alone), [("#/kind".to_owned(), "nobody_left".to_owned())]);
    let clerk = service.complaint_officer("clerk", &["clerk-office"]).await;
    let link = format!("/v1/complaints/{}/duplicate-of", duplicate["id"].as_str().unwrap());
    let linked = |main: &Value| jurist.post(&link).json(&json!({ "duplicate_of_id": main["id"] })).send();
    linked(&main).await.expect(200);
    for case in [&main, &duplicate] {
        jurist.file_as(case, KINDS[3]).await.problem(409, "illegal_transition");
        jurist.file_as(case, KINDS[1]).await.expect(200);
    }
    linked(&Value::Null).await.expect(200);
    jurist.file_as(&duplicate, KINDS[3]).await.expect(200);
    assert_eq!(clerk.find(&duplicate).await["kind"], "feedback");
    // Whoever is recused from it does not get it back, and is not who is left.
    let chief = service.complaint_officer("chief", &[]).await;
    clerk.propose(&duplicate, &[&jurist.id]).await.expect(200);
    chief.decide_recusal(&duplicate, "confirm").await.expect(200);
    clerk.file_as(&duplicate, KINDS[0]).await.expect(200);
    assert_eq!(jurist.find(&duplicate).await, Value::Null);
    assert_eq!(chief.find(&duplicate).await["unit"], "legal");
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn a_unit_that_complaints_come_to_exists_and_shows_its_present_name() {
    let service = open().await;
    let admin = service.token(Role::Admin);
    let none = json!({ "integrity": null, "integrity_name": null, "general": null, "general_name": null });
    let read = service.get("/v1/agency").send().await.expect(200);
    assert_eq!(read.json()["intake_units"], none);
    service.take_in(Some("legal"), Some("clerk-office")).await;
    let read = service.get("/v1/agency").header("If-None-Match", read.header("etag")).send().await.expect(200);
    let name = json!({ "th": "งานนิติการ", "en": "Legal Affairs Section" });
    assert_eq!(read.json()["intake_units"]["integrity"], "legal");
    assert_eq!(read.json()["intake_units"]["integrity_name"], name);
    let change = |unit: &str, body: Value| {
        service.patch(&format!("/v1/units/{unit}")).token(&admin).header("If-Match", "*").json(&body).send()
    };
    for unit in ["legal", "clerk-office"] {
        change(unit, json!({ "active": false })).await.problem(409, "in_use");
    }
    change("legal", json!({ "name": { "th": "กลุ่มงานนิติการ", "en": null } })).await.expect(200);
    let renamed = service.get("/v1/agency").header("If-None-Match", read.header("etag")).send().await.expect(200);
    let name = json!({ "th": "กลุ่มงานนิติการ", "en": null });
    assert_eq!(renamed.json()["intake_units"]["integrity_name"], name);
    // The agency itself is as it was.
    let patch = service.patch("/v1/agency").token(&admin).header("If-Match", read.header("etag"));
    let patched = patch.json(&json!({ "intake_units": { "general": "finance" } })).send().await.expect(200);
    assert_eq!(patched.json()["intake_units"]["integrity_name"], name);
    assert_eq!(patched.json(), service.get("/v1/agency").send().await.expect(200).json());
    change("clerk-office", json!({ "active": false })).await.expect(200);
    let wrong = json!({ "intake_units": { "integrity": "legel", "general": "clerk-office" } });
    let refused = service.patch_agency(&wrong).await.problem(422, "validation_failed");
    let unknown = |place: &str| (format!("#/intake_units/{place}"), "unknown_unit".to_owned());
    assert_eq!(faults(&refused), [unknown("general"), unknown("integrity")]);
    let unknown = service.patch_agency(&json!({ "intake_units": { "all": "legal" } })).await;
    unknown.problem(400, "unknown_field");
    service.patch_agency(&json!({ "intake_units": null })).await.expect(200);
    assert_eq!(service.get("/v1/agency").send().await.expect(200).json()["intake_units"], none);
    change("legal", json!({ "active": false })).await.expect(200);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn a_unit_does_not_end_while_complaints_begin_to_come_to_it() {
    let service = open().await;
    let admin = service.token(Role::Admin);
    let commits = hold_commits(&service, "agency").await;
    let units = json!({ "intake_units": { "general": "finance" } });
    let end = async {
        commits.waiting(1).await;
        let end = service.patch("/v1/units/finance").token(&admin).header("If-Match", "*");
        let end = end.json(&json!({ "active": false })).send();
        let release = async {
            commits.waiting(2).await;
            commits.release().await;
        };
        tokio::join!(end, release).0
    };
    let (named, ended) = tokio::join!(service.patch_agency(&units), end);
    assert!([(200, 409), (422, 200)].contains(&(named.status, ended.status)), "{} {}", named.status, ended.status);
}

#[tokio::test]
async fn a_file_of_the_agency_changes_what_it_states() {
    let service = open().await;
    let units = async || service.get("/v1/agency").send().await.expect(200).json()["intake_units"].clone();
    let codes = |integrity: &str, general: Value| (json!(integrity), general);
    let named = async || {
        let units = units().await;
        (units["integrity"].clone(), units["general"].clone())
    };
    import::agency(service.db(), r#"{ "intake_units": { "integrity": "legal", "general": "finance" } }"#)
        .await
        .unwrap();
    assert_eq!(named().await, codes("legal", json!("finance")));
    import::agency(service.db(), include_str!("../../data/agency.json")).await.unwrap();
    assert_eq!(named().await, codes("legal", json!("finance")));
    import::agency(service.db(), r#"{ "intake_units": { "general": null } }"#).await.unwrap();
    assert_eq!(named().await, codes("legal", json!(null)));
    for (file, said) in [
        (r#"{ "intake_units": { "general": "legel" } }"#, "legal"),
        (r#"{ "intake_units": { "both": "legal" } }"#, "both"),
        (r#"{ "name": { "th": "" } }"#, "name"),
    ] {
        let fault = import::agency(service.db(), file).await.unwrap_err();
        assert!(fault.starts_with("the agency: ") && fault.contains(said), "{fault}");
    }
    assert_eq!(named().await, codes("legal", json!(null)));
    service.report(&compliment()).await;
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}
