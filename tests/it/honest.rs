//! What honest people send is taken, and what is wrong in it is told in words that help: the tables in `honest/`, row by row.

pub mod files;

use prongsai::accounts;
use prongsai::auth::password::Passwords;
use prongsai::auth::scope::Role;
use prongsai::http::query::TRACKING;
use serde_json::{Value, json};

use crate::complaints::{Officer, open};
use crate::support::samples::{complaint, lighting, measure, named_complaint, project, unit};
use crate::support::{Answer, Service};

/// A row of a table: where something is sent, what, and what becomes of it.
struct Row {
    place: &'static str,
    sent: String,
    verdict: String,
}

/// A cell as JSON has texts.
fn unescaped(cell: &str) -> String {
    let text = serde_json::from_str(&format!("\"{}\"", cell.replace('"', "\\\"")));
    text.unwrap_or_else(|error| panic!("{cell}: {error}"))
}

fn rows(table: &'static str) -> impl Iterator<Item = Row> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let cells: Vec<_> = line.split('|').collect();
        let [place, sent, verdict] = cells[..] else { panic!("{line}: three columns") };
        let sent = sent.strip_prefix(' ').unwrap().strip_suffix(' ').unwrap();
        Row { place: place.trim(), sent: unescaped(sent), verdict: unescaped(verdict.trim()) }
    })
}

/// What a refusal says, as the tables write it: the code of the fault, and what its message names as right.
fn refusal(answer: &Answer, named: &str) -> String {
    let error = answer.json()["errors"][0].clone();
    let day = Some(named).filter(|day| error["detail"].as_str().unwrap_or_default().contains(day));
    let code = error["code"].as_str().unwrap_or_else(|| panic!("{}", answer.text()));
    ["refused", code].into_iter().chain(day).collect::<Vec<_>>().join(" ")
}

/// `{x}` in a text, as `right` with `x` for its hyphens.
fn filled(text: &str, right: &str) -> String {
    let Some((before, rest)) = text.split_once('{') else { return text.to_owned() };
    let (between, after) = rest.split_once('}').expect("a closing brace");
    let right = if between.is_empty() { right.to_owned() } else { right.replace('-', between) };
    format!("{before}{right}{after}")
}

/// The service, and what the rows of its tables are about.
struct Tried<'a> {
    service: &'a Service,
    officer: &'a Officer<'a>,
    given: &'a Value,
    number: i32,
}

impl Tried<'_> {
    async fn outcome(&mut self, row: &Row) -> String {
        self.number += 1;
        let sent = &*row.sent;
        match row.place {
            "title" => self.measure("title", json!(sent), &row.verdict).await,
            "method" => self.measure("methods", json!([sent]), &row.verdict).await,
            "day" => self.measure("starts_on", json!(sent), &row.verdict).await,
            "pole" | "phone" | "email" => self.request(row.place, sent).await,
            "national_id" => self.national_id(sent).await,
            "amount" => self.amount(json!(sent), &row.verdict).await,
            "amount_number" => self.amount(sent.parse::<i64>().unwrap().into(), &row.verdict).await,
            "receipt" => self.receipt(sent).await,
            "number" => self.case_number(sent).await,
            "search" => self.search(sent).await,
            "unit_search" => self.unit_search(sent).await,
            "unit" => self.unit(sent).await,
            "password" => self.password(sent).await,
            "address" => self.service.get(sent).header("Accept-Language", "en").send().await.status.to_string(),
            "known" => self.known(sent).await,
            place => panic!("{place}: no such place"),
        }
    }

    async fn measure(&self, field: &str, value: Value, verdict: &str) -> String {
        let mut body = measure(2567, self.number);
        body[field] = value;
        let request = self.service.post("/v1/measures").token(&self.service.token(Role::Editor)).json(&body);
        let answer = request.header("Accept-Language", "en").send().await;
        match answer.status {
            201 => {
                let kept = &answer.json()[field];
                kept.as_str().or(kept[0].as_str()).unwrap().to_owned()
            }
            _ => refusal(&answer, verdict.split(' ').nth(2).unwrap_or("none")),
        }
    }

    async fn amount(&self, amount: Value, verdict: &str) -> String {
        let mut body = project(2567, &format!("โครงการ {}", self.number));
        body["budget_allocated_baht"] = amount;
        let answer =
            self.service.post("/v1/projects").token(&self.service.token(Role::Editor)).json(&body).send().await;
        match answer.status {
            201 => answer.json()["budget_allocated_baht"].as_str().unwrap().to_owned(),
            _ => refusal(&answer, verdict.split(' ').nth(2).unwrap_or("none")),
        }
    }

    async fn request(&self, place: &str, sent: &str) -> String {
        let mut body = lighting();
        let (part, field) = if place == "pole" { ("form", "pole_number") } else { ("applicant", place) };
        body[part][field] = json!(sent);
        let answer = self.service.post("/v1/e-services/public-lighting/requests").once().json(&body).send().await;
        if answer.status != 201 {
            return refusal(&answer, "none");
        }
        let id = self.officer.find_request(&answer.json()).await["id"].clone();
        let path = format!("/v1/service-requests/{}", id.as_str().unwrap());
        let kept = self.officer.get(&path).send().await.expect(200).json();
        kept[part][field].as_str().unwrap().to_owned()
    }

    async fn national_id(&self, sent: &str) -> String {
        let mut body = named_complaint();
        body["reporter"]["national_id"] = json!(sent);
        let answer = self.service.post("/v1/complaints").once().json(&body).send().await;
        if answer.status == 201 { "taken".to_owned() } else { refusal(&answer, "none") }
    }

    async fn receipt(&self, sent: &str) -> String {
        let receipt = filled(sent, self.given["receipt"].as_str().unwrap());
        let answer = self.service.post("/v1/complaints/lookup").json(&json!({ "receipt": receipt })).send().await;
        match answer.status {
            200 => "found".to_owned(),
            422 => refusal(&answer, "none"),
            status => status.to_string(),
        }
    }

    async fn case_number(&self, sent: &str) -> String {
        let number = filled(sent, self.given["reference"].as_str().unwrap());
        let query = pair("reference", &number);
        let list = self.officer.get(&format!("/v1/complaints?{query}")).send().await.expect(200).json();
        if list["items"][0]["reference"] == self.given["reference"] { "found" } else { "none" }.to_owned()
    }

    async fn search(&self, sent: &str) -> String {
        let (title, q) = sent.split_once(" ~ ").unwrap();
        let mut body = measure(2566, self.number);
        body["title"] = json!(title);
        let id = self.service.create("/v1/measures", &body).await["id"].clone();
        let path = format!("/v1/measures?fiscal_year=2566&{}", pair("q", q));
        let found = self.service.get(&path).token(&self.service.token(Role::Editor)).send().await.expect(200).json();
        let is_found = found["items"].as_array().unwrap().iter().any(|item| item["id"] == id);
        if is_found { "found" } else { "none" }.to_owned()
    }

    async fn unit_search(&self, sent: &str) -> String {
        let (name, q) = sent.split_once(" ~ ").unwrap();
        let (code, parent) = (format!("searched-{}", self.number), format!("above-{}", self.number));
        self.service.create("/v1/units", &unit(&parent, &format!("หน่วยเหนือ {}", self.number))).await;
        let mut body = unit(&code, name);
        body["parent"] = json!(parent);
        self.service.create("/v1/units", &body).await;
        let found = self.service.all(&format!("/v1/units?{}", pair("q", q))).await;
        if found.iter().any(|unit| unit["code"] == *code) { "found" } else { "none" }.to_owned()
    }

    async fn unit(&self, sent: &str) -> String {
        let (first, second) = sent.split_once(" ~ ").unwrap();
        let (parent, admin) = (format!("parent-{}", self.number), self.service.token(Role::Admin));
        self.service.create("/v1/units", &unit(&parent, &format!("หน่วยแม่ {}", self.number))).await;
        let below = |code: String, name: &str| {
            let mut body = unit(&code, name);
            body["parent"] = json!(parent);
            self.service.post("/v1/units").token(&admin).json(&body).send()
        };
        below(format!("{parent}-1"), first).await.expect(201);
        let answer = below(format!("{parent}-2"), second).await;
        if answer.status == 201 { "taken".to_owned() } else { refusal(&answer, "none") }
    }

    async fn password(&self, sent: &str) -> String {
        let (set, typed) = sent.split_once(" ~ ").unwrap();
        let login = format!("user-{}", self.number);
        self.service.add_user(&login, &[]).await;
        accounts::set_password(self.service.db(), &Passwords::default(), &login, set.to_owned()).await.unwrap();
        let body = json!({ "login": login, "password": typed });
        let status = self.service.post("/v1/login").json(&body).send().await.status;
        if status == 200 { "in" } else { "out" }.to_owned()
    }

    async fn known(&self, sent: &str) -> String {
        let tag = self.service.get("/v1/agency").send().await.expect(200).header("etag").to_owned();
        let request = self.service.get("/v1/agency").header("If-None-Match", &sent.replace("{}", &tag));
        request.send().await.status.to_string()
    }
}

fn pair(name: &str, value: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
}

#[test]
fn what_is_ignored_in_addresses_is_published() {
    let page = include_str!("../../docs/api-design.md");
    for name in TRACKING {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

#[tokio::test]
async fn what_people_type_and_paste_is_taken_as_they_meant_it() {
    let service = open().await;
    let officer = service.person("somchai", &[Role::ComplaintOfficer, Role::ServiceOfficer], &[]).await;
    let given = service.report(&complaint()).await;
    let mut tried = Tried { service: &service, officer: &officer, given: &given, number: 100 };
    let mut wrong = Vec::new();
    for row in rows(include_str!("honest/texts.txt")) {
        let outcome = tried.outcome(&row).await;
        if outcome != row.verdict {
            wrong.push(format!("{} {:?}: {outcome:?}, not {:?}", row.place, row.sent, row.verdict));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
