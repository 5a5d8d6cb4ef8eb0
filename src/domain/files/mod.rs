//! Files that people send: their types, by what is in them; what in them is dangerous; what they tell; their names.
//! Formats are walked. Nothing is decoded, rendered or executed.

pub mod archive;
pub mod audio;
pub mod boxes;
pub mod bytes;
pub mod image;
pub mod name;
pub mod pdf;
pub mod riff;
pub mod samsung;
pub mod signature;
pub mod text;
pub mod traces;
pub mod types;
pub mod xml;
