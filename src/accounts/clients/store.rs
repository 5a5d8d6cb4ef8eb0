//! Queries and updates of clients.

use chrono::{DateTime, TimeDelta, Utc};
use entity::client::{ActiveModel, Column, Entity, Model};
use entity::client_secret;
use entity::texts::Texts;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait,
    FromQueryResult, IntoActiveModel, QueryFilter, QuerySelect, Select,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{new_secret, units};
use super::dto::{Client, ClientFilter, ClientInput, Secret};
use crate::audit_log::append::Logged;
use crate::auth::client_secrets::PREFIX;
use crate::auth::scope::{self, Row as Scope};
use crate::db::select::Selected;
use crate::db::{Write, sql};
use crate::domain::field_code::FieldCode;
use crate::domain::text::Line;
use crate::domain::units::{UnitCodes, Units};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::list::{Found, List};
use crate::http::record::Record;
use crate::revisions::{Resource, RevisionSet};
use crate::state::App;

/// A client with the codes of its units.
#[derive(FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub client: Model,
    pub units: Texts,
    pub last_used_at: Option<DateTime<Utc>>,
}

impl Row {
    pub fn id(&self) -> Uuid {
        self.client.id
    }

    pub fn units(&self) -> UnitCodes {
        units::shown(self.client.all_units, &self.units)
    }
}

impl Selected for Row {
    type Table = Entity;

    fn joined(select: Select<Entity>, backend: DbBackend) -> Select<Entity> {
        let used = "(SELECT max(last_used_at) FROM client_secret WHERE client_id = client.id)";
        units::with_units(select, "client", backend).expr_as(Expr::cust(used), "last_used_at")
    }

    fn model(&self) -> &Model {
        &self.client
    }
}

impl Logged for Row {
    const RESOURCE: Resource = Resource::Clients;

    fn id(&self) -> Option<Uuid> {
        Some(self.client.id)
    }

    fn document(&self) -> Value {
        let mut document = json!(self.client);
        document["units"] = json!(self.units);
        document
    }
}

impl Record for Row {
    type Input = ClientInput;
    type Answer = Client;

    fn version(&self) -> i32 {
        self.client.version
    }

    fn etag(&self, at: RevisionSet) -> String {
        at.etag(self.version(), &[Resource::Clients])
    }

    async fn lock(write: &Write, id: Uuid) -> Result<Self> {
        Entity::find_by_id(id).lock_exclusive().one(write).await?.ok_or(Code::NotFound)?;
        find(write, id).await
    }

    async fn update(self, write: &Write, input: ClientInput) -> Result<Self> {
        check_given(&input, &self.client.scopes.0, &self.units())?;
        let id = self.id();
        fill(write, changed(self.client, write), id, input).await?.update(write).await?;
        find(write, id).await
    }
}

pub async fn list(app: &App, list: &List<ClientFilter>) -> Result<Found<Row>> {
    let ClientFilter { active, q, sort: _ } = &list.filter;
    let mut select = Entity::find();
    if let Some(active) = active {
        select = select.filter(Column::Active.eq(*active));
    }
    if let Some(q) = q {
        select = select.filter(sql::named_like(Column::Name, q));
    }
    list.find(&app.db, select).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Row> {
    let row = Row::of(Entity::find_by_id(id), db.get_database_backend()).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

pub async fn insert(write: &Write, input: ClientInput) -> Result<Row> {
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        rights_version: Set(1),
        version: Set(1),
        created_at: Set(write.now),
        ..Default::default()
    };
    fill(write, row, id, input).await?.insert(write).await?;
    find(write, id).await
}

/// Rejects scopes that no admin gives alone, beyond those that a client has, and further units for those.
pub fn check_given(input: &ClientInput, held: &[String], units: &UnitCodes) -> Result<()> {
    let guarded = || input.scopes.iter().enumerate().filter(|(_, scope)| scope::is_guarded(scope));
    let is_new = |scope: &Line<50>| held.iter().all(|other| **other != **scope);
    let new = guarded().filter(|(_, scope)| is_new(scope)).map(|(index, _)| format!("/scopes/{index}"));
    let depends = guarded().any(|(_, scope)| scope::named(scope).is_some_and(Scope::is_of_units));
    let further = (depends && !units.includes(&input.units)).then(|| "/units".to_owned());
    let errors: Vec<_> = new.chain(further).map(|place| FieldError::at(&place, FieldCode::OnlyByOperator)).collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::in_body(errors)) }
}

/// Adds a secret that takes over from the others.
pub async fn renew_secret(write: &Write, row: Row, overlap: TimeDelta) -> Result<(Row, Secret)> {
    let secret = add_secret(write, row.id(), overlap).await?;
    // Without an overlap, tokens of the old secrets must end immediately.
    let row = if overlap.is_zero() { touch(write, row).await? } else { row };
    Ok((row, secret))
}

/// The client, with all earlier tokens revoked.
async fn touch(write: &Write, row: Row) -> Result<Row> {
    let id = row.id();
    changed(row.client, write).update(write).await?;
    find(write, id).await
}

/// One version and one rights_version on.
fn changed(client: Model, write: &Write) -> ActiveModel {
    let (rights_version, version) = (client.rights_version + 1, client.version + 1);
    let mut row = client.into_active_model();
    row.rights_version = Set(rights_version);
    row.version = Set(version);
    row.updated_at = Set(write.now);
    row
}

/// Adds a secret. Existing secrets expire after the overlap, unless they expire earlier.
pub async fn add_secret(write: &Write, client: Uuid, overlap: TimeDelta) -> Result<Secret> {
    let end = write.now + overlap;
    client_secret::Entity::update_many()
        .col_expr(client_secret::Column::ExpiresAt, Expr::value(end))
        .filter(client_secret::Column::ClientId.eq(client))
        .filter(
            Condition::any()
                .add(client_secret::Column::ExpiresAt.is_null())
                .add(client_secret::Column::ExpiresAt.gt(end)),
        )
        .exec(write)
        .await?;
    let (secret, hash) = new_secret(PREFIX)?;
    let id = Uuid::now_v7();
    let row = client_secret::ActiveModel {
        id: Set(id),
        client_id: Set(client),
        hash: Set(hash),
        created_at: Set(write.now),
        expires_at: Set(None),
        last_used_at: Set(None),
    };
    client_secret::Entity::insert(row).exec_without_returning(write).await?;
    Ok(Secret { id, client_id: client, secret, others_end_at: end })
}

async fn fill(write: &Write, mut row: ActiveModel, id: Uuid, input: ClientInput) -> Result<ActiveModel> {
    units::link(write, id, &input.units).await?;
    row.name = Set(input.display_name.into_inner());
    row.scopes = Set(Texts(input.scopes.into_iter().map(Line::into_inner).collect()));
    row.all_units = Set(input.units == Units::All);
    row.active = Set(input.active);
    row.expires_at = Set(input.expires_at);
    row.updated_at = Set(write.now);
    Ok(row)
}
