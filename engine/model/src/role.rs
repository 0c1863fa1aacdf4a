//! Who may act: the roles, and the person behind a request.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::UserId;

/// What a person is to the panel. What each role may do is written in one place, the role matrix of
/// `farshore-control`.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Pairs workspaces, tunes replication, manages departments.
    Admin,
    /// Drives syncs, failovers and failbacks.
    Operator,
    /// Signs off what an operator requests.
    Approver,
    /// Sets the targets of a department.
    DepartmentOwner,
    /// Reads.
    Viewer,
}

impl Role {
    pub const ALL: [Self; 5] =
        [Self::Admin, Self::Operator, Self::Approver, Self::DepartmentOwner, Self::Viewer];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Approver => "approver",
            Self::DepartmentOwner => "department_owner",
            Self::Viewer => "viewer",
        }
    }

    /// The name that a screen shows.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::Operator => "Operator",
            Self::Approver => "Approver",
            Self::DepartmentOwner => "Department owner",
            Self::Viewer => "Viewer",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// The text names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no role named {0:?}")]
pub struct UnknownRole(pub String);

/// The signed-in person on whose behalf something is done.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub id: UserId,
    /// The name that screens and the audit list show.
    pub name: String,
    pub role: Role,
}
