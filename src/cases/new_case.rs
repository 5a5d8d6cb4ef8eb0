//! What a case of either kind begins with: its key, when it came, and the case that it goes on with.

use uuid::Uuid;

use super::paper::{Arrival, Stated};
use super::vault::NewKey;
use crate::db::Write;
use crate::error::Result;

pub struct NewCase {
    pub key: NewKey,
    pub arrival: Arrival,
    /// The case of the other kind that became this one.
    pub continues: Option<Uuid>,
}

impl NewCase {
    /// One that comes in now, or came when an officer says so.
    pub fn stated(write: &Write, stated: &Stated) -> Result<Self> {
        Ok(Self { key: NewKey::of(Uuid::now_v7())?, arrival: Arrival::of(write, stated), continues: None })
    }
}
