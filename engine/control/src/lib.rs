//! The use-cases of Farshore: what people and workers may do. Each takes the actor first, authorises itself
//! against the role matrix, writes the beginning to the audit list, acts through store traits, and completes
//! the audit entry. The interface and the API both come in here, and nothing else writes.
//!
//! One file per noun holds the use-cases of people; [`workers`] holds what goes on without them; [`runbooks`]
//! and [`steps`] hold what a failover and a failback consist of.

mod approvals;
mod audit;
mod choose_version;
mod compare;
mod connection;
mod demo;
mod departments;
mod groups;
mod held;
mod history;
mod ledger;
mod notices;
mod overview;
mod pairing;
mod people;
mod people_comparison;
mod problem;
mod rate_budget;
mod region_preview;
mod replication;
pub mod role_matrix;
mod run_again;
pub mod runbooks;
mod runs;
mod settings;
mod standalone;
pub mod steps;
pub mod store;
mod sync;
pub mod vault;
pub mod workers;
mod workspaces;

use std::sync::Arc;

use farshore_databricks::ClientOptions;
use farshore_model::{Clock, IdSource};
use tokio::sync::Notify;
use uuid::Uuid;

pub use compare::ComparedSyncs;
pub use demo::DemoRegions;
pub use departments::EditDepartment;
pub use groups::EditGroup;
pub use notices::Notices;
pub use pairing::{PairingSettings, TypedSide};
pub use people::{SignInError, signed_out};
pub use role_matrix::Action;
pub use runs::{RunCommand, RunRequestInput};
pub use settings::EditSettings;
pub use standalone::TypedStandalone;
use store::Store;
use vault::Vault;

/// What can be set, with the defaults that a production panel uses.
#[derive(Clone, Debug)]
pub struct ControlOptions {
    /// For the work itself: retries, throttling, long time-outs.
    pub client: ClientOptions,
    /// How long a lease on a run, a sync run or a fence lasts unless renewed.
    pub lease_ms: i64,
    /// How often each workspace is asked whether it is there.
    pub health_interval_ms: i64,
    /// How often an open fence is tried.
    pub fence_interval_ms: i64,
    /// How often readiness is evaluated when nothing else calls for it.
    pub readiness_interval_ms: i64,
    /// How often the people of each pair are compared.
    pub people_interval_ms: i64,
    /// How many objects of one sync are written at a time.
    pub max_in_flight: usize,
    /// How long the smoke job may take.
    pub smoke_timeout_ms: i64,
}

impl Default for ControlOptions {
    fn default() -> Self {
        Self {
            client: ClientOptions::default(),
            lease_ms: 10_000,
            health_interval_ms: 4_000,
            fence_interval_ms: 2_000,
            readiness_interval_ms: 60_000,
            people_interval_ms: 6 * 60 * 60 * 1_000,
            max_in_flight: 12,
            smoke_timeout_ms: 15 * 60 * 1_000,
        }
    }
}

/// The one way in. Cheap to share behind an `Arc`; concrete types are chosen by the server.
pub struct Control {
    store: Arc<dyn Store>,
    vault: Arc<dyn Vault>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    notices: Notices,
    options: ControlOptions,
    /// This process, as the owner of leases.
    owner: Uuid,
    clients: workspaces::Clients,
    /// What region maps are tried on.
    regional: region_preview::RegionalObjects,
    /// Tells this process's executor that somebody gave a run a command.
    run_wake: Arc<Notify>,
    /// Tells this process's sync worker that there may be something to do.
    sync_wake: Arc<Notify>,
    /// Tells this process that somebody asks for a comparison of people.
    people_wake: Arc<Notify>,
    /// The demo's simulated regions; None outside the demo.
    demo: Option<Arc<dyn DemoRegions>>,
}

impl Control {
    pub fn new(
        store: Arc<dyn Store>,
        vault: Arc<dyn Vault>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        options: ControlOptions,
        demo: Option<Arc<dyn DemoRegions>>,
    ) -> Self {
        let owner = ids.next();
        Self {
            store,
            vault,
            clock,
            ids,
            notices: Notices::new(),
            options,
            owner,
            clients: workspaces::Clients::default(),
            regional: region_preview::RegionalObjects::default(),
            run_wake: Arc::default(),
            sync_wake: Arc::default(),
            people_wake: Arc::default(),
            demo,
        }
    }

    /// Where open pages hear that something changed.
    pub const fn notices(&self) -> &Notices {
        &self.notices
    }
}
