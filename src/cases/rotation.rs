//! Rotation of the content keys: sealing the key of every case under the newest key of the ring.

use std::sync::Arc;

use entity::case_key::{Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use super::phones;
use super::vault::ContentKeys;
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::db::Db;
use crate::error::Result;

/// Seals every case's key under the newest key of the ring, `batch` of them in a transaction; gives how many there were.
pub async fn reseal(db: &Arc<Db>, ring: &Arc<ContentKeys>, batch: u64) -> Result<usize> {
    let (mut resealed, mut last) = (0, None);
    loop {
        let old = sealed_before(ring.id(), last).limit(batch).all(db.reader()).await?;
        let Some(end) = old.last() else {
            // One pass has to find none at all.
            if last.take().is_none() {
                renew_hashes(db, ring).await?;
                return Ok(resealed);
            }
            continue;
        };
        last = Some(end.case_id);
        resealed += old.len();
        write(db, ring.clone(), old).await?;
    }
}

/// The keys of cases after `last` that are sealed under another key than this one, in the order of the primary key: without
/// it each batch would read past all that were sealed before.
fn sealed_before(newest: &str, last: Option<Uuid>) -> Select<Entity> {
    let select = Entity::find().filter(Column::RingKey.ne(newest)).filter(Column::CaseId.ne(phones::KEY));
    let select = select.order_by_asc(Column::CaseId);
    last.into_iter().fold(select, |select, last| select.filter(Column::CaseId.gt(last)))
}

async fn write(db: &Arc<Db>, ring: Arc<ContentKeys>, old: Vec<Model>) -> Result<()> {
    db.write(&Author::program("keys"), |write| async move {
        for row in old {
            let is_it = Column::CaseId.eq(row.case_id);
            let row = ring.reseal(&row)?.into_active_model().reset_all();
            // One that was destroyed meanwhile stays destroyed.
            Entity::update_many().set(row).filter(is_it).exec(&write).await?;
        }
        write.commit([Event::happened("reseal", "content-keys", None)], ())
    })
    .await
}

/// The key of the hashes is not resealed: another one takes its place.
async fn renew_hashes(db: &Arc<Db>, ring: &Arc<ContentKeys>) -> Result<()> {
    let is_old = Entity::find_by_id(phones::KEY).filter(Column::RingKey.ne(ring.id()));
    if is_old.one(db.reader()).await?.is_none() {
        return Ok(());
    }
    db.write(&Author::program("keys"), |write| async move {
        phones::renew(&write).await?;
        write.commit([Event::happened("reseal", "content-keys", None)], ())
    })
    .await
}

#[cfg(test)]
mod tests {
    use entity::case_phone;
    use sea_orm::{ConnectionTrait, DbBackend, PaginatorTrait, QueryTrait, Statement};

    use super::*;
    use crate::cases::vault::{NewKey, Vault};

    #[tokio::test]
    async fn batches_begin_where_the_last_one_ended_and_leave_none() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::connect(&format!("sqlite:{}/db", folder.path().display())).await.unwrap();
        db.migrate(|_, _| Box::pin(async { Ok(Vec::new()) })).await.unwrap();
        let before = ContentKeys::generate().unwrap();
        let renewed = Arc::new(before.renewed().unwrap());
        let vault = Arc::new(Vault::new(before, None));
        for _ in 0..7 {
            let vault = vault.clone();
            let written = db.write(&Author::program("test"), |write| async move {
                let case = Uuid::now_v7();
                vault.begin(&write, &NewKey::of(case)?).await?;
                assert!(phones::add(&vault, &write, case, "081-234-5678").await?);
                write.commit([], ())
            });
            written.await.unwrap();
        }
        assert_eq!(case_phone::Entity::find().count(db.reader()).await.unwrap(), 42);
        assert_eq!(reseal(&db, &renewed, 3).await.unwrap(), 7);
        assert_eq!(Entity::find().filter(Column::RingKey.ne(renewed.id())).count(db.reader()).await.unwrap(), 0);
        // The key of the hashes is not resealed but gone, with all that was made with it, and is made anew once.
        assert_eq!(Entity::find_by_id(phones::KEY).one(db.reader()).await.unwrap(), None);
        assert_eq!(case_phone::Entity::find().count(db.reader()).await.unwrap(), 0);
        let after = Vault::new(renewed.newest().unwrap(), None);
        let written = db.write(&Author::program("test"), |write| async move {
            assert!(phones::add(&after, &write, Uuid::now_v7(), "081-234-5678").await?);
            write.commit([], ())
        });
        written.await.unwrap();
        assert_eq!(reseal(&db, &renewed, 3).await.unwrap(), 0);
        assert_eq!(case_phone::Entity::find().count(db.reader()).await.unwrap(), 6);
        let batch = sealed_before(renewed.id(), Some(Uuid::nil())).limit(3).build(DbBackend::Sqlite);
        let plan = Statement { sql: format!("EXPLAIN QUERY PLAN {}", batch.sql), ..batch };
        let plan = db.reader().query_all_raw(plan).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        assert_eq!(plan, ["SEARCH case_key USING INDEX sqlite_autoindex_case_key_1 (case_id>?)"]);
    }
}
