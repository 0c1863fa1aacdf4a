//! The kinds of objects that are replicated, and how one object is named on both sides.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// Makes [`ObjectKind`] out of a table: one line for each kind.
macro_rules! object_kinds {
    ($($variant:ident = $word:literal, $singular:literal, $plural:literal, $title:literal;)*) => {
        /// A kind of object. [`ObjectKind::ALL`] is the order in which kinds are shown and written, so that what is
        /// referred to exists before what refers to it.
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ObjectKind {
            $($variant,)*
        }

        impl ObjectKind {
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$variant),*];

            /// The word that stands for it in the API, in files and in the store.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The name of one of them, for a sentence.
            pub const fn singular(self) -> &'static str {
                match self { $(Self::$variant => $singular,)* }
            }

            /// The name of several of them, for a sentence.
            pub const fn plural(self) -> &'static str {
                match self { $(Self::$variant => $plural,)* }
            }

            /// The name that a screen shows, plural.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

object_kinds! {
    Users = "users", "user", "users", "Users";
    ServicePrincipals = "service_principals", "service principal", "service principals", "Service principals";
    Groups = "groups", "group", "groups", "Groups";
    InstanceProfiles = "instance_profiles", "instance profile", "instance profiles", "Instance profiles";
    Folders = "folders", "folder", "folders", "Folders";
    Notebooks = "notebooks", "notebook", "notebooks", "Notebooks";
    Files = "files", "workspace file", "workspace files", "Workspace files";
    DbfsFiles = "dbfs_files", "DBFS file", "DBFS files", "DBFS files";
    InitScripts = "init_scripts", "global init script", "global init scripts", "Global init scripts";
    InstancePools = "instance_pools", "instance pool", "instance pools", "Instance pools";
    ClusterPolicies = "cluster_policies", "cluster policy", "cluster policies", "Cluster policies";
    Clusters = "clusters", "cluster", "clusters", "Clusters";
    Jobs = "jobs", "job", "jobs", "Jobs";
    Permissions = "permissions", "access control list", "access control lists", "Access control lists";
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ObjectKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// The text names no object kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no object kind named {0:?}")]
pub struct UnknownKind(pub String);

/// What names one object independently of the side on which it is looked at.
///
/// Folders and notebooks are named by their path. Everything else is named by where it was first seen, as
/// `{workspace's org id}:{object's id there}`, so that renaming it is an update and two jobs of one name
/// stay two jobs. A part of an object is named by that object's key, as text: `jobs/123:7` is the access control
/// list of that job.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectKey {
    pub kind: ObjectKind,
    /// Shared by everything that speaks of the object: of a large pair, its text would else take most of the memory.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub key: Arc<str>,
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.key)
    }
}
