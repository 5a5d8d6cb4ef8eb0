//! What an office does all day, in one line each.

use prongsai::auth::scope::Role;
use prongsai::domain::merkle::sha256;
use serde_json::{Value, json};

use super::form::Form;
use super::{Answer, Service};
use uuid::Uuid;

impl Service {
    /// Creates a record and returns it.
    pub async fn create(&self, path: &str, body: &Value) -> Value {
        let role = if ["/v1/units", "/v1/holidays"].contains(&path) { Role::Admin } else { Role::Editor };
        self.post(path).token(&self.token(role)).json(body).send().await.expect(201).json()
    }

    /// Creates a record, publishes it and returns its address.
    pub async fn publish(&self, path: &str, body: &Value) -> String {
        let id = self.create(path, body).await["id"].as_str().unwrap().to_owned();
        self.transition(&format!("{path}/{id}"), &json!({ "action": "publish" })).await;
        format!("{path}/{id}")
    }

    pub async fn transition(&self, address: &str, body: &Value) -> Value {
        let path = format!("{address}/transitions");
        self.post(&path).token(&self.token(Role::Editor)).json(body).send().await.expect(200).json()
    }

    /// Changes a record as an editor who has just read it.
    pub async fn change(&self, address: &str, patch: &Value) -> Value {
        let token = self.token(Role::Editor);
        let read = self.get(address).token(&token).send().await.expect(200);
        let request = self.patch(address).token(&token).header("If-Match", read.header("etag"));
        request.json(patch).send().await.expect(200).json()
    }

    /// Sends a complaint, as anybody can; gives what its reporter is given.
    pub async fn report(&self, body: &Value) -> Value {
        self.post("/v1/complaints").once().json(body).send().await.expect(201).json()
    }

    /// Asks for an e-service, as anybody can; gives what its applicant is given.
    pub async fn ask_for(&self, code: &str, body: &Value) -> Value {
        self.post(&format!("/v1/e-services/{code}/requests")).once().json(body).send().await.expect(201).json()
    }

    /// A challenge, solved.
    pub async fn proof(&self) -> Value {
        let given = self.get("/v1/challenges").send().await.expect(200).json();
        let (challenge, bits) = (given["challenge"].as_str().unwrap(), given["difficulty"].as_u64().unwrap() as usize);
        let solves = |solution: &String| {
            let hash = sha256(&[format!("{challenge}:{solution}").as_bytes()]);
            (0..bits).all(|bit| hash[bit / 8] & (0x80 >> (bit % 8)) == 0)
        };
        let solution = (0..).map(|number: u64| number.to_string()).find(solves).unwrap();
        json!({ "challenge": challenge, "solution": solution })
    }

    /// Asks who reported a complaint; gives the request.
    pub async fn ask_for_identity(&self, token: &str, complaint: &Value) -> Value {
        let path = format!("/v1/complaints/{}/identity-requests", complaint["id"].as_str().unwrap());
        let body = json!({ "reason": "ต้องนัดผู้ร้องมาให้ถ้อยคำ" });
        self.post(&path).token(token).json(&body).send().await.expect(201).json()
    }

    /// A token of an officer for cases of both kinds.
    pub fn office_token(&self) -> String {
        self.token_of(&[Role::ComplaintOfficer, Role::ServiceOfficer])
    }

    /// An admin asks for the approval of another one to make somebody an officer; gives the id of the request.
    pub async fn ask_for_approval(&self) -> String {
        let login = || format!("u{}", Uuid::now_v7().simple());
        let (asks, _) = (self.admin(&login()).await, self.admin(&login()).await);
        let user = self.add_user(&login(), &[]).await;
        let body = json!({ "operation": "set_rights", "roles": ["complaint_officer"], "units": "all" });
        let asked = asks.post(&format!("/v1/users/{user}/approvals")).json(&body).send().await.expect(201).json();
        asked["id"].as_str().unwrap().to_owned()
    }

    /// The first page of what an officer sees of a list.
    pub async fn all_of_office(&self, path: &str) -> Vec<Value> {
        let page = self.get(path).token(&self.office_token()).send().await.expect(200).json();
        page["items"].as_array().unwrap().clone()
    }

    /// Sends a file with a complaint, as its reporter can.
    pub async fn attach(&self, receipt: &Value, name: &str, file: &[u8]) -> Answer {
        self.attach_to("complaints", receipt, name, file).await
    }

    /// The same with a case of any kind.
    pub async fn attach_to(&self, kind: &str, receipt: &Value, name: &str, file: &[u8]) -> Answer {
        let form = Form::new().field("receipt", receipt.as_str().unwrap()).file(name, file);
        self.post(&format!("/v1/{kind}/lookup/attachments")).once().form(form).send().await
    }

    /// Every record of a list, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut next = Some(path.to_owned());
        for _ in 0..1000 {
            let Some(path) = next else { return items };
            let page = self.get(&path).send().await.expect(200).json();
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            next = page["page"]["next"].as_str().map(str::to_owned);
        }
        panic!("{path} has no end");
    }
}
