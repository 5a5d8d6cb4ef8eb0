//! Cryptography: sealing under keys, signed notes, keys.

pub mod aead;
pub mod keys;
pub mod signed_note;
