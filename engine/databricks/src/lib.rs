//! Talks to one Databricks workspace over REST: authentication, paging, retries, rate budget, typed errors.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use farshore_databricks::{ClientOptions, Credential, WorkspaceClient};
//!
//! let client = WorkspaceClient::new(
//!     "https://dbc-1a2b3c4d-5e6f.cloud.databricks.com/?o=123".parse()?,
//!     Credential::Token("dapi…".into()),
//!     ClientOptions::default(),
//! )?;
//! for job in client.list_jobs().await? {
//!     println!("{}", job["settings"]["name"]);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What a caller can rely on:
//!
//! - **A list is whole or an error.** A failed, throttled, broken-off or contradictory page fails the whole
//!   listing; empty is only what a workspace calls empty, in a JSON object with status 200.
//! - **"Not found" is the workspace's own word.** Another web server's 404 is
//!   [`NotDatabricks`](ErrorKind::NotDatabricks).
//! - **Nothing is created twice.** A 429 is retried for every call, because nothing happened; after any other
//!   failure on the way, a 503 among them, only calls are repeated that may be done twice. A create whose answer was
//!   lost says so: [`ApiError::may_have_taken_effect`].
//! - **Deleting what is gone succeeds.**
//! - **A call ends.** Each attempt has a time limit, and retries have a common one: [`ClientOptions`].
//! - **The workspace is spared.** All clients of a workspace in this process share its published rate limits, at
//!   most 20 concurrent requests, and the pause that a 429 orders for its endpoint.
//! - **Secrets stay inside.** No token is in any `Debug`, message or trace, and none follows a redirect.
//!
//! Where things are: a `Call` describes a request (`call`), `client` adds the credential, `transport` sends it
//! within `rate_budget` and as often as `retry` allows, `answer` reads it, and `refusal` tells what an error
//! means. `paging` makes lists whole, `content` carries what is too large to be held. `api` has one file per kind
//! of object. `config_file` finds a connection where administrators keep theirs.
//!
//! A TLS provider for rustls must be installed before a client is made.

pub mod api;
pub mod client;
pub mod config_file;
pub mod credential;
pub mod error;
pub mod host;
pub mod identity;
pub mod options;
pub mod region;

mod answer;
mod budget_snapshot;
mod call;
mod content;
mod dialect;
mod error_body;
mod number;
mod paging;
mod published_limits;
mod rate_budget;
mod refusal;
mod remedy;
mod retry;
mod transport;
mod workspace_clock;

pub use api::{
    dbfs::DbfsObject,
    permissions::{EffectiveGrant, Grant, Grantee, ObjectPermissions, PermissionLevel, PermissionType},
    principals::PrincipalKind,
    runs::RunFilter,
    tree::TreeObject,
    tree_content::{ContentFormat, DownloadError, ImportTarget},
};
pub use budget_snapshot::{EndpointBudget, budget_snapshot_of};
pub use client::WorkspaceClient;
pub use config_file::{ConfigError, ConfigFile, Connection};
pub use content::{Download, Pieces, Upload};
pub use credential::Credential;
pub use error::{ApiError, ErrorKind, Result};
pub use host::{Host, InvalidHost};
pub use identity::{GroupOfMe, Me, MetastoreSummary, Zones};
pub use options::ClientOptions;
pub use region::{Detected, detect_cloud_and_region};
