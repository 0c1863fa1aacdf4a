//! The endpoints, one file per kind of object. Objects are passed on as raw JSON, so that a field that we do
//! not know survives the journey from one workspace to the other.

pub mod cluster_events;
pub mod clusters;
pub mod dbfs;
pub mod global_init_scripts;
pub mod instance_profiles;
pub mod jobs;
pub mod libraries;
pub mod permissions;
pub mod policies;
pub mod pools;
pub mod principals;
pub mod runs;
pub mod tree;
pub mod tree_content;
pub mod workspace_conf;
