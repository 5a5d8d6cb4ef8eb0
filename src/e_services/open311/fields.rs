//! What Open311 clients send: fields of a form, in a body or behind a question mark.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::definition;
use crate::domain::field_code::FieldCode;
use crate::error::{Error, FieldError, Result};
use crate::http::query;

/// Where pictures of it are; clients that have several send it as often.
const PICTURE: &str = "media_url";

/// Fields of a request that have one value.
const SINGLE: [&str; 10] = [
    "service_code",
    "lat",
    "long",
    "address_string",
    "address_id",
    "first_name",
    "last_name",
    "phone",
    "email",
    "description",
];

/// The fields that were sent. An empty one is as good as none.
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The fields of a form (`application/x-www-form-urlencoded`).
    pub fn read(sent: &[u8]) -> Result<Self> {
        query::refuse_other_encodings(sent)?;
        let fields = url::form_urlencoded::parse(sent);
        Ok(Self::of(fields.map(|(name, text)| (name.into_owned(), text.into_owned()))))
    }

    pub fn of(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        let fields = fields.into_iter().map(|(name, text)| (name, text.trim().to_owned()));
        Self(fields.filter(|(_, text)| !text.is_empty()).collect())
    }

    /// Refuses a request of which it is unclear what is meant.
    pub fn refuse_unclear(&self) -> Result<()> {
        let mut errors = self.repeated(&SINGLE);
        let unreadable = self.0.iter().filter(|(name, _)| name.starts_with("attribute") && attribute(name).is_none());
        errors.extend(unreadable.map(|(name, _)| {
            let violation =
                FieldCode::BadFormat.because("ต้องเขียนแบบ attribute[code]", "must be written as attribute[code]");
            FieldError::parameter(name, violation)
        }));
        if errors.is_empty() { Ok(()) } else { Err(Error::in_parameters(errors)) }
    }

    /// Refuses a place that is only an id: the specification has ids of addresses, and this service has none.
    pub fn refuse_unknown_place(&self) -> Result<()> {
        let is_given = |name: &str| self.text(name).is_some();
        if self.text("address_id").is_none() || ["lat", "long", "address_string"].into_iter().any(is_given) {
            return Ok(());
        }
        let violation = FieldCode::NotForThis.because(
            "ระบบนี้ไม่มีรหัสที่อยู่ โปรดระบุ lat และ long หรือ address_string",
            "there are no ids of addresses here: send lat and long, or address_string",
        );
        Err(FieldError::parameter("address_id", violation).into())
    }

    /// The fields among these that were sent more than once.
    pub fn repeated(&self, single: &[&str]) -> Vec<FieldError> {
        let mut seen = HashSet::new();
        let again = self.0.iter().filter(|(name, _)| single.contains(&&**name) && !seen.insert(name));
        again
            .map(|(name, _)| {
                FieldError::parameter(name, FieldCode::Duplicate.because("ระบุได้ครั้งเดียว", "must be given once"))
            })
            .collect()
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// The values of a field that may have several: with commas between, or sent several times.
    pub fn listed(&self, name: &str) -> Option<Vec<&str>> {
        let mut sent = self.all(name).peekable();
        sent.peek()?;
        Some(sent.flat_map(|text| text.split(',')).map(str::trim).filter(|value| !value.is_empty()).collect())
    }

    /// Each text of a field that may be sent several times, as `name`, `name[]` or `name[0]`.
    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let is_meant = move |sent: &str| sent.strip_prefix(name).is_some_and(is_index);
        self.0.iter().filter(move |(sent, _)| is_meant(sent)).map(|(_, text)| &**text)
    }

    /// The fields as our own operation takes them. Clients send a place whatever they ask for: it is left out where nothing is
    /// done at one. What the form does not have is in the [message](Self::message).
    pub fn as_input(&self, schema: &Value, takes_location: bool) -> Value {
        let attributes = self.attributes().filter(|(code, _)| is_known(schema, code));
        let (booking, attributes): (Vec<_>, Vec<_>) =
            attributes.partition(|(code, _)| [definition::DAY, definition::PROOF].contains(code));
        let own = |name: &str| self.text(name).map(Value::from);
        let number = |name: &str| {
            let text = self.text(name).filter(|_| !self.has_no_point())?;
            Some(text.parse().ok().filter(|number: &f64| number.is_finite()).map_or(json!(text), Value::from))
        };
        let some = |fields: [(&str, Option<Value>); 3]| {
            let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
            Some(fields.collect::<Map<_, _>>()).filter(|fields| !fields.is_empty()).map(Value::from)
        };
        let applicant =
            some([("full_name", self.full_name().map(Value::from)), ("phone", own("phone")), ("email", own("email"))]);
        let place = [("latitude", number("lat")), ("longitude", number("long")), ("address", own("address_string"))];
        let booked = |name: &str| {
            let sent: Vec<_> = booking.iter().filter(|(code, _)| *code == name).map(|(_, text)| *text).collect();
            match &*sent {
                [] => None,
                [one] => Some(json!(one)),
                several => Some(json!(several)),
            }
        };
        let proof = booked(definition::PROOF).map(|proof| match proof.as_str().and_then(|text| text.split_once(':')) {
            Some((challenge, solution)) => json!({ "challenge": challenge, "solution": solution }),
            None => proof,
        });
        let day = booked(definition::DAY);
        let mut input = json!({ "form": definition::filled_in(schema, &attributes) });
        let place = some(place).filter(|_| takes_location);
        for (name, part) in [("applicant", applicant), ("location", place), ("booked_on", day), ("proof", proof)] {
            part.into_iter().for_each(|part| input[name] = part);
        }
        input
    }

    /// What the applicant says beside the form: the description, attributes that only the client knows, and where pictures are.
    pub fn message(&self, schema: &Value) -> Option<String> {
        let description = self.text("description").into_iter().map(str::to_owned);
        let unknown = self.attributes().filter(|(code, _)| !is_known(schema, code));
        let unknown = unknown.map(|(code, text)| format!("{code}: {text}"));
        let pictures = self.pictures().map(str::to_owned);
        let texts: Vec<_> = description.chain(unknown).chain(pictures).collect();
        Some(texts.join("\n")).filter(|text| !text.is_empty())
    }

    /// Who sends it.
    pub fn full_name(&self) -> Option<String> {
        let names: Vec<&str> = ["first_name", "last_name"].iter().filter_map(|field| self.text(field)).collect();
        Some(names.join(" ")).filter(|name| !name.is_empty())
    }

    /// Where pictures are.
    pub fn pictures(&self) -> impl Iterator<Item = &str> {
        self.all(PICTURE)
    }

    fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(name, text)| Some((attribute(name)?, &**text)))
    }

    /// Whether the only place is an address: clients without a point send the zero point with it.
    fn has_no_point(&self) -> bool {
        let is_zero = |name: &str| self.text(name).and_then(|text| text.parse().ok()).is_some_and(|n: f64| n == 0.0);
        is_zero("lat") && is_zero("long") && self.text("address_string").is_some()
    }
}

/// Whether a form takes an attribute, or the booking of a day.
fn is_known(schema: &Value, code: &str) -> bool {
    let is_booking = [definition::DAY, definition::PROOF].contains(&code);
    is_booking || schema["properties"].get(code).is_some() || !schema["patternProperties"].is_null()
}

/// The attribute that is meant: `attribute[code]`, or `attribute[code][]` or `attribute[code][0]` for each of several values.
fn attribute(name: &str) -> Option<&str> {
    let (code, index) = name.strip_prefix("attribute[")?.split_once(']')?;
    (!code.is_empty() && is_index(index)).then_some(code)
}

/// Whether this stands behind the name of one of several values, or is nothing.
fn is_index(text: &str) -> bool {
    let digits = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    text.is_empty() || digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}
