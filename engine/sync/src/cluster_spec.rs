//! What a cluster is made of, in a cluster and in a job alike.

use serde_json::{Map, Value};

use crate::{canonical::only, references::KeyLookup};

/// Fields that the API works out from a pool, and refuses to be given beside one.
const GIVEN_BY_A_POOL: [&str; 6] = [
    "node_type_id",
    "driver_node_type_id",
    "enable_elastic_disk",
    "disk_spec",
    "worker_node_type_flexibility",
    "driver_node_type_flexibility",
];

/// The attributes that may name a zone, and how.
pub(crate) const ZONED: [&str; 2] = ["aws_attributes", "gcp_attributes"];
pub(crate) const ZONE: &str = "zone_id";
/// The provider chooses.
pub(crate) const ANY_ZONE: &str = "auto";

/// Brings a specification to the form that is equal on both sides whenever the clusters are.
pub(crate) fn normalise(spec: &mut Map<String, Value>, keys: &dyn KeyLookup) {
    if spec.get("autoscale").is_some_and(Value::is_object) {
        spec.remove("num_workers");
    }
    if spec.get("instance_pool_id").is_some_and(is_text) {
        for field in GIVEN_BY_A_POOL {
            spec.remove(field);
        }
        keep_only(spec, "aws_attributes", &["instance_profile_arn"]);
        keep_only(spec, "azure_attributes", &[]);
        keep_only(spec, "gcp_attributes", &["google_service_account"]);
        if spec.get("driver_instance_pool_id") == spec.get("instance_pool_id") {
            spec.remove("driver_instance_pool_id");
        }
    } else {
        spec.remove("instance_pool_id");
        spec.remove("driver_instance_pool_id");
        if spec.get("driver_node_type_id") == spec.get("node_type_id") {
            spec.remove("driver_node_type_id");
        }
    }
    unbind_from_zone(spec, keys);
}

/// A zone belongs to one region. Where nothing tells what the other one has in its place, the provider chooses there. Any
/// cluster may leave it the choice; of pools, only some may.
fn unbind_from_zone(spec: &mut Map<String, Value>, keys: &dyn KeyLookup) {
    for attributes in ZONED {
        let Some(zone) = spec.get_mut(attributes).and_then(|attributes| attributes.get_mut(ZONE)) else {
            continue;
        };
        if !zone.as_str().is_some_and(|zone| keys.is_told(&[attributes, ZONE], zone)) {
            *zone = Value::from(ANY_ZONE);
        }
    }
}

fn keep_only(spec: &mut Map<String, Value>, attributes: &str, fields: &[&str]) {
    let Some(kept) = spec.get(attributes).map(|attributes| only(attributes, fields)) else { return };
    if kept.is_empty() {
        spec.remove(attributes);
    } else {
        spec.insert(attributes.to_owned(), Value::Object(kept));
    }
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::nothing;

    fn normalised(spec: Value) -> Value {
        let mut spec = spec.as_object().cloned().unwrap();
        normalise(&mut spec, &nothing);
        Value::Object(spec)
    }

    #[test]
    fn what_a_pool_gives_is_not_said_again() {
        let spec = json!({
            "instance_pool_id": "p", "driver_instance_pool_id": "p", "node_type_id": "m5.large",
            "driver_node_type_id": "m5.large", "enable_elastic_disk": true, "num_workers": 2,
            "aws_attributes": {"zone_id": "us-east-1a", "instance_profile_arn": "arn:x"},
        });
        let expected = json!({"instance_pool_id": "p", "num_workers": 2, "aws_attributes": {"instance_profile_arn": "arn:x"}});
        assert_eq!(normalised(spec), expected);
    }

    #[test]
    fn zones_stay_in_their_region() {
        let east = json!({"node_type_id": "m5.large", "aws_attributes": {"zone_id": "us-east-1a"}});
        let west = json!({"node_type_id": "m5.large", "driver_node_type_id": "m5.large", "aws_attributes": {"zone_id": "auto"}});
        assert_eq!(normalised(east), normalised(west));
    }

    #[test]
    fn a_number_beside_a_range_is_only_the_present_size() {
        let spec = json!({"autoscale": {"min_workers": 1, "max_workers": 4}, "num_workers": 3});
        assert_eq!(normalised(spec), json!({"autoscale": {"min_workers": 1, "max_workers": 4}}));
    }
}
