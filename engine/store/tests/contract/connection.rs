//! What happens when PostgreSQL goes away, seen through a relay that can be cut.

use std::{error::Error, io, path::PathBuf, sync::Arc};

use farshore_control::store::{DepartmentStore, StoreError};
use farshore_store::{DatabaseError, SqlStore};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, UnixStream},
    sync::watch,
    task::JoinHandle,
};

use crate::{cluster, database::TestDatabase, fixtures::department};

/// Passes connections on to the cluster's socket while it is up.
struct Relay {
    port: u16,
    is_up: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Relay {
    async fn start(folder: &str) -> io::Result<Self> {
        let socket = Arc::new(PathBuf::from(folder).join(".s.PGSQL.5432"));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let (is_up, watching) = watch::channel(true);
        let task = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (socket, mut watching) = (Arc::clone(&socket), watching.clone());
                tokio::spawn(async move {
                    if !*watching.borrow_and_update() {
                        return;
                    }
                    let mut server = UnixStream::connect(socket.as_path()).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        _ = watching.changed() => {}
                    }
                });
            }
        });
        Ok(Self { port, is_up, task })
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_connection_is_said_and_mended() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let folder = cluster::socket_folder().unwrap();
    let relay = Relay::start(folder).await.unwrap();
    let (before, _) = database.url.split_once('?').unwrap();
    let name = before.rsplit('/').next().unwrap();
    let url = format!("postgres://farshore@127.0.0.1:{}/{name}?sslmode=disable", relay.port);
    let store = SqlStore::open(&url).await.unwrap();
    store.insert_department(&department(1, "Finance")).await.unwrap();

    relay.is_up.send(false).unwrap();
    let error = store.insert_department(&department(2, "Ads")).await.unwrap_err();
    let StoreError::Backend(purpose, source) = &error else { panic!("{error:?}") };
    assert_eq!(*purpose, "keep the department");
    let source = source.downcast_ref::<DatabaseError>().unwrap();
    assert!(
        matches!(source, DatabaseError::ConnectionLost(_) | DatabaseError::NoConnection(_)),
        "{source:?}"
    );
    assert!(source.to_string().contains("can be reached"), "{source}");
    assert!(source.source().is_some());
    store.ping().await.unwrap_err();

    relay.is_up.send(true).unwrap();
    store.ping().await.unwrap();
    assert_eq!(store.departments().await.unwrap(), [department(1, "Finance")]);
}
