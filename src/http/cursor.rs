//! Keyset-pagination cursors, encrypted, so that a client can neither forge one nor read from it what the list does not show.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::Value;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::crypto::aead::SivKey;
use crate::error::{Error, Result};

pub struct Cursor {
    /// Which list and order it belongs to.
    pub order: String,
    /// What the row before it has in the ordering columns.
    pub values: Vec<Key>,
}

/// The value of an ordering column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Key {
    Number(i64),
    Text(String),
    Time(DateTime<Utc>),
    Day(NaiveDate),
    Id(Uuid),
    Null,
}

impl From<Value> for Key {
    fn from(value: Value) -> Self {
        match value {
            Value::SmallInt(Some(number)) => Key::Number(number.into()),
            Value::Int(Some(number)) => Key::Number(number.into()),
            Value::BigInt(Some(number)) => Key::Number(number),
            Value::String(Some(text)) => Key::Text(text),
            Value::ChronoDateTimeUtc(Some(time)) => Key::Time(time),
            Value::ChronoDate(Some(day)) => Key::Day(day),
            Value::Uuid(Some(id)) => Key::Id(id),
            _ => Key::Null,
        }
    }
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Number(number) => number.into(),
            Key::Text(text) => text.into(),
            Key::Time(time) => time.into(),
            Key::Day(day) => day.into(),
            Key::Id(id) => id.into(),
            Key::Null => Value::String(None),
        }
    }
}

impl Cursor {
    pub fn seal(&self, key: &SivKey) -> Result<String> {
        let text = serde_json::to_vec(&(&self.order, &self.values)).map_err(Error::internal)?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode(key.seal(text)?))
    }

    /// The cursor in a text, if it was sealed with this key.
    pub fn open(text: &str, key: &SivKey) -> Option<Self> {
        let text = key.open(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?)?;
        let (order, values) = serde_json::from_slice(&text).ok()?;
        Some(Self { order, values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SivKey {
        SivKey::of(&[7; 32]).unwrap()
    }

    fn cursor() -> Cursor {
        Cursor { order: "NoAsc".into(), values: vec![Key::Number(7), Key::Id(Uuid::nil()), Key::Text("ก".into())] }
    }

    #[test]
    fn a_cursor_survives_being_sealed() {
        assert_eq!(Cursor::open(&cursor().seal(&key()).unwrap(), &key()).unwrap().values, cursor().values);
        // A page is the same each time, and its ETag with it.
        assert_eq!(cursor().seal(&key()).unwrap(), cursor().seal(&key()).unwrap());
    }

    #[test]
    fn a_cursor_that_was_touched_is_refused() {
        let sealed = cursor().seal(&key()).unwrap();
        for index in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            assert!(Cursor::open(&String::from_utf8(bytes).unwrap(), &key()).is_none(), "{index}");
        }
        assert!(Cursor::open("", &key()).is_none());
    }
}
