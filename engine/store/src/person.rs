use async_trait::async_trait;
use farshore_control::store::{PersonStore, StoreError, StoredPerson};
use farshore_model::{Actor, Role, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    SqlStore,
    column::Word,
    db::{execute, fetch_all, fetch_optional},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    role: Word<Role>,
    login: String,
    password_hash: Option<String>,
}

impl From<Row> for StoredPerson {
    fn from(row: Row) -> Self {
        Self {
            actor: Actor { id: UserId(row.id), name: row.name, role: row.role.0 },
            login: row.login,
            password_hash: row.password_hash,
        }
    }
}

#[async_trait]
impl PersonStore for SqlStore {
    async fn insert_person(&self, person: &StoredPerson) -> Result<(), StoreError> {
        let mut writing = self.write("keep the person").await?;
        execute!(
            writing,
            "INSERT INTO persons (id, name, role, login, password_hash) VALUES ($1, $2, $3, $4, $5)",
            person.actor.id.0,
            &person.actor.name,
            Word(person.actor.role),
            &person.login,
            &person.password_hash,
        )
        .map_err(|failure| failure.taken("persons", "login", "login"))?;
        Ok(writing.commit().await?)
    }

    async fn person_by_login(&self, login: &str) -> Result<Option<StoredPerson>, StoreError> {
        let mut reading = self.read("look up the login").await?;
        let row = fetch_optional!(reading, Row, "SELECT * FROM persons WHERE login = $1", login)?;
        Ok(row.map(StoredPerson::from))
    }

    async fn person(&self, id: UserId) -> Result<Option<StoredPerson>, StoreError> {
        let mut reading = self.read("read the person").await?;
        let row = fetch_optional!(reading, Row, "SELECT * FROM persons WHERE id = $1", id.0)?;
        Ok(row.map(StoredPerson::from))
    }

    /// By name.
    async fn persons(&self) -> Result<Vec<StoredPerson>, StoreError> {
        let mut reading = self.read("list the persons").await?;
        let rows = fetch_all!(reading, Row, "SELECT * FROM persons ORDER BY LOWER(name), id")?;
        Ok(rows.into_iter().map(StoredPerson::from).collect())
    }
}
