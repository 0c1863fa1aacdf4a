use super::*;

const CLUSTERS: &str = "/api/2.1/clusters/create";

impl Bench {
    async fn policy(&self, name: &str, rules: Value) -> Result<Value, Box<dyn std::error::Error>> {
        let body = json!({"name": name, "definition": rules.to_string()});
        let (status, policy) = self.post("/api/2.0/policies/clusters/create", body).await?;
        if status == 200 { Ok(policy["policy_id"].clone()) } else { Err(policy.to_string().into()) }
    }

    async fn cluster_of(&self, id: &Value) -> reqwest::Result<Value> {
        let path = format!("/api/2.1/clusters/get?cluster_id={}", id.as_str().unwrap_or_default());
        Ok(self.get(&path).await?.1)
    }
}

fn spec(policy_id: &Value, more: Value) -> Value {
    let mut spec = json!({
        "spark_version": "16.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1, "policy_id": policy_id,
    });
    if let (Some(spec), Value::Object(more)) = (spec.as_object_mut(), more) {
        spec.extend(more);
    }
    spec
}

fn on(new_cluster: Value) -> Value {
    json!({"tasks": [{"task_key": "t", "notebook_task": {"notebook_path": "/n"}, "new_cluster": new_cluster}]})
}

#[tokio::test]
async fn job_clusters_that_could_not_be_created_are_refused_with_the_job() -> Outcome {
    let bench = Bench::start().await?;
    let policy = bench.policy("p", json!({"spark_conf.a": {"type": "fixed", "value": "b"}})).await?;
    for (new_cluster, word) in [
        (
            json!({"spark_version": "16.4.x-scala2.12", "num_workers": 1, "instance_pool_id": "zz"}),
            "instance pool",
        ),
        (json!({"spark_version": "16.4.x-scala2.12", "node_type_id": "i3.xlarge"}), "Exactly 1 of"),
        (spec(&json!("zz"), json!({})), "cluster policy with id: zz"),
        (spec(&policy, json!({"spark_conf": {"a": "z"}})), "Validation failed for spark_conf.a"),
    ] {
        let answer = bench.job("refused", on(new_cluster.clone())).await;
        let message = answer.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(
            message.contains("Cluster validation error: ") && message.contains(word),
            "{new_cluster}: {message}"
        );
    }
    let job_id = bench.job("kept", on(spec(&policy, json!({})))).await?;
    let run = bench.ended_run(job_id, json!({})).await?;
    let cluster = bench.cluster_of(&run["tasks"][0]["cluster_instance"]["cluster_id"]).await?;
    assert_eq!(cluster["spark_conf"], json!({"a": "b"}), "what the policy fixes holds");
    // A job outlives the policy that it names: it can still be paused.
    bench.post("/api/2.0/policies/clusters/delete", json!({"policy_id": policy})).await?;
    let change = json!({"job_id": job_id, "new_settings": {"max_concurrent_runs": 0}});
    assert_eq!(bench.post("/api/2.2/jobs/update", change).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn what_the_service_works_out_breaks_no_policy() -> Outcome {
    let bench = Bench::start().await?;
    let rules = json!({"driver_node_type_id": {"type": "forbidden"}, "driver_instance_pool_id": {"type": "forbidden"}});
    let policy = bench.policy("p", rules).await?;
    let (_, made) = bench.post(CLUSTERS, spec(&policy, json!({}))).await?;
    let id = &made["cluster_id"];
    assert_eq!(bench.cluster_of(id).await?["driver_node_type_id"], json!("i3.xlarge"));
    let path =
        format!("/api/2.0/policies/clusters/get-compliance?cluster_id={}", id.as_str().unwrap_or_default());
    assert_eq!(bench.get(&path).await?.1, json!({"is_compliant": true}));
    pause(250).await;
    let change = json!({"cluster_id": id, "update_mask": "num_workers", "cluster": {"num_workers": 2}});
    let (status, answer) = bench.post("/api/2.1/clusters/update", change).await?;
    assert_eq!(status, 200, "{answer}");
    let odd = json!({"cluster_id": id, "update_mask": "nonsense", "cluster": {}});
    assert_eq!(bench.post("/api/2.1/clusters/update", odd).await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn an_edited_policy_is_enforced_on_clusters_and_jobs() -> Outcome {
    let bench = Bench::start().await?;
    let policy = bench.policy("p", json!({})).await?;
    let (_, made) = bench.post(CLUSTERS, spec(&policy, json!({"autotermination_minutes": 120}))).await?;
    let job_id = bench.job("j", on(spec(&policy, json!({"autotermination_minutes": 120})))).await?;
    let rules = json!({
        "autotermination_minutes": {"type": "range", "maxValue": 60},
        "custom_tags.team": {"type": "fixed", "value": "x"},
    });
    let edit = json!({"policy_id": policy, "name": "p", "definition": rules.to_string()});
    assert_eq!(bench.post("/api/2.0/policies/clusters/edit", edit).await?.0, 200);
    pause(250).await;
    let path = "/api/2.0/policies/clusters/enforce-compliance";
    let wish = |is_dry: bool| json!({"cluster_id": made["cluster_id"], "validate_only": is_dry});
    let (_, told) = bench.post(path, wish(true)).await?;
    let change = json!({"field": "autotermination_minutes", "previous_value": "120", "new_value": "60", "type": "number"});
    assert_eq!((&told["has_changes"], &told["changes"][0]), (&json!(true), &change), "{told}");
    assert_eq!(bench.cluster_of(&made["cluster_id"]).await?["autotermination_minutes"], json!(120));
    assert_eq!(bench.post(path, wish(false)).await?.0, 200);
    let cluster = bench.cluster_of(&made["cluster_id"]).await?;
    assert_eq!(
        (&cluster["autotermination_minutes"], &cluster["custom_tags"]),
        (&json!(60), &json!({"team": "x"}))
    );
    pause(250).await;
    assert_eq!(bench.post(path, wish(false)).await?.1["has_changes"], json!(false));

    let (_, told) =
        bench.post("/api/2.0/policies/jobs/enforce-compliance", json!({"job_id": job_id})).await?;
    assert_eq!(
        told["job_cluster_changes"][0]["field"],
        json!("tasks.t.new_cluster.autotermination_minutes"),
        "{told}"
    );
    let (_, job) = bench.get(&format!("/api/2.2/jobs/get?job_id={job_id}")).await?;
    assert_eq!(job["settings"]["tasks"][0]["new_cluster"]["autotermination_minutes"], json!(60));
    Ok(())
}
