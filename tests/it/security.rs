//! Who gets in, for every operation of the document.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use prongsai::auth::key::SigningKey;
use prongsai::auth::scope::{self, Role};
use prongsai::auth::token::Tokens;
use prongsai::db;
use prongsai::openapi::DOCUMENT;
use serde_json::{Value, json};

use crate::support::{Service, key, spawn};

struct Operation {
    method: String,
    path: String,
    /// None where anybody may, with or without a token.
    scope: Option<String>,
}

fn operations() -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let security = operation["security"].as_array().expect("every operation says who may");
            let open = security.is_empty() || security.contains(&json!({}));
            let scope = security.iter().find_map(|scheme| scheme["bearer"][0].as_str()).map(str::to_owned);
            let path = path
                .replace("{id}", "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")
                .replace("{year}", "2567")
                .replace("{code}", "not_found");
            operations.push(Operation { method: method.to_uppercase(), path, scope: scope.filter(|_| !open) });
        }
    }
    operations
}

#[tokio::test]
async fn without_a_token_everything_that_is_not_public_is_401() {
    let service = spawn().await;
    let mut guarded = 0;
    for operation in operations() {
        let answer = service.request(&operation.method, &operation.path).send().await;
        if operation.scope.is_some() {
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"prongsai\"");
            answer.problem(401, "unauthenticated");
            guarded += 1;
        } else {
            assert!(![401, 403].contains(&answer.status), "{} {}", operation.method, operation.path);
        }
    }
    assert!(guarded >= 14, "only {guarded} operations are guarded");
}

#[tokio::test]
async fn with_every_scope_but_the_right_one_it_is_403_and_with_the_right_one_it_is_not() {
    let service = spawn().await;
    for operation in operations() {
        let Some(needed) = &operation.scope else { continue };
        let others: Vec<&str> = scope::ALL.iter().map(|(name, _)| *name).filter(|name| name != needed).collect();
        let ask = |scopes: &[&str]| {
            service.request(&operation.method, &operation.path).token(&service.token_with(scopes)).send()
        };
        let refused = ask(&others).await;
        assert!(refused.header("www-authenticate").contains("insufficient_scope"));
        refused.problem(403, "insufficient_scope");
        let let_in = ask(&[needed]).await;
        assert!(![401, 403].contains(&let_in.status), "{} {}", operation.method, operation.path);
    }
}

#[test]
fn every_scope_in_the_document_is_known_and_every_known_one_is_used() {
    let text = DOCUMENT["paths"].to_string();
    for (name, _) in scope::ALL {
        assert!(text.contains(&format!("\"{name}\"")), "{name} guards nothing");
    }
    for operation in operations() {
        if let Some(scope) = operation.scope {
            assert!(scope::ALL.iter().any(|(name, _)| *name == scope), "{scope}");
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
    let now = db::now().timestamp();
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some(key().id());
    let mut claims = json!({
        "iss": "prongsai", "aud": "prongsai", "sub": "tester", "iat": now, "nbf": now, "exp": now + 600, "jti": "x",
        "scope": "measures:read",
    });
    change(&mut header, &mut claims);
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(key().pkcs8())).unwrap()
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
    let now = db::now().timestamp();
    let good = service.token(Role::Editor);
    let (head, rest) = good.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    let claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap();
    let stranger = SigningKey::generate().unwrap();
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
        Tokens::new(&stranger, "prongsai").issue("x", &["measures:read"], db::now(), TimeDelta::hours(1)).unwrap(),
        signed(|header, _| header.kid = None),
        signed(|header, _| header.kid = Some("../../etc/passwd".to_owned())),
        signed(|header, _| header.typ = Some("JWT".to_owned())),
        signed(|_, claims| claims["exp"] = json!(now - 60)),
        signed(|_, claims| claims["nbf"] = json!(now + 60)),
        signed(|_, claims| claims["iat"] = json!(now + 86400)),
        signed(|_, claims| claims["iss"] = json!("somebody")),
        signed(|_, claims| claims["aud"] = json!("somebody")),
        signed(|_, claims| claims["sub"] = json!("")),
        signed(|_, claims| claims["exp"] = json!("9999999999")),
        signed(|_, claims| claims["exp"] = json!(-1)),
    ];
    for claim in ["iss", "aud", "sub", "exp", "nbf"] {
        tokens.push(signed(|_, claims| {
            claims.as_object_mut().unwrap().remove(claim);
        }));
    }
    for token in tokens {
        refused(&service, &token).await;
    }
    let basic = service.get("/v1/measures").header("Authorization", "Basic dXNlcjpwYXNz").send().await;
    basic.problem(401, "invalid_token");
}
