//! A case that goes on as one of the other kind: a complaint that asks for a lamp to be mended, a request that is a complaint. The first
//! is closed. The other has the day on which the first came, what its sender wrote, copies of its files, and its receipts.

use entity::case_event::{self, Side};
use entity::case_file::{ActiveModel, Column, Entity, Model};
use entity::receipt;
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Case;
use super::attachments::{self, ATTACH};
use super::blobs::Blobs;
use super::timeline::TimelineEvent;
use super::vault::{CaseKey, NewKey, Vault};
use crate::db::{Write, sql};
use crate::domain::thai;
use crate::domain::working_days::bangkok_day;
use crate::error::Result;
use crate::references::Names;

/// The cases before and after a case, if it was converted.
#[derive(Clone, FromQueryResult, Serialize, ToSchema)]
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

/// Characters of a text on a timeline at the most.
const LONGEST: usize = 10_000;

/// What the sender of a case wrote, first in it and then on its timeline, as texts for the timeline of the case that goes on with it.
pub async fn words<C: Case>(db: &impl ConnectionTrait, case: &C, vault: &Vault, first: String) -> Result<Vec<String>> {
    use case_event::Column::{Action, CaseId, No, Side as Of, Text};
    let written = case_event::Entity::find().filter(CaseId.eq(case.case_id())).filter(Of.eq(Side::Sender));
    let written = written.filter(Text.is_not_null()).filter(Action.ne(ATTACH)).order_by_asc(No);
    let (mut words, key) = (first, case.key(vault)?);
    for event in written.all(db).await? {
        let event = TimelineEvent::open::<C>(event, key.as_ref(), &Names::new())?;
        let day = event.happened_on.unwrap_or_else(|| bangkok_day(event.created_at));
        if let Some(text) = event.text {
            words.push_str(&format!("\n\n{}\n{text}", thai::date(day)));
        }
    }
    Ok(parts(words.trim_start()))
}

fn parts(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(LONGEST).map(|part| part.iter().collect()).collect()
}

/// Copies of the files of a case, stored and without rows, for the case that goes on with it.
pub struct Copies(Vec<Model>);

impl Copies {
    /// Copies each file of a case, or each that its sender sees, sealed under the key of the other.
    pub async fn of(
        blobs: &Blobs,
        db: &impl ConnectionTrait,
        (case, key): (Uuid, &CaseKey),
        to: &NewKey,
        all: bool,
    ) -> Result<Self> {
        let seen = (!all).then(|| Column::Public.eq(true));
        let files = Entity::find().filter(Condition::all().add(Column::CaseId.eq(case)).add_option(seen));
        let mut copies = Self(Vec::new());
        for file in files.order_by_asc(Column::Id).all(db).await? {
            match attachments::copy(blobs, key, file, to).await {
                Ok(copy) => copies.0.push(copy),
                Err(error) => {
                    for object in copies.objects() {
                        blobs.remove(&object).await;
                    }
                    return Err(error);
                }
            }
        }
        Ok(copies)
    }

    /// The objects that are stored.
    pub fn objects(&self) -> Vec<String> {
        self.0.iter().map(|file| file.object.clone()).collect()
    }

    /// Gives the case that goes on with a locked one its files and its receipts.
    pub async fn hand_over(self, write: &Write, from: Uuid, to: Uuid) -> Result<()> {
        for file in self.0 {
            Entity::insert(ActiveModel::from(file)).exec_without_returning(write).await?;
        }
        for opened in receipt::Entity::find().filter(receipt::Column::CaseId.eq(from)).all(write).await? {
            let row = receipt::ActiveModel { hash: Set(opened.hash), case_id: Set(to) };
            receipt::Entity::insert(row).exec_without_returning(write).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_carried_over_whole() {
        for length in [1, LONGEST, LONGEST + 1, 3 * LONGEST] {
            let text = "ก".repeat(length);
            let parts = parts(&text);
            assert_eq!((parts.concat(), parts.len()), (text, length.div_ceil(LONGEST)));
        }
    }
}
