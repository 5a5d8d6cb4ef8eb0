//! Tokens for programs: OAuth 2.0 (RFC 6749) with client credentials and refresh tokens, revocation (RFC 7009), and
//! metadata for discovery (RFC 8414, RFC 7517).

use actix_web::http::header;
use actix_web::{HttpResponse, get, post};
use entity::{client, client_secret};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::client_auth::{Failure, Form, OauthError, Reason};
use super::grants::TokenAnswer;
use super::sessions::{self, Refreshed};
use super::{units, users};
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::auth::failures;
use crate::auth::scope::{self, Role};
use crate::auth::token::Grant;
use crate::db;
use crate::error::{Code, Result};
use crate::http::record::Record;
use crate::http::response::WriteResponse;
use crate::http::route::Kind;
use crate::revisions::Resource;
use crate::state::State;

pub fn routes(config: &mut ServiceConfig) {
    config.service(issue_token).service(revoke_token).service(get_jwks).service(get_oauth_metadata);
}

/// A request for a token.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "grant_type": "client_credentials", "scope": "measures:read" }))]
#[expect(dead_code, reason = "the document's view of a form that Form reads")]
struct TokenRequest {
    /// `client_credentials` or `refresh_token`.
    #[schema(min_length = 1, max_length = 100, example = "client_credentials")]
    grant_type: String,
    /// Scopes, separated by spaces. By default all scopes of the client. Only for `client_credentials`.
    #[schema(max_length = 2000, example = "measures:read")]
    scope: Option<String>,
    /// The refresh token. Required for `refresh_token`.
    #[schema(max_length = 200, example = "prongsai_refresh_bm90IGEgdG9rZW4")]
    refresh_token: Option<String>,
    /// Alternative to `Authorization: Basic`.
    #[schema(max_length = 100, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    client_id: Option<String>,
    /// Alternative to `Authorization: Basic`.
    #[schema(max_length = 200, format = Password, example = "prongsai_bm90IGEgc2VjcmV0")]
    client_secret: Option<String>,
}

/// Issue an access token
///
/// The token endpoint of RFC 6749. Programs use the grant `client_credentials`. People who logged in use the grant
/// `refresh_token`. A refresh token is valid once; if it is used again, its session ends and all access tokens of the
/// account are revoked. Errors have the format of RFC 6749, section 5.2.
#[utoipa::path(
    tag = "accounts",
    extensions(("x-kind" = json!([Kind::Login, Kind::Oauth]))),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = TokenAnswer),
        (status = 400, body = OauthError, content_type = "application/json"),
        (status = 401, body = OauthError, content_type = "application/json"),
    ),
)]
#[post("/oauth/token")]
async fn issue_token(app: State, form: Form<TokenRequest>) -> Result<HttpResponse, Failure> {
    match form.require("grant_type")? {
        "client_credentials" => {
            let answer = client_credentials(&app, &form).await;
            if let Err(Failure::Oauth(Reason::InvalidClient, _)) = &answer {
                let named = client::Entity::find_by_id(form.client_id().unwrap_or_default());
                let client = named.one(app.db.reader()).await?.map(|client| client.id);
                app.auth.failures.count(failures::Failure::Token, client, app.db.now());
            }
            answer
        }
        "refresh_token" => refresh(&app, form.require("refresh_token")?).await,
        _ => Err(Reason::UnsupportedGrantType.because("grant_type must be client_credentials or refresh_token")),
    }
}

async fn client_credentials(app: &State, form: &Form<TokenRequest>) -> Result<HttpResponse, Failure> {
    let (client, secret) = form.client(app.db.reader(), app.db.now()).await?;
    let scopes = match form.get("scope") {
        None => client.scopes.0.clone(),
        Some(wanted) => {
            let wanted: Vec<_> = wanted.split_whitespace().map(str::to_owned).collect();
            if wanted.is_empty() || !wanted.iter().all(|scope| client.scopes.0.contains(scope)) {
                let held = client.scopes.0.join(" ");
                return Err(Reason::InvalidScope.because(&format!("the client has only these scopes: {held}")));
            }
            wanted
        }
    };
    let client::Model { id, all_units, rights_version, .. } = client;
    let grant = Grant {
        subject: id.to_string(),
        client: Some(id),
        scopes,
        roles: vec![Role::Integrator],
        units: units::granted(app.db.reader(), id, all_units).await?,
        rights_version: Some(rights_version),
    };
    let answer = TokenAnswer::of_client(app, grant)?;
    let author = Author::new(id, Role::Integrator.name());
    let written = app.db.write(&author, move |write| async move {
        let used = Set(Some(write.now));
        let secret = client_secret::ActiveModel { id: Set(secret.id), last_used_at: used, ..Default::default() };
        secret.update(&write).await?;
        let event = Event::happened("token", "sessions", Some(id)).changing(Resource::Clients);
        write.commit([event], WriteResponse::done(&answer)?)
    });
    Ok(message(written.await?))
}

async fn refresh(app: &State, token: &str) -> Result<HttpResponse, Failure> {
    let (state, token) = (app.clone(), token.to_owned());
    let author = Author::nobody();
    let written = app.db.write(&author, move |mut write| async move {
        match sessions::refresh(&write, &token).await? {
            Refreshed::Good { account, token } => {
                let row = users::store::find(&write, account).await?;
                if !row.account.active {
                    return Err(Code::InvalidCredentials.into());
                }
                let answer = TokenAnswer::of_account(&state, &write, &row, token).await?;
                write.author.name = account.to_string();
                write.commit([Event::happened("refresh", "sessions", Some(account))], WriteResponse::done(&answer)?)
            }
            Refreshed::Reused { account } => {
                // The thief has an access token as well.
                let row = users::store::Row::lock(&write, account).await?;
                let row = users::store::touch(&write, row).await?;
                write.commit_failure([Event::about("refresh_reused", &row)], Code::InvalidCredentials.into())
            }
            Refreshed::Unknown => Err(Code::InvalidCredentials.into()),
        }
    });
    match written.await {
        Ok(written) => Ok(message(written)),
        Err(error) if error.code() == Code::InvalidCredentials => {
            Err(Reason::InvalidGrant
                .because("the refresh token is not known, was used before, or its session has ended"))
        }
        Err(error) => Err(error.into()),
    }
}

fn message(written: WriteResponse) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .body(written.body)
}

/// A token to revoke.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "token": "prongsai_refresh_bm90IGEgdG9rZW4" }))]
#[expect(dead_code, reason = "the document's view of a form that Form reads")]
struct Revocation {
    /// A refresh token, whose session ends. Access tokens cannot be revoked; they expire within 10 minutes.
    #[schema(min_length = 1, max_length = 4096, example = "prongsai_refresh_bm90IGEgdG9rZW4")]
    token: String,
    /// Type of the token (RFC 7009). Ignored.
    #[schema(max_length = 100, example = "refresh_token")]
    token_type_hint: Option<String>,
    /// Id of the client. If it is given, the credentials must be valid.
    #[schema(max_length = 100, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    client_id: Option<String>,
    /// Secret of the client.
    #[schema(max_length = 200, format = Password, example = "prongsai_bm90IGEgc2VjcmV0")]
    client_secret: Option<String>,
}

/// Revoke a refresh token (log out)
///
/// Ends the session of a refresh token (RFC 7009). An unknown token gets the same response.
#[utoipa::path(
    tag = "accounts",
    extensions(("x-kind" = json!([Kind::Login, Kind::Oauth]))),
    request_body(content = Revocation, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token is good for nothing now."),
        (status = 400, body = OauthError, content_type = "application/json"),
        (status = 401, body = OauthError, content_type = "application/json"),
    ),
)]
#[post("/oauth/revoke")]
async fn revoke_token(app: State, form: Form<Revocation>) -> Result<HttpResponse, Failure> {
    let token = form.require("token")?.to_owned();
    if form.names_client() {
        form.client(app.db.reader(), app.db.now()).await?;
    }
    if app.auth.tokens.verify(&token, db::machine_now()).is_ok() {
        return Err(Reason::UnsupportedTokenType.because("an access token ends by itself"));
    }
    let author = Author::nobody();
    let written = app.db.write(&author, move |mut write| async move {
        let Some(account) = sessions::revoke(&write, &token).await? else { return Ok(WriteResponse::no_content()) };
        write.author.name = account.to_string();
        write.commit([Event::happened("logout", "sessions", Some(account))], WriteResponse::no_content())
    });
    written.await?;
    Ok(HttpResponse::Ok().finish())
}

/// Get the public keys that verify access tokens
///
/// Returns a JWK set (RFC 7517) of Ed25519 keys (RFC 8037). A new key is published one minute before it signs tokens.
#[utoipa::path(
    tag = "accounts",
    extensions(("x-kind" = json!([Kind::Metadata]))),
    responses((status = 200, body = Object, content_type = "application/json")),
)]
#[get("/.well-known/jwks.json")]
async fn get_jwks(app: State) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=30")).json(app.auth.tokens.jwks())
}

/// Get the metadata of the authorization server
///
/// Returns authorization server metadata (RFC 8414). OAuth clients read the address of the token endpoint from it.
#[utoipa::path(
    tag = "accounts",
    extensions(("x-kind" = json!([Kind::Metadata]))),
    responses((status = 200, body = Object, content_type = "application/json")),
)]
#[get("/.well-known/oauth-authorization-server")]
async fn get_oauth_metadata(app: State) -> HttpResponse {
    let (public_url, tokens) = (&app.site.public_url, &app.auth.tokens);
    let scopes: Vec<_> = scope::names().collect();
    let proofs = json!(["client_secret_basic", "client_secret_post", "none"]);
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=300")).json(json!({
        "issuer": tokens.issuer,
        "token_endpoint": format!("{public_url}/oauth/token"),
        "revocation_endpoint": format!("{public_url}/oauth/revoke"),
        "jwks_uri": format!("{public_url}/.well-known/jwks.json"),
        "service_documentation": format!("{public_url}/docs/"),
        "scopes_supported": scopes,
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials", "refresh_token"],
        "token_endpoint_auth_methods_supported": proofs,
        "revocation_endpoint_auth_methods_supported": proofs,
    }))
}
