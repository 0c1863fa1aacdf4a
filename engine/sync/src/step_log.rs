//! Where fencing and releasing tell what they do, line by line.

use async_trait::async_trait;

#[async_trait]
pub trait StepLog: Send + Sync {
    /// One sentence for the person who watches; losing one is no failure.
    async fn line(&self, text: &str);
}

/// Forgets every line.
#[derive(Clone, Copy, Debug, Default)]
pub struct SilentLog;

#[async_trait]
impl StepLog for SilentLog {
    async fn line(&self, _text: &str) {}
}
