//! The tables, one file each: the row as it is stored and the enums stored in it.
//!
//! No queries and no rules live here. A `Model` is never what a client sees: each resource's `dto.rs` decides that.

pub mod agency;
pub mod audit_event;
pub mod idempotency_key;
pub mod measure;
pub mod measure_unit;
pub mod project;
pub mod revision;
pub mod state;
pub mod texts;
pub mod unit;
