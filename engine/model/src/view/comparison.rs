//! What one sync did and another one did not, as a page and the API show it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{PageInfo, PairNames};
use crate::{
    Timestamp,
    group::FailoverGroup,
    kind::ObjectKey,
    plan::PlanAction,
    sync_run::{OutcomeState, SyncRun},
};

/// How two syncs, the first and the second, differ in one object. Each object is in one of these.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// Failed in the second and not in the first.
    NewFailure,
    /// Failed in the first and not in the second.
    NoLongerFailing,
    FailedInBoth,
    /// Changed by the second alone.
    OnlySecond,
    /// Changed by the first alone.
    OnlyFirst,
    ChangedByBoth,
}

impl Difference {
    pub const ALL: [Self; 6] = [
        Self::NewFailure,
        Self::NoLongerFailing,
        Self::FailedInBoth,
        Self::OnlySecond,
        Self::OnlyFirst,
        Self::ChangedByBoth,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewFailure => "new_failure",
            Self::NoLongerFailing => "no_longer_failing",
            Self::FailedInBoth => "failed_in_both",
            Self::OnlySecond => "only_second",
            Self::OnlyFirst => "only_first",
            Self::ChangedByBoth => "changed_by_both",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Difference {
    type Err = UnknownDifference;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|difference| difference.as_str() == text)
            .ok_or_else(|| UnknownDifference(text.to_owned()))
    }
}

/// The text names no difference between two syncs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no difference named {0:?}")]
pub struct UnknownDifference(pub String);

/// What one of the two did with an object.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedOutcome {
    pub action: PlanAction,
    pub state: OutcomeState,
    pub error: Option<String>,
    pub remedy: Option<String>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparisonRow {
    pub object: ObjectKey,
    pub name: String,
    pub difference: Difference,
    /// None: it was equal on both sides then, or not there.
    pub first: Option<ComparedOutcome>,
    pub second: Option<ComparedOutcome>,
}

/// How many objects there are of one difference.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceCount {
    pub difference: Difference,
    pub objects: u32,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparePage {
    pub as_of: Timestamp,
    pub group: FailoverGroup,
    pub pairs: Vec<PairNames>,
    /// Syncs that can be chosen, newest first.
    pub choices: Vec<SyncRun>,
    /// The two that are compared; None where there are no two yet.
    pub first: Option<SyncRun>,
    pub second: Option<SyncRun>,
    /// Of each difference that there is.
    pub counts: Vec<DifferenceCount>,
    /// The one that is shown; None: all.
    pub difference: Option<Difference>,
    /// In the order of [`Difference::ALL`], then by kind and name.
    pub rows: Vec<ComparisonRow>,
    pub page: PageInfo,
}
