//! What the operator does to accounts and clients from the command line, without a token: the first admin comes from here.

use std::sync::Arc;

use uuid::Uuid;

use super::clients::{self, ClientInput};
use super::new_secret;
use super::units;
use super::users::UserInput;
use super::users::store::{self, Row};
use crate::audit_log::append::Event;
use crate::audit_log::author::{Author, OPERATOR, UnitScope};
use crate::auth::attempts::Attempts;
use crate::auth::password::{self, Passwords};
use crate::auth::scope::{Role, Scope};
use crate::db::{Db, Write};
use crate::domain::field_code::FieldCode;
use crate::domain::units::{UnitCodes, Units};
use crate::error::{Code, Result};
use crate::http::record::Record;

pub async fn exists(db: &Arc<Db>, login: &str) -> Result<bool> {
    Ok(store::find_by_login(db.reader(), login).await?.is_some())
}

pub async fn add_user(db: &Arc<Db>, input: UserInput) -> Result<()> {
    db.write(&Author::program(OPERATOR), |write| async move {
        let row = store::insert(&write, input).await?;
        write.commit([Event::about("create", &row)], ())
    })
    .await
}

pub fn check_password(password: &str) -> Result<()> {
    let refused = |rule: FieldCode| Code::Invalid.explained(rule.message().about("password"));
    password::violation(password).map_or(Ok(()), |rule| Err(refused(rule)))
}

pub async fn set_password(db: &Arc<Db>, passwords: &Passwords, login: &str, password: String) -> Result<()> {
    check_password(&password)?;
    let hash = passwords.hash(password).await?;
    change(db, login, "set_password", |write, row| Box::pin(async move { store::set_password(write, row, hash).await }))
        .await
}

/// Enables or disables an account.
pub async fn set_active(db: &Arc<Db>, login: &str, active: bool) -> Result<()> {
    change(db, login, "update", move |write, row| {
        Box::pin(async move {
            let input = UserInput { active, ..UserInput::from(&row) };
            row.update(write, input).await
        })
    })
    .await
}

/// Gives an account these roles, and no others, for these units.
pub async fn set_rights(db: &Arc<Db>, login: &str, roles: Vec<Role>, units: UnitCodes) -> Result<()> {
    change(db, login, "update", move |write, row| {
        Box::pin(async move {
            let input = UserInput { roles, units, ..UserInput::from(&row) };
            row.update(write, input).await
        })
    })
    .await
}

pub async fn reset_second_factor(db: &Arc<Db>, login: &str) -> Result<()> {
    change(db, login, "reset_second_factor", |write, row| Box::pin(store::reset_second_factor(write, row))).await
}

/// Forgets the failed logins of an account from all addresses. Waits that a process keeps in memory end by themselves.
pub async fn unlock(db: &Arc<Db>, attempts: Attempts, login: &str) -> Result<()> {
    let id = id_of(db, login).await?;
    let login = login.to_owned();
    db.write(&Author::program(OPERATOR), move |write| async move {
        attempts.forget(&write, &login).await?;
        write.commit([Event::happened("unlock", "sessions", Some(id))], ())
    })
    .await
}

async fn id_of(db: &Arc<Db>, login: &str) -> Result<Uuid> {
    let row = store::find_by_login(db.reader(), login).await?;
    Ok(row.ok_or_else(|| Code::NotFound.because("ไม่มีบัญชีผู้ใช้นี้", format!("there is no user {login}")))?.id())
}

/// A person with an account, as the author of what they enter from the command line.
pub async fn officer<S: Scope>(db: &Db, login: &str) -> Result<Author> {
    let row = store::find_by_login(db.reader(), login).await?;
    let row = row.ok_or_else(|| Code::NotFound.because("ไม่มีบัญชีผู้ใช้นี้", format!("there is no user {login}")))?;
    let roles = row.roles();
    if !row.account.active || !Role::scopes_of(&roles).contains(&S::NAME) {
        let (th, en) = ("ไม่มีสิทธิ์ดำเนินการนี้", format!("{login} is not active, or has no role with {}", S::NAME));
        return Err(Code::InsufficientScope.because(th, en));
    }
    let units = match units::granted(db.reader(), row.id(), row.account.all_units).await? {
        Units::All => UnitScope::Everything,
        Units::Some(units) => UnitScope::Units(units),
    };
    let roles: Vec<_> = roles.iter().map(|role| role.name()).collect();
    Ok(Author { units, ..Author::new(row.id().to_string(), roles.join(" ")) })
}

type Changed<'a> = std::pin::Pin<Box<dyn Future<Output = Result<Row>> + Send + 'a>>;

async fn change<F>(db: &Arc<Db>, login: &str, action: &'static str, work: F) -> Result<()>
where
    F: for<'a> FnOnce(&'a Write, Row) -> Changed<'a> + Send + 'static,
{
    let id = id_of(db, login).await?;
    db.write(&Author::program(OPERATOR), move |write| async move {
        let row = Row::lock(&write, id).await?;
        let row = work(&write, row).await?;
        write.commit([Event::about(action, &row)], ())
    })
    .await
}

/// Adds a client with a secret; gives its id and the secret.
pub async fn add_client(db: &Arc<Db>, input: ClientInput) -> Result<(Uuid, String)> {
    db.write(&Author::program(OPERATOR), |write| async move {
        let row = clients::store::insert(&write, input).await?;
        let secret = clients::store::add_secret(&write, row.id(), chrono::TimeDelta::zero()).await?;
        write.commit([Event::about("create", &row)], (row.id(), secret.secret))
    })
    .await
}

/// Makes another secret of a client; the others end after the overlap.
pub async fn add_client_secret(db: &Arc<Db>, client: Uuid, overlap: chrono::TimeDelta) -> Result<String> {
    db.write(&Author::program(OPERATOR), move |write| async move {
        let row = clients::store::Row::lock(&write, client).await?;
        let (row, secret) = clients::store::renew_secret(&write, row, overlap).await?;
        write.commit([Event::about("create_secret", &row)], secret.secret)
    })
    .await
}

/// A random initial password.
pub fn generate_password() -> Result<String> {
    Ok(new_secret("")?.0[..24].to_owned())
}
