//! `/v1/changes`: whoever follows it has what the lists have.

use std::collections::{BTreeMap, BTreeSet};

use prongsai::auth::scope::Role;
use serde_json::{Value, json};

use crate::complaints::open;
use crate::support::samples::{complaint, lighting, measure};
use crate::support::{Service, faults, spawn, spawn_filled};

/// A program that keeps a copy of the addresses of what is there.
struct Follower<'a> {
    service: &'a Service,
    token: Option<String>,
    cursor: Option<String>,
    /// The address of each record, by its kind and id.
    copy: BTreeMap<(String, String), String>,
    /// What it was told last.
    told: Vec<(String, String)>,
}

impl<'a> Follower<'a> {
    fn new(service: &'a Service, token: Option<String>) -> Self {
        Self { service, token, cursor: None, copy: BTreeMap::new(), told: Vec::new() }
    }

    async fn page(&self, limit: usize) -> Value {
        let since = self.cursor.as_ref().map(|cursor| format!("&since={cursor}")).unwrap_or_default();
        let request = self.service.get(&format!("/v1/changes?limit={limit}{since}"));
        let request = if let Some(token) = &self.token { request.token(token) } else { request };
        request.send().await.expect(200).json()
    }

    /// Reads all that is new, a few changes at a time.
    async fn follow(&mut self) -> &[(String, String)] {
        self.told.clear();
        for _ in 0..10_000 {
            let page = self.page(7).await;
            for item in page["items"].as_array().unwrap() {
                let text = |field: &str| item[field].as_str().unwrap().to_owned();
                let (resource, change) = (text("resource"), text("change"));
                let key = (resource.clone(), item["id"].as_str().map_or_else(|| text("url"), str::to_owned));
                match &*change {
                    "updated" => drop(self.copy.insert(key, text("url"))),
                    _ => drop(self.copy.remove(&key)),
                }
                self.told.push((resource, change));
            }
            self.cursor = page["cursor"].as_str().map(str::to_owned);
            if page["has_more"] == false {
                return &self.told;
            }
        }
        panic!("the changes have no end");
    }

    /// The addresses of a kind of records, without that of the service.
    fn paths(&self, resource: &str) -> BTreeSet<String> {
        let of_kind = self.copy.iter().filter(|((kind, _), _)| kind == resource);
        of_kind.map(|(_, url)| url.strip_prefix(&self.service.address).unwrap().to_owned()).collect()
    }
}

impl Service {
    /// The addresses of the records of a list, which have this field in theirs.
    async fn paths(&self, list: &str, key: &str) -> BTreeSet<String> {
        let records = self.all(&format!("{list}?limit=100")).await;
        records.iter().map(|record| format!("{list}/{}", record[key].as_str().unwrap())).collect()
    }
}

#[tokio::test]
async fn whoever_follows_from_the_beginning_has_what_the_public_lists_have() {
    let service = spawn_filled().await;
    let mut public = Follower::new(&service, None);
    public.follow().await;
    let by_id = [
        "units",
        "holidays",
        "measures",
        "projects",
        "complaint-categories",
        "reported-figures",
        "public-files",
        "closed-days",
        "publications",
    ];
    for (resource, key) in
        by_id.map(|resource| (resource, "id")).into_iter().chain([("e-services", "code"), ("guides", "code")])
    {
        let listed = service.paths(&format!("/v1/{resource}"), key).await;
        assert_eq!(public.paths(resource), listed, "{resource}");
    }
    // Every address answers.
    assert!(public.copy.len() > 100);
    for address in public.copy.values() {
        service.get(address.strip_prefix(&service.address).unwrap()).send().await.expect(200);
    }
    assert_eq!(public.paths("agency"), ["/v1/agency".to_owned()].into());
    assert_eq!(public.follow().await, []);
    assert!(public.paths("ita-disclosures").is_empty());
    let mut editor = Follower::new(&service, Some(service.token(Role::Editor)));
    editor.follow().await;
    assert_eq!(editor.paths("ita-disclosures").len(), editor.paths("ita-items").len());
    for address in editor.copy.values() {
        let path = address.strip_prefix(&service.address).unwrap();
        service.get(path).token(&service.token(Role::Editor)).send().await.expect(200);
    }
}

#[tokio::test]
async fn drafts_are_followed_by_those_who_see_them_and_what_is_unpublished_or_deleted_leaves_every_copy() {
    let service = spawn().await;
    let told = |resource: &str, change: &str| (resource.to_owned(), change.to_owned());
    let (mut public, mut editor) =
        (Follower::new(&service, None), Follower::new(&service, Some(service.token(Role::Editor))));
    public.follow().await;
    editor.follow().await;
    let before = public.cursor.clone();

    let draft = service.create("/v1/measures", &measure(2567, 1)).await;
    let address = format!("/v1/measures/{}", draft["id"].as_str().unwrap());
    assert_eq!(public.follow().await, []);
    // That there is a draft shows in nothing.
    assert_eq!(public.cursor, before);
    assert_eq!(editor.follow().await, [told("measures", "updated")]);

    service.transition(&address, &json!({ "action": "publish" })).await;
    service.change(&address, &json!({ "title": "ชื่อใหม่" })).await;
    assert_eq!(public.follow().await, [told("measures", "updated")]);
    assert_eq!(public.paths("measures"), [address.clone()].into());
    assert_eq!(editor.follow().await, [told("measures", "updated")]);

    service.transition(&address, &json!({ "action": "unpublish", "reason": "ลงข้อมูลผิดปี" })).await;
    assert_eq!(public.follow().await, [told("measures", "unpublished")]);
    assert!(public.paths("measures").is_empty());
    let page = service.get("/v1/changes?limit=500").send().await.expect(200).json();
    let gone = page["items"].as_array().unwrap().last().unwrap();
    let gone = gone["url"].as_str().unwrap().strip_prefix(&service.address).unwrap();
    service.get(gone).send().await.problem(410, "unpublished");

    let admin = service.token(Role::Admin);
    let holiday = service.create("/v1/holidays", &json!({ "date": "2024-08-12", "name": { "th": "วันแม่" } })).await;
    let holiday = format!("/v1/holidays/{}", holiday["id"].as_str().unwrap());
    assert_eq!(public.follow().await, [told("holidays", "updated")]);
    service.delete(&holiday).token(&admin).header("If-Match", "*").send().await.expect(204);
    assert_eq!(public.follow().await, [told("holidays", "deleted")]);

    // Nobody else has seen a draft that is deleted.
    let other = service.create("/v1/measures", &measure(2567, 2)).await;
    let other = format!("/v1/measures/{}", other["id"].as_str().unwrap());
    service.delete(&other).token(&service.token(Role::Editor)).header("If-Match", "*").send().await.expect(204);
    assert_eq!(public.follow().await, []);
}

#[tokio::test]
async fn a_record_whose_address_changes_is_known_by_its_id() {
    let service = spawn_filled().await;
    let mut public = Follower::new(&service, None);
    let item = json!({
        "code": "O36", "indicator": "10 ก", "sub_indicator": "10.3 ข", "title": "ค", "conditions": ["ง"],
        "required_parts": ["จ"], "confidence": "recalled",
    });
    service.create("/v1/ita/2567/items", &item).await;
    public.follow().await;
    let [before, after] = ["O36", "O99"].map(|code| format!("/v1/ita/2567/items/{code}"));
    service.change(&before, &json!({ "code": "O99" })).await;
    assert_eq!(public.follow().await, [("ita-items".to_owned(), "updated".to_owned())]);
    let items = public.paths("ita-items");
    assert!(items.contains(&after) && !items.contains(&before), "{items:?}");
    let editor = service.token(Role::Editor);
    service.delete(&after).token(&editor).header("If-Match", "*").send().await.expect(204);
    assert_eq!(public.follow().await, [("ita-items".to_owned(), "deleted".to_owned())]);
    assert!(!public.paths("ita-items").contains(&after));
}

#[tokio::test]
async fn officers_follow_the_cases_that_they_may_see_and_learn_of_no_others() {
    let service = open().await;
    let officer = service.complaint_officer("somchai", &[]).await;
    let (recused, second) =
        (service.complaint_officer("somying", &[]).await, service.complaint_officer("second", &[]).await);
    let of_the_street = service.service_officer("wichai", &["public-works"]).await;
    let of_none = service.service_officer("wichit", &["legal"]).await;
    let mut all = [&officer, &recused, &of_the_street, &of_none]
        .map(|person| Follower::new(&service, Some(person.token.clone())));
    let mut public = Follower::new(&service, None);
    public.follow().await;
    for follower in &mut all {
        follower.follow().await;
    }
    let (before, public_before) = (all.each_ref().map(|follower| follower.cursor.clone()), public.cursor.clone());

    let given = service.report(&complaint()).await;
    let found = officer.find(&given).await;
    officer.propose(&found, &[&recused.id]).await.expect(200);
    second.decide_recusal(&found, "confirm").await.expect(200);
    service.ask_for("public-lighting", &lighting()).await;
    let counts = {
        let mut counts = Vec::new();
        for follower in &mut all {
            follower.follow().await;
            counts.push(["complaints", "service-requests"].map(|resource| follower.paths(resource).len()));
        }
        counts
    };
    assert_eq!(counts, [[1, 0], [0, 0], [0, 1], [0, 0]]);
    public.follow().await;
    assert_eq!(public.cursor, public_before);
    assert_eq!([&all[1].cursor, &all[3].cursor], [&before[1], &before[3]]);
    // Reading is no change.
    officer.get(&format!("/v1/complaints/{}", found["id"].as_str().unwrap())).send().await.expect(200);
    assert_eq!(all[0].follow().await, []);
    officer.steps(&officer.find(&given).await, &["take"]).await;
    assert_eq!(all[0].follow().await, [("complaints".to_owned(), "updated".to_owned())]);
    let page = officer.get("/v1/changes?limit=500").send().await.expect(200).text();
    for secret in [&complaint()["subject"], &complaint()["description"], &given["receipt"], &given["reference"]] {
        assert!(!page.contains(secret.as_str().unwrap()), "{page}");
    }
}

#[tokio::test]
async fn a_place_of_another_log_is_refused_and_the_parameter_named() {
    let (service, other) = tokio::join!(spawn(), spawn_filled());
    let page = other.get("/v1/changes?limit=500").send().await.expect(200).json();
    let cursor = page["cursor"].as_str().unwrap();
    for since in [cursor, "AAAA"] {
        let refused = service.get(&format!("/v1/changes?since={since}")).send().await.problem(400, "invalid_parameter");
        assert_eq!(faults(&refused), [("since".to_owned(), "bad_cursor".to_owned())]);
    }
    let next = page["next"].as_str().unwrap().strip_prefix(&other.address).unwrap();
    assert_eq!(next, format!("/v1/changes?limit=500&since={cursor}"));
    other.get(next).send().await.expect(200);
    // One of a list is none of the changes.
    let list = other.get("/v1/measures?limit=1").send().await.expect(200).json();
    let cursor = list["page"]["next_cursor"].as_str().unwrap();
    other.get(&format!("/v1/changes?since={cursor}")).send().await.problem(400, "invalid_parameter");
}

#[tokio::test]
async fn no_change_is_missed_by_a_reader_beside_many_writers() {
    let service = spawn().await;
    let write = async |from: i32| {
        for number in from..from + 20 {
            service.publish("/v1/measures", &measure(2567, number)).await;
        }
    };
    let read = async {
        let mut public = Follower::new(&service, None);
        while public.paths("measures").len() < 80 {
            public.follow().await;
        }
    };
    let all = async { tokio::join!(write(1), write(21), write(41), write(61), read) };
    tokio::time::timeout(std::time::Duration::from_secs(120), all).await.expect("a change was missed");
}
