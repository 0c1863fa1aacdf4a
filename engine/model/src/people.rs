//! How the people of two workspaces differ.

use serde::{Deserialize, Serialize};

use crate::{group::Side, kind::ObjectKind};

/// One difference between the users, service principals and groups of two workspaces: one row of a table. Sorted by
/// kind, then by name.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PeopleDifference {
    /// Users, service principals or groups.
    pub kind: ObjectKind,
    /// The user's name, or what the service principal or the group is called.
    pub name: String,
    pub what: WhatDiffers,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum WhatDiffers {
    /// The other side does not have it.
    OnlyOn { side: Side },
    /// Both sides have it. Of a field with several values, such as `members`, each value that one side lacks is a
    /// difference of its own. None: the side has no such value.
    Field { field: String, primary: Option<String>, secondary: Option<String> },
}
