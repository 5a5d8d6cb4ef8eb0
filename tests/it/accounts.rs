//! Users, clients, and how they get in.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use prongsai::accounts;
use prongsai::auth::scope::Role;
use prongsai::auth::token::Grant;
use prongsai::crypto::keys::{KeyRing, SigningKey};
use prongsai::db;
use serde_json::{Value, json};

use crate::support::samples::measure;
use crate::support::{Answer, PASSWORD, Service, faults, hold_writes, on_postgres, spawn, spawn_filled};

impl Service {
    pub async fn log_in(&self, login: &str, password: &str, code: Option<&str>) -> Answer {
        let mut body = json!({ "login": login, "password": password });
        if let Some(code) = code {
            body["code"] = json!(code);
        }
        self.post("/v1/login").json(&body).send().await
    }

    async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.form_as(path, fields, None).await
    }

    pub async fn form_as(&self, path: &str, fields: &[(&str, &str)], basic: Option<&str>) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = self.post(path).header("Content-Type", "application/x-www-form-urlencoded").body(body);
        if let Some(basic) = basic {
            request = request.header("Authorization", &format!("Basic {}", BASE64_STANDARD.encode(basic)));
        }
        request.send().await
    }

    async fn refresh(&self, token: &str) -> Answer {
        self.form("/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Changes a user or client as an admin.
    async fn administer(&self, address: &str, patch: &Value) -> Answer {
        let request = self.patch(address).token(&self.token(Role::Admin)).header("If-Match", "*");
        request.json(patch).send().await
    }

    /// Whether a token is refused, on this process, within the five seconds that are promised.
    async fn ends(&self, token: &str) -> bool {
        for _ in 0..50 {
            if self.get("/v1/me").token(token).send().await.status == 401 {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        false
    }
}

#[track_caller]
fn oauth_error(answer: Answer, status: u16, error: &str) {
    assert_eq!(answer.expect(status).json()["error"], error);
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

#[tokio::test]
async fn a_person_logs_in_works_and_refreshes() {
    let service = spawn_filled().await;
    service.add_user("somchai", &[Role::Editor]).await;
    let tokens = service.log_in("Somchai", PASSWORD, None).await.expect(200).json();
    assert_eq!(text(&tokens, "scope"), Role::Editor.scopes().join(" "));
    let access = text(&tokens, "access_token");
    service.post("/v1/measures").token(access).json(&measure(2568, 1)).send().await.expect(201);
    let me = service.get("/v1/me").token(access).send().await.expect(200).json();
    assert_eq!((text(&me["user"], "login"), &me["roles"]), ("somchai", &json!(["editor"])));
    let fresh = service.refresh(text(&tokens, "refresh_token")).await.expect(200).json();
    service.get("/v1/me").token(text(&fresh, "access_token")).send().await.expect(200);
}

#[tokio::test]
async fn a_refresh_token_that_comes_twice_ends_the_session() {
    let service = spawn().await;
    service.add_user("somchai", &[]).await;
    let first = service.log_in("somchai", PASSWORD, None).await.json();
    let second = service.refresh(text(&first, "refresh_token")).await.expect(200).json();
    oauth_error(service.refresh(text(&first, "refresh_token")).await, 400, "invalid_grant");
    // Whoever has stolen the refresh token has the access token as well.
    assert!(service.ends(text(&second, "access_token")).await);
    oauth_error(service.refresh(text(&second, "refresh_token")).await, 400, "invalid_grant");
    service.log_in("somchai", PASSWORD, None).await.expect(200);
}

#[tokio::test]
async fn of_two_refreshes_at_once_one_is_good() {
    let service = spawn().await;
    let other = service.sibling().await;
    service.add_user("somchai", &[]).await;
    let tokens = service.log_in("somchai", PASSWORD, None).await.json();
    let token = text(&tokens, "refresh_token");
    let (one, two) = tokio::join!(service.refresh(token), other.refresh(token));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

#[tokio::test]
async fn logging_out_ends_the_session_and_an_unknown_token_is_answered_alike() {
    let service = spawn().await;
    service.add_user("somchai", &[]).await;
    let tokens = service.log_in("somchai", PASSWORD, None).await.json();
    let refresh_token = text(&tokens, "refresh_token");
    for token in [refresh_token, refresh_token, "prongsai_refresh_nonsense"] {
        service.form("/oauth/revoke", &[("token", token)]).await.expect(200);
    }
    oauth_error(service.refresh(refresh_token).await, 400, "invalid_grant");
    let access = text(&tokens, "access_token");
    oauth_error(service.form("/oauth/revoke", &[("token", access)]).await, 400, "unsupported_token_type");
    oauth_error(service.form("/oauth/revoke", &[]).await, 400, "invalid_request");
    let stranger = [("token", refresh_token), ("client_id", "x"), ("client_secret", "y")];
    oauth_error(service.form("/oauth/revoke", &stranger).await, 401, "invalid_client");
}

#[tokio::test]
async fn an_unknown_login_and_a_wrong_password_are_answered_alike() {
    let service = spawn().await;
    service.add_user("somchai", &[]).await;
    let mut wrong = service.log_in("somchai", "not the password", None).await.problem(401, "invalid_credentials");
    let mut unknown = service.log_in("nobody", PASSWORD, None).await.problem(401, "invalid_credentials");
    for problem in [&mut wrong, &mut unknown] {
        problem.as_object_mut().unwrap().remove("request_id");
    }
    assert_eq!(wrong, unknown);
    let time = async |login: &str| {
        let began = std::time::Instant::now();
        service.log_in(login, "not the password", None).await.expect(401);
        began.elapsed()
    };
    // Both hash: the one that is faster is far from being a tenth of the other.
    let (known, unknown) = (time("somchai").await, time("nobody").await);
    assert!(known < unknown * 10 && unknown < known * 10, "{known:?} {unknown:?}");
}

#[tokio::test]
async fn what_is_changed_about_a_user_ends_their_tokens_on_every_process() {
    let service = spawn().await;
    let other = service.sibling().await;
    let id = service.add_user("somchai", &[Role::Approver]).await;
    service.add_user("somsri", &[Role::Approver]).await;
    let address = format!("/v1/users/{id}");
    let tokens = service.log_in("somchai", PASSWORD, None).await.json();
    let access = text(&tokens, "access_token").to_owned();
    service.get("/v1/me").token(&access).send().await.expect(200);
    service.administer(&address, &json!({ "roles": ["editor"], "units": "all" })).await.expect(200);
    assert!(service.ends(&access).await && other.ends(&access).await);
    let tokens = other.refresh(text(&tokens, "refresh_token")).await.expect(200).json();
    assert_eq!(text(&tokens, "scope"), Role::Editor.scopes().join(" "));
    service.administer(&address, &json!({ "active": false })).await.expect(200);
    let access = text(&tokens, "access_token");
    assert!(service.ends(access).await && other.ends(access).await);
    oauth_error(service.refresh(text(&tokens, "refresh_token")).await, 400, "invalid_grant");
    service.log_in("somchai", PASSWORD, None).await.problem(401, "invalid_credentials");
    service.administer(&address, &json!({ "active": true })).await.expect(200);
    service.log_in("somchai", PASSWORD, None).await.expect(200);
}

#[tokio::test]
async fn a_new_password_takes_the_place_of_the_old_one_and_of_every_session() {
    let service = spawn().await;
    let id = service.add_user("somchai", &[]).await;
    let tokens = service.log_in("somchai", PASSWORD, None).await.json();
    let access = text(&tokens, "access_token");
    let change = |current: &str, new: &str| {
        let body = json!({ "current_password": current, "new_password": new });
        service.post("/v1/me/password").token(access).json(&body).send()
    };
    change("wrong", "ข้าวเหนียวมะม่วงหน้าร้อน").await.problem(403, "wrong_password");
    let short = change(PASSWORD, "aaaaaaaaaaaaaaa").await.problem(422, "validation_failed");
    assert_eq!(faults(&short), [("#/new_password".to_owned(), "common_password".to_owned())]);
    change(PASSWORD, "ข้าวเหนียวมะม่วงหน้าร้อน").await.expect(204);
    assert!(service.ends(access).await);
    oauth_error(service.refresh(text(&tokens, "refresh_token")).await, 400, "invalid_grant");
    service.log_in("somchai", PASSWORD, None).await.expect(401);
    service.log_in("somchai", "ข้าวเหนียวมะม่วงหน้าร้อน", None).await.expect(200);
    let set = service.post(&format!("/v1/users/{id}/password")).token(&service.token(Role::Admin));
    set.json(&json!({ "password": PASSWORD })).send().await.expect(204);
    service.log_in("somchai", PASSWORD, None).await.expect(200);
}

#[tokio::test]
async fn a_password_may_be_typed_composed_or_not() {
    let service = spawn().await;
    let id = service.add_user("somchai", &[]).await;
    let set = service.post(&format!("/v1/users/{id}/password")).token(&service.token(Role::Admin));
    set.json(&json!({ "password": "Cafe\u{301} au lait \u{e9}" })).send().await.expect(204);
    service.log_in("somchai", "Caf\u{e9} au lait e\u{301}", None).await.expect(200);
}

/// The code that an app with this secret shows.
pub fn code_of(secret: &str, at: DateTime<Utc>) -> String {
    let key = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
    let mac = aws_lc_rs::hmac::sign(&key, &(at.timestamp() / 30).to_be_bytes());
    let offset = usize::from(mac.as_ref()[19] & 15);
    let number = u32::from_be_bytes(mac.as_ref()[offset..offset + 4].try_into().unwrap()) & 0x7FFF_FFFF;
    format!("{:06}", number % 1_000_000)
}

#[tokio::test]
async fn an_admin_has_no_rights_before_a_second_factor_is_enrolled_and_needs_it_from_then_on() {
    let service = spawn().await;
    service.add_user("somchai", &[Role::Editor, Role::Admin]).await;
    let tokens = service.log_in("somchai", PASSWORD, None).await.json();
    assert_eq!(tokens["withheld_roles"], json!(["admin"]));
    let access = text(&tokens, "access_token");
    service.get("/v1/users").token(access).send().await.problem(403, "insufficient_scope");
    let enrol = |token: &str, password: &str| {
        let request = service.post("/v1/me/second-factor").token(token);
        request.json(&json!({ "password": password })).send()
    };
    enrol(access, "wrong").await.problem(403, "wrong_password");
    let enrolment = enrol(access, PASSWORD).await.expect(200).json();
    assert!(text(&enrolment, "uri").starts_with("otpauth://totp/prongsai:somchai?secret="));
    let secret = text(&enrolment, "secret");
    let confirm = |code: String| {
        let request = service.post("/v1/me/second-factor/confirmation").token(access);
        request.json(&json!({ "code": code })).send()
    };
    let now = service.now();
    let wrong = format!("{:06}", (code_of(secret, now).parse::<u32>().unwrap() + 1) % 1_000_000);
    if ![-1, 1].map(|step| code_of(secret, now + TimeDelta::seconds(30 * step))).contains(&wrong) {
        confirm(wrong).await.problem(403, "wrong_password");
    }
    let recovery = confirm(code_of(secret, now)).await.expect(200).json();
    let recovery: Vec<&str> =
        recovery["recovery_codes"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(recovery.len(), 10);
    // What was withheld comes with the next refresh.
    let fresh = service.refresh(text(&tokens, "refresh_token")).await.expect(200).json();
    assert!(text(&fresh, "scope").contains("users:write") && fresh.get("withheld_roles").is_none());
    service.log_in("somchai", PASSWORD, None).await.problem(401, "second_factor_required");
    // A code that was taken is not taken again; the next one is, once.
    service.log_in("somchai", PASSWORD, Some(&code_of(secret, now))).await.problem(401, "invalid_credentials");
    let next = code_of(secret, now + TimeDelta::seconds(30));
    service.log_in("somchai", PASSWORD, Some(&next)).await.expect(200);
    service.log_in("somchai", PASSWORD, Some(&next)).await.problem(401, "invalid_credentials");
    let typed = recovery[3].to_lowercase().replace('-', "");
    service.log_in("somchai", PASSWORD, Some(&typed)).await.expect(200);
    service.log_in("somchai", PASSWORD, Some(recovery[3])).await.problem(401, "invalid_credentials");
    let again = text(&fresh, "access_token");
    enrol(again, PASSWORD).await.problem(409, "already_exists");
    accounts::reset_second_factor(service.db(), "somchai").await.unwrap();
    service.log_in("somchai", PASSWORD, None).await.expect(200);
}

#[tokio::test]
async fn a_program_has_nothing_of_a_person() {
    let service = spawn().await;
    let editor = service.token(Role::Editor);
    let me = service.get("/v1/me").token(&editor).send().await.expect(200).json();
    assert_eq!((text(&me, "subject"), &me["user"]), ("tester", &Value::Null));
    let enrolment = service.post("/v1/me/second-factor").token(&editor).json(&json!({ "password": PASSWORD }));
    enrolment.send().await.problem(403, "no_account");
    let person = service.token_of_a_person().await;
    let nothing = service.post("/v1/me/second-factor/confirmation").token(&person).json(&json!({ "code": "123456" }));
    nothing.send().await.problem(409, "illegal_transition");
}

#[tokio::test]
async fn a_client_that_writes_measures_reads_them_and_is_told_which_scope_it_lacks() {
    let service = spawn_filled().await;
    let (id, secret) = service.add_client(&["measures:write"]).await;
    let basic = format!("{id}:{secret}");
    let tokens = service.form_as("/oauth/token", &[("grant_type", "client_credentials")], Some(&basic)).await.json();
    let token = text(&tokens, "access_token");
    let made = service.post("/v1/measures").token(token).json(&measure(2568, 1)).send().await.expect(201);
    let address = made.header("location").to_owned();
    let read = service.get(&address).token(token).send().await.expect(200);
    let patch = service.patch(&address).token(token).header("If-Match", read.header("etag"));
    patch.json(&json!({ "topic": 1 })).send().await.expect(200);
    let drafts = service.get("/v1/measures?publication=draft").token(token).send().await.expect(200).json();
    assert_eq!(drafts["items"][0]["id"], made.json()["id"]);
    let create = service.post("/v1/projects").token(token).header("Accept-Language", "en");
    let problem = create.json(&json!({ "fiscal_year": 2568, "title": "x" })).send().await;
    let problem = problem.problem(403, "insufficient_scope");
    let said = "The client lacks the scope projects:write. Ask an administrator to add it to the client, then get a new token.";
    assert_eq!(problem["detail"], said);
    let basic = service.get(&address).header("Authorization", "Basic eDp5").header("Accept-Language", "en");
    let problem = basic.send().await.problem(401, "invalid_token");
    assert!(problem["detail"].as_str().unwrap().contains("Authorization: Bearer <token>"), "{problem}");
}

#[tokio::test]
async fn a_client_gets_tokens_with_its_scopes_or_some_of_them() {
    let service = spawn_filled().await;
    let (id, secret) = service.add_client(&["measures:read", "measures:write"]).await;
    let grant = ("grant_type", "client_credentials");
    let basic = format!("{id}:{secret}");
    let tokens = service.form_as("/oauth/token", &[grant], Some(&basic)).await.expect(200);
    assert_eq!(tokens.header("cache-control"), "no-store");
    let tokens = tokens.json();
    assert_eq!((text(&tokens, "token_type"), &tokens["expires_in"]), ("Bearer", &json!(600)));
    assert!(tokens.get("refresh_token").is_none());
    let access = text(&tokens, "access_token");
    service.post("/v1/measures").token(access).json(&measure(2568, 1)).send().await.expect(201);
    let posted = [grant, ("client_id", &*id), ("client_secret", &*secret), ("scope", "measures:read")];
    let narrow = service.form("/oauth/token", &posted).await.expect(200).json();
    assert_eq!(text(&narrow, "scope"), "measures:read");
    let used = service.get(&format!("/v1/clients/{id}")).token(&service.token(Role::Admin)).send().await.json();
    assert_eq!(used["last_used_on"], json!(service.today()));
    for (fields, basic, status, error) in [
        (&[][..], None, 400, "invalid_request"),
        (&[("grant_type", "password")], None, 400, "unsupported_grant_type"),
        (&[grant], None, 401, "invalid_client"),
        (&[grant], Some("x:y".to_owned()), 401, "invalid_client"),
        (&[grant], Some(format!("{id}:wrong")), 401, "invalid_client"),
        (&[grant], Some(format!("{id}:")), 401, "invalid_client"),
        (&[grant, ("scope", "users:write")], Some(basic.clone()), 400, "invalid_scope"),
        (&[grant, grant], Some(basic.clone()), 400, "invalid_request"),
        (&[grant, ("client_secret", "x")], Some(basic.clone()), 400, "invalid_request"),
        (&[("grant_type", "refresh_token")], None, 400, "invalid_request"),
        (&[("grant_type", "refresh_token"), ("refresh_token", "x")], None, 400, "invalid_grant"),
    ] {
        oauth_error(service.form_as("/oauth/token", fields, basic.as_deref()).await, status, error);
    }
}

#[tokio::test]
async fn what_is_no_form_is_an_invalid_request_and_what_is_too_large_a_problem() {
    let service = spawn().await;
    let send = |kind: &str, body: String| service.post("/oauth/token").header("Content-Type", kind).body(body).send();
    oauth_error(send("application/json", "{}".to_owned()).await, 400, "invalid_request");
    for path in ["/oauth/token", "/oauth/revoke"] {
        let request = service.post(path).header("Content-Type", "application/x-www-form-urlencoded");
        request.body("x".repeat(20_000)).send().await.problem(413, "content_too_large");
    }
}

#[tokio::test]
async fn a_secret_takes_over_with_an_overlap_and_a_revoked_client_is_out() {
    let service = spawn().await;
    let (id, old) = service.add_client(&["measures:read"]).await;
    let token = async |secret: &str| {
        let basic = format!("{id}:{secret}");
        service.form_as("/oauth/token", &[("grant_type", "client_credentials")], Some(&basic)).await
    };
    let make = |overlap: u16| {
        let request = service.post(&format!("/v1/clients/{id}/secrets")).token(&service.token(Role::Admin));
        request.json(&json!({ "overlap_hours": overlap })).send()
    };
    let new = make(24).await.expect(200).json();
    token(&old).await.expect(200);
    let access = token(text(&new, "secret")).await.expect(200).json();
    make(0).await.expect(200);
    oauth_error(token(&old).await, 401, "invalid_client");
    oauth_error(token(text(&new, "secret")).await, 401, "invalid_client");
    let newest = make(1).await.expect(200).json();
    let address = format!("/v1/clients/{id}");
    service.administer(&address, &json!({ "expires_at": "2020-01-01T00:00:00Z" })).await.expect(200);
    oauth_error(token(text(&newest, "secret")).await, 401, "invalid_client");
    service.administer(&address, &json!({ "active": false, "expires_at": null })).await.expect(200);
    oauth_error(token(text(&newest, "secret")).await, 401, "invalid_client");
    assert!(service.ends(text(&access, "access_token")).await);
}

#[tokio::test]
async fn what_is_wrong_with_a_user_or_client_is_named() {
    let service = spawn_filled().await;
    let admin = service.token(Role::Admin);
    let send = |path: &str, body: Value| service.post(path).token(&admin).json(&body).send();
    let wrong = json!({ "login": "Som Chai", "display_name": "", "roles": ["king"], "units": ["legal"] });
    let problem = send("/v1/users", wrong).await.problem(422, "validation_failed");
    let places: Vec<_> = faults(&problem).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["#/display_name", "#/login", "#/roles/0"]);
    let twice =
        json!({ "login": "a.b", "display_name": "x", "roles": ["editor", "editor"], "units": ["legal", "legal"] });
    assert_eq!(faults(&send("/v1/users", twice).await.problem(422, "validation_failed")).len(), 2);
    let nowhere = json!({ "login": "a.b", "display_name": "x", "roles": ["editor"], "units": ["legal", "nowhere"] });
    let problem = send("/v1/users", nowhere).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/units/1".to_owned(), "unknown_unit".to_owned())]);
    send("/v1/users", json!({ "login": "somsri", "display_name": "x" })).await.problem(409, "already_exists");
    let scopes = json!({ "display_name": "x", "scopes": ["everything"] });
    let problem = send("/v1/clients", scopes).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/scopes/0".to_owned(), "not_allowed".to_owned())]);
    let told = problem["errors"][0]["detail"].as_str().unwrap();
    assert!(told.contains("measures:write"), "{told}");
    let user =
        send("/v1/users", json!({ "login": "a.b", "display_name": "x", "roles": ["editor"], "units": ["legal"] }))
            .await
            .expect(201)
            .json();
    let taken = json!({ "login": "somsri" });
    let address = format!("/v1/users/{}", text(&user, "id"));
    service.administer(&address, &taken).await.problem(409, "already_exists");
}

#[tokio::test]
async fn keys_take_over_without_a_token_being_refused() {
    let service = spawn().await;
    let ring = KeyRing::of(crate::support::key());
    let before = service.token(Role::Editor);
    let long_ago = db::machine_now() - TimeDelta::hours(1);
    // A key that is new verifies and does not sign; one that is ripe signs.
    service.app.auth.tokens.replace(ring.renewed(db::machine_now()).unwrap());
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    assert_eq!(kid(&service.token(Role::Editor)), kid(&before));
    let ripe = KeyRing::of(crate::support::key()).renewed(long_ago).unwrap();
    let keys: Vec<String> = ripe.keys().iter().map(SigningKey::id).collect();
    service.app.auth.tokens.replace(ripe);
    let after = service.token(Role::Editor);
    assert_eq!(kid(&after), keys[0]);
    for token in [&before, &after] {
        service.get("/v1/me").token(token).send().await.expect(200);
    }
    let jwks = service.get("/.well-known/jwks.json").send().await.expect(200).json();
    let shown: Vec<_> = jwks["keys"].as_array().unwrap().iter().map(|key| text(key, "kid").to_owned()).collect();
    assert_eq!(shown, keys);
}

#[tokio::test]
async fn the_metadata_says_where_everything_is() {
    let service = spawn().await;
    let metadata = service.get("/.well-known/oauth-authorization-server").send().await.expect(200).json();
    assert_eq!(text(&metadata, "issuer"), "prongsai");
    for endpoint in ["token_endpoint", "revocation_endpoint", "jwks_uri"] {
        assert!(text(&metadata, endpoint).starts_with(&service.address), "{endpoint}");
    }
}

#[tokio::test]
async fn whoever_works_for_some_units_reaches_what_these_are_responsible_for_and_no_more() {
    let service = spawn_filled().await;
    let id = service.add_user("somchai", &[Role::Editor]).await;
    service.administer(&format!("/v1/users/{id}"), &json!({ "units": ["legal"] })).await.expect(200);
    let tokens = service.log_in("somchai", PASSWORD, None).await.expect(200).json();
    let legal = text(&tokens, "access_token");
    let with = |units: &[&str], no: i32| {
        let mut body = measure(2568, no);
        body["responsible"] = json!({ "units": units });
        body
    };
    let theirs = service.create("/v1/measures", &with(&["finance"], 1)).await;
    let shared = service.create("/v1/measures", &with(&["finance", "legal"], 2)).await;
    let drafts = service.get("/v1/measures?fiscal_year=2568").token(legal).send().await.expect(200).json();
    let seen: Vec<_> = drafts["items"].as_array().unwrap().iter().map(|it| it["number"].clone()).collect();
    assert_eq!(seen, [2]);
    // What is published everybody sees.
    let published = service.get("/v1/measures?fiscal_year=2567").token(legal).send().await.json();
    assert_eq!(published["items"].as_array().unwrap().len(), 6);
    let address = |measure: &Value| format!("/v1/measures/{}", text(measure, "id"));
    let patch =
        |address: String, body: Value| service.patch(&address).token(legal).header("If-Match", "*").json(&body).send();
    service.get(&address(&theirs)).token(legal).send().await.problem(404, "not_found");
    patch(address(&theirs), json!({ "topic": 1 })).await.problem(404, "not_found");
    let publish = service.post(&format!("{}/transitions", address(&theirs))).token(legal);
    publish.json(&json!({ "action": "publish" })).send().await.problem(404, "not_found");
    let delete = service.delete(&address(&theirs)).token(legal).header("If-Match", "*");
    delete.send().await.problem(404, "not_found");
    patch(address(&shared), json!({ "topic": 1 })).await.expect(200);
    // Neither a new one nor a changed one may leave their hands.
    let away = json!({ "responsible": { "units": ["finance"] } });
    let refused = patch(address(&shared), away).await.problem(422, "validation_failed");
    assert_eq!(faults(&refused), [("#/responsible".to_owned(), "not_your_unit".to_owned())]);
    let create = |path: &str, body: Value| service.post(path).token(legal).json(&body).send();
    create("/v1/measures", with(&["finance"], 3)).await.problem(422, "validation_failed");
    create("/v1/measures", measure(2568, 3)).await.problem(422, "validation_failed");
    create("/v1/measures", with(&["legal"], 3)).await.expect(201);
    let project = |unit: Value| json!({ "fiscal_year": 2568, "title": "อบรม", "unit": unit });
    for unit in [json!("finance"), json!(null)] {
        let refused = create("/v1/projects", project(unit)).await.problem(422, "validation_failed");
        assert_eq!(faults(&refused), [("#/unit".to_owned(), "not_your_unit".to_owned())]);
    }
    create("/v1/projects", project(json!("legal"))).await.expect(201);
    let other = service.create("/v1/projects", &project(json!("finance"))).await;
    let hidden = service.get(&format!("/v1/projects/{}", text(&other, "id"))).token(legal).send();
    hidden.await.problem(404, "not_found");
    let carried = service.post("/v1/fiscal-years/2569/carry-forward").token(legal).send().await.expect(200);
    assert_eq!(carried.json()["created_count"], 2);
}

#[tokio::test]
async fn all_units_are_said_and_whoever_works_for_none_reaches_nothing_that_depends_on_units() {
    let service = spawn_filled().await;
    let admin = service.token(Role::Admin);
    let send = |path: &str, body: Value| service.post(path).token(&admin).json(&body).send();
    let seen = async |token: &str, path: &str| {
        service.get(path).token(token).send().await.expect(200).json()["items"].as_array().unwrap().len()
    };
    service.create("/v1/measures", &measure(2568, 1)).await;
    let drafts = "/v1/measures?publication=draft";
    for (units, shown, visible) in [
        (json!(null), json!([]), 0),
        (json!([]), json!([]), 0),
        (json!(["legal"]), json!(["legal"]), 0),
        (json!("all"), json!("all"), 1),
    ] {
        let login = format!("u{}", uuid::Uuid::now_v7().simple());
        let mut user = json!({ "login": login, "display_name": "x", "roles": ["editor"], "units": units });
        let mut client = json!({ "display_name": "x", "scopes": ["measures:read"], "units": units });
        for body in [&mut user, &mut client] {
            body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        }
        let user = send("/v1/users", user).await.expect(201).json();
        assert_eq!(user["units"], shown);
        let password = json!({ "password": PASSWORD });
        send(&format!("/v1/users/{}/password", text(&user, "id")), password).await.expect(204);
        let tokens = service.log_in(&login, PASSWORD, None).await.expect(200).json();
        assert_eq!(seen(text(&tokens, "access_token"), drafts).await, visible, "{units}");
        let client = send("/v1/clients", client).await.expect(201).json();
        assert_eq!(client["units"], shown);
        let id = text(&client, "id");
        let secret = send(&format!("/v1/clients/{id}/secrets"), json!({})).await.expect(200).json();
        let basic = format!("{id}:{}", text(&secret, "secret"));
        let tokens =
            service.form_as("/oauth/token", &[("grant_type", "client_credentials")], Some(&basic)).await.json();
        assert_eq!(seen(text(&tokens, "access_token"), drafts).await, visible, "{units}");
    }
    // A token that says nothing of units gives nothing of any; roles to which units mean nothing see all.
    let silent = |roles: Vec<Role>| {
        let scopes = Role::scopes_of(&roles).into_iter().map(str::to_owned).collect();
        service.issue(Grant { subject: "x".to_owned(), scopes, roles, ..Grant::default() })
    };
    let officer = silent(vec![Role::ComplaintOfficer, Role::ServiceOfficer]);
    assert_eq!([seen(&officer, "/v1/complaints").await, seen(&officer, "/v1/service-requests").await], [0, 0]);
    assert_eq!(seen(&silent(vec![Role::Editor]), drafts).await, 0);
    for role in [Role::Approver, Role::Auditor] {
        assert_eq!(seen(&silent(vec![role]), drafts).await, 1, "{role:?}");
    }
    assert_eq!(seen(&silent(vec![Role::Editor, Role::Auditor]), drafts).await, 1);
    let create = service.post("/v1/measures").token(&silent(vec![Role::Editor, Role::Auditor]));
    create.json(&measure(2568, 2)).send().await.problem(422, "validation_failed");
}

#[tokio::test]
async fn scopes_that_no_admin_gives_alone_are_kept_and_taken_away_but_not_given_to_clients() {
    let service = spawn_filled().await;
    let admin = service.token(Role::Admin);
    let send = |path: &str, body: Value| service.post(path).token(&admin).json(&body).send();
    let guarded = [
        "complaints:handle",
        "service-requests:handle",
        "identities:approve",
        "audit:read",
        "users:write",
        "retention:read",
        "retention:approve",
    ];
    for scope in guarded {
        let body = json!({ "display_name": "x", "scopes": ["measures:read", scope] });
        let problem = send("/v1/clients", body).await.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [("#/scopes/1".to_owned(), "only_by_operator".to_owned())], "{scope}");
    }
    let own = send("/v1/clients", json!({ "display_name": "x", "scopes": ["measures:read"] })).await.expect(201).json();
    let own = format!("/v1/clients/{}", text(&own, "id"));
    let more = json!({ "scopes": ["audit:read", "measures:read"] });
    let problem = service.administer(&own, &more).await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/scopes/0".to_owned(), "only_by_operator".to_owned())]);
    // One from the command line.
    let (id, _) = service.add_client(&["complaints:handle", "measures:read"]).await;
    let address = format!("/v1/clients/{id}");
    send(&format!("{address}/secrets"), json!({})).await.problem(403, "operator_only");
    let changed =
        service.administer(&address, &json!({ "display_name": "y", "units": ["legal"] })).await.expect(200).json();
    assert_eq!(changed["scopes"], json!(["complaints:handle", "measures:read"]));
    for units in [json!("all"), json!(["legal", "finance"])] {
        let problem = service.administer(&address, &json!({ "units": units })).await.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [("#/units".to_owned(), "only_by_operator".to_owned())]);
    }
    service.administer(&address, &json!({ "scopes": ["measures:read"] })).await.expect(200);
    send(&format!("{address}/secrets"), json!({})).await.expect(200);
    service.administer(&address, &json!({ "scopes": ["complaints:handle"] })).await.problem(422, "validation_failed");
}

#[tokio::test]
async fn units_that_mean_nothing_are_refused() {
    let service = spawn_filled().await;
    let admin = service.token(Role::Admin);
    let refused = async |path: &str, body: Value| {
        let problem = service.post(path).token(&admin).json(&body).send().await.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [("#/units".to_owned(), "not_for_this".to_owned())]);
    };
    for units in [json!("all"), json!(["legal"])] {
        refused("/v1/users", json!({ "login": "a.b", "display_name": "x", "units": units })).await;
        let roles = json!(["approver", "integrator"]);
        refused("/v1/users", json!({ "login": "a.b", "display_name": "x", "roles": roles, "units": units })).await;
        refused("/v1/clients", json!({ "display_name": "x", "scopes": ["complaints:submit"], "units": units })).await;
    }
    let wrong = json!({ "login": "a.b", "display_name": "x", "roles": ["editor"], "units": "legal" });
    let problem = service.post("/v1/users").token(&admin).json(&wrong).send().await.problem(422, "validation_failed");
    assert_eq!(faults(&problem), [("#/units".to_owned(), "not_allowed".to_owned())]);
}

#[tokio::test]
async fn a_database_that_is_away_is_not_taken_for_an_account_that_is_gone() {
    let service = spawn().await;
    let token = service.token_of_a_person().await;
    let passwords = json!({ "current_password": PASSWORD, "new_password": "ข้าวเหนียวมะม่วงหน้าร้อน" });
    let me = || service.get("/v1/me").token(&token).send();
    let change = || service.post("/v1/me/password").token(&token).json(&passwords).send();
    let confirm =
        || service.post("/v1/me/second-factor/confirmation").token(&token).json(&json!({ "code": "287082" })).send();
    let writes = hold_writes(&service.database_url).await;
    confirm().await.problem(503, "unavailable");
    writes.rollback().await.unwrap();
    // Every connection that reads.
    let mut reads = Vec::new();
    for _ in 0..if on_postgres() { 8 } else { 4 } {
        reads.push(service.db().snapshot().await.unwrap());
    }
    me().await.problem(503, "unavailable");
    change().await.problem(503, "unavailable");
    drop(reads);
    assert_eq!(me().await.expect(200).json()["user"]["display_name"], "สมศรี ใจดี");
    service.tamper(&["DELETE FROM credential", "DELETE FROM account"]).await;
    assert_eq!(me().await.expect(200).json()["user"], json!(null));
    change().await.problem(403, "no_account");
    confirm().await.problem(403, "no_account");
}

#[tokio::test]
async fn an_account_that_is_disabled_ends_within_seconds_also_where_readers_take_every_connection() {
    let service = spawn().await;
    let other = service.sibling().await;
    service.add_user("somchai", &[Role::Editor]).await;
    let tokens = service.log_in("somchai", PASSWORD, None).await.expect(200).json();
    let mut held = Vec::new();
    while let Ok(moment) = service.db().snapshot().await {
        held.push(moment);
    }
    accounts::set_active(other.db(), "somchai", false).await.unwrap();
    let began = std::time::Instant::now();
    while service.get("/v1/me").token(text(&tokens, "access_token")).send().await.status != 401 {
        assert!(began.elapsed() < Duration::from_secs(5), "the token is still accepted");
    }
    drop(held);
}
