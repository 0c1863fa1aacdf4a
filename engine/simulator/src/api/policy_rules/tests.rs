use serde_json::json;

use super::*;

fn map(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn applied(definition: Value, settings: Value) -> Result<Value, ApiError> {
    let mut settings = map(settings);
    apply(&definition.to_string(), &mut settings, ClusterType::AllPurpose, true)?;
    Ok(Value::Object(settings))
}

#[test]
fn fixed_values_are_filled_in_and_others_refused() {
    let rules = json!({
        "spark_conf.spark.speculation": {"type": "fixed", "value": "true"},
        "autotermination_minutes": {"type": "range", "maxValue": 60, "defaultValue": 30},
    });
    assert_eq!(
        applied(rules.clone(), json!({})),
        Ok(json!({"spark_conf": {"spark.speculation": "true"}, "autotermination_minutes": 30}))
    );
    assert!(applied(rules.clone(), json!({"spark_conf": {"spark.speculation": "false"}})).is_err());
    assert!(applied(rules, json!({"autotermination_minutes": 90})).is_err());
}

#[test]
fn every_type_of_rule_is_kept_to() {
    let script = |place: &str| json!({"init_scripts": [{"s3": {"destination": place}}]});
    for (rule, kept, broken) in [
        (
            json!({"cluster_name": {"type": "regex", "pattern": "team-.*"}}),
            json!({"cluster_name": "team-a"}),
            json!({"cluster_name": "a team-a"}),
        ),
        (
            json!({"custom_tags.team": {"type": "unlimited"}}),
            json!({"custom_tags": {"team": "x"}}),
            json!({}),
        ),
        (
            json!({"runtime_engine": {"type": "allowlist", "values": ["PHOTON"]}}),
            json!({"runtime_engine": "PHOTON"}),
            json!({}),
        ),
        (
            json!({"runtime_engine": {"type": "allowlist", "values": ["PHOTON"], "isOptional": true}}),
            json!({}),
            json!({"runtime_engine": "STANDARD"}),
        ),
        (
            json!({"spark_version": {"type": "blocklist", "values": ["1"]}}),
            json!({}),
            json!({"spark_version": "1"}),
        ),
        (
            json!({"custom_tags.*": {"type": "forbidden"}, "custom_tags.team": {"type": "unlimited"}}),
            json!({"custom_tags": {"team": "x"}}),
            json!({"custom_tags": {"team": "x", "other": "y"}}),
        ),
        (
            json!({"init_scripts.*.s3.destination": {"type": "regex", "pattern": "s3://ours/.*"}}),
            script("s3://ours/a"),
            script("s3://theirs/a"),
        ),
        (json!({"cluster_type": {"type": "fixed", "value": "all-purpose"}}), json!({}), json!(null)),
        (
            json!({"autoscale.max_workers": {"type": "range", "maxValue": 4}}),
            json!({"num_workers": 9}),
            json!({"autoscale": {"max_workers": 5}}),
        ),
    ] {
        assert!(applied(rule.clone(), kept.clone()).is_ok(), "{rule} {kept}");
        if !broken.is_null() {
            let answer = applied(rule.clone(), broken.clone());
            let message = answer.err().map(|error| error.body["message"].to_string()).unwrap_or_default();
            assert!(message.contains("Validation failed for "), "{rule} {broken}: {message}");
        }
    }
    let for_jobs = json!({"cluster_type": {"type": "fixed", "value": "job"}});
    assert!(applied(for_jobs.clone(), json!({})).is_err());
    assert!(apply(&for_jobs.to_string(), &mut Map::new(), ClusterType::Job, false).is_ok());
}

#[test]
fn what_the_policy_says_is_put_right() {
    let rules = json!({
        "autotermination_minutes": {"type": "range", "minValue": 10, "maxValue": 60},
        "custom_tags.team": {"type": "fixed", "value": "x"},
        "ssh_public_keys": {"type": "forbidden"},
    });
    let mut settings = map(json!({"autotermination_minutes": 90, "ssh_public_keys": ["k"]}));
    let corrections = correct(&rules.to_string(), &mut settings, ClusterType::AllPurpose);
    let paths: Option<Vec<String>> =
        corrections.ok().map(|all| all.into_iter().map(|one| one.path).collect());
    assert_eq!(paths.unwrap_or_default(), ["autotermination_minutes", "custom_tags.team", "ssh_public_keys"]);
    assert_eq!(
        Value::Object(settings.clone()),
        json!({"autotermination_minutes": 60, "custom_tags": {"team": "x"}})
    );
    let needs_a_person = json!({"custom_tags.owner": {"type": "unlimited"}}).to_string();
    assert!(correct(&needs_a_person, &mut settings, ClusterType::AllPurpose).is_err());
}

#[test]
fn definitions_that_are_no_rules_are_refused() {
    for definition in
        ["", "[]", "{\"a\": 1}", "{\"a\": {\"type\": \"odd\"}}", "{\"a\": {\"type\": \"fixed\"}}"]
    {
        assert!(parse(definition).is_err(), "{definition}");
    }
}
