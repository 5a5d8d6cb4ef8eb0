//! Validates bodies and queries against the schemas that the OpenAPI document publishes, and reports all errors at
//! once.

use std::any::TypeId;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, PatternOptions, ValidationError, ValidationOptions, Validator};
use serde_json::{Map, Value, json};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};
use zeroize::Zeroize;

use crate::domain::contact::is_email;
use crate::domain::dates::{self, is_date, is_instant};
use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::message::Message;
use crate::domain::text::cleaned;
use crate::error::{FieldError, Location, MAX_ERRORS};

type Shapes<T> = LazyLock<RwLock<HashMap<TypeId, Arc<T>>>>;

/// Bytes of a compiled pattern.
const PATTERN_SIZE: usize = 1 << 16;

static BODIES: Shapes<Validator> = LazyLock::new(RwLock::default);
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

#[expect(clippy::expect_used, reason = "our own schemas are all compiled by a test")]
fn compile(schema: &Value) -> Validator {
    options().build(schema).expect("a schema of ours is valid")
}

/// Everything that keeps `body` from being a `T`, by the schema of `T`.
pub fn body_errors<T: ToSchema + 'static>(body: &Value) -> Vec<FieldError> {
    let shape = cached::<T, _>(&BODIES, || {
        let mut schema = json!(T::schema());
        schema["components"] = json!({ "schemas": super::published() });
        compile(&schema)
    });
    errors(&shape, body)
}

/// What the parameters of an operation may be.
pub struct QueryShape {
    kinds: HashMap<String, Kind>,
    validator: Validator,
}

/// How the text of a parameter is read.
enum Kind {
    Integer,
    Boolean,
    Text,
    /// Several values with commas between.
    Several,
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
        let kinds = properties
            .iter()
            .map(|(name, schema)| {
                let is = |kind: &str| {
                    schema["type"] == kind
                        || schema["type"].as_array().is_some_and(|kinds| kinds.contains(&json!(kind)))
                };
                let kind = match () {
                    () if is("integer") => Kind::Integer,
                    () if is("boolean") => Kind::Boolean,
                    () if is("array") => Kind::Several,
                    () => Kind::Text,
                };
                (name.clone(), kind)
            })
            .collect();
        let schema =
            json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
        Self { kinds, validator: compile(&schema) }
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
            let value = match self.kinds.get(&*name) {
                Some(Kind::Integer) => canonical_integer(&text),
                Some(Kind::Boolean) => text.parse().map_or(json!(text), Value::Bool),
                Some(Kind::Several) => text.split(',').map(Value::from).collect(),
                Some(Kind::Text) | None => json!(text),
            };
            if values.insert(name.to_string(), value).is_some() {
                wrong.push(FieldError::parameter(
                    &name,
                    FieldCode::Duplicate.because(
                        "ระบุได้ครั้งเดียว คั่นหลายค่าด้วยจุลภาค",
                        "may be given once; separate several values by commas",
                    ),
                ));
            }
        }
        let mut values = Value::Object(values);
        normalise(&mut values);
        wrong.extend(errors(&self.validator, &values).into_iter().map(|mut error| {
            if let Location::Pointer(pointer) = &error.location {
                let name = pointer.trim_start_matches("#/").split('/').next().unwrap_or_default();
                error.location = Location::Parameter(name.replace("~1", "/").replace("~0", "~"));
            }
            if error.code == FieldCode::UnknownField {
                error = FieldError::new(error.location, FieldCode::UnknownParameter);
            }
            error
        }));
        if wrong.is_empty() { Ok(values) } else { Err(wrong) }
    }
}

/// Values as they are checked: texts cleaned and without outer blanks, whole numbers as integers (1.0 is one, says JSON Schema).
pub fn normalise(value: &mut Value) {
    walk(value, |text| cleaned(text).trim().to_owned());
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
            for (name, field) in fields {
                walk(field, if has_outer_blanks(name) { cleaned } else { clean });
            }
        }
        _ => {}
    }
}

/// Whether blanks at the ends of a text count: they do in a password, and in a pattern of the schema of a form.
fn has_outer_blanks(field: &str) -> bool {
    field.ends_with("password") || field == "form_schema"
}

/// A name as part of a JSON pointer (RFC 6901).
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

pub fn unknown_field(path: &str) -> FieldError {
    FieldError::at(path, FieldCode::UnknownField)
}

/// A number as it is normally written; anything else stays text, which the schema refuses.
fn canonical_integer(text: &str) -> Value {
    text.parse::<i64>().ok().filter(|number| number.to_string() == text).map_or(json!(text), Value::from)
}

/// Everything that keeps a value from being what a schema says.
pub fn errors(shape: &Validator, value: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for error in shape.iter_errors(value).take(MAX_ERRORS) {
        describe(&error, &mut errors);
    }
    // An empty text is both too short and without anything to see: one is enough.
    let mut seen = HashSet::new();
    errors.retain(|error| seen.insert((error.location.clone(), error.code)));
    errors
}

/// How many of the allowed values a message lists, and in how many characters.
const MOST_OPTIONS: usize = 20;
const LONGEST_OPTIONS: usize = 500;

/// Converts an error of the schema validator to our codes and messages.
fn describe(error: &ValidationError<'_>, errors: &mut Vec<FieldError>) {
    use ValidationErrorKind as Kind;
    let path = error.instance_path().as_str();
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            errors.extend(unexpected.iter().map(|name| unknown_field(&format!("{path}/{}", escaped(name)))));
        }
        Kind::Required { property } => {
            let path = format!("{path}/{}", property.as_str().unwrap_or_default());
            errors.push(FieldError::at(&path, FieldCode::Required));
        }
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => describe_branches(path, context, errors),
        _ => {
            errors.push(FieldError::at(path, out_of_limits(error).unwrap_or_else(|| not_allowed(error))));
        }
    }
}

/// The errors of a value that matches no branch of `oneOf` or `anyOf`. An optional object is "null or this": its errors
/// are those of the second branch.
fn describe_branches(path: &str, branches: &[Vec<ValidationError<'_>>], errors: &mut Vec<FieldError>) {
    // A branch that is of another type altogether is not meant.
    let is_meant = |branch: &&Vec<ValidationError<'_>>| {
        let first = branch.first();
        first.is_some_and(|it| {
            !matches!(it.kind(), ValidationErrorKind::Type { .. }) || it.instance_path().as_str() != path
        })
    };
    let meant = || branches.iter().filter(is_meant);
    let constants: Option<Vec<&Value>> =
        meant().map(|branch| branch.iter().find_map(|error| constant(error, path))).collect();
    let (th, en) = match constants.filter(|constants| !constants.is_empty()) {
        Some(constants) => one_of(constants),
        None => match meant().next_back().or(branches.last()) {
            Some(branch) => return branch.iter().for_each(|error| describe(error, errors)),
            None => mismatch(),
        },
    };
    errors.push(FieldError::at(path, FieldCode::NotAllowed.because(th, en)));
}

/// A value below the minimum or above the maximum of its schema, in length, in items or as a number.
fn out_of_limits(error: &ValidationError<'_>) -> Option<Violation> {
    use ValidationErrorKind as Kind;
    let described =
        match error.kind() {
            Kind::MinLength { limit: 1 } => FieldCode::Blank.because("ต้องไม่ว่าง", "must not be empty"),
            Kind::MinLength { limit } => FieldCode::TooShort
                .because(format!("สั้นกว่า {limit} ตัวอักษร"), format!("is shorter than {limit} characters")),
            Kind::MaxLength { limit } => FieldCode::TooLong
                .because(format!("ยาวเกิน {limit} ตัวอักษร"), format!("is longer than {limit} characters")),
            Kind::MinItems { limit } => {
                FieldCode::TooFew.because(format!("น้อยกว่า {limit} รายการ"), format!("has fewer than {limit} items"))
            }
            Kind::MaxItems { limit } => {
                FieldCode::TooMany.because(format!("เกิน {limit} รายการ"), format!("has more than {limit} items"))
            }
            Kind::Minimum { limit } | Kind::Maximum { limit }
                if error.instance_path().as_str().ends_with("fiscal_year") && is_of_years(limit) =>
            {
                Violation { code: FieldCode::FiscalYearOutOfRange, message: year_hint(error.instance()) }
            }
            Kind::Minimum { limit } => {
                FieldCode::TooSmall.because(format!("น้อยกว่า {limit}"), format!("is less than {limit}"))
            }
            Kind::Maximum { limit } => {
                FieldCode::TooLarge.because(format!("มากกว่า {limit}"), format!("is more than {limit}"))
            }
            _ => return None,
        };
    Some(described)
}

/// A value that breaks any other rule of its schema: type, enumeration, pattern, format.
fn not_allowed(error: &ValidationError<'_>) -> Violation {
    use ValidationErrorKind as Kind;
    let (th, en) = match error.kind() {
        Kind::Type { kind } => {
            let (th, en) = kinds(kind);
            return FieldCode::WrongType.because(format!("ต้องเป็น{th}"), format!("must be {en}"));
        }
        Kind::UniqueItems => return FieldCode::Duplicate.into(),
        Kind::Pattern { .. } => return pattern_mismatch(error.instance().as_str().unwrap_or_default()),
        Kind::Format { format } if matches!(&**format, "date" | "date-time") => {
            return dates::violation(error.instance().as_str().unwrap_or_default(), format);
        }
        Kind::Format { format } => {
            return FieldCode::BadFormat.because(format!("ต้องเป็นรูปแบบ {format}"), format!("must be a valid {format}"));
        }
        Kind::Constant { expected_value } => one_of([&**expected_value]),
        Kind::Enum { options } => one_of(options.as_array().into_iter().flatten()),
        Kind::MultipleOf { multiple_of } => {
            (format!("ต้องหารด้วย {multiple_of} ลงตัว"), format!("must be a multiple of {multiple_of}"))
        }
        _ => mismatch(),
    };
    FieldCode::NotAllowed.because(th, en)
}

fn mismatch() -> (String, String) {
    ("ไม่ตรงรูปแบบ".into(), "does not match the schema".into())
}

/// A text that does not match a pattern. A blank text has a code of its own.
fn pattern_mismatch(text: &str) -> Violation {
    if text.trim().is_empty() { FieldCode::Blank.into() } else { FieldCode::BadFormat.into() }
}

/// Whether a limit is that of fiscal years.
fn is_of_years(limit: &Value) -> bool {
    [FiscalYear::RANGE.start(), FiscalYear::RANGE.end()].iter().any(|year| *limit == **year)
}

pub fn year_hint(value: &Value) -> Message {
    match value.as_i64().and_then(FiscalYear::meant_by) {
        Some(meant) => Message::new(
            format!("{value} เป็นปี ค.ศ. ให้ใช้ปี พ.ศ. {meant}"),
            format!("{value} is a Gregorian year: write the Buddhist-era year {meant}"),
        ),
        None => FieldCode::FiscalYearOutOfRange.message(),
    }
}

/// The only value that something at a path can have.
fn constant<'a>(error: &'a ValidationError<'_>, path: &str) -> Option<&'a Value> {
    match error.kind() {
        ValidationErrorKind::Constant { expected_value } if error.instance_path().as_str() == path => {
            Some(expected_value)
        }
        _ => None,
    }
}

/// That something is none of the values that it can have.
fn one_of<'a>(options: impl IntoIterator<Item = &'a Value>) -> (String, String) {
    let options = options.into_iter().filter(|option| !option.is_null());
    let options: Vec<String> = options.take(MOST_OPTIONS).map(plain).collect();
    let listed: String = options.join(", ").chars().take(LONGEST_OPTIONS).collect();
    if options.len() == 1 {
        return (format!("ต้องเป็น {listed}"), format!("must be {listed}"));
    }
    (format!("ต้องเป็นค่าใดค่าหนึ่งใน {listed}"), format!("must be one of {listed}"))
}

/// A value without JSON's quotes around a text.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Of which types something can be, where it is not nothing.
fn kinds(kind: &TypeKind) -> (String, String) {
    let name = |kind: JsonType| match kind {
        JsonType::Null => ("null", "null"),
        JsonType::Boolean => ("true หรือ false", "true or false"),
        JsonType::Integer => ("จำนวนเต็ม", "a whole number"),
        JsonType::Number => ("ตัวเลข", "a number"),
        JsonType::String => ("ข้อความ", "a text"),
        JsonType::Array => ("รายการ", "a list"),
        JsonType::Object => ("object", "an object"),
    };
    let names: Vec<_> = match kind {
        TypeKind::Single(kind) => vec![name(*kind)],
        TypeKind::Multiple(kinds) => kinds.iter().filter(|kind| *kind != JsonType::Null).map(name).collect(),
    };
    let (th, en): (Vec<_>, Vec<_>) = names.into_iter().unzip();
    (th.join(" หรือ "), en.join(" or "))
}
