//! What people do about their own account: `/v1/me`.

use actix_web::{get, post};
use aws_lc_rs::rand;
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use entity::credential;
use entity::texts::Texts;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::login::{recovery_hash, take_code};
use super::users::{User, check_password, store as users};
use crate::audit_log::append::Event;
use crate::auth::attempts::Origin;
use crate::auth::failures::Failure;
use crate::auth::scope::Role;
use crate::auth::totp::Secret;
use crate::auth::{AccountHolder, Bearer};
use crate::db::Write;
use crate::domain::merkle::sha256;
use crate::domain::rule::Rules;
use crate::domain::text::Line;
use crate::error::{Code, Error, Result};
use crate::http::body::Json;
use crate::http::record::Record;
use crate::http::response::{ReadResponse, WriteResponse};
use crate::http::route::Kind;
use crate::revisions::Resource;
use crate::state::{App, State};

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_me).service(change_my_password).service(enrol_second_factor).service(confirm_second_factor);
}

/// The account or client of a token, with its roles and scopes.
#[derive(Serialize, ToSchema)]
struct Me {
    /// Id of the account or client.
    #[schema(max_length = 200, example = "01985d3c-8a5e-7cc1-9c53-0c5a2f0a7c11")]
    subject: String,
    /// Roles of the account or client.
    #[schema(max_items = 8)]
    roles: Vec<Role>,
    /// Scopes of the token.
    #[schema(value_type = Vec<Line<50>>, max_items = 50, example = json!(["measures:read"]))]
    scopes: Vec<String>,
    /// Time at which the token expires.
    #[schema(example = "2024-03-15T05:10:00Z")]
    expires_at: chrono::DateTime<chrono::Utc>,
    /// The account; null for a program, and for a person of the identity provider without an account.
    #[schema(required)]
    user: Option<User>,
}

/// Get the account, roles and scopes of the current token
///
/// Accepts any valid token.
#[utoipa::path(tag = "accounts", security(("bearer" = [])), responses((status = 200, body = Me)))]
#[get("/v1/me")]
async fn get_me(app: State, bearer: Bearer) -> Result<ReadResponse> {
    let at = app.db.revisions.snapshot();
    let claims = bearer.0;
    let user = match claims.account() {
        Some(id) => match users::find(app.db.reader(), id).await {
            Err(error) if error.code() == Code::NotFound => None,
            found => Some(User::from(found?)),
        },
        None => None,
    };
    // A token of an identity provider may have any `jti`, or none.
    let token =
        HEXLOWER.encode(&sha256(&[claims.sub.as_bytes(), claims.jti.as_bytes(), &claims.exp.to_be_bytes()])[..8]);
    let etag = format!("\"m{token}-{}\"", at.tag(&[Resource::Users, Resource::Units]));
    let me = Me {
        subject: claims.sub,
        roles: claims.roles,
        scopes: claims.scope.split_whitespace().map(str::to_owned).collect(),
        expires_at: chrono::DateTime::from_timestamp(claims.exp, 0).ok_or(Code::Internal)?,
        user,
    };
    ReadResponse::record(&me, etag, &[])
}

/// An account that is not found is one that was deleted since the token was issued. Any other error stays what it is.
fn no_account(error: Error) -> Error {
    if error.code() == Code::NotFound { Code::NoAccount.into() } else { error }
}

/// The hash of the password that somebody with a token has proven to know.
struct PasswordProof(Option<String>);

/// Asks for the password of an account. A stolen token must not allow faster guessing than the login does.
async fn prove(app: &App, account: Uuid, password: String) -> Result<PasswordProof> {
    let db = app.db.reader();
    let row = users::find(db, account).await.map_err(no_account)?;
    let attempt = app.auth.attempts.begin(&row.account.login, Origin::Token)?;
    let hash = credential::Entity::find_by_id(account).one(db).await?.and_then(|credential| credential.password);
    if !app.auth.passwords.are_equal(password, hash.clone()).await? {
        attempt.failed();
        app.auth.failures.count(Failure::Password, Some(account), app.db.now());
        return Err(Code::WrongPassword.into());
    }
    attempt.succeeded();
    Ok(PasswordProof(hash))
}

/// An account and its credential, locked, unless an admin has set another password since the proof.
async fn lock(write: &Write, account: Uuid, proof: &PasswordProof) -> Result<(users::Row, credential::Model)> {
    let row = users::Row::lock(write, account).await.map_err(no_account)?;
    let credential = credential::Entity::find_by_id(account).lock_exclusive().one(write).await?;
    let credential = credential.ok_or(Code::NoAccount)?;
    if credential.password == proof.0 { Ok((row, credential)) } else { Err(Code::WrongPassword.into()) }
}

/// A change of one's own password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    /// The current password.
    #[schema(min_length = 1, max_length = 1024, format = Password, example = "ปลาทูทอดกับน้ำพริกกะปิ")]
    current_password: String,
    /// New password: 12 to 128 characters of any kind, and not one of the most common passwords.
    #[schema(min_length = 12, max_length = 1024, format = Password, example = "ข้าวเหนียวมะม่วงหน้าร้อน")]
    new_password: String,
}

impl Validate for PasswordChange {
    fn validate(&self) -> Result<(), ValidationErrors> {
        check_password(Rules::default(), "new_password", &self.new_password).end()
    }
}

/// Change the current user's password
///
/// Ends all sessions of the user, including the current one.
#[utoipa::path(
    tag = "accounts",
    extensions(("x-kind" = json!([Kind::Secret]))),
    security(("bearer" = [])),
    request_body = PasswordChange,
    responses((status = 204), (status = 403, description = "It is no person's token, or the current password is wrong.")),
)]
#[post("/v1/me/password")]
async fn change_my_password(app: State, me: AccountHolder, body: Json<PasswordChange>) -> Result<WriteResponse> {
    let PasswordChange { current_password, new_password } = body.value;
    let proof = prove(&app, me.id, current_password).await?;
    let new = app.auth.passwords.hash(new_password).await?;
    app.db
        .write(&me.author, move |write| async move {
            let (row, _) = lock(&write, me.id, &proof).await?;
            let row = users::set_password(&write, row, new).await?;
            write.commit([Event::about("set_password", &row)], WriteResponse::no_content())
        })
        .await
}

/// The password, to enrol an app.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct EnrolmentInput {
    /// Password of the account. It is required so that a stolen token does not suffice to enrol an app.
    #[schema(min_length = 1, max_length = 1024, format = Password, example = "ปลาทูทอดกับน้ำพริกกะปิ")]
    password: String,
}

/// The data that an authenticator app needs.
#[derive(Serialize, ToSchema)]
struct Enrolment {
    /// Secret in base32 (RFC 4648), for typing.
    #[schema(max_length = 40, example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    secret: String,
    /// Address for a QR code (`otpauth:`).
    #[schema(max_length = 500, example = "otpauth://totp/prongsai:somchai?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    uri: String,
}

/// Enrol an authenticator app
///
/// Requires the password. Returns a secret for the app (RFC 6238: SHA-1, six digits, 30 seconds). The app counts as a
/// second factor after a code was confirmed with `POST /v1/me/second-factor/confirmation`.
#[utoipa::path(
    tag = "accounts",
    extensions(("x-kind" = json!([Kind::Secret]))),
    security(("bearer" = [])),
    request_body = EnrolmentInput,
    responses(
        (status = 200, body = Enrolment),
        (status = 403, description = "It is no person's token, or the password is wrong."),
        (status = 409, description = "There is a second factor already; an admin can reset it."),
    ),
)]
#[post("/v1/me/second-factor")]
async fn enrol_second_factor(app: State, me: AccountHolder, body: Json<EnrolmentInput>) -> Result<WriteResponse> {
    let proof = prove(&app, me.id, body.value.password).await?;
    let state = app.clone();
    app.db
        .write(&me.author, move |write| async move {
            let (row, credential) = lock(&write, me.id, &proof).await?;
            if credential.confirmed {
                return Err(Code::AlreadyExists.into());
            }
            let secret = Secret::generate()?;
            let mut credential = credential.into_active_model();
            credential.second_factor = Set(Some(secret.seal(&state.audit.key, me.id)?));
            credential.update(&write).await?;
            let uri = secret.uri(&state.auth.tokens.issuer, &row.account.login);
            let written = WriteResponse::done(&Enrolment { secret: secret.text(), uri })?;
            write.commit([Event::happened("enrol_second_factor", "sessions", Some(me.id))], written)
        })
        .await
}

/// A code that proves that the app has the secret.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "287082" }))]
struct Confirmation {
    /// Code of six digits. Spaces are ignored.
    #[schema(
        max_length = 60,
        pattern = r"^([0-9\u0E50-\u0E59\uFF10-\uFF19][\s.\u2010-\u2015\u2212-]*){6}$",
        example = "287082"
    )]
    code: String,
}

/// Recovery codes, for when the phone is lost.
#[derive(Serialize, ToSchema)]
struct Recovery {
    /// Codes that each replace a code of the app once. They are returned only here.
    #[schema(value_type = Vec<Line<30>>, max_items = 10, example = json!(["ABCD-EFGH-IJKL-MNOP"]))]
    recovery_codes: Vec<String>,
}

/// Confirm an authenticator app
///
/// From now on, logging in requires a code of the app. The next refresh grants the scopes that were withheld.
#[utoipa::path(
    tag = "accounts",
    extensions(("x-kind" = json!([Kind::Secret]))),
    security(("bearer" = [])),
    request_body = Confirmation,
    responses(
        (status = 200, body = Recovery),
        (status = 403, description = "It is no person's token, or the code is wrong."),
        (status = 409, description = "There is nothing to confirm."),
    ),
)]
#[post("/v1/me/second-factor/confirmation")]
async fn confirm_second_factor(app: State, me: AccountHolder, body: Json<Confirmation>) -> Result<WriteResponse> {
    let state = app.clone();
    app.db
        .write(&me.author, move |write| async move {
            let row = users::Row::lock(&write, me.id).await.map_err(no_account)?;
            let credential = credential::Entity::find_by_id(me.id).lock_exclusive().one(&write).await?;
            let credential = credential.filter(|it| it.second_factor.is_some() && !it.confirmed);
            let credential = credential.ok_or(Code::IllegalTransition)?;
            let attempt = state.auth.attempts.begin(&row.account.login, Origin::Token)?;
            if !take_code(&state, &write, credential, &body.value.code).await? {
                attempt.failed();
                return Err(Code::WrongPassword.into());
            }
            attempt.succeeded();
            let codes = (0..10).map(|_| recovery_code()).collect::<Result<Vec<_>>>()?;
            let confirmed = credential::ActiveModel {
                account_id: Set(me.id),
                confirmed: Set(true),
                recovery_codes: Set(Texts(codes.iter().map(|code| recovery_hash(code)).collect())),
                ..Default::default()
            };
            confirmed.update(&write).await?;
            let row = users::touch(&write, row).await?;
            let written = WriteResponse::done(&Recovery { recovery_codes: codes })?;
            write.commit([Event::about("confirm_second_factor", &row)], written)
        })
        .await
}

/// 80 random bits in four groups.
fn recovery_code() -> Result<String> {
    let mut bytes = [0; 10];
    rand::fill(&mut bytes).map_err(Error::internal)?;
    let text = BASE32_NOPAD.encode(&bytes);
    let groups: Vec<_> = text.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    Ok(groups.join("-"))
}
