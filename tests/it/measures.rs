use std::time::Duration;

use entity::measure::Column;
use prongsai::auth::scope::Role;
use sea_orm::{ConnectionTrait, Database, IdenStatic, Iterable};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::samples::{measure, report_file, unit};
use crate::support::{Service, on_postgres, spawn, spawn_filled};

fn numbers(items: &[Value]) -> Vec<i64> {
    items.iter().map(|item| item["number"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn the_municipalitys_six_measures_come_back_string_for_string() {
    let service = spawn_filled().await;
    let measures = service.all("/v1/measures?fiscal_year=2567").await;
    assert_eq!(measures.len(), 6);
    for (measure, written) in measures.iter().zip(report_file()) {
        for field in ["title", "methods", "results", "outcomes"] {
            assert_eq!(measure[field], written[field]);
        }
        assert_eq!((&measure["number"], &measure["period_text"]), (&written["no"], &written["period"]));
        assert_eq!(measure["responsible"]["names"], written["responsible"]);
    }
    let second = &measures[1];
    let count = |field: &str| second[field].as_array().unwrap().len();
    assert_eq!((count("methods"), count("results"), count("outcomes")), (4, 8, 3));
}

#[tokio::test]
async fn what_was_created_can_be_read() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let created = service.post("/v1/measures").token(&editor).json(&measure(2567, 1)).send().await.expect(201);
    assert_eq!(created.header("location"), format!("/v1/measures/{}", created.json()["id"].as_str().unwrap()));
    let read = service.get(created.header("location")).token(&editor).send().await.expect(200);
    assert_eq!(read.json(), created.json());
    assert_eq!(read.header("etag"), created.header("etag"));
    assert_eq!(read.json()["status"], "planned");
}

#[tokio::test]
async fn order_inside_texts_and_units_is_kept() {
    let service = spawn().await;
    for code in ["a", "b", "c"] {
        service.create("/v1/units", &unit(code, code)).await;
    }
    let mut body = measure(2567, 1);
    body["responsible"] = json!({ "units": ["c", "a", "b"] });
    body["results"] = json!(["ข", "ก", "ค", "ก"]);
    let created = service.create("/v1/measures", &body).await;
    assert_eq!(created["responsible"]["units"], json!(["c", "a", "b"]));
    assert_eq!(created["results"], json!(["ข", "ก", "ค", "ก"]));
}

#[tokio::test]
async fn a_table_with_names_changes_with_those_of_e_services() {
    let service = spawn_filled().await;
    let etag = async || {
        let table = service.get("/v1/measures?format=csv&labels=th").send().await.expect(200);
        table.header("etag").to_owned()
    };
    let before = etag().await;
    service.change("/v1/e-services/public-lighting", &json!({ "name": { "th": "ไฟฟ้าสาธารณะ", "en": null } })).await;
    assert_ne!(etag().await, before);
}

#[tokio::test]
async fn how_a_measure_is_followed_up_is_kept_found_and_carried_forward() {
    let service = spawn().await;
    let mut body = measure(2567, 1);
    body["follow_up"] = json!("รายงานผลทุกไตรมาส");
    let address = service.publish("/v1/measures", &body).await;
    assert_eq!(service.get(&address).send().await.expect(200).json()["follow_up"], body["follow_up"]);
    assert_eq!(service.all("/v1/measures?q=ทุกไตรมาส").await.len(), 1);
    let csv = service.get("/v1/measures?format=csv&labels=th").send().await.expect(200).text();
    assert!(csv.contains("การกำกับติดตามและรายงานผล") && csv.contains("รายงานผลทุกไตรมาส"), "{csv}");
    let editor = service.token(Role::Editor);
    service.post("/v1/fiscal-years/2568/carry-forward").token(&editor).send().await.expect(200);
    let drafts = service.get("/v1/measures?fiscal_year=2568&publication=draft").token(&editor).send().await.expect(200);
    assert_eq!(drafts.json()["items"][0]["follow_up"], body["follow_up"]);
    assert_eq!(service.change(&address, &json!({ "follow_up": null })).await["follow_up"], json!(null));
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_clears() {
    let service = spawn().await;
    let mut body = measure(2567, 1);
    body["topic"] = json!(3);
    let address = service.publish("/v1/measures", &body).await;
    let patch = json!({ "results": ["หนึ่ง", "สอง"], "topic": null, "status": "in_progress" });
    let changed = service.change(&address, &patch).await;
    assert_eq!(changed["results"], json!(["หนึ่ง", "สอง"]));
    assert_eq!((&changed["topic"], &changed["status"]), (&json!(null), &json!("in_progress")));
    assert_eq!(changed["title"], body["title"]);
    assert_eq!(service.get(&address).send().await.json(), changed);
}

#[tokio::test]
async fn a_stale_editor_is_told_and_nothing_is_lost() {
    let service = spawn().await;
    let address = service.publish("/v1/measures", &measure(2567, 1)).await;
    let editor = service.token(Role::Editor);
    let etag = service.get(&address).send().await.header("etag").to_owned();
    let patch = |title: &str| {
        service.patch(&address).token(&editor).header("If-Match", &etag).json(&json!({ "title": title })).send()
    };
    patch("แก้ครั้งแรก").await.expect(200);
    patch("แก้ครั้งที่สอง").await.problem(412, "precondition_failed");
    assert_eq!(service.get(&address).send().await.json()["title"], "แก้ครั้งแรก");
}

#[tokio::test]
async fn a_change_without_if_match_is_refused() {
    let service = spawn().await;
    let address = service.publish("/v1/measures", &measure(2567, 1)).await;
    let editor = service.token(Role::Editor);
    let patch = service.patch(&address).token(&editor).json(&json!({}));
    patch.send().await.problem(428, "precondition_required");
    service.delete(&address).token(&editor).send().await.problem(428, "precondition_required");
}

#[tokio::test]
async fn a_status_goes_only_where_it_may() {
    let service = spawn().await;
    let address = service.publish("/v1/measures", &measure(2567, 1)).await;
    service.change(&address, &json!({ "status": "completed" })).await;
    service.change(&address, &json!({ "status": "completed", "results": ["แก้คำผิด"] })).await;
    let editor = service.token(Role::Editor);
    let back = service.patch(&address).token(&editor).header("If-Match", "*").json(&json!({ "status": "planned" }));
    let problem = back.send().await.problem(409, "illegal_transition");
    assert!(problem["detail"].as_str().unwrap().contains("ถอนการเผยแพร่"), "{problem}");
    // As the problem says: what nobody sees any more, or has ever seen, is corrected.
    service.transition(&address, &json!({ "action": "unpublish", "reason": "บันทึกผิด" })).await;
    service.change(&address, &json!({ "status": "planned" })).await;
    service.transition(&address, &json!({ "action": "publish" })).await;
    let draft = service.create("/v1/measures", &measure(2567, 2)).await;
    let draft = format!("/v1/measures/{}", draft["id"].as_str().unwrap());
    service.change(&draft, &json!({ "status": "cancelled" })).await;
    assert_eq!(service.change(&draft, &json!({ "status": "in_progress" })).await["status"], "in_progress");
}

#[tokio::test]
async fn several_numbers_are_asked_for_at_once() {
    let service = spawn_filled().await;
    assert_eq!(numbers(&service.all("/v1/measures?fiscal_year=2567&number=2,5").await), [2, 5]);
    let problem = service.get("/v1/measures?number=2,0").send().await.problem(400, "invalid_parameter");
    assert_eq!(problem["errors"][0]["parameter"], "number");
}

#[tokio::test]
async fn the_public_sees_only_what_is_published() {
    let service = spawn().await;
    let draft = service.create("/v1/measures", &measure(2567, 1)).await;
    let draft = format!("/v1/measures/{}", draft["id"].as_str().unwrap());
    let shown = service.publish("/v1/measures", &measure(2567, 2)).await;
    service.get(&draft).send().await.problem(404, "not_found");
    service.get(&shown).send().await.expect(200);
    assert_eq!(numbers(&service.all("/v1/measures").await), [2]);
    for (path, scope) in [("measures", "measures:read"), ("projects", "projects:read")] {
        for states in ["draft", "published,draft", "unpublished"] {
            let path = format!("/v1/{path}?publication={states}");
            let problem = service.get(&path).send().await.problem(403, "insufficient_scope");
            assert!(problem["detail"].as_str().unwrap().contains(scope), "{path}: {problem}");
        }
    }
    assert_eq!(numbers(&service.all("/v1/measures?publication=published").await), [2]);
    let auditor = service.token(Role::Auditor);
    let all = service.get("/v1/measures").token(&auditor).send().await.expect(200).json();
    assert_eq!(numbers(all["items"].as_array().unwrap()), [1, 2]);
    service.get(&draft).token(&auditor).send().await.expect(200);
}

#[tokio::test]
async fn a_withdrawn_measure_says_why_and_gives_its_number_back() {
    let service = spawn().await;
    let address = service.publish("/v1/measures", &measure(2567, 1)).await;
    service.transition(&address, &json!({ "action": "unpublish", "reason": "ลงข้อมูลผิดปี" })).await;
    let gone = service.get(&address).send().await.problem(410, "unpublished");
    assert!(gone["detail"].as_str().unwrap().contains("ลงข้อมูลผิดปี"));
    assert!(service.all("/v1/measures").await.is_empty());
    service.publish("/v1/measures", &measure(2567, 1)).await;
    let editor = service.token(Role::Editor);
    let back = service.post(&format!("{address}/transitions")).token(&editor).json(&json!({ "action": "publish" }));
    back.send().await.problem(409, "already_exists");
}

#[tokio::test]
async fn a_withdrawal_needs_a_reason_and_a_publication_has_none() {
    let service = spawn().await;
    let address = service.publish("/v1/measures", &measure(2567, 1)).await;
    let editor = service.token(Role::Editor);
    let send = |body: Value| service.post(&format!("{address}/transitions")).token(&editor).json(&body).send();
    let problem = send(json!({ "action": "unpublish" })).await.problem(422, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "#/reason");
    send(json!({ "action": "unpublish", "reason": "  " })).await.problem(422, "validation_failed");
    send(json!({ "action": "publish", "reason": "x" })).await.problem(422, "validation_failed");
    send(json!({ "action": "publish" })).await.problem(409, "illegal_transition");
}

#[tokio::test]
async fn a_draft_can_be_deleted_and_what_was_public_cannot() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let draft = service.create("/v1/measures", &measure(2567, 1)).await;
    let draft = format!("/v1/measures/{}", draft["id"].as_str().unwrap());
    let delete = |address: &str, tag: &str| service.delete(address).token(&editor).header("If-Match", tag).send();
    delete(&draft, "\"9\"").await.problem(412, "precondition_failed");
    delete(&draft, "\"1\"").await.expect(204);
    delete(&draft, "*").await.problem(404, "not_found");
    let shown = service.publish("/v1/measures", &measure(2567, 1)).await;
    delete(&shown, "*").await.problem(409, "not_a_draft");
    service.transition(&shown, &json!({ "action": "unpublish", "reason": "ผิด" })).await;
    delete(&shown, "*").await.problem(409, "not_a_draft");
}

#[tokio::test]
async fn a_number_is_taken_once_a_year() {
    let service = spawn().await;
    service.create("/v1/measures", &measure(2567, 1)).await;
    service.create("/v1/measures", &measure(2568, 1)).await;
    let again = service.post("/v1/measures").token(&service.token(Role::Editor)).json(&measure(2567, 1));
    let problem = again.send().await.problem(409, "already_exists");
    assert_eq!(problem["errors"][0]["pointer"], "#/number");
}

#[tokio::test]
async fn references_must_hold() {
    let service = spawn().await;
    let later = service.create("/v1/measures", &measure(2568, 1)).await;
    let mut body = measure(2567, 1);
    body["responsible"] = json!({ "units": ["nowhere"] });
    body["predecessor_id"] = later["id"].clone();
    let answer = service.post("/v1/measures").token(&service.token(Role::Editor)).json(&body).send().await;
    let problem = answer.problem(422, "validation_failed");
    assert_eq!(problem["errors"][0]["code"], "not_earlier");
    assert_eq!(problem["errors"][1]["pointer"], "#/responsible/units/0");
}

#[tokio::test]
async fn rules_over_several_fields_are_all_told_at_once() {
    let service = spawn().await;
    let mut body = measure(2567, 1);
    body["responsible"] = json!({ "all_units": true, "units": ["a"] });
    body["starts_on"] = json!("2024-01-02");
    body["ends_on"] = json!("2024-01-01");
    let answer = service.post("/v1/measures").token(&service.token(Role::Editor)).json(&body).send().await;
    let problem = answer.problem(422, "validation_failed");
    let pointers: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
    assert_eq!(pointers, ["#/ends_on", "#/responsible"]);
}

#[tokio::test]
async fn evidence_is_a_web_address() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    for (no, (url, status)) in (1..).zip([
        ("https://www.example.go.th/ประกาศ.pdf", 201),
        ("http://example.go.th/", 201),
        ("javascript:alert(1)", 422),
        ("ftp://example.go.th/x", 422),
        ("https://", 422),
        ("https:///x", 422),
        ("https://[::1", 422),
        ("https://example.go.th/a b", 422),
        ("https://\u{202E}", 422),
        ("https://example.go.th/\u{202E}fdp.exe", 201),
        ("https://example.go.th/\u{12}x", 422),
    ]) {
        let mut body = measure(2567, no);
        body["evidence"] = json!([{ "title": "ประกาศ", "kind": "announcement", "url": url }]);
        service.post("/v1/measures").token(&editor).json(&body).send().await.expect(status);
    }
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let service = spawn_filled().await;
    for (query, found) in [
        ("fiscal_year=2567", vec![1, 2, 3, 4, 5, 6]),
        ("fiscal_year=2566", vec![]),
        ("fiscal_year=2566,2567", vec![1, 2, 3, 4, 5, 6]),
        ("unit=legal,personnel", vec![1, 2, 3, 4, 5, 6]),
        ("topic=1,7", vec![]),
        ("unit=personnel", vec![1, 2, 3, 4, 6]),
        ("unit=legal&fiscal_year=2567", vec![1, 2, 3, 4, 5]),
        ("number=3", vec![3]),
        ("status=planned,in_progress", vec![]),
        ("status=planned,completed&number=2", vec![2]),
        ("topic=1", vec![]),
        ("q=No%20Gift%20policy", vec![2]),
        ("q=%E0%B8%95%E0%B8%B1%E0%B8%94%E0%B8%95%E0%B9%89%E0%B8%99%E0%B9%84%E0%B8%A1%E0%B9%89", vec![4]),
        ("q=%25", vec![]),
        ("q=_", vec![]),
        ("q=%22", vec![]),
        ("sort=-number", vec![6, 5, 4, 3, 2, 1]),
    ] {
        assert_eq!(numbers(&service.all(&format!("/v1/measures?{query}")).await), found, "{query}");
    }
}

#[tokio::test]
async fn a_list_is_walked_to_its_end_in_any_order_without_loss_or_repetition() {
    let service = spawn().await;
    let items: Vec<_> = (0..45).map(|index| measure(2560 + index % 3, 1 + index / 3)).collect();
    let created = service.post("/v1/measures/batch").token(&service.token(Role::Editor));
    created.json(&json!({ "items": items })).send().await.expect(201);
    let editor = service.token(Role::Editor);
    for sort in
        ["number", "-number", "fiscal_year,-number", "-created_at", "updated_at,-fiscal_year", "-fiscal_year,number"]
    {
        let mut seen = Vec::new();
        let mut next = Some(format!("/v1/measures?limit=7&include_total=true&sort={sort}"));
        while let Some(path) = next {
            let answer = service.get(&path).token(&editor).send().await.expect(200);
            let page = answer.json();
            assert_eq!(page["page"]["total"], 45);
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| {
                (item["fiscal_year"].as_i64().unwrap(), item["number"].as_i64().unwrap(), item["id"].clone())
            }));
            next = page["page"]["next"].as_str().map(str::to_owned);
            assert_eq!(next.is_some(), answer.header("link").ends_with("; rel=\"next\""));
        }
        let ids: std::collections::HashSet<_> = seen.iter().map(|(_, _, id)| id.to_string()).collect();
        assert_eq!((seen.len(), ids.len()), (45, 45), "{sort}");
        if sort == "fiscal_year,-number" {
            assert!(seen.is_sorted_by_key(|(year, no, _)| (*year, -no)));
        }
    }
}

#[tokio::test]
async fn a_cursor_is_good_only_for_its_own_list() {
    let service = spawn_filled().await;
    let page = service.get("/v1/measures?limit=2").send().await.json();
    let next = page["page"]["next"].as_str().unwrap();
    let cursor = next.split("cursor=").nth(1).unwrap();
    for path in [
        format!("/v1/measures?limit=2&sort=-number&cursor={cursor}"),
        format!("/v1/projects?cursor={cursor}"),
        format!("/v1/measures?cursor={}", &cursor[1..]),
        "/v1/measures?cursor=AAAA".to_owned(),
    ] {
        let problem = service.get(&path).send().await.problem(400, "invalid_parameter");
        assert_eq!(problem["errors"][0]["parameter"], "cursor");
    }
}

#[tokio::test]
async fn a_batch_is_created_whole() {
    let service = spawn().await;
    let items: Vec<_> = (1..=100).map(|no| measure(2567, no)).collect();
    let answer =
        service.post("/v1/measures/batch").token(&service.token(Role::Editor)).json(&json!({ "items": items }));
    let created = answer.send().await.expect(201).json();
    assert_eq!(numbers(created["items"].as_array().unwrap()), (1..=100).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_batch_with_faults_lists_each_and_writes_nothing() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let send =
        |items: Vec<Value>| service.post("/v1/measures/batch").token(&editor).json(&json!({ "items": items })).send();
    let mut wrong = measure(2567, 3);
    wrong["title"] = json!("");
    let problem = send(vec![measure(2567, 1), wrong, measure(2024, 4)]).await.problem(422, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "#/items/1/title");
    assert_eq!(problem["errors"][1]["pointer"], "#/items/2/fiscal_year");
    let mut astray = measure(2567, 2);
    astray["responsible"] = json!({ "units": ["nowhere"] });
    let problem = send(vec![measure(2567, 1), astray, measure(2567, 1)]).await.problem(422, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "#/items/1/responsible/units/0");
    assert_eq!(problem["errors"][1]["pointer"], "#/items/2/number");
    send(vec![]).await.problem(422, "validation_failed");
    send((1..=101).map(|no| measure(2567, no)).collect()).await.problem(422, "validation_failed");
    let all = service.get("/v1/measures?include_total=true").token(&editor).send().await.json();
    assert_eq!(all["page"]["total"], 0);
}

#[tokio::test]
async fn a_dry_run_shows_what_would_be_and_writes_nothing() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let send = |items: Value| service.post("/v1/measures/batch?dry_run=true").token(&editor).json(&items).send();
    let shown = send(json!({ "items": [measure(2567, 1)] })).await.expect(200).json();
    assert_eq!(shown["items"][0]["number"], 1);
    send(json!({ "items": [measure(2567, 1), measure(2567, 1)] })).await.problem(409, "already_exists");
    assert!(service.get("/v1/measures").token(&editor).send().await.json()["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_year_is_carried_forward_once() {
    let service = spawn_filled().await;
    let editor = service.token(Role::Editor);
    let carry = || service.post("/v1/fiscal-years/2568/carry-forward").token(&editor).send();
    assert_eq!(carry().await.expect(200).json(), json!({ "created_count": 6, "existing_count": 0 }));
    let drafts = service.get("/v1/measures?fiscal_year=2568").token(&editor).send().await.json();
    assert_eq!(carry().await.expect(200).json(), json!({ "created_count": 0, "existing_count": 6 }));
    let again = service.get("/v1/measures?fiscal_year=2568").token(&editor).send().await.json();
    assert_eq!(drafts, again);
    let sources = service.all("/v1/measures?fiscal_year=2567").await;
    for (draft, source) in drafts["items"].as_array().unwrap().iter().zip(&sources) {
        assert_eq!(draft["predecessor_id"], source["id"]);
        assert_eq!((&draft["title"], &draft["methods"]), (&source["title"], &source["methods"]));
        assert_eq!(draft["responsible"], source["responsible"]);
        assert_eq!((&draft["publication"], &draft["status"]), (&json!("draft"), &json!("planned")));
        assert_eq!((&draft["results"], &draft["outcomes"]), (&json!([]), &json!([])));
        assert_eq!(draft["period_text"], "ปีงบประมาณ พ.ศ. ๒๕๖๘");
    }
}

/// Gives a year measures of these numbers, which are like the first of the filled database.
pub async fn fill(service: &Service, year: i32, (first, last): (i32, i32)) {
    let year = year.to_string();
    let column = |column: Column| match column {
        Column::Id if on_postgres() => "gen_random_uuid()",
        Column::Id => "randomblob(16)",
        Column::Number => "numbers.number",
        Column::FiscalYear => &year,
        other => other.as_str(),
    };
    let names = Column::iter().map(|column| column.as_str()).collect::<Vec<_>>().join(", ");
    let values = Column::iter().map(column).collect::<Vec<_>>().join(", ");
    let fill = format!(
        "INSERT INTO measure ({names}) SELECT {values} FROM (WITH RECURSIVE numbers (number) AS (SELECT {first} UNION ALL \
         SELECT number + 1 FROM numbers WHERE number < {last}) SELECT number FROM numbers) AS numbers, measure WHERE measure.number = 1 AND fiscal_year = 2567"
    );
    Database::connect(&service.database_url).await.unwrap().execute_unprepared(&fill).await.unwrap();
}

#[tokio::test]
async fn carrying_forward_into_a_year_without_a_free_number_is_409() {
    let service = spawn_filled().await;
    fill(&service, 2568, (1, 9999)).await;
    let carry = service.post("/v1/fiscal-years/2568/carry-forward").token(&service.token(Role::Editor));
    carry.send().await.problem(409, "already_exists");
}

#[tokio::test]
async fn thousands_of_measures_are_carried_forward_with_their_units() {
    let service = spawn_filled().await;
    fill(&service, 2567, (7, 3506)).await;
    let link = "INSERT INTO measure_unit (measure_id, unit_id, position) \
                SELECT measure.id, unit.id, 0 FROM measure, unit WHERE fiscal_year = 2567 AND number > 6 AND code = 'legal'";
    Database::connect(&service.database_url).await.unwrap().execute_unprepared(link).await.unwrap();
    let editor = service.token(Role::Editor);
    let carry = async || service.post("/v1/fiscal-years/2568/carry-forward").token(&editor).send().await;
    let carried = carry().await;
    let last = async || service.get("/v1/measures?fiscal_year=2568&number=3506").token(&editor).send().await.json();
    if carried.status == 200 {
        assert_eq!(carried.json(), json!({ "created_count": 3506, "existing_count": 0 }));
    } else {
        // A slow machine writes for longer than a request waits; the write goes on.
        carried.problem(503, "outcome_unknown");
        for _ in 0..60 {
            if last().await["items"][0].is_object() {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    assert_eq!(last().await["items"][0]["responsible"]["units"], json!(["legal"]));
    assert_eq!(carry().await.expect(200).json(), json!({ "created_count": 0, "existing_count": 3506 }));
    let auditor = service.token(Role::Auditor);
    let log = service.get("/v1/audit/events?action=carry_forward&include_total=true&limit=1").token(&auditor);
    assert_eq!(log.send().await.json()["page"]["total"], 3506);
}

#[tokio::test]
async fn carrying_forward_finds_another_number_where_one_is_taken() {
    let service = spawn_filled().await;
    service.create("/v1/measures", &measure(2568, 1)).await;
    let editor = service.token(Role::Editor);
    let carried = service.post("/v1/fiscal-years/2568/carry-forward").token(&editor).send().await.expect(200).json();
    assert_eq!(carried["created_count"], 6);
    let year = service.get("/v1/measures?fiscal_year=2568").token(&editor).send().await.json();
    assert_eq!(numbers(year["items"].as_array().unwrap()), [1, 2, 3, 4, 5, 6, 7]);
}

#[tokio::test]
async fn the_list_is_a_spreadsheet_as_well() {
    let service = spawn_filled().await;
    let csv = service.get("/v1/measures?fiscal_year=2567&format=csv").send().await.expect(200);
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert!(csv.header("content-disposition").contains("filename=\"measures.csv\""));
    let text = csv.text();
    assert!(text.starts_with("\u{FEFF}id,fiscal_year,number,title,methods,"));
    assert!(text.contains("ประกาศมาตรการป้องกันการรับสินบน\nประกาศมาตรการ NO Gift Policy\n"));
    let xlsx = service
        .get("/v1/measures")
        .header("Accept", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    assert_eq!(&xlsx.send().await.expect(200).body[..2], b"PK");
}

#[tokio::test]
async fn a_thousand_rows_are_downloaded_in_one_file() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    // Texts that no compression makes short: files of more than 1 MiB are not held in memory.
    let random = || (0..50).map(|_| Uuid::now_v7().to_string()).collect::<String>();
    let long = |number| {
        let mut body = measure(2560, number);
        body["methods"] = json!([random(), random(), random(), random()]);
        body
    };
    for batch in 0..10 {
        let items: Vec<_> = (1..=100).map(|no| long(batch * 100 + no)).collect();
        let request = service.post("/v1/measures/batch").token(&editor).json(&json!({ "items": items }));
        request.send().await.expect(201);
    }
    let csv = service.get("/v1/measures?format=csv").token(&editor).send().await.expect(200);
    let rows = csv::Reader::from_reader(&csv.body[3..]).records().count();
    assert_eq!((rows, csv.header("link")), (1000, ""));
    for format in ["csv", "xlsx"] {
        let file = || service.get(&format!("/v1/measures?format={format}")).token(&editor);
        let first = file().send().await.expect(200);
        assert!(first.body.len() > 1024 * 1024, "{format}: {}", first.body.len());
        let length = first.body.len().to_string();
        assert_eq!((first.header("content-length"), first.header("cache-control")), (&*length, "private, no-store"));
        let known = file().header("If-None-Match", first.header("etag")).send().await.expect(304);
        assert!(known.body.is_empty() && known.header("etag") == first.header("etag"));
        assert!(file().send().await.expect(200).body == first.body);
    }
    // Everybody gets them in the same way.
    service.tamper(&["UPDATE measure SET publication = 'published'"]).await;
    let file = || service.get("/v1/measures?format=csv&sort=-number");
    let first = file().send().await.expect(200);
    assert!(first.body.len() > 1024 * 1024 && first.header("cache-control").starts_with("public"));
    let known = file().header("If-None-Match", first.header("etag")).send().await.expect(304);
    assert_eq!((known.header("etag"), known.header("content-disposition")), (first.header("etag"), ""));
    assert!(file().send().await.expect(200).body == first.body);
    // The cache has its ETag, and not the file. It is not told of this change.
    service.tamper(&["UPDATE measure SET title = 'changed'"]).await;
    file().header("If-None-Match", first.header("etag")).send().await.expect(304);
    assert!(file().send().await.expect(200).header("etag") != first.header("etag"));
    let packed = file().header("Accept-Encoding", "gzip").send().await.expect(200);
    assert!(packed.header("content-encoding") == "gzip" && packed.body.len() < first.body.len());
}

#[tokio::test]
async fn a_predecessor_stays_before_its_successor() {
    let service = spawn().await;
    let first = service.create("/v1/measures", &measure(2566, 1)).await;
    let mut body = measure(2567, 1);
    body["predecessor_id"] = first["id"].clone();
    service.create("/v1/measures", &body).await;
    let address = format!("/v1/measures/{}", first["id"].as_str().unwrap());
    let patch = service.patch(&address).token(&service.token(Role::Editor)).header("If-Match", "*");
    let problem = patch.json(&json!({ "fiscal_year": 2568 })).send().await.problem(422, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "#/fiscal_year");
}

#[tokio::test]
async fn a_withdrawn_measure_can_still_be_corrected() {
    let service = spawn().await;
    let address = service.publish("/v1/measures", &measure(2567, 1)).await;
    service.transition(&address, &json!({ "action": "unpublish", "reason": "ผิด" })).await;
    service.create("/v1/measures", &measure(2567, 1)).await;
    assert_eq!(service.change(&address, &json!({ "topic": 2 })).await["topic"], 2);
}

#[tokio::test]
async fn a_workbook_takes_any_day_and_any_length() {
    let service = spawn().await;
    let mut body = measure(2567, 1);
    body["starts_on"] = json!("1800-01-01");
    body["ends_on"] = json!("2299-12-31");
    body["methods"] = json!(vec!["x".repeat(2000); 25]);
    service.publish("/v1/measures", &body).await;
    for path in ["/v1/measures?format=xlsx", "/v1/reports/integrity-measures-report?fiscal_year=2567&format=xlsx"] {
        service.get(path).send().await.expect(200);
    }
}
