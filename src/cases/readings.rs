//! Reading is logged: which officer opened which case, once an hour for each of both; who searched texts, and who exported a list.

use uuid::Uuid;

use super::{Case, Cases};
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::error::Result;
use crate::revisions::Resource;

/// Of a case without an identity, and of one with.
const READ: &str = "read";
const READ_NAMED: &str = "read_named";

/// What officers do with many cases at once.
pub const LIST: &str = "list";
pub const SEARCH: &str = "search";
pub const EXPORT: &str = "export";

impl Cases {
    /// A case that an officer may see, to be read: that is an event.
    pub async fn read<C: Case>(&self, id: Uuid, author: &Author) -> Result<C> {
        let case = C::find(self.db.reader(), id, author).await?;
        self.read_found(std::slice::from_ref(&case), author).await?;
        Ok(case)
    }

    /// Cases that a search has found: with each the officer learns something that is written in it.
    pub async fn read_found<C: Case>(&self, cases: &[C], author: &Author) -> Result<()> {
        let event = |case: &C| {
            let (id, action) = (case.case_id(), if case.is_named() { READ_NAMED } else { READ });
            (format!("{} {id}", author.name), Event::happened(action, C::RESOURCE.name(), Some(id)))
        };
        self.log(author, cases.iter().map(event).collect()).await
    }

    /// An officer reads, searches or exports many cases.
    pub async fn read_many(&self, action: &'static str, resource: Resource, author: &Author) -> Result<()> {
        let (name, resource) = (&author.name, resource.name());
        self.log(author, vec![(format!("{name} {action} {resource}"), Event::happened(action, resource, None))]).await
    }

    /// What cannot be logged is not read, but while nothing at all can be written: then reading goes on.
    async fn log(&self, author: &Author, events: Vec<(String, Event)>) -> Result<()> {
        match self.readings.record(&self.db, author, events).await {
            Err(error) if !self.db.conditions.stop_writes() => Err(error),
            _ => Ok(()),
        }
    }
}
