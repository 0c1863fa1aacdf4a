//! How the people of two workspaces differ, and when that was found out.

use serde::{Deserialize, Serialize};

use crate::{PairId, Timestamp, group::Side, kind::ObjectKind};

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

/// What is known of how the people of one pair differ.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleComparison {
    pub pair_id: PairId,
    /// What the last comparison that succeeded has found; None: none has succeeded yet.
    pub found: Option<PeopleFound>,
    /// Why the last attempt failed; None: it succeeded, or there was none.
    pub failure: Option<PeopleFailure>,
    /// When the last attempt began, whatever came of it.
    pub tried_at: Option<Timestamp>,
    /// When somebody asked for a comparison that has not begun yet.
    pub requested_at: Option<Timestamp>,
}

/// What a comparison has found, beside the differences themselves.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleFound {
    /// When both sides began to be listed.
    pub as_of: Timestamp,
    /// Users, service principals and groups.
    pub kinds: Vec<PeopleCount>,
}

impl PeopleFound {
    /// How many differences there are of all kinds.
    pub fn differences(&self) -> u32 {
        self.kinds.iter().map(PeopleCount::differences).sum()
    }
}

/// How many of one kind there are, and how they differ.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleCount {
    pub kind: ObjectKind,
    /// Those that the primary side has.
    pub primary: u32,
    pub secondary: u32,
    pub only_primary: u32,
    pub only_secondary: u32,
    /// Differences in fields of those that both sides have.
    pub fields: u32,
}

impl PeopleCount {
    pub const fn differences(&self) -> u32 {
        self.only_primary + self.only_secondary + self.fields
    }
}

/// Why people could not be compared.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleFailure {
    pub at: Timestamp,
    pub error: String,
    pub remedy: String,
}
