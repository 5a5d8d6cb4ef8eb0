//! What a case of either kind begins with: its key, when it came, and the case that it goes on with.

use chrono::NaiveDate;
use entity::texts::Texts;
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

    /// One that goes on with another, which came on a day. An officer enters it; its sender has written these words, and was shown
    /// these notices.
    pub fn continuing(
        write: &Write,
        key: NewKey,
        (case, received_on): (Uuid, NaiveDate),
        (words, notices): (Vec<String>, Texts),
    ) -> Self {
        let stated = Stated {
            is_online: false,
            received_on: Some(received_on),
            register_no: None,
            first_answered_on: None,
            closed_on: None,
            letter_on: None,
        };
        Self { key, arrival: Arrival { words, notices, ..Arrival::of(write, &stated) }, continues: Some(case) }
    }
}
