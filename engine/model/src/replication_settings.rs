//! What of a group is replicated, and how: decided by a person, kept with the group.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    kind::ObjectKind,
    region_map::{InvalidRegionMap, RegionMap},
};

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
    pub bundles: Bundles,
    pub brake: DeletionBrake,
}

impl ReplicationSettings {
    pub fn handling_of(&self, kind: ObjectKind) -> Handling {
        self.handling.get(&kind).copied().unwrap_or_default()
    }

    /// Whether a sync can do what they say.
    ///
    /// # Errors
    /// The first filter, number or rule that makes no sense.
    pub fn check(&self) -> Result<(), InvalidSettings> {
        for (filter, place) in self.filters.iter().zip(1..) {
            filter.check(place)?;
        }
        if self.brake.most_percent > 100 {
            return Err(InvalidSettings::Percent(self.brake.most_percent));
        }
        Ok(self.region_map.check()?)
    }
}

/// What is kept with a group. By default what holds while nobody has decided anything.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionedSettings {
    pub settings: ReplicationSettings,
    /// Grows with every edit; an edit that names an older one is refused. 0: they were never edited.
    pub version: i64,
}

/// Why settings cannot be kept. Places count from 1, as a person does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSettings {
    #[error("filter {place} lacks its {what}; nothing was changed")]
    Empty { place: usize, what: &'static str },
    #[error(
        "filter {place} names the path {path:?}, and paths begin with a slash and end without one; nothing was \
         changed"
    )]
    Path { place: usize, path: String },
    #[error(
        "filter {0} is about access control lists, which always go with what they guard: choose how they are \
         handled instead; nothing was changed"
    )]
    FollowsItsOwner(usize),
    #[error("{0} % of the objects cannot be deleted: the most is 100 %; nothing was changed")]
    Percent(u8),
    #[error(transparent)]
    RegionMap(#[from] InvalidRegionMap),
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
    /// It is neither compared nor written, and not even listed unless something else refers to it.
    Excluded,
}

impl Handling {
    pub const ALL: [Self; 4] = [Self::Sync, Self::CoDeploy, Self::Manual, Self::Excluded];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::CoDeploy => "co_deploy",
            Self::Manual => "manual",
            Self::Excluded => "excluded",
        }
    }

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

impl ScopeFilter {
    fn check(&self, place: usize) -> Result<(), InvalidSettings> {
        if self.kind == Some(ObjectKind::Permissions) {
            return Err(InvalidSettings::FollowsItsOwner(place));
        }
        let (text, what) = match &self.by {
            FilterBy::Path { path } => (path, "path"),
            FilterBy::Name { pattern } => (pattern, "pattern for names"),
            FilterBy::Tag { key, .. } => (key, "key of the tag"),
            FilterBy::Owner { pattern } => (pattern, "pattern for owners"),
        };
        if text.trim().is_empty() {
            return Err(InvalidSettings::Empty { place, what });
        }
        match &self.by {
            FilterBy::Path { path } if !path.starts_with('/') || (path.ends_with('/') && path != "/") => {
                Err(InvalidSettings::Path { place, path: path.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// What an object is recognised by. In patterns `*` stands for any text, and everything else for itself. An object
/// that has no path, no tags or no owner that its workspace tells fits no filter by these.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum FilterBy {
    /// A path and everything below it: `/Shared/etl`, or `/` for whatever has a path.
    Path { path: String },
    /// A pattern for the object's name; of what has a path, for the last part of it.
    Name { pattern: String },
    /// A tag that the object has, with a pattern for its value; an empty one stands for a tag without a value.
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

impl OnDrift {
    pub const ALL: [Self; 3] = [Self::Overwrite, Self::Keep, Self::Ask];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overwrite => "overwrite",
            Self::Keep => "keep",
            Self::Ask => "ask",
        }
    }
}

/// What is done with what bundles (Declarative Automation Bundles) deploy.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bundles {
    /// CI/CD deploys to both sides; it is compared and never written.
    #[default]
    LeftToCiCd,
    /// Nobody else brings it to the other side.
    Carried,
}

impl Bundles {
    pub const ALL: [Self; 2] = [Self::LeftToCiCd, Self::Carried];

    /// The word that stands for it in forms and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LeftToCiCd => "left_to_ci_cd",
            Self::Carried => "carried",
        }
    }
}

/// How much one sync may delete before it stops and waits for a person.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletionBrake {
    pub most_objects: u32,
    /// Of the objects that the ledger knows, and of those of each kind; 0 to 100.
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
        if deletes > self.most_objects {
            let objects = if deletes == 1 { "object" } else { "objects" };
            return Some(format!(
                "{deletes} {objects} would be deleted, and this group lets a sync delete {} without being asked",
                self.most_objects
            ));
        }
        self.stops_share(deletes, known, "objects", "")
    }

    /// The same of one kind: a kind that is lost as a whole may be a small share of everything.
    pub fn stops_kind(self, kind: ObjectKind, deletes: u32, known: u32) -> Option<String> {
        self.stops_share(deletes, known, kind.plural(), " of a kind")
    }

    fn stops_share(self, deletes: u32, known: u32, what: &str, of_what: &str) -> Option<String> {
        if deletes <= ALWAYS_ALLOWED.min(self.most_objects) {
            return None;
        }
        let percent = u64::from(deletes) * 100 / u64::from(known.max(1));
        (percent > u64::from(self.most_percent)).then(|| {
            format!(
                "{deletes} of {known} {what} would be deleted ({percent} %), and this group lets a sync delete \
                 {} %{of_what} without being asked",
                self.most_percent
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region_map::{Matching, RegionRule};

    fn filter(by: FilterBy) -> ScopeFilter {
        ScopeFilter { kind: None, by, is_included: false }
    }

    fn check(filters: Vec<ScopeFilter>) -> Result<(), InvalidSettings> {
        ReplicationSettings { filters, ..ReplicationSettings::default() }.check()
    }

    #[test]
    fn settings_that_make_no_sense_are_told() {
        let path = |path: &str| filter(FilterBy::Path { path: path.to_owned() });
        let name = |pattern: &str| filter(FilterBy::Name { pattern: pattern.to_owned() });
        assert_eq!(check(vec![path("/"), path("/Shared/etl"), name("tmp *")]), Ok(()));
        let tag = FilterBy::Tag { key: "scope".to_owned(), value: String::new() };
        assert_eq!(check(vec![filter(tag)]), Ok(()), "a tag without a value");
        for wrong in ["Shared", "/Shared/"] {
            let told = InvalidSettings::Path { place: 2, path: wrong.to_owned() };
            assert_eq!(check(vec![path("/"), path(wrong)]), Err(told));
        }
        let told = InvalidSettings::Empty { place: 1, what: "pattern for names" };
        assert_eq!(check(vec![name(" ")]), Err(told));
        let of_lists = ScopeFilter { kind: Some(ObjectKind::Permissions), ..name("x") };
        assert_eq!(check(vec![of_lists]), Err(InvalidSettings::FollowsItsOwner(1)));

        let brake = DeletionBrake { most_objects: 5, most_percent: 101 };
        let settings = ReplicationSettings { brake, ..ReplicationSettings::default() };
        assert_eq!(settings.check(), Err(InvalidSettings::Percent(101)));
        let rule = RegionRule {
            field: None,
            matching: Matching::Exact,
            primary: "a".to_owned(),
            secondary: "a".to_owned(),
        };
        let region_map = RegionMap { rules: vec![rule] };
        let settings = ReplicationSettings { region_map, ..ReplicationSettings::default() };
        assert_eq!(settings.check(), Err(InvalidSettings::RegionMap(InvalidRegionMap::Idle(1))));
    }

    #[test]
    fn the_brake_holds_by_number_and_by_share() {
        let brake = DeletionBrake { most_objects: 50, most_percent: 10 };
        assert_eq!(brake.stops(5, 5), None, "a handful is nobody's disaster");
        assert_eq!(brake.stops(50, 1_000), None);
        assert!(brake.stops(51, 100_000).is_some_and(|why| why.contains("51 objects")));
        assert!(brake.stops(20, 100).is_some_and(|why| why.contains("20 %")));
        assert!(DeletionBrake { most_objects: 0, most_percent: 100 }.stops(1, 100).is_some());
    }

    #[test]
    fn the_brake_holds_by_the_share_of_one_kind() {
        let brake = DeletionBrake { most_objects: 50, most_percent: 10 };
        let stops = |deletes: u32, known: u32| brake.stops_kind(ObjectKind::Jobs, deletes, known);
        assert_eq!(stops(5, 5), None, "a handful");
        assert_eq!(stops(10, 100), None);
        let why = stops(6, 6).expect("all of them");
        assert!(why.contains("6 of 6 jobs") && why.contains("10 % of a kind"), "{why}");
    }
}
