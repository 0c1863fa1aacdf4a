//! Who may do what.

use farshore_databricks::{ErrorKind, Grant, Grantee, PermissionLevel, PermissionType};
use serde_json::{Value, json};

use crate::scripted::{Reply, Scripted, once};

fn grant(grantee: Grantee, level: &str) -> Grant {
    Grant { grantee, permission_level: level.to_owned() }
}

fn permissions_of_a_job() -> Value {
    json!({
        "object_id": "/jobs/7",
        "object_type": "job",
        "access_control_list": [
            {
                "user_name": "a@example.com", "display_name": "A",
                "all_permissions": [{"permission_level": "IS_OWNER", "inherited": false}],
            },
            {
                "group_name": "admins",
                "all_permissions": [{
                    "permission_level": "CAN_MANAGE", "inherited": true, "inherited_from_object": ["/jobs/"],
                }],
            },
            {
                "service_principal_name": "0000-1111",
                "all_permissions": [
                    {"permission_level": "CAN_VIEW", "inherited": false},
                    {"permission_level": "CAN_MANAGE_RUN", "inherited": true, "inherited_from_object": ["/x/"]},
                ],
            },
        ],
    })
}

#[tokio::test]
async fn inherited_grants_are_told_from_the_object_s_own() {
    let server = Scripted::start(|_| Reply::json(permissions_of_a_job())).await;
    let permissions = server.client(once()).get_permissions(PermissionType::Jobs, "7").await.unwrap();
    assert_eq!((permissions.object_id.as_str(), permissions.object_type.as_str()), ("/jobs/7", "job"));
    let owner = Grantee::User("a@example.com".to_owned());
    assert_eq!(permissions.owner(), Some(&owner));
    let service_principal = Grantee::ServicePrincipal("0000-1111".to_owned());
    assert_eq!(permissions.direct(), [grant(owner, "IS_OWNER"), grant(service_principal, "CAN_VIEW")]);
    let admins = &permissions.grants[1];
    assert_eq!(admins.grant.grantee, Grantee::Group("admins".to_owned()));
    assert_eq!(
        (admins.is_inherited, admins.inherited_from.as_slice()),
        (true, ["/jobs/".to_owned()].as_slice())
    );
}

#[tokio::test]
async fn changes_are_sent_as_the_api_wants_them() {
    let server = Scripted::start(|_| Reply::json(permissions_of_a_job())).await;
    let client = server.client(once());
    let grants = [
        grant(Grantee::User("a@example.com".to_owned()), "IS_OWNER"),
        grant(Grantee::Group("etl".to_owned()), "CAN_VIEW"),
        grant(Grantee::ServicePrincipal("0000".to_owned()), "CAN_MANAGE"),
    ];
    client.put_permissions(PermissionType::Jobs, "7", &grants).await.unwrap();
    client.patch_permissions(PermissionType::Warehouses, "w", &grants[1..2]).await.unwrap();
    client.get_permissions(PermissionType::Authorization, "tokens").await.unwrap();
    let asked = server.asked();
    let sent: Vec<_> = asked.iter().map(|asked| (asked.what.as_str(), asked.json())).collect();
    assert_eq!(
        sent,
        [
            (
                "PUT /api/2.0/permissions/jobs/7",
                json!({"access_control_list": [
                    {"user_name": "a@example.com", "permission_level": "IS_OWNER"},
                    {"group_name": "etl", "permission_level": "CAN_VIEW"},
                    {"service_principal_name": "0000", "permission_level": "CAN_MANAGE"},
                ]})
            ),
            (
                "PATCH /api/2.0/permissions/sql/warehouses/w",
                json!({"access_control_list": [{"group_name": "etl", "permission_level": "CAN_VIEW"}]})
            ),
            ("GET /api/2.0/permissions/authorization/tokens", Value::Null),
        ]
    );
}

#[tokio::test]
async fn the_levels_of_an_object_are_listed() {
    let server = Scripted::start(|_| {
        Reply::json(json!({"permission_levels": [{"permission_level": "CAN_USE", "description": "Can use"}]}))
    })
    .await;
    let levels = server.client(once()).permission_levels(PermissionType::ClusterPolicies, "p").await.unwrap();
    let expected =
        PermissionLevel { permission_level: "CAN_USE".to_owned(), description: "Can use".to_owned() };
    assert_eq!(levels, [expected]);
    assert_eq!(server.count("GET /api/2.0/permissions/cluster-policies/p/permissionLevels"), 1);
}

#[tokio::test]
async fn an_answer_that_is_no_list_of_grants_is_not_read_as_nobody() {
    for (answer, expected) in [
        (json!({"object_id": "/jobs/7", "object_type": "job"}), Ok(0)),
        (json!({"object_id": "/jobs/7", "access_control_list": []}), Ok(0)),
        (json!({}), Err(ErrorKind::HalfAnswer)),
        (
            json!({"object_id": "/jobs/7", "access_control_list": [{"user_name": 7}]}),
            Err(ErrorKind::HalfAnswer),
        ),
        (
            json!({"object_id": "/jobs/7", "access_control_list": [{"all_permissions": []}]}),
            Err(ErrorKind::HalfAnswer),
        ),
    ] {
        let reply = answer.clone();
        let server = Scripted::start(move |_| Reply::json(reply.clone())).await;
        let permissions = server.client(once()).get_permissions(PermissionType::Jobs, "7").await;
        let found = permissions.map(|permissions| permissions.grants.len()).map_err(|error| error.kind());
        assert_eq!(found, expected, "{answer}");
    }
}

#[tokio::test]
async fn a_tier_without_access_control_and_a_purged_cluster_are_recognised() {
    let server = Scripted::start(|asked| match asked.what.as_str() {
        "GET /api/2.0/permissions/clusters/c" => Reply::error(
            400,
            "INVALID_STATE",
            "Cannot access cluster c that was terminated or unpinned more than 30 days ago.",
        ),
        _ => Reply::error(403, "FEATURE_DISABLED", "ACLs are disabled or not available in this tier"),
    })
    .await;
    let client = server.client(once());
    let kind = async |of, id| client.get_permissions(of, id).await.unwrap_err().kind();
    assert_eq!(kind(PermissionType::Clusters, "c").await, ErrorKind::NotFound);
    assert_eq!(kind(PermissionType::Jobs, "7").await, ErrorKind::FeatureDisabled);
}
