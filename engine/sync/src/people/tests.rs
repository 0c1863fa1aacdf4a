use serde_json::json;

use super::*;

/// People as a workspace lists them.
fn people(users: &[Value], service_principals: &[Value], groups: &[Value]) -> People {
    let mut people = People::default();
    for (kind, raws) in People::KINDS.into_iter().zip([users, service_principals, groups]) {
        let listed = raws.iter().map(|raw| {
            let text = |field: &str| raw[field].as_str().map(str::to_owned);
            let id = text("id").unwrap();
            match text("applicationId") {
                Some(application) => Listed {
                    universal_id: Some(application.clone()),
                    ..Listed::new(
                        format!("{id}/{application}"),
                        text("displayName").unwrap(),
                        None,
                        raw.clone(),
                    )
                },
                None => {
                    let name = text("userName").or_else(|| text("displayName")).unwrap();
                    Listed::new(id, name, None, raw.clone())
                }
            }
        });
        people.0.objects.insert(kind, listed.collect());
    }
    people
}

fn user(id: &str, name: &str, display_name: &str) -> Value {
    json!({"id": id, "userName": name, "displayName": display_name, "active": true})
}

fn machine(id: &str, application_id: &str, name: &str) -> Value {
    json!({"id": id, "applicationId": application_id, "displayName": name, "active": true})
}

fn group(id: &str, name: &str, members: &[(&str, &str)], entitlements: &[&str]) -> Value {
    let members: Vec<Value> =
        members.iter().map(|(kind, id)| json!({"value": id, "$ref": format!("{kind}/{id}")})).collect();
    let entitlements: Vec<Value> = entitlements.iter().map(|value| json!({ "value": value })).collect();
    json!({"id": id, "displayName": name, "members": members, "entitlements": entitlements})
}

/// A difference as a line of text.
fn line(difference: &PeopleDifference) -> String {
    let PeopleDifference { kind, name, what } = difference;
    match what {
        WhatDiffers::OnlyOn { side } => format!("{kind} {name} only on {side}"),
        WhatDiffers::Field { field, primary, secondary } => {
            let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
            format!("{kind} {name} {field}: {} | {}", text(primary), text(secondary))
        }
    }
}

fn lines(primary: &People, secondary: &People) -> Vec<String> {
    compare_people(primary, secondary).iter().map(line).collect()
}

#[test]
fn ids_and_orders_are_no_difference() {
    let here = people(
        &[user("1", "ada@x.example", "Ada"), user("2", "bo@x.example", "Bo")],
        &[machine("3", "app-1", "runner")],
        &[group("4", "etl", &[("Users", "1"), ("ServicePrincipals", "3")], &["a", "b"])],
    );
    let there = people(
        &[user("92", "bo@x.example", "Bo"), user("91", "ada@x.example", "Ada")],
        &[machine("93", "app-1", "runner")],
        &[group("94", "etl", &[("ServicePrincipals", "93"), ("Users", "91")], &["b", "a"])],
    );
    assert_eq!(lines(&here, &there), Vec::<String>::new());
}

#[test]
fn every_difference_is_listed_once_and_in_order() {
    let here = people(
        &[user("1", "ada@x.example", "Ada"), user("2", "bo@x.example", "Bo")],
        &[machine("3", "app-1", "runner"), machine("5", "app-2", "probe")],
        &[
            group("4", "etl", &[("Users", "1"), ("ServicePrincipals", "5")], &["a"]),
            group("6", "audit", &[], &[]),
        ],
    );
    let mut renamed = user("91", "ada@x.example", "Ada L");
    renamed["active"] = json!(false);
    let there = people(
        &[renamed, user("95", "cy@x.example", "Cy")],
        &[machine("93", "app-1", "runner 2"), machine("96", "app-3", "probe")],
        &[group("94", "etl", &[("ServicePrincipals", "96"), ("Users", "95")], &["b"])],
    );
    let expected = [
        "users ada@x.example active: true | false",
        "users ada@x.example displayName: Ada | Ada L",
        "users ada@x.example name.familyName: - | L",
        "users bo@x.example only on primary",
        "users cy@x.example only on secondary",
        "service_principals probe only on primary",
        "service_principals probe only on secondary",
        "service_principals runner displayName: runner | runner 2",
        "groups audit only on primary",
        "groups etl entitlements: - | b",
        "groups etl entitlements: a | -",
        "groups etl members: - | service principal probe (app-3)",
        "groups etl members: - | user cy@x.example",
        "groups etl members: service principal probe (app-2) | -",
        "groups etl members: user ada@x.example | -",
    ];
    assert_eq!(lines(&here, &there), expected);
    let mirrored: Vec<_> = compare_people(&there, &here);
    assert_eq!(mirrored.len(), expected.len(), "it is the same whichever side comes first");
}

#[test]
fn machines_of_two_accounts_are_recognised_by_name() {
    let here = people(&[], &[machine("1", "app-1", "runner")], &[]);
    let there = people(&[], &[machine("9", "app-9", "runner")], &[]);
    assert_eq!(lines(&here, &there), ["service_principals runner applicationId: app-1 | app-9"]);
}
