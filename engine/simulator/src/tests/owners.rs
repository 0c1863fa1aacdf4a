use super::*;

const USER: &str = "u@x.com";

impl Bench {
    async fn add_user(&self) -> reqwest::Result<u16> {
        let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": USER});
        Ok(self.post("/api/2.0/preview/scim/v2/Users", user).await?.0)
    }
}

#[tokio::test]
async fn a_job_runs_as_its_owner_unless_it_says_otherwise() -> Outcome {
    let bench = Bench::start().await?;
    assert_eq!(bench.add_user().await?, 201);
    let to_user = json!([{"user_name": USER, "permission_level": "IS_OWNER"}]);
    let given = bench.job("given", json!({"access_control_list": to_user})).await?;
    let kept = bench.job("kept", json!({})).await?;
    for (job_id, is_owned) in [(given, true), (kept, false)] {
        let (_, job) = bench.get(&format!("/api/2.2/jobs/get?job_id={job_id}")).await?;
        assert_eq!(
            (job["run_as_user_name"] == USER, &job["run_as_owner"]),
            (is_owned, &json!(true)),
            "{job}"
        );
    }
    let path = format!("/api/2.0/permissions/jobs/{kept}");
    let (status, _) = bench.send(Method::PUT, &path, Some(json!({"access_control_list": to_user}))).await?;
    assert_eq!(status, 200);
    let (_, job) = bench.get(&format!("/api/2.2/jobs/get?job_id={kept}")).await?;
    assert_eq!(job["run_as_user_name"], json!(USER));
    Ok(())
}

#[tokio::test]
async fn a_cluster_is_given_only_to_somebody_who_is_there() -> Outcome {
    let bench = Bench::start().await?;
    let cluster = json!({"spark_version": "16.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 0});
    let (_, cluster) = bench.post("/api/2.1/clusters/create", cluster).await?;
    bench.post("/api/2.1/clusters/delete", json!({"cluster_id": cluster["cluster_id"]})).await?;
    pause(250).await;
    let to_user = json!({"cluster_id": cluster["cluster_id"], "owner_username": USER});
    assert_eq!(bench.post("/api/2.1/clusters/change-owner", to_user.clone()).await?.0, 400);
    bench.add_user().await?;
    assert_eq!(bench.post("/api/2.1/clusters/change-owner", to_user).await?.0, 200);
    Ok(())
}
