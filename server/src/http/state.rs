use std::{path::PathBuf, sync::Arc};

use axum::extract::FromRef;
use farshore_control::Control;
use farshore_store::SqlStore;
use leptos::config::LeptosOptions;
use tokio::sync::watch;

use crate::{
    demo::Demo,
    serve::{Opened, ServeSettings},
};

/// What handlers share.
#[derive(Clone)]
pub(crate) struct AppState {
    pub control: Arc<Control>,
    pub store: Arc<SqlStore>,
    pub demo: Option<Arc<Demo>>,
    pub public_url: Option<String>,
    pub leptos: LeptosOptions,
    /// Becomes true when the server stops: open streams end then.
    pub shutdown: watch::Receiver<bool>,
}

impl AppState {
    pub(crate) fn new(
        settings: &ServeSettings,
        opened: Opened,
        demo: Option<Arc<Demo>>,
        shutdown: watch::Receiver<bool>,
    ) -> Self {
        Self {
            control: opened.control,
            store: opened.store,
            demo,
            public_url: settings.public_url.clone(),
            leptos: leptos_options(settings),
            shutdown,
        }
    }

    pub(crate) fn is_https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

/// The build puts `hash.txt` beside the binary and the site into `target/site`; an installation keeps `site`
/// beside the binary.
fn leptos_options(settings: &ServeSettings) -> LeptosOptions {
    let beside =
        std::env::current_exe().ok().and_then(|path| path.parent().map(PathBuf::from)).unwrap_or_default();
    let installed = beside.join("site");
    let built = beside.join("../site");
    let site_root = settings.site_root.clone().unwrap_or(if installed.is_dir() { installed } else { built });
    let has_hashes = beside.join("hash.txt").is_file();
    LeptosOptions::builder()
        .output_name("farshore")
        .site_root(site_root.to_string_lossy().into_owned())
        .site_addr(settings.listen)
        .hash_files(has_hashes)
        .build()
}
