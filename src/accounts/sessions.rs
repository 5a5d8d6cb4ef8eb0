//! Sessions: a login issues a refresh token, which is valid once and issues the next. Reuse of a refresh token means
//! that it was stolen, so it ends the whole session (RFC 9700, section 4.14.2).

use chrono::{DateTime, TimeDelta, Utc};
use entity::{account, refresh_token, session};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::{kept, new_secret};
use crate::db::Write;
use crate::error::Result;

/// Lifetime of a session: a working day.
const LONGEST: TimeDelta = TimeDelta::hours(12);

const PREFIX: &str = "prongsai_refresh_";

/// Begins a session; gives its refresh token.
pub async fn begin(write: &Write, account: Uuid) -> Result<String> {
    // The past is not needed: who logged in when is in the audit log.
    session::Entity::delete_many().filter(session::Column::ExpiresAt.lt(write.now)).exec(write).await?;
    let id = Uuid::now_v7();
    let row = session::ActiveModel {
        id: Set(id),
        account_id: Set(account),
        created_at: Set(write.now),
        expires_at: Set(write.now + LONGEST),
        ended_at: Set(None),
    };
    session::Entity::insert(row).exec_without_returning(write).await?;
    next(write, id).await
}

async fn next(write: &Write, session: Uuid) -> Result<String> {
    let (token, hash) = new_secret(PREFIX)?;
    let row = refresh_token::ActiveModel {
        hash: Set(hash),
        session_id: Set(session),
        created_at: Set(write.now),
        used_at: Set(None),
    };
    refresh_token::Entity::insert(row).exec_without_returning(write).await?;
    Ok(token)
}

/// What a refresh token is good for.
pub enum Refreshed {
    /// The account and its next token.
    Good {
        account: Uuid,
        token: String,
    },
    /// It was used before: this account's session has been revoked.
    Reused {
        account: Uuid,
    },
    Unknown,
}

/// Uses a refresh token up.
pub async fn refresh(write: &Write, token: &str) -> Result<Refreshed> {
    let Some((row, session)) = find(write, token).await? else { return Ok(Refreshed::Unknown) };
    let account = session.account_id;
    if !is_open(&session, write.now) {
        return Ok(Refreshed::Unknown);
    }
    if row.used_at.is_some() {
        end(write, session).await?;
        return Ok(Refreshed::Reused { account });
    }
    let mut row = row.into_active_model();
    row.used_at = Set(Some(write.now));
    row.update(write).await?;
    Ok(Refreshed::Good { account, token: next(write, session.id).await? })
}

/// Ends the session of a refresh token; tells whose it was.
pub async fn revoke(write: &Write, token: &str) -> Result<Option<Uuid>> {
    let Some((_, session)) = find(write, token).await? else { return Ok(None) };
    if !is_open(&session, write.now) {
        return Ok(None);
    }
    let account = session.account_id;
    end(write, session).await?;
    Ok(Some(account))
}

/// Ends every session of an account.
pub async fn end_all(write: &Write, account: Uuid) -> Result<()> {
    session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(write.now))
        .filter(session::Column::AccountId.eq(account))
        .filter(session::Column::EndedAt.is_null())
        .exec(write)
        .await?;
    Ok(())
}

async fn find(write: &Write, token: &str) -> Result<Option<(refresh_token::Model, session::Model)>> {
    let Some(row) = refresh_token::Entity::find_by_id(kept(token)).one(write).await? else { return Ok(None) };
    let Some(session) = session::Entity::find_by_id(row.session_id).one(write).await? else { return Ok(None) };
    // Lock the account first, as all writers of both rows do. Concurrent uses wait for the lock on the session's row.
    account::Entity::find_by_id(session.account_id).lock_exclusive().one(write).await?;
    let session = session::Entity::find_by_id(session.id).lock_exclusive().one(write).await?;
    let row = refresh_token::Entity::find_by_id(row.hash).one(write).await?;
    Ok(row.zip(session))
}

fn is_open(session: &session::Model, now: DateTime<Utc>) -> bool {
    session.ended_at.is_none() && session.expires_at > now
}

async fn end(write: &Write, session: session::Model) -> Result<()> {
    let mut session = session.into_active_model();
    session.ended_at = Set(Some(write.now));
    session.update(write).await?;
    Ok(())
}
