//! Users, groups and service principals.

use std::time::Duration;

use farshore_databricks::{ErrorKind, PrincipalKind};
use serde_json::{Value, json};

use crate::scripted::{Asked, Reply, Scripted, once};

const LIST_USERS: &str = "GET /api/2.0/preview/scim/v2/Users";

fn users(ids: std::ops::Range<usize>) -> Vec<Value> {
    ids.map(|id| json!({"id": id.to_string(), "userName": format!("u{id}@example.com"), "unknown": [id]}))
        .collect()
}

fn start(asked: &Asked) -> usize {
    asked.query["startIndex"].parse().unwrap()
}

/// A workspace with so many users, of which it gives at most three at once.
fn page(asked: &Asked, total: usize) -> Value {
    let first = start(asked) - 1;
    let page = users(first..total.min(first + 3));
    json!({"totalResults": total, "startIndex": first + 1, "itemsPerPage": page.len(), "Resources": page})
}

async fn listed(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Result<Vec<Value>, ErrorKind> {
    let server = Scripted::start(reply).await;
    server.client(once()).list_principals(PrincipalKind::User, None).await.map_err(|error| error.kind())
}

#[tokio::test]
async fn all_pages_are_read_however_small_the_workspace_makes_them() {
    let server = Scripted::start(|asked| Reply::json(page(asked, 8))).await;
    let filter = Some(r#"userName co "u""#);
    let all = server.client(once()).list_principals(PrincipalKind::User, filter).await.unwrap();
    assert_eq!(all, users(0..8));
    let asked = server.asked();
    assert_eq!(asked.iter().map(start).collect::<Vec<_>>(), [1, 4, 7]);
    assert!(asked.iter().all(|asked| asked.query["filter"] == r#"userName co "u""#));
}

#[tokio::test]
async fn an_empty_list_is_one_that_says_so() {
    assert_eq!(listed(|_| Reply::json(json!({"totalResults": 0}))).await, Ok(vec![]));
    assert_eq!(listed(|_| Reply::json(json!({}))).await, Err(ErrorKind::HalfAnswer));
    assert_eq!(listed(|_| Reply::json(json!({"Resources": "none"}))).await, Err(ErrorKind::HalfAnswer));
}

#[tokio::test]
async fn a_half_answered_list_is_an_error() {
    let short = |asked: &Asked| match start(asked) {
        1 => Reply::json(json!({"totalResults": 5, "Resources": users(0..2)})),
        _ => Reply::json(json!({"totalResults": 5, "Resources": []})),
    };
    assert_eq!(listed(short).await, Err(ErrorKind::HalfAnswer));
    let too_many = |_: &Asked| Reply::json(json!({"totalResults": 1, "Resources": users(0..2)}));
    assert_eq!(listed(too_many).await, Err(ErrorKind::HalfAnswer));
    let without_id = |_: &Asked| Reply::json(json!({"totalResults": 1, "Resources": [{"userName": "a"}]}));
    assert_eq!(listed(without_id).await, Err(ErrorKind::HalfAnswer));
    let failing = |asked: &Asked| match start(asked) {
        1 => Reply::json(page(asked, 5)),
        _ => Reply::throttled(None),
    };
    assert_eq!(listed(failing).await, Err(ErrorKind::Throttled));
}

#[tokio::test]
async fn a_list_that_changes_while_it_is_read_is_read_again() {
    let server = Scripted::start(|asked| {
        // Somebody is added after the first page.
        Reply::json(page(asked, if asked.earlier == 0 { 4 } else { 5 }))
    })
    .await;
    let all = server.client(once()).list_principals(PrincipalKind::User, None).await.unwrap();
    assert_eq!(all, users(0..5));
    assert_eq!(server.asked().iter().map(start).collect::<Vec<_>>(), [1, 4, 1, 4]);
}

#[tokio::test]
async fn a_workspace_that_counts_nothing_is_read_to_an_empty_page() {
    let all = listed(|asked| match start(asked) {
        1 => Reply::json(json!({"Resources": users(0..2)})),
        3 => Reply::json(json!({"Resources": users(2..3)})),
        _ => Reply::json(json!({"Resources": []})),
    });
    assert_eq!(all.await, Ok(users(0..3)));
}

#[tokio::test]
async fn a_workspace_that_counts_nothing_and_turns_no_pages_is_read_once() {
    let server = Scripted::start(|_| Reply::json(json!({"Resources": users(0..3)}))).await;
    let all = server.client(once()).list_principals(PrincipalKind::User, None).await;
    assert_eq!(all.unwrap(), users(0..3));
    assert_eq!(server.asked().len(), 2);
    // Where only some of them were there before, the list has changed.
    let shifting = |asked: &Asked| Reply::json(json!({"Resources": users(asked.earlier..asked.earlier + 3)}));
    assert_eq!(listed(shifting).await, Err(ErrorKind::HalfAnswer));
}

#[tokio::test]
async fn the_id_of_a_principal_is_a_text_however_it_is_written() {
    let group = || json!({"id": 7, "displayName": "etl", "members": [{"value": 8}, {"value": "9"}]});
    let server = Scripted::start(move |asked| match asked.what.as_str() {
        LIST_USERS => Reply::json(json!({"totalResults": "1", "Resources": [group()]})),
        _ => Reply::json(group()),
    })
    .await;
    let client = server.client(once());
    let expected = json!({"id": "7", "displayName": "etl", "members": [{"value": "8"}, {"value": "9"}]});
    assert_eq!(
        client.list_principals(PrincipalKind::User, None).await.unwrap(),
        std::slice::from_ref(&expected)
    );
    assert_eq!(client.get_principal(PrincipalKind::Group, "7").await.unwrap(), expected);
    assert_eq!(client.create_principal(PrincipalKind::Group, &json!({})).await.unwrap(), expected);
}

#[tokio::test]
async fn each_call_goes_to_its_endpoint() {
    let server = Scripted::start(|asked| match asked.what.split_once(' ') {
        Some(("POST", _)) => Reply::status(201, json!({"id": "7", "displayName": "etl"})),
        Some(("GET", _)) => Reply::json(json!({"id": "7", "entitlements": [{"value": "x"}]})),
        _ => Reply::text(204, "application/json", ""),
    })
    .await;
    let client = server.client(once());
    let group = json!({"displayName": "etl"});
    let created = client.create_principal(PrincipalKind::Group, &group).await.unwrap();
    assert_eq!(created["id"], "7");
    client.get_principal(PrincipalKind::ServicePrincipal, "a/b").await.unwrap();
    let operation = json!({"op": "add", "path": "members", "value": [{"value": "3"}]});
    client.patch_principal(PrincipalKind::Group, "7", std::slice::from_ref(&operation)).await.unwrap();
    client.replace_principal(PrincipalKind::User, "7", &json!({"active": false})).await.unwrap();
    client.delete_principal(PrincipalKind::Group, "7").await.unwrap();
    let asked = server.asked();
    let sent: Vec<_> = asked.iter().map(|asked| (asked.what.as_str(), asked.json())).collect();
    assert_eq!(
        sent,
        [
            (
                "POST /api/2.0/preview/scim/v2/Groups",
                json!({"displayName": "etl", "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"]})
            ),
            ("GET /api/2.0/preview/scim/v2/ServicePrincipals/a%2Fb", Value::Null),
            (
                "PATCH /api/2.0/preview/scim/v2/Groups/7",
                json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]
                })
            ),
            (
                "PUT /api/2.0/preview/scim/v2/Users/7",
                json!({"active": false, "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]})
            ),
            ("DELETE /api/2.0/preview/scim/v2/Groups/7", Value::Null),
        ]
    );
}

#[tokio::test]
async fn a_taken_name_and_a_missing_id_are_told() {
    let server = Scripted::start(|asked| {
        let (status, kind, detail) = match asked.what.starts_with("POST") {
            true => (409, json!("uniqueness"), "Group with name etl already exists."),
            false => (404, Value::Null, "Group with id 7 not found."),
        };
        let schema = "urn:ietf:params:scim:api:messages:2.0:Error";
        let status_text = status.to_string();
        Reply::status(
            status,
            json!({"schemas": [schema], "detail": detail, "status": status_text, "scimType": kind}),
        )
    })
    .await;
    let client = server.client(once());
    let taken =
        client.create_principal(PrincipalKind::Group, &json!({"displayName": "etl"})).await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::AlreadyExists);
    let missing = client.get_principal(PrincipalKind::Group, "7").await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    client.delete_principal(PrincipalKind::Group, "7").await.unwrap();
}

#[tokio::test]
async fn an_id_that_names_nothing_does_not_reach_everything() {
    let server = Scripted::start(|_| Reply::json(json!({}))).await;
    for id in ["", ".", ".."] {
        let error = server.client(once()).delete_principal(PrincipalKind::Group, id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{id:?}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_change_is_waited_for_by_id() {
    let server = Scripted::start(|asked| match asked.earlier {
        0 => Reply::status(404, json!({"schemas": [], "detail": "no such group", "status": "404"})),
        _ => Reply::json(json!({"id": "7", "members": [{"value": "3"}]})),
    })
    .await;
    let client = server.client(once());
    let has_member = |group: &Value| group["members"][0]["value"] == "3";
    let longest = Duration::from_secs(5);
    client.wait_for_principal(PrincipalKind::Group, "7", longest, has_member).await.unwrap();
    assert_eq!(server.asked().len(), 2);
    let never = client.wait_for_principal(PrincipalKind::Group, "7", Duration::ZERO, |_| false).await;
    assert_eq!(never.unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(server.count(LIST_USERS), 0);
}
