//! Keeps the whole state in one JSON file, with long contents in another beside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::shared::Shared;
use crate::state::State;

mod contents;
#[cfg(test)]
mod tests;

/// How long changes are gathered before the file is written, at least.
const DEBOUNCE: Duration = Duration::from_millis(250);

/// Writing takes at most this share of the time: a large workspace is written less often.
const WRITING_SHARE: u32 = 10;

/// How long changes are gathered at most.
const LONGEST_DEBOUNCE: Duration = Duration::from_secs(20);

/// Why the state file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StateFileError {
    /// The file is there and cannot be read.
    #[error(
        "the state file {path} cannot be read; nothing was changed; check its permissions or name another file"
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file holds something else than a simulator's state.
    #[error(
        "the state file {path} is corrupt; it was left as it is; remove it (make demo-reset) to start afresh, \
         or name another file"
    )]
    Parse {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The contents that the state file names are not there.
    #[error(
        "the contents beside the state file {path} cannot be read; nothing was changed; put back \
         {path}.contents.*, or remove both (make demo-reset) to start afresh"
    )]
    Contents {
        /// The state file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The state cannot be written.
    #[error(
        "the state file {path} cannot be written; the last complete one was kept; check the disk and its permissions"
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// The stored state, or `None` when there is no file yet.
pub(crate) fn load(path: &Path) -> Result<Option<State>, StateFileError> {
    let contents_failed = |source| StateFileError::Contents { path: path.to_owned(), source };
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // Contents that no state names are of a workspace that was forgotten.
            contents::remove_others(path, 0).map_err(contents_failed)?;
            return Ok(None);
        }
        Err(source) => return Err(StateFileError::Read { path: path.to_owned(), source }),
    };
    let mut state: State = serde_json::from_slice(&bytes)
        .map_err(|source| StateFileError::Parse { path: path.to_owned(), source })?;
    drop(bytes);
    contents::resolve(path, &mut state).map_err(contents_failed)?;
    Ok(Some(state))
}

/// Writes the state beside its place, then moves it there, so that a crash leaves a whole file.
pub(crate) fn save(path: &Path, state: &State) -> Result<(), StateFileError> {
    let failed = |source| StateFileError::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    // First the contents: the state file may only name what is there.
    contents::append(path, state).map_err(failed)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let file = fs::File::create(&beside).map_err(failed)?;
    let mut writer = io::BufWriter::with_capacity(1 << 20, file);
    serde_json::to_writer(&mut writer, state).map_err(|error| failed(io::Error::other(error)))?;
    io::Write::flush(&mut writer).map_err(failed)?;
    fs::rename(&beside, path).map_err(failed)?;
    contents::remove_others(path, state.contents_generation).map_err(failed)
}

/// Writes the file whenever the state has changed, until `stops` becomes true, and then once more.
pub(crate) async fn keep(path: PathBuf, shared: Arc<Shared>, mut stops: watch::Receiver<bool>) {
    let mut revisions = shared.revisions();
    let mut saved = None;
    let mut debounce = DEBOUNCE;
    loop {
        let is_stopping = tokio::select! {
            _ = stops.wait_for(|is_stopping| *is_stopping) => true,
            changed = revisions.changed() => changed.is_err(),
        };
        if !is_stopping {
            tokio::select! {
                _ = stops.wait_for(|is_stopping| *is_stopping) => {}
                () = tokio::time::sleep(debounce) => {}
            }
            revisions.mark_unchanged();
        }
        let began = Instant::now();
        // The contents are shared, so the copy is cheap and the lock is held for a moment only.
        let state = shared.lock().clone();
        if saved != Some(state.revision) {
            saved = Some(state.revision);
            let target = path.clone();
            let written = tokio::task::spawn_blocking(move || save(&target, &state)).await;
            match written {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(error = &error as &dyn std::error::Error, "state not kept"),
                Err(error) => tracing::error!(%error, "the task that keeps the state ended early"),
            }
            debounce = (began.elapsed() * WRITING_SHARE).clamp(DEBOUNCE, LONGEST_DEBOUNCE);
        }
        if is_stopping {
            return;
        }
    }
}
