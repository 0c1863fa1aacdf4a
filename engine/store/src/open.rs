//! Opening a database: creates it where that is possible, brings its schema up to date, and says what to do
//! when it cannot.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection,
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{DatabaseError, SqlStore, db::Db};

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// How long a server may take to answer when it is opened, and how long one waits for a free connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long SQLite waits for another process, such as a backup, that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const SQLITE_READERS: u32 = 8;
const POSTGRES_CONNECTIONS: u32 = 16;

/// The database could not be opened. Nothing in it was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    #[error(
        "this is not the address of a database: write sqlite:///path/to/farshore.db, or \
         postgres://user:password@host/database"
    )]
    UnknownAddress,
    #[error("the address of the database cannot be read: write postgres://user:password@host/database")]
    Address(#[source] sqlx::Error),
    #[error(
        "the folder {} does not exist and cannot be made: make it, and give the panel's user the right to write \
         to it",
        .folder.display()
    )]
    Folder {
        folder: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error(
        "the database file {} cannot be opened for writing: give the panel's user the right to write to it and \
         to its folder, or name another file",
        .file.display()
    )]
    File {
        file: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error(
        "the database server {server} cannot be reached: check that it runs, that the address is right and that \
         nothing in between blocks the way"
    )]
    Unreachable {
        server: String,
        #[source]
        source: Option<sqlx::Error>,
    },
    #[error("the database server {server} refused the sign-in: check user and password in the address")]
    SignIn {
        server: String,
        #[source]
        source: sqlx::Error,
    },
    #[error("there is no such database on {server}: create it, or correct its name in the address")]
    NoDatabase {
        server: String,
        #[source]
        source: sqlx::Error,
    },
    #[error(
        "{database} was last used by a newer Farshore: its schema is {found}, this version knows {known} at \
         most. Start the newer version, or restore the backup from before it"
    )]
    NewerSchema { database: String, found: i64, known: i64 },
    #[error(
        "{database} was made by another build of Farshore: its schema {version} is not the one of this version. \
         Start the version that made it, or name another database"
    )]
    OtherSchema { database: String, version: i64 },
    #[error("the schema of {database} could not be brought up to date; nothing in it was changed")]
    Migrate {
        database: String,
        #[source]
        source: MigrateError,
    },
    #[error("{database} cannot be used")]
    Database {
        database: String,
        #[source]
        source: DatabaseError,
    },
}

impl SqlStore {
    /// Opens `sqlite:///path/file.db`, which is made if need be together with its folder, or
    /// `postgres://user:password@host/database`, which must exist. The schema is brought up to date.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let db = if let Some(path) = url.strip_prefix("sqlite://") {
            // Nothing may follow the path, so that it can be taken as it is typed.
            if path.is_empty() || path.contains('?') || path == ":memory:" {
                return Err(OpenError::UnknownAddress);
            }
            open_sqlite(Path::new(path)).await?
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            open_postgres(url).await?
        } else {
            return Err(OpenError::UnknownAddress);
        };
        Ok(Self { db, group: Arc::default() })
    }
}

async fn open_sqlite(file: &Path) -> Result<Db, OpenError> {
    create_file(file).await?;
    let database = format!("the database {}", file.display());
    let unusable =
        |error| OpenError::Database { database: database.clone(), source: DatabaseError::from(error) };
    let options = SqliteConnectOptions::new()
        .filename(file)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT);

    // The journal mode stays with the file, so that it is set here once.
    let mut connection =
        options.clone().journal_mode(SqliteJournalMode::Wal).connect().await.map_err(unusable)?;
    // In one transaction: of two processes that start at once the second waits and finds nothing to do.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(unusable)?;
    SQLITE_MIGRATIONS
        .run_direct(None, &mut *transaction, false)
        .await
        .map_err(|error| not_migrated(&database, &SQLITE_MIGRATIONS, error))?;
    transaction.commit().await.map_err(unusable)?;
    connection.close().await.map_err(unusable)?;

    let pool = || {
        SqlitePoolOptions::new()
            .acquire_timeout(CONNECT_TIMEOUT + BUSY_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None)
            // When the disk is full, SQLite rolls back by itself, and sqlx, whose own rollback then finds nothing
            // to do, takes the transaction for open ever after. Such a connection is replaced.
            .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
    };
    Ok(Db::Sqlite {
        writer: pool().max_connections(1).connect_lazy_with(options.clone()),
        readers: pool().max_connections(SQLITE_READERS).connect_lazy_with(options.pragma("query_only", "ON")),
    })
}

/// Makes the file before SQLite would, because it is to be readable by its owner alone, and because the
/// system's reason for a refusal is clearer than SQLite's.
async fn create_file(file: &Path) -> Result<(), OpenError> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = tokio::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        builder.mode(0o700);
        builder
            .create(folder)
            .await
            .map_err(|source| OpenError::Folder { folder: folder.to_owned(), source })?;
    }
    let mut options = tokio::fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    options.mode(0o600);
    options.open(file).await.map_err(|source| OpenError::File { file: file.to_owned(), source })?;
    Ok(())
}

async fn open_postgres(url: &str) -> Result<Db, OpenError> {
    let options = PgConnectOptions::from_str(url).map_err(OpenError::Address)?.application_name("farshore");
    let server = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    // A pool goes on trying and tells nothing but that it took too long: the first connection is made without.
    let mut connection = match tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await {
        Ok(answer) => answer.map_err(|error| not_connected(server.clone(), error))?,
        Err(_) => return Err(OpenError::Unreachable { server, source: None }),
    };
    let database =
        format!("the database {} on {server}", options.get_database().unwrap_or(options.get_username()));
    POSTGRES_MIGRATIONS
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|error| not_migrated(&database, &POSTGRES_MIGRATIONS, error))?;
    connection
        .close()
        .await
        .map_err(|error| OpenError::Database { database, source: DatabaseError::from(error) })?;
    let pool = PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(CONNECT_TIMEOUT);
    Ok(Db::Postgres(pool.connect_lazy_with(options)))
}

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn not_connected(server: String, error: sqlx::Error) -> OpenError {
    let code = error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
    match code.as_deref() {
        None | Some("57P03") => OpenError::Unreachable { server, source: Some(error) },
        Some("3D000") => OpenError::NoDatabase { server, source: error },
        Some(code) if code.starts_with("28") => OpenError::SignIn { server, source: error },
        Some(_) => OpenError::Database {
            database: format!("the database server {server}"),
            source: DatabaseError::from(error),
        },
    }
}

fn not_migrated(database: &str, migrator: &Migrator, error: MigrateError) -> OpenError {
    let database = database.to_owned();
    match error {
        MigrateError::VersionMissing(found) => {
            let known = migrator.iter().map(|migration| migration.version).max().unwrap_or_default();
            OpenError::NewerSchema { database, found, known }
        }
        MigrateError::VersionMismatch(version) => OpenError::OtherSchema { database, version },
        MigrateError::Execute(error) => OpenError::Database { database, source: DatabaseError::from(error) },
        source => OpenError::Migrate { database, source },
    }
}
