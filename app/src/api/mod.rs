//! Server functions: what pages read and what forms do. Each hands over to one use-case of `farshore-control`,
//! which authorises and audits. All are POST; the forms work without JavaScript and then lead back to the page
//! they stand on, or to the thing that was made.

mod approvals;
mod audit;
pub mod context;
mod demo;
mod departments;
#[cfg(feature = "ssr")]
mod form;
mod groups;
mod lean_json;
mod pairing;
mod problem;
mod runs;
mod sync;
mod viewer;
mod written;

pub use approvals::read_approvals;
pub use audit::read_audit;
pub use context::{CurrentActor, RequestId, TimeZone};
pub use demo::OperateDemo;
pub use departments::{CreateDepartment, EditDepartment, read_departments};
pub use groups::{EditGroup, read_group, read_overview};
pub use pairing::{BeginPairing, DiscardPairing, FinishPairing, SetPairing, TestSide, read_pairing};
pub use problem::ApiProblem;
pub use runs::{CommandRun, RequestRun, read_request, read_run};
pub use sync::{DecidePlan, RequestSync, read_sync};
pub use viewer::read_viewer;
pub use written::{Written, read as read_written};

/// What every server function returns.
pub type ApiResult<T> = Result<T, ApiProblem>;
