//! A row of a register, and what is wrong with it: all of it, whatever check finds it. What stands where a fault was told is replaced by
//! something right, so that the rest can be checked.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::columns::{Content, Fault, Head, body, both};
use super::{Office, Register, sentence};
use crate::domain::field_code::FieldCode;
use crate::error::{Error, FieldError, Location};

/// A row as the body that it means.
pub struct Row {
    pub number: usize,
    pub body: Value,
    /// Places of the body of which a fault was told.
    told: BTreeSet<String>,
}

impl Row {
    /// Reads a row, and tells what its cells cannot be.
    pub fn read<R: Register>(
        office: &Office,
        heads: &[Head],
        row: &(usize, Vec<super::table::Cell>),
    ) -> (Self, Vec<Fault>) {
        let (body, wrong) = body(heads, row);
        let mut read = Self { number: row.0, body, told: BTreeSet::new() };
        let mut faults: Vec<_> = Fault::of_unheaded(heads, row).into_iter().collect();
        for (pointer, message) in wrong {
            faults.push(Fault::at(heads, row.0, pointer, message));
            read.mend::<R>(office, pointer);
        }
        (read, faults)
    }

    pub fn is_right(&self) -> bool {
        self.told.is_empty()
    }

    /// Whether a fault was told of one of some places.
    pub fn is_wrong_at(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.told.contains(*place))
    }

    /// The case that it is, if need be with something right in place of what is wrong; nothing where that is not enough.
    pub async fn case<R: Register>(&mut self, office: &Office, heads: &[Head], faults: &mut Vec<Fault>) -> Option<R> {
        loop {
            let error = match R::check(office, self.body.clone()).await {
                Ok(case) => return Some(case),
                Err(error) => error,
            };
            faults.extend(self.faults::<R>(heads, &error));
            if error.errors().is_empty() {
                return None;
            }
            // What follows from a fault stands in the way of other checks as well.
            let places: BTreeSet<_> = error.errors().iter().map(|error| place(error).to_owned()).collect();
            let places: Vec<_> = places.into_iter().filter(|place| !self.told.contains(place)).collect();
            if places.is_empty() && !R::excuse(office, &mut self.body) {
                return None;
            }
            for place in places {
                self.mend::<R>(office, &place);
            }
        }
    }

    /// Tells of the number in the register, and takes another, so that the rest can be checked.
    pub fn tell_number(&mut self, heads: &[Head], message: String) -> Fault {
        self.told.insert("/register_no".to_owned());
        Fault::at(heads, self.number, "/register_no", message)
    }

    /// Gives a row with faults a number that no other row has.
    pub fn with_own_number(mut self) -> Self {
        if !self.is_right() {
            self.body["register_no"] = json!(Uuid::now_v7());
        }
        self
    }

    /// What an error says that was not told and does not follow from what was.
    pub fn faults<R: Register>(&self, heads: &[Head], error: &Error) -> Vec<Fault> {
        if error.errors().is_empty() {
            return vec![Fault::of_row(self.number, sentence(error))];
        }
        let new = |error: &FieldError| {
            let pointer = place(error);
            let is_told = self.told.contains(pointer) || self.is_wrong_at(R::follows(pointer, error.code));
            (!is_told).then(|| Fault::at(heads, self.number, pointer, message(heads, pointer, error)))
        };
        error.errors().iter().filter_map(new).collect()
    }

    /// Puts something right at a place.
    fn mend<R: Register>(&mut self, office: &Office, pointer: &str) {
        self.told.insert(pointer.to_owned());
        let (outer, name) = pointer.rsplit_once('/').unwrap_or_default();
        let sample = R::sample(office, pointer, &self.body);
        if let Some(object) = self.body.pointer_mut(outer).and_then(Value::as_object_mut) {
            match sample {
                Some(value) => drop(object.insert(name.to_owned(), value)),
                None => drop(object.shift_remove(name)),
            }
        }
    }
}

/// Where in the body an error is.
fn place(error: &FieldError) -> &str {
    match &error.location {
        Location::Pointer(pointer) => pointer.trim_start_matches('#'),
        _ => "",
    }
}

/// An error in both languages, with what the column takes beside dates of the API.
fn message(heads: &[Head], pointer: &str, error: &FieldError) -> String {
    let is_date = heads.iter().any(|head| head.pointer == pointer && matches!(head.content, Content::Date));
    if is_date && error.code == FieldCode::BadFormat {
        return both(
            &error
                .message
                .clone()
                .followed_by(" หรือแบบ ว/ด/พ.ศ. เช่น 1/3/2566", "; or 1/3/2566 with the year of the Buddhist era"),
        );
    }
    both(&error.message)
}
