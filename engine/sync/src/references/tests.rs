use super::*;

fn known(kind: ObjectKind, id: &str) -> Option<ObjectKey> {
    (!id.starts_with("gone")).then(|| ObjectKey { kind, key: format!("1:{id}").into() })
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
    let key = ObjectKey { kind: ObjectKind::ServicePrincipals, key: "1:47/a-b".into() };
    let mut form = json!({"run_as": {"service_principal_name": "a-b"}, "members": [reference(&key)]});
    let by_application = |_: ObjectKind, id: &str| (id == "a-b").then(|| key.clone());
    assert_eq!(to_keys(&mut form, &by_application), Vec::<String>::new());
    assert_eq!(form["run_as"]["service_principal_name"], reference(&key));
    to_ids(&mut form, &|_| Some("92/c-d".to_owned())).unwrap();
    assert_eq!(form, json!({"run_as": {"service_principal_name": "c-d"}, "members": ["92/c-d"]}));
}

#[test]
fn the_only_user_of_a_cluster_may_be_a_service_principal() {
    let key = ObjectKey { kind: ObjectKind::ServicePrincipals, key: "1:47/a-b".into() };
    let by_application = |_: ObjectKind, id: &str| (id == "a-b").then(|| key.clone());
    let with = |user: Value| json!({"new_cluster": {"single_user_name": user}});
    let mut form = with(json!("a-b"));
    assert_eq!(to_keys(&mut form, &by_application), Vec::<String>::new());
    assert_eq!(form, with(reference(&key)));
    to_ids(&mut form, &|_| Some("92/c-d".to_owned())).unwrap();
    assert_eq!(form, with(json!("c-d")));
    let mut form = with(json!("ann@x.org"));
    assert_eq!(to_keys(&mut form, &by_application), Vec::<String>::new(), "a user has one name everywhere");
    assert_eq!(form, with(json!("ann@x.org")));
}

fn needed(what: &str, kind: &str, field: &str) -> String {
    format!(
        "it needs the {what}, and {kind} are not replicated; a rule of the region map for {field} can name its \
         counterpart"
    )
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
            needed("SQL query q", "SQL queries", "query_id"),
            needed("SQL warehouse w", "SQL warehouses", "warehouse_id"),
            needed("pipeline p", "pipelines", "pipeline_id"),
            "it refers to the cluster gone-1, which does not exist".to_owned(),
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
fn a_key_without_an_id_on_the_other_side_is_named_once() {
    let key = ObjectKey { kind: ObjectKind::Clusters, key: "1:c".into() };
    let task = json!({"existing_cluster_id": reference(&key)});
    let mut form = json!({"tasks": [task, task]});
    assert_eq!(to_ids(&mut form, &|_| None), Err(vec![key]));
}
