//! Validates bodies and queries against the schemas that the OpenAPI document publishes, and reports all errors at
//! once.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use chrono::DateTime;
use jsonschema::{PatternOptions, ValidationError, ValidationOptions, Validator};
use serde_json::{Map, Value, json};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};
use zeroize::Zeroize;

use super::describe::errors;
use crate::domain::contact::is_email;
use crate::domain::dates::{is_date, is_instant};
use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::suggestion::{did_you_mean, nearest};
use crate::domain::text::{VISIBLE, cleaned};
use crate::error::{FieldError, Location};

type Shapes<T> = LazyLock<RwLock<HashMap<TypeId, Arc<T>>>>;

/// Bytes of a compiled pattern.
const PATTERN_SIZE: usize = 1 << 16;

static BODIES: Shapes<Shape> = LazyLock::new(RwLock::default);
static QUERIES: Shapes<QueryShape> = LazyLock::new(RwLock::default);

/// Each shape is compiled when it is first needed.
fn cached<K: 'static, T>(shapes: &Shapes<T>, compile: impl FnOnce() -> T) -> Arc<T> {
    let id = TypeId::of::<K>();
    if let Some(shape) = shapes.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return shape.clone();
    }
    let shape = Arc::new(compile());
    shapes.write().unwrap_or_else(PoisonError::into_inner).insert(id, shape.clone());
    shape
}

/// How schemas are read, ours and those of forms: formats are checked, and patterns in linear time.
pub fn options() -> ValidationOptions<'static> {
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_SIZE))
        .with_format("date", is_date)
        .with_format("date-time", is_instant)
        .with_format("email", is_email)
}

/// A schema, and what checks values against it.
pub struct Shape {
    pub schema: Value,
    pub validator: Validator,
    /// Whether it is one of ours: only then its patterns mean what `domain::notation` says of them.
    pub is_ours: bool,
}

impl Shape {
    /// One of ours, which may refer to the published ones.
    #[expect(clippy::expect_used, reason = "our own schemas are all compiled by a test")]
    fn ours(schema: Value) -> Self {
        let mut whole = schema.clone();
        whole["components"] = json!({ "schemas": super::published() });
        Self { validator: options().build(&whole).expect("a schema of ours is valid"), schema, is_ours: true }
    }

    /// The schema that has the broken keyword.
    pub fn schema_of(&self, error: &ValidationError<'_>) -> Option<&Value> {
        let (place, _) = error.schema_path().as_str().rsplit_once('/')?;
        match place.strip_prefix("/components/schemas") {
            Some(place) => super::published().pointer(place),
            None => self.schema.pointer(place),
        }
    }

    /// The example of the patterned text that an error is about.
    pub fn example(&self, error: &ValidationError<'_>) -> Option<&str> {
        let schema = self.schema_of(error);
        let schema = schema.filter(|schema| schema["pattern"].is_string() && schema["pattern"] != VISIBLE)?;
        let example = schema["examples"][0].as_str().or(schema["example"].as_str());
        example.filter(|example| example.len() <= LONGEST_EXAMPLE)
    }
}

/// Bytes of an example that a message has.
const LONGEST_EXAMPLE: usize = 60;

/// Everything that keeps `body` from being a `T`, by the schema of `T`.
pub fn body_errors<T: ToSchema + 'static>(body: &Value) -> Vec<FieldError> {
    errors(&cached::<T, _>(&BODIES, || Shape::ours(json!(T::schema()))), body)
}

/// What the parameters of an operation may be.
pub struct QueryShape {
    kinds: HashMap<String, Kind>,
    shape: Shape,
}

/// How the text of a parameter is read.
enum Kind {
    Integer,
    Boolean,
    Text,
    /// Several values with commas between.
    Several(Box<Kind>),
}

impl Kind {
    fn of(schema: &Value) -> Self {
        let is = |kind: &str| {
            schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds.contains(&json!(kind)))
        };
        match () {
            () if is("integer") => Self::Integer,
            () if is("boolean") => Self::Boolean,
            () if is("array") => Self::Several(Box::new(Self::of(&schema["items"]))),
            () => Self::Text,
        }
    }

    /// A text as the value that is meant; what is none stays text, which the schema refuses.
    fn value(&self, text: &str) -> Value {
        match self {
            Self::Integer => canonical_integer(text),
            Self::Boolean => text.parse().map_or(json!(text), Value::Bool),
            Self::Several(one) => text.split(',').filter(|item| !item.is_empty()).map(|item| one.value(item)).collect(),
            Self::Text => json!(text),
        }
    }
}

impl QueryShape {
    pub fn of<T: IntoParams + 'static>() -> Arc<Self> {
        cached::<T, _>(&QUERIES, || Self::compile(T::into_params(|| Some(ParameterIn::Query))))
    }

    fn compile(parameters: Vec<Parameter>) -> Self {
        let parameters: Vec<Value> = parameters.into_iter().map(|parameter| json!(parameter)).collect();
        let named = |parameter: &Value| parameter["name"].as_str().unwrap_or_default().to_owned();
        let properties: Map<String, Value> =
            parameters.iter().map(|parameter| (named(parameter), parameter["schema"].clone())).collect();
        let required: Vec<String> =
            parameters.iter().filter(|parameter| parameter["required"] == true).map(named).collect();
        let kinds = properties.iter().map(|(name, schema)| (name.clone(), Kind::of(schema))).collect();
        let schema =
            json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
        Self { kinds, shape: Shape::ours(schema) }
    }

    /// The query as JSON values, or everything that is wrong with it.
    pub fn read(&self, query: &str) -> Result<Value, Vec<FieldError>> {
        let mut values = Map::new();
        let mut wrong = Vec::new();
        for (name, text) in url::form_urlencoded::parse(query.as_bytes()) {
            // A field of a form that was left empty.
            if text.is_empty() && self.kinds.contains_key(&*name) {
                continue;
            }
            let value = self.kinds.get(&*name).unwrap_or(&Kind::Text).value(&text);
            if values.insert(name.to_string(), value).is_some() {
                wrong.push(FieldError::parameter(
                    &name,
                    FieldCode::Duplicate.because(
                        "ระบุได้ครั้งเดียว คั่นหลายค่าด้วยเครื่องหมายจุลภาค (,)",
                        "must be given once; separate several values by commas",
                    ),
                ));
            }
        }
        let mut values = Value::Object(values);
        normalise(&mut values);
        wrong.extend(errors(&self.shape, &values).into_iter().map(|mut error| {
            if let Location::Pointer(pointer) = &error.location {
                let name = pointer.trim_start_matches("#/").split('/').next().unwrap_or_default();
                let name = name.replace("~1", "/").replace("~0", "~");
                if error.code == FieldCode::UnknownField {
                    let known = self.kinds.keys().map(String::as_str);
                    return FieldError::parameter(&name, unknown(FieldCode::UnknownParameter, &name, known));
                }
                error.location = Location::Parameter(name);
            }
            error
        }));
        if wrong.is_empty() {
            wrong.extend(reversed_ranges(&values));
        }
        if wrong.is_empty() { Ok(values) } else { Err(wrong) }
    }
}

/// Of every two parameters `x_from` and `x_to`: that the second is before the first. Such a list would be empty for no reason that
/// is seen.
fn reversed_ranges(values: &Value) -> Vec<FieldError> {
    let ends = values.as_object().into_iter().flatten().filter_map(|(name, end)| {
        let from = format!("{}_from", name.strip_suffix("_to")?);
        let start = values.get(&from)?;
        let is_reversed = match (start, end) {
            (Value::String(start), Value::String(end)) => {
                let instant = |text: &str| DateTime::parse_from_rfc3339(text).ok();
                // Dates are in the order of their characters, instants with their offsets are not.
                instant(start).zip(instant(end)).map_or(end < start, |(start, end)| end < start)
            }
            _ => start.as_i64().zip(end.as_i64()).is_some_and(|(start, end)| end < start),
        };
        is_reversed.then(|| {
            let (th, en) = (format!("ต้องไม่ก่อน {from}"), format!("must not be before {from}"));
            FieldError::parameter(name, FieldCode::BeforeStart.because(th, en))
        })
    });
    ends.collect()
}

/// Values as they are checked: texts cleaned and without outer blanks, whole numbers as integers (1.0 is one, says JSON Schema).
pub fn normalise(value: &mut Value) {
    walk(value, |text| {
        let mut text = cleaned(text);
        text.truncate(text.trim_end().len());
        text.drain(..text.len() - text.trim_start().len());
        text
    });
}

fn walk(value: &mut Value, clean: fn(&str) -> String) {
    match value {
        Value::String(text) => {
            // It may be a reporter's name, which must not stay in memory.
            let cleaned = clean(text);
            text.zeroize();
            *text = cleaned;
        }
        Value::Number(number) => {
            let whole = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() < 9e15);
            if let Some(whole) = whole {
                *number = (whole as i64).into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, clean)),
        Value::Object(fields) => {
            for (name, mut field) in std::mem::take(fields) {
                walk(&mut field, if has_outer_blanks(&name) { cleaned } else { clean });
                // A name that is lost in this way, or is there already, is told as it was sent.
                let cleaned = clean(&name);
                let is_lost = cleaned.is_empty() || fields.contains_key(&cleaned);
                fields.insert(if is_lost { name } else { cleaned }, field);
            }
        }
        _ => {}
    }
}

/// Whether blanks at the ends of a text count: they do in a password, and in a pattern of the schema of a form.
fn has_outer_blanks(field: &str) -> bool {
    field.ends_with("password") || field == "pattern"
}

/// A name as part of a JSON pointer (RFC 6901).
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// That a field is not one of those that are known, and which was meant.
pub fn unknown_field<'a>(path: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> FieldError {
    FieldError::at(path, unknown(FieldCode::UnknownField, name, known))
}

/// The same of a field or a parameter.
pub fn unknown<'a>(code: FieldCode, name: &str, known: impl IntoIterator<Item = &'a str>) -> Violation {
    let (meant_th, meant_en) = did_you_mean(nearest(name, known));
    let Violation { code, message } = code.into();
    Violation { code, message: message.followed_by(&meant_th, &meant_en) }
}

/// A number as it is normally written; anything else stays text, which the schema refuses.
fn canonical_integer(text: &str) -> Value {
    text.parse::<i64>().ok().filter(|number| number.to_string() == text).map_or(json!(text), Value::from)
}
