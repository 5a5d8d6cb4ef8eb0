//! How the OpenAPI document is completed with what is true of every operation. Knows no resource.

pub mod links;
pub mod operation;
pub mod schemas;
pub mod thai;
