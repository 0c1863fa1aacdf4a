//! What of a group is replicated, and how: decided by a person, kept with the group.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{kind::ObjectKind, region_map::RegionMap};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplicationSettings {
    /// Kinds that are handled otherwise than by a sync.
    pub handling: BTreeMap<ObjectKind, Handling>,
    /// The first one that fits an object decides; one that none fits is in scope.
    pub filters: Vec<ScopeFilter>,
    pub region_map: RegionMap,
    pub on_drift: OnDrift,
    pub brake: DeletionBrake,
}

impl ReplicationSettings {
    pub fn handling_of(&self, kind: ObjectKind) -> Handling {
        self.handling.get(&kind).copied().unwrap_or_default()
    }
}

/// How a kind gets to the other side.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handling {
    /// The sync engine carries it.
    #[default]
    Sync,
    /// CI/CD deploys it to both sides; it is compared, and never written.
    CoDeploy,
    /// A person sees to it; it is compared, and never written.
    Manual,
    /// It is not looked at.
    Excluded,
}

impl Handling {
    pub const ALL: [Self; 4] = [Self::Sync, Self::CoDeploy, Self::Manual, Self::Excluded];

    pub const fn title(self) -> &'static str {
        match self {
            Self::Sync => "Sync",
            Self::CoDeploy => "Co-deploy",
            Self::Manual => "Manual",
            Self::Excluded => "Excluded",
        }
    }
}

/// Takes objects into the scope, or out of it.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeFilter {
    /// None: of every kind.
    pub kind: Option<ObjectKind>,
    pub by: FilterBy,
    pub is_included: bool,
}

/// What an object is recognised by. In patterns `*` stands for any text.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum FilterBy {
    /// A path in the workspace and everything below it.
    Path { path: String },
    /// A pattern for the object's name.
    Name { pattern: String },
    /// A tag that the object has, with a pattern for its value.
    Tag { key: String, value: String },
    /// A pattern for the name of the person or machine that made it.
    Owner { pattern: String },
}

/// What is done with an object that was changed by hand on the passive side.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDrift {
    /// It is made equal to the active side again.
    #[default]
    Overwrite,
    /// It stays, and is shown.
    Keep,
    /// It is a conflict, until a person chooses.
    Ask,
}

/// How much one sync may delete before it stops and waits for a person.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletionBrake {
    pub most_objects: u32,
    /// Of the objects that the ledger knows, 0 to 100.
    pub most_percent: u8,
}

impl Default for DeletionBrake {
    fn default() -> Self {
        Self { most_objects: 50, most_percent: 10 }
    }
}

/// Few enough objects are no share of anything.
const ALWAYS_ALLOWED: u32 = 5;

impl DeletionBrake {
    /// Why a sync that would delete so many of so many objects stops; None: it may go on.
    pub fn stops(self, deletes: u32, known: u32) -> Option<String> {
        if deletes <= ALWAYS_ALLOWED.min(self.most_objects) {
            return None;
        }
        let percent = u64::from(deletes) * 100 / u64::from(known.max(1));
        if deletes > self.most_objects {
            return Some(format!(
                "{deletes} objects would be deleted, and this group lets a sync delete {} without being asked",
                self.most_objects
            ));
        }
        (percent > u64::from(self.most_percent)).then(|| {
            format!(
                "{deletes} of {known} objects would be deleted ({percent} %), and this group lets a sync delete \
                 {} % without being asked",
                self.most_percent
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_brake_holds_by_number_and_by_share() {
        let brake = DeletionBrake { most_objects: 50, most_percent: 10 };
        assert_eq!(brake.stops(5, 5), None, "a handful is nobody's disaster");
        assert_eq!(brake.stops(50, 1_000), None);
        assert!(brake.stops(51, 100_000).is_some_and(|why| why.contains("51 objects")));
        assert!(brake.stops(20, 100).is_some_and(|why| why.contains("20 %")));
        assert!(DeletionBrake { most_objects: 0, most_percent: 100 }.stops(1, 100).is_some());
    }
}
