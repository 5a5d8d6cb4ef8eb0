//! A case that goes on as one of the other kind: a complaint that asks for a lamp to be mended, a request that is a complaint. The first
//! is closed. The other has the day on which the first came, copies of its files, and its receipts.

use entity::case_file::{ActiveModel, Column, Entity, Model};
use entity::receipt;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::attachments;
use super::blobs::Blobs;
use super::vault::{CaseKey, NewKey};
use crate::db::{Write, sql};
use crate::error::{Code, Error, Result};

/// The cases before and after a case, if it was converted.
#[derive(Clone, Default, FromQueryResult, Serialize, ToSchema)]
pub struct Continuation {
    /// Number of the case of the other kind that became this one; null if none did.
    #[schema(required, max_length = 20, example = json!(null))]
    pub continues_reference: Option<String>,
    /// Number of the case of the other kind that this one became; null if it did not. The same receipt opens it.
    #[schema(required, max_length = 20, example = json!(null))]
    pub continued_as_reference: Option<String>,
}

/// Cases with their [`Continuation`] among cases of the other kind, as two more columns.
pub fn with_continuation<E: EntityTrait, O: ColumnTrait>(
    select: Select<E>,
    (id, continues): (E::Column, E::Column),
    (other_id, other_continues, reference): (O, O, O),
) -> Select<E> {
    let case = |column: E::Column| (E::default(), column);
    let select = select.expr_as(sql::referred(reference, other_id, case(continues)), "continues_reference");
    select.expr_as(sql::referred(reference, other_continues, case(id)), "continued_as_reference")
}

/// Copies of the files of a case, stored and without rows, for the case that goes on with it.
pub struct Copies {
    of: Vec<Uuid>,
    files: Vec<Model>,
}

impl Copies {
    /// Copies each file of a case, sealed under the key of the other.
    pub async fn of(
        blobs: &Blobs,
        db: &impl ConnectionTrait,
        (case, key): (Uuid, &CaseKey),
        to: &NewKey,
    ) -> Result<Self> {
        let mut copies = Self { of: Vec::new(), files: Vec::new() };
        for file in files_of(case).all(db).await? {
            copies.of.push(file.id);
            match attachments::copy(blobs, key, file, to).await {
                Ok(copy) => copies.files.push(copy),
                Err(error) => {
                    copies.discard(blobs).await;
                    return Err(error);
                }
            }
        }
        Ok(copies)
    }

    /// The objects that are stored.
    pub fn objects(&self) -> Vec<String> {
        self.files.iter().map(|file| file.object.clone()).collect()
    }

    async fn discard(&self, blobs: &Blobs) {
        for file in &self.files {
            blobs.remove(&file.object).await;
        }
    }

    /// Gives the case that goes on with a locked one its files and its receipts.
    pub async fn hand_over(self, write: &Write, from: Uuid, to: Uuid) -> Result<()> {
        let there: Vec<Uuid> = files_of(from).select_only().column(Column::Id).into_tuple().all(write).await?;
        if there != self.of {
            return Err(changed_meanwhile());
        }
        for file in self.files {
            Entity::insert(ActiveModel::from(file)).exec_without_returning(write).await?;
        }
        for opened in receipt::Entity::find().filter(receipt::Column::CaseId.eq(from)).all(write).await? {
            let row = receipt::ActiveModel { hash: Set(opened.hash), case_id: Set(to) };
            receipt::Entity::insert(row).exec_without_returning(write).await?;
        }
        Ok(())
    }
}

fn files_of(case: Uuid) -> Select<Entity> {
    Entity::find().filter(Column::CaseId.eq(case)).order_by_asc(Column::Id)
}

fn changed_meanwhile() -> Error {
    Code::Unavailable.because(
        "มีไฟล์เพิ่มเข้ามาในเรื่องนี้พอดี โปรดลองอีกครั้ง",
        "A file was added to the case at the same moment: send the request again.",
    )
}
