//! Which fields of an object hold the id of another one.

use farshore_model::kind::ObjectKind;

/// The field that names a service principal, in whatever it is.
pub(super) const APPLICATION: &str = "service_principal_name";
/// The field that names the only user of a cluster: a user by name, or a service principal by its application id.
pub(super) const SINGLE_USER: &str = "single_user_name";

/// Maps whose keys people choose: a parameter named `policy_id` refers to nothing.
pub(super) const MAPS_OF_PEOPLE: [&str; 15] = [
    "base_parameters",
    "custom_tags",
    "filters",
    "job_parameters",
    "named_parameters",
    "notebook_base_parameters",
    "notebook_params",
    "parameters",
    "pipeline_params",
    "python_named_params",
    "spark_conf",
    "spark_env_vars",
    "sql_params",
    "tags",
    "default_tags",
];

/// What a field holds, if it holds an id.
pub(super) enum Slot {
    Mapped(ObjectKind),
    /// The application id of a service principal, if it is known as one; else the name of a user.
    Principal,
    /// An object of a kind that is not replicated.
    Foreign {
        one: &'static str,
        many: &'static str,
    },
}

pub(super) fn slot(parent: &str, field: &str) -> Option<Slot> {
    Some(match (parent, field) {
        (_, "existing_cluster_id") => Slot::Mapped(ObjectKind::Clusters),
        (_, "instance_pool_id" | "driver_instance_pool_id") => Slot::Mapped(ObjectKind::InstancePools),
        ("aws_attributes", "instance_profile_arn") => Slot::Mapped(ObjectKind::InstanceProfiles),
        (_, "policy_id") => Slot::Mapped(ObjectKind::ClusterPolicies),
        ("run_job_task" | "job_completion", "job_id") => Slot::Mapped(ObjectKind::Jobs),
        ("run_as", APPLICATION) => Slot::Mapped(ObjectKind::ServicePrincipals),
        (_, SINGLE_USER) => Slot::Principal,
        ("pipeline_task", "pipeline_id") => foreign("pipeline", "pipelines"),
        (_, "warehouse_id") => foreign("SQL warehouse", "SQL warehouses"),
        ("query", "query_id") => foreign("SQL query", "SQL queries"),
        ("alert" | "alert_task", "alert_id") => foreign("SQL alert", "SQL alerts"),
        ("dashboard" | "dashboard_task", "dashboard_id") => foreign("dashboard", "dashboards"),
        // `webhook_notifications.on_failure[].id`, and whoever else is told.
        (event, "id") if event.starts_with("on_") => destination(),
        (_, "destination_id") => destination(),
        (_, "gpu_node_pool_id") => foreign("GPU node pool", "GPU node pools"),
        _ => return None,
    })
}

/// The kinds whose objects may refer to one of this kind by its id: here, in a policy's definition, in a group's
/// members and in access control lists.
pub(crate) const fn referring_kinds(kind: ObjectKind) -> &'static [ObjectKind] {
    match kind {
        ObjectKind::Users => &[ObjectKind::Groups],
        ObjectKind::ServicePrincipals => {
            &[ObjectKind::Groups, ObjectKind::Clusters, ObjectKind::Jobs, ObjectKind::Permissions]
        }
        ObjectKind::Groups => &[ObjectKind::Groups],
        // Whatever lies in the tree needs its folder.
        ObjectKind::Folders => &[ObjectKind::Notebooks, ObjectKind::Files],
        ObjectKind::InstanceProfiles => &[ObjectKind::Clusters, ObjectKind::Jobs],
        ObjectKind::InstancePools => &[ObjectKind::ClusterPolicies, ObjectKind::Clusters, ObjectKind::Jobs],
        ObjectKind::ClusterPolicies => &[ObjectKind::Clusters, ObjectKind::Jobs],
        ObjectKind::Clusters | ObjectKind::Jobs => &[ObjectKind::Jobs],
        ObjectKind::Notebooks
        | ObjectKind::Files
        | ObjectKind::DbfsFiles
        | ObjectKind::InitScripts
        | ObjectKind::Permissions => &[],
    }
}

const fn destination() -> Slot {
    foreign("notification destination", "notification destinations")
}

const fn foreign(one: &'static str, many: &'static str) -> Slot {
    Slot::Foreign { one, many }
}

/// The kind that the field at the end of a path refers to, in singular and plural, if it is one that no sync carries.
pub(crate) fn not_replicated(path: &[String]) -> Option<(&'static str, &'static str)> {
    let (field, parents) = path.split_last()?;
    if parents.iter().any(|parent| MAPS_OF_PEOPLE.contains(&parent.as_str())) {
        return None;
    }
    match slot(parents.last().map_or("", String::as_str), field)? {
        Slot::Foreign { one, many } => Some((one, many)),
        Slot::Mapped(_) | Slot::Principal => None,
    }
}
