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

/// What officers do with the texts of many cases.
pub const SEARCH: &str = "search";
pub const EXPORT: &str = "export";

impl Cases {
    /// A case that an officer may see, to be read: that is an event.
    pub async fn read<C: Case>(&self, id: Uuid, author: &Author) -> Result<C> {
        let case = C::find(self.db.reader(), id, author).await?;
        let action = if case.is_named() { READ_NAMED } else { READ };
        let event = || Event::happened(action, C::RESOURCE.name(), Some(id));
        self.readings.record(&self.db, author, format!("{} {id}", author.name), event).await;
        Ok(case)
    }

    /// An officer searches the texts of many cases, or exports a list of them.
    pub async fn read_many(&self, action: &'static str, resource: Resource, author: &Author) {
        let event = || Event::happened(action, resource.name(), None);
        self.readings.record(&self.db, author, format!("{} {action} {}", author.name, resource.name()), event).await;
    }
}
