//! What crews in the field need: finding a case by what they know of it, what is around them, and photos of before and after.

use entity::{case_key, case_phone, unindexed_case};
use prongsai::audit_log::author::Author;
use prongsai::cases::{self, phones};
use prongsai::db::Write;
use prongsai::e_services::requests::phones::index;
use prongsai::error::{Code, Error, Result};
use sea_orm::{ActiveValue::Set, EntityTrait, PaginatorTrait, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit::verified;
use crate::complaints::{Officer, open};
use crate::secrets::is_in;
use crate::support::form::Form;
use crate::support::samples::{complaint, lighting};
use crate::support::{Service, faults};

impl Officer<'_> {
    /// The numbers of the cases that a list has.
    async fn found(&self, path: &str) -> Vec<Value> {
        let list = self.get(path).send().await.expect(200).json();
        list["items"].as_array().unwrap().iter().map(|item| item["reference"].clone()).collect()
    }

    async fn search(&self, q: &str) -> Vec<Value> {
        let q: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
        self.found(&format!("/v1/service-requests?q={q}")).await
    }
}

impl Service {
    /// Asks for public lighting at a place, with a telephone number; gives the number of the request.
    async fn lamp(&self, address: &str, phone: &str) -> Value {
        let mut body = lighting();
        body["location"] = json!({ "latitude": 15.1858, "longitude": 100.1251, "address": address });
        body["applicant"] = json!({ "phone": phone });
        self.ask_for("public-lighting", &body).await["reference"].clone()
    }

    async fn hashes(&self) -> u64 {
        case_phone::Entity::find().count(self.db().reader()).await.unwrap()
    }
}

#[tokio::test]
async fn a_request_is_found_by_its_number_its_place_and_the_end_of_a_telephone_number() {
    let service = open().await;
    let temple = service.lamp("หน้าวัดพระบรมธาตุ หมู่ 4", "081-234-5678").await;
    let market = service.lamp("ตลาดสด ซอย 12 (50%_)", "+66 (0) 89 999 5678, 056-411-234 ต่อ 12").await;
    let school = service.lamp("โรงเรียน เลขที่ 12-34", "02 123 4567").await;
    let officer = service.service_officer("somchai", &["public-works"]).await;
    let number = temple.as_str().unwrap();
    for (q, found) in [
        (number, vec![&temple]),
        (&number.to_lowercase()[..4], vec![&temple]),
        ("พระบรมธาตุ", vec![&temple]),
        ("หมู่  ๔", vec![&temple]),
        ("ซอย 12", vec![&market]),
        ("12-34", vec![&school]),
        ("50%_", vec![&market]),
        ("%%%", vec![]),
        ("2345678", vec![&temple]),
        ("๐๘๑ ๒๓๔ ๕๖๗๘", vec![&temple]),
        ("+66812345678", vec![&temple]),
        ("0899995678", vec![&market]),
        ("1234", vec![&market]),
        ("5678", vec![&market, &temple]),
        ("8888", vec![]),
        ("99999999999999999999", vec![]),
        ("🦀🦀🦀", vec![]),
    ] {
        let found: Vec<_> = found.into_iter().cloned().collect();
        assert_eq!(officer.search(q).await, found, "{q}");
    }
    let total = officer.get("/v1/service-requests?q=5678&include_total=true").send().await.expect(200).json();
    assert_eq!(total["page"]["total"], 2);
    for q in ["5678", "%E0%B8%95%E0%B8%A5%E0%B8%B2%E0%B8%94"] {
        let table = officer.get(&format!("/v1/service-requests?q={q}&format=csv")).send().await.expect(200).text();
        assert!(
            table.contains(market.as_str().unwrap()) && !table.contains("5678,") && !table.contains("ตลาด"),
            "{table}"
        );
    }
    // Other officers find nothing of it, and a short text is refused.
    assert_eq!(service.service_officer("malee", &["legal"]).await.search("5678").await, Vec::<Value>::new());
    let short = officer.get("/v1/service-requests?q=12").send().await.problem(400, "invalid_parameter");
    assert_eq!(short["errors"][0]["parameter"], "q");
    let both =
        officer.get("/v1/service-requests?q=abc&include_total=true").send().await.problem(400, "invalid_parameter");
    assert_eq!(both["errors"][0]["parameter"], "include_total");
}

#[tokio::test]
async fn a_complaint_is_found_by_a_part_of_its_number_and_by_nothing_that_is_sealed_of_its_reporter() {
    let service = open().await;
    let given = service.report(&crate::support::samples::named_complaint()).await;
    service.report(&complaint()).await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let number = given["reference"].as_str().unwrap();
    for q in [number, &number[..6].replace('-', "").to_lowercase(), &number[4..]] {
        let found = officer.found(&format!("/v1/complaints?q={q}")).await;
        assert!(found.contains(&given["reference"]) && found.len() == 1, "{q}: {found:?}");
    }
    assert_eq!(officer.found("/v1/complaints?q=081-234-5678").await, Vec::<Value>::new());
    assert_eq!(service.hashes().await, 0);
}

#[tokio::test]
async fn telephone_numbers_are_found_after_their_key_is_replaced_and_go_with_what_was_written() {
    let service = open().await;
    let found = service.lamp("ตลาดสด", "081-234-5678").await;
    let other = service.lamp("วัด", "081-234-9999").await;
    let officer = service.service_officer("somchai", &[]).await;
    let before = case_phone::Entity::find().all(service.db().reader()).await.unwrap();
    assert_eq!(before.len(), 12);
    // As a rotation of the content keys does.
    let renewed = service.db().write(&Author::program("test"), |write| async move {
        phones::renew(&write).await?;
        write.commit([], ())
    });
    renewed.await.unwrap();
    assert_eq!((service.hashes().await, officer.search("5678").await), (0, vec![]));
    index(&service.app.cases).await.unwrap();
    assert_eq!(officer.search("5678").await, std::slice::from_ref(&found));
    assert_eq!(unindexed_case::Entity::find().count(service.db().reader()).await.unwrap(), 0);
    let after = case_phone::Entity::find().all(service.db().reader()).await.unwrap();
    assert!(after.len() == 12 && after.iter().all(|row| !before.contains(row)));

    let case = officer.find_request(&json!({ "reference": found })).await["id"].as_str().unwrap().parse().unwrap();
    let destroyed = service.db().write(&Author::program("test"), move |write| async move {
        cases::destroy(&write, case).await?;
        write.commit([], ())
    });
    destroyed.await.unwrap();
    assert_eq!((service.hashes().await, officer.search("9999").await), (6, vec![other]));
    // A case whose key is gone is passed over.
    let renewed = service.db().write(&Author::program("test"), |write| async move {
        phones::renew(&write).await?;
        write.commit([], ())
    });
    renewed.await.unwrap();
    index(&service.app.cases).await.unwrap();
    assert_eq!(service.hashes().await, 6);
}

impl Service {
    /// Asks for public lighting at a point; gives the number of the request.
    async fn lamp_at(&self, latitude: f64, longitude: f64) -> Value {
        let mut body = lighting();
        body["location"] = json!({ "latitude": latitude, "longitude": longitude });
        self.ask_for("public-lighting", &body).await["reference"].clone()
    }
}

#[tokio::test]
async fn requests_around_a_point_come_by_their_exact_distance_page_by_page() {
    let service = open().await;
    // A thousandth of a degree of latitude is 111.195 metres. The first three are rounded to the same point.
    let far = service.lamp_at(15.1958, 100.1251).await;
    let second = service.lamp_at(15.1862, 100.1251).await;
    let first = service.lamp_at(15.1858, 100.1251).await;
    let third = service.lamp_at(15.1864, 100.1251).await;
    let beyond = service.lamp_at(15.1958, 100.1252).await;
    service.lamp("ตลาดสด", "081-234-5678").await;
    let mut without = lighting();
    without["location"] = json!({ "address": "ซอย 3" });
    service.ask_for("public-lighting", &without).await;
    let officer = service.service_officer("somchai", &[]).await;
    let list = async |query: &str| {
        let path = format!("/v1/service-requests?near=15.1858,100.1251{query}");
        officer.get(&path).send().await.expect(200).json()
    };
    let seen = |list: &Value| -> Vec<(Value, i64)> {
        let items = list["items"].as_array().unwrap().iter();
        items.map(|item| (item["reference"].clone(), item["distance_m"].as_i64().unwrap())).collect()
    };
    let near = list("&radius=100&include_total=true").await;
    assert_eq!(near["page"]["total"], 4);
    let distances: Vec<i64> = seen(&near).into_iter().map(|(_, distance)| distance).collect();
    assert_eq!(distances, [0, 0, 44, 67]);
    assert_eq!(seen(&near)[2..], [(second.clone(), 44), (third.clone(), 67)]);
    // The edge: 1,111.95 metres to one, and some millimetres more to the other.
    assert_eq!(seen(&list("&radius=1112").await)[4..], [(far.clone(), 1112)]);
    assert_eq!(seen(&list("&radius=1113").await)[4..], [(far.clone(), 1112), (beyond.clone(), 1112)]);
    assert_eq!(seen(&list("").await).len(), 4);
    // Page by page, also where two are equally far.
    let (mut all, mut next) =
        (Vec::new(), Some("/v1/service-requests?near=15.1858,100.1251&radius=2000&limit=1".to_owned()));
    while let Some(path) = next {
        let page = officer.get(&path).send().await.expect(200).json();
        all.extend(seen(&page));
        next = page["page"]["next"].as_str().map(str::to_owned);
    }
    assert_eq!(all, seen(&list("&radius=2000").await));
    assert!(all.len() == 6 && all[..2].iter().any(|(number, _)| *number == first));
    let cursor = list("&limit=1").await["page"]["next_cursor"].as_str().unwrap().to_owned();
    for other in ["near=15.1859,100.1251", "sort=received_at", "limit=1"] {
        let other = officer.get(&format!("/v1/service-requests?{other}&cursor={cursor}")).send().await;
        assert_eq!(other.problem(400, "invalid_parameter")["errors"][0]["code"], "bad_cursor");
    }
    // With other filters, and as a table.
    assert_eq!(seen(&list("&q=ตลาด").await).len(), 1);
    assert_eq!(seen(&list("&q=5678&status=received&radius=10").await).len(), 2);
    assert_eq!(seen(&list("&e_service=tree-cutting").await).len(), 0);
    let table = officer.get("/v1/service-requests?near=15.1858,100.1251&format=csv").send().await.expect(200).text();
    let lines: Vec<_> = table.lines().map(|line| line.rsplit(',').next().unwrap()).collect();
    assert_eq!(lines, ["distance_m", "0", "0", "44", "67"]);
    assert!(officer.find_request(&json!({ "reference": first })).await.get("distance_m").is_none());
}

#[tokio::test]
async fn a_map_is_asked_for_by_its_edges_and_never_tells_more_than_the_rounded_point() {
    let service = open().await;
    // Rounded to 15.186 and 100.125.
    let found = service.lamp_at(15.1858, 100.1251).await;
    let officer = service.service_officer("somchai", &[]).await;
    for (bbox, is_in) in [
        ("100.12,15.18,100.13,15.19", true),
        ("100.125,15.186,100.125,15.186", true),
        ("100.125, 15.186, 100.125, 15.186", true),
        ("-180,-90,180,90", true),
        // Where it is exactly, and where it is not said to be.
        ("100.1251,15.1858,100.1251,15.1858", false),
        ("100.12501,15.18,100.13,15.19", false),
        ("100.13,15.18,100.14,15.19", false),
    ] {
        let wanted: Vec<_> = is_in.then(|| found.clone()).into_iter().collect();
        assert_eq!(officer.found(&format!("/v1/service-requests?bbox={bbox}")).await, wanted, "{bbox}");
        let map = service.get(&format!("/v1/service-requests/public.geojson?bbox={bbox}")).send().await.expect(200);
        assert_eq!(map.json()["features"].as_array().unwrap().len(), wanted.len(), "{bbox}");
        let other = service.get(&format!("/open311/v2/requests.json?bbox={bbox}")).send().await.expect(200).json();
        assert_eq!(other.as_array().unwrap().len(), wanted.len(), "{bbox}");
    }
}

#[tokio::test]
async fn what_is_no_place_is_refused_with_what_may_have_been_meant() {
    let service = open().await;
    let officer = service.service_officer("somchai", &[]).await;
    for (query, parameter, code, said) in [
        ("near=100.1251,15.1858", "near", "outside", "15.1858,100.1251"),
        ("near=15.1,181", "near", "outside", "-180"),
        ("near=here", "near", "bad_format", ""),
        ("near=15.1", "near", "bad_format", ""),
        ("near=nan,nan", "near", "bad_format", ""),
        ("near=15.1,100.1,3", "near", "bad_format", ""),
        ("near=15.1,100.1&radius=0", "radius", "too_small", ""),
        ("near=15.1,100.1&radius=20001", "radius", "too_large", ""),
        ("near=15.1,100.1&radius=1.5", "radius", "wrong_type", ""),
        ("near=15.1,100.1&sort=received_at", "sort", "not_together", ""),
        ("radius=100", "radius", "needed", "near"),
        ("bbox=15.1,100.1,15.2,100.2", "bbox", "outside", "100.1,15.1,100.2,15.2"),
        ("bbox=100.2,15.1,100.1,15.2", "bbox", "outside", "west"),
        ("bbox=100.1,15.1,100.2", "bbox", "bad_format", ""),
    ] {
        let refused = officer.get(&format!("/v1/service-requests?{query}")).header("Accept-Language", "en");
        let refused = refused.send().await.problem(400, "invalid_parameter");
        assert_eq!(faults(&refused), [(parameter.to_owned(), code.to_owned())], "{query}");
        assert!(refused["errors"][0]["detail"].as_str().unwrap().contains(said), "{refused}");
    }
    let map = service.get("/v1/service-requests/public.geojson?bbox=15.1,100.1,15.2,100.2").send().await;
    assert_eq!(faults(&map.problem(400, "invalid_parameter"))[0].0, "bbox");
    for bbox in ["1,2,3", "x", "100.2,15.1,100.1,15.2"] {
        service.get(&format!("/open311/v2/requests.json?bbox={bbox}")).send().await.expect(400);
    }
}

/// The index and status of each step of a batch.
fn statuses(answer: &Value) -> Vec<(u64, u64)> {
    let results = answer["results"].as_array().unwrap().iter();
    results.map(|result| (result["index"].as_u64().unwrap(), result["status"].as_u64().unwrap())).collect()
}

#[tokio::test]
async fn each_step_of_a_batch_is_taken_for_itself_if_that_is_asked_for() {
    let service = open().await;
    let officer = service.service_officer("somchai", &["public-works"]).await;
    let mut found = Vec::new();
    for _ in 0..3 {
        found.push(officer.find_request(&service.ask_for("public-lighting", &lighting()).await).await);
    }
    // A colleague was faster with one of them.
    officer.step_request(&found[1], json!({ "action": "accept" })).await.expect(200);
    let nobody = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11";
    let id = |n: usize| found[n]["id"].clone();
    let steps = json!({ "items": [
        { "id": id(0), "action": "accept" },
        { "id": id(1), "action": "accept" },
        { "id": nobody, "action": "accept" },
        { "id": id(2), "action": "forward", "unit": "nowhere" },
        { "id": id(1), "action": "start" },
        { "id": id(2), "action": "forward", "unit": "clerk-office" },
        { "id": id(2), "action": "accept" },
    ] });
    let path = "/v1/service-requests/transitions/batch?atomic=false";
    let expected = [(0, 200), (1, 409), (2, 404), (3, 422), (4, 200), (5, 200), (6, 404)];
    let dry = officer.post(&format!("{path}&dry_run=true")).json(&steps).send().await.expect(200).json();
    assert_eq!(statuses(&dry), expected);
    let status = async |n: usize| {
        let path = format!("/v1/service-requests/{}", found[n]["id"].as_str().unwrap());
        officer.get(&path).send().await.json()["status"].clone()
    };
    assert_eq!(status(0).await, "received");
    let send = || officer.post(path).header("Idempotency-Key", "an-evenings-upload").json(&steps).send();
    let answer = send().await.expect(200);
    let done = answer.json();
    assert_eq!((statuses(&done), &done["items"]), (expected.to_vec(), &json!([])));
    let problem = &done["results"][1]["problem"];
    assert_eq!((&problem["code"], &done["results"][1]["id"]), (&json!("illegal_transition"), &id(1)));
    assert_eq!(problem["request_id"], answer.header("x-request-id"));
    assert_eq!(faults(&done["results"][3]["problem"]), [("#/items/3/unit".into(), "unknown_unit".into())]);
    assert!(done["results"][0].get("problem").is_none());
    assert_eq!((status(0).await, status(1).await), (json!("accepted"), json!("in_progress")));
    // The same again, and nothing is taken twice.
    let again = send().await.expect(200);
    assert_eq!((again.json(), again.header("idempotency-replayed")), (done, "true"));
    // A step that lacks something fails alone; what is not as the schema says is refused as a whole, and together all are taken or none.
    let lacking = [
        (json!({ "action": "pause" }), "#/items/0/text", "needed"),
        (json!({ "action": "ask" }), "#/items/0/text", "needed"),
        (json!({ "action": "refer", "text": "ทางหลวง" }), "#/items/0/referral", "needed"),
        (json!({ "action": "forward" }), "#/items/0/unit", "needed"),
        (json!({ "action": "resume", "booked_on": "2024-04-01" }), "#/items/0/booked_on", "not_for_this"),
    ];
    for (mut step, place, code) in lacking {
        step["id"] = id(1);
        let steps = json!({ "items": [step, { "id": id(0), "action": "start" }] });
        let done = officer.post(&format!("{path}&dry_run=true")).json(&steps).send().await.expect(200).json();
        assert_eq!(statuses(&done), [(0, 422), (1, 200)]);
        assert_eq!(faults(&done["results"][0]["problem"]), [(place.into(), code.into())]);
    }
    let wrong = json!({ "items": [
        { "id": id(0), "action": "start" }, { "id": id(1), "action": "pause" }, { "id": id(1), "action": "forward" },
    ] });
    let together = officer.post("/v1/service-requests/transitions/batch").json(&wrong).send().await;
    assert_eq!(
        faults(&together.problem(422, "validation_failed")),
        [("#/items/1/text".into(), "needed".into()), ("#/items/2/unit".into(), "needed".into())]
    );
    let unknown = json!({ "items": [{ "id": id(0), "action": "start", "reason": "x" }] });
    officer.post(path).json(&unknown).send().await.problem(400, "unknown_field");
    officer.post("/v1/service-requests/transitions/batch?atomic=true").json(&steps).send().await.expect(409);
    assert_eq!(status(0).await, "accepted");
    // A hundred problems are kept for a retry as well.
    let hundred: Vec<Value> = (0..100).map(|_| json!({ "id": id(0), "action": "accept" })).collect();
    let send =
        || officer.post(path).header("Idempotency-Key", "a-hundred-problems").json(&json!({ "items": hundred })).send();
    assert_eq!(send().await.expect(200).json(), send().await.expect(200).json());
}

#[tokio::test]
async fn a_step_with_a_complaint_that_fails_leaves_nothing_and_the_others_are_in_the_log() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let (one, other) = (service.report(&complaint()).await, service.report(&complaint()).await);
    let (one, other) = (officer.find(&one).await, officer.find(&other).await);
    let steps = json!({ "items": [
        { "id": one["id"], "action": "take" },
        { "id": other["id"], "action": "conclude", "outcome": "substantiated", "text": "พบการกระทำผิด" },
        { "id": one["id"], "action": "accept" },
        { "id": one["id"], "action": "conclude", "outcome": "referred", "text": "ส่งต่อ" },
        { "id": one["id"], "action": "accept", "outcome": "noted" },
    ] });
    let path = "/v1/complaints/transitions/batch?atomic=false";
    // A dry run tells how things are with them: that is read.
    let reader = service.complaint_officer("malee", &[]).await;
    let before = service.events("read").await.len();
    reader.post(&format!("{path}&dry_run=true")).json(&steps).send().await.expect(200);
    assert_eq!(service.events("read").await.len(), before + 2);
    let done = officer.post(path).json(&steps).send().await.expect(200).json();
    assert_eq!(statuses(&done), [(0, 200), (1, 409), (2, 200), (3, 422), (4, 422)]);
    assert_eq!(faults(&done["results"][3]["problem"]), [("#/items/3/referral".into(), "needed".into())]);
    assert_eq!(faults(&done["results"][4]["problem"]), [("#/items/4/outcome".into(), "not_for_this".into())]);
    let timeline = format!("/v1/complaints/{}/timeline", other["id"].as_str().unwrap());
    assert_eq!(officer.get(&timeline).send().await.expect(200).json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

/// A photo of so many pixels, as a camera that was held upright writes it, and where it was made.
fn upright_photo(columns: u32, rows: u32) -> Vec<u8> {
    let mut jpeg = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(columns, rows).write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
    let jpeg = jpeg.into_inner();
    let exif = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0GPS-CANARY";
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, exif, &jpeg[2..]].concat()
}

#[tokio::test]
async fn a_photo_is_seen_small_and_upright_by_both_sides_and_what_is_none_is_told() {
    let service = open().await;
    let given = service.ask_for("public-lighting", &lighting()).await;
    let officer = service.service_officer("somchai", &[]).await;
    let sent = async |name: &str, file: &[u8]| {
        service.attach_to("service-requests", &given["receipt"], name, file).await.expect(201).json()["id"].clone()
    };
    let photo = sent("เสาไฟ.png", &upright_photo(800, 400)).await;
    let view = async |id: &Value, query: &str| {
        officer.get(&format!("/v1/service-request-attachments/{}/view{query}", id.as_str().unwrap())).send().await
    };
    let own = async |id: &Value, width: i32| {
        let body = json!({ "receipt": given["receipt"], "id": id, "width": width });
        service.post("/v1/service-requests/lookup/attachments/download").json(&body).send().await
    };
    for (width, dimensions) in [(160, (160, 320)), (320, (320, 640)), (640, (400, 800)), (1280, (400, 800))] {
        let (seen, theirs) = (view(&photo, &format!("?width={width}")).await.expect(200), own(&photo, width).await);
        let picture = image::load_from_memory(&seen.body).unwrap();
        assert_eq!((picture.width(), picture.height()), dimensions);
        assert_eq!(seen.header("content-type"), "image/jpeg");
        assert_eq!(seen.header("cache-control"), "private, no-store");
        assert!(!is_in("GPS-CANARY", &seen.body) && !seen.body.windows(4).any(|part| part == b"Exif"));
        assert_eq!(theirs.expect(200).body, seen.body);
    }
    for width in ["0", "161", "99999", "x"] {
        let refused = view(&photo, &format!("?width={width}")).await.problem(400, "invalid_parameter");
        assert_eq!(refused["errors"][0]["parameter"], "width");
    }
    assert_eq!(faults(&own(&photo, 161).await.problem(422, "validation_failed"))[0].0, "#/width");
    // What is no picture, what is none that can be decoded, and one that is larger than it seems.
    let note = sent("บันทึก.txt", "หลอดไฟขาด".as_bytes()).await;
    let broken = sent("เสีย.jpg", &crate::support::samples::photo()).await;
    let large = sent("ใหญ่.jpg", &upright_photo(5001, 5000)).await;
    for (file, said) in [(&note, "no copy to view"), (&broken, "cannot be read"), (&large, "25 million")] {
        let path = format!("/v1/service-request-attachments/{}/view?width=160", file.as_str().unwrap());
        let told = officer.get(&path).header("Accept-Language", "en").send().await.problem(404, "not_found");
        assert!(told["detail"].as_str().unwrap().contains(said), "{told}");
        own(file, 160).await.expect(404);
    }
    // Many at once: each waits for its turn, and takes memory then. All of them have more than there is for files.
    let heavy = sent("หนัก.jpg", &with_comments(&upright_photo(80, 40), 55)).await;
    let together = futures_util::future::join_all((0..8).map(|_| view(&heavy, "?width=160")));
    let theirs = futures_util::future::join_all((0..4).map(|_| own(&heavy, 160)));
    let (together, theirs) = futures_util::future::join(together, theirs).await;
    for answer in together.into_iter().chain(theirs) {
        assert_eq!(answer.expect(200).header("content-type"), "image/jpeg");
    }
}

/// The same JPEG with so many comments of 64 KiB.
fn with_comments(jpeg: &[u8], count: usize) -> Vec<u8> {
    let comment = [&[0xFF, 0xFE, 0xFF, 0xFF][..], &[b'x'; 65_533]].concat();
    [&jpeg[..2], &comment.repeat(count), &jpeg[2..]].concat()
}

/// Fails where it is there already.
async fn insert(write: &Write, id: u128) -> Result<()> {
    let row = unindexed_case::ActiveModel { case_id: Set(Uuid::from_u128(id)) };
    unindexed_case::Entity::insert(row).exec_without_returning(write).await?;
    Ok(())
}

#[tokio::test]
async fn a_part_of_a_write_that_fails_leaves_nothing_and_the_write_goes_on() {
    let service = open().await;
    let written = service.db().write(&Author::program("test"), |write| async move {
        insert(&write, 1).await?;
        let failed = write.part(async {
            insert(&write, 2).await?;
            // A statement that fails as well: PostgreSQL takes no other after it, unless the part is undone.
            insert(&write, 1).await?;
            Ok::<_, Error>(())
        });
        assert!(failed.await.is_err());
        let refused = write.part(async {
            insert(&write, 3).await?;
            Err::<(), _>(Error::from(Code::NotFound))
        });
        assert_eq!(refused.await.unwrap_err().code(), Code::NotFound);
        write.part(insert(&write, 4)).await?;
        insert(&write, 5).await?;
        write.commit([], ())
    });
    written.await.unwrap();
    let rows = unindexed_case::Entity::find().order_by_asc(unindexed_case::Column::CaseId);
    let rows: Vec<_> = rows.all(service.db().reader()).await.unwrap().into_iter().map(|row| row.case_id).collect();
    assert_eq!(rows, [1, 4, 5].map(Uuid::from_u128));
}

#[tokio::test]
async fn a_request_that_cannot_be_opened_stays_queued_and_the_others_are_found() {
    let service = open().await;
    let lost = service.lamp("ตลาดสด", "081-234-5678").await;
    let found = service.lamp("วัด", "081-234-9999").await;
    let officer = service.service_officer("somchai", &[]).await;
    let id: Uuid = officer.find_request(&json!({ "reference": lost })).await["id"].as_str().unwrap().parse().unwrap();
    let renewed = service.db().write(&Author::program("test"), move |write| async move {
        phones::renew(&write).await?;
        // As one that is sealed under a content key that this process has not read.
        let lost = case_key::ActiveModel { case_id: Set(id), ring_key: Set("other".to_owned()), ..Default::default() };
        case_key::Entity::update(lost).exec(&write).await?;
        write.commit([], ())
    });
    renewed.await.unwrap();
    index(&service.app.cases).await.unwrap_err();
    assert_eq!(officer.search("9999").await, [found]);
    let queued = unindexed_case::Entity::find().all(service.db().reader()).await.unwrap();
    assert_eq!(queued.into_iter().map(|row| row.case_id).collect::<Vec<_>>(), [id]);
    // So is one that is filed while the key of the hashes cannot be opened, and no hash is lost.
    let unread = service.db().write(&Author::program("test"), |write| async move {
        let key = case_key::ActiveModel {
            case_id: Set(phones::KEY),
            ring_key: Set("other".to_owned()),
            ..Default::default()
        };
        case_key::Entity::update(key).exec(&write).await?;
        write.commit([], ())
    });
    unread.await.unwrap();
    service.lamp("ตลาดสด", "081-234-7777").await;
    assert_eq!(service.hashes().await, 6);
    assert_eq!(unindexed_case::Entity::find().count(service.db().reader()).await.unwrap(), 2);
}

#[tokio::test]
async fn photos_from_before_and_after_the_work_are_told_apart_by_both_sides() {
    let service = open().await;
    let given = service.ask_for("public-lighting", &lighting()).await;
    let officer = service.service_officer("somchai", &[]).await;
    let found = officer.find_request(&given).await;
    let files = format!("/v1/service-requests/{}/attachments", found["id"].as_str().unwrap());
    let photo = upright_photo(40, 20);
    for taken in ["before", "after"] {
        let form = Form::new().field("public", "true").field("taken", taken).file("เสาไฟ.jpg", &photo);
        assert_eq!(officer.post(&files).form(form).send().await.expect(201).json()["taken"], taken);
    }
    let unmarked = Form::new().field("public", "true").file("เสาไฟ.jpg", &photo);
    assert_eq!(officer.post(&files).form(unmarked).send().await.expect(201).json()["taken"], json!(null));
    let expected = [json!("before"), json!("after"), json!(null)];
    let taken =
        |list: &Value| -> Vec<Value> { list.as_array().unwrap().iter().map(|file| file["taken"].clone()).collect() };
    assert_eq!(taken(&officer.get(&files).send().await.expect(200).json()["items"]), expected);
    let own = service.look_up_request(&given["receipt"]).await.expect(200).json();
    assert_eq!(taken(&own["attachments"]), expected);
    let table = officer.get(&format!("{files}?format=csv&labels=th")).send().await.expect(200).text();
    assert!(
        table.contains("ช่วงเวลาที่ถ่ายภาพ") && table.contains("ก่อนดำเนินการ") && table.contains("หลังดำเนินการ"),
        "{table}"
    );
    // Of a picture only, of nothing else, and not of the applicant's.
    let text = Form::new().field("public", "true").field("taken", "after").file("บันทึก.txt", "เปลี่ยนแล้ว".as_bytes());
    let refused = officer.post(&files).form(text).send().await.problem(422, "validation_failed");
    assert_eq!(faults(&refused), [("#/taken".into(), "not_for_this".into())]);
    let during = Form::new().field("public", "true").field("taken", "during").file("เสาไฟ.jpg", &photo);
    assert_eq!(
        faults(&officer.post(&files).form(during).send().await.problem(422, "validation_failed"))[0].0,
        "#/taken"
    );
    let form = Form::new().field("receipt", given["receipt"].as_str().unwrap()).field("taken", "before");
    let theirs = service.post("/v1/service-requests/lookup/attachments").once().form(form.file("เสาไฟ.jpg", &photo));
    theirs.send().await.problem(400, "unknown_field");
}
