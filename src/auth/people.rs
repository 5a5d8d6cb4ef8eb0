//! What the database knows of the people of the identity provider, in memory: every token of theirs is compared with it, and
//! every caller with it for the other names of the same person.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError, RwLock};

use chrono::NaiveDate;
use entity::{account, credential, provider_subject, unit};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use crate::db::Db;
use crate::error::Result;
use crate::revisions::Resource;

#[derive(Default)]
pub struct People {
    known: RwLock<Known>,
    /// The revisions of what it was read from.
    read_at: RwLock<Option<[i64; 3]>>,
    /// Subjects with a valid token since the last call of [`People::take_seen`].
    seen: Mutex<HashSet<String>>,
}

#[derive(Default)]
struct Known {
    /// Units by their code, which never changes.
    units: HashMap<String, Uuid>,
    subjects: HashMap<String, Subject>,
    /// The subjects that are linked to an account.
    of_account: HashMap<Uuid, Vec<String>>,
}

struct Subject {
    account: Option<Uuid>,
    /// It was disabled, or its account was.
    has_ended: bool,
    last_seen_on: NaiveDate,
}

impl People {
    /// Reads it if something has changed.
    pub async fn refresh(&self, db: &Db) -> Result<()> {
        let sources = [Resource::Units, Resource::Users, Resource::ProviderSubjects];
        let now = Some(sources.map(|resource| db.revisions.of(resource)));
        if *self.read_at.read().unwrap_or_else(PoisonError::into_inner) != now {
            let known = Known::read(db.watcher()).await?;
            *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
            *self.read_at.write().unwrap_or_else(PoisonError::into_inner) = now;
        }
        Ok(())
    }

    /// The id of the unit with a code, if there is one.
    pub fn unit(&self, code: &str) -> Option<Uuid> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).units.get(code).copied()
    }

    /// Whether tokens of a subject are refused.
    pub fn has_ended(&self, subject: &str) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.subjects.get(subject).is_some_and(|subject| subject.has_ended)
    }

    /// The names that a caller has beside this one: an account and the subjects that are linked to it are one person.
    pub fn other_names(&self, name: &str) -> Vec<String> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let account = match known.subjects.get(name) {
            Some(subject) => subject.account,
            None => name.parse().ok(),
        };
        let Some(account) = account else { return Vec::new() };
        let linked = known.of_account.get(&account).into_iter().flatten().cloned();
        linked.chain([account.to_string()]).filter(|other| other != name).collect()
    }

    /// Remembers that a subject has come with a valid token.
    pub fn see(&self, subject: &str) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.contains(subject) {
            seen.insert(subject.to_owned());
        }
    }

    /// The subjects that have come, and of which that is not known yet of this day.
    pub fn take_seen(&self, today: NaiveDate) -> Vec<String> {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let is_new = |name: &String| known.subjects.get(name).is_none_or(|subject| subject.last_seen_on != today);
        seen.into_iter().filter(is_new).collect()
    }
}

impl Known {
    async fn read(db: &impl ConnectionTrait) -> Result<Self> {
        let units = unit::Entity::find().select_only().columns([unit::Column::Code, unit::Column::Id]);
        let units: Vec<(String, Uuid)> = units.into_tuple().all(db).await?;
        let mut known = Self { units: units.into_iter().collect(), ..Self::default() };
        let disabled = account::Entity::find().filter(account::Column::Active.eq(false));
        let disabled: Vec<Uuid> = disabled.select_only().column(account::Column::Id).into_tuple().all(db).await?;
        let disabled: HashSet<Uuid> = disabled.into_iter().collect();
        for row in provider_subject::Entity::find().all(db).await? {
            let provider_subject::Model { subject, account_id: account, active, last_seen_on, .. } = row;
            let has_ended = !active || account.is_some_and(|account| disabled.contains(&account));
            if let Some(account) = account {
                known.of_account.entry(account).or_default().push(subject.clone());
            }
            known.subjects.insert(subject, Subject { account, has_ended, last_seen_on });
        }
        Ok(known)
    }
}

/// The accounts that can log in: those that are active and have a password.
pub fn who_can_log_in() -> Select<account::Entity> {
    let with_password = credential::Entity::find().filter(credential::Column::Password.is_not_null());
    let with_password = with_password.select_only().column(credential::Column::AccountId).into_query();
    let active = account::Entity::find().filter(account::Column::Active.eq(true));
    active.filter(account::Column::Id.in_subquery(with_password))
}

/// All names of a person, this one included, as the database has them now.
async fn names_of(db: &impl ConnectionTrait, name: &str) -> Result<Vec<String>> {
    use provider_subject::{Column, Entity};
    let account = match name.parse() {
        Ok(id) => Some(id),
        Err(_) => Entity::find().filter(Column::Subject.eq(name)).one(db).await?.and_then(|row| row.account_id),
    };
    let Some(account): Option<Uuid> = account else { return Ok(vec![name.to_owned()]) };
    let linked = Entity::find().filter(Column::AccountId.eq(account)).all(db).await?;
    Ok(linked.into_iter().map(|row| row.subject).chain([account.to_string()]).collect())
}

/// The accounts of the persons whom a list names.
pub async fn accounts_of(db: &impl ConnectionTrait, list: &[String]) -> Result<Vec<Uuid>> {
    use provider_subject::{Column, Entity};
    let linked = Entity::find().filter(Column::Subject.is_in(list)).filter(Column::AccountId.is_not_null());
    let linked = linked.select_only().column(Column::AccountId).into_tuple::<Uuid>().all(db).await?;
    Ok(list.iter().filter_map(|name| name.parse().ok()).chain(linked).collect())
}

/// Whether a list names the person with a name, by this or another of their names.
pub async fn is_in(db: &impl ConnectionTrait, name: &str, list: &[String]) -> Result<bool> {
    Ok(!list.is_empty() && names_of(db, name).await?.iter().any(|name| list.contains(name)))
}
