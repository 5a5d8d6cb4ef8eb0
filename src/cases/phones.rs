//! Ends of telephone numbers, by which the office finds a case: keyed hashes of them, since the numbers themselves are sealed. The
//! key stands with those of the cases, under an id that no case has. Rotation replaces it, as whoever keeps an old backup could
//! open with it what has been destroyed since; the hashes are then made again.

use aws_lc_rs::hmac;
use entity::{case_key, case_phone, service_request, unindexed_case};
use sea_orm::sea_query::{Condition, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use super::vault::{NewKey, Vault};
use crate::db::Write;
use crate::domain::phone_end;
use crate::error::{Code, Result};

/// Stands in `case_key` for the key of the hashes.
pub const KEY: Uuid = Uuid::nil();

/// What is hashed with it: nothing else has the same beginning.
const PURPOSE: &[u8] = b"end of a telephone number\n";

/// Bytes that are kept of a hash.
const LENGTH: usize = 16;

/// Makes a case found by the ends of these numbers. False if the key of the hashes cannot be opened.
pub async fn add(vault: &Vault, write: &Write, case: Uuid, written: &str) -> Result<bool> {
    let ends = phone_end::ends(written);
    if ends.is_empty() {
        return Ok(true);
    }
    let Some(key) = key(vault, write).await? else { return Ok(false) };
    let row = |end: String| case_phone::ActiveModel { case_id: Set(case), hash: Set(hash(&key, &end)) };
    let there = OnConflict::columns([case_phone::Column::CaseId, case_phone::Column::Hash]).do_nothing().to_owned();
    let rows = case_phone::Entity::insert_many(ends.into_iter().map(row)).on_conflict(there);
    rows.exec_without_returning(write).await?;
    Ok(true)
}

/// The condition that a case is found by an end. None is before the first number was hashed.
pub async fn with_end<C: ColumnTrait>(vault: &Vault, db: &impl ConnectionTrait, id: C, end: &str) -> Result<Condition> {
    let row = case_key::Entity::find_by_id(KEY).one(db).await?;
    let hash = row.and_then(|row| vault.hash_key(&row)).map(|key| hash(&key, end));
    let cases = case_phone::Entity::find().select_only().column(case_phone::Column::CaseId);
    let cases = cases.filter(case_phone::Column::Hash.is_in(hash));
    Ok(Condition::any().add(id.in_subquery(cases.into_query())))
}

/// What was written in a case is destroyed.
pub async fn forget(write: &Write, case: Uuid) -> Result<()> {
    case_phone::Entity::delete_many().filter(case_phone::Column::CaseId.eq(case)).exec(write).await?;
    is_indexed(write, case).await
}

/// The numbers of a case need not be hashed any more.
pub async fn is_indexed(write: &Write, case: Uuid) -> Result<()> {
    unindexed_case::Entity::delete_by_id(case).exec(write).await?;
    Ok(())
}

/// Destroys the key and all hashes. The next number makes another key, and the numbers of all cases are hashed again.
pub async fn renew(write: &Write) -> Result<()> {
    // First: a case that is being filed holds this row, and is among those that are read below.
    case_key::Entity::delete_by_id(KEY).exec(write).await?;
    case_phone::Entity::delete_many().exec(write).await?;
    let kept = service_request::Entity::find()
        .select_only()
        .column(service_request::Column::Id)
        .filter(service_request::Column::DestroyedOn.is_null())
        .into_tuple::<Uuid>()
        .all(write)
        .await?;
    for some in kept.chunks(500) {
        queue(write, some).await?;
    }
    Ok(())
}

/// The numbers of these cases are to be hashed later.
pub async fn queue(write: &Write, cases: &[Uuid]) -> Result<()> {
    let there = OnConflict::column(unindexed_case::Column::CaseId).do_nothing().to_owned();
    let rows = cases.iter().map(|id| unindexed_case::ActiveModel { case_id: Set(*id) });
    unindexed_case::Entity::insert_many(rows).on_conflict(there).exec_without_returning(write).await?;
    Ok(())
}

/// The key of the hashes, which the first number makes. None if it is under a content key that is not there: this process may only
/// have an old file of keys, so only a rotation replaces it.
async fn key(vault: &Vault, write: &Write) -> Result<Option<hmac::Key>> {
    for _ in 0..2 {
        if let Some(row) = case_key::Entity::find_by_id(KEY).lock_shared().one(write).await? {
            let key = vault.hash_key(&row);
            if key.is_none() {
                tracing::error!(
                    ring_key = row.ring_key,
                    "telephone numbers cannot be hashed with the content keys that there are"
                );
            }
            return Ok(key);
        }
        let there = OnConflict::column(case_key::Column::CaseId).do_nothing().to_owned();
        let row = vault.sealed(&NewKey::of(KEY)?).await?;
        case_key::Entity::insert(row.into_active_model()).on_conflict(there).exec_without_returning(write).await?;
    }
    Err(Code::Internal.into())
}

fn hash(key: &hmac::Key, end: &str) -> Vec<u8> {
    hmac::sign(key, &[PURPOSE, end.as_bytes()].concat()).as_ref()[..LENGTH].to_vec()
}
