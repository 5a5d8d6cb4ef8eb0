//! Prongsai: the integrity and transparency API of a Thai municipality. The layers, the lowest first: a module uses those above it
//! in this list, and resources never use each other.

/// Pure rules: fiscal year, working days, money, statuses, texts, files. No web, no database, no clock.
pub mod domain;

/// Errors with their codes; codes of fields are in domain/field_code.rs.
pub mod error;

/// Revision numbers of resources.
pub mod revisions;

/// Conditions that impair the service, shown at `/health/ready`.
pub mod conditions;

/// Authenticated encryption, signed notes, keys.
pub mod crypto;

/// The audit log: authors, events, checkpoints.
pub mod audit_log;

/// The database: connecting, migrating, and the one way to write.
pub mod db;

/// Whether the machine's clock can be trusted.
pub mod clock;

/// Fetching what others publish on the web.
pub mod fetch;

/// Authentication and authorisation.
pub mod auth;

/// Bodies and queries checked against the published schemas.
pub mod schema;

/// Requests, responses and the middlewares between them.
pub mod http;

/// How the OpenAPI document is completed.
pub mod openapi;

/// Publication state: draft, published, unpublished.
pub mod publication;

/// References to units, complaint categories and e-services by their code.
pub mod references;

/// Evidence of what was done: links and public files.
pub mod evidence;

/// What complaints and service requests share.
pub mod cases;

/// What every handler can reach.
pub mod state;

// The resources.

pub mod accounts;
pub mod agency;
pub mod challenges;
pub mod code_lists;
pub mod complaints;
pub mod conversions;
pub mod e_services;
pub mod file_inspections;
pub mod fiscal_years;
pub mod guides;
pub mod ita;
pub mod links;
pub mod measures;
pub mod meta;
pub mod posts;
pub mod projects;
pub mod public_files;
pub mod report_frames;
pub mod reported_figures;
pub mod units;

// Those that read many resources.

pub mod audit;
pub mod holidays;
pub mod reports;
pub mod retention;
pub mod statistics;
pub mod work;

// What is signed and published of them.

pub mod publications;

// What has changed in all of these.

pub mod changes;

/// The application as a whole: build, routes, document, server, jobs, configuration.
pub mod app;

/// Backups and restoring them.
pub mod backup;
