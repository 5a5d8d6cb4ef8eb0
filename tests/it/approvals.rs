//! What no admin does alone: rights to read cases, and the credentials of those who have them.

use chrono::TimeDelta;
use prongsai::accounts;
use prongsai::app::checked;
use prongsai::auth::scope::Role;
use serde_json::{Value, json};

use crate::audit::verified;
use crate::complaints::{Officer, open};
use crate::support::{Answer, PASSWORD, Service, faults};

impl Officer<'_> {
    async fn ask_approval(&self, user: &str, body: Value) -> Answer {
        self.post(&format!("/v1/users/{user}/approvals")).json(&body).send().await
    }

    /// Asks, where it may; gives the id of the request.
    pub async fn asked(&self, user: &str, body: Value) -> String {
        self.ask_approval(user, body).await.expect(201).json()["id"].as_str().unwrap().to_owned()
    }

    pub async fn decide_approval(&self, approval: &str, action: &str) -> Answer {
        let path = format!("/v1/user-approvals/{approval}/transitions");
        self.post(&path).json(&json!({ "action": action })).send().await
    }

    async fn status(&self, approval: &str) -> Value {
        let path = format!("/v1/user-approvals/{approval}");
        self.get(&path).send().await.expect(200).json()["status"].clone()
    }
}

impl Service {
    async fn change_user(&self, admin: &Officer<'_>, user: &str, patch: Value) -> Answer {
        let request = self.patch(&format!("/v1/users/{user}")).token(&admin.token).header("If-Match", "*");
        request.json(&patch).send().await
    }

    async fn set_password(&self, admin: &Officer<'_>, user: &str) -> Answer {
        admin.post(&format!("/v1/users/{user}/password")).json(&json!({ "password": PASSWORD })).send().await
    }

    async fn reset_second_factor(&self, admin: &Officer<'_>, user: &str) -> Answer {
        let request = self.delete(&format!("/v1/users/{user}/second-factor")).token(&admin.token);
        request.header("If-Match", "*").send().await
    }
}

fn officer() -> Value {
    json!({ "roles": ["complaint_officer"], "units": ["legal"] })
}

fn officer_wanted() -> Value {
    json!({ "operation": "set_rights", "roles": ["complaint_officer"], "units": ["legal"] })
}

#[tokio::test]
async fn a_second_admin_approves_who_becomes_an_officer_and_it_is_done_once() {
    let service = open().await;
    let (first, second) = (service.admin("first").await, service.admin("second").await);
    let user = service.add_user("jurist", &[]).await.to_string();
    service.change_user(&first, &user, officer()).await.problem(403, "approval_required");
    let approval = first.asked(&user, officer_wanted()).await;
    service.change_user(&first, &user, officer()).await.problem(403, "approval_required");
    first.decide_approval(&approval, "approve").await.problem(403, "wrong_person");
    second.decide_approval(&approval, "withdraw").await.problem(403, "wrong_person");
    assert_eq!(
        second.decide_approval(&approval, "approve").await.expect(200).json()["decided_by_id"],
        json!(second.id)
    );
    second.decide_approval(&approval, "approve").await.problem(409, "illegal_transition");
    // Exactly what was approved, by who asked.
    service.change_user(&second, &user, officer()).await.problem(403, "approval_required");
    for other in [json!("all"), json!(["legal", "finance"]), json!(["finance"])] {
        let patch = json!({ "roles": ["complaint_officer"], "units": other });
        service.change_user(&first, &user, patch).await.problem(403, "approval_required");
    }
    let more = json!({ "roles": ["complaint_officer", "custodian"], "units": ["legal"] });
    service.change_user(&first, &user, more).await.problem(403, "approval_required");
    assert_eq!(first.status(&approval).await, "approved");
    let mut renamed = officer();
    renamed["login"] = json!("other");
    service.change_user(&first, &user, renamed).await.problem(422, "validation_failed");
    service.change_user(&first, &user, officer()).await.expect(200);
    assert_eq!(first.status(&approval).await, "used");
    // One admin alone takes rights away while others have them, and does not give them back.
    service.complaint_officer("other", &["legal"]).await;
    service.change_user(&second, &user, json!({ "display_name": "y" })).await.expect(200);
    service.change_user(&second, &user, json!({ "roles": [], "units": null })).await.expect(200);
    service.change_user(&first, &user, officer()).await.problem(403, "approval_required");
    let auditor = service.token(Role::Auditor);
    let events = service.get(&format!("/v1/audit/events?record_id={approval}")).token(&auditor).send().await.json();
    let actions: Vec<_> = events["items"].as_array().unwrap().iter().map(|event| &event["action"]).collect();
    assert_eq!(actions, ["use", "approve", "create"]);
    service.get("/v1/user-approvals?status=used&format=csv").token(&auditor).send().await.expect(200);
    assert_eq!(verified(&service.export().await, None), Vec::<String>::new());
}

#[tokio::test]
async fn every_right_that_no_admin_gives_alone_is_guarded_and_further_units_are_like_a_new_right() {
    let service = open().await;
    let (first, _) = (service.admin("first").await, service.admin("second").await);
    for (role, units) in [
        ("complaint_officer", json!("all")),
        ("service_officer", json!(["legal"])),
        ("custodian", json!([])),
        ("approver", json!([])),
        ("auditor", json!([])),
        ("admin", json!([])),
    ] {
        let new = json!({ "login": "a.b", "display_name": "x", "roles": [role], "units": units });
        first.post("/v1/users").json(&new).send().await.problem(403, "approval_required");
        // Programs have no second factor and ask for nothing.
        let program = service.post("/v1/users").token(&service.token_with(&["users:write"])).json(&new);
        program.send().await.problem(403, "approval_required");
    }
    let editor = json!({ "login": "a.b", "display_name": "x", "roles": ["editor"], "units": "all" });
    first.post("/v1/users").json(&editor).send().await.expect(201);
    let jurist = service.complaint_officer("jurist", &["legal"]).await;
    service.complaint_officer("chief", &[]).await;
    for units in [json!("all"), json!(["legal", "finance"])] {
        service.change_user(&first, &jurist.id, json!({ "units": units })).await.problem(403, "approval_required");
    }
    let (both, all) = (json!(["auditor", "editor"]), json!("all"));
    let auditor = service.person("auditor", &[Role::Auditor], &[]).await;
    service.change_user(&first, &auditor.id, json!({ "roles": both, "units": all })).await.expect(200);
    service.change_user(&first, &jurist.id, json!({ "units": [] })).await.expect(200);
}

#[tokio::test]
async fn credentials_of_who_has_such_a_right_are_set_with_an_approval_of_that_operation() {
    let service = open().await;
    let (first, second) = (service.admin("first").await, service.admin("second").await);
    let jurist = service.complaint_officer("jurist", &["legal"]).await;
    let somsri = service.add_user("somsri", &[Role::Editor]).await.to_string();
    service.set_password(&first, &somsri).await.expect(204);
    service.reset_second_factor(&first, &somsri).await.expect(204);
    let program =
        service.post(&format!("/v1/users/{}/password", jurist.id)).token(&service.token_with(&["users:write"]));
    program.json(&json!({ "password": PASSWORD })).send().await.problem(403, "approval_required");
    service.set_password(&first, &jurist.id).await.problem(403, "approval_required");
    service.reset_second_factor(&first, &jurist.id).await.problem(403, "approval_required");
    let approval = first.asked(&jurist.id, json!({ "operation": "set_password" })).await;
    second.decide_approval(&approval, "approve").await.expect(200);
    service.reset_second_factor(&first, &jurist.id).await.problem(403, "approval_required");
    service.set_password(&second, &jurist.id).await.problem(403, "approval_required");
    service.set_password(&first, &jurist.id).await.expect(204);
    service.set_password(&first, &jurist.id).await.problem(403, "approval_required");
    let approval = first.asked(&jurist.id, json!({ "operation": "reset_second_factor" })).await;
    second.decide_approval(&approval, "reject").await.expect(200);
    service.reset_second_factor(&first, &jurist.id).await.problem(403, "approval_required");
    let approval = first.asked(&jurist.id, json!({ "operation": "reset_second_factor" })).await;
    second.decide_approval(&approval, "approve").await.expect(200);
    first.decide_approval(&approval, "withdraw").await.expect(200);
    service.reset_second_factor(&first, &jurist.id).await.problem(403, "approval_required");
    // What an account has may be guarded only since it was written.
    service.tamper(&["UPDATE account SET guarded = false"]).await;
    service.set_password(&first, &jurist.id).await.problem(403, "approval_required");
    let rights = json!({ "operation": "set_password", "roles": ["auditor"] });
    let problem = first.ask_approval(&jurist.id, rights).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/roles".to_owned(), "not_for_this".to_owned())]);
    let nowhere = json!({ "operation": "set_rights", "roles": ["complaint_officer"], "units": ["nowhere"] });
    let problem = first.ask_approval(&jurist.id, nowhere).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/units/0".to_owned(), "unknown_unit".to_owned())]);
}

#[tokio::test]
async fn an_approval_is_of_the_account_as_it_was_and_of_two_who_are_still_admins() {
    let service = open().await;
    let (first, second) = (service.admin("first").await, service.admin("second").await);
    let (third, jurist) = (service.admin("third").await, service.complaint_officer("jurist", &["legal"]).await);
    service.complaint_officer("chief", &[]).await;
    let approved = async |user: &str, body: Value| {
        let approval = first.asked(user, body).await;
        second.decide_approval(&approval, "approve").await.expect(200);
        approval
    };
    // Nobody takes over an account by taking its roles away first, also where the approval is of what it has.
    let both = json!({ "operation": "set_rights", "roles": ["admin", "auditor"] });
    for (user, wanted) in [(&third.id, both), (&jurist.id, officer_wanted())] {
        let approval = approved(user, wanted.clone()).await;
        service.change_user(&first, user, json!({ "roles": [], "units": [] })).await.expect(200);
        service.set_password(&first, user).await.problem(403, "approval_required");
        service.reset_second_factor(&first, user).await.problem(403, "approval_required");
        let rights = json!({ "roles": wanted["roles"], "units": wanted.get("units").unwrap_or(&json!([])) });
        let problem = service.change_user(&first, user, rights.clone()).await.problem(403, "approval_required");
        assert!(problem["detail"].as_str().unwrap().contains("เปลี่ยนไปหลังจากอนุมัติ"), "{problem}");
        approved(user, wanted).await;
        service.change_user(&first, user, rights).await.expect(200);
        first.decide_approval(&approval, "withdraw").await.expect(200);
    }
    // Nor by setting the password once the other admin has made sure that it is the person's own.
    let user = service.add_user("new", &[]).await.to_string();
    service.set_password(&first, &user).await.expect(204);
    for change in ["password", "login"] {
        approved(&user, officer_wanted()).await;
        match change {
            "password" => service.set_password(&first, &user).await.expect(204),
            _ => service.change_user(&first, &user, json!({ "login": "other" })).await.expect(200),
        };
        service.change_user(&first, &user, officer()).await.problem(403, "approval_required");
    }
    // What was approved is taken back until it is used, by any other admin.
    let approval = approved(&user, officer_wanted()).await;
    first.decide_approval(&approval, "reject").await.problem(403, "wrong_person");
    second.decide_approval(&approval, "reject").await.expect(200);
    service.change_user(&first, &user, officer()).await.problem(403, "approval_required");
    // It does not outlive who approved it.
    approved(&user, officer_wanted()).await;
    accounts::set_active(service.db(), "second", false).await.unwrap();
    service.change_user(&first, &user, officer()).await.problem(403, "approval_required");
    accounts::set_active(service.db(), "second", true).await.unwrap();
    accounts::set_active(service.db(), "first", false).await.unwrap();
    service.change_user(&first, &user, officer()).await.problem(403, "approval_required");
    accounts::set_active(service.db(), "first", true).await.unwrap();
    service.change_user(&first, &user, officer()).await.expect(200);
    // Exact figures of now tell when somebody reports.
    for scope in ["complaints:count", "service-requests:count"] {
        let client = first.post("/v1/clients").json(&json!({ "display_name": "x", "scopes": [scope] })).send().await;
        assert_eq!(faults(&client.problem(422, "validation_failed"))[0].1, "only_by_operator");
    }
}

#[tokio::test]
async fn one_admin_alone_does_not_take_the_last_officer_auditor_custodian_or_admin_away() {
    let service = open().await;
    let (first, second) = (service.admin("first").await, service.admin("second").await);
    let jurist = service.complaint_officer("jurist", &["legal", "finance"]).await;
    let auditor = service.person("auditor", &[Role::Auditor], &[]).await;
    let disabled = json!({ "active": false });
    let keeps_legal = json!({ "units": ["legal"] });
    for taken in [disabled.clone(), json!({ "roles": [], "units": [] }), keeps_legal.clone(), json!({ "units": [] })] {
        service.change_user(&first, &jurist.id, taken).await.problem(403, "approval_required");
    }
    service.change_user(&first, &auditor.id, disabled.clone()).await.problem(403, "approval_required");
    // An account without a password is nobody.
    let ghost = json!({ "login": "ghost", "display_name": "x", "roles": ["complaint_officer"], "units": "all" });
    accounts::add_user(service.db(), checked(ghost).unwrap()).await.unwrap();
    // Others for one of the units are not enough, those of all units are.
    service.complaint_officer("of-finance", &["finance"]).await;
    service.change_user(&first, &jurist.id, disabled.clone()).await.problem(403, "approval_required");
    service.change_user(&first, &jurist.id, keeps_legal).await.expect(200);
    let chief = service.complaint_officer("chief", &[]).await;
    service.change_user(&first, &jurist.id, disabled.clone()).await.expect(200);
    // What no unit handles is seen by those of all units alone.
    service.change_user(&first, &chief.id, disabled.clone()).await.problem(403, "approval_required");
    // Who cannot log in is nobody.
    service.change_user(&first, &jurist.id, json!({ "display_name": "y" })).await.expect(200);
    let none = json!({ "operation": "set_rights", "roles": [] });
    let approval = first.asked(&auditor.id, none).await;
    second.decide_approval(&approval, "approve").await.expect(200);
    service.change_user(&first, &auditor.id, disabled.clone()).await.problem(403, "approval_required");
    service.change_user(&first, &auditor.id, json!({ "roles": [] })).await.expect(200);
    let approval = first.asked(&chief.id, json!({ "operation": "disable" })).await;
    service.change_user(&first, &chief.id, disabled.clone()).await.problem(403, "approval_required");
    second.decide_approval(&approval, "approve").await.expect(200);
    service.change_user(&first, &chief.id, disabled.clone()).await.expect(200);
    assert_eq!(first.status(&approval).await, "used");
    // The last admin does not lock the door from outside.
    service.change_user(&first, &second.id, disabled.clone()).await.expect(200);
    service.change_user(&first, &first.id, disabled).await.problem(403, "approval_required");
    let problem = first.ask_approval(&chief.id, json!({ "operation": "set_rights" })).await;
    assert_eq!(faults(&problem.problem(422, "validation_failed")), [("#/roles".to_owned(), "needed".to_owned())]);
}

#[tokio::test]
async fn nobody_changes_their_own_rights_or_approves_what_they_are_given() {
    let service = open().await;
    let (first, second) = (service.admin("first").await, service.admin("second").await);
    for roles in [json!(["admin", "complaint_officer"]), json!(["admin", "editor"]), json!([])] {
        service.change_user(&first, &first.id, json!({ "roles": roles })).await.problem(403, "wrong_person");
    }
    service.change_user(&first, &first.id, json!({ "display_name": "y" })).await.expect(200);
    service.set_password(&first, &first.id).await.problem(403, "wrong_person");
    service.reset_second_factor(&first, &first.id).await.problem(403, "wrong_person");
    first.ask_approval(&first.id, json!({ "operation": "set_password" })).await.problem(403, "wrong_person");
    // Of two admins, none can approve what the other one is given.
    let both = json!({ "operation": "set_rights", "roles": ["admin", "auditor"] });
    let alone = first.ask_approval(&second.id, both.clone()).await.problem(403, "approval_required");
    assert!(alone["detail"].as_str().unwrap().contains("prongsai user"), "{alone}");
    let third = service.admin("third").await;
    let approval = first.asked(&second.id, both).await;
    second.decide_approval(&approval, "approve").await.problem(403, "wrong_person");
    // A program is nobody, nor is somebody who is an admin no longer.
    let program = service.token_with(&["users:write"]);
    let decide = service.post(&format!("/v1/user-approvals/{approval}/transitions")).token(&program);
    decide.json(&json!({ "action": "approve" })).send().await.problem(403, "no_account");
    service.change_user(&first, &third.id, json!({ "roles": [] })).await.expect(200);
    third.decide_approval(&approval, "approve").await.problem(403, "wrong_person");
}

#[tokio::test]
async fn a_request_expires_after_seven_days_and_an_approval_after_one() {
    let service = open().await;
    let (first, second) = (service.admin("first").await, service.admin("second").await);
    let user = service.add_user("jurist", &[]).await.to_string();
    let (late, unused) = (first.asked(&user, officer_wanted()).await, first.asked(&user, officer_wanted()).await);
    second.decide_approval(&unused, "approve").await.expect(200);
    let now = service.now();
    service.db().clock.set(now + TimeDelta::days(1));
    service.change_user(&first, &user, officer()).await.problem(403, "approval_required");
    assert_eq!([first.status(&late).await, first.status(&unused).await], ["pending", "expired"]);
    service.db().clock.set(now + TimeDelta::days(7));
    second.decide_approval(&late, "approve").await.problem(409, "illegal_transition");
    let listed = first.get("/v1/user-approvals?status=expired").send().await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn one_admin_is_told_of_the_command_line() {
    let service = open().await;
    let first = service.admin("first").await;
    let user = service.add_user("jurist", &[]).await.to_string();
    for refused in
        [service.change_user(&first, &user, officer()).await, first.ask_approval(&user, officer_wanted()).await]
    {
        let problem = refused.problem(403, "approval_required");
        assert!(problem["detail"].as_str().unwrap().contains("prongsai user"), "{problem}");
    }
    // One who is disabled is no second admin.
    service.admin("second").await;
    accounts::set_active(service.db(), "second", false).await.unwrap();
    first.ask_approval(&user, officer_wanted()).await.problem(403, "approval_required");
}
