//! Cryptography: sealing under keys, signed notes, keys and their files.

pub mod aead;
pub mod keys;
pub mod owner_file;
pub mod signed_note;
