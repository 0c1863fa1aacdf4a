//! The two engines behind one face: connections, transactions, and the macros that put one SQL text to either.
//!
//! sqlx's own `Any` driver knows neither UUIDs nor most other types, hence the enums here. The macros take a
//! [`Reading`] or a [`Writing`], a statement with `$1` placeholders and what to bind to them, and give
//! `Result<_, Failure>`.

use farshore_model::{Lease, Timestamp};
use sqlx::{
    PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction, pool::PoolConnection,
};

use crate::failure::{Failure, Refusal};

/// The pools.
#[derive(Clone, Debug)]
pub(crate) enum Db {
    /// SQLite has one writer at a time. `writer` holds a single connection, so that those who want to write
    /// queue here, in order, instead of polling the file's lock; readers are never held up by them (WAL).
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres(PgPool),
}

impl Db {
    pub(crate) async fn read(&self, purpose: &'static str) -> Result<Reading, Failure> {
        let connection = match self {
            Self::Sqlite { readers, .. } => readers.acquire().await.map(PooledConnection::Sqlite),
            Self::Postgres(pool) => pool.acquire().await.map(PooledConnection::Postgres),
        };
        Ok(Reading { purpose, connection: connection.map_err(|error| Failure { purpose, error })? })
    }

    pub(crate) async fn write(&self, purpose: &'static str) -> Result<Writing, Failure> {
        let transaction = match self {
            // A transaction that begins as a reader and then writes can find that another one was faster, and
            // has to start over; IMMEDIATE takes the lock at once.
            Self::Sqlite { writer, .. } => {
                writer.begin_with("BEGIN IMMEDIATE").await.map(AnyTransaction::Sqlite)
            }
            Self::Postgres(pool) => pool.begin().await.map(AnyTransaction::Postgres),
        };
        Ok(Writing { purpose, transaction: transaction.map_err(|error| Failure { purpose, error })? })
    }

    pub(crate) async fn close(&self) {
        match self {
            // The writer last: the last connection to leave empties the write-ahead log into the database.
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// What a statement is sent to.
pub(crate) enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

#[derive(Debug)]
enum PooledConnection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// A connection for reading.
#[derive(Debug)]
pub(crate) struct Reading {
    purpose: &'static str,
    connection: PooledConnection,
}

impl Reading {
    pub(crate) fn connection(&mut self) -> Connection<'_> {
        match &mut self.connection {
            PooledConnection::Sqlite(connection) => Connection::Sqlite(connection),
            PooledConnection::Postgres(connection) => Connection::Postgres(connection),
        }
    }

    pub(crate) const fn failed(&self, error: sqlx::Error) -> Failure {
        Failure { purpose: self.purpose, error }
    }
}

#[derive(Debug)]
enum AnyTransaction {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A transaction. Dropped without [`Writing::commit`] it leaves no trace.
#[derive(Debug)]
pub(crate) struct Writing {
    purpose: &'static str,
    transaction: AnyTransaction,
}

impl Writing {
    pub(crate) fn connection(&mut self) -> Connection<'_> {
        match &mut self.transaction {
            AnyTransaction::Sqlite(transaction) => Connection::Sqlite(transaction),
            AnyTransaction::Postgres(transaction) => Connection::Postgres(transaction),
        }
    }

    pub(crate) const fn failed(&self, error: sqlx::Error) -> Failure {
        Failure { purpose: self.purpose, error }
    }

    pub(crate) async fn commit(self) -> Result<(), Failure> {
        let purpose = self.purpose;
        match self.transaction {
            AnyTransaction::Sqlite(transaction) => transaction.commit().await,
            AnyTransaction::Postgres(transaction) => transaction.commit().await,
        }
        .map_err(|error| Failure { purpose, error })
    }

    /// Goes on only under a lease that nobody else has taken, and keeps it from being taken until the end of
    /// this transaction.
    pub(crate) async fn hold(&mut self, lease: &Lease) -> Result<(), Refusal> {
        self.hold_at(lease, Timestamp(i64::MIN)).await
    }

    /// The same, and the lease must not have expired at `now`.
    pub(crate) async fn hold_at(&mut self, lease: &Lease, now: Timestamp) -> Result<(), Refusal> {
        // An update that changes nothing locks the row on both engines; SQLite has no SELECT … FOR UPDATE.
        let held = execute!(
            self,
            "UPDATE leases SET owner = owner
             WHERE holder = $1 AND owner = $2 AND generation = $3 AND expires_at > $4",
            lease.holder,
            lease.owner,
            lease.generation,
            now.0,
        )?;
        if held == 1 { Ok(()) } else { Err(Refusal::LeaseLost) }
    }
}

/// Does the same with either engine's connection.
macro_rules! on_connection {
    ($on:expr, $connection:ident => $call:expr) => {
        match $on.connection() {
            $crate::db::Connection::Sqlite($connection) => $call,
            $crate::db::Connection::Postgres($connection) => $call,
        }
        .map_err(|error| $on.failed(error))
    };
}

/// Carries a statement out; gives the number of rows that it changed.
macro_rules! execute {
    ($on:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::on_connection!($on, connection => sqlx::query($sql)
            $(.bind($bind))*
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))
    };
}

/// All rows, each as a `$row`.
macro_rules! fetch_all {
    ($on:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::on_connection!($on, connection => sqlx::query_as::<_, $row>($sql)
            $(.bind($bind))*
            .fetch_all(connection)
            .await)
    };
}

/// One row or none.
macro_rules! fetch_optional {
    ($on:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::on_connection!($on, connection => sqlx::query_as::<_, $row>($sql)
            $(.bind($bind))*
            .fetch_optional(connection)
            .await)
    };
}

/// The one column of the one row.
macro_rules! scalar {
    ($on:expr, $value:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::on_connection!($on, connection => sqlx::query_scalar::<_, $value>($sql)
            $(.bind($bind))*
            .fetch_one(connection)
            .await)
    };
}

/// The one column of one row or none.
macro_rules! scalar_optional {
    ($on:expr, $value:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::on_connection!($on, connection => sqlx::query_scalar::<_, $value>($sql)
            $(.bind($bind))*
            .fetch_optional(connection)
            .await)
    };
}

pub(crate) use {execute, fetch_all, fetch_optional, on_connection, scalar, scalar_optional};
