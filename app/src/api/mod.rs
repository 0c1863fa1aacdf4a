//! Server functions: what pages [`read`] and what forms do. Each hands over to one use-case of `farshore-control`,
//! which authorises and audits. All are POST; the forms work without JavaScript and then lead back to the page
//! they stand on, or to the thing that was made.

#[cfg(feature = "ssr")]
mod choose_version;
pub mod context;
mod demo;
mod departments;
#[cfg(feature = "ssr")]
mod form;
mod groups;
mod lean_json;
mod pairing;
#[cfg(feature = "ssr")]
mod people;
#[cfg(feature = "ssr")]
mod posted_form;
mod problem;
pub mod read;
#[cfg(feature = "ssr")]
mod run_again;
mod runs;
#[cfg(feature = "ssr")]
mod standalone;
mod sync;

#[cfg(feature = "ssr")]
pub(crate) use choose_version::ChooseVersion;
#[cfg(feature = "ssr")]
pub(crate) use context::signed_in;
pub use context::{CurrentActor, RequestId, TimeZone};
pub use demo::OperateDemo;
pub use departments::{CreateDepartment, EditDepartment};
pub use groups::EditGroup;
pub use pairing::{BeginPairing, DiscardPairing, FinishPairing, SetPairing, TestSide};
#[cfg(feature = "ssr")]
pub(crate) use people::ComparePeople;
#[cfg(feature = "ssr")]
pub use posted_form::PostedForm;
pub use problem::ApiProblem;
#[cfg(feature = "ssr")]
pub(crate) use run_again::RunObjectAgain;
pub use runs::{CommandRun, RequestRun};
#[cfg(feature = "ssr")]
pub(crate) use standalone::{AddStandalone, DecideStandalone};
pub use sync::{DecidePlan, RequestSync};

/// What every server function returns.
pub type ApiResult<T> = Result<T, ApiProblem>;
