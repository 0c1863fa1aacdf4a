//! Departments, each with its groups.

use serde::{Deserialize, Serialize};

use super::{ActionAvailability, GroupCard};
use crate::{Timestamp, department::Department};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DepartmentsPage {
    pub as_of: Timestamp,
    pub departments: Vec<DepartmentStatus>,
    pub ungrouped: Vec<GroupCard>,
    pub actions: Vec<ActionAvailability>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DepartmentStatus {
    pub department: Department,
    pub groups: Vec<GroupCard>,
}
