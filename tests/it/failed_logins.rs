//! Failed logins: what the audit log keeps of them, and who waits because of them.

use std::time::Duration;

use prongsai::auth::scope::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, PASSWORD, Service, spawn};

impl Service {
    async fn try_login(&self, login: &str, password: &str) -> Answer {
        self.post("/v1/login").json(&json!({ "login": login, "password": password })).send().await
    }

    async fn try_client(&self, id: &str) -> Answer {
        let request = self.post("/oauth/token").header("Content-Type", "application/x-www-form-urlencoded");
        request.body(format!("grant_type=client_credentials&client_id={id}&client_secret=x")).send().await
    }

    /// The events of an action, the oldest first: the record and the note of each.
    pub async fn events_of(&self, action: &str) -> Vec<(Value, Value)> {
        let export = self.get("/v1/audit/export").token(&self.token(Role::Auditor)).send().await.expect(200).text();
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let events = export.lines().map(read).filter(|line| line["kind"] == "event");
        let events = events.map(|line| [&line["leaf"], &line["detail"]].map(|part| read(part.as_str().unwrap())));
        let events = events.filter(|[leaf, _]| leaf["action"] == action);
        events.map(|[leaf, detail]| (leaf["record"].clone(), detail["note"].clone())).collect()
    }

    /// Waits until an action is in the log so many times.
    pub async fn logged(&self, action: &str, many: usize) {
        let (path, auditor) = (format!("/v1/audit/events?action={action}"), self.token(Role::Auditor));
        for _ in 0..50 {
            let events = self.get(&path).token(&auditor).send().await.expect(200).json();
            if events["items"].as_array().unwrap().len() >= many {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{action} was not logged {many} times");
    }
}

#[tokio::test]
async fn a_burst_of_denied_tokens_is_two_events_for_each_client_and_for_all_that_are_unknown() {
    let service = spawn().await;
    let (id, _) = service.add_client(&["measures:read"]).await;
    for _ in 0..100 {
        service.try_client(&id).await.expect(401);
        // A stranger's id is no record of ours.
        service.try_client(&Uuid::now_v7().to_string()).await.expect(401);
    }
    service.app.auth.failures.write_counts(service.db()).await.unwrap();
    let firsts: Vec<Value> = service.events_of("token_denied").await.into_iter().map(|(record, _)| record).collect();
    assert_eq!(firsts.len(), 2, "{firsts:?}");
    assert!(firsts.contains(&json!(id)) && firsts.contains(&Value::Null), "{firsts:?}");
    for (record, note) in service.events_of("token_denials").await {
        assert!(record == json!(id) || record.is_null());
        assert_eq!(note["further"], 99);
    }
    // The next hour begins anew.
    service.try_client(&id).await.expect(401);
    service.app.auth.failures.write_counts(service.db()).await.unwrap();
    assert_eq!(service.events_of("token_denied").await.len(), 3);
    assert_eq!(service.events_of("token_denials").await.len(), 2);
}

#[tokio::test]
async fn the_first_failed_login_is_an_event_within_seconds_and_those_that_follow_are_counted() {
    let service = spawn().await;
    let id = service.add_user("somchai", &[]).await;
    for login in ["somchai", "somchai", "nobody", "nobody", "nobody-else"] {
        service.try_login(login, "wrong").await.expect(401);
    }
    service.logged("login_failed", 2).await;
    let firsts = service.events_of("login_failed").await;
    assert!(firsts.iter().any(|(record, _)| *record == json!(id)), "{firsts:?}");
    assert!(firsts.iter().any(|(record, _)| record.is_null()), "{firsts:?}");
    assert_eq!(service.events_of("login_failures").await, []);
    service.app.auth.failures.write_counts(service.db()).await.unwrap();
    let counts = service.events_of("login_failures").await;
    let further = |of: &Value| counts.iter().find(|(record, _)| record == of).map(|(_, note)| note["further"].clone());
    assert_eq!((further(&json!(id)), further(&Value::Null)), (Some(json!(1)), Some(json!(2))));
    assert_eq!(service.events_of("login_failed").await.len(), 2);
    service.try_login("somchai", PASSWORD).await.expect(200);
    assert_eq!(service.events_of("login").await.len(), 1);
}
