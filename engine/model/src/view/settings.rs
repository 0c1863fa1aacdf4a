//! What the pages about settings show.

use serde::{Deserialize, Serialize};

use super::ActionAvailability;
use crate::{
    GroupId, Timestamp,
    group::{FailoverGroup, Side},
    region_map::RegionPreview,
    replication_settings::ReplicationSettings,
    workspace::{StandaloneWorkspace, Workspace},
};

/// What of a group is replicated and how.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsPage {
    pub as_of: Timestamp,
    pub group: FailoverGroup,
    /// Those of the group's pairs, the primary's and the others, as the columns of its region map are headed.
    pub primary_region: String,
    pub secondary_regions: Vec<String>,
    pub settings: ReplicationSettings,
    /// To be sent back with an edit; 0 while nobody has edited them.
    pub version: i64,
    pub actions: Vec<ActionAvailability>,
}

/// What a region map, kept or not, would do to the objects of the active side.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionMapPreview {
    /// The side that was read, and its region.
    pub side: Side,
    pub region: String,
    /// How many objects were looked at, and when they were read. They are kept for a few minutes.
    pub objects: u32,
    pub read_at: Timestamp,
    pub as_of: Timestamp,
    /// The place of a rule, from 1, because of which the map cannot be kept, and why.
    pub refusal: Option<(u32, String)>,
    /// A rule that lacks one of its sides touches nothing.
    pub preview: RegionPreview,
}

/// Every workspace that somebody has decided about.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspacesPage {
    pub as_of: Timestamp,
    /// Those of failover groups, by name.
    pub paired: Vec<PairedWorkspace>,
    /// Those that need no counterpart, by name.
    pub standalone: Vec<StandaloneWorkspace>,
    pub actions: Vec<ActionAvailability>,
}

/// A workspace, and a failover group that it belongs to.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairedWorkspace {
    pub workspace: Workspace,
    pub group_id: GroupId,
    pub group_name: String,
}
