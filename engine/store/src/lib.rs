//! The SQL store: everything that Farshore keeps, in SQLite or in PostgreSQL.
//!
//! # What it promises
//! - **What returns is committed**, and flushed to the disk: a create's intent that was written here survives
//!   a power cut. (On PostgreSQL as far as `synchronous_commit` of the server says so, which is its default.)
//! - **One SQL text for both engines.** Each statement is written once, and the contract suite in `tests/`
//!   puts every test to both.
//! - **A lost lease cannot write.** Whatever takes a [`Lease`](farshore_model::Lease) checks owner and
//!   generation in the transaction that writes, holding the lease's row until it is committed. A lease that
//!   expired is refused from the moment in which somebody else takes it, or it is revoked; where a write
//!   carries the time, from its expiry.
//! - **Nothing is half written.** What one method changes, it changes in one transaction.
//!
//! Values that are read as a whole (a plan's item, a journal's event) are JSON in TEXT columns on both engines:
//! that keeps the SQL the same, gives back exactly what was put in, and takes the `\u0000` that JSONB refuses.

mod audit;
mod batch;
mod column;
mod comparison;
mod database_error;
mod db;
mod department;
mod failure;
mod fence;
mod group;
mod group_commit;
mod history;
mod lease;
mod ledger;
mod ledger_view;
mod open;
mod outcome;
mod pairing;
mod partial_sync;
mod people_comparison;
mod person;
mod plan;
mod run;
mod search;
mod session;
mod settings;
mod sync_run;
mod workspace;

use std::sync::Arc;

pub use database_error::DatabaseError;
pub use open::OpenError;

use db::{Db, Reading, Writing};
use failure::Failure;
use group_commit::Group;

/// The store, on one database. Cloning it is cheap and gives another handle on the same one.
#[derive(Clone, Debug)]
pub struct SqlStore {
    db: Db,
    group: Arc<Group>,
}

impl SqlStore {
    /// Answers when the database does.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        let mut reading = self.read("answer").await.map_err(Failure::into_error)?;
        db::scalar!(reading, i64, "SELECT CAST(1 AS BIGINT)").map_err(Failure::into_error)?;
        Ok(())
    }

    /// Waits until nothing is under way and closes every connection.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// A connection to read from. `purpose` completes the sentence "the database could not …".
    pub(crate) async fn read(&self, purpose: &'static str) -> Result<Reading, Failure> {
        self.db.read(purpose).await
    }

    /// A transaction to write in. `purpose` completes the sentence "the database could not …".
    pub(crate) async fn write(&self, purpose: &'static str) -> Result<Writing, Failure> {
        self.db.write(purpose).await
    }
}
