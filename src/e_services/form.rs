//! Forms of e-services, as JSON Schema 2020-12: which schemas can be one, and what is wrong with what was filled in.
//!
//! An editor writes a form and the public fills it in, so checking must be safe for any input: a form has no external
//! references, no recursion, and a bounded cost. Unknown keywords are rejected as probable mistakes.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use entity::codes::Label;
use jsonschema::{Validator, draft202012};
use moka::sync::Cache;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::domain::field_code::{FieldCode, Violation};
use crate::error::{Code, Error, FieldError, Location, Result};
use crate::schema::describe;
use crate::schema::validate::{self, Shape, escaped};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// JSON values in a form's schema, and in what is filled in; and how deep they may lie.
const MOST_VALUES: usize = 2000;
const DEEPEST: usize = 32;

/// Maximum number of subschemas that a value is validated against, counting referenced ones each time.
const MOST_CHECKS: usize = 500;

/// How many patterns there may be, and characters of one.
const MOST_PATTERNS: usize = 50;
const LONGEST_PATTERN: usize = 300;

const LONGEST_TITLE: usize = 300;

/// Formats that are checked.
const FORMATS: [&str; 9] = ["date", "date-time", "time", "duration", "email", "uri", "iri", "uuid", "ipv4"];

/// How many compiled forms are kept.
const MOST_FORMS: u64 = 200;

/// Forms that were compiled, by their e-service and version. A version never changes.
pub static COMPILED: LazyLock<Cache<(Uuid, i32), Arc<Form>>> = LazyLock::new(|| Cache::new(MOST_FORMS));

/// A form that was found to be one.
pub struct Form(Shape);

impl Form {
    pub fn of(schema: &str) -> Result<Self> {
        let schema: Value = serde_json::from_str(schema).map_err(Error::internal)?;
        let validator = compile(&schema).ok_or(Code::Internal)?;
        Ok(Self(Shape { schema, validator, is_ours: false }))
    }

    /// The errors of a filled-in form, with pointers into it. Messages name fields by their titles in the form.
    pub fn errors(&self, filled_in: &Value) -> Vec<FieldError> {
        // Also so that it can be read again.
        if let Some(error) = size_error(filled_in, FieldCode::TooLarge) {
            return vec![error];
        }
        let mut errors = describe::errors(&self.0, filled_in);
        for error in &mut errors {
            if let Location::Pointer(pointer) = &error.location
                && let Some(title) = self.title(pointer)
            {
                error.message = error.message.named(&title);
            }
        }
        errors
    }

    /// What the form calls the field at a pointer, or the one that it is in.
    fn title(&self, pointer: &str) -> Option<Label> {
        let (mut schema, mut title) = (&self.0.schema, None);
        for name in pointer.split('/').skip(1) {
            let name = name.replace("~1", "/").replace("~0", "~");
            schema = schema["properties"].get(&name).unwrap_or(&schema["items"]);
            title = label(schema).or(title);
            if let Some(definition) = schema["$ref"].as_str().and_then(definition_of) {
                schema = &self.0.schema["$defs"][definition];
                title = title.or_else(|| label(schema));
            }
        }
        title
    }
}

/// What a form calls a field or a choice: its `title`, which is in Thai, and the English one that may stand beside it.
pub fn label(schema: &Value) -> Option<Label> {
    let [th, en] = ["title", "x-title-en"].map(|name| schema[name].as_str().map(str::to_owned));
    Some(Label::named(th?, en))
}

fn compile(schema: &Value) -> Option<Validator> {
    validate::options().build(schema).ok()
}

/// What keeps a schema from being a form, with pointers into it.
pub fn judge(schema: &Value) -> Vec<FieldError> {
    if let Some(error) = size_error(schema, FieldCode::TooComplex) {
        return vec![error];
    }
    let mut errors = Vec::new();
    for error in draft202012::meta::validator().iter_errors(schema) {
        errors.push(FieldError::at(error.instance_path().as_str(), FieldCode::BadSchema));
    }
    if !errors.is_empty() {
        errors.dedup_by(|a, b| a.location == b.location && a.code == b.code);
        return errors;
    }
    let mut judge =
        Judge { definitions: schema["$defs"].as_object(), costs: HashMap::new(), depth: 0, patterns: 0, errors };
    judge.outermost(schema);
    let cost = judge.cost(schema, "");
    for name in judge.definitions.into_iter().flat_map(Map::keys) {
        judge.cost_of_definition(name, "");
    }
    if cost > MOST_CHECKS {
        judge.refuse(
            "",
            FieldCode::TooComplex
                .because("ซับซ้อนเกินไป", "must be simpler: it has too many parts, or refers to them too often"),
        );
    }
    if judge.errors.is_empty() && compile(schema).is_none() {
        judge.errors.push(FieldError::at("", FieldCode::BadSchema));
    }
    judge.errors
}

struct Judge<'a> {
    definitions: Option<&'a Map<String, Value>>,
    /// What each definition costs; nothing while that is being found out.
    costs: HashMap<&'a str, Option<usize>>,
    /// How deep it is in schemas, those of references counted on.
    depth: usize,
    patterns: usize,
    errors: Vec<FieldError>,
}

impl<'a> Judge<'a> {
    fn refuse(&mut self, path: &str, violation: impl Into<Violation>) {
        self.errors.push(FieldError::at(path, violation));
    }

    /// What is filled in is an object, of fields that have names.
    fn outermost(&mut self, schema: &Value) {
        if schema["type"] != "object" {
            self.refuse("/type", FieldCode::NotAForm.because("ต้องเป็น object", "must be object: a form has fields"));
        }
        if schema["additionalProperties"] != false {
            let en = "must be false: what the form does not ask for is not taken";
            self.refuse("/additionalProperties", FieldCode::NotAForm.because("ต้องเป็น false", en));
        }
        for name in schema["properties"].as_object().into_iter().flat_map(Map::keys) {
            let is_name = name.len() <= 50
                && name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !is_name {
                let path = format!("/properties/{}", escaped(name));
                self.refuse(&path, FieldCode::BadName);
            }
        }
        for (index, name) in schema["required"].as_array().into_iter().flatten().enumerate() {
            let is_asked_for = name.as_str().is_some_and(|name| schema["properties"].get(name).is_some());
            if !is_asked_for && schema["patternProperties"].is_null() {
                let path = format!("/required/{index}");
                self.refuse(
                    &path,
                    FieldCode::NotAForm
                        .because("ไม่มีช่องข้อมูลนี้ใน properties", "must be in properties: nobody could fill it in"),
                );
            }
        }
    }

    /// Number of subschemas that a value is validated against. Alternatives count twice, since reporting errors
    /// validates them again.
    fn cost(&mut self, schema: &'a Value, path: &str) -> usize {
        if self.depth == DEEPEST {
            self.refuse(path, FieldCode::TooComplex.because("ซ้อนลึกเกินไป", "must not be so deep"));
            return 0;
        }
        self.depth += 1;
        let mut cost: usize = 1;
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            let path = format!("{path}/{}", escaped(keyword));
            let more = match &**keyword {
                "allOf" | "anyOf" | "oneOf" => self.each(value, &path).saturating_mul(2),
                "not" | "if" | "then" | "else" => self.cost(value, &path).saturating_mul(2),
                "items" | "contains" | "additionalProperties" | "propertyNames" => self.cost(value, &path),
                "properties" | "dependentSchemas" | "prefixItems" => self.each(value, &path),
                "patternProperties" => {
                    for pattern in value.as_object().into_iter().flat_map(Map::keys) {
                        self.pattern(pattern, &format!("{path}/{}", escaped(pattern)));
                    }
                    self.each(value, &path)
                }
                "$ref" => self.reference(value, &path),
                other => {
                    self.keyword(other, value, &path);
                    0
                }
            };
            cost = cost.saturating_add(more);
        }
        self.depth -= 1;
        cost
    }

    /// Those of a list or an object.
    fn each(&mut self, schemas: &'a Value, path: &str) -> usize {
        let listed =
            schemas.as_array().into_iter().flatten().enumerate().map(|(index, part)| (index.to_string(), part));
        let named = schemas.as_object().into_iter().flatten().map(|(name, part)| (escaped(name), part));
        let costs = listed.chain(named).map(|(name, part)| self.cost(part, &format!("{path}/{name}")));
        costs.fold(0, usize::saturating_add)
    }

    fn reference(&mut self, to: &Value, path: &str) -> usize {
        let known = to.as_str().and_then(definition_of).and_then(|name| self.definitions?.get_key_value(name));
        match known {
            Some((name, _)) => self.cost_of_definition(name, path),
            None => {
                let en = "must refer to a definition of this schema: #/$defs/NAME";
                self.refuse(path, FieldCode::Outside.because("อ้างได้เฉพาะ #/$defs/ชื่อ ในแบบฟอร์มนี้", en));
                0
            }
        }
    }

    fn cost_of_definition(&mut self, name: &str, from: &str) -> usize {
        let Some((name, definition)) = self.definitions.and_then(|all| all.get_key_value(name)) else { return 0 };
        match self.costs.get(&**name) {
            Some(Some(cost)) => *cost,
            Some(None) => {
                self.refuse(from, FieldCode::Circular);
                0
            }
            None => {
                self.costs.insert(name, None);
                let cost = self.cost(definition, &format!("/$defs/{}", escaped(name)));
                self.costs.insert(name, Some(cost));
                cost
            }
        }
    }

    /// A keyword that has no schema below it.
    fn keyword(&mut self, keyword: &str, value: &Value, path: &str) {
        let is_outermost = path.matches('/').count() == 1;
        match keyword {
            "$schema" if *value == DIALECT && is_outermost => {}
            "$schema" => self
                .refuse(path, FieldCode::BadSchema.because("ต้องเป็นฉบับ 2020-12", "must be that of 2020-12, at the top")),
            "$defs" if is_outermost => {}
            "$defs" => {
                self.refuse(path, FieldCode::BadSchema.because("ต้องอยู่ชั้นนอกสุด", "must stand at the top of the schema"))
            }
            "pattern" => self.pattern(value.as_str().unwrap_or_default(), path),
            "format" if value.as_str().is_none_or(|format| !FORMATS.contains(&format)) => {
                let known = FORMATS.join(", ");
                self.errors.push(FieldError::at(
                    path,
                    FieldCode::UnknownFormat
                        .because(format!("ต้องเป็นค่าใดค่าหนึ่ง: {known}"), format!("must be one of {known}")),
                ));
            }
            "multipleOf" if !value.is_u64() => {
                self.refuse(path, FieldCode::NotWhole);
            }
            "title" | "x-title-en" if value.as_str().is_some_and(|title| title.chars().count() > LONGEST_TITLE) => {
                self.refuse(path, FieldCode::TitleTooLong);
            }
            keyword if KEYWORDS.contains(&keyword) || keyword.starts_with("x-") => {}
            _ => self.refuse(path, FieldCode::UnknownKeyword),
        }
    }

    fn pattern(&mut self, pattern: &str, path: &str) {
        self.patterns += 1;
        if self.patterns > MOST_PATTERNS {
            self.refuse(path, FieldCode::TooComplex.because("มี pattern มากเกินไป", "must not be one more pattern"));
        } else if pattern.chars().count() > LONGEST_PATTERN || compile(&json!({ "pattern": pattern })).is_none() {
            self.refuse(path, FieldCode::BadPattern);
        }
    }
}

/// The others without a schema below them. What names a schema (`$id`, `$anchor`) or looks at what others have left
/// (`unevaluatedProperties`) is not among them.
const KEYWORDS: [&str; 30] = [
    "$comment",
    "const",
    "default",
    "dependentRequired",
    "deprecated",
    "description",
    "enum",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "readOnly",
    "required",
    "title",
    "type",
    "uniqueItems",
    "writeOnly",
    "contentMediaType",
    "contentEncoding",
];

/// The name in a reference to a definition. It is plain, so that it means the same to everybody: nothing in it is an escape.
pub fn definition_of(reference: &str) -> Option<&str> {
    let name = reference.strip_prefix("#/$defs/")?;
    (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)))
        .then_some(name)
}

/// That a value is larger or deeper than what is looked at.
fn size_error(value: &Value, code: FieldCode) -> Option<FieldError> {
    if values(value) <= MOST_VALUES && depth(value) <= DEEPEST {
        return None;
    }
    let th = format!("เกิน {MOST_VALUES} ค่า หรือซ้อนเกิน {DEEPEST} ชั้น");
    let en = format!("has more than {MOST_VALUES} values, or is more than {DEEPEST} levels deep");
    Some(FieldError::at("", code.because(th, en)))
}

/// How many values a value is made of, itself and the names in it counted.
fn values(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(values).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(|field| 1 + values(field)).sum::<usize>(),
        _ => 1,
    }
}

/// How many values lie in one another.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::Language;
    use crate::domain::notation;

    #[test]
    fn a_pattern_of_a_form_is_not_told_as_one_of_ours() {
        let pole = json!({ "type": "string", "pattern": "^[0-9A-Za-z_-]+$", "examples": ["CN-0142"] });
        let schema = json!({ "type": "object", "properties": { "pole": pole } });
        let errors = Form::of(&schema.to_string()).unwrap().errors(&json!({ "pole": "?" }));
        let [error] = &errors[..] else { panic!("{errors:?}") };
        assert_eq!(error.message.localized(Language::English), "must be written as its example such as CN-0142");
    }

    #[test]
    fn a_text_that_is_not_of_its_format_is_told_an_example_of_it() {
        for format in FORMATS {
            let validator = compile(&json!({ "type": "string", "format": format })).unwrap();
            assert!(!validator.is_valid(&json!("?")), "{format}");
            let message = notation::rule(format, None).unwrap();
            for (language, leads) in [(Language::Thai, " เช่น "), (Language::English, " such as ")] {
                let (_, example) = message.localized(language).rsplit_once(leads).unwrap();
                assert!(validator.is_valid(&json!(example)), "{format}: {example}");
            }
        }
    }
}
