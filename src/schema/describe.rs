//! Errors of the schema validator, as our codes and messages in both languages.

use std::collections::HashSet;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::validate::{Shape, escaped, unknown_field};
use crate::domain::dates;
use crate::domain::field_code::{FieldCode, Violation};
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::message::Message;
use crate::domain::notation;
use crate::domain::suggestion::{did_you_mean, nearest};
use crate::domain::text::{VISIBLE, typed};
use crate::error::{FieldError, MAX_ERRORS};

/// Everything that keeps a value from being what a schema says.
pub fn errors(shape: &Shape, value: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for error in shape.validator.iter_errors(value).take(MAX_ERRORS) {
        describe(shape, &error, &mut errors);
    }
    // What is of another type breaks other rules only by that.
    let places = |code: FieldCode| errors.iter().filter(move |error| error.code == code).map(|error| &error.location);
    let of_another_type: HashSet<_> = places(FieldCode::WrongType).cloned().collect();
    errors.retain(|error| error.code == FieldCode::WrongType || !of_another_type.contains(&error.location));
    // An empty text is both too short and without anything to see: one is enough.
    let mut seen = HashSet::new();
    errors.retain(|error| seen.insert((error.location.clone(), error.code)));
    errors
}

/// How many of the allowed values a message lists, and in how many characters.
const MOST_OPTIONS: usize = 20;
const LONGEST_OPTIONS: usize = 1000;

/// Bytes of a number that a message repeats. Longer ones are somebody's, such as that of a citizen.
const LONGEST_NUMBER: usize = 12;

/// Converts an error of the schema validator to our codes and messages.
fn describe(shape: &Shape, error: &ValidationError<'_>, errors: &mut Vec<FieldError>) {
    use ValidationErrorKind as Kind;
    let path = error.instance_path().as_str();
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            let known = shape.schema_of(error).and_then(|schema| schema["properties"].as_object());
            let known = || known.into_iter().flat_map(|known| known.keys().map(String::as_str));
            errors.extend(
                unexpected.iter().map(|name| unknown_field(&format!("{path}/{}", escaped(name)), name, known())),
            );
        }
        Kind::Required { property } => {
            let path = format!("{path}/{}", property.as_str().unwrap_or_default());
            errors.push(FieldError::at(&path, FieldCode::Required));
        }
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            describe_branches(shape, (path, error.instance()), context, errors)
        }
        _ => {
            errors.push(FieldError::at(path, out_of_limits(error).unwrap_or_else(|| not_allowed(shape, error))));
        }
    }
}

/// The errors of a value that matches no branch of `oneOf` or `anyOf`. An optional object is "null or this": its errors
/// are those of the second branch.
fn describe_branches(
    shape: &Shape,
    (path, value): (&str, &Value),
    branches: &[Vec<ValidationError<'_>>],
    errors: &mut Vec<FieldError>,
) {
    // A branch that is of another type altogether is not meant.
    let is_meant = |branch: &&Vec<ValidationError<'_>>| {
        let first = branch.first();
        first.is_some_and(|it| {
            !matches!(it.kind(), ValidationErrorKind::Type { .. }) || it.instance_path().as_str() != path
        })
    };
    let meant = || branches.iter().filter(is_meant);
    let constants: Option<Vec<Choice>> =
        meant().map(|branch| branch.iter().find_map(|error| constant(shape, error, path))).collect();
    let (th, en) = match constants.filter(|constants| !constants.is_empty()) {
        Some(constants) => one_of(constants, value),
        None => {
            // What may be null is told as what else it may be.
            let is_null = |branch: &&Vec<ValidationError<'_>>| branch.first().is_some_and(is_of_null);
            let other = branches.iter().rev().find(|branch| !is_null(branch));
            match meant().next_back().or(other) {
                Some(branch) => return branch.iter().for_each(|error| describe(shape, error, errors)),
                None => mismatch(),
            }
        }
    };
    errors.push(FieldError::at(path, FieldCode::NotAllowed.because(th, en)));
}

/// Whether null alone would have been right.
fn is_of_null(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), ValidationErrorKind::Type { kind: TypeKind::Single(JsonType::Null) })
}

/// A value below the minimum or above the maximum of its schema, in length, in items or as a number.
fn out_of_limits(error: &ValidationError<'_>) -> Option<Violation> {
    use ValidationErrorKind as Kind;
    let described = match error.kind() {
        Kind::MinLength { limit: 1 } => FieldCode::Blank.because("ต้องไม่เว้นว่าง", "must not be empty"),
        Kind::MinLength { limit } => FieldCode::TooShort
            .because(format!("ต้องมีอย่างน้อย {limit} ตัวอักษร"), format!("must have at least {limit} characters")),
        Kind::MaxLength { limit } => FieldCode::TooLong
            .because(format!("ต้องไม่เกิน {limit} ตัวอักษร"), format!("must have at most {limit} characters")),
        Kind::MinItems { limit } => FieldCode::TooFew
            .because(format!("ต้องมีอย่างน้อย {limit} รายการ"), format!("must have at least {limit} items")),
        Kind::MaxItems { limit } => {
            FieldCode::TooMany.because(format!("ต้องไม่เกิน {limit} รายการ"), format!("must have at most {limit} items"))
        }
        Kind::Minimum { limit } | Kind::Maximum { limit }
            if is_year(error.instance_path().as_str()) && is_of_years(limit) =>
        {
            Violation { code: FieldCode::FiscalYearOutOfRange, message: year_hint(error.instance()) }
        }
        Kind::Minimum { limit } => {
            FieldCode::TooSmall.because(format!("ต้องไม่น้อยกว่า {limit}"), format!("must be at least {limit}"))
        }
        Kind::Maximum { limit } => {
            FieldCode::TooLarge.because(format!("ต้องไม่เกิน {limit}"), format!("must be at most {limit}"))
        }
        _ => return None,
    };
    Some(described)
}

/// A value that breaks any other rule of its schema: type, enumeration, pattern, format.
fn not_allowed(shape: &Shape, error: &ValidationError<'_>) -> Violation {
    use ValidationErrorKind as Kind;
    let (th, en) = match error.kind() {
        Kind::Type { kind } => {
            let format = shape.schema_of(error).and_then(|schema| schema["format"].as_str());
            let example = shape.example(error).or_else(|| notation::example(format?));
            return as_written(kind, error.instance(), example).unwrap_or_else(|| {
                match is_year(error.instance_path().as_str()) {
                    true => Violation { code: FieldCode::FiscalYearOutOfRange, message: year_hint(error.instance()) },
                    false => wrong_type(kind, example),
                }
            });
        }
        Kind::UniqueItems => return FieldCode::Duplicate.into(),
        Kind::Pattern { pattern } => return pattern_mismatch(shape, error, pattern),
        Kind::Format { format } => return format_mismatch(error, format),
        Kind::Constant { expected_value } => one_of([Choice::from(&**expected_value)], error.instance()),
        Kind::Enum { options } => {
            let labels = shape.schema_of(error).map(|schema| &schema["x-labels"]);
            let choice = |value| Choice { value, title: labels.and_then(|labels| named(value, labels)) };
            one_of(options.as_array().into_iter().flatten().map(choice), error.instance())
        }
        Kind::MultipleOf { multiple_of } => {
            (format!("ต้องหารด้วย {multiple_of} ลงตัว"), format!("must be a multiple of {multiple_of}"))
        }
        _ => mismatch(),
    };
    FieldCode::NotAllowed.because(th, en)
}

/// A value that is only written as another type: a number in quotation marks or in Thai digits, a text without the marks.
fn as_written(kind: &TypeKind, sent: &Value, example: Option<&str>) -> Option<Violation> {
    let can_be = |kinds: &[JsonType]| match kind {
        TypeKind::Single(kind) => kinds.contains(kind),
        TypeKind::Multiple(all) => kinds.iter().any(|kind| all.contains(*kind)),
    };
    if (sent.is_number() || sent.is_boolean()) && can_be(&[JsonType::String]) {
        let written = example.map(|example| format!(": \"{example}\"")).unwrap_or_default();
        return Some(FieldCode::WrongType.because(
            format!("ต้องเป็นข้อความในเครื่องหมายอัญประกาศ{written}"),
            format!("must be a text in quotation marks{written}"),
        ));
    }
    let is_number = |text: &String| match serde_json::from_str(text) {
        Ok(number @ Value::Number(_)) => can_be(&[JsonType::Number]) || number.is_i64() && can_be(&[JsonType::Integer]),
        _ => false,
    };
    let short = sent.as_str().filter(|text| text.len() <= LONGEST_NUMBER);
    let number: String = short.map(|text| text.chars().map(typed::plain).collect()).filter(is_number)?;
    let (th, en) = match sent == number.as_str() {
        true => ("ต้องเป็นตัวเลขโดยไม่มีเครื่องหมายอัญประกาศ", "must be a number without quotation marks"),
        false => ("ต้องเขียนด้วยเลขอารบิก", "must be written with the digits 0 to 9"),
    };
    Some(FieldCode::WrongType.because(format!("{th}: {number}"), format!("{en}: {number}")))
}

fn wrong_type(kind: &TypeKind, example: Option<&str>) -> Violation {
    let (th, en) = kinds(kind);
    match example {
        Some(example) => {
            FieldCode::WrongType.because(format!("ต้องเป็น{th} เช่น {example}"), format!("must be {en} such as {example}"))
        }
        None => FieldCode::WrongType.because(format!("ต้องเป็น{th}"), format!("must be {en}")),
    }
}

fn mismatch() -> (String, String) {
    ("ไม่เป็นไปตามแบบที่กำหนด".into(), "must be as the schema says".into())
}

/// A text that does not match a pattern. A blank text has a code of its own.
fn pattern_mismatch(shape: &Shape, error: &ValidationError<'_>, pattern: &str) -> Violation {
    if pattern == VISIBLE || error.instance().as_str().is_some_and(|text| text.trim().is_empty()) {
        return FieldCode::Blank.into();
    }
    // For tools that do not know the format, dates have a pattern as well.
    if pattern == dates::PATTERN {
        let format = shape.schema_of(error).and_then(|schema| schema["format"].as_str());
        return format_mismatch(error, format.unwrap_or_default());
    }
    let example = shape.example(error);
    let rule = notation::rule(pattern, example).filter(|_| shape.is_ours);
    match (rule, example) {
        (Some(message), _) => Violation { code: FieldCode::BadFormat, message },
        // Of the form of an e-service.
        (None, Some(example)) => FieldCode::BadFormat.because(
            format!("ต้องเขียนแบบเดียวกับตัวอย่าง เช่น {example}"),
            format!("must be written as its example such as {example}"),
        ),
        (None, None) => FieldCode::BadFormat.into(),
    }
}

/// A text that is not of its format.
fn format_mismatch(error: &ValidationError<'_>, format: &str) -> Violation {
    match format {
        "date" | "date-time" => dates::violation(error.instance().as_str().unwrap_or_default(), format),
        _ => notation::violation(format),
    }
}

/// Whether a fiscal year stands there, alone or as one of several.
fn is_year(path: &str) -> bool {
    path.trim_end_matches(|c: char| c.is_ascii_digit() || c == '/').ends_with("fiscal_year")
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

/// A value that something can have, and what people call it in Thai.
struct Choice<'a> {
    value: &'a Value,
    title: Option<String>,
}

/// A code with its Thai name.
fn named(code: &Value, labels: &Value) -> Option<String> {
    let code = code.as_str()?;
    Some(format!("{} ({code})", labels[code]["th"].as_str()?))
}

impl<'a> From<&'a Value> for Choice<'a> {
    fn from(value: &'a Value) -> Self {
        Self { value, title: None }
    }
}

/// The only value that something at a path can have.
fn constant<'a>(shape: &'a Shape, error: &'a ValidationError<'_>, path: &str) -> Option<Choice<'a>> {
    match error.kind() {
        ValidationErrorKind::Constant { expected_value } if error.instance_path().as_str() == path => {
            let title = shape.schema_of(error).and_then(|schema| schema["title"].as_str());
            let title = title.map(str::to_owned);
            Some(Choice { value: expected_value, title })
        }
        _ => None,
    }
}

/// That something is none of the values that it can have, and which was meant. People choose by the title, where there is one.
fn one_of<'a>(choices: impl IntoIterator<Item = Choice<'a>>, sent: &Value) -> (String, String) {
    let choices: Vec<_> = choices.into_iter().filter(|choice| !choice.value.is_null()).take(MOST_OPTIONS).collect();
    let values: Vec<String> = choices.iter().map(|choice| plain(choice.value)).collect();
    let titles: Vec<_> =
        choices.into_iter().zip(&values).map(|(choice, value)| choice.title.unwrap_or(value.clone())).collect();
    let listed = |all: &[String]| -> String { all.join(", ").chars().take(LONGEST_OPTIONS).collect() };
    let (th, en) = (listed(&titles), listed(&values));
    if values.len() == 1 {
        return (format!("ต้องเป็น {th}"), format!("must be {en}"));
    }
    let near = sent.as_str().and_then(|sent| nearest(sent, values.iter().map(String::as_str)));
    let (meant_th, meant_en) = did_you_mean(near);
    (format!("ต้องเป็นค่าใดค่าหนึ่ง: {th}{meant_th}"), format!("must be one of {en}{meant_en}"))
}

/// A value without JSON's quotes around a text.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Of which types something can be, where it is not nothing.
fn kinds(kind: &TypeKind) -> (String, String) {
    let name = |kind: JsonType| match kind {
        JsonType::Null => (" null", "null"),
        JsonType::Boolean => (" true หรือ false", "true or false"),
        JsonType::Integer => ("จำนวนเต็ม", "a whole number"),
        JsonType::Number => ("ตัวเลข", "a number"),
        JsonType::String => ("ข้อความ", "a text"),
        JsonType::Array => ("รายการ", "a list"),
        JsonType::Object => (" object", "an object"),
    };
    let names: Vec<_> = match kind {
        TypeKind::Single(kind) => vec![name(*kind)],
        TypeKind::Multiple(kinds) => kinds.iter().filter(|kind| *kind != JsonType::Null).map(name).collect(),
    };
    let (th, en): (Vec<_>, Vec<_>) = names.into_iter().unzip();
    (th.join(" หรือ "), en.join(" or "))
}
