//! Forms as attributes of Open311, and attributes as what is filled into a form.

use std::collections::HashMap;

use entity::codes::Label;
use serde_json::{Map, Value, json};

use super::super::form::{definition_of, label};
use super::instants;
use crate::domain::message::{Language, Localized, Message};
use crate::schema::describe::plain;

/// The attribute for a day that is booked. No field of a form is called so.
pub const DAY: &str = "booking-day";

/// The attribute for a solved challenge, which a stranger who books a day sends: the challenge, a colon, the solution.
pub const PROOF: &str = "booking-proof";

/// The attributes with which a day is booked, where a challenge has so many bits.
pub fn booking(challenge_bits: u32, language: Language) -> Vec<Value> {
    let text = |th: &'static str, en: &'static str| Message::new(th, en).localized(language).to_owned();
    let hint = text("ปปปป-ดด-วว (ปี ค.ศ.) เช่น 2026-12-01", "YYYY-MM-DD, such as 2026-12-01");
    let day = attribute(DAY, "string", true, &text("วันนัดหมายที่ต้องการ", "Wanted day"), &hint, Vec::new());
    let hint = "CHALLENGE:SOLUTION, /v1/challenges";
    let proof = || attribute(PROOF, "text", true, &text("คำตอบของโจทย์ยืนยัน", "Solved challenge"), hint, Vec::new());
    std::iter::once(day).chain((challenge_bits > 0).then(proof)).collect()
}

/// Whether there is anything to say beside who asks and where it is.
pub fn asks_anything(schema: &Value, is_booked: bool) -> bool {
    is_booked || schema["properties"].as_object().is_some_and(|fields| !fields.is_empty())
}

/// What a form calls a field.
pub fn title(schema: &Value, code: &str) -> Option<Label> {
    label(&resolved(schema, schema["properties"].get(code)?))
}

/// What a form asks for, in its order, and what is asked for beside it.
pub fn attributes(schema: &Value, beside: Vec<Value>, language: Language) -> Vec<Value> {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let fields = schema["properties"].as_object().into_iter().flatten();
    let mut attributes: Vec<Value> = fields
        .map(|(code, field)| {
            let field = &resolved(schema, field);
            let (datatype, values) = datatype(field, language);
            let title = label(field);
            let description = title.as_ref().map_or(&**code, |title| title.localized(language));
            let hint = field["description"].as_str().unwrap_or_default();
            let is_required = required.contains(&&**code);
            attribute(code, datatype, is_required, description, hint, values)
        })
        .collect();
    attributes.extend(beside);
    for (order, attribute) in (1..).zip(&mut attributes) {
        attribute["order"] = json!(order);
    }
    attributes
}

/// A field with what it is made of (`$ref`, `allOf`) written out, also for its items. Forms do not refer in circles.
fn resolved(schema: &Value, field: &Value) -> Value {
    let definition = field["$ref"].as_str().and_then(definition_of).map(|name| &schema["$defs"][name]);
    let parts = definition.into_iter().chain(field["allOf"].as_array().into_iter().flatten());
    let mut whole = Map::new();
    for part in parts.map(|part| resolved(schema, part)) {
        whole.extend(part.as_object().cloned().unwrap_or_default());
    }
    for (name, value) in field.as_object().into_iter().flatten() {
        let value = if name == "items" { resolved(schema, value) } else { value.clone() };
        whole.insert(name.clone(), value);
    }
    whole.into()
}

/// The type of a field, where it is not nothing.
fn kind(field: &Value) -> Option<&str> {
    match &field["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        kind => kind.as_str(),
    }
}

fn attribute(code: &str, datatype: &str, required: bool, description: &str, hint: &str, values: Vec<Choice>) -> Value {
    let mut attribute = json!({
        "variable": true, "code": code, "datatype": datatype, "required": required, "datatype_description": hint,
        "order": 0, "description": description,
    });
    if !values.is_empty() {
        attribute["values"] = values.iter().map(|one| json!({ "key": one.key, "name": one.name })).collect();
    }
    attribute
}

/// The type of a field, and the values that it can have.
fn datatype(field: &Value, language: Language) -> (&'static str, Vec<Choice>) {
    let (choices, items) = (choices(field, language), choices(&field["items"], language));
    match kind(field) {
        Some("array") if !items.is_empty() => ("multivaluelist", items),
        _ if !choices.is_empty() => ("singlevaluelist", choices),
        Some("integer" | "number") => ("number", Vec::new()),
        Some("string") if field["format"] == "date-time" => ("datetime", Vec::new()),
        Some("string") if field["maxLength"].as_u64().is_some_and(|longest| longest <= 200) => ("string", Vec::new()),
        _ => ("text", Vec::new()),
    }
}

/// A value that a field can have, as it is sent and as people read it.
struct Choice {
    value: Value,
    key: String,
    name: String,
}

/// The values of an `enum`, or of constants with titles; of a boolean both.
fn choices(field: &Value, language: Language) -> Vec<Choice> {
    let choice = |value: &Value, title: Option<Label>| {
        let key = plain(value);
        let name = title.map_or(key.clone(), |title| title.localized(language).to_owned());
        Choice { value: value.clone(), key, name }
    };
    let each = |keyword: &str| field[keyword].as_array().into_iter().flatten();
    let mut choices: Vec<Choice> = each("enum").map(|value| choice(value, None)).collect();
    let constants = each("oneOf").chain(each("anyOf")).chain([field]);
    choices.extend(constants.filter_map(|one| Some(choice(one.get("const")?, label(one)))));
    choices.retain(|choice| !choice.value.is_null());
    if choices.is_empty() && kind(field) == Some("boolean") {
        let named = [(true, Label::new("ใช่", "Yes")), (false, Label::new("ไม่ใช่", "No"))];
        choices.extend(named.map(|(value, name)| choice(&value.into(), Some(name))));
    }
    choices
}

/// What was sent for a form's fields, as the form means it. What cannot be so stays a text, or is several where the form has one,
/// which the form then refuses.
pub fn filled_in(schema: &Value, sent: &[(&str, &str)]) -> Value {
    let (mut form, mut readers) = (Map::new(), HashMap::new());
    for (code, text) in sent {
        let reader = readers.entry(*code).or_insert_with(|| Reader::of(&resolved(schema, &schema["properties"][code])));
        let value = reader.read(text);
        match form.get_mut(*code) {
            Some(Value::Array(several)) => several.push(value),
            Some(first) => *first = json!([first, value]),
            None => drop(form.insert((*code).to_owned(), if reader.is_list { json!([value]) } else { value })),
        }
    }
    form.into()
}

/// How what is sent for a field is read.
struct Reader {
    is_list: bool,
    is_text: bool,
    is_instant: bool,
    /// What is meant by a text, where only some are known.
    values: HashMap<String, Value>,
}

impl Reader {
    fn of(field: &Value) -> Self {
        let is_list = kind(field) == Some("array");
        let one = if is_list { &field["items"] } else { field };
        // Names are not sent.
        let choices = choices(one, Language::Thai);
        let is_text = kind(one) == Some("string") || !choices.is_empty();
        let is_instant = kind(one) == Some("string") && one["format"] == "date-time";
        // Of two that are written alike the first is meant.
        let values = choices.into_iter().rev().map(|choice| (choice.key, choice.value)).collect();
        Self { is_list, is_text, is_instant, values }
    }

    fn read(&self, text: &str) -> Value {
        if self.is_instant {
            return json!(instants::in_bangkok(text));
        }
        let parsed = || serde_json::from_str(text).ok().filter(|_| !self.is_text);
        self.values.get(text).cloned().or_else(parsed).unwrap_or_else(|| json!(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Value {
        json!({
            "properties": {
                "fault": { "type": "string", "title": "ลักษณะ", "enum": ["out", "other"] },
                "count": { "type": "integer", "title": "จำนวน" },
                "near": { "type": "boolean" },
                "kinds": { "type": "array", "items": { "type": "string", "enum": ["1", "2"] } },
                "when": { "oneOf": [{ "const": "day", "title": "กลางวัน" }, { "const": "night" }] },
                "pole": { "type": "string", "maxLength": 50, "description": "ดูที่เสา" },
                "reason": { "type": ["string", "null"], "maxLength": 500 },
                "level": { "type": "integer", "oneOf": [{ "const": 1, "title": "ต่ำ" }, { "const": 2 }] },
                "size": { "allOf": [{ "$ref": "#/$defs/code" }], "title": "ขนาด" },
                "postcode": { "$ref": "#/$defs/postcode", "description": "ห้าหลัก" },
                "colours": { "type": "array", "items": { "$ref": "#/$defs/colour" } },
                "from": { "type": "string", "format": "date-time" },
            },
            "$defs": {
                "level": { "type": "integer", "oneOf": [{ "const": 1, "title": "ต่ำ" }, { "const": 2 }] },
                "size": { "allOf": [{ "$ref": "#/$defs/code" }], "title": "ขนาด" },
                "postcode": { "$ref": "#/$defs/code", "title": "รหัสไปรษณีย์" },
                "code": { "type": "string", "maxLength": 5 },
                "colour": { "enum": ["1", "red"] },
            },
            "required": ["fault"],
        })
    }

    #[test]
    fn every_field_is_an_attribute_of_the_type_that_fits() {
        let types: Vec<_> = attributes(&schema(), booking(8, Language::Thai), Language::Thai)
            .iter()
            .map(|one| {
                format!("{} {} {}", one["order"], one["code"].as_str().unwrap(), one["datatype"].as_str().unwrap())
            })
            .collect();
        assert_eq!(
            types,
            [
                "1 fault singlevaluelist",
                "2 count number",
                "3 near singlevaluelist",
                "4 kinds multivaluelist",
                "5 when singlevaluelist",
                "6 pole string",
                "7 reason text",
                "8 level singlevaluelist",
                "9 size string",
                "10 postcode string",
                "11 colours multivaluelist",
                "12 from datetime",
                "13 booking-day string",
                "14 booking-proof text"
            ]
        );
        let all = attributes(&schema(), Vec::new(), Language::Thai);
        assert_eq!(all.iter().filter(|one| one["required"] == true).count(), 1);
        assert_eq!(all[4]["values"], json!([{ "key": "day", "name": "กลางวัน" }, { "key": "night", "name": "night" }]));
        assert_eq!((&all[0]["description"], &all[5]["datatype_description"]), (&json!("ลักษณะ"), &json!("ดูที่เสา")));
        let yes_or_no = |yes: &str, no: &str| json!([{ "key": "true", "name": yes }, { "key": "false", "name": no }]);
        assert_eq!(all[2]["values"], yes_or_no("ใช่", "ไม่ใช่"));
        assert_eq!(attributes(&schema(), Vec::new(), Language::English)[2]["values"], yes_or_no("Yes", "No"));
        assert_eq!(all[7]["values"], json!([{ "key": "1", "name": "ต่ำ" }, { "key": "2", "name": "2" }]));
        assert_eq!((&all[9]["description"], &all[9]["datatype_description"]), (&json!("รหัสไปรษณีย์"), &json!("ห้าหลัก")));
    }

    #[test]
    fn what_is_sent_is_what_the_form_means() {
        let sent = [
            ("fault", "out"),
            ("count", "3"),
            ("near", "true"),
            ("kinds", "1"),
            ("kinds", "2"),
            ("pole", "12"),
            ("reason", "7"),
            ("level", "2"),
            ("size", "38"),
            ("postcode", "17000"),
            ("colours", "1"),
            ("from", "2026-11-28T10:00"),
            ("x", "y"),
        ];
        let form = json!({
            "fault": "out", "count": 3, "near": true, "kinds": ["1", "2"], "pole": "12", "reason": "7",
            "level": 2, "size": "38", "postcode": "17000", "colours": ["1"],
            "from": "2026-11-28T10:00:00+07:00", "x": "y",
        });
        assert_eq!(filled_in(&schema(), &sent), form);
        assert_eq!(filled_in(&schema(), &[("count", "many")]), json!({ "count": "many" }));
        assert_eq!(filled_in(&schema(), &[("fault", "out"), ("fault", "other")]), json!({ "fault": ["out", "other"] }));
    }
}
