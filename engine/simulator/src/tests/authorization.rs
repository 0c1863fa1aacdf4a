use super::*;

/// Calls as a service principal that is in no group.
struct Stranger<'a> {
    bench: &'a Bench,
    token: String,
    id: Value,
    application_id: String,
}

impl<'a> Stranger<'a> {
    async fn new(bench: &'a Bench) -> Result<Self, Box<dyn std::error::Error>> {
        let (_, made) =
            bench.post("/api/2.0/preview/scim/v2/ServicePrincipals", json!({"displayName": "s"})).await?;
        let application_id = made["applicationId"].as_str().unwrap_or_default().to_owned();
        let wish = json!({"application_id": application_id});
        let (_, token) = bench.post("/api/2.0/token-management/on-behalf-of/tokens", wish).await?;
        let token = token["token_value"].as_str().unwrap_or_default().to_owned();
        Ok(Self { bench, token, id: made["id"].clone(), application_id })
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> reqwest::Result<u16> {
        let request = self.bench.http.request(method, self.bench.simulator.url() + path);
        Ok(request.bearer_auth(&self.token).json(&body).send().await?.status().as_u16())
    }

    async fn post(&self, path: &str, body: Value) -> reqwest::Result<u16> {
        self.send(Method::POST, path, body).await
    }
}

#[tokio::test]
async fn some_calls_are_for_administrators() -> Outcome {
    let bench = Bench::start().await?;
    let stranger = Stranger::new(&bench).await?;
    let user = json!({"userName": "x@x.com"});
    let calls = [
        (Method::POST, "/api/2.0/preview/scim/v2/Users", user.clone()),
        (Method::PATCH, "/api/2.0/workspace-conf", json!({"enableTokensConfig": "true"})),
        (Method::GET, "/api/2.0/token-management/tokens", json!({})),
        (Method::POST, "/api/2.0/global-init-scripts", json!({"name": "n", "script": "ZWNobyAx"})),
        (
            Method::POST,
            "/api/2.0/instance-profiles/add",
            json!({"instance_profile_arn": "arn:aws:iam::1:instance-profile/x"}),
        ),
        (Method::POST, "/api/2.0/policies/clusters/create", json!({"name": "n", "definition": "{}"})),
        (
            Method::POST,
            "/api/2.0/instance-pools/create",
            json!({"instance_pool_name": "p", "node_type_id": "i3.xlarge"}),
        ),
    ];
    for (method, path, body) in &calls {
        assert_eq!(stranger.send(method.clone(), path, body.clone()).await?, 403, "{method} {path}");
    }
    assert_eq!(stranger.send(Method::GET, "/api/2.0/preview/scim/v2/Users", json!({})).await?, 200);
    assert_eq!(stranger.send(Method::GET, "/api/2.0/instance-profiles/list", json!({})).await?, 200);
    let (_, admins) = bench.get("/api/2.0/preview/scim/v2/Groups?filter=displayName%20eq%20admins").await?;
    let path = format!(
        "/api/2.0/preview/scim/v2/Groups/{}",
        admins["Resources"][0]["id"].as_str().unwrap_or_default()
    );
    let add = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "members", "value": [{"value": stranger.id}]}],
    });
    bench.send(Method::PATCH, &path, Some(add)).await.ok();
    assert_eq!(stranger.post("/api/2.0/preview/scim/v2/Users", user).await?, 201, "an administrator now");
    Ok(())
}

#[tokio::test]
async fn a_job_of_somebody_else_is_changed_only_with_a_permission() -> Outcome {
    let bench = Bench::start().await?;
    let stranger = Stranger::new(&bench).await?;
    let job_id = bench.job("theirs", json!({})).await?;
    let run = json!({"job_id": job_id});
    let change = json!({"job_id": job_id, "new_settings": {"name": "mine"}});
    assert_eq!(stranger.post("/api/2.2/jobs/update", change.clone()).await?, 403);
    assert_eq!(stranger.post("/api/2.2/jobs/run-now", run.clone()).await?, 403);
    let path = format!("/api/2.0/permissions/jobs/{job_id}");
    assert_eq!(stranger.send(Method::PATCH, &path, json!({"access_control_list": []})).await?, 403);
    let grant = |level: &str| {
        let entry = json!({"service_principal_name": stranger.application_id, "permission_level": level});
        Some(json!({"access_control_list": [entry]}))
    };
    bench.send(Method::PATCH, &path, grant("CAN_MANAGE_RUN")).await?;
    assert_eq!(stranger.post("/api/2.2/jobs/run-now", run.clone()).await?, 200);
    assert_eq!(stranger.post("/api/2.2/jobs/update", change.clone()).await?, 403);
    bench.send(Method::PATCH, &path, grant("CAN_MANAGE")).await?;
    assert_eq!(stranger.post("/api/2.2/jobs/update", change).await?, 200);
    assert_eq!(stranger.post("/api/2.2/jobs/delete", run.clone()).await?, 200);
    assert_eq!(stranger.post("/api/2.2/jobs/delete", run).await?, 400, "what is not there is told as ever");
    Ok(())
}
