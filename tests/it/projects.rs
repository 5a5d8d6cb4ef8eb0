use prongsai::app::import;
use prongsai::auth::scope::Role;
use sea_orm::{ActiveModelTrait, Database, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::samples::{measure, project, unit};
use crate::support::{faults, spawn, spawn_filled};

#[tokio::test]
async fn a_file_of_projects_can_be_loaded_twice_however_their_names_are_written() {
    let service = spawn().await;
    let mut file =
        json!({ "projects": [project(2567, " โครงการท\u{E4D}\u{E32}ดี\u{200B} "), project(2567, "อบรม\r\nพนักงาน")] });
    for project in file["projects"].as_array_mut().unwrap() {
        project.as_object_mut().unwrap().remove("fiscal_year");
    }
    let year = 2567.try_into().unwrap();
    assert_eq!(import::projects(service.db(), &file.to_string(), year).await, Ok(2));
    assert_eq!(import::projects(service.db(), &file.to_string(), year).await, Ok(0));
    let names: Vec<_> = service.all("/v1/projects").await.iter().map(|it| it["title"].clone()).collect();
    assert!(names.contains(&json!("โครงการทำดี")) && names.contains(&json!("อบรม พนักงาน")), "{names:?}");
}

#[tokio::test]
async fn money_comes_back_to_the_satang() {
    let service = spawn().await;
    let mut body = project(2567, "โครงการอบรม");
    body["budget_allocated_baht"] = json!("9999999999.99");
    body["budget_spent_baht"] = json!("0.5");
    let created = service.create("/v1/projects", &body).await;
    assert_eq!(created["budget_allocated_baht"], "9999999999.99");
    assert_eq!(created["budget_spent_baht"], "0.50");
    let address = format!("/v1/projects/{}", created["id"].as_str().unwrap());
    let read = service.get(&address).token(&service.token(Role::Editor)).send().await.expect(200).json();
    assert_eq!(read, created);
}

#[tokio::test]
async fn what_is_no_amount_is_refused() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    for amount in [json!("1,000.00"), json!("-1"), json!("1.005"), json!("๑๐๐"), json!(100), json!("")] {
        let mut body = project(2567, "โครงการ");
        body["budget_spent_baht"] = amount;
        let problem =
            service.post("/v1/projects").token(&editor).json(&body).send().await.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "#/budget_spent_baht");
    }
}

#[tokio::test]
async fn no_budget_used_is_said_without_amounts() {
    let service = spawn().await;
    let mut body = project(2567, "กิจกรรม");
    body["no_budget_used"] = json!(true);
    let editor = service.token(Role::Editor);
    let answer = service.post("/v1/projects").token(&editor).json(&body).send().await;
    assert_eq!(answer.problem(422, "validation_failed")["errors"][0]["code"], "has_amount");
    body["budget_allocated_baht"] = json!(null);
    body["budget_spent_baht"] = json!(null);
    assert_eq!(service.create("/v1/projects", &body).await["no_budget_used"], true);
}

#[tokio::test]
async fn a_project_lives_like_a_measure() {
    let service = spawn().await;
    service.create("/v1/units", &unit("personnel", "กองการเจ้าหน้าที่")).await;
    let measure = service.create("/v1/measures", &measure(2567, 1)).await;
    let mut body = project(2567, "โครงการ");
    body["unit"] = json!("personnel");
    body["measure_id"] = measure["id"].clone();
    body["starts_on"] = json!("2024-02-05");
    let address = service.publish("/v1/projects", &body).await;
    let changed = service.change(&address, &json!({ "ends_on": "2024-02-06", "status": "completed" })).await;
    assert_eq!((&changed["unit"], &changed["measure_id"]), (&json!("personnel"), &measure["id"]));
    let editor = service.token(Role::Editor);
    let back = service.patch(&address).token(&editor).header("If-Match", "*").json(&json!({ "status": "planned" }));
    back.send().await.problem(409, "illegal_transition");
    let turned =
        service.patch(&address).token(&editor).header("If-Match", "*").json(&json!({ "ends_on": "2024-01-01" }));
    assert_eq!(turned.send().await.problem(422, "validation_failed")["errors"][0]["pointer"], "#/ends_on");
    let measure = format!("/v1/measures/{}", measure["id"].as_str().unwrap());
    service.delete(&measure).token(&editor).header("If-Match", "*").send().await.problem(409, "in_use");
    service.transition(&address, &json!({ "action": "unpublish", "reason": "ซ้ำ" })).await;
    service.get(&address).send().await.problem(410, "unpublished");
    let delete = service.delete(&address).token(&editor).header("If-Match", "*");
    delete.send().await.problem(409, "not_a_draft");
}

#[tokio::test]
async fn a_draft_project_can_be_deleted() {
    let service = spawn().await;
    let created = service.create("/v1/projects", &project(2567, "โครงการ")).await;
    let address = format!("/v1/projects/{}", created["id"].as_str().unwrap());
    let editor = service.token(Role::Editor);
    service.delete(&address).token(&editor).header("If-Match", "*").send().await.expect(204);
    service.get(&address).token(&editor).send().await.problem(404, "not_found");
}

#[tokio::test]
async fn references_must_hold() {
    let service = spawn().await;
    let mut body = project(2567, "โครงการ");
    body["unit"] = json!("nowhere");
    body["measure_id"] = json!("01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11");
    let answer = service.post("/v1/projects").token(&service.token(Role::Editor)).json(&body).send().await;
    let problem = answer.problem(422, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "#/measure_id");
    assert_eq!(problem["errors"][1]["pointer"], "#/unit");
}

#[tokio::test]
async fn a_project_shows_the_name_of_its_unit_and_the_title_of_its_measure_once_that_is_public() {
    let service = spawn().await;
    let admin = service.token(Role::Admin);
    service.create("/v1/units", &unit("legal", "งานนิติการ")).await;
    let draft = service.create("/v1/measures", &measure(2567, 1)).await;
    let mut body = project(2567, "โครงการ");
    (body["unit"], body["measure_id"]) = (json!("legal"), draft["id"].clone());
    let address = service.publish("/v1/projects", &body).await;
    let seen = async || service.get(&address).send().await.expect(200);
    let first = seen().await;
    assert_eq!(first.json()["unit_name"], json!({ "th": "งานนิติการ", "en": null }));
    assert_eq!((&first.json()["measure_id"], &first.json()["measure_title"]), (&draft["id"], &Value::Null));
    // The names are those of now: an ETag of before does not stand for them.
    let measure = format!("/v1/measures/{}", draft["id"].as_str().unwrap());
    service.transition(&measure, &json!({ "action": "publish" })).await;
    let named = json!({ "name": { "th": "งานกฎหมาย", "en": "Legal Affairs" } });
    let patch = service.patch("/v1/units/legal").token(&admin).header("If-Match", "*").json(&named);
    patch.send().await.expect(200);
    let now = service.get(&address).header("If-None-Match", first.header("etag")).send().await.expect(200).json();
    assert_eq!((&now["unit_name"], &now["measure_title"]), (&named["name"], &draft["title"]));
    for (query, head, unit) in [
        ("", "measure_id,measure_title,unit,", "legal"),
        ("&labels=th", "รหัสมาตรการ,มาตรการ,ส่วนราชการ,", "งานกฎหมาย"),
        ("&labels=en", "measure (id),measure,unit,", "Legal Affairs"),
    ] {
        let table = service.get(&format!("/v1/projects?format=csv{query}")).send().await.expect(200).text();
        assert!(
            table.contains(head) && table.contains(&format!("{},{unit},", draft["title"].as_str().unwrap())),
            "{table}"
        );
    }
    service.transition(&measure, &json!({ "action": "unpublish", "reason": "แก้ไข" })).await;
    assert_eq!(seen().await.json()["measure_title"], Value::Null);
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let service = spawn_filled().await;
    for (query, found) in [
        ("fiscal_year=2567", 3),
        ("fiscal_year=2566", 0),
        ("fiscal_year=2566,2567", 3),
        ("unit=personnel", 1),
        ("unit=personnel,legal,finance,public-health,clerk-office", 2),
        ("updated_from=2020-01-01T00:00:00Z", 3),
        ("updated_to=2020-01-01T00:00:00Z", 0),
        ("no_budget_used=true", 1),
        ("no_budget_used=false", 2),
        ("status=in_progress", 1),
        ("q=%E0%B8%AD%E0%B8%9A%E0%B8%A3%E0%B8%A1", 1),
        ("sort=-updated_at", 3),
    ] {
        assert_eq!(service.all(&format!("/v1/projects?{query}")).await.len(), found, "{query}");
    }
    let measures = service.all("/v1/measures?number=6").await;
    let query = format!("/v1/projects?measure_id={}", measures[0]["id"].as_str().unwrap());
    assert_eq!(service.all(&query).await.len(), 1);
}

#[tokio::test]
async fn a_batch_is_created_whole_or_every_fault_is_named() {
    let service = spawn_filled().await;
    let editor = service.token(Role::Editor);
    let send = |query: &str, items: Value| {
        let post = service.post(&format!("/v1/projects/batch{query}")).token(&editor);
        post.json(&json!({ "items": items })).send()
    };
    let total =
        async || service.get("/v1/projects?fiscal_year=2560").token(&editor).send().await.json()["items"].clone();
    let right = json!([project(2560, "หนึ่ง"), project(2560, "สอง")]);
    let checked = send("?dry_run=true", right.clone()).await.expect(200).json();
    assert_eq!((checked["items"].as_array().unwrap().len(), total().await), (2, json!([])));
    let mut wrong = right.clone();
    (wrong[0]["unit"], wrong[1]["measure_id"]) = (json!("nowhere"), json!("01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11"));
    let problem = send("", wrong).await.problem(422, "validation_failed");
    let expected = [("#/items/0/unit", "unknown_unit"), ("#/items/1/measure_id", "unknown_measure")];
    assert_eq!(faults(&problem), expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
    assert_eq!(total().await, json!([]));
    let created = send("", right).await.expect(201).json();
    assert_eq!(created["items"][1]["title"], "สอง");
    assert_eq!(created["items"][1]["publication"], "draft");
    assert_eq!(total().await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_year_has_ten_thousand_projects_at_most() {
    let service = spawn().await;
    let first = service.create("/v1/projects", &project(2567, "โครงการ")).await;
    let row = entity::project::Entity::find().one(service.db().reader()).await.unwrap().unwrap();
    let copy = |_| entity::project::Model { id: Uuid::now_v7(), ..row.clone() }.into_active_model().reset_all();
    let db = Database::connect(&service.database_url).await.unwrap();
    for _ in 0..99 {
        let some = entity::project::Entity::insert_many((0..101).map(copy));
        some.exec_without_returning(&db).await.unwrap();
    }
    db.close().await.unwrap();
    let editor = service.token(Role::Editor);
    let refused = service.post("/v1/projects").token(&editor).json(&project(2567, "อีกโครงการ")).send().await;
    let refused = refused.problem(422, "validation_failed");
    assert_eq!(faults(&refused), [("#/fiscal_year".to_owned(), "full_year".to_owned())]);
    service.create("/v1/projects", &project(2568, "โครงการของปีถัดไป")).await;
    let address = format!("/v1/projects/{}", first["id"].as_str().unwrap());
    let renamed = service.patch(&address).token(&editor).header("If-Match", "*").json(&json!({ "title": "ชื่อใหม่" }));
    renamed.send().await.expect(200);
}
