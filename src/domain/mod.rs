//! The rules, pure: no web, no database, no clock. Whatever they need to know comes in as an argument.

pub mod approval;
pub mod baht;
pub mod complaint;
pub mod count;
pub mod disclosure;
pub mod field_code;
pub mod files;
pub mod fiscal_year;
pub mod identity;
pub mod merkle;
pub mod message;
pub mod name;
pub mod place;
pub mod publication;
pub mod receipt;
pub mod retention;
pub mod rule;
pub mod service_request;
pub mod status;
pub mod tally;
pub mod text;
pub mod thai;
pub mod units;
pub mod workflow;
pub mod working_days;
