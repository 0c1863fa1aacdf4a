//! Reading a run: its journal, folded.

use farshore_model::{
    RunId,
    run::{FoldError, Run},
};

use crate::{RunStore, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("could not read the journal of run {0}")]
    Store(RunId, #[source] StoreError),
    /// The store holds what no version of the panel can have written.
    #[error("the journal of run {0} makes no sense")]
    Fold(RunId, #[source] FoldError),
}

/// The run as it stands.
pub async fn load_run(store: &dyn RunStore, id: RunId) -> Result<Run, LoadError> {
    let entries = store.journal(id).await.map_err(|source| LoadError::Store(id, source))?;
    Run::fold(&entries).map_err(|source| LoadError::Fold(id, source))
}
