//! What several pages have in common: fragments of views made of the [components](crate::components), knowing
//! the words of the model.

mod age;
mod changes;
mod fences;
mod group_tabs;
mod group_tile;
mod interval_select;
mod length_field;
mod open_matters;
mod page_data;
mod path_id;
mod post_form;
mod problem;
mod readiness_list;
mod recovery_metric;
mod regions;
mod replication_metric;
mod runs_table;
mod syncs_table;
mod target_fields;
mod viewer;
mod words;

pub use age::TickingLength;
pub use changes::{Changes, FoldedChanges, changes_words};
pub use fences::FenceList;
pub use group_tabs::{GroupTab, GroupTabs};
pub use group_tile::GroupTile;
pub use interval_select::IntervalSelect;
pub use length_field::LengthField;
pub use open_matters::OpenMatters;
pub use page_data::{Loaded, PageData, slow_tick};
pub use path_id::{address, some_text, use_path_id, use_query};
pub use post_form::{FormAction, PostForm};
#[cfg(feature = "ssr")]
pub use problem::set_status;
pub use problem::{FormProblem, PageProblem};
pub use readiness_list::{ReadinessBadge, ReadinessList};
pub use recovery_metric::RecoveryMetric;
pub use regions::{RegionPills, is_unreachable, role_of};
pub use replication_metric::ReplicationMetric;
pub use runs_table::RunsTable;
pub use syncs_table::SyncsTable;
pub use target_fields::TargetFields;
pub use viewer::{provide_viewer, use_viewer};
pub use words::*;
