//! How the OpenAPI document is completed with what is true of every operation. Knows no resource.

pub mod examples;
pub mod links;
pub mod operation;
pub mod schemas;
pub mod served;
pub mod thai;
pub mod yaml;
