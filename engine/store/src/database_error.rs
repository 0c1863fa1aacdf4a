//! What can be wrong with a database that was opened, each with what to do about it.

use sqlx::Error;

/// The reason inside a `Backend` error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    #[error(
        "the disk that holds the database is full; nothing of this was kept, and nothing that was kept before \
         is lost. Free some space there, then try again"
    )]
    DiskFull(#[source] Error),
    #[error(
        "the disk that holds the database did not read or write as it should; nothing that was kept before is \
         lost as far as the panel can tell. Check that disk and the space on it, then try again"
    )]
    DiskFailed(#[source] Error),
    #[error(
        "the connection to the database was lost. The last change may or may not have been kept, and trying it \
         again is safe. Check that the database server runs and can be reached; the panel connects again by \
         itself"
    )]
    ConnectionLost(#[source] Error),
    #[error(
        "no connection to the database was free, or could be made, in time; nothing of this was kept. Check \
         that the database runs and can be reached, then try again"
    )]
    NoConnection(#[source] Error),
    #[error(
        "the database was busy for too long; nothing of this was kept. Try again; if it stays so, see what else \
         uses the database"
    )]
    Busy(#[source] Error),
    #[error(
        "the database may only be read; nothing of this was kept. Give the panel's user the right to write to \
         it and to its folder, then try again"
    )]
    ReadOnly(#[source] Error),
    #[error("the database is damaged. Stop the panel and restore the last backup")]
    Damaged(#[source] Error),
    #[error(
        "a stored value could not be understood; nothing was changed. The database was written by another \
         version of the panel, or by hand: start the version that wrote it, or restore a backup"
    )]
    Unreadable(#[source] Error),
    #[error(
        "the database refused a statement; nothing of this was kept. This is a fault of the panel: report it"
    )]
    Refused(#[source] Error),
}

impl From<Error> for DatabaseError {
    fn from(error: Error) -> Self {
        match classify(&error) {
            Cause::DiskFull => Self::DiskFull(error),
            Cause::DiskFailed => Self::DiskFailed(error),
            Cause::ConnectionLost => Self::ConnectionLost(error),
            Cause::NoConnection => Self::NoConnection(error),
            Cause::Busy => Self::Busy(error),
            Cause::ReadOnly => Self::ReadOnly(error),
            Cause::Damaged => Self::Damaged(error),
            Cause::Unreadable => Self::Unreadable(error),
            Cause::Refused => Self::Refused(error),
        }
    }
}

enum Cause {
    DiskFull,
    DiskFailed,
    ConnectionLost,
    NoConnection,
    Busy,
    ReadOnly,
    Damaged,
    Unreadable,
    Refused,
}

/// The database works, and refuses or does not understand what it was given.
pub(crate) fn is_about_what_was_written(error: &Error) -> bool {
    matches!(classify(error), Cause::Unreadable | Cause::Refused)
}

fn classify(error: &Error) -> Cause {
    match error {
        Error::Io(_) | Error::Tls(_) | Error::Protocol(_) | Error::WorkerCrashed | Error::PoolClosed => {
            Cause::ConnectionLost
        }
        Error::PoolTimedOut => Cause::NoConnection,
        Error::ColumnDecode { .. } | Error::Decode(_) => Cause::Unreadable,
        Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            // SQLite's codes are numbers, PostgreSQL's always have five characters.
            match code.parse::<u32>() {
                Ok(number) if code.len() != 5 => classify_sqlite(number),
                _ => classify_postgres(&code),
            }
        }
        _ => Cause::Refused,
    }
}

/// <https://www.sqlite.org/rescode.html>; the low byte is the primary code.
fn classify_sqlite(code: u32) -> Cause {
    match code & 0xff {
        5 | 6 => Cause::Busy,
        8 => Cause::ReadOnly,
        10 | 14 => Cause::DiskFailed,
        11 | 26 => Cause::Damaged,
        13 => Cause::DiskFull,
        _ => Cause::Refused,
    }
}

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn classify_postgres(code: &str) -> Cause {
    match code {
        "53100" => Cause::DiskFull,
        "58030" => Cause::DiskFailed,
        // Too many connections, a deadlock, a lock that was not to be had in time.
        "53300" | "40P01" | "55P03" | "57014" => Cause::Busy,
        "25006" | "42501" => Cause::ReadOnly,
        "XX001" | "XX002" => Cause::Damaged,
        // The server is stopping, was killed, or is starting.
        "57P01" | "57P02" | "57P03" | "57P05" => Cause::ConnectionLost,
        code if code.starts_with("08") => Cause::ConnectionLost,
        _ => Cause::Refused,
    }
}

#[cfg(test)]
mod tests;
