//! Errors of the database, as errors for clients.

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

use crate::error::{Code, Error};

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => return Code::AlreadyExists.into(),
            // What was referred to has gone between the check and the write: the next try says so.
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => return Code::Unavailable.into(),
            _ => {}
        }
        code_of(&error).caused_by(error)
    }
}

/// The error of a deletion: what others refer to stays.
pub fn undeletable(error: DbErr, in_use: impl FnOnce() -> Error) -> Error {
    match error.sql_err() {
        Some(SqlErr::ForeignKeyConstraintViolation(_)) => in_use(),
        _ => error.into(),
    }
}

/// The code of an error of the database.
fn code_of(error: &DbErr) -> Code {
    let runtime = match error {
        DbErr::ConnectionAcquire(_) => return Code::Unavailable,
        DbErr::Conn(runtime) | DbErr::Exec(runtime) | DbErr::Query(runtime) => runtime,
        _ => return Code::Internal,
    };
    let RuntimeErr::SqlxError(error) = runtime else {
        return if matches!(error, DbErr::Conn(_)) { Code::Unavailable } else { Code::Internal };
    };
    match &**error {
        sqlx::Error::Database(error) => match error.code().as_deref() {
            // PostgreSQL: disk full, read-only transaction.
            Some("53100") => Code::StorageFull,
            Some("25006") => Code::ReadOnly,
            // Connection errors, no resources, shutdown, lost race, lock or statement timeout.
            Some(code) if code.len() == 5 => {
                let passes = ["08", "53", "57"].contains(&&code[..2]) || ["40001", "40P01", "55P03"].contains(&code);
                if passes { Code::Unavailable } else { Code::Internal }
            }
            // SQLite, the primary code in the low byte.
            Some(code) => match code.parse().map(|code: i32| code & 0xFF) {
                Ok(13) => Code::StorageFull,
                Ok(8) => Code::ReadOnly,
                // Busy, locked, no memory, interrupted, I/O error, cannot open.
                Ok(5 | 6 | 7 | 9 | 10 | 14) => Code::Unavailable,
                _ => Code::Internal,
            },
            None => Code::Internal,
        },
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Code::Unavailable,
        _ => Code::Internal,
    }
}
