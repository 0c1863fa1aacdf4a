//! Who wants to know at once that a run has changed: the pages that show it.

use farshore_model::run::Run;

/// Told after each committed entry of this process. Other processes' entries are found by reading the store.
pub trait RunWatcher: Send + Sync {
    /// Must not block.
    fn run_changed(&self, run: &Run);
}

/// Nobody looks.
pub struct Unwatched;

impl RunWatcher for Unwatched {
    fn run_changed(&self, _run: &Run) {}
}
