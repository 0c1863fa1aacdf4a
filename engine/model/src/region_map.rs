//! The region map of a failover group: what is called one way in the primary region and another way in the
//! passive one, and is rewritten when an object is carried over.

use std::borrow::Borrow;

use serde::{Deserialize, Serialize};

use crate::{group::Side, kind::ObjectKind};

/// Ordered rules; of several that fit a value, the first one rewrites it.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegionMap {
    pub rules: Vec<RegionRule>,
}

/// One value, or the beginning of values, as each side has it.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionRule {
    /// The field that holds the value, as `node_type_id` or `aws_attributes.zone_id`; None: any field but those that
    /// hold names, as `cluster_name` or `group_name`.
    pub field: Option<String>,
    pub matching: Matching,
    pub primary: String,
    pub secondary: String,
}

/// Fields in which an object says its own name.
const NAMES_OF_OBJECTS: [&str; 5] = ["name", "cluster_name", "instance_pool_name", "displayName", "userName"];
/// Fields that name somebody, in whatever they are.
const NAMES_OF_PRINCIPALS: [&str; 4] =
    ["user_name", "group_name", "service_principal_name", "single_user_name"];

/// Whether the field at the end of this path holds a name, by which an object or a principal is known again on the other
/// side. A rule without a field leaves it alone.
pub fn is_name<Field: Borrow<str>>(path: &[Field]) -> bool {
    let [first, .., last] = path else {
        return path.first().is_some_and(|field| {
            let field = field.borrow();
            NAMES_OF_OBJECTS.contains(&field) || NAMES_OF_PRINCIPALS.contains(&field)
        });
    };
    // The parts of a user's name.
    first.borrow() == "name" || NAMES_OF_PRINCIPALS.contains(&last.borrow())
}

/// What is reached through the file system, and is not in it: buckets that are mounted, volumes, and samples that
/// every workspace has. No sync copies it.
pub const ELSEWHERE: [&str; 4] = ["/mnt/", "/Volumes/", "/databricks-datasets/", "/databricks-results/"];

/// Whether the value is a path of what a sync copies, in the workspace tree or in DBFS. The copy has the same path, so that
/// a reference which says otherwise would point to nothing.
pub fn is_path_of_a_copy(value: &str) -> bool {
    let path = value
        .strip_prefix("dbfs:")
        .or_else(|| value.strip_prefix("/dbfs").filter(|rest| rest.starts_with('/')));
    let path = path.unwrap_or(value);
    path.starts_with('/') && !ELSEWHERE.iter().any(|root| path.starts_with(root))
}

impl RegionRule {
    /// The rule's text on that side.
    pub fn on(&self, side: Side) -> &str {
        match side {
            Side::Primary => &self.primary,
            Side::Secondary => &self.secondary,
        }
    }
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    /// The whole value.
    Exact,
    /// The beginning of the value; what follows it stays.
    Prefix,
}

impl Matching {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Prefix => "prefix",
        }
    }
}

/// Why a list of rules cannot be a region map. Places count from 1, as a person does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRegionMap {
    #[error("rule {0} lacks what the value is on one of the two sides; nothing was changed")]
    Empty(usize),
    #[error("rule {0} has the same text on both sides, so it rewrites nothing; nothing was changed")]
    Idle(usize),
    #[error(
        "rule {0} would rewrite the path of what is copied to the same path, so that references to it would point to \
         nothing; a rule for one field, as notebook_path, may do so; nothing was changed"
    )]
    PathOfACopy(usize),
    #[error(
        "rules {0} and {1} would both give the value on the {side} side, so that nothing tells what to write \
         when objects are carried back; nothing was changed",
        side = .2
    )]
    NotReversible(usize, usize, Side),
    #[error("rule {1} never applies, because rule {0} before it fits all of its values; nothing was changed")]
    Shadowed(usize, usize),
}

impl RegionMap {
    /// Whether the rules can be applied in both directions: a failback rewrites back what the replication has
    /// rewritten.
    ///
    /// # Errors
    /// The first rule, or pair of rules, that makes no sense.
    pub fn check(&self) -> Result<(), InvalidRegionMap> {
        for (at, rule) in self.rules.iter().enumerate() {
            if rule.primary.is_empty() || rule.secondary.is_empty() {
                return Err(InvalidRegionMap::Empty(at + 1));
            }
            if rule.primary == rule.secondary {
                return Err(InvalidRegionMap::Idle(at + 1));
            }
            let texts = [&rule.primary, &rule.secondary];
            if rule.field.is_none() && texts.into_iter().any(|text| is_path_of_a_copy(text)) {
                return Err(InvalidRegionMap::PathOfACopy(at + 1));
            }
            for (earlier_at, earlier) in self.rules.iter().take(at).enumerate() {
                if earlier.covers(rule, Side::Primary) {
                    return Err(InvalidRegionMap::Shadowed(earlier_at + 1, at + 1));
                }
                if earlier.covers(rule, Side::Secondary) {
                    return Err(InvalidRegionMap::NotReversible(earlier_at + 1, at + 1, Side::Secondary));
                }
            }
        }
        Ok(())
    }
}

impl RegionRule {
    /// Whether every value that `other` fits on that side is taken by this rule before.
    fn covers(&self, other: &Self, side: Side) -> bool {
        let is_wider_field = match (&self.field, &other.field) {
            (None, None) => true,
            (None, Some(others)) => !is_name(&others.split('.').collect::<Vec<_>>()),
            (Some(own), Some(others)) => others == own || others.ends_with(&format!(".{own}")),
            (Some(_), None) => false,
        };
        let fits = match (self.matching, other.matching) {
            (Matching::Exact, Matching::Exact) => self.on(side) == other.on(side),
            (Matching::Exact, Matching::Prefix) => false,
            (Matching::Prefix, _) => other.on(side).starts_with(self.on(side)),
        };
        is_wider_field && fits
    }
}

/// What the rules would do to the objects of one side, and what looks as if a rule were missing.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionPreview {
    /// One for each rule, in order.
    pub rules: Vec<RuleEffect>,
    /// Values that name the source's region or a place in it and fit no rule, most frequent first.
    pub unmapped: Vec<UnmappedValue>,
}

/// What one rule touches.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleEffect {
    pub values: u32,
    /// The first few of them.
    pub examples: Vec<RewrittenValue>,
}

/// One value that a rule rewrites.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RewrittenValue {
    pub kind: ObjectKind,
    pub name: String,
    /// Where in the object, as `tasks.new_cluster.node_type_id`.
    pub field: String,
    pub before: String,
    pub after: String,
}

/// A value that would be carried over as it is, although it seems to belong to one region.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnmappedValue {
    pub value: String,
    /// What makes it look regional, for a sentence: `it names the region us-east-1`.
    pub why: String,
    pub objects: u32,
    /// The kind, name and field of the first of them.
    pub kind: ObjectKind,
    pub name: String,
    pub field: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(field: Option<&str>, matching: Matching, primary: &str, secondary: &str) -> RegionRule {
        RegionRule {
            field: field.map(str::to_owned),
            matching,
            primary: primary.to_owned(),
            secondary: secondary.to_owned(),
        }
    }

    fn check(rules: impl Into<Vec<RegionRule>>) -> Result<(), InvalidRegionMap> {
        RegionMap { rules: rules.into() }.check()
    }

    #[test]
    fn rules_that_go_both_ways_are_a_map() {
        let rules = [
            rule(None, Matching::Prefix, "s3://sales-east/raw/", "s3://sales-west/landing/"),
            rule(None, Matching::Prefix, "s3://sales-east/", "s3://sales-west/"),
            rule(Some("node_type_id"), Matching::Exact, "m5.large", "m6.large"),
        ];
        assert_eq!(check(rules), Ok(()));
    }

    #[test]
    fn a_rule_for_a_name_comes_into_its_own_beside_one_for_any_field() {
        let any = rule(None, Matching::Prefix, "sales-east", "sales-west");
        let group = rule(Some("group_name"), Matching::Prefix, "sales-east-", "sales-west-");
        assert_eq!(check([any, group]), Ok(()));
        assert!(is_name(&["cluster_name"]) && is_name(&["access_control_list", "user_name"]));
        assert!(
            is_name(&["name", "familyName"]) && !is_name(&["parameters", "name"]) && !is_name::<&str>(&[])
        );
    }

    #[test]
    fn what_cannot_be_a_map_is_told() {
        use InvalidRegionMap::{Empty, Idle, NotReversible, PathOfACopy, Shadowed};
        assert_eq!(check([rule(None, Matching::Exact, "", "b")]), Err(Empty(1)));
        assert_eq!(check([rule(None, Matching::Exact, "a", "a")]), Err(Idle(1)));
        for path in ["dbfs:/libs/east/", "/dbfs/libs/east/", "/Shared/east"] {
            let map =
                [rule(None, Matching::Prefix, "east", "west"), rule(None, Matching::Prefix, path, "west/")];
            assert_eq!(check(map), Err(PathOfACopy(2)), "{path}");
            assert_eq!(check([rule(Some("notebook_path"), Matching::Prefix, path, "/Shared/west")]), Ok(()));
        }
        for path in ["dbfs:/mnt/east/", "/dbfs/mnt/east/", "/mnt/east/", "/Volumes/east/", "s3://east/"] {
            assert_eq!(check([rule(None, Matching::Prefix, path, "/mnt/west/")]), Ok(()), "{path}");
        }
        let wide = rule(None, Matching::Prefix, "s3://a", "s3://b");
        assert_eq!(
            check([wide.clone(), rule(None, Matching::Prefix, "s3://a/x", "s3://c")]),
            Err(Shadowed(1, 2))
        );
        assert_eq!(
            check([wide, rule(Some("url"), Matching::Exact, "gs://a", "s3://b/x")]),
            Err(NotReversible(1, 2, Side::Secondary))
        );
    }
}
