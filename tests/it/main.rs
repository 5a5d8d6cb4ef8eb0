//! The service, tested from outside, on the database that DATABASE_URL names: a PostgreSQL cluster, or SQLite without it.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

mod agency;
mod cli;
mod concurrency;
mod contract;
mod fiscal_years;
mod measures;
mod openapi;
mod projects;
mod reports;
mod security;
mod statistics;
mod storage;
mod tidy;
mod units;
mod wire;
