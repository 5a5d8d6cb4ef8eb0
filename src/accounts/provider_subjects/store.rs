//! Queries and updates of the people of the identity provider.

use chrono::NaiveDate;
use entity::account;
use entity::provider_subject::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dto::{ProviderSubject, ProviderSubjectFilter, ProviderSubjectInput};
use crate::audit_log::append::{Event, Logged};
use crate::db::Write;
use crate::domain::field_code::FieldCode;
use crate::error::{Code, FieldError, Result};
use crate::http::list::{Found, List};
use crate::http::record::Record;
use crate::revisions::{Resource, RevisionSet};
use crate::state::App;

impl Logged for Model {
    const RESOURCE: Resource = Resource::ProviderSubjects;

    fn id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    fn document(&self) -> Value {
        json!(self)
    }
}

impl Record for Model {
    type Input = ProviderSubjectInput;
    type Answer = ProviderSubject;

    fn version(&self) -> i32 {
        self.version
    }

    /// The day on which somebody was last seen is not of the version.
    fn etag(&self, at: RevisionSet) -> String {
        at.etag(self.version, &[Resource::ProviderSubjects])
    }

    async fn lock(write: &Write, id: Uuid) -> Result<Self> {
        let row = Entity::find_by_id(id).lock_exclusive().one(write).await?;
        row.ok_or_else(|| Code::NotFound.into())
    }

    async fn update(self, write: &Write, input: ProviderSubjectInput) -> Result<Self> {
        let ProviderSubjectInput { account_id, active } = input;
        if let Some(id) = account_id
            && account::Entity::find_by_id(id).one(write).await?.is_none()
        {
            let unknown = FieldCode::UnknownAccount.because("ไม่มีบัญชีผู้ใช้นี้", "must be the id of an account");
            return Err(FieldError::at("/account_id", unknown).into());
        }
        let version = self.version + 1;
        let mut row = self.into_active_model();
        row.account_id = Set(account_id);
        row.active = Set(active);
        row.version = Set(version);
        row.updated_at = Set(write.now);
        Ok(row.update(write).await?)
    }
}

pub async fn list(app: &App, list: &List<ProviderSubjectFilter>) -> Result<Found<Model>> {
    let ProviderSubjectFilter { subject, account_id, active, sort: _ } = &list.filter;
    let mut select = Entity::find();
    if let Some(subject) = subject {
        select = select.filter(Column::Subject.eq(subject));
    }
    if let Some(account_id) = account_id {
        select = select.filter(Column::AccountId.is_in(account_id.ids()));
    }
    if let Some(active) = active {
        select = select.filter(Column::Active.eq(*active));
    }
    list.find(&app.db, select).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(|| Code::NotFound.into())
}

/// Whether a person of the identity provider is linked to an account.
pub async fn is_linked(write: &Write, subject: &str, account: Uuid) -> Result<bool> {
    let linked = Entity::find().filter(Column::Subject.eq(subject)).filter(Column::AccountId.eq(account));
    Ok(linked.one(write).await?.is_some())
}

/// Records that somebody was here on a day; gives the event, if that was not known.
pub async fn seen(write: &Write, subject: String, today: NaiveDate) -> Result<Option<Event>> {
    let known = Entity::find().filter(Column::Subject.eq(&subject)).lock_exclusive();
    match known.one(write).await? {
        Some(row) if row.last_seen_on == today => Ok(None),
        Some(row) => {
            let mut row = row.into_active_model();
            row.last_seen_on = Set(today);
            Ok(Some(Event::about("seen", &row.update(write).await?)))
        }
        None => {
            let row = Model {
                id: Uuid::now_v7(),
                subject,
                account_id: None,
                active: true,
                first_seen_on: today,
                last_seen_on: today,
                version: 1,
                updated_at: write.now,
            };
            // Another process may have recorded it meanwhile.
            let insert = Entity::insert(ActiveModel::from(row.clone()));
            let insert = insert.on_conflict(OnConflict::column(Column::Subject).do_nothing().to_owned());
            insert.exec_without_returning(write).await?;
            let is_there = Entity::find_by_id(row.id).one(write).await?.is_some();
            Ok(is_there.then(|| Event::about("create", &row)))
        }
    }
}
