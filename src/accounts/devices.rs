//! Known devices. One that has logged in to an account has a token of it, with which only its own failures make it wait: who
//! guesses the password elsewhere does not keep the owner out.

use chrono::{DateTime, TimeDelta, Utc};
use entity::known_device::{ActiveModel, Column, Entity};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{kept, new_secret};
use crate::db::Write;
use crate::error::Result;

/// How long a device is known after its last login.
const LIFETIME: TimeDelta = TimeDelta::days(90);

/// Devices of an account: another one takes the place of the one that has not logged in for longest.
const MOST: usize = 10;

const PREFIX: &str = "prongsai_device_";

/// The hash of a token, if it is that of a device of this account.
pub async fn known(
    db: &impl ConnectionTrait,
    account: Uuid,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<Vec<u8>>> {
    let device = Entity::find_by_id(kept(token)).filter(Column::AccountId.eq(account));
    Ok(device.filter(Column::ExpiresAt.gt(now)).one(db).await?.map(|device| device.hash))
}

/// A device has logged in again.
pub async fn renew(write: &Write, hash: Vec<u8>) -> Result<()> {
    let device = Entity::update_many().filter(Column::Hash.eq(hash));
    device.col_expr(Column::ExpiresAt, Expr::value(write.now + LIFETIME)).exec(write).await?;
    Ok(())
}

/// Makes another device known; gives its token.
pub async fn add(write: &Write, account: Uuid) -> Result<String> {
    let others = Entity::find().filter(Column::AccountId.eq(account)).order_by_desc(Column::ExpiresAt);
    let others = others.select_only().column(Column::Hash).into_tuple::<Vec<u8>>().all(write).await?;
    let least = others.into_iter().skip(MOST - 1).collect::<Vec<_>>();
    if !least.is_empty() {
        Entity::delete_many().filter(Column::Hash.is_in(least)).exec(write).await?;
    }
    let (token, hash) = new_secret(PREFIX)?;
    let row = ActiveModel {
        hash: Set(hash),
        account_id: Set(account),
        created_at: Set(write.now),
        expires_at: Set(write.now + LIFETIME),
    };
    Entity::insert(row).exec_without_returning(write).await?;
    Ok(token)
}

pub async fn forget_all(write: &Write, account: Uuid) -> Result<()> {
    Entity::delete_many().filter(Column::AccountId.eq(account)).exec(write).await?;
    Ok(())
}
