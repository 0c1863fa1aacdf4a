//! What is typed after `farshore sync`.

use std::path::PathBuf;

use clap::Args;
use farshore_sync::SyncOptions;

use super::end::EndArgs;

/// The two workspaces.
#[derive(Debug, Args)]
pub(super) struct Ends {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    target: TargetArgs,
}

#[derive(Debug, Args)]
struct SourceArgs {
    /// Address of the workspace that is copied.
    #[arg(id = "source", long = "source", value_name = "URL")]
    url: Option<String>,
    /// Profile of .databrickscfg for it.
    #[arg(id = "source-profile", long = "source-profile", value_name = "NAME")]
    profile: Option<String>,
}

#[derive(Debug, Args)]
struct TargetArgs {
    /// Address of the workspace that becomes the copy.
    #[arg(id = "target", long = "target", value_name = "URL")]
    url: Option<String>,
    /// Profile of .databrickscfg for it.
    #[arg(id = "target-profile", long = "target-profile", value_name = "NAME")]
    profile: Option<String>,
}

/// How a sync works.
#[derive(Debug, Args)]
pub(super) struct SyncArgs {
    #[command(flatten)]
    pub(super) ends: Ends,
    #[command(flatten)]
    pub(super) state: StateArgs,
    /// JSON with what is replicated and how: `region_map`, `filters`, `handling`, `on_drift`, `brake`, as the panel's
    /// API has them for a group.
    #[arg(long, value_name = "FILE")]
    pub(super) settings: Option<PathBuf>,
    /// Objects of one kind that are dealt with at the same time.
    #[arg(long, default_value_t = 16)]
    in_flight: usize,
    /// Read every access control list again: no listing tells when one has changed. Without it they are read in turn,
    /// all of them within six hours, and at once where their object has changed.
    #[arg(long)]
    verify_acls: bool,
    /// Do not keep to the published rate limits; 429s are still honoured.
    #[arg(long)]
    pub(super) unlimited: bool,
}

#[derive(Debug, Args)]
pub(super) struct StateArgs {
    /// Where the object ledger is kept between syncs. Without it, a sync would not know its own copies.
    #[arg(id = "state", long = "state", value_name = "FILE", default_value = "farshore-sync.db")]
    pub(super) path: PathBuf,
}

#[derive(Debug, Args)]
pub(in crate::commands) struct PlanArgs {
    #[command(flatten)]
    pub(super) sync: SyncArgs,
    /// Print the plan as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(in crate::commands) struct ApplyArgs {
    #[command(flatten)]
    pub(super) sync: SyncArgs,
    /// Apply only if the plan still has this hash.
    #[arg(long, value_name = "HASH")]
    pub(super) plan: Option<String>,
    /// So many deletions are applied unseen. Without it: a share and a number that cannot be a mishap.
    #[arg(long, value_name = "COUNT")]
    pub(super) allow_deletes: Option<u32>,
    /// Print the outcomes as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Without workspaces: every pair that the state file knows.
#[derive(Debug, Args)]
pub(in crate::commands) struct StatusArgs {
    #[command(flatten)]
    pub(super) ends: Ends,
    #[command(flatten)]
    pub(super) state: StateArgs,
    /// Print it as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

impl Ends {
    pub(super) const fn source(&self) -> EndArgs<'_> {
        EndArgs { role: "source", url: &self.source.url, profile: &self.source.profile }
    }

    pub(super) const fn target(&self) -> EndArgs<'_> {
        EndArgs { role: "target", url: &self.target.url, profile: &self.target.profile }
    }

    /// Whether a workspace was named at all.
    pub(super) const fn are_given(&self) -> bool {
        self.source.url.is_some()
            || self.source.profile.is_some()
            || self.target.url.is_some()
            || self.target.profile.is_some()
    }
}

impl SyncArgs {
    pub(super) fn options(&self) -> SyncOptions {
        let usual = SyncOptions::default();
        let rotation_ms = if self.verify_acls { 0 } else { usual.rotation_ms };
        SyncOptions { max_in_flight: self.in_flight, rotation_ms, ..usual }
    }
}
