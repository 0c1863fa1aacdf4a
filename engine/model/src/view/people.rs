//! How the people of a group's pairs differ.

use serde::{Deserialize, Serialize};

use super::{ActionAvailability, PageInfo};
use crate::{
    DurationMs, PairId, Timestamp,
    group::FailoverGroup,
    kind::ObjectKind,
    people::{PeopleComparison, PeopleDifference},
    workspace::Workspace,
};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeoplePage {
    pub as_of: Timestamp,
    pub group: FailoverGroup,
    /// How often people are compared.
    pub interval: DurationMs,
    pub pairs: Vec<PairPeople>,
    /// One page of what the last comparisons that succeeded have found, after the filter: pair by pair, by kind, by
    /// name.
    pub differences: Vec<PairDifference>,
    pub filter: PeopleFilter,
    pub page: PageInfo,
    /// `compare_people`: whether the one who looks may ask for a comparison now.
    pub actions: Vec<ActionAvailability>,
}

/// One pair, and what is known of its people.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairPeople {
    pub primary: Workspace,
    pub secondary: Workspace,
    pub comparison: PeopleComparison,
    /// When they are compared next; not after `as_of`: now.
    pub next_at: Timestamp,
}

/// A difference, and the pair in which it was found.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairDifference {
    pub pair_id: PairId,
    #[serde(flatten)]
    pub difference: PeopleDifference,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleFilter {
    pub pair: Option<PairId>,
    pub kind: Option<ObjectKind>,
    /// Part of a name, a field or a value, in capitals or not.
    pub text: Option<String>,
    /// From 1.
    pub page: u32,
}
