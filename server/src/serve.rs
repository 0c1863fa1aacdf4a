//! Puts the parts together: store, vault, clock, use-cases, workers, HTTP.

use std::{
    error::Error,
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use farshore_control::{Control, ControlOptions, DemoRegions};
use farshore_store::SqlStore;
use tokio::{net::TcpListener, sync::watch};

use crate::{
    demo::Demo,
    http::{self, AppState},
    system::{RandomIds, SystemClock, log_to_stderr, stop_signal},
    vault::KeyFileVault,
};

/// Requests under way when the server is told to stop get this long to end.
const GRACE: Duration = Duration::from_secs(3);

/// What every command that opens the store needs to know.
#[derive(Clone, Debug, Args)]
pub(crate) struct Settings {
    /// `sqlite:///path/to/file.db` or `postgres://user:password@host/database`; `sqlite://farshore.db` unless given.
    #[arg(long, env = "FARSHORE_DATABASE_URL")]
    pub database_url: Option<String>,
    /// File with the key that encrypts the tokens of workspaces: 32 bytes in base64.
    #[arg(long, env = "FARSHORE_KEY_FILE")]
    pub key_file: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ServeSettings {
    #[command(flatten)]
    pub settings: Settings,
    /// Address to listen on.
    #[arg(long, env = "FARSHORE_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// Folder with the built style sheet and WASM; `site` beside the binary unless given.
    #[arg(long, env = "FARSHORE_SITE_ROOT")]
    pub site_root: Option<PathBuf>,
    /// Address under which browsers reach the panel, when a proxy stands before it.
    #[arg(long, env = "FARSHORE_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// How often users, groups and service principals of the two sides of a pair are compared, in minutes.
    #[arg(long, env = "FARSHORE_PEOPLE_INTERVAL_MINUTES", default_value = "360")]
    pub people_interval_minutes: NonZeroU32,
    /// Everything to try the panel on one machine: an embedded database, two simulated workspaces, and people
    /// who sign in with one click. Refuses any address that is not loopback.
    #[arg(long)]
    pub demo: bool,
    /// Where the demo keeps everything.
    #[arg(long, env = "FARSHORE_DEMO_FOLDER", default_value = ".demo")]
    pub demo_folder: PathBuf,
    /// Ports of the demo's two simulated workspaces.
    #[arg(long, env = "FARSHORE_DEMO_PORTS", default_value = "7001,7002", value_delimiter = ',')]
    pub demo_ports: Vec<u16>,
    /// How long the demo's scheduler waits after its region came back, in milliseconds.
    #[arg(long, env = "FARSHORE_DEMO_SCHEDULER_DELAY_MS", default_value_t = 30_000)]
    pub demo_scheduler_delay_ms: u64,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error(
        "--demo lets anybody sign in with one click, so it only listens on loopback; {0} is not: use \
         127.0.0.1, or start without --demo"
    )]
    DemoIsNotLoopback(SocketAddr),
    #[error("the folder {0} could not be made")]
    DemoFolder(PathBuf, #[source] std::io::Error),
    #[error("{0} is in use or not ours: stop what listens there, or choose another address with --listen")]
    Listen(SocketAddr, #[source] std::io::Error),
    #[error("the server stopped")]
    Serve(#[source] std::io::Error),
}

/// The use-cases over an open store.
pub(crate) struct Opened {
    pub control: Arc<Control>,
    pub store: Arc<SqlStore>,
}

/// Opens store and vault. Refuses to go on without a key.
pub(crate) async fn open_control(
    settings: &Settings,
    options: ControlOptions,
    demo: Option<Arc<dyn DemoRegions>>,
) -> Result<Opened, Box<dyn Error + Send + Sync>> {
    let key_file = settings.key_file.as_deref().ok_or(crate::vault::KeyError::Missing)?;
    let vault =
        if demo.is_some() { KeyFileVault::open_or_create(key_file) } else { KeyFileVault::open(key_file) }?;
    let store =
        Arc::new(SqlStore::open(settings.database_url.as_deref().unwrap_or("sqlite://farshore.db")).await?);
    let control = Control::new(
        store.clone(),
        Arc::new(vault),
        Arc::new(SystemClock),
        Arc::new(RandomIds),
        options,
        demo,
    );
    Ok(Opened { control: Arc::new(control), store })
}

/// Serves until told to stop.
pub(crate) async fn serve(settings: ServeSettings) -> Result<(), Box<dyn Error + Send + Sync>> {
    log_to_stderr();
    let mut store_settings = settings.settings.clone();
    let demo = if settings.demo {
        if !settings.listen.ip().is_loopback() {
            return Err(ServeError::DemoIsNotLoopback(settings.listen).into());
        }
        let folder =
            std::path::absolute(&settings.demo_folder).unwrap_or_else(|_| settings.demo_folder.clone());
        prepare_demo(&mut store_settings, &folder)?;
        Some(Arc::new(Demo::start(&settings, &folder).await?))
    } else {
        None
    };
    let regions = demo.clone().map(|demo| demo as Arc<dyn DemoRegions>);
    let options = ControlOptions {
        people_interval_ms: i64::from(settings.people_interval_minutes.get()) * 60_000,
        ..ControlOptions::default()
    };
    let opened = open_control(&store_settings, options, regions).await?;
    if let Some(demo) = &demo {
        demo.create_personas(&opened.control).await?;
    }
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| ServeError::Listen(settings.listen, error))?;
    let address = listener.local_addr().unwrap_or(settings.listen);
    let (stop, shutdown) = watch::channel(false);
    let workers = opened.control.start_workers(&shutdown);
    let state = AppState::new(&settings, opened, demo, shutdown);
    println!("Farshore on http://{address}");
    let serving = axum::serve(listener, http::router(state)).with_graceful_shutdown(async move {
        stop_signal().await;
        let _ = stop.send(true);
    });
    let mut told = workers;
    tokio::select! {
        served = serving.into_future() => served.map_err(ServeError::Serve)?,
        // Event streams stay open for ever: what has not ended shortly after the workers is cut off.
        () = async { while told.join_next().await.is_some() {} tokio::time::sleep(GRACE).await; } => {}
    }
    Ok(())
}

/// The demo brings its own database and key, unless others are named.
fn prepare_demo(settings: &mut Settings, folder: &Path) -> Result<(), ServeError> {
    std::fs::create_dir_all(folder).map_err(|error| ServeError::DemoFolder(folder.to_owned(), error))?;
    settings.key_file.get_or_insert_with(|| folder.join("key"));
    settings.database_url.get_or_insert_with(|| format!("sqlite://{}", folder.join("farshore.db").display()));
    Ok(())
}
