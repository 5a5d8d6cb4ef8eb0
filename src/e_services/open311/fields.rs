//! What Open311 clients send: fields of a form (`application/x-www-form-urlencoded`), in a body or behind a question mark.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::definition;
use crate::domain::field_code::FieldCode;
use crate::error::{Error, FieldError, Result};
use crate::http::query;

/// Where pictures of it are; clients that have several send it as often.
const PICTURE: &str = "media_url";

/// The fields that were sent. An empty one is as good as none.
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Attributes and addresses of pictures may stand there more than once, nothing else.
    pub fn read(sent: &[u8]) -> Result<Self> {
        query::refuse_other_encodings(sent)?;
        let fields = url::form_urlencoded::parse(sent).map(|(name, text)| (name.into_owned(), text.trim().to_owned()));
        let fields: Vec<_> = fields.filter(|(_, text)| !text.is_empty()).collect();
        let (mut known, mut errors) = (HashSet::new(), Vec::new());
        for (name, _) in fields.iter().filter(|(name, _)| attribute(name).is_none() && name != PICTURE) {
            if name.starts_with("attribute") {
                errors.push(FieldError::parameter(
                    name,
                    FieldCode::BadFormat.because("ต้องเขียนแบบ attribute[code]", "must be written as attribute[code]"),
                ));
            } else if !known.insert(name) {
                errors.push(FieldError::parameter(
                    name,
                    FieldCode::Duplicate.because("ระบุได้ครั้งเดียว", "may be given once"),
                ));
            }
        }
        if errors.is_empty() { Ok(Self(fields)) } else { Err(Error::in_parameters(errors)) }
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// The values of a field that has several, with commas between.
    pub fn listed(&self, name: &str) -> Option<Vec<String>> {
        let values = self.text(name)?.split(',').map(str::trim).filter(|value| !value.is_empty());
        Some(values.map(str::to_owned).collect())
    }

    /// The fields as our own operation takes them. Clients send a place whatever they ask for: it is left out where nothing is
    /// done at one.
    pub fn as_input(&self, schema: &Value, takes_location: bool) -> Value {
        let attributes = self.0.iter().filter_map(|(name, text)| Some((attribute(name)?, &**text)));
        let (booking, attributes): (Vec<_>, Vec<_>) =
            attributes.partition(|(code, _)| [definition::DAY, definition::PROOF].contains(code));
        let own = |name: &str| self.text(name).map(Value::from);
        let name: Vec<&str> = ["first_name", "last_name"].iter().filter_map(|field| self.text(field)).collect();
        let name = Some(name.join(" ")).filter(|name| !name.is_empty());
        let number = |name: &str| {
            let text = self.text(name)?;
            Some(text.parse().ok().filter(|number: &f64| number.is_finite()).map_or(json!(text), Value::from))
        };
        let some = |fields: [(&str, Option<Value>); 3]| {
            let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
            Some(fields.collect::<Map<_, _>>()).filter(|fields| !fields.is_empty()).map(Value::from)
        };
        let applicant = some([("full_name", name.map(Value::from)), ("phone", own("phone")), ("email", own("email"))]);
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

    /// What the applicant says beside the form.
    pub fn message(&self) -> Option<String> {
        let pictures = self.0.iter().filter(|(name, _)| name == PICTURE).map(|(_, address)| &**address);
        let texts: Vec<&str> = self.text("description").into_iter().chain(pictures).collect();
        Some(texts.join("\n")).filter(|text| !text.is_empty())
    }
}

/// The field of the e-service's form that is meant: `attribute[code]`, or `attribute[code][]` for each of several values.
fn attribute(name: &str) -> Option<&str> {
    let code = name.strip_prefix("attribute[")?;
    code.strip_suffix("][]").or(code.strip_suffix(']'))
}
