//! A fresh database for one test.

use farshore_store::SqlStore;
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::cluster;

pub struct TestDatabase {
    pub store: SqlStore,
    pub url: String,
    /// SQLite's file goes with the test, PostgreSQL's database with its cluster.
    _folder: Option<TempDir>,
}

impl TestDatabase {
    pub async fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}", folder.path().join("farshore.db").display());
        Self { store: SqlStore::open(&url).await.unwrap(), url, _folder: Some(folder) }
    }

    /// None when PostgreSQL is to be left out.
    pub async fn postgres() -> Option<Self> {
        let url = cluster::new_database().await?;
        Some(Self { store: SqlStore::open(&url).await.unwrap(), url, _folder: None })
    }

    pub fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    /// Another empty database on the same engine.
    pub async fn another(&self) -> Self {
        if self.is_sqlite() { Self::sqlite().await } else { Self::postgres().await.unwrap() }
    }

    /// Keeps everybody else from writing under a lease, until it is released.
    pub async fn lock_leases(&self) -> Lock {
        if self.is_sqlite() {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            connection.execute("BEGIN IMMEDIATE").await.unwrap();
            Lock::Sqlite(connection)
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            connection.execute("BEGIN").await.unwrap();
            connection.execute("UPDATE leases SET owner = owner").await.unwrap();
            Lock::Postgres(connection)
        }
    }

    /// Carries a statement out behind the store's back.
    pub async fn execute(&self, sql: &'static str) {
        if self.is_sqlite() {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            connection.execute(sql).await.unwrap();
            connection.close().await.unwrap();
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            connection.execute(sql).await.unwrap();
            connection.close().await.unwrap();
        }
    }
}

/// A transaction of somebody else's.
pub enum Lock {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Lock {
    pub async fn release(self) {
        match self {
            Self::Sqlite(mut connection) => connection.execute("ROLLBACK").await.map(drop),
            Self::Postgres(mut connection) => connection.execute("ROLLBACK").await.map(drop),
        }
        .unwrap();
    }
}
