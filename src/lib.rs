//! Prongsai: the integrity and transparency API of a Thai municipality. The modules, in reading order:

/// The rules: fiscal year, working days, money, statuses, texts. Pure.
pub mod domain;

// What every resource stands on.

/// Requests that are refused before they wait for the database.
pub mod admission;
/// What handlers give.
pub mod answer;
/// The application: its state, its routes, its layers, serving.
pub mod app;
/// Who asks, and what they may do.
pub mod auth;
/// Backups and restoring them.
pub mod backup;
/// Many records in one request.
pub mod batch;
/// What handlers take from a body.
pub mod body;
/// Conditional requests and the cache of public answers.
pub mod cache;
/// What complaints and service requests share.
pub mod cases;
/// Checkpoints of the audit log.
pub mod checkpoint;
/// Whether the machine's clock can be believed.
pub mod clock;
/// What impairs the service at present.
pub mod conditions;
/// Flags and environment, all faults reported at once.
pub mod config;
/// The place between two rows of a list.
pub mod cursor;
/// Connecting, migrating, and the one way to write.
pub mod db;
/// The service with sample data, for trying it out.
pub mod demo;
/// Denials, for the audit log.
pub mod denials;
/// Files that are sent.
pub mod download;
/// The outermost layer of every request.
pub mod edge;
/// Problems.
pub mod error;
/// Conditional requests.
pub mod etag;
/// What handlers take from the rest of a request.
pub mod extract;
/// Media types.
pub mod format;
/// Requests held against the published document before any handler sees them.
pub mod gate;
/// Loading the municipality's own files.
pub mod import;
/// What a service does by itself, again and again.
pub mod jobs;
/// JSON as it is taken.
pub mod json;
/// Settings that name the files of keys.
pub mod key_args;
/// The audit log.
pub mod ledger;
/// Rate limits.
pub mod limits;
/// Links between operations.
pub mod links;
/// Lists: paging, order, totals.
pub mod list;
/// Names in two languages.
pub mod name;
/// Signed notes.
pub mod note;
/// The OpenAPI document.
pub mod openapi;
/// What follows from an operation's shape.
pub mod operation;
/// Parts of queries.
pub mod query;
/// Answers that all take as long and are as large.
pub mod quiet;
/// The end of what people wrote.
pub mod retention;
/// How often each resource has changed.
pub mod revisions;
/// The document's schemas, put in order.
pub mod schemas;
/// Sealing texts under keys.
pub mod seal;
/// Bodies and queries checked against their published schemas.
pub mod shape;
/// From a signal to the end of the process.
pub mod shutdown;
/// Free space, and whether the database takes writes.
pub mod storage;
/// Tables as CSV and XLSX.
pub mod table;
/// Forms with a file.
pub mod upload;
/// Drafts, published and withdrawn records.
pub mod visibility;

// The resources.

pub mod accounts;
pub mod agency;
pub mod audit;
pub mod complaints;
pub mod e_services;
pub mod fiscal_years;
pub mod holidays;
pub mod measures;
pub mod meta;
pub mod projects;
pub mod reports;
pub mod statistics;
pub mod units;
