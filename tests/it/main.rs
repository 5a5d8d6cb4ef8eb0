//! The service, tested from outside, on the database that DATABASE_URL names: a PostgreSQL cluster, or SQLite without it.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::too_many_lines, reason = "a test may be a long table, or a story that is read from its beginning")]

mod support;

mod access;
mod accounts;
mod agency;
mod approvals;
mod attachments;
mod audit;
mod backup;
mod blocking;
mod cli;
mod complaint_statistics;
mod complaints;
mod concurrency;
mod contract;
mod cors;
mod dependencies;
mod disagreements;
mod durability;
mod e_service_statistics;
mod e_services;
mod errors;
mod failed_logins;
mod fiscal_years;
mod holidays;
mod honest;
mod identity;
mod indexes;
mod kept_responses;
mod lookup_padding;
mod measures;
mod new_resource;
mod oidc;
mod open311;
mod openapi;
mod oracles;
mod pooler;
mod problems;
mod projects;
mod rate_limit;
mod reports;
mod restore;
mod retention;
mod second_person;
mod secrets;
mod security;
mod service_requests;
mod shutdown;
mod statements;
mod statistics;
mod storage;
mod tidy;
mod units;
mod wire;
