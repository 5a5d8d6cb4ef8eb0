//! Queries and updates of users.

use entity::account::{ActiveModel, Column, Entity, Model};
use entity::credential;
use entity::texts::Texts;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait,
    FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{devices, sessions, units};
use super::dto::{User, UserFilter, UserInput};
use crate::audit_log::append::Logged;
use crate::auth::people;
use crate::auth::scope::Role;
use crate::db::select::Selected;
use crate::db::{Write, sql};
use crate::domain::field_code::FieldCode;
use crate::domain::units::{UnitCodes, Units};
use crate::error::{Code, FieldError, Result};
use crate::http::list::{Found, List};
use crate::http::record::Record;
use crate::revisions::{Resource, RevisionSet};
use crate::state::App;

/// An account with the codes of its units.
#[derive(FromQueryResult)]
pub struct Row {
    #[sea_orm(nested)]
    pub account: Model,
    pub units: Texts,
    pub second_factor: bool,
}

/// What an account is good for.
#[derive(Default)]
pub struct Rights {
    pub roles: Vec<Role>,
    pub units: UnitCodes,
    pub active: bool,
    /// Of the account, which has them.
    pub version: i32,
}

impl Row {
    pub fn id(&self) -> Uuid {
        self.account.id
    }

    pub fn units(&self) -> UnitCodes {
        units::shown(self.account.all_units, &self.units)
    }

    pub fn rights(&self) -> Rights {
        Rights { roles: self.roles(), units: self.units(), active: self.account.active, version: self.version() }
    }

    pub fn roles(&self) -> Vec<Role> {
        self.account.roles.0.iter().filter_map(|name| Role::named(name)).collect()
    }
}

impl Selected for Row {
    type Table = Entity;

    fn joined(select: Select<Entity>, backend: DbBackend) -> Select<Entity> {
        let confirmed = "EXISTS (SELECT 1 FROM credential WHERE account_id = account.id AND confirmed)";
        units::with_units(select, "account", backend).expr_as(Expr::cust(confirmed), "second_factor")
    }

    fn model(&self) -> &Model {
        &self.account
    }
}

impl Logged for Row {
    const RESOURCE: Resource = Resource::Users;

    fn id(&self) -> Option<Uuid> {
        Some(self.account.id)
    }

    fn document(&self) -> Value {
        let mut document = json!(self.account);
        document["units"] = json!(self.units);
        document["second_factor"] = json!(self.second_factor);
        document
    }
}

impl Record for Row {
    type Input = UserInput;
    type Answer = User;

    fn version(&self) -> i32 {
        self.account.version
    }

    fn etag(&self, at: RevisionSet) -> String {
        at.etag(self.version(), &[Resource::Users])
    }

    async fn lock(write: &Write, id: Uuid) -> Result<Self> {
        Entity::find_by_id(id).lock_exclusive().one(write).await?.ok_or(Code::NotFound)?;
        find(write, id).await
    }

    async fn update(self, write: &Write, input: UserInput) -> Result<Self> {
        let (id, units) = (self.id(), input.units.clone());
        let changed = changed(self.account, write);
        filled(write, changed, Some(id), input).await?.update(write).await?;
        units::link(write, id, &units).await?;
        find(write, id).await
    }
}

pub async fn list(app: &App, list: &List<UserFilter>) -> Result<Found<Row>> {
    let UserFilter { login, active, q, sort: _ } = &list.filter;
    let mut select = Entity::find();
    if let Some(login) = login {
        select = select.filter(Column::Login.eq(login));
    }
    if let Some(active) = active {
        select = select.filter(Column::Active.eq(*active));
    }
    if let Some(q) = q {
        select = select.filter(sql::either_named_like([Column::Name, Column::Login], q));
    }
    list.find(&app.db, select).await
}

/// Everybody who can log in. They stay active until the write ends.
pub async fn list_able(write: &Write) -> Result<Vec<Row>> {
    let ids = people::who_can_log_in().select_only().column(Column::Id).order_by_asc(Column::Id).lock_shared();
    ids.into_tuple::<Uuid>().all(write).await?;
    Ok(Row::of(people::who_can_log_in(), write.get_database_backend()).all(write).await?)
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Row> {
    let row = Row::of(Entity::find_by_id(id), db.get_database_backend()).one(db).await?;
    row.ok_or_else(|| Code::NotFound.into())
}

pub async fn find_by_login(db: &impl ConnectionTrait, login: &str) -> Result<Option<Row>> {
    let select = Entity::find().filter(Column::Login.eq(login));
    Ok(Row::of(select, db.get_database_backend()).one(db).await?)
}

pub async fn insert(write: &Write, input: UserInput) -> Result<Row> {
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        rights_version: Set(1),
        version: Set(1),
        created_at: Set(write.now),
        ..Default::default()
    };
    let units = input.units.clone();
    filled(write, row, None, input).await?.insert(write).await?;
    let credential = credential::ActiveModel {
        account_id: Set(id),
        password: Set(None),
        second_factor: Set(None),
        confirmed: Set(false),
        used_steps: Set(credential::Steps::default()),
        recovery_codes: Set(Texts::default()),
    };
    credential::Entity::insert(credential).exec_without_returning(write).await?;
    units::link(write, id, &units).await?;
    find(write, id).await
}

/// Sets a password, and ends all sessions, access tokens and known devices.
pub async fn set_password(write: &Write, row: Row, hash: String) -> Result<Row> {
    let id = row.id();
    let credential = credential::ActiveModel { account_id: Set(id), password: Set(Some(hash)), ..Default::default() };
    credential.update(write).await?;
    end_everything(write, row).await
}

/// Removes the second factor, so that the user can log in and enrol another.
pub async fn reset_second_factor(write: &Write, row: Row) -> Result<Row> {
    let credential = credential::ActiveModel {
        account_id: Set(row.id()),
        second_factor: Set(None),
        confirmed: Set(false),
        recovery_codes: Set(Texts::default()),
        ..Default::default()
    };
    credential.update(write).await?;
    end_everything(write, row).await
}

async fn end_everything(write: &Write, row: Row) -> Result<Row> {
    sessions::end_all(write, row.id()).await?;
    devices::forget_all(write, row.id()).await?;
    touch(write, row).await
}

/// The user after a change of their credentials. Earlier tokens are revoked, sessions continue.
pub async fn touch(write: &Write, row: Row) -> Result<Row> {
    let id = row.id();
    changed(row.account, write).update(write).await?;
    find(write, id).await
}

/// One version and one rights_version on.
fn changed(account: Model, write: &Write) -> ActiveModel {
    let (rights_version, version) = (account.rights_version + 1, account.version + 1);
    let mut row = account.into_active_model();
    row.rights_version = Set(rights_version);
    row.version = Set(version);
    row.updated_at = Set(write.now);
    row
}

async fn filled(write: &Write, mut row: ActiveModel, id: Option<Uuid>, input: UserInput) -> Result<ActiveModel> {
    let holder = Entity::find().filter(Column::Login.eq(&input.login)).one(write).await?;
    if holder.is_some_and(|holder| Some(holder.id) != id) {
        return Err(FieldError::at(
            "/login",
            FieldCode::AlreadyExists.because("มีผู้ใช้ชื่อบัญชีนี้แล้ว", "must not be the login of another user"),
        )
        .into());
    }
    if let (Some(id), false) = (id, input.active) {
        sessions::end_all(write, id).await?;
    }
    row.login = Set(input.login);
    row.name = Set(input.display_name.into_inner());
    let was_guarded = matches!(row.guarded, ActiveValue::Unchanged(true));
    row.guarded = Set(was_guarded || input.roles.iter().any(|role| role.is_guarded()));
    row.roles = Set(Texts(input.roles.into_iter().map(Role::name).collect()));
    row.all_units = Set(input.units == Units::All);
    row.active = Set(input.active);
    row.updated_at = Set(write.now);
    Ok(row)
}
