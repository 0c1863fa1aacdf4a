//! Keeping what one works on from everybody else.

use std::time::Duration;

use farshore_model::{DurationMs, Lease};

use crate::{Control, problem::chain};

impl Control {
    /// Renews the lease time and again; ends when it is lost. A store that does not answer is forgiven for as
    /// long as the lease lasts: after that somebody else may have it.
    pub(super) async fn keep_lease(&self, lease: &Lease) {
        let (clock, lease_ms) = (&self.clock, DurationMs(self.options.lease_ms));
        let renew_every = Duration::from_millis(u64::try_from(self.options.lease_ms / 10).unwrap_or(1_000));
        let mut expires_at = clock.now() + lease_ms;
        loop {
            tokio::time::sleep(renew_every).await;
            let now = clock.now();
            let renewal = self.store.renew_lease(lease, now, self.options.lease_ms);
            match tokio::time::timeout(renew_every, renewal).await {
                Ok(Ok(true)) => expires_at = now + lease_ms,
                Ok(Ok(false)) => return,
                Ok(Err(error)) => tracing::warn!(error = chain(&error), "a lease could not be renewed"),
                Err(_) => tracing::warn!("the store is slow to renew a lease"),
            }
            if clock.now() >= expires_at {
                return;
            }
        }
    }
}
