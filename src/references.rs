//! References to units, complaint categories and e-services by their code, and the names of what is referred to.

use std::collections::{HashMap, HashSet};
use std::marker::PhantomData;

use entity::unit::{Column, Entity, Model};
use entity::{account, client, complaint_category, e_service, provider_subject};
use sea_orm::sea_query::{Expr, IntoColumnRef, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, IdenStatic, QueryFilter, QuerySelect, Select,
};
use uuid::Uuid;

use crate::auth::oidc;
use crate::db::{Write, sql};
use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::name::Name;
use crate::domain::suggestion::{did_you_mean, nearest};
use crate::domain::text::{Line, folded};
use crate::error::{Error, FieldError, Result};
use crate::http::several::Codes;

/// The unit with the code that is given at a place of a body, if one is; an error where there is no such unit.
pub async fn named(
    write: &Write,
    place: &str,
    code: Option<&str>,
    errors: &mut Vec<FieldError>,
) -> Result<Option<Model>> {
    record_named::<Entity>(write, place, code, errors).await
}

/// The same of any record that has a code.
pub async fn record_named<E: Coded>(
    write: &Write,
    place: &str,
    code: Option<&str>,
    errors: &mut Vec<FieldError>,
) -> Result<Option<E::Model>> {
    let Some(code) = code else { return Ok(None) };
    let found = E::find().filter(E::CODE.eq(code)).one(write).await?;
    if found.is_none() {
        errors.push(FieldError::at(place, Known::<E>::read(write).await?.without(code)));
    }
    Ok(found)
}

/// Names of persons and programs by their ids, as events have them.
pub type Names = HashMap<String, String>;

/// The names of those of these accounts and clients that exist, and of the people of the identity provider who have an account.
/// Accounts are only disabled, so whoever has left keeps their name.
pub async fn names_of(db: &impl ConnectionTrait, named: &[&str]) -> Result<Names> {
    let mut names = Names::new();
    let (ids, others): (Vec<_>, Vec<_>) = named.iter().copied().partition(|name| name.parse::<Uuid>().is_ok());
    let subjects: HashSet<&str> = others.into_iter().filter(|name| oidc::is_subject(name)).collect();
    if !subjects.is_empty() {
        use provider_subject::{Column as Subject, Entity as Subjects};
        let linked = Subjects::find().filter(Subject::Subject.is_in(subjects)).select_only().column(Subject::Subject);
        let name = sql::referred(account::Column::Name, account::Column::Id, (Subjects, Subject::AccountId));
        let linked = linked.filter(Subject::AccountId.is_not_null()).expr_as(name, "name");
        names.extend(linked.into_tuple::<(String, String)>().all(db).await?);
    }
    let ids: HashSet<Uuid> = ids.iter().filter_map(|id| id.parse().ok()).collect();
    if !ids.is_empty() {
        use {account::Column as Account, client::Column as Client};
        let accounts = account::Entity::find().filter(Account::Id.is_in(ids.iter().copied())).select_only();
        let clients = client::Entity::find().filter(Client::Id.is_in(ids)).select_only();
        let accounts = accounts.columns([Account::Id, Account::Name]).into_tuple::<(Uuid, String)>().all(db).await?;
        let clients = clients.columns([Client::Id, Client::Name]).into_tuple::<(Uuid, String)>().all(db).await?;
        names.extend(accounts.into_iter().chain(clients).map(|(id, name)| (id.to_string(), name)));
    }
    Ok(names)
}

/// The units with the codes of a list at a place of a body, in its order; an error for each code that is not a unit's.
pub async fn all_named(
    write: &Write,
    place: &str,
    codes: &[Line<50>],
    errors: &mut Vec<FieldError>,
) -> Result<Vec<Model>> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let found = Entity::find().filter(Column::Code.is_in(codes.iter().map(|code| &**code))).all(write).await?;
    let found: HashMap<&str, &Model> = found.iter().map(|unit| (&*unit.code, unit)).collect();
    if codes.iter().any(|code| !found.contains_key(&**code)) {
        let known = Known::<Entity>::read(write).await?;
        let unknown = codes.iter().enumerate().filter(|(_, code)| !found.contains_key(&***code));
        errors.extend(unknown.map(|(index, code)| FieldError::at(&format!("{place}/{index}"), known.without(code))));
    }
    Ok(codes.iter().filter_map(|code| found.get(&**code)).map(|unit| (*unit).clone()).collect())
}

/// Checks the codes of a list at a place of a body: an error for each that no record has.
pub async fn check_all<E: Coded>(
    write: &Write,
    place: &str,
    codes: &[Line<50>],
    errors: &mut Vec<FieldError>,
) -> Result<()> {
    if codes.is_empty() {
        return Ok(());
    }
    let known = Known::<E>::read(write).await?;
    let unknown = codes.iter().enumerate().filter(|(_, code)| known.codes.iter().all(|known| **known != ***code));
    errors.extend(unknown.map(|(index, code)| FieldError::at(&format!("{place}/{index}"), known.without(code))));
    Ok(())
}

/// A unit with all that stand above and below it.
pub async fn branch(db: &impl ConnectionTrait, unit: Uuid) -> Result<HashSet<Uuid>> {
    let units = Entity::find().select_only().columns([Column::Id, Column::ParentId]);
    let parents: HashMap<Uuid, Option<Uuid>> =
        units.into_tuple::<(Uuid, Option<Uuid>)>().all(db).await?.into_iter().collect();
    let above = |unit: Uuid| std::iter::successors(Some(unit), |unit| parents.get(unit).copied().flatten());
    let below = parents.keys().copied().filter(|other| above(*other).any(|above| above == unit));
    Ok(above(unit).chain(below).collect())
}

/// The codes of all records of a kind, for errors.
pub struct Known<E> {
    codes: Vec<String>,
    of: PhantomData<E>,
}

impl<E: Coded> Known<E> {
    pub async fn read(db: &impl ConnectionTrait) -> Result<Self> {
        let codes = E::find().select_only().column(E::CODE).into_tuple().all(db).await?;
        Ok(Self { codes, of: PhantomData })
    }

    /// That no record has this code, and which code may have been meant.
    pub fn without(&self, code: &str) -> Violation {
        let (th, en) = did_you_mean(nearest(code, self.codes.iter().map(String::as_str)));
        Violation { code: E::UNKNOWN, message: E::UNKNOWN.message().about(code).followed_by(&th, &en) }
    }
}

/// What a row shows of a record that it refers to. A field of a row is `#[sea_orm(nested(prefix = "unit_"))]`.
#[derive(Clone, FromQueryResult)]
pub struct Referred {
    pub code: String,
    pub name_th: String,
    pub name_en: Option<String>,
}

impl Referred {
    pub fn name(&self) -> Name {
        Name { th: self.name_th.clone(), en: self.name_en.clone() }
    }
}

impl From<Model> for Referred {
    fn from(unit: Model) -> Self {
        Self { code: unit.code, name_th: unit.name_th, name_en: unit.name_en }
    }
}

/// Adds what a row shows of the record of `R` that a column refers to.
pub fn with<R: Coded, E: EntityTrait>(select: Select<E>, prefix: &str, of: impl IntoColumnRef + Clone) -> Select<E> {
    [("code", R::CODE), ("name_th", R::NAME_TH), ("name_en", R::NAME_EN)]
        .into_iter()
        .fold(select, |select, (name, column)| {
            select.expr_as(sql::referred(column, R::ID, of.clone()), format!("{prefix}{name}"))
        })
}

/// Adds the name of the account that a column refers to.
pub fn with_person<E: EntityTrait>(select: Select<E>, name: &str, of: impl IntoColumnRef) -> Select<E> {
    select.expr_as(sql::referred(account::Column::Name, account::Column::Id, of), name)
}

/// Adds the name of whom a column names as events do: an account, a client, or a person of the identity provider who has an account.
pub fn with_actor<E: EntityTrait>(select: Select<E>, name: &str, of: E::Column, backend: DbBackend) -> Select<E> {
    let column = format!("\"{}\".\"{}\"", E::default().table_name(), of.as_str());
    // As the tables have ids, so that their indexes are used; null of what is no id.
    let id = match backend {
        DbBackend::Sqlite => format!("unhex({column}, '-')"),
        _ => format!(
            "CASE WHEN {column} SIMILAR TO '[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}' THEN {column}::uuid END"
        ),
    };
    let named = Expr::cust(format!(
        "COALESCE((SELECT name FROM account WHERE account.id = {id}), (SELECT name FROM client WHERE client.id = {id}), \
         (SELECT account.name FROM provider_subject JOIN account ON account.id = provider_subject.account_id \
         WHERE provider_subject.subject = {column}))"
    ));
    select.expr_as(named, name)
}

/// A table of records that others name by a code. All codes are public: nothing is disclosed by whether one exists.
pub trait Coded: EntityTrait {
    const ID: Self::Column;
    const CODE: Self::Column;
    const NAME_TH: Self::Column;
    const NAME_EN: Self::Column;
    /// The error where a code is that of no record.
    const UNKNOWN: FieldCode;
}

impl Coded for Entity {
    const ID: Column = Column::Id;
    const CODE: Column = Column::Code;
    const NAME_TH: Column = Column::NameTh;
    const NAME_EN: Column = Column::NameEn;
    const UNKNOWN: FieldCode = FieldCode::UnknownUnit;
}

impl Coded for complaint_category::Entity {
    const ID: complaint_category::Column = complaint_category::Column::Id;
    const CODE: complaint_category::Column = complaint_category::Column::Code;
    const NAME_TH: complaint_category::Column = complaint_category::Column::NameTh;
    const NAME_EN: complaint_category::Column = complaint_category::Column::NameEn;
    const UNKNOWN: FieldCode = FieldCode::UnknownCategory;
}

impl Coded for e_service::Entity {
    const ID: e_service::Column = e_service::Column::Id;
    const CODE: e_service::Column = e_service::Column::Code;
    const NAME_TH: e_service::Column = e_service::Column::NameTh;
    const NAME_EN: e_service::Column = e_service::Column::NameEn;
    const UNKNOWN: FieldCode = FieldCode::UnknownEService;
}

/// The codes of records by their names in both languages, as they are compared; of a name that several have, none.
pub async fn codes_by_name<E: Coded>(db: &impl ConnectionTrait) -> Result<HashMap<String, String>> {
    let records = E::find().select_only().columns([E::CODE, E::NAME_TH, E::NAME_EN]);
    let records: Vec<(String, String, Option<String>)> = records.into_tuple().all(db).await?;
    let mut codes: HashMap<String, Vec<String>> = HashMap::new();
    for (code, th, en) in records {
        let names: HashSet<String> = [Some(th), en].into_iter().flatten().map(|name| folded(&name)).collect();
        names.into_iter().for_each(|name| codes.entry(name).or_default().push(code.clone()));
    }
    let alone = |(name, mut codes): (String, Vec<String>)| Some((name, codes.pop().filter(|_| codes.is_empty())?));
    Ok(codes.into_iter().filter_map(alone).collect())
}

/// The ids of the records with these codes, as part of another query.
pub fn ids_of<E: Coded>(codes: &Codes) -> SelectStatement {
    Query::select().column(E::ID).from(E::default()).and_where(E::CODE.is_in(codes.texts())).to_owned()
}

/// Refuses a filter with a code that no record has: a misspelt filter must not look as if there were nothing.
pub async fn check_filter<E: Coded>(db: &impl ConnectionTrait, parameter: &str, codes: Option<&Codes>) -> Result<()> {
    let Some(codes) = codes else { return Ok(()) };
    let found = E::find().select_only().column(E::CODE).filter(E::CODE.is_in(codes.texts()));
    let found: HashSet<String> = found.into_tuple().all(db).await?.into_iter().collect();
    if codes.texts().all(|code| found.contains(code)) {
        return Ok(());
    }
    let known = Known::<E>::read(db).await?;
    let unknown = codes.texts().filter(|code| !found.contains(*code));
    Err(Error::in_parameters(unknown.map(|code| FieldError::parameter(parameter, known.without(code))).collect()))
}
