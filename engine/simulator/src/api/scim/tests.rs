use serde_json::{Map, Value, json};

use super::filter::Filter;
use super::patch;
use crate::api::ApiError;
use crate::state::directory::ResourceKind;

fn fields(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

#[test]
fn conditions_join_as_they_are_written() -> Result<(), ApiError> {
    let user = fields(json!({
        "userName": "Ops@x.example", "active": true, "emails": [{"value": "a b@x"}], "name": {"givenName": "O\"p"},
    }));
    for (filter, expected) in [
        ("userName eq \"ops@x.example\"", true),
        ("userName sw ops and active eq true", true),
        ("userName eq nobody or emails.value co \"a b\"", true),
        ("emails co \"a b\"", true),
        ("userName ne \"ops@x.example\"", false),
        ("displayName eq x", false),
        ("displayName ne x", true),
        ("active eq true or active eq false and userName eq nobody", true),
        ("(active eq true or active eq false) and userName eq nobody", false),
        ("name.givenName eq \"o\\\"p\"", true),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName sw OPS", true),
    ] {
        assert_eq!(Filter::parse(ResourceKind::Users, filter)?.matches(&user), expected, "{filter}");
    }
    for filter in
        ["userName pr", "userName eq", "(userName eq a", "userName eq a b", "userName eq \"a", "x", ""]
    {
        assert!(Filter::parse(ResourceKind::Users, filter).is_err(), "{filter}");
    }
    assert!(Filter::parse(ResourceKind::Users, "members.value eq 1").is_err(), "users have no members");
    assert!(Filter::parse(ResourceKind::Groups, "members.value eq 1").is_ok());
    Ok(())
}

#[test]
fn operations_reach_parts_and_entries() -> Result<(), ApiError> {
    let mut user = fields(json!({
        "displayName": "A", "name": {"givenName": "A"}, "roles": [{"value": "one"}, {"value": "two"}],
    }));
    for operation in [
        json!({"op": "Add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:name.familyName", "value": "B"}),
        json!({"op": "replace", "path": "roles[value eq \"one\"].display", "value": "First"}),
        json!({"op": "remove", "path": "roles[value eq \"two\" or value eq \"three\"]"}),
        json!({"op": "add", "path": "roles", "value": {"value": "four"}}),
        json!({"op": "remove", "path": "name.givenName"}),
        json!({"op": "replace", "value": {"name.middleName": "C", "active": false}}),
        json!({"op": "replace", "path": "userName", "value": "ignored"}),
    ] {
        patch::apply(ResourceKind::Users, &mut user, &operation)?;
    }
    let expected = json!({
        "active": false,
        "displayName": "A",
        "name": {"familyName": "B", "middleName": "C"},
        "roles": [{"value": "one", "display": "First"}, {"value": "four"}],
    });
    assert_eq!(Value::Object(user), expected);
    Ok(())
}

#[test]
fn operations_that_cannot_be_are_refused() {
    let mut group = fields(json!({"displayName": "A", "members": [{"value": "1"}]}));
    let before = group.clone();
    for operation in [
        json!({"op": "move", "path": "members"}),
        json!({"op": "remove"}),
        json!({"op": "add", "value": "text"}),
        json!({"op": "add", "path": "userName", "value": "groups have none"}),
        json!({"op": "remove", "path": "members[value is \"1\"]"}),
        json!({"op": "remove", "path": "members[value eq \"1\""}),
        json!({"op": "add", "path": "displayName.first", "value": "x"}),
    ] {
        assert!(patch::apply(ResourceKind::Groups, &mut group, &operation).is_err(), "{operation}");
    }
    assert_eq!(group, before);
}
