//! References from one object to another: ids of a workspace inside settings, and the keys that stand for
//! them in canonical forms.

use std::collections::BTreeSet;

use farshore_model::kind::{ObjectKey, ObjectKind};
use serde_json::{Map, Value, json};

use crate::kinds::{self, application_id};

/// A reference in a canonical form: `{"$ref": "clusters/1234:0923-…"}`.
const REF: &str = "$ref";
/// A reference to something that its own side does not have: `{"$unresolved": "clusters/0923-…"}`.
const UNRESOLVED: &str = "$unresolved";

/// The field that names a service principal, in whatever it is.
const APPLICATION: &str = "service_principal_name";
/// The field that names the only user of a cluster: a user by name, or a service principal by its application id.
const SINGLE_USER: &str = "single_user_name";

/// Maps whose keys people choose: a parameter named `policy_id` refers to nothing.
const MAPS_OF_PEOPLE: [&str; 15] = [
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

/// Finds the key of an object by its id on the side that is looked at.
pub(crate) trait KeyLookup {
    fn key_of(&self, kind: ObjectKind, id: &str) -> Option<ObjectKey>;

    /// The same of an object that is known on both sides, or was listed on the one that is read. What is not may have
    /// another id there, or none.
    fn known_key_of(&self, kind: ObjectKind, id: &str) -> Option<ObjectKey> {
        self.key_of(kind, id)
    }

    /// Whether a sync does not see to the principal with this id on both sides: that it belongs to a group is this
    /// side's own affair.
    fn is_apart(&self, _kind: ObjectKind, _id: &str) -> bool {
        false
    }

    /// Whether it is a principal with which we work, on this side or on the other one.
    fn is_own(&self, _key: &ObjectKey) -> bool {
        false
    }

    /// Whether the region map tells what the other side has in place of this value of a field.
    fn is_told(&self, _field: &[&str], _value: &str) -> bool {
        false
    }

    /// Whether both workspaces have the kind at all. Of one that they have not, an id that is also a name is as good on
    /// the other side.
    fn is_offered(&self, _kind: ObjectKind) -> bool {
        true
    }

    /// Whether both workspaces tell what is installed on clusters.
    fn compares_libraries(&self) -> bool {
        true
    }
}

impl<F: Fn(ObjectKind, &str) -> Option<ObjectKey>> KeyLookup for F {
    fn key_of(&self, kind: ObjectKind, id: &str) -> Option<ObjectKey> {
        self(kind, id)
    }
}

/// What a field holds, if it holds an id.
enum Slot {
    Mapped(ObjectKind),
    /// The application id of a service principal, if it is known as one; else the name of a user.
    Principal,
    /// An object of a kind that is not replicated.
    Foreign {
        one: &'static str,
        many: &'static str,
    },
}

fn slot(parent: &str, field: &str) -> Option<Slot> {
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

/// Replaces the ids in the settings of a job or a cluster by keys. Answers, for each that has none, why the
/// object cannot be carried over as it is.
pub(crate) fn to_keys(settings: &mut Value, lookup: &dyn KeyLookup) -> Vec<String> {
    let mut problems = Vec::new();
    walk(settings, "", &mut |parent, field, value| {
        let Some(id) = id_text(value) else { return };
        match slot(parent, field) {
            Some(Slot::Mapped(kind))
                if !lookup.is_offered(kind) && kinds::of(kind).name_field().is_some() => {}
            Some(Slot::Mapped(kind)) => *value = to_key(kind, &id, lookup, &mut problems),
            Some(Slot::Principal) => {
                if let Some(key) = lookup.known_key_of(ObjectKind::ServicePrincipals, &id) {
                    *value = reference(&key);
                }
            }
            Some(Slot::Foreign { one, many }) => {
                problems.push(format!("it needs the {one} {id}, and {many} are not replicated"));
            }
            None => {}
        }
    });
    problems.sort();
    problems.dedup();
    problems
}

/// What stands for an id in a canonical form. An id that names nothing is a problem.
pub(crate) fn to_key(
    kind: ObjectKind,
    id: &str,
    lookup: &dyn KeyLookup,
    problems: &mut Vec<String>,
) -> Value {
    match lookup.key_of(kind, id) {
        Some(key) => reference(&key),
        None => {
            problems.push(format!("it refers to the {} {id}, which does not exist", kind.singular()));
            json!({ UNRESOLVED: format!("{kind}/{id}") })
        }
    }
}

/// A reference to the object with this key, as canonical forms hold it.
pub(crate) fn reference(key: &ObjectKey) -> Value {
    json!({ REF: key.to_string() })
}

/// The key that a value refers to, if it is a reference.
pub(crate) fn referred(value: &Value) -> Option<ObjectKey> {
    let text = single_field(value, REF)?;
    let (kind, key) = text.split_once('/')?;
    Some(ObjectKey { kind: kind.parse().ok()?, key: key.to_owned() })
}

/// The kind and the id of a reference that could not be resolved, as `clusters/0923-…`.
pub(crate) fn unresolved(value: &Value) -> Option<&str> {
    single_field(value, UNRESOLVED)
}

/// The form with every reference to something that its own side does not have left empty: all of them refer to
/// nothing, whatever it once was.
pub(crate) fn without_dangling(form: &Value, is_there: &dyn Fn(&ObjectKey) -> bool) -> Value {
    if unresolved(form).is_some() || referred(form).is_some_and(|key| !is_there(&key)) {
        return Value::Null;
    }
    match form {
        Value::Object(map) => {
            map.iter().map(|(field, value)| (field.clone(), without_dangling(value, is_there))).collect()
        }
        Value::Array(items) => items.iter().map(|value| without_dangling(value, is_there)).collect(),
        leaf => leaf.clone(),
    }
}

/// Every object that a canonical form refers to.
pub(crate) fn referred_keys(form: &Value) -> BTreeSet<ObjectKey> {
    let mut keys = BTreeSet::new();
    collect(form, &mut keys);
    keys
}

fn collect(value: &Value, keys: &mut BTreeSet<ObjectKey>) {
    if let Some(key) = referred(value) {
        keys.insert(key);
        return;
    }
    match value {
        Value::Object(map) => map.values().for_each(|value| collect(value, keys)),
        Value::Array(items) => items.iter().for_each(|value| collect(value, keys)),
        _ => {}
    }
}

/// Replaces keys by the ids that the objects have on the side that is written. Answers the keys that have
/// no id there.
pub(crate) fn to_ids(
    form: &mut Value,
    id_of: &dyn Fn(&ObjectKey) -> Option<String>,
) -> Result<(), Vec<ObjectKey>> {
    let mut missing = Vec::new();
    replace(form, "", id_of, &mut missing);
    if missing.is_empty() { Ok(()) } else { Err(missing) }
}

fn replace(
    value: &mut Value,
    field: &str,
    id_of: &dyn Fn(&ObjectKey) -> Option<String>,
    missing: &mut Vec<ObjectKey>,
) {
    if let Some(key) = referred(value) {
        match id_of(&key) {
            Some(id) if field == APPLICATION || field == SINGLE_USER => {
                *value = Value::from(application_id(&id))
            }
            Some(id) => *value = id_value(key.kind, id),
            None => missing.push(key),
        }
        return;
    }
    match value {
        Value::Object(map) => {
            map.iter_mut().for_each(|(field, value)| replace(value, field, id_of, missing));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| replace(value, field, id_of, missing)),
        _ => {}
    }
}

/// Ids of jobs are numbers, all others are texts.
fn id_value(kind: ObjectKind, id: String) -> Value {
    match (kind, id.parse::<i64>()) {
        (ObjectKind::Jobs, Ok(number)) => Value::from(number),
        _ => Value::from(id),
    }
}

/// An id as text; None for what holds none, such as `{{job.parameters.cluster}}`.
fn id_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() || text.contains("{{") => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn single_field<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    let map = value.as_object()?;
    if map.len() != 1 {
        return None;
    }
    map.get(field)?.as_str()
}

/// Visits every field that is no container, with the name of the map that it is in.
fn walk(value: &mut Value, parent: &str, visit: &mut dyn FnMut(&str, &str, &mut Value)) {
    match value {
        Value::Object(map) => walk_map(map, parent, visit),
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, parent, visit)),
        _ => {}
    }
}

fn walk_map(map: &mut Map<String, Value>, parent: &str, visit: &mut dyn FnMut(&str, &str, &mut Value)) {
    for (field, value) in map.iter_mut() {
        match value {
            Value::Object(_) | Value::Array(_) if MAPS_OF_PEOPLE.contains(&field.as_str()) => {}
            Value::Object(_) | Value::Array(_) => walk(value, field, visit),
            leaf => visit(parent, field, leaf),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(kind: ObjectKind, id: &str) -> Option<ObjectKey> {
        (!id.starts_with("gone")).then(|| ObjectKey { kind, key: format!("1:{id}") })
    }

    #[test]
    fn every_kind_of_reference_goes_there_and_back() {
        let settings = json!({
            "tasks": [
                {"task_key": "a", "existing_cluster_id": "c1", "notebook_task": {"base_parameters": {"policy_id": "x"}}},
                {"task_key": "b", "run_job_task": {"job_id": 7, "job_parameters": {"job_id": "9"}}},
                {"task_key": "c", "for_each_task": {"task": {"new_cluster": {"policy_id": "p1"}}}},
                {"task_key": "d", "existing_cluster_id": "{{job.parameters.cluster}}"},
            ],
            "job_clusters": [{"new_cluster": {
                "instance_pool_id": "ip1", "driver_instance_pool_id": "ip2", "policy_id": "p1",
                "spark_conf": {"instance_pool_id": "no reference"},
            }}],
        });
        let mut form = settings.clone();
        assert_eq!(to_keys(&mut form, &known), Vec::<String>::new());
        assert_eq!(form["tasks"][1]["run_job_task"]["job_id"], json!({"$ref": "jobs/1:7"}));
        let keys: Vec<_> = referred_keys(&form).iter().map(ToString::to_string).collect();
        let expected = [
            "instance_pools/1:ip1",
            "instance_pools/1:ip2",
            "cluster_policies/1:p1",
            "clusters/1:c1",
            "jobs/1:7",
        ];
        assert_eq!(keys, expected);

        let own_id = |key: &ObjectKey| key.key.strip_prefix("1:").map(str::to_owned);
        to_ids(&mut form, &own_id).unwrap();
        assert_eq!(form, settings, "a job's id is a number again, and texts of people are left alone");
    }

    #[test]
    fn a_service_principal_is_written_by_its_application_id_where_a_job_names_it() {
        let key = ObjectKey { kind: ObjectKind::ServicePrincipals, key: "1:47/a-b".to_owned() };
        let mut form = json!({"run_as": {"service_principal_name": "a-b"}, "members": [reference(&key)]});
        let by_application = |_: ObjectKind, id: &str| (id == "a-b").then(|| key.clone());
        assert_eq!(to_keys(&mut form, &by_application), Vec::<String>::new());
        assert_eq!(form["run_as"]["service_principal_name"], reference(&key));
        to_ids(&mut form, &|_| Some("92/c-d".to_owned())).unwrap();
        assert_eq!(form, json!({"run_as": {"service_principal_name": "c-d"}, "members": ["92/c-d"]}));
    }

    #[test]
    fn the_only_user_of_a_cluster_may_be_a_service_principal() {
        let key = ObjectKey { kind: ObjectKind::ServicePrincipals, key: "1:47/a-b".to_owned() };
        let by_application = |_: ObjectKind, id: &str| (id == "a-b").then(|| key.clone());
        let with = |user: Value| json!({"new_cluster": {"single_user_name": user}});
        let mut form = with(json!("a-b"));
        assert_eq!(to_keys(&mut form, &by_application), Vec::<String>::new());
        assert_eq!(form, with(reference(&key)));
        to_ids(&mut form, &|_| Some("92/c-d".to_owned())).unwrap();
        assert_eq!(form, with(json!("c-d")));
        let mut form = with(json!("ann@x.org"));
        assert_eq!(
            to_keys(&mut form, &by_application),
            Vec::<String>::new(),
            "a user has one name everywhere"
        );
        assert_eq!(form, with(json!("ann@x.org")));
    }

    #[test]
    fn what_cannot_be_mapped_is_told_and_stays_stable() {
        let mut form = json!({
            "tasks": [
                {"existing_cluster_id": "gone-1"},
                {"pipeline_task": {"pipeline_id": "p"}},
                {"sql_task": {"warehouse_id": "w", "query": {"query_id": "q"}}},
            ],
        });
        let problems = to_keys(&mut form, &known);
        assert_eq!(
            problems,
            [
                "it needs the SQL query q, and SQL queries are not replicated",
                "it needs the SQL warehouse w, and SQL warehouses are not replicated",
                "it needs the pipeline p, and pipelines are not replicated",
                "it refers to the cluster gone-1, which does not exist",
            ]
        );
        assert_eq!(unresolved(&form["tasks"][0]["existing_cluster_id"]), Some("clusters/gone-1"));
    }

    #[test]
    fn what_every_task_type_needs_is_found() {
        let needs = |task: Value| to_keys(&mut json!({ "tasks": [task] }), &known);
        for (task, what) in [
            (json!({"notebook_task": {"notebook_path": "/a", "warehouse_id": "1"}}), "SQL warehouse 1"),
            (json!({"dbt_task": {"commands": [], "warehouse_id": "1"}}), "SQL warehouse 1"),
            (json!({"power_bi_task": {"warehouse_id": "1"}}), "SQL warehouse 1"),
            (json!({"sql_task": {"alert": {"alert_id": "1"}}}), "SQL alert 1"),
            (json!({"alert_task": {"alert_id": "1"}}), "SQL alert 1"),
            (json!({"sql_task": {"dashboard": {"dashboard_id": "1"}}}), "dashboard 1"),
            (json!({"dashboard_task": {"dashboard_id": "1"}}), "dashboard 1"),
            (json!({"pipeline_task": {"pipeline_id": "1", "full_refresh": true}}), "pipeline 1"),
            (
                json!({"dashboard_task": {"subscription": {"subscribers": [{"destination_id": "1"}]}}}),
                "notification destination 1",
            ),
            (json!({"webhook_notifications": {"on_start": [{"id": "1"}]}}), "notification destination 1"),
            (
                json!({"for_each_task": {"inputs": "[]", "task": {"sql_task": {"query": {"query_id": "1"}}}}}),
                "SQL query 1",
            ),
        ] {
            let problems = needs(task);
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(problems[0].starts_with(&format!("it needs the {what}, and")), "{problems:?}");
        }
        for task in [
            json!({"condition_task": {"op": "EQUAL_TO", "left": "warehouse_id", "right": "1"}}),
            json!({"python_wheel_task": {"entry_point": "x", "named_parameters": {"alert_id": "1"}}}),
            json!({"spark_jar_task": {"main_class_name": "x", "parameters": ["existing_cluster_id", "1"]}}),
            json!({"spark_submit_task": {"parameters": ["--conf", "spark.instance_pool_id=1"]}}),
            json!({"spark_python_task": {"python_file": "/x.py", "parameters": ["1"]}}),
            json!({"dashboard_task": {"filters": {"warehouse_id": "1"}}}),
            json!({"sql_task": {"parameters": {"query_id": "1"}, "file": {"path": "/x.sql"}}}),
        ] {
            assert_eq!(needs(task), Vec::<String>::new());
        }
    }

    #[test]
    fn a_key_without_an_id_on_the_other_side_is_named() {
        let key = ObjectKey { kind: ObjectKind::Clusters, key: "1:c".to_owned() };
        let mut form = json!({"existing_cluster_id": reference(&key)});
        assert_eq!(to_ids(&mut form, &|_| None), Err(vec![key]));
    }
}
