use super::*;

const CLUSTERS: &str = "/api/2.1/clusters/create";
const POOLS: &str = "/api/2.0/instance-pools/create";

fn cluster(more: Value) -> Value {
    let mut settings =
        json!({"spark_version": "16.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1});
    if let (Some(settings), Value::Object(more)) = (settings.as_object_mut(), more) {
        settings.extend(more);
        settings.retain(|_, value| !value.is_null());
    }
    settings
}

impl Bench {
    /// Makes a call that must be refused as a wrong parameter; the message.
    async fn refusal(&self, path: &str, body: Value) -> Result<String, Box<dyn std::error::Error>> {
        let (status, answer) = self.post(path, body.clone()).await?;
        if (status, answer["error_code"].as_str()) != (400, Some("INVALID_PARAMETER_VALUE")) {
            return Err(format!("{path} {body} was answered with {status}: {answer}").into());
        }
        Ok(answer["message"].as_str().unwrap_or_default().to_owned())
    }
}

#[tokio::test]
async fn a_cluster_needs_machines_of_the_region_a_runtime_and_a_size() -> Outcome {
    let bench = Bench::start().await?;
    for (more, word) in [
        (json!({"node_type_id": "zz"}), "Node type zz is not supported. Supported node types: m5d.large"),
        (json!({"node_type_id": "Standard_DS3_v2"}), "is not supported"),
        (json!({"driver_node_type_id": "zz"}), "Node type zz"),
        (json!({"spark_version": "99.9.x-scala9"}), "Invalid spark version"),
        (json!({"node_type_id": null}), "Missing required field 'node_type_id'"),
        (json!({"num_workers": null}), "Exactly 1 of virtual_cluster_size, num_workers or autoscale"),
        (json!({"autoscale": {"min_workers": 1, "max_workers": 2}}), "Exactly 1 of"),
        (json!({"num_workers": -1}), "at least 0"),
    ] {
        let message = bench.refusal(CLUSTERS, cluster(more.clone())).await?;
        assert!(message.contains(word), "{more}: {message}");
    }
    let single = cluster(json!({"num_workers": null, "is_single_node": true, "node_type_id": "m6gd.large"}));
    assert_eq!(bench.post(CLUSTERS, single).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn a_cluster_is_not_resized_to_less_than_nothing() -> Outcome {
    let bench = Bench::start().await?;
    let (_, made) = bench.post(CLUSTERS, cluster(json!({}))).await?;
    pause(250).await;
    for size in [json!({"num_workers": -1}), json!({}), json!({"num_workers": 1, "autoscale": {}})] {
        let mut wish = size;
        wish["cluster_id"] = made["cluster_id"].clone();
        bench.refusal("/api/2.1/clusters/resize", wish).await?;
    }
    Ok(())
}

#[tokio::test]
async fn pools_have_names_of_their_own_and_machines_of_the_region() -> Outcome {
    let bench = Bench::start().await?;
    let pool = |name: &str, node: &str| json!({"instance_pool_name": name, "node_type_id": node});
    assert!(bench.refusal(POOLS, pool("a", "zz")).await?.contains("not supported"));
    let (_, first) = bench.post(POOLS, pool("a", "i3.xlarge")).await?;
    assert!(bench.refusal(POOLS, pool("a", "m5.large")).await?.contains("must be unique"));
    let (_, second) = bench.post(POOLS, pool("b", "m5.large")).await?;
    let edit = |id: &Value, name: &str| json!({"instance_pool_id": id, "instance_pool_name": name, "node_type_id": null});
    let path = "/api/2.0/instance-pools/edit";
    assert!(bench.refusal(path, edit(&second["instance_pool_id"], "a")).await?.contains("must be unique"));
    assert_eq!(bench.post(path, edit(&first["instance_pool_id"], "a")).await?.0, 200);
    Ok(())
}
