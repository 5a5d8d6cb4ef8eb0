//! PostgreSQL: a few connections per worker with prepared statements, each query sent as soon as it is asked.

use std::cell::Cell;
use std::error::Error;

use serde::de::DeserializeOwned;
use tokio_postgres::types::{Json, ToSql};
use tokio_postgres::{Client, NoTls, Row, Statement};
use uuid::Uuid;

use crate::sql;
use crate::sql::Selects;
use crate::wire;
use crate::wire::{Measure, MeasureInput, Report, Responsible, Statistics};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

type Value<'a> = &'a (dyn ToSql + Sync);

const CONNECTIONS: usize = 8;

pub struct Postgres {
    connections: Vec<Connection>,
    next: Cell<usize>,
}

struct Connection {
    client: Client,
    page: Statement,
    one: Statement,
    year: Statement,
    agency: Statement,
    as_of: Statement,
    report_as_of: Statement,
    by_status: Statement,
    by_unit: Statement,
    begin: Statement,
    insert: Statement,
    link: Statement,
    audit: Statement,
    raise: Statement,
    commit: Statement,
}

impl Connection {
    async fn open(url: &str) -> Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        actix_web::rt::spawn(connection);
        let selects = Selects::new(sql::POSTGRES_UNITS);
        client.batch_execute(sql::AUDIT_TABLE).await?;
        Ok(Self {
            page: client.prepare(&selects.page).await?,
            one: client.prepare(&selects.one).await?,
            year: client.prepare(&selects.year).await?,
            agency: client.prepare(sql::AGENCY).await?,
            as_of: client.prepare(sql::AS_OF).await?,
            report_as_of: client.prepare(sql::REPORT_AS_OF).await?,
            by_status: client.prepare(sql::BY_STATUS).await?,
            by_unit: client.prepare(sql::BY_UNIT).await?,
            begin: client.prepare("BEGIN").await?,
            insert: client.prepare(sql::INSERT).await?,
            link: client.prepare(sql::POSTGRES_LINK).await?,
            audit: client.prepare(sql::AUDIT).await?,
            raise: client.prepare(sql::RAISE).await?,
            commit: client.prepare("COMMIT").await?,
            client,
        })
    }
}

impl Postgres {
    pub async fn new(url: &str) -> Result<Self> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(Connection::open(url).await?);
        }
        Ok(Self { connections, next: Cell::new(0) })
    }

    fn connection(&self) -> &Connection {
        self.next.set(self.next.get() + 1);
        &self.connections[self.next.get() % CONNECTIONS]
    }

    pub async fn page(&self, year: i32) -> Result<Vec<Measure>> {
        let it = self.connection();
        it.client.query(&it.page, &[&year]).await?.iter().map(measure).collect()
    }

    pub async fn one(&self, id: Uuid) -> Result<Measure> {
        let it = self.connection();
        measure(&it.client.query_one(&it.one, &[&id]).await?)
    }

    pub async fn report(&self, year: i32) -> Result<Report> {
        let it = self.connection();
        let key: [Value; 1] = [&year];
        let (changes, measures, agency) = tokio::try_join!(
            it.client.query(&it.report_as_of, &[]),
            it.client.query(&it.year, &key),
            it.client.query_one(&it.agency, &[]),
        )?;
        let measures = measures.iter().map(measure).collect::<Result<_>>()?;
        Ok(Report::new(agency.try_get(0)?, year, changes.iter().map(|row| row.get(0)).collect(), measures))
    }

    pub async fn statistics(&self, year: i32) -> Result<Statistics> {
        let it = self.connection();
        let years: [Value; 2] = [&year, &(year - 1)];
        let (changes, statuses, units) = tokio::try_join!(
            it.client.query(&it.as_of, &[]),
            it.client.query(&it.by_status, &years),
            it.client.query(&it.by_unit, &years),
        )?;
        let statuses: Vec<_> =
            statuses.iter().map(|row| (row.get(0), row.get(1), [2, 3, 4, 5].map(|column| row.get(column)))).collect();
        let unit = |row: &Row| {
            (row.get(0), [1, 2].map(|column| row.get(column)), row.get(3), [4, 5].map(|column| row.get(column)))
        };
        let units: Vec<_> = units.iter().map(unit).collect();
        Ok(Statistics::new(changes.iter().map(|row| row.get(0)).collect(), year, &statuses, &units))
    }

    /// The whole transaction goes out in one piece, so that nothing of another request can come between.
    pub async fn create(&self, input: MeasureInput) -> Result<Measure> {
        let it = self.connection();
        let client = &it.client;
        let (id, now, search) = (Uuid::now_v7(), wire::now(), input.search());
        let MeasureInput { fiscal_year, number, title, responsible, period_text, starts_on, ends_on, .. } = &input;
        let MeasureInput { methods, results, outcomes, evidence, status, topic, predecessor_id, .. } = &input;
        let (methods, results, outcomes, evidence) = (Json(methods), Json(results), Json(outcomes), Json(evidence));
        let measure_values: [Value; 17] = [
            &id,
            fiscal_year,
            number,
            title,
            &methods,
            &responsible.all_units,
            period_text,
            starts_on,
            ends_on,
            &results,
            &outcomes,
            &evidence,
            status,
            topic,
            predecessor_id,
            &search,
            &now,
        ];
        let (link, key, audit, raise): ([Value; 2], [Value; 1], [Value; 2], [Value; 1]) =
            ([&id, &responsible.units], [&id], [&now, &id], [&now]);
        let (_, _, _, row, _, _, _) = tokio::try_join!(
            biased;
            client.execute(&it.begin, &[]),
            client.execute(&it.insert, &measure_values),
            client.execute(&it.link, &link),
            client.query_one(&it.one, &key),
            client.execute(&it.audit, &audit),
            client.execute(&it.raise, &raise),
            client.execute(&it.commit, &[]),
        )?;
        measure(&row)
    }
}

fn measure(row: &Row) -> Result<Measure> {
    Ok(measure!(row, try_get, json))
}

fn json<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T> {
    Ok(row.try_get::<_, Json<T>>(column)?.0)
}
