//! The object ledger, as a page and the API show it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{ActionAvailability, PageInfo};
use crate::{
    PairId, Timestamp,
    group::{FailoverGroup, Side},
    kind::{ObjectKey, ObjectKind},
};

/// How an object stands, by what last became of it.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerState {
    /// Both sides were equal when it was last dealt with.
    InOrder,
    Failed,
    /// Changed on both sides; it waits for a person's choice.
    Conflict,
    /// Left as it is on either side, for the reason in `error`.
    LeftAlone,
    /// It is known, and nothing was done with it yet.
    NotCarried,
}

impl LedgerState {
    pub const ALL: [Self; 5] =
        [Self::InOrder, Self::Failed, Self::Conflict, Self::LeftAlone, Self::NotCarried];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InOrder => "in_order",
            Self::Failed => "failed",
            Self::Conflict => "conflict",
            Self::LeftAlone => "left_alone",
            Self::NotCarried => "not_carried",
        }
    }
}

impl fmt::Display for LedgerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for LedgerState {
    type Err = UnknownLedgerState;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| UnknownLedgerState(text.to_owned()))
    }
}

/// The text names no state of an object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no ledger state named {0:?}")]
pub struct UnknownLedgerState(pub String);

/// Which objects of a group's ledger are shown; None: all.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerFilter {
    pub pair: Option<PairId>,
    pub kind: Option<ObjectKind>,
    pub state: Option<LedgerState>,
    /// Only what rests on a side until it is released there.
    pub is_held_only: bool,
    /// Part of a name, or a whole id on either side.
    pub text: Option<String>,
}

/// One object of the ledger.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRow {
    pub pair_id: PairId,
    pub object: ObjectKey,
    pub name: String,
    pub primary_id: Option<String>,
    pub secondary_id: Option<String>,
    pub state: LedgerState,
    /// Why it failed or was left as it is.
    pub error: Option<String>,
    /// When both sides were last known to be equal.
    pub agreed_at: Option<Timestamp>,
    /// It rests on that side until a failover or failback gives it back what it does.
    pub is_held_on_primary: bool,
    pub is_held_on_secondary: bool,
}

impl LedgerRow {
    pub fn id_on(&self, side: Side) -> Option<&str> {
        match side {
            Side::Primary => self.primary_id.as_deref(),
            Side::Secondary => self.secondary_id.as_deref(),
        }
    }

    pub const fn is_held_on(&self, side: Side) -> bool {
        match side {
            Side::Primary => self.is_held_on_primary,
            Side::Secondary => self.is_held_on_secondary,
        }
    }
}

/// The objects of one kind in the ledger of one pair, counted.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindStanding {
    pub pair_id: PairId,
    pub kind: ObjectKind,
    pub objects: u32,
    pub failed: u32,
    pub held: u32,
    /// The pair's. Where no listing tells of changes, the moment since which every object of the kind has been
    /// verified, if that is earlier. None: the pair was never replicated in full.
    pub replication_point: Option<Timestamp>,
    /// Its objects are verified in turn, so that its point may be earlier than its pair's.
    pub is_verified_in_turn: bool,
}

/// A pair, by the names of its workspaces and regions.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairNames {
    pub id: PairId,
    pub primary: String,
    pub primary_region: String,
    pub secondary: String,
    pub secondary_region: String,
}

impl PairNames {
    pub fn region(&self, side: Side) -> &str {
        match side {
            Side::Primary => &self.primary_region,
            Side::Secondary => &self.secondary_region,
        }
    }
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerPage {
    pub as_of: Timestamp,
    pub group: FailoverGroup,
    pub pairs: Vec<PairNames>,
    /// Of all pairs of the group, whatever the filter says.
    pub kinds: Vec<KindStanding>,
    /// By pair, kind and name.
    pub rows: Vec<LedgerRow>,
    pub filter: LedgerFilter,
    pub page: PageInfo,
    pub actions: Vec<ActionAvailability>,
}
