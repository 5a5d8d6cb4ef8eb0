//! Recordings of sound by their containers and frames. Sound in boxes (M4A) is in `boxes`.

pub mod amr;
pub mod mpeg;
pub mod ogg;
pub mod wav;
