//! The workspace's own API: one file per family of endpoints, each handler a plain function on the locked state.

pub(crate) mod call;
pub(crate) mod error;
mod form;
pub(crate) mod paging;
pub(crate) mod reply;
pub(crate) mod router;

pub(crate) mod archive;
mod authorization;
mod cloud_defaults;
pub(crate) mod cluster_catalog;
mod cluster_events;
pub(crate) mod clusters;
mod dbfs;
mod dbfs_streams;
mod empty_lists;
pub(crate) mod global_init_scripts;
mod instance_profiles;
pub(crate) mod job_settings;
pub(crate) mod jobs;
mod libraries;
mod notebook_formats;
mod oauth;
pub(crate) mod permissions;
pub(crate) mod policies;
mod policy_compliance;
mod policy_enforcement;
pub(crate) mod policy_rules;
pub(crate) mod pools;
mod rule_sets;
mod run_output;
mod run_view;
mod runs;
mod runs_cancel;
mod runs_repair;
mod scim;
mod tokens;
mod unity_catalog;
pub(crate) mod workspace;
mod workspace_conf;
mod workspace_export;
mod workspace_files;
mod workspace_import;

pub(crate) use call::Call;
pub(crate) use error::ApiError;
pub(crate) use reply::Reply;
