//! What complaints and service requests share as cases: receipts, timelines, deadlines, and encryption of texts and
//! identities.

pub mod acknowledgement;
pub mod assignment;
pub mod attachments;
pub mod batch;
pub mod blobs;
pub mod challenge;
pub mod clock;
pub mod continuation;
pub mod custodians;
pub mod deadline;
pub mod due_days;
pub mod duplicates;
pub mod free_space;
pub mod guides;
pub mod handover;
pub mod identity;
pub mod messages;
pub mod new_case;
pub mod paper;
pub mod parting;
pub mod phones;
mod public_blobs;
pub mod quarantine;
pub mod ratings;
pub mod readings;
pub mod receipts;
pub mod referral;
pub mod retention;
pub mod rotation;
pub mod search;
pub mod sender;
pub mod tallies;
pub mod timeline;
mod unanswered;
pub mod vault;
pub mod workflow;

use std::sync::Arc;

use entity::case_event::Side;
use entity::{
    audit_detail, audit_event, case_event, case_file, case_key, destroyed_object, identity_request, receipt,
    sealed_identity,
};
use sea_orm::sea_query::{Condition, IntoColumnRef, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PrimaryKeyTrait, QueryFilter, QuerySelect, Select,
};
use uuid::Uuid;

use aws_lc_rs::hmac;
use vault::{CaseKey, Vault};

use crate::audit_log::append::{Event, Logged};
use crate::audit_log::author::Author;
use crate::db::hourly::Hourly;
use crate::db::select::Selected;
use crate::db::{Db, Write, sql};
use crate::domain::place::Boundary;
use crate::domain::retention::Retention;
use crate::domain::workflow::Action;
use crate::error::{Code, Error, Result};
use crate::revisions::{Resource, RevisionSet};
use blobs::Blobs;
use custodians::Custodians;
use deadline::CaseSettings;
use retention::OUTLIVING;

/// What handlers of cases need.
pub struct Cases {
    pub db: Arc<Db>,
    pub vault: Vault,
    pub custodians: Option<Custodians>,
    pub blobs: Blobs,
    pub receipts_key: hmac::Key,
    pub challenge_key: hmac::Key,
    pub settings: CaseSettings,
    /// Where service requests may be for; everywhere without it.
    pub boundary: Option<Boundary>,
    pub retention: Retention,
    pub readings: Hourly,
}

/// What of it a new case is filed with.
#[derive(Clone, Copy)]
pub struct Filing<'a> {
    pub vault: &'a Vault,
    pub settings: CaseSettings,
    pub boundary: Option<&'a Boundary>,
}

impl Cases {
    pub fn filing(&self) -> Filing<'_> {
        Filing { vault: &self.vault, settings: self.settings, boundary: self.boundary.as_ref() }
    }
}

/// A record that is a case.
pub trait Case: Logged + Selected<Table: EntityTrait<PrimaryKey: PrimaryKeyTrait<ValueType = Uuid>>> {
    /// The steps of its workflow.
    type Step: Action;

    /// The column of its id.
    const ID: <Self::Table as EntityTrait>::Column;

    /// Address of its files, each by its id.
    const ATTACHMENTS: &str;

    fn case_id(&self) -> Uuid;

    fn etag(&self, at: RevisionSet) -> String;

    fn is_closed(&self) -> bool;

    /// Number of the case of the other kind that it became.
    fn continued_as(&self) -> Option<&str>;

    /// Whether its sender was asked for something.
    fn awaits_answer(&self) -> bool;

    /// Goes on with what its sender has answered.
    fn answered(
        self,
        cases: &Cases,
        write: &Write,
        text: Option<String>,
    ) -> impl Future<Output = Result<(Self, case_event::Model)>> + Send;

    /// Whether files may still be added.
    fn takes_files(&self, _side: Side) -> bool {
        !self.is_closed()
    }

    /// The case key, encrypted, until it is destroyed.
    fn sealed_key(&self) -> Option<case_key::Model>;

    /// Whether an identity was sealed with it.
    fn is_named(&self) -> bool {
        false
    }

    /// The rows that an officer may see.
    fn seen_by(author: &Author) -> Condition;

    /// Rejects what is done by somebody who is about to lose sight of the case.
    fn refuse_named(&self, _write: &Write) -> impl Future<Output = Result<()>> + Send {
        std::future::ready(Ok(()))
    }

    /// Saves the case with a new version after a related row changed.
    fn touch(self, write: &Write) -> impl Future<Output = Result<Self>> + Send;

    /// A case, if the officer may see it.
    fn find<C: ConnectionTrait>(db: &C, id: Uuid, author: &Author) -> impl Future<Output = Result<Self>> + Send {
        let select = Self::Table::find_by_id(id).filter(Self::seen_by(author));
        async move { Self::of(select, db.get_database_backend()).one(db).await?.ok_or_else(|| Code::NotFound.into()) }
    }

    /// A case, whoever may see it.
    fn find_any<C: ConnectionTrait>(db: &C, id: Uuid) -> impl Future<Output = Result<Self>> + Send {
        let select = Self::of(Self::Table::find_by_id(id), db.get_database_backend());
        async move { select.one(db).await?.ok_or_else(Error::unknown_receipt) }
    }

    /// The case, locked until this write ends, for an officer.
    fn lock(write: &Write, id: Uuid) -> impl Future<Output = Result<Self>> + Send {
        async move {
            let select = Self::Table::find_by_id(id).filter(Self::seen_by(&write.author));
            select.lock_exclusive().one(write).await?.ok_or(Code::NotFound)?;
            Self::find(write, id, &write.author).await
        }
    }

    /// The same, whoever may see it.
    fn lock_any(write: &Write, id: Uuid) -> impl Future<Output = Result<Self>> + Send {
        async move {
            Self::Table::find_by_id(id).lock_exclusive().one(write).await?.ok_or_else(Error::unknown_receipt)?;
            Self::find_any(write, id).await
        }
    }

    /// What its texts are sealed under, until that is destroyed.
    fn key(&self, vault: &Vault) -> Result<Option<CaseKey>> {
        self.sealed_key().map(|key| vault.open(&key)).transpose()
    }

    /// The same, where nothing can be done without it.
    fn needed_key(&self, vault: &Vault) -> Result<CaseKey> {
        self.key(vault)?.ok_or_else(|| Code::Destroyed.into())
    }
}

/// Cases with what [`Case::sealed_key`] is made of, as two more columns.
pub fn with_key<E: EntityTrait>(select: Select<E>, id: impl IntoColumnRef + Copy) -> Select<E> {
    use case_key::Column::{CaseId, RingKey, Sealed};
    let part = |column| sql::referred(column, CaseId, id);
    select.expr_as(part(RingKey), "ring_key").expr_as(part(Sealed), "sealed_key")
}

/// Destroys the key of a case, and with it all texts, the identity and the details in the audit log; the leaves stay, and so does
/// the detail of a change of kind. Returns the other events for the log. From them and the event of the case itself a verifier
/// knows which details may be missing: audit/case_ends.rs, docs/verify_audit.py.
pub async fn destroy(write: &Write, case: Uuid) -> Result<Vec<Event>> {
    case_key::Entity::delete_by_id(case).exec(write).await?;
    case_event::Entity::delete_many().filter(case_event::Column::CaseId.eq(case)).exec(write).await?;
    // The next sweep deletes the objects, which can no longer be decrypted.
    let files = case_file::Entity::find().filter(case_file::Column::CaseId.eq(case)).all(write).await?;
    for file in files {
        let object = destroyed_object::ActiveModel { object: Set(file.object) };
        destroyed_object::Entity::insert(object).exec_without_returning(write).await?;
    }
    case_file::Entity::delete_many().filter(case_file::Column::CaseId.eq(case)).exec(write).await?;
    receipt::Entity::delete_many().filter(receipt::Column::CaseId.eq(case)).exec(write).await?;
    phones::forget(write, case).await?;
    sender::forget(write, case).await?;
    unanswered::forget(write, case).await?;
    let (mut records, mut message) = (vec![case], Vec::new());
    if sealed_identity::Entity::delete_by_id(case).exec(write).await?.rows_affected > 0 {
        message.push(Event::deleted(Resource::SealedIdentities, case));
    }
    let of_the_case = identity_request::Column::CaseId.eq(case);
    for request in identity_request::Entity::find().filter(of_the_case.clone()).all(write).await? {
        records.push(request.id);
        message.push(Event::deleted(Resource::IdentityRequests, request.id));
    }
    identity_request::Entity::delete_many().filter(of_the_case).exec(write).await?;
    let events = Query::select()
        .column(audit_event::Column::Seq)
        .from(audit_event::Entity)
        .and_where(audit_event::Column::RecordId.is_in(records))
        .and_where(audit_event::Column::Action.is_not_in(OUTLIVING))
        .to_owned();
    audit_detail::Entity::delete_many().filter(audit_detail::Column::Seq.in_subquery(events)).exec(write).await?;
    Ok(message)
}
