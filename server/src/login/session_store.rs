//! Sessions in our own database, behind the trait of `tower-sessions`.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use farshore_control::store::StoreError;
use farshore_model::{Clock, Timestamp};
use farshore_store::SqlStore;
use tower_sessions::{
    Expiry, SessionManagerLayer, SessionStore,
    cookie::{SameSite, time::Duration},
    session::{Id, Record},
    session_store::{Error, Result},
};

use crate::system::SystemClock;

/// A session ends after this long without a request.
const IDLE_HOURS: i64 = 12;

/// Cookie and storage of sessions; `is_https`: the cookie is only sent over TLS.
pub(crate) fn session_layer(store: Arc<SqlStore>, is_https: bool) -> SessionManagerLayer<SqlSessions> {
    SessionManagerLayer::new(SqlSessions(store))
        .with_name("farshore_session")
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(is_https)
        .with_expiry(Expiry::OnInactivity(Duration::hours(IDLE_HOURS)))
}

#[derive(Clone)]
pub(crate) struct SqlSessions(Arc<SqlStore>);

impl fmt::Debug for SqlSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqlSessions")
    }
}

#[async_trait]
impl SessionStore for SqlSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let data = encode(record)?;
            match self.0.create_session(&record.id.to_string(), &data, expiry(record)).await {
                Ok(()) => return Ok(()),
                Err(StoreError::Taken(_)) => record.id = Id::default(),
                Err(error) => return Err(backend(&error)),
            }
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let data = encode(record)?;
        self.0
            .save_session(&record.id.to_string(), &data, expiry(record))
            .await
            .map_err(|error| backend(&error))
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let data =
            self.0.load_session(&id.to_string(), SystemClock.now()).await.map_err(|error| backend(&error))?;
        data.map(|data| serde_json::from_str(&data).map_err(|error| Error::Decode(error.to_string())))
            .transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.0.delete_session(&id.to_string()).await.map_err(|error| backend(&error))
    }
}

fn encode(record: &Record) -> Result<String> {
    serde_json::to_string(record).map_err(|error| Error::Encode(error.to_string()))
}

fn expiry(record: &Record) -> Timestamp {
    let micros = record.expiry_date.unix_timestamp_nanos() / 1_000;
    Timestamp(i64::try_from(micros).unwrap_or(i64::MAX))
}

fn backend(error: &StoreError) -> Error {
    tracing::error!(?error, "sessions could not be read or written");
    Error::Backend(error.to_string())
}
