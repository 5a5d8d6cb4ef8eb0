//! Receipts: shown once, stored as HMACs. Malformed and unknown receipts get the same response.

use entity::receipt;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use aws_lc_rs::hmac;
use serde::Deserialize;

use super::{Case, Cases};
use crate::crypto::aead::random;
use crate::db::Write;
use crate::domain;
use crate::domain::receipt::Receipt;
use crate::domain::text::VISIBLE;
use crate::error::{Error, Result};

/// A receipt as a client sends it. It is never sent back.
#[derive(Clone, Deserialize)]
pub struct ReceiptText(String);

impl PartialSchema for ReceiptText {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A receipt as typed or pasted. Only its letters and digits count."))
            .min_length(Some(1))
            .max_length(Some(200))
            .pattern(Some(VISIBLE))
            .examples(["5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S"])
            .into()
    }
}

impl ToSchema for ReceiptText {
    fn name() -> std::borrow::Cow<'static, str> {
        "ReceiptText".into()
    }
}

/// A receipt of a new case.
pub async fn issue(cases: &Cases, write: &Write, case: Uuid) -> Result<Receipt> {
    let receipt = Receipt::of(random()?);
    let row = receipt::ActiveModel { hash: Set(hash(cases, &receipt)), case_id: Set(case) };
    receipt::Entity::insert(row).exec_without_returning(write).await?;
    Ok(receipt)
}

/// The case that a receipt opens.
pub async fn find<C: Case>(cases: &Cases, db: &impl ConnectionTrait, text: &ReceiptText) -> Result<C> {
    let found = C::of(opened::<C>(cases, text), db.get_database_backend()).one(db).await?;
    found.ok_or_else(Error::unknown_receipt)
}

/// The same, locked until this write ends.
pub async fn lock<C: Case>(cases: &Cases, write: &Write, text: &ReceiptText) -> Result<C> {
    let id = find::<C>(cases, write, text).await?.case_id();
    C::lock_any(write, id).await
}

/// The cases of a kind that a receipt opens, the last of those that were converted into each other first.
fn opened<C: Case>(cases: &Cases, text: &ReceiptText) -> Select<C::Table> {
    // Malformed receipts are looked up as well, so that the time is the same.
    let receipt = Receipt::read(&text.0).unwrap_or(Receipt::of([0; 16]));
    let its = receipt::Entity::find().filter(receipt::Column::Hash.eq(hash(cases, &receipt)));
    let its = its.select_only().column(receipt::Column::CaseId).into_query();
    C::Table::find().filter(C::ID.in_subquery(its)).order_by_desc(C::ID)
}

fn hash(cases: &Cases, receipt: &Receipt) -> Vec<u8> {
    hmac::sign(&cases.receipts_key, receipt.bits()).as_ref().to_vec()
}

/// The public number of a case: forty random bits, independent of time and count.
pub fn reference() -> Result<String> {
    Ok(domain::receipt::reference(random()?))
}
