//! Files that people send: their types, by what is in them, and their names.

pub mod image;
pub mod name;
pub mod types;
pub mod zip;
