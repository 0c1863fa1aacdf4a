//! Who may do what with an object.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Result, WorkspaceClient,
    answer::half_answer,
    call::{Call, Endpoint},
};

const GET: Endpoint = Endpoint::read("/api/2.0/permissions");
const PUT: Endpoint = Endpoint::put("/api/2.0/permissions");
const PATCH: Endpoint = Endpoint::patch("/api/2.0/permissions");

/// The types of objects that have permissions of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PermissionType {
    Alerts,
    AlertsV2,
    Apps,
    /// Its only ids are `tokens` and `passwords`.
    Authorization,
    Clusters,
    ClusterPolicies,
    Dashboards,
    DatabaseInstances,
    DbsqlDashboards,
    Directories,
    Experiments,
    Files,
    Genie,
    InstancePools,
    Jobs,
    Notebooks,
    Pipelines,
    Queries,
    RegisteredModels,
    Repos,
    ServingEndpoints,
    VectorSearchEndpoints,
    Warehouses,
}

impl PermissionType {
    /// What its paths begin with, part by part.
    const fn segments(self) -> &'static [&'static str] {
        match self {
            Self::Alerts => &["sql", "alerts"],
            Self::AlertsV2 => &["alertsv2"],
            Self::Apps => &["apps"],
            Self::Authorization => &["authorization"],
            Self::Clusters => &["clusters"],
            Self::ClusterPolicies => &["cluster-policies"],
            Self::Dashboards => &["dashboards"],
            Self::DatabaseInstances => &["database-instances"],
            Self::DbsqlDashboards => &["dbsql-dashboards"],
            Self::Directories => &["directories"],
            Self::Experiments => &["experiments"],
            Self::Files => &["files"],
            Self::Genie => &["genie"],
            Self::InstancePools => &["instance-pools"],
            Self::Jobs => &["jobs"],
            Self::Notebooks => &["notebooks"],
            Self::Pipelines => &["pipelines"],
            Self::Queries => &["sql", "queries"],
            Self::RegisteredModels => &["registered-models"],
            Self::Repos => &["repos"],
            Self::ServingEndpoints => &["serving-endpoints"],
            Self::VectorSearchEndpoints => &["vector-search-endpoints"],
            Self::Warehouses => &["sql", "warehouses"],
        }
    }

    /// Whether each object has exactly one `IS_OWNER`.
    pub const fn has_owner(self) -> bool {
        matches!(self, Self::Jobs | Self::Pipelines | Self::Warehouses)
    }
}

/// Who is granted something, by the name that permissions know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grantee {
    #[serde(rename = "user_name")]
    User(String),
    #[serde(rename = "group_name")]
    Group(String),
    /// By its application id.
    #[serde(rename = "service_principal_name")]
    ServicePrincipal(String),
}

/// One level that one grantee has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Grant {
    #[serde(flatten)]
    pub grantee: Grantee,
    /// Such as `CAN_MANAGE`.
    pub permission_level: String,
}

/// A grant, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectiveGrant {
    pub grant: Grant,
    /// Whether it comes from an object above, and is not to be written to this one.
    pub is_inherited: bool,
    /// From which, such as `/directories/123`.
    pub inherited_from: Vec<String>,
}

/// All permissions of one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectPermissions {
    /// Such as `/jobs/123`.
    pub object_id: String,
    /// Such as `job`.
    pub object_type: String,
    pub grants: Vec<EffectiveGrant>,
}

impl ObjectPermissions {
    /// The grants that are the object's own, in an order that does not depend on the workspace's.
    pub fn direct(&self) -> Vec<Grant> {
        let own = self.grants.iter().filter(|effective| !effective.is_inherited);
        let mut grants: Vec<Grant> = own.map(|effective| effective.grant.clone()).collect();
        grants.sort();
        grants.dedup();
        grants
    }

    /// Who owns the object, of those types that have an owner.
    pub fn owner(&self) -> Option<&Grantee> {
        let owner = self.grants.iter().find(|effective| effective.grant.permission_level == "IS_OWNER");
        owner.map(|effective| &effective.grant.grantee)
    }
}

/// A level that objects of a type can be granted at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionLevel {
    /// Such as `CAN_MANAGE`.
    pub permission_level: String,
    #[serde(default)]
    pub description: String,
}

#[derive(Deserialize)]
struct RawPermissions {
    #[serde(default)]
    object_id: String,
    #[serde(default)]
    object_type: String,
    #[serde(default)]
    access_control_list: Vec<RawEntry>,
}

#[derive(Deserialize)]
struct RawEntry {
    #[serde(flatten)]
    grantee: Grantee,
    #[serde(default)]
    all_permissions: Vec<RawPermission>,
}

#[derive(Deserialize)]
struct RawPermission {
    permission_level: String,
    #[serde(default)]
    inherited: bool,
    #[serde(default)]
    inherited_from_object: Vec<String>,
}

impl WorkspaceClient {
    /// The permissions of an object, the inherited ones included.
    ///
    /// # Errors
    /// `NotFound`; `FeatureDisabled` when the workspace's tier has no access control.
    pub async fn get_permissions(&self, of: PermissionType, id: &str) -> Result<ObjectPermissions> {
        self.permissions(call(GET, of, id)).await
    }

    /// Replaces all grants that are the object's own, and answers what came of it. Admins keep what they have.
    ///
    /// # Errors
    /// `NotFound`; `FeatureDisabled`; `Invalid` when a grantee or level is unknown, or the one owner is missing.
    pub async fn put_permissions(
        &self,
        of: PermissionType,
        id: &str,
        grants: &[Grant],
    ) -> Result<ObjectPermissions> {
        self.permissions(call(PUT, of, id).json(&json!({"access_control_list": grants}))).await
    }

    /// Adds grants; of a grantee who has one already, the level is changed. Takes none away.
    ///
    /// # Errors
    /// As [`put_permissions`](Self::put_permissions).
    pub async fn patch_permissions(
        &self,
        of: PermissionType,
        id: &str,
        grants: &[Grant],
    ) -> Result<ObjectPermissions> {
        self.permissions(call(PATCH, of, id).json(&json!({"access_control_list": grants}))).await
    }

    /// The levels that this object can be granted at.
    pub async fn permission_levels(&self, of: PermissionType, id: &str) -> Result<Vec<PermissionLevel>> {
        let call = call(GET, of, id).at("permissionLevels");
        let mut answer = self.object(&call).await?;
        let levels = answer.remove("permission_levels").unwrap_or_else(|| json!([]));
        serde_json::from_value(levels)
            .map_err(|error| half_answer(&call, format!("the permission levels are not readable: {error}")))
    }

    async fn permissions(&self, call: Call) -> Result<ObjectPermissions> {
        let answer = Value::Object(self.object(&call).await?);
        // An answer without a list would read as "nobody may": that must be said by an object.
        if answer.get("object_id").is_none() && answer.get("access_control_list").is_none() {
            return Err(half_answer(&call, "the answer contains no permissions"));
        }
        let raw: RawPermissions = serde_json::from_value(answer)
            .map_err(|error| half_answer(&call, format!("the permissions are not readable: {error}")))?;
        let grants = raw.access_control_list.into_iter().flat_map(|entry| {
            let RawEntry { grantee, all_permissions } = entry;
            all_permissions.into_iter().map(move |permission| EffectiveGrant {
                grant: Grant { grantee: grantee.clone(), permission_level: permission.permission_level },
                is_inherited: permission.inherited,
                inherited_from: permission.inherited_from_object,
            })
        });
        Ok(ObjectPermissions {
            object_id: raw.object_id,
            object_type: raw.object_type,
            grants: grants.collect(),
        })
    }
}

fn call(endpoint: Endpoint, of: PermissionType, id: &str) -> Call {
    of.segments().iter().fold(Call::new(endpoint), |call, segment| call.at(*segment)).at(id).about(id)
}
