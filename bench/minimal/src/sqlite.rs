//! SQLite: a reading connection per worker, used in the worker's thread, and one writing connection for all of them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::web::block;
use chrono::SecondsFormat;
use rusqlite::types::Type;
use rusqlite::{Connection, Error, OpenFlags, Result, Row, TransactionBehavior, params};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::sql;
use crate::sql::Selects;
use crate::wire;
use crate::wire::{Measure, MeasureInput, Report, Responsible, Statistics};

pub struct Sqlite {
    reader: Connection,
    writer: Arc<Mutex<Connection>>,
    selects: Arc<Selects>,
}

/// Opens the file as Prongsai does.
pub fn open(path: &str, read_only: bool) -> Result<Connection> {
    let access = if read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(2))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON",
    )?;
    Ok(connection)
}

impl Sqlite {
    pub fn new(path: &str, writer: Arc<Mutex<Connection>>) -> Result<Self> {
        writer.lock().expect("no writer panics").execute_batch(sql::AUDIT_TABLE)?;
        Ok(Self { reader: open(path, true)?, writer, selects: Arc::new(Selects::new(sql::SQLITE_UNITS)) })
    }

    pub fn page(&self, year: i32) -> Result<Vec<Measure>> {
        self.reader.prepare_cached(&self.selects.page)?.query_map([year], measure)?.collect()
    }

    pub fn one(&self, id: Uuid) -> Result<Measure> {
        one(&self.reader, &self.selects, id)
    }

    pub fn report(&self, year: i32) -> Result<Report> {
        let changes =
            self.reader.prepare_cached(sql::REPORT_AS_OF)?.query_map([], |row| row.get(0))?.collect::<Result<_>>()?;
        let measures =
            self.reader.prepare_cached(&self.selects.year)?.query_map([year], measure)?.collect::<Result<_>>()?;
        let agency = self.reader.prepare_cached(sql::AGENCY)?.query_row([], |row| row.get(0))?;
        Ok(Report::new(agency, year, changes, measures))
    }

    pub fn statistics(&self, year: i32) -> Result<Statistics> {
        let changes =
            self.reader.prepare_cached(sql::AS_OF)?.query_map([], |row| row.get(0))?.collect::<Result<_>>()?;
        let mut by_status = self.reader.prepare_cached(sql::BY_STATUS)?;
        let statuses = by_status.query_map([year, year - 1], |row| {
            Ok((row.get(0)?, row.get(1)?, [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?]))
        })?;
        let mut by_unit = self.reader.prepare_cached(sql::BY_UNIT)?;
        let units = by_unit.query_map([year, year - 1], |row| {
            Ok((row.get(0)?, [row.get(1)?, row.get(2)?], row.get(3)?, [row.get(4)?, row.get(5)?]))
        })?;
        let (statuses, units) = (statuses.collect::<Result<Vec<_>>>()?, units.collect::<Result<Vec<_>>>()?);
        Ok(Statistics::new(changes, year, &statuses, &units))
    }

    pub async fn create(&self, input: MeasureInput) -> Result<Measure, Box<dyn std::error::Error>> {
        let (writer, selects) = (self.writer.clone(), self.selects.clone());
        Ok(block(move || insert(&mut writer.lock().expect("no writer panics"), &selects, &input)).await??)
    }
}

fn insert(writer: &mut Connection, selects: &Selects, input: &MeasureInput) -> Result<Measure> {
    let id = Uuid::now_v7();
    let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = wire::now().to_rfc3339_opts(SecondsFormat::Millis, false);
    transaction.prepare_cached(sql::INSERT)?.execute(params![
        id,
        input.fiscal_year,
        input.number,
        input.title,
        text(&input.methods),
        input.responsible.all_units,
        input.period_text,
        input.starts_on,
        input.ends_on,
        text(&input.results),
        text(&input.outcomes),
        text(&input.evidence),
        input.status,
        input.topic,
        input.predecessor_id,
        input.search(),
        now,
    ])?;
    for (position, code) in (0_i32..).zip(&input.responsible.units) {
        transaction.prepare_cached(sql::SQLITE_LINK)?.execute(params![id, position, code])?;
    }
    let measure = one(&transaction, selects, id)?;
    transaction.prepare_cached(sql::AUDIT)?.execute(params![now, id])?;
    transaction.prepare_cached(sql::RAISE)?.execute([now])?;
    transaction.commit()?;
    Ok(measure)
}

fn one(connection: &Connection, selects: &Selects, id: Uuid) -> Result<Measure> {
    connection.prepare_cached(&selects.one)?.query_row([id], measure)
}

fn measure(row: &Row) -> Result<Measure> {
    Ok(measure!(row, get, json))
}

fn json<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?)
        .map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("lists of texts are JSON")
}
