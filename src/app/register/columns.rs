//! The columns of a register: what their cells are in the body that the API takes.

use chrono::{Datelike, NaiveDate};
use entity::codes::Code;
use serde_json::{Map, Value, json};

use super::table::{Cell, Place, UNHEADED, unheaded};
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::ERA;
use crate::domain::message::{Language, Message};
use crate::domain::suggestion::{did_you_mean, nearest};
use crate::domain::text::{folded, typed};

/// A column that a register can have.
pub struct Column {
    pub name: &'static str,
    pub th: &'static str,
    /// The heading of the same in the tables that the service exports.
    pub exported: Option<&'static str>,
    /// Where its value stands in the body.
    pub pointer: &'static str,
    pub content: Content,
    pub is_needed: bool,
}

/// What the cells of a column have.
#[derive(Clone, Copy)]
pub enum Content {
    Text,
    /// Digits, of which the first may be 0.
    Phone,
    Number,
    Date,
    /// Some codes, or their names in Thai or English.
    Codes(fn() -> Vec<&'static Code>),
    /// A field of a form: text, or a number.
    Field,
}

impl Column {
    pub const fn new(name: &'static str, th: &'static str, pointer: &'static str, content: Content) -> Self {
        Self { name, th, exported: None, pointer, content, is_needed: false }
    }

    pub const fn needed(self) -> Self {
        Self { is_needed: true, ..self }
    }

    pub const fn exported(self, heading: &'static str) -> Self {
        Self { exported: Some(heading), ..self }
    }
}

/// A column that a file has.
pub struct Head {
    pub name: String,
    pub pointer: String,
    at: usize,
    pub content: Content,
    is_needed: bool,
}

/// What is wrong in a file.
pub struct Fault {
    pub row: Option<usize>,
    /// The column by its name, and where it is.
    column: Option<(String, Option<Place>)>,
    message: String,
}

impl Fault {
    pub fn of_file(message: String) -> Self {
        Self { row: None, column: None, message }
    }

    pub fn of_row(row: usize, message: String) -> Self {
        Self { row: Some(row), column: None, message }
    }

    /// The fault of the cells of a row that have no heading.
    pub fn of_unheaded(heads: &[Head], row: &(usize, Vec<Cell>)) -> Option<Self> {
        let cells = unheaded(row, |column| heads.iter().any(|head| head.at == column))?;
        Some(Self { row: Some(row.0), column: Some((cells, None)), message: UNHEADED.to_owned() })
    }

    /// The fault of what stands at a pointer of the body that was made of a row. An addressee is missing where its name is.
    pub fn at(heads: &[Head], row: usize, pointer: &str, message: String) -> Self {
        let pointer = if pointer == "/closing/referral" { "/closing/referral/authority" } else { pointer };
        let head = heads.iter().find(|head| head.pointer == pointer);
        let column = match head {
            Some(head) => (head.name.clone(), Some(Place { column: head.at, row })),
            None => (pointer.trim_start_matches('/').replace('/', "."), None),
        };
        Self { row: Some(row), column: Some(column), message }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.row, &self.column) {
            (Some(row), Some((name, Some(place)))) => write!(f, "row {row}, column {name} ({place}): ")?,
            (Some(row), Some((name, None))) => write!(f, "row {row}, {name}: ")?,
            (Some(row), None) => write!(f, "row {row}: ")?,
            (None, _) => {}
        }
        f.write_str(&self.message)
    }
}

/// Prefix of the columns with the fields of a form.
const FORM: &str = "form.";

/// The columns of a file, by its first row.
pub fn heads(
    columns: &'static [Column],
    takes_form: bool,
    first: &(usize, Vec<Cell>),
) -> Result<Vec<Head>, Vec<Fault>> {
    let (row, cells) = first;
    let (mut heads, mut faults) = (Vec::<Head>::new(), Vec::new());
    for (at, cell) in cells.iter().enumerate().filter(|(_, cell)| **cell != Cell::Empty) {
        let place = Place { column: at, row: *row };
        let mut fault = |message: String| faults.push(Fault::of_file(format!("{place}: {message}")));
        let Cell::Text(heading) = cell else {
            fault("must be the heading of a column".to_owned());
            continue;
        };
        let (written, heading) = (heading.trim(), folded(heading.trim()));
        let is = |column: &&Column| {
            [Some(column.name), Some(column.th), column.exported]
                .into_iter()
                .flatten()
                .any(|name| folded(name) == heading)
        };
        let head = match columns.iter().find(is) {
            Some(Column { name, pointer, content, is_needed, .. }) => {
                let (name, pointer) = ((*name).to_owned(), (*pointer).to_owned());
                Head { name, pointer, at, content: *content, is_needed: *is_needed }
            }
            None if takes_form && heading.starts_with(FORM) => {
                let pointer = format!("/form/{}", written.get(FORM.len()..).unwrap_or_default());
                Head { name: written.to_owned(), pointer, at, content: Content::Field, is_needed: false }
            }
            None => {
                let (_, meant) = did_you_mean(nearest(&heading, columns.iter().map(|column| column.name)));
                fault(format!("{written} is not a column of this register{meant}"));
                continue;
            }
        };
        match heads.iter().find(|other| other.pointer == head.pointer) {
            Some(other) => fault(format!("is column {} again", other.name)),
            None => heads.push(head),
        }
    }
    let is_there = |column: &&Column| heads.iter().all(|head| head.pointer != column.pointer);
    for column in columns.iter().filter(|column| column.is_needed).filter(is_there) {
        faults.push(Fault::of_file(format!("there is no column {} ({})", column.name, column.th)));
    }
    if faults.is_empty() { Ok(heads) } else { Err(faults) }
}

/// The body that a row means, without the cells that mean nothing, and the places of those.
pub fn body<'a>(heads: &'a [Head], (_, cells): &(usize, Vec<Cell>)) -> (Value, Vec<(&'a str, String)>) {
    let (mut body, mut faults) = (Value::Object(Map::new()), Vec::new());
    for head in heads {
        let cell = cells.get(head.at).unwrap_or(&Cell::Empty);
        match value(head.content, cell) {
            Ok(None) if head.is_needed => faults.push((&*head.pointer, both(&FieldCode::Required.message()))),
            Ok(None) => {}
            Ok(Some(value)) => {
                // What is missing on the way is made by the index.
                let path = head.pointer.split('/').skip(1);
                *path.fold(&mut body, |outer, name| &mut outer[name]) = value;
            }
            Err(message) => faults.push((&*head.pointer, message)),
        }
    }
    (body, faults)
}

/// A message in both languages.
pub fn both(message: &Message) -> String {
    let [en, th] = [Language::English, Language::Thai].map(|language| message.localized(language));
    format!("{en} / {th}")
}

fn value(content: Content, cell: &Cell) -> Result<Option<Value>, String> {
    let value = match (content, cell) {
        (_, Cell::Empty) => return Ok(None),
        (_, Cell::Other(message)) => return Err((*message).to_owned()),
        (Content::Date, Cell::Day(day)) if day.year() > LATEST => {
            return Err(
                "is a date of the Gregorian year 2300 or later: the year was typed in the Buddhist era / เป็นปี ค.ศ. 2300 ขึ้นไป เพราะพิมพ์ปี พ.ศ. ในช่องวันที่".to_owned(),
            );
        }
        (Content::Date | Content::Field, Cell::Day(day)) => json!(day),
        (_, Cell::Day(_)) => return Err(IS_DATE.to_owned()),
        (Content::Phone, Cell::Number(_)) => {
            return Err(
                "is a number without its first 0: format the column as text / เลข 0 ตัวแรกหายไป โปรดจัดรูปแบบคอลัมน์เป็นข้อความ".to_owned(),
            );
        }
        (Content::Date, Cell::Text(text)) => json!(date(text)),
        (Content::Date, Cell::Number(_)) => {
            return Err(
                "must be a date, such as 24/4/2567 or 2024-04-24 / ต้องเป็นวันที่ เช่น 24/4/2567 หรือ 2024-04-24".to_owned()
            );
        }
        (Content::Number | Content::Field, Cell::Number(number)) => json!(number),
        (Content::Codes(codes), Cell::Number(number)) => json!(code(&codes(), &number.to_string())?),
        (_, Cell::Number(number)) => json!(number.to_string()),
        (Content::Number, Cell::Text(text)) => text.trim().parse::<f64>().map_or_else(|_| json!(text), |it| json!(it)),
        (Content::Codes(codes), Cell::Text(text)) => json!(code(&codes(), text)?),
        (Content::Text | Content::Phone | Content::Field, Cell::Text(text)) => json!(text),
    };
    Ok(Some(value))
}

const IS_DATE: &str = "is a date: format the column as text / เป็นวันที่ โปรดจัดรูปแบบคอลัมน์เป็นข้อความ";

/// The last Gregorian year that dates have.
const LATEST: i32 = 2299;

/// A day, month and year of the Buddhist era as the API has dates. All else is left as it is, to be refused or taken there.
fn date(text: &str) -> String {
    let typed: String = text.trim().chars().map(typed::plain).collect();
    let parts: Vec<&str> = typed.split('/').collect();
    let read = || {
        let [day, month, year] = parts[..] else { return None };
        let year: i32 = year.parse().ok().filter(|year| (LATEST + 1..=2899).contains(year))?;
        NaiveDate::from_ymd_opt(year - ERA, month.parse().ok()?, day.parse().ok()?)
    };
    read().map_or(typed.clone(), |day| day.to_string())
}

/// The code that a text is, or is the name of.
fn code(codes: &[&'static Code], text: &str) -> Result<&'static str, String> {
    let wanted = folded(text.trim());
    let is = |code: &&&Code| [code.code, &*code.label.th, &*code.label.en].iter().any(|name| folded(name) == wanted);
    let found = codes.iter().find(is).map(|code| code.code);
    found.ok_or_else(|| {
        let known: Vec<&str> = codes.iter().map(|code| code.code).collect();
        let names: Vec<_> = codes.iter().map(|code| format!("{} ({})", code.label.th, code.code)).collect();
        let (meant_th, meant_en) = did_you_mean(nearest(text.trim(), known.iter().copied()));
        let (th, en) = (names.join(", "), known.join(", "));
        format!("must be one of {en}{meant_en} / ต้องเป็นค่าใดค่าหนึ่ง: {th}{meant_th}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_of_the_gregorian_calendar_or_day_month_and_buddhist_year() {
        for (written, read) in [
            ("24/4/2567", "2024-04-24"),
            ("๒๔/๔/๒๕๖๗", "2024-04-24"),
            ("29/02/2567", "2024-02-29"),
            ("2024-04-24", "2024-04-24"),
            // The rest is refused as what it is.
            ("24/4/2024", "24/4/2024"),
            ("24/4/67", "24/4/67"),
            ("29/2/2566", "29/2/2566"),
            ("2567-04-24", "2567-04-24"),
        ] {
            assert_eq!(date(written), read);
        }
        let typed_in_excel = Cell::Day(NaiveDate::from_ymd_opt(2567, 4, 24).unwrap());
        assert!(value(Content::Date, &typed_in_excel).unwrap_err().contains("Buddhist"));
    }

    #[test]
    fn what_a_spreadsheet_made_of_text_is_refused() {
        let day = Cell::Day(NaiveDate::from_ymd_opt(1967, 1, 1).unwrap());
        for content in [Content::Text, Content::Phone, Content::Number, Content::Codes(Vec::new)] {
            assert_eq!(value(content, &day), Err(IS_DATE.to_owned()));
        }
        assert!(value(Content::Phone, &Cell::Number(812_345_678.0)).unwrap_err().contains("first 0"));
        assert_eq!(value(Content::Text, &Cell::Number(12.0)), Ok(Some(json!("12"))));
    }
}
