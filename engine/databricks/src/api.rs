//! The endpoints, one file per kind of object. Objects are passed on as raw JSON, so that a field that we do
//! not know survives the journey from one workspace to the other.

pub mod clusters;
pub mod jobs;
pub mod policies;
pub mod pools;
pub mod runs;
pub mod tree;
