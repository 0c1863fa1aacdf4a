//! Both folders of migrations make the same tables.

use std::{collections::BTreeSet, fs, path::Path};

use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::database::TestDatabase;

fn migrations(engine: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(engine);
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn both_engines_have_the_same_migrations() {
    assert_eq!(migrations("sqlite"), migrations("postgres"));
}

#[tokio::test]
async fn both_engines_have_the_same_columns() {
    let Some(postgres) = TestDatabase::postgres().await else { return };
    let sqlite = TestDatabase::sqlite().await;
    let mut connection = SqliteConnection::connect(&sqlite.url).await.unwrap();
    let in_sqlite: Vec<(String, String, bool)> = sqlx::query_as(
        r#"SELECT t.name, c.name, c."notnull" FROM sqlite_schema t JOIN pragma_table_info(t.name) c
           WHERE t.type = 'table' AND t.name <> '_sqlx_migrations' ORDER BY 1, 2"#,
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let mut connection = PgConnection::connect(&postgres.url).await.unwrap();
    let in_postgres: Vec<(String, String, bool)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, is_nullable = 'NO' FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'
         ORDER BY table_name::text COLLATE \"C\", column_name::text COLLATE \"C\"",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(in_sqlite.len() > 100);
    assert_eq!(in_sqlite, in_postgres);
}
