//! The types of objects that have permissions, with their levels.

use crate::api::ApiError;

/// A type of object.
#[derive(Debug)]
pub(super) struct Kind {
    /// As paths name it.
    pub(super) path: &'static str,
    /// As answers name it.
    pub(super) object_type: &'static str,
    /// What the ids in answers start with.
    pub(super) root: &'static str,
    /// The levels with what they allow, in the order in which the service lists them.
    pub(super) levels: Levels,
}

type Levels = &'static [(&'static str, &'static str)];

const CLUSTER: Levels = &[
    ("CAN_MANAGE", "Can Manage permission on cluster"),
    ("CAN_RESTART", "Can Restart permission on cluster"),
    ("CAN_ATTACH_TO", "Can Attach To permission on cluster"),
];
const POLICY: Levels = &[("CAN_USE", "Can use the policy")];
const POOL: Levels = &[
    ("CAN_MANAGE", "Can Manage permission on a pool"),
    ("CAN_ATTACH_TO", "Can Attach To permission on a pool"),
];
const JOB: Levels = &[
    ("IS_OWNER", "Is Owner permission on a job"),
    ("CAN_MANAGE", "Can Manage permission on a job"),
    ("CAN_MANAGE_RUN", "Can Manage Run permission to trigger or cancel job runs"),
    ("CAN_VIEW", "Can View permission to view job run results"),
];
const PIPELINE: Levels = &[
    ("IS_OWNER", "Is Owner permission on a pipeline"),
    ("CAN_MANAGE", "Can Manage permission on a pipeline"),
    ("CAN_RUN", "Can Run permission to start and stop updates of a pipeline"),
    ("CAN_VIEW", "Can View permission to view a pipeline"),
];
const NOTEBOOK: Levels = &[
    ("CAN_READ", "Can view and comment on the notebook"),
    ("CAN_RUN", "Can view, comment, attach/detach, and run commands in the notebook"),
    ("CAN_EDIT", "Can view, comment, attach/detach, run commands, and edit the notebook"),
    (
        "CAN_MANAGE",
        "Can view, comment, attach/detach, run commands, edit, and change permissions of the notebook",
    ),
];
const DIRECTORY: Levels = &[
    ("CAN_READ", "Can view and comment on notebooks in the directory"),
    ("CAN_RUN", "Can view, comment, attach/detach, and run commands in notebooks in the directory"),
    ("CAN_EDIT", "Can view, comment, attach/detach, run commands, and edit notebooks in the directory"),
    (
        "CAN_MANAGE",
        "Can view, comment, attach/detach, run commands, and edit notebooks in the folder, and can create, delete, \
         and change permissions of items in the directory",
    ),
];
const FILE: Levels = &[
    ("CAN_READ", "Can view the file"),
    ("CAN_RUN", "Can view and run the file"),
    ("CAN_EDIT", "Can view, run, and edit the file"),
    ("CAN_MANAGE", "Can view, run, edit, and change permissions of the file"),
];
const REPO: Levels = &[
    ("CAN_READ", "Can view and comment on notebooks in the repo"),
    ("CAN_RUN", "Can view, comment, attach/detach, and run commands in notebooks in the repo"),
    ("CAN_EDIT", "Can view, comment, attach/detach, run commands, and edit notebooks in the repo"),
    (
        "CAN_MANAGE",
        "Can view, comment, attach/detach, run commands, and edit notebooks in the repo, and can create, delete, \
         and change permissions of items in the repo",
    ),
];
const SQL_OBJECT: Levels = &[
    ("CAN_READ", "Can view the object"),
    ("CAN_RUN", "Can view and run the object"),
    ("CAN_EDIT", "Can view, run, and edit the object"),
    ("CAN_MANAGE", "Can view, run, edit, and change permissions of the object"),
];
const WAREHOUSE: Levels = &[
    ("CAN_USE", "Can use the warehouse"),
    ("CAN_MONITOR", "Can use the warehouse and monitor its queries"),
    ("CAN_VIEW", "Can view the warehouse"),
    ("CAN_MANAGE", "Can manage the warehouse"),
    ("IS_OWNER", "Is the owner of the warehouse"),
];
const EXPERIMENT: Levels = &[
    ("CAN_READ", "Can view the experiment"),
    ("CAN_EDIT", "Can view and edit the experiment"),
    ("CAN_MANAGE", "Can view, edit, and change permissions of the experiment"),
];
const MODEL: Levels = &[
    (
        "CAN_READ",
        "Can view the details of the registered model and its model versions, and use the model versions.",
    ),
    (
        "CAN_EDIT",
        "Can view and edit the details of a registered model and its model versions (except stage changes), and add \
         new model versions.",
    ),
    (
        "CAN_MANAGE_STAGING_VERSIONS",
        "Can view and edit the details of a registered model and its model versions, add new model versions, and \
         manage stage transitions between non-Production stages.",
    ),
    (
        "CAN_MANAGE_PRODUCTION_VERSIONS",
        "Can view and edit the details of a registered model and its model versions, add new model versions, and \
         manage stage transitions between any stages.",
    ),
    (
        "CAN_MANAGE",
        "Can manage permissions on, view all details of, and perform all actions on the registered model and its \
         model versions.",
    ),
];
const ENDPOINT: Levels = &[
    ("CAN_VIEW", "Can view the endpoint"),
    ("CAN_QUERY", "Can view and query the endpoint"),
    ("CAN_MANAGE", "Can view, query, and manage the endpoint"),
];
const USED: Levels = &[("CAN_USE", "Can use the object"), ("CAN_MANAGE", "Can use and manage the object")];
const TOKENS: Levels =
    &[("CAN_USE", "Can use tokens"), ("CAN_MANAGE", "Can use tokens and manage those of everybody")];
const PASSWORDS: Levels = &[("CAN_USE", "Can use a password to sign in")];

const fn kind(path: &'static str, object_type: &'static str, root: &'static str, levels: Levels) -> Kind {
    Kind { path, object_type, root, levels }
}

static KINDS: [Kind; 23] = [
    kind("clusters", "cluster", "/clusters/", CLUSTER),
    kind("cluster-policies", "cluster-policy", "/cluster-policies/", POLICY),
    kind("instance-pools", "instance-pool", "/instance-pools/", POOL),
    kind("jobs", "job", "/jobs/", JOB),
    kind("pipelines", "pipelines", "/pipelines/", PIPELINE),
    kind("notebooks", "notebook", "/notebooks/", NOTEBOOK),
    kind("directories", "directory", "/directories/", DIRECTORY),
    kind("files", "file", "/files/", FILE),
    kind("repos", "repo", "/repos/", REPO),
    kind("dashboards", "dashboard", "/dashboards/", SQL_OBJECT),
    kind("alertsv2", "alertv2", "/alertsv2/", SQL_OBJECT),
    kind("dbsql-dashboards", "dbsql-dashboard", "/dbsql-dashboards/", SQL_OBJECT),
    kind("alerts", "alert", "/sql/alerts/", SQL_OBJECT),
    kind("queries", "query", "/sql/queries/", SQL_OBJECT),
    kind("warehouses", "warehouses", "/sql/warehouses/", WAREHOUSE),
    kind("experiments", "mlflowExperiment", "/experiments/", EXPERIMENT),
    kind("registered-models", "registered-model", "/registered-models/", MODEL),
    kind("serving-endpoints", "serving-endpoint", "/serving-endpoints/", ENDPOINT),
    kind("vector-search-endpoints", "vector-search-endpoints", "/vector-search-endpoints/", USED),
    kind("apps", "apps", "/apps/", USED),
    kind("genie", "genie-space", "/genie/", SQL_OBJECT),
    kind("database-instances", "database-instances", "/database-instances/", USED),
    kind("database-projects", "database-projects", "/database-projects/", USED),
];

static TOKENS_KIND: Kind = kind("authorization", "tokens", "/authorization/", TOKENS);
static PASSWORDS_KIND: Kind = kind("authorization", "passwords", "/authorization/", PASSWORDS);

/// The type that a path names; of authorization, the id tells which.
pub(super) fn named(path: &str, id: &str) -> Result<&'static Kind, ApiError> {
    match (path, id) {
        ("authorization", "tokens") => return Ok(&TOKENS_KIND),
        ("authorization", "passwords") => return Ok(&PASSWORDS_KIND),
        _ => {}
    }
    KINDS
        .iter()
        .find(|kind| kind.path == path)
        .ok_or_else(|| ApiError::invalid_parameter(format!("request_object_type is not recognized: {path}")))
}

impl Kind {
    /// What administrators may do with every object of the type.
    pub(super) fn admin_level(&self) -> &'static str {
        if self.has_level("CAN_MANAGE") { "CAN_MANAGE" } else { "CAN_USE" }
    }

    pub(super) fn has_level(&self, level: &str) -> bool {
        self.levels.iter().any(|(known, _)| *known == level)
    }

    /// Whether each object has exactly one owner.
    pub(super) fn has_owner(&self) -> bool {
        self.has_level("IS_OWNER")
    }

    /// Whether the objects lie in the workspace tree and inherit along it.
    pub(super) fn is_in_tree(&self) -> bool {
        matches!(self.path, "notebooks" | "directories" | "files" | "repos" | "dashboards")
    }
}
