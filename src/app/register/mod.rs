//! Entering a register of cases that came on paper, or before the service: a row for each case. The rules are those of the API.
//!
//! All rows are checked before one is entered. Each is then entered once: the number in the register and the day of receipt tell
//! whether a case is there, so that a file can be given again after it was stopped half-way. One that is filed under something else
//! is another case.

mod columns;
mod complaints;
mod requests;
mod row;
pub mod table;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use entity::codes::Coded;
use entity::{complaint_category, e_service, unit};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::import::rows::first;
use crate::audit_log::append::Event;
use crate::audit_log::author::Author;
use crate::cases::Filing;
use crate::cases::deadline::{CaseSettings, Today};
use crate::cases::paper::Stated;
use crate::cases::tallies::{self, TallyKey};
use crate::cases::vault::Vault;
use crate::db::{Db, Write};
use crate::domain::field_code::FieldCode;
use crate::domain::fiscal_year::FiscalYear;
use crate::domain::message::Language;
use crate::domain::place::Boundary;
use crate::domain::text::folded;
use crate::domain::working_days::bangkok_day;
use crate::e_services::requests::bookings;
use crate::error::{Code, Error, Result};
use crate::references::codes_by_name;
use columns::{Column, Fault, Head, heads};
pub use complaints::Complaints;
pub use requests::ServiceRequests;
use row::Row;
use table::Rows;

/// What cases are filed with.
pub struct Office {
    pub db: Arc<Db>,
    pub vault: Vault,
    pub settings: CaseSettings,
    pub boundary: Option<Boundary>,
    /// The officer who enters them.
    pub author: Author,
    pub names: Names,
}

/// The codes of records that a register refers to, by their names.
pub struct Names {
    categories: HashMap<String, String>,
    units: HashMap<String, String>,
    e_services: HashMap<String, String>,
}

impl Names {
    pub async fn read(db: &Db) -> Result<Self> {
        let db = db.reader();
        Ok(Self {
            categories: codes_by_name::<complaint_category::Entity>(db).await?,
            units: codes_by_name::<unit::Entity>(db).await?,
            e_services: codes_by_name::<e_service::Entity>(db).await?,
        })
    }
}

/// Puts a code where its record is named.
fn as_code(codes: &HashMap<String, String>, value: &mut Value) {
    if let Some(code) = value.as_str().and_then(|name| codes.get(&folded(name.trim()))) {
        *value = json!(code);
    }
}

impl Office {
    fn filing(&self) -> Filing<'_> {
        Filing { vault: &self.vault, settings: self.settings, boundary: self.boundary.as_ref() }
    }
}

/// What tells one case of a register from the others.
type Key = (String, String, NaiveDate);

/// Codes that distinguish a case from one of another register with the same number.
type Filed = Vec<String>;

/// The cases of a kind of register.
pub trait Register: Sized + Send + 'static {
    const COLUMNS: &'static [Column];
    /// Whether rows have the fields of a form.
    const TAKES_FORM: bool;

    /// Those that are there, and what each is filed under.
    fn there(db: &Db) -> impl Future<Output = Result<HashMap<Key, Filed>>> + Send;

    /// A case, checked as the API checks it.
    fn check(office: &Office, body: Value) -> impl Future<Output = Result<Self>> + Send;

    /// Something right for a place of the body that has to have something, with the rest of the body.
    fn sample(office: &Office, place: &str, body: &Value) -> Option<Value>;

    /// Makes of a body something that needs less, so that the rest can be checked. Tells whether that was possible.
    fn excuse(_: &Office, _: &mut Value) -> bool {
        false
    }

    /// The places of which a fault explains another one.
    fn follows(place: &str, code: FieldCode) -> &'static [&'static str];

    fn key(&self) -> Key;

    /// What it is filed under.
    fn filed(&self) -> Filed;

    /// The e-service that it is a request for.
    fn service(&self) -> Option<Uuid>;

    /// Where it is counted.
    fn place(&self) -> Result<TallyKey>;

    /// What a summary calls its kind.
    fn kind(&self) -> String;

    fn insert(self, office: &Office, write: &Write) -> impl Future<Output = Result<Vec<Event>>> + Send;
}

/// Something right for what both registers have. The first day that a case can have come on has none before it, and today none after it.
fn stated_sample(office: &Office, place: &str) -> Option<Value> {
    match place {
        "/subject" | "/closing/text" | "/closing/referral/authority" => Some(json!("-")),
        "/register_no" => Some(json!(Uuid::now_v7())),
        "/received_on" => Some(json!(FiscalYear::stored(*FiscalYear::RANGE.start()).span().0)),
        "/closing/closed_on" => Some(json!(bangkok_day(office.db.now()))),
        _ => None,
    }
}

/// Somebody to whom a case can have been referred.
fn addressee() -> Value {
    json!({ "authority": "-" })
}

/// The number and day of a row, which each has.
fn identified(stated: Stated) -> Result<(String, NaiveDate)> {
    stated.register_no.zip(stated.received_on).ok_or_else(|| Code::Internal.into())
}

/// The channels through which a case came on paper.
fn on_paper<C: Coded>(online: C) -> Vec<&'static entity::codes::Code> {
    C::ALL.iter().map(|channel| channel.coded()).filter(|channel| channel.code != online.code()).collect()
}

/// What was entered, or would be.
#[derive(Default)]
pub struct Summary {
    /// By fiscal year and kind.
    pub counts: BTreeMap<(i32, String), usize>,
    /// Rows of cases that were there already.
    pub skipped: Vec<usize>,
    /// Calendar years in which cases ran, and of which usual holidays are not entered.
    pub incomplete_years: BTreeSet<i32>,
}

/// Rows that are entered in one write: others write between two of them.
const AT_ONCE: usize = 100;

/// A register that is being entered.
pub struct Import<'a> {
    pub office: Arc<Office>,
    /// Of the file, for the audit log.
    pub name: String,
    pub bar: &'a ProgressBar,
}

/// A file without faults.
pub struct Checked {
    heads: Vec<Head>,
    cases: Vec<Row>,
    pub summary: Summary,
}

impl Import<'_> {
    /// Checks all rows.
    pub async fn check<R: Register>(&self, rows: &Rows) -> Result<Checked, Vec<String>> {
        let (first, rows) = rows.split_first().ok_or_else(|| vec!["has no rows".to_owned()])?;
        let heads = heads(R::COLUMNS, R::TAKES_FORM, first).map_err(told)?;
        let (summary, cases, mut faults) = self.read::<R>(&heads, rows).await?;
        self.bar.set_length(cases.len() as u64 * 2);
        for chunk in cases.chunks(AT_ONCE) {
            faults.extend(self.write::<R>(&heads, chunk, When::Never).await?);
        }
        if faults.is_empty() { Ok(Checked { heads, cases, summary }) } else { Err(told(faults)) }
    }

    /// Enters the rows that are not there yet.
    pub async fn enter<R: Register>(&self, checked: &Checked) -> Result<(), Vec<String>> {
        for chunk in checked.cases.chunks(AT_ONCE) {
            let faults = self.write::<R>(&checked.heads, chunk, When::Right).await?;
            if !faults.is_empty() {
                return Err(told(faults));
            }
        }
        Ok(())
    }

    /// The rows that are cases and not there yet, and what is wrong with the others.
    async fn read<R: Register>(
        &self,
        heads: &[Head],
        rows: &[(usize, Vec<table::Cell>)],
    ) -> Result<(Summary, Vec<Row>, Vec<Fault>), Vec<String>> {
        let failed = |error: Error| vec![sentence(&error)];
        let there = R::there(&self.office.db).await.map_err(failed)?;
        let today = Today::read(self.office.db.reader(), self.office.db.now()).await.map_err(failed)?;
        let (mut summary, mut cases, mut faults) = (Summary::default(), Vec::new(), Vec::new());
        let mut seen: HashMap<Key, usize> = HashMap::new();
        for row in rows {
            let (mut row, found) = Row::read::<R>(&self.office, heads, row);
            faults.extend(found);
            let Some(case) = row.case::<R>(&self.office, heads, &mut faults).await else { continue };
            let key = case.key();
            if row.is_wrong_at(&["/register_no", "/received_on", "/e_service"]) {
                // It is not known whether it is another case.
            } else if let Some(earlier) = seen.insert(key.clone(), row.number) {
                faults.push(row.tell_number(
                    heads,
                    format!("is that of row {earlier}, of the same day / ซ้ำกับแถวที่ {earlier} ซึ่งรับในวันเดียวกัน"),
                ));
            } else if let Some(filed) =
                there.get(&key).filter(|_| !row.is_wrong_at(&["/kind", "/category", "/channel"]))
            {
                if *filed == case.filed() {
                    summary.skipped.push(row.number);
                    continue;
                }
                let filed = filed.join(", ");
                faults.push(row.tell_number(
                    heads,
                    format!("is that of another case of the day: {filed} / เป็นเลขของเรื่องอื่นในวันเดียวกัน: {filed}"),
                ));
            }
            if row.is_right() {
                let year = case.place().map_err(failed)?.fiscal_year;
                let closed_on = row.body["closing"]["closed_on"].as_str().and_then(|day| day.parse().ok());
                summary.incomplete_years.extend(today.incomplete_years(key.2, closed_on));
                *summary.counts.entry((year, case.kind())).or_default() += 1;
            }
            cases.push(row.with_own_number());
        }
        Ok((summary, cases, faults))
    }

    /// Files some rows in one write. Gives what is wrong with them.
    async fn write<R: Register>(&self, heads: &[Head], rows: &[Row], when: When) -> Result<Vec<Fault>, Vec<String>> {
        let failed = |error: Error| match when {
            When::Never => vec![sentence(&error)],
            When::Right => vec![format!("{}: give the file again to enter what is not there yet", sentence(&error))],
        };
        let mut cases = Vec::new();
        for row in rows {
            cases.push((row.number, R::check(&self.office, row.body.clone()).await.map_err(failed)?));
        }
        let (office, name) = (self.office.clone(), self.name.clone());
        let done = self.office.db.write(&self.office.author, move |write| async move {
            // In the order of a booking, which locks the e-service first.
            bookings::hold(&write, cases.iter().filter_map(|(_, case)| case.service()).collect()).await?;
            let places = cases.iter().map(|(_, case)| case.place()).collect::<Result<_>>()?;
            tallies::hold(&write, places).await?;
            let (mut events, mut wrong) = (Vec::new(), Vec::new());
            for (number, case) in cases {
                match case.insert(&office, &write).await {
                    Ok(of_case) => {
                        let note = json!({ "file": name, "row": number });
                        events.extend(of_case.into_iter().map(|event| event.with(note.clone())));
                    }
                    Err(error) if error.code().status() < 500 => wrong.push((number, error)),
                    Err(error) => return Err(error),
                }
            }
            if when == When::Right && wrong.is_empty() { write.commit(events, wrong) } else { Ok(wrong) }
        });
        let wrong = done.await.map_err(failed)?;
        self.bar.inc(rows.len() as u64);
        let of_row = |(number, error): &(usize, Error)| {
            let row = rows.iter().find(|row| row.number == *number);
            row.map(|row| row.faults::<R>(heads, error)).unwrap_or_default()
        };
        Ok(wrong.iter().flat_map(of_row).collect())
    }
}

/// When rows that were filed are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Never,
    Right,
}

fn sentence(error: &Error) -> String {
    if error.code() == Code::Internal { error.to_string() } else { error.localized(Language::English) }
}

/// The faults of a file in the order of its rows.
fn told(mut faults: Vec<Fault>) -> Vec<String> {
    faults.sort_by_key(|fault| fault.row);
    first(faults.iter().map(Fault::to_string).collect())
}
