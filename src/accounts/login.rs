//! Login of people: `/v1/login`. An unknown login and a wrong password get the same response in the same time.

use actix_web::{HttpRequest, post};
use entity::credential::{self, Steps};
use entity::texts::Texts;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QuerySelect};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::Validate;

use super::grants::TokenAnswer;
use super::users::store as users;
use super::users::store::Row;
use super::{devices, kept, sessions};
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::auth::attempts::Origin;
use crate::auth::failures::Failure;
use crate::auth::scope::Role;
use crate::auth::totp::Secret;
use crate::db::Write;
use crate::domain::text::Line;
use crate::domain::text::typed::letters_and_digits;
use crate::error::{Code, Result};
use crate::http::body::Json;
use crate::http::record::Record;
use crate::http::response::WriteResponse;
use crate::http::route::Kind;
use crate::state::{App, State};

pub fn routes(config: &mut ServiceConfig) {
    config.service(log_in);
}

/// The credentials of a person.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "login": "somchai.j", "password": "ปลาทูทอดกับน้ำพริกกะปิ" }))]
struct Login {
    /// Login of the account.
    login: Line<64>,
    /// Password of the account.
    #[schema(min_length = 1, max_length = 1024, format = Password, example = "ปลาทูทอดกับน้ำพริกกะปิ")]
    password: String,
    /// Code of the authenticator app, or a recovery code. Required if the account has a second factor.
    #[schema(example = json!(null))]
    code: Option<Line<60>>,
    /// The `device_token` of an earlier login from the same device.
    #[schema(min_length = 1, max_length = 200, pattern = "^[0-9A-Za-z_-]+$", example = json!(null))]
    device_token: Option<String>,
}

/// Log in
///
/// For people; programs use `POST /oauth/token`. The access token is valid for 10 minutes. The refresh token is valid
/// once, within 12 hours.
///
/// After five failures from an address, each further failure delays the next attempt with the same login from that
/// address, up to one minute. With a device token, only failures of that device count. A hundred failures from many
/// addresses delay all logins without a device token.
#[utoipa::path(
    tag = "accounts",
    extensions(("x-kind" = json!([Kind::Login]))),
    request_body = Login,
    responses((status = 200, body = TokenAnswer), (status = 401), (status = 429)),
)]
#[post("/v1/login")]
async fn log_in(app: State, request: HttpRequest, body: Json<Login>) -> Result<WriteResponse> {
    let Login { login, password, code, device_token } = body.value;
    let login = login.to_lowercase();
    let (db, now) = (app.db.reader(), app.db.now());
    let known = users::find_by_login(db, &login).await?;
    let device = match (&known, device_token) {
        (Some(row), Some(token)) => devices::known(db, row.id(), &token, now).await?,
        _ => None,
    };
    let address = app.http.callers.address_key(&request);
    let origin = device.as_deref().map_or(Origin::Address(&address), Origin::Device);
    let attempt = app.auth.attempts.begin(&login, origin)?;
    if device.is_none() {
        app.auth.attempts.check(db, &login, now).await?;
    }
    let hash = match &known {
        Some(row) => credential::Entity::find_by_id(row.id()).one(db).await?.and_then(|row| row.password),
        None => None,
    };
    let right = app.auth.passwords.are_equal(password, hash.clone()).await?;
    let id = known.as_ref().map(Row::id);
    let state = app.clone();
    app.db
        .write(&Author::nobody(), move |mut write| async move {
            if device.is_none() {
                // Concurrent attempts all pass the first check.
                state.auth.attempts.check(&write, &login, write.now).await?;
            }
            let proven = match id.filter(|_| right) {
                Some(id) => prove(&state, &write, id, hash, code.as_deref()).await?,
                None => Proof::Failed(Failure::Login),
            };
            match proven {
                Proof::Given(row) => {
                    let roles: Vec<_> = row.roles().into_iter().map(Role::name).collect();
                    write.author = Author::new(row.id(), roles.join(" "));
                    let answer = begin(&state, &write, &row, device).await?;
                    attempt.succeeded();
                    write.commit([Event::happened("login", "sessions", Some(row.id()))], WriteResponse::done(&answer)?)
                }
                Proof::CodeMissing => {
                    state.auth.failures.count(Failure::CodeMissing, id, write.now);
                    Err(Code::SecondFactorRequired.into())
                }
                Proof::Failed(failure) => {
                    attempt.failed();
                    if device.is_none() {
                        state.auth.attempts.count(&write, &login).await?;
                    }
                    state.auth.failures.count(failure, id, write.now);
                    write.commit_failure([], Code::InvalidCredentials.into())
                }
            }
        })
        .await
}

/// Begins a session on a device; one that is not known yet becomes known.
async fn begin(app: &App, write: &Write, row: &Row, device: Option<Vec<u8>>) -> Result<TokenAnswer> {
    let device_token = match device {
        Some(device) => devices::renew(write, device).await.map(|()| None)?,
        None => Some(devices::add(write, row.id()).await?),
    };
    let refresh_token = sessions::begin(write, row.id()).await?;
    Ok(TokenAnswer::of_account(app, write, row, refresh_token).await?.with_device(device_token))
}

enum Proof {
    Given(Box<Row>),
    CodeMissing,
    Failed(Failure),
}

/// Whether an account may log in after a correct password: it is active, the password is still the same, and the second
/// factor, if there is one, is valid.
async fn prove(app: &App, write: &Write, id: Uuid, hash: Option<String>, code: Option<&str>) -> Result<Proof> {
    // Lock the account first, as all writers of both rows do, so that a concurrent disable is seen.
    let row = users::Row::lock(write, id).await?;
    let credential = credential::Entity::find_by_id(id).lock_exclusive().one(write).await?;
    let credential = credential.ok_or(Code::Internal)?;
    if !row.account.active || credential.password != hash {
        return Ok(Proof::Failed(Failure::Login));
    }
    if !credential.confirmed {
        return Ok(Proof::Given(Box::new(row)));
    }
    let Some(code) = code else { return Ok(Proof::CodeMissing) };
    let taken = take_code(app, write, credential, code).await?;
    Ok(if taken { Proof::Given(Box::new(row)) } else { Proof::Failed(Failure::CodeWrong) })
}

/// Steps that are remembered: far more than can be taken in the minute and a half in which a code is good, even by a clock that
/// jumps.
const USED_STEPS: usize = 32;

/// Uses up a code of the authenticator app or a recovery code, if it is good.
pub async fn take_code(app: &App, write: &Write, credential: credential::Model, code: &str) -> Result<bool> {
    let (account, mut used) = (credential.account_id, credential.used_steps.0.clone());
    let sealed = credential.second_factor.as_deref().unwrap_or_default();
    let step = Secret::open(sealed, &app.audit.key, account).and_then(|secret| secret.step_of(code, write.now));
    let hash = recovery_hash(code);
    let left: Vec<String> = credential.recovery_codes.0.iter().filter(|kept| **kept != hash).cloned().collect();
    let recovers = left.len() < credential.recovery_codes.0.len();
    let mut row = credential.into_active_model();
    match step.filter(|step| !used.contains(step)) {
        Some(step) => {
            used.drain(..used.len().saturating_sub(USED_STEPS - 1));
            used.push(step);
            row.used_steps = Set(Steps(used));
        }
        None if recovers => row.recovery_codes = Set(Texts(left)),
        None => return Ok(false),
    }
    row.update(write).await?;
    Ok(true)
}

/// What is kept of a recovery code, however it was typed.
pub fn recovery_hash(code: &str) -> String {
    data_encoding::HEXLOWER.encode(&kept(&letters_and_digits(code).to_ascii_uppercase()))
}
