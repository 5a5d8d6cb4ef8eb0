//! Scopes and tokens. contract.rs asks every operation without a token and with every scope but the right one.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use prongsai::app::document::DOCUMENT;
use prongsai::auth::scope;
use prongsai::auth::scope::Role;
use prongsai::auth::token::{Grant, Tokens};
use prongsai::crypto::keys::{KeyRing, SigningKey};
use prongsai::db;
use serde_json::{Value, json};

use crate::support::ask::Operation;
use crate::support::{Service, key, spawn};

#[test]
fn every_scope_in_the_document_is_known_and_every_known_one_is_used() {
    let text = DOCUMENT["paths"].to_string();
    // Open311 is described elsewhere, and asked with it in open311.rs.
    let elsewhere = ["service-requests:submit"];
    for name in scope::names().filter(|name| !elsewhere.contains(name)) {
        assert!(text.contains(&format!("\"{name}\"")), "{name} guards nothing");
    }
    for operation in Operation::all() {
        for scope in operation.security().iter().filter_map(|scheme| scheme["bearer"][0].as_str()) {
            assert!(scope::named(scope).is_some(), "{scope}");
        }
    }
}

async fn refused(service: &Service, token: &str) {
    let path = "/v1/measures/01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11";
    let answer = service.get(path).header("Authorization", &format!("Bearer {token}")).send().await;
    assert!(answer.header("www-authenticate").contains("invalid_token"));
    answer.problem(401, "invalid_token");
}

fn forge(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(header), part(claims), BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// A token signed by the right key, with other claims or another header.
fn signed(change: impl FnOnce(&mut Header, &mut Value)) -> String {
    signed_by(&key(), change)
}

fn signed_by(signer: &SigningKey, change: impl FnOnce(&mut Header, &mut Value)) -> String {
    let now = db::machine_now().timestamp();
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some(key().id());
    let mut claims = json!({
        "iss": "prongsai", "aud": "prongsai", "sub": "tester", "iat": now, "nbf": now, "exp": now + 600, "jti": "x",
        "scope": "measures:read", "client_id": "prongsai",
    });
    change(&mut header, &mut claims);
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(signer.pkcs8())).unwrap()
}

#[tokio::test]
async fn a_token_that_is_ours_is_taken() {
    let service = spawn().await;
    let answer = service.get("/v1/measures").token(&signed(|_, _| {})).send().await;
    answer.expect(200);
}

#[tokio::test]
async fn forged_and_stale_tokens_are_refused_even_where_none_is_needed() {
    let service = spawn().await;
    let now = db::machine_now().timestamp();
    let good = service.token(Role::Editor);
    let (head, rest) = good.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    let claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap();
    let stranger = SigningKey::generate(db::machine_now()).unwrap();
    let grant = Grant { subject: "x".to_owned(), scopes: vec!["measures:read".to_owned()], ..Grant::default() };
    // Whoever followed an address or opened a file because of a token would be caught: here by a socket that nobody asks, and
    // by a pipe that keeps whoever opens it waiting.
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let trap = format!("http://{}/jwks.json", socket.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let x = BASE64_URL_SAFE_NO_PAD.encode(stranger.public());
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
    let mut tokens = vec![
        String::new(),
        "x".to_owned(),
        "a.b.c".to_owned(),
        format!("{head}.{body}."),
        format!("{head}.{body}"),
        format!("{head}.{body}.{}", "A".repeat(signature.len())),
        forge(&json!({ "alg": "none", "typ": "at+jwt", "kid": key().id() }), &claims, b""),
        forge(&json!({ "alg": "HS256", "typ": "at+jwt", "kid": key().id() }), &claims, b"x"),
        // Signed with the public key as if it were a shared secret.
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(key().public()))
            .unwrap(),
        Tokens::new(KeyRing::from_pem(&stranger.to_pem()).unwrap(), "prongsai")
            .issue(grant, db::machine_now(), TimeDelta::hours(1))
            .unwrap(),
        signed(|header, _| header.kid = None),
        signed(|header, _| header.kid = Some("../../etc/passwd".to_owned())),
        signed(|header, _| header.kid = Some("' OR 1=1; --".to_owned())),
        signed(|header, _| header.kid = Some("k".repeat(10_000))),
        signed(|header, _| header.kid = Some(String::new())),
        signed(|header, _| header.typ = Some("JWT".to_owned())),
        signed(|header, _| header.typ = None),
        signed(|header, _| header.cty = Some("JWT".to_owned())),
        // A key that comes along, by itself or by an address (RFC 8725, section 3.10).
        signed(|header, _| header.jwk = Some(serde_json::from_value(jwk.clone()).unwrap())),
        signed(|header, _| header.jku = Some(trap.clone())),
        signed(|header, _| header.x5u = Some(trap.clone())),
        signed(|header, _| header.x5c = Some(vec!["MIIB".to_owned()])),
        signed_by(&stranger, |header, _| header.jwk = Some(serde_json::from_value(jwk.clone()).unwrap())),
        signed_by(&stranger, |header, _| header.jku = Some(trap.clone())),
        signed_by(&stranger, |header, _| header.x5u = Some(trap.clone())),
        signed_by(&stranger, |header, _| header.kid = Some(pipe.to_str().unwrap().to_owned())),
        format!("prongsai_refresh_{}", "A".repeat(43)),
        signed(|_, claims| claims["exp"] = json!(now - 60)),
        signed(|_, claims| claims["nbf"] = json!(now + 60)),
        signed(|_, claims| claims["iat"] = json!(now + 86400)),
        signed(|_, claims| claims["iss"] = json!("somebody")),
        signed(|_, claims| claims["aud"] = json!("somebody")),
        signed(|_, claims| claims["sub"] = json!("")),
        signed(|_, claims| claims["exp"] = json!("9999999999")),
        signed(|_, claims| claims["exp"] = json!(-1)),
        signed(|_, claims| claims["exp"] = json!(null)),
        signed(|_, claims| claims["exp"] = json!(1e300)),
        signed(|_, claims| claims["nbf"] = json!("0")),
        signed(|_, claims| claims["iat"] = json!(-5)),
        signed(|_, claims| claims["iat"] = json!(now + 60)),
        signed(|_, claims| claims["iat"] = json!("now")),
        signed(|_, claims| claims["iss"] = json!(["prongsai"])),
        signed(|_, claims| claims["aud"] = json!(["other"])),
        signed(|_, claims| claims["scope"] = json!(["measures:read"])),
        signed(|_, claims| claims["roles"] = json!(["king"])),
    ];
    for claim in ["iss", "aud", "sub", "exp", "nbf", "iat", "jti", "scope", "client_id"] {
        tokens.push(signed(|_, claims| {
            claims.as_object_mut().unwrap().remove(claim);
        }));
    }
    for token in tokens {
        refused(&service, &token).await;
    }
    assert_eq!(socket.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "an address in a token was asked");
    let basic = service.get("/v1/measures").header("Authorization", "Basic dXNlcjpwYXNz").send().await;
    basic.problem(401, "invalid_token");
}
