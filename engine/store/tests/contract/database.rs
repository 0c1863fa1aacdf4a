//! A fresh database for one test.

use farshore_store::SqlStore;
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

    /// Carries a statement out behind the store's back.
    pub async fn execute(&self, sql: &'static str) {
        use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
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
