//! ZIP archives, and the Office documents that are such archives.

pub mod ooxml;
pub mod zip;
