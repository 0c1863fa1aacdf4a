//! A private PostgreSQL cluster for this test process: in a folder of its own, on a Unix socket in that folder
//! and nowhere else, started when the first test asks for it.
//!
//! It is kept by a shell, which waits for the end of its input. That is a pipe from this process, so that it
//! ends with the process, however the process ends; then the shell stops the cluster and removes the folder.

use std::{
    env,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

const KEEPER: &str = r#"
set -e
trap '' HUP INT TERM
folder=$(mktemp -d /tmp/farshore-postgres.XXXXXX)
cleanup() {
    "$BIN/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap cleanup EXIT
"$BIN/initdb" -D "$folder/data" -U farshore -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" 2>&1 \
    || { echo "initdb failed: $(tail -n 3 "$folder/log" | tr '\n' ' ')"; exit 1; }
"$BIN/pg_ctl" -D "$folder/data" -w -t 60 -l "$folder/log" \
    -o "-c listen_addresses='' -c unix_socket_directories='$folder' -c max_connections=300 \
        -c fsync=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0" \
    start >/dev/null 2>&1 </dev/null \
    || { echo "postgres did not start: $(tail -n 3 "$folder/log" | tr '\n' ' ')"; exit 1; }
echo "ready $folder"
cat >/dev/null
"#;

struct Cluster {
    folder: String,
    /// Its input ends when this process does.
    _keeper: Child,
}

/// The folder in which the cluster's socket is; None when PostgreSQL is to be left out.
pub fn socket_folder() -> Option<&'static str> {
    if env::var("FARSHORE_SKIP_POSTGRES").is_ok_and(|value| value == "1") {
        return None;
    }
    Some(&CLUSTER.get_or_init(start).folder)
}

/// The address of a new, empty database; None when PostgreSQL is to be left out.
pub async fn new_database() -> Option<String> {
    let folder = socket_folder()?;
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::connect(&address(folder, "postgres")).await.unwrap();
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    connection.close().await.unwrap();
    Some(address(folder, &name))
}

/// Removes a database, whoever is connected to it.
pub async fn remove_database(url: &str) {
    let (Some(folder), Some((before, _))) = (socket_folder(), url.split_once('?')) else { return };
    let name = before.rsplit('/').next().unwrap();
    let mut connection = PgConnection::connect(&address(folder, "postgres")).await.unwrap();
    connection.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await.unwrap();
    connection.close().await.unwrap();
}

pub fn address(folder: &str, database: &str) -> String {
    format!("postgres://farshore@localhost/{database}?host={folder}")
}

fn start() -> Cluster {
    let programs = find_programs().expect(
        "PostgreSQL is not installed: initdb, pg_ctl and postgres are neither on the PATH nor in \
         /usr/lib/postgresql/*/bin. Install it (apt-get install postgresql), or set FARSHORE_SKIP_POSTGRES=1 to \
         test SQLite alone",
    );
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    let mut command = if is_root {
        // PostgreSQL refuses to run as root.
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    let mut keeper = command
        .args(["-c", KEEPER])
        .env("BIN", programs)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // What a terminal sends to the tests must not reach the one that cleans up after them.
        .process_group(0)
        .spawn()
        .expect("the shell that keeps PostgreSQL cannot be started");
    let mut answer = String::new();
    BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut answer).unwrap();
    match answer.trim().strip_prefix("ready ") {
        Some(folder) => Cluster { folder: folder.to_owned(), _keeper: keeper },
        None => panic!("PostgreSQL cannot be started for the tests: {answer}"),
    }
}

/// The folder with the server's programs.
fn find_programs() -> Option<PathBuf> {
    let on_path = env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect::<Vec<_>>();
    let mut installed: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    installed.sort();
    on_path
        .into_iter()
        .chain(installed.into_iter().rev())
        .find(|folder| ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).is_file()))
}
