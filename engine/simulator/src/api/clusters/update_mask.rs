//! Which fields a partial update changes.

use serde_json::{Map, Value};

use crate::api::ApiError;

/// What a mask can name at its head.
const FIELDS: [&str; 38] = [
    "autoscale",
    "autotermination_minutes",
    "aws_attributes",
    "azure_attributes",
    "cluster_log_conf",
    "cluster_name",
    "confidential_compute_type",
    "custom_tags",
    "data_security_mode",
    "docker_image",
    "driver_instance_pool_id",
    "driver_node_type_flexibility",
    "driver_node_type_id",
    "enable_elastic_disk",
    "enable_local_disk_encryption",
    "gcp_attributes",
    "init_scripts",
    "instance_pool_id",
    "is_single_node",
    "kind",
    "node_type_id",
    "num_workers",
    "policy_id",
    "remote_disk_throughput",
    "runtime_engine",
    "single_user_name",
    "spark_conf",
    "spark_env_vars",
    "spark_version",
    "ssh_public_keys",
    "total_initial_remote_disk_size",
    "use_ml_runtime",
    "worker_node_type_flexibility",
    "workload_type",
    "disk_spec",
    "enable_serverless_compute",
    "virtual_cluster_size",
    "dependency_mode",
];

/// Brings one field of a mask over: its value, or that it has none. A path names a field within another; the
/// settings beside it stay.
pub(super) fn take_over(
    settings: &mut Map<String, Value>,
    given: &Map<String, Value>,
    field: &str,
) -> Result<(), ApiError> {
    let head = field.split('.').next().unwrap_or(field);
    if !FIELDS.contains(&head) {
        let message = format!("Invalid update_mask: a cluster has no field '{field}'.");
        return Err(ApiError::invalid_parameter(message));
    }
    copy(settings, given, field);
    // The two kinds of size take each other's place.
    if settings.contains_key(head) {
        match head {
            "autoscale" => settings.remove("num_workers"),
            "num_workers" => settings.remove("autoscale"),
            _ => None,
        };
    }
    Ok(())
}

fn copy(settings: &mut Map<String, Value>, given: &Map<String, Value>, path: &str) {
    let Some((head, rest)) = path.split_once('.') else {
        match given.get(path).filter(|value| !value.is_null()) {
            Some(value) => settings.insert(path.to_owned(), value.clone()),
            None => settings.remove(path),
        };
        return;
    };
    let nothing = Map::new();
    let given = given.get(head).and_then(Value::as_object).unwrap_or(&nothing);
    let inner = settings.entry(head).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        // The keys of some maps have dots of their own.
        let is_one_key = inner.contains_key(rest) || given.contains_key(rest);
        if is_one_key {
            match given.get(rest) {
                Some(value) => inner.insert(rest.to_owned(), value.clone()),
                None => inner.remove(rest),
            };
        } else {
            copy(inner, given, rest);
        }
        if inner.is_empty() {
            settings.remove(head);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn updated(settings: Value, given: Value, field: &str) -> Result<Value, ApiError> {
        let map = |value: Value| value.as_object().cloned().unwrap_or_default();
        let mut settings = map(settings);
        take_over(&mut settings, &map(given), field).map(|()| Value::Object(settings))
    }

    #[test]
    fn a_path_changes_nothing_beside_what_it_names() {
        let before = json!({"aws_attributes": {"first_on_demand": 1, "zone_id": "a"}, "num_workers": 1});
        let given = json!({"aws_attributes": {"zone_id": "b", "first_on_demand": 9}});
        assert_eq!(
            updated(before.clone(), given.clone(), "aws_attributes.zone_id"),
            Ok(json!({"aws_attributes": {"first_on_demand": 1, "zone_id": "b"}, "num_workers": 1}))
        );
        assert_eq!(
            updated(before.clone(), json!({}), "aws_attributes.zone_id"),
            Ok(json!({"aws_attributes": {"first_on_demand": 1}, "num_workers": 1}))
        );
        assert_eq!(updated(before.clone(), json!({}), "aws_attributes"), Ok(json!({"num_workers": 1})));
        assert_eq!(
            updated(
                json!({"spark_conf": {"a.b": "1"}}),
                json!({"spark_conf": {"a.b": "2"}}),
                "spark_conf.a.b"
            ),
            Ok(json!({"spark_conf": {"a.b": "2"}}))
        );
        let range = json!({"autoscale": {"min_workers": 1, "max_workers": 2}});
        assert_eq!(updated(json!({"num_workers": 1}), range.clone(), "autoscale"), Ok(range));
        assert!(updated(before, given, "nonsense").is_err());
    }
}
