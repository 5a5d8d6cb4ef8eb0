//! The municipality's own identity provider: tests/it/issuer is a small one.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use prongsai::accounts;
use prongsai::app::config::Settings;
use prongsai::app::demo;
use prongsai::auth::oidc::keys::KeySource;
use prongsai::auth::oidc::{GroupUnits, OidcSettings, Provider};
use prongsai::auth::scope::Role;
use prongsai::auth::token::Grant;
use prongsai::cases::custodians::Custodians;
use prongsai::db;
use prongsai::domain::units::Units;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::samples::{complaint, holiday, measure, named_complaint};
use crate::support::{Answer, CUSTODIANS, Service, faults, spawn_with};

/// A provider with one key, P-256.
struct Issuer {
    folder: TempDir,
    pkcs8: Vec<u8>,
    process: Option<Child>,
}

impl Issuer {
    fn new() -> Self {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let issuer = Self { folder: tempfile::tempdir().unwrap(), pkcs8: pkcs8.as_ref().to_vec(), process: None };
        issuer.publish("k1");
        issuer
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("jwks.json")
    }

    /// Its keys, and others that are not for us: one for encryption, one that is a shared secret.
    fn publish(&self, kid: &str) {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &self.pkcs8).unwrap();
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        let coded = |part: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(part);
        let key = json!({ "kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "alg": "ES256", "x": coded(x), "y": coded(y) });
        let shared = json!({ "kty": "oct", "kid": "shared", "alg": "HS256", "k": coded(b"a secret that two share") });
        let other = json!({ "kty": "EC", "crv": "P-256", "kid": "enc", "use": "enc", "x": coded(x), "y": coded(y) });
        std::fs::write(self.file(), json!({ "keys": [shared, other, key, { "kty": "new" }] }).to_string()).unwrap();
    }

    /// Serves the keys; gives their address.
    fn serve(&mut self) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/issuer/issuer.py");
        let mut python = Command::new("python3");
        let mut process = python.arg(script).arg(self.folder.path()).stdout(Stdio::piped()).spawn().unwrap();
        let mut port = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
        self.process = Some(process);
        format!("https://127.0.0.1:{}/jwks.json", port.trim())
    }

    fn settings(&self, keys: KeySource) -> OidcSettings {
        OidcSettings {
            issuer: "https://id.example.go.th".to_owned(),
            audience: "prongsai".to_owned(),
            keys,
            roles_claim: "groups".to_owned(),
            roles: vec![("web-team".to_owned(), Role::Editor), ("it".to_owned(), Role::Admin)],
            units: vec![("web-team".to_owned(), GroupUnits::All)],
            longest: TimeDelta::hours(1),
            ca: Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/issuer/ca.pem")),
        }
    }

    /// A token of a person, with what a test changes about it.
    fn token(&self, change: impl FnOnce(&mut Header, &mut Value)) -> String {
        let now = db::machine_now().timestamp();
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some("k1".to_owned());
        let mut claims = json!({
            "iss": "https://id.example.go.th", "aud": "prongsai", "sub": "248289761001", "iat": now, "exp": now + 300,
            "groups": ["web-team", "football"],
        });
        change(&mut header, &mut claims);
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ec_der(&self.pkcs8)).unwrap()
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

async fn service_with(settings: OidcSettings) -> Service {
    spawn_with(Settings { oidc: Some(settings), ..Settings::default() }).await
}

async fn scopes(service: &Service, token: &str) -> Value {
    service.get("/v1/me").token(token).send().await.expect(200).json()["scopes"].clone()
}

#[tokio::test]
async fn a_person_of_the_provider_has_the_roles_of_their_groups() {
    let issuer = Issuer::new();
    let service = service_with(issuer.settings(KeySource::File(issuer.file()))).await;
    let token = issuer.token(|_, _| {});
    let me = service.get("/v1/me").token(&token).send().await.expect(200).json();
    assert_eq!((&me["subject"], &me["roles"]), (&json!("oidc:248289761001"), &json!(["editor"])));
    service.post("/v1/measures").token(&token).json(&measure(2567, 1)).send().await.expect(201);
    let events = service.get("/v1/audit/events").token(&service.token(Role::Auditor)).send().await.json();
    assert_eq!(events["items"][0]["actor_id"], "oidc:248289761001");
    // An admin needs a second factor, and the provider says whether it has seen one.
    let admin = |amr: Value| issuer.token(|_, claims| (claims["groups"], claims["amr"]) = (json!("it football"), amr));
    for one in [json!(["pwd"]), json!(["otp"]), json!(["sms", "face"])] {
        assert_eq!(scopes(&service, &admin(one)).await, json!([]));
    }
    let admin = admin(json!(["pwd", "otp"]));
    assert!(scopes(&service, &admin).await.to_string().contains("users:write"));
    service.post("/v1/holidays").token(&admin).json(&holiday("2026-12-07", "วันหยุดพิเศษ")).send().await.expect(201);
    let events = service.get("/v1/audit/events").token(&service.token(Role::Auditor)).send().await.json();
    assert_eq!(events["items"][0]["actor_id"], "oidc:248289761001");
    // Our own tokens go on.
    service.get("/v1/me").token(&service.token(Role::Editor)).send().await.expect(200);
}

#[tokio::test]
async fn what_the_provider_has_not_signed_for_us_is_refused() {
    let issuer = Issuer::new();
    let service = service_with(issuer.settings(KeySource::File(issuer.file()))).await;
    let stranger = Issuer::new();
    let now = db::machine_now().timestamp();
    let shared = |kid: &str| {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(kid.to_owned());
        let claims = json!({ "iss": "https://id.example.go.th", "aud": "prongsai", "sub": "x", "exp": now + 300 });
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(b"a secret that two share")).unwrap()
    };
    for token in [
        stranger.token(|_, _| {}),
        shared("shared"),
        shared("k1"),
        issuer.token(|header, _| header.kid = Some("enc".to_owned())),
        issuer.token(|header, _| header.kid = Some("k2".to_owned())),
        issuer.token(|_, claims| claims["iss"] = json!("https://id.example.com")),
        issuer.token(|_, claims| claims["aud"] = json!("another-service")),
        issuer.token(|_, claims| claims["exp"] = json!(now - 60)),
        issuer.token(|_, claims| claims["nbf"] = json!(now + 60)),
        issuer.token(|_, claims| claims["sub"] = json!("")),
        issuer.token(|_, claims| claims["sub"] = json!("a\nb")),
        issuer.token(|_, claims| drop(claims.as_object_mut().unwrap().remove("exp"))),
        issuer.token(|_, claims| drop(claims.as_object_mut().unwrap().remove("iat"))),
        issuer.token(|_, claims| claims["iat"] = json!(now + 60)),
        issuer.token(|_, claims| claims["exp"] = json!(now + 3610)),
        issuer.token(|_, claims| (claims["iat"], claims["exp"]) = (json!(now - 3500), json!(now + 200))),
        issuer.token(|_, claims| (claims["iat"], claims["exp"]) = (json!(i64::MIN), json!(i64::MAX))),
        issuer.token(|_, claims| claims["exp"] = json!(1e300)),
        issuer.token(|_, claims| claims["azp"] = json!("another-app")),
        issuer.token(|_, claims| claims["aud"] = json!(["another-app", "prongsai"])),
        issuer.token(|_, claims| {
            (claims["aud"], claims["azp"]) = (json!(["another-app", "prongsai"]), json!("another-app"));
        }),
    ] {
        service.get("/v1/measures").token(&token).send().await.problem(401, "invalid_token");
    }
}

#[tokio::test]
async fn what_others_write_differently_is_understood() {
    let issuer = Issuer::new();
    let service = service_with(issuer.settings(KeySource::File(issuer.file()))).await;
    let now = db::machine_now().timestamp();
    let admin = |amr: Value| issuer.token(|_, claims| (claims["groups"], claims["amr"]) = (json!(["it"]), amr));
    for token in [
        issuer.token(|_, claims| claims["exp"] = json!((now + 300) as f64)),
        issuer.token(|_, claims| (claims["iat"], claims["nbf"]) = (json!(now as f64 - 0.5), json!(now as f64))),
        issuer.token(|_, claims| claims["azp"] = json!("prongsai")),
        issuer.token(|_, claims| (claims["aud"], claims["azp"]) = (json!(["x", "prongsai"]), json!("prongsai"))),
        issuer.token(|_, claims| claims["aud"] = json!(["prongsai"])),
        issuer.token(|_, claims| claims["amr"] = json!("pwd")),
        // There is one key only that it can be.
        issuer.token(|header, _| header.kid = None),
        // A group by its path, as Keycloak has it.
        issuer.token(|_, claims| claims["groups"] = json!(["/web-team"])),
    ] {
        assert_eq!(scopes(&service, &token).await, json!(Role::Editor.scopes()));
    }
    assert_eq!(scopes(&service, &admin(json!("pwd"))).await, json!([]));
    assert_eq!(scopes(&service, &admin(json!("mfa"))).await, json!(Role::Admin.scopes()));
}

#[tokio::test]
async fn a_person_of_the_provider_reaches_the_units_of_their_groups_and_without_one_nothing() {
    let issuer = Issuer::new();
    let mut settings = issuer.settings(KeySource::File(issuer.file()));
    let groups = [("web-team", Role::Editor), ("officers", Role::ComplaintOfficer), ("audit", Role::Auditor)];
    settings.roles = groups.map(|(group, role)| (group.to_owned(), role)).to_vec();
    let unit = |code: &str| GroupUnits::Unit(code.to_owned());
    let units =
        [("law", unit("legal")), ("money", unit("finance")), ("gone", unit("nowhere")), ("all", GroupUnits::All)];
    settings.units = units.map(|(group, units)| (group.to_owned(), units)).to_vec();
    let service = service_with(settings).await;
    demo::fill(service.db()).await.unwrap();
    let token = |groups: &str| {
        // A claim of ours in a token of theirs gives nothing.
        issuer.token(|_, claims| (claims["groups"], claims["units"]) = (json!(groups), json!(["legal"])))
    };
    for (no, unit) in [(1, "legal"), (2, "finance"), (3, "strategy-budget")] {
        let mut body = measure(2568, no);
        body["responsible"] = json!({ "units": [unit] });
        service.create("/v1/measures", &body).await;
    }
    // Until the process has seen the units.
    service.app.auth.people.refresh(service.db()).await.unwrap();
    for (groups, seen) in [
        ("web-team", json!([])),
        ("web-team gone", json!([])),
        ("web-team law", json!([1])),
        ("web-team law money gone", json!([1, 2])),
        ("web-team law all", json!([1, 2, 3])),
        ("law all", json!([])),
    ] {
        let list = service.get("/v1/measures?fiscal_year=2568").token(&token(groups)).send().await.expect(200).json();
        let items: Vec<_> = list["items"].as_array().unwrap().iter().map(|it| it["number"].clone()).collect();
        assert_eq!(json!(items), seen, "{groups}");
    }
    service.report(&complaint()).await;
    for (groups, many) in [("officers", 0), ("officers gone", 0), ("officers law", 0), ("officers all", 1)] {
        let list = service.get("/v1/complaints").token(&token(groups)).send().await.expect(200).json();
        assert_eq!(list["items"].as_array().unwrap().len(), many, "{groups}");
    }
    let refused = service.post("/v1/measures").token(&token("web-team gone")).json(&measure(2568, 4)).send().await;
    refused.problem(422, "validation_failed");
    // What has no units does not need any.
    service.get("/v1/audit/events").token(&token("audit")).send().await.expect(200);
}

/// The record of a person, once it is there.
async fn known(service: &Service, subject: &str) -> Value {
    accounts::record_seen(&service.app).await.unwrap();
    let path = format!("/v1/provider-subjects?subject={subject}");
    let list = service.get(&path).token(&service.token(Role::Auditor)).send().await.expect(200).json();
    list["items"][0].clone()
}

async fn change(service: &Service, record: &Value, patch: Value) -> Answer {
    let address = format!("/v1/provider-subjects/{}", record["id"].as_str().unwrap());
    let admin = service.token(Role::Admin);
    let read = service.get(&address).token(&admin).send().await.expect(200);
    service.patch(&address).token(&admin).header("If-Match", read.header("etag")).json(&patch).send().await
}

/// Waits, for the five seconds that are promised, until a process answers a token like this.
async fn becomes(service: &Service, path: &str, token: &str, status: u16) {
    for _ in 0..50 {
        if service.get(path).token(token).send().await.status == status {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{path} is never {status}");
}

#[tokio::test]
async fn a_person_of_the_provider_is_recorded_once_a_day_and_ends_when_they_or_their_account_are_disabled() {
    let issuer = Issuer::new();
    let settings = Settings { oidc: Some(issuer.settings(KeySource::File(issuer.file()))), ..Settings::default() };
    let service = spawn_with(settings.clone()).await;
    let other = service.sibling_with(settings).await;
    let token = issuer.token(|_, _| {});
    for process in [&service, &other, &service] {
        process.get("/v1/me").token(&token).send().await.expect(200);
        accounts::record_seen(&process.app).await.unwrap();
    }
    let record = known(&service, "oidc:248289761001").await;
    let today = json!(service.today());
    assert_eq!((&record["first_seen_on"], &record["last_seen_on"]), (&today, &today));
    assert_eq!((&record["active"], &record["account_id"]), (&json!(true), &Value::Null));
    assert_eq!(service.events_of("seen").await.len(), 0);
    // A token that is refused is not somebody who was here.
    service.get("/v1/me").token(&issuer.token(|_, claims| claims["sub"] = json!("x y"))).send().await.expect(401);
    // The next day it is a write again, and no other change.
    let tomorrow = service.now() + TimeDelta::days(1);
    service.db().clock.set(tomorrow);
    service.get("/v1/me").token(&token).send().await.expect(200);
    let record = known(&service, "oidc:248289761001").await;
    assert_eq!((&record["first_seen_on"], &record["last_seen_on"]), (&today, &json!(service.today())));
    assert_eq!(service.events_of("seen").await.len(), 1);
    // Disabled, and enabled again.
    change(&service, &record, json!({ "active": false })).await.expect(200);
    for process in [&service, &other] {
        becomes(process, "/v1/me", &token, 401).await;
    }
    let somebody_else = issuer.token(|_, claims| claims["sub"] = json!("somebody-else"));
    service.get("/v1/me").token(&somebody_else).send().await.expect(200);
    change(&service, &record, json!({ "active": true })).await.expect(200);
    becomes(&other, "/v1/me", &token, 200).await;
    // Linked to an account that is disabled.
    let unknown =
        change(&service, &record, json!({ "account_id": record["id"] })).await.problem(422, "validation_failed");
    assert_eq!(faults(&unknown), [("#/account_id".to_owned(), "unknown_account".to_owned())]);
    let account = service.add_user("somchai", &[]).await;
    change(&service, &record, json!({ "account_id": account })).await.expect(200);
    becomes(&service, "/v1/me", &token, 200).await;
    let disable = service.patch(&format!("/v1/users/{account}")).token(&service.token(Role::Admin));
    disable.header("If-Match", "*").json(&json!({ "active": false })).send().await.expect(200);
    for process in [&service, &other] {
        becomes(process, "/v1/me", &token, 401).await;
    }
}

#[tokio::test]
async fn a_person_with_two_logins_is_kept_out_of_a_complaint_with_both() {
    let issuer = Issuer::new();
    let mut settings = issuer.settings(KeySource::File(issuer.file()));
    settings.roles = vec![("officers".to_owned(), Role::ComplaintOfficer), ("custodians".to_owned(), Role::Custodian)];
    settings.units = vec![("officers".to_owned(), GroupUnits::All)];
    let custodians = Some(Custodians::parse(CUSTODIANS).unwrap());
    let service = spawn_with(Settings { oidc: Some(settings), custodians, ..Settings::default() }).await;
    demo::fill(service.db()).await.unwrap();
    let foreign = |subject: &str| {
        issuer.token(|_, claims| {
            (claims["sub"], claims["groups"]) = (json!(subject), json!(["officers", "custodians"]));
            claims["amr"] = json!(["mfa"]);
        })
    };
    let (somchai, somsri) = (foreign("somchai"), foreign("somsri"));
    let account = service.add_user("somchai", &[Role::ComplaintOfficer]).await;
    let own = service.issue(Grant {
        subject: account.to_string(),
        scopes: Role::ComplaintOfficer.scopes().into_iter().map(str::to_owned).collect(),
        roles: vec![Role::ComplaintOfficer],
        units: Units::All,
        rights_version: Some(i32::MAX),
        ..Grant::default()
    });
    service.report(&named_complaint()).await;
    let complaint = service.all_of_office("/v1/complaints").await[0].clone();
    let path = format!("/v1/complaints/{}", complaint["id"].as_str().unwrap());
    let second = service.complaint_officer("second", &[]).await;
    let recuse = async |names: Value| {
        let propose = service
            .post(&format!("{path}/recusals"))
            .token(&somsri)
            .json(&json!({ "recused": names, "accused_unit": null }));
        propose.send().await.expect(200);
        second.decide_recusal(&complaint, "confirm").await.expect(200);
    };
    service.get(&path).token(&somchai).send().await.expect(200);
    let record = known(&service, "oidc:somchai").await;
    recuse(json!([account])).await;
    service.get(&path).token(&own).send().await.expect(404);
    // Not linked yet, they are two persons.
    service.get(&path).token(&somchai).send().await.expect(200);
    change(&service, &record, json!({ "account_id": account })).await.expect(200);
    becomes(&service, &path, &somchai, 404).await;
    recuse(json!(["oidc:somchai"])).await;
    service.get(&path).token(&own).send().await.expect(404);
    service.get(&path).token(&somchai).send().await.expect(404);
    // Nor may somebody else assign it to them.
    let assign = service.post(&format!("{path}/transitions")).token(&somsri);
    let assign = assign.json(&json!({ "action": "assign", "assignee_id": account })).send().await;
    assert_eq!(
        faults(&assign.problem(422, "validation_failed")),
        [("#/assignee_id".to_owned(), "not_an_officer".to_owned())]
    );
    // The end of the link, which the recusal needs, takes a second admin.
    let record = known(&service, "oidc:somchai").await;
    let (admin, another) = (service.admin("admin").await, service.admin("another").await);
    let address = format!("/v1/provider-subjects/{}", record["id"].as_str().unwrap());
    let unlink = || {
        let patch = service.patch(&address).token(&admin.token).header("If-Match", "*");
        patch.json(&json!({ "account_id": null })).send()
    };
    unlink().await.problem(403, "approval_required");
    let ask = |subject: Value| {
        let body = json!({ "operation": "unlink_subject", "subject": subject });
        admin.post(&format!("/v1/users/{account}/approvals")).json(&body).send()
    };
    for (subject, code) in [(json!("oidc:somsri"), "unknown_account"), (json!(null), "needed")] {
        let problem = ask(subject).await.problem(422, "validation_failed");
        assert_eq!(faults(&problem), [("#/subject".to_owned(), code.to_owned())]);
    }
    let approval = ask(json!("oidc:somchai")).await.expect(201).json();
    unlink().await.problem(403, "approval_required");
    let decide = another.post(&format!("/v1/user-approvals/{}/transitions", approval["id"].as_str().unwrap()));
    decide.json(&json!({ "action": "approve" })).send().await.expect(200);
    unlink().await.expect(200);
    becomes(&service, &path, &own, 200).await;
    change(&service, &record, json!({ "account_id": account })).await.expect(200);
    becomes(&service, &path, &own, 404).await;
    recuse(json!([])).await;
    service.get(&path).token(&own).send().await.expect(200);
    let assign = service.post(&format!("{path}/transitions")).token(&somsri);
    assign.json(&json!({ "action": "assign", "assignee_id": account })).send().await.expect(200);
    // Who asks with one login does not approve with the other.
    let request = service.ask_for_identity(&own, &complaint).await;
    let steps = format!("/v1/identity-requests/{}/transitions", request["id"].as_str().unwrap());
    let approve = |token: &str| service.post(&steps).token(token).json(&json!({ "action": "approve" })).send();
    approve(&somchai).await.problem(403, "wrong_person");
    // Who was kept out since, by whichever name, is given nothing, and the case is no longer theirs.
    recuse(json!(["oidc:somchai"])).await;
    let changed = service.get(&path).token(&somsri).send().await.expect(200).json();
    assert_eq!(changed["assignee_id"], Value::Null);
    approve(&somsri).await.problem(409, "illegal_transition");
}

#[tokio::test]
async fn keys_come_over_https_from_time_to_time_and_once_a_minute_because_of_a_token() {
    let mut issuer = Issuer::new();
    let url = issuer.serve();
    let asked = || std::fs::read_to_string(issuer.folder.path().join("asked")).unwrap_or_default().lines().count();
    let settings = issuer.settings(KeySource::Url(url.clone()));
    let service = service_with(settings.clone()).await;
    assert_eq!(scopes(&service, &issuer.token(|_, _| {})).await, json!(Role::Editor.scopes()));
    assert_eq!(asked(), 1);
    let named = |kid: &str| issuer.token(|header, _| header.kid = Some(kid.to_owned()));
    let unknown = named("k2");
    // Neither a token of ours, nor one of somebody else's provider has them read.
    let elsewhere = issuer.token(|header, claims| {
        (header.kid, claims["iss"]) = (Some("k2".to_owned()), json!("https://id.example.com"));
    });
    service.get("/v1/me").token(&elsewhere).send().await.expect(401);
    service.get("/v1/measures").token(&service.token(Role::Editor)).send().await.expect(200);
    assert_eq!(asked(), 1);
    // The first token with a new key is good at once.
    issuer.publish("k2");
    service.get("/v1/me").token(&unknown).send().await.expect(200);
    assert_eq!(asked(), 2);
    for _ in 0..20 {
        service.get("/v1/me").token(&named("k3")).send().await.expect(401);
    }
    assert_eq!(asked(), 2);
    // When there are none, those of before stay.
    for broken in ["", "{}", "{\"keys\":[]}", &format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(300_000))] {
        std::fs::write(issuer.file(), broken).unwrap();
        service.app.auth.provider.as_ref().unwrap().keys.refresh().await.unwrap_err();
    }
    service.get("/v1/me").token(&unknown).send().await.expect(200);
    // Neither an address that leads elsewhere, nor one without TLS, nor a certificate that nobody knows.
    let elsewhere = url.replace("/jwks.json", "/moved");
    for (keys, ca) in
        [(elsewhere, settings.ca.clone()), (url.replace("https://", "http://"), settings.ca.clone()), (url, None)]
    {
        let provider =
            Provider::new(OidcSettings { keys: KeySource::Url(keys.clone()), ca, ..settings.clone() }).unwrap();
        issuer.publish("k1");
        assert!(provider.keys.refresh().await.is_err(), "{keys}");
    }
}

#[tokio::test]
async fn a_file_of_keys_that_is_slow_to_read_keeps_nothing_else_waiting() {
    let issuer = Issuer::new();
    let (keys, pipe) = (std::fs::read(issuer.file()).unwrap(), issuer.folder.path().join("pipe"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let provider = Provider::new(issuer.settings(KeySource::File(pipe.clone()))).unwrap();
    let (went_on, goes_on) = std::sync::mpsc::channel();
    // Whoever reads the pipe waits until the keys are written: as soon as something else went on, or much later.
    let writer = std::thread::spawn(move || {
        let went_on = goes_on.recv_timeout(std::time::Duration::from_secs(5)).is_ok();
        std::fs::write(pipe, keys).unwrap();
        went_on
    });
    let (read, ()) = tokio::join!(provider.keys.refresh(), async { went_on.send(()).unwrap() });
    read.unwrap();
    assert!(writer.join().unwrap());
}
