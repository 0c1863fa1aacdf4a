//! Keeps a lease alive for as long as its run is driven.

use std::time::Duration;

use farshore_model::{DurationMs, Lease};

use super::Executor;

impl Executor {
    /// Renews the lease time and again; returns once it is lost. A store that does not answer is forgiven for
    /// as long as the lease lasts.
    pub(super) async fn keep(&self, lease: &Lease) {
        let renew_every = millis(self.options.renew_ms);
        let mut expires_at = self.clock.now() + self.options.lease_ms;
        loop {
            tokio::time::sleep(renew_every).await;
            let now = self.clock.now();
            let renewal = self.store.renew_run(lease, now, self.options.lease_ms);
            match tokio::time::timeout(renew_every, renewal).await {
                Ok(Ok(true)) => expires_at = now + self.options.lease_ms,
                Ok(Ok(false)) => {
                    tracing::warn!(run = %lease.holder, "lost the lease");
                    return;
                }
                Ok(Err(error)) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(run = %lease.holder, error, "could not renew the lease");
                }
                Err(_) => tracing::warn!(run = %lease.holder, "the store is slow to renew the lease"),
            }
            if self.clock.now() >= expires_at {
                tracing::warn!(run = %lease.holder, "the lease has expired");
                return;
            }
        }
    }
}

pub(super) fn millis(length: DurationMs) -> Duration {
    Duration::from_millis(u64::try_from(length.0).unwrap_or(0))
}
