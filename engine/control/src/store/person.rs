use async_trait::async_trait;
use farshore_model::{Actor, UserId};

use super::StoreError;

/// A person who can sign in, with what signing in needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPerson {
    pub actor: Actor,
    /// What is typed at sign-in; unique.
    pub login: String,
    /// A PHC string; None: cannot sign in with a password (the demo's personas).
    pub password_hash: Option<String>,
}

#[async_trait]
pub trait PersonStore: Send + Sync {
    /// `Taken("login")` when another person has the login.
    async fn insert_person(&self, person: &StoredPerson) -> Result<(), StoreError>;

    async fn person_by_login(&self, login: &str) -> Result<Option<StoredPerson>, StoreError>;

    async fn person(&self, id: UserId) -> Result<Option<StoredPerson>, StoreError>;

    async fn persons(&self) -> Result<Vec<StoredPerson>, StoreError>;
}
