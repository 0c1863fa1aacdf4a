//! Sessions of the web interface. What is in them is the server's business.

use farshore_control::store::StoreError;
use farshore_model::Timestamp;

use crate::{
    SqlStore,
    db::{execute, scalar_optional},
};

impl SqlStore {
    /// What was saved under the id; None when there is no such session or it has expired by `now`.
    pub async fn load_session(&self, id: &str, now: Timestamp) -> Result<Option<String>, StoreError> {
        let mut reading = self.read("read the session").await?;
        Ok(scalar_optional!(
            reading,
            String,
            "SELECT data FROM sessions WHERE id = $1 AND expires_at > $2",
            id,
            now.0,
        )?)
    }

    /// Keeps a new session; `Taken("session")` when the id is in use, be it by an expired one.
    pub async fn create_session(
        &self,
        id: &str,
        data: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut writing = self.write("keep the session").await?;
        let created = execute!(
            writing,
            "INSERT INTO sessions (id, data, expires_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
            id,
            data,
            expires_at.0,
        )?;
        if created == 0 {
            return Err(StoreError::Taken("session"));
        }
        Ok(writing.commit().await?)
    }

    /// Keeps a session over the one before, if there is one.
    pub async fn save_session(&self, id: &str, data: &str, expires_at: Timestamp) -> Result<(), StoreError> {
        let mut writing = self.write("keep the session").await?;
        execute!(
            writing,
            "INSERT INTO sessions (id, data, expires_at) VALUES ($1, $2, $3)
             ON CONFLICT (id) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at",
            id,
            data,
            expires_at.0,
        )?;
        Ok(writing.commit().await?)
    }

    /// Deleting what is not there changes nothing.
    pub async fn delete_session(&self, id: &str) -> Result<(), StoreError> {
        let mut writing = self.write("delete the session").await?;
        execute!(writing, "DELETE FROM sessions WHERE id = $1", id)?;
        Ok(writing.commit().await?)
    }

    /// Deletes every session that has expired by `now`; returns how many.
    pub async fn delete_expired_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut writing = self.write("delete expired sessions").await?;
        let deleted = execute!(writing, "DELETE FROM sessions WHERE expires_at <= $1", now.0)?;
        writing.commit().await?;
        Ok(deleted)
    }
}
