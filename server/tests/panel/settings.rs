//! What of a group is replicated and how, through the API and through forms as a browser without scripts sends them.

use reqwest::{Method, StatusCode, header, redirect};
use serde_json::{Value, json};

use crate::harness::{PRIMARY, Panel};

on_both_engines!(settings_are_decided_once_and_hold, a_region_map_is_written_in_a_form);

async fn settings_are_decided_once_and_hold(panel: Panel) {
    let group = panel.pair().await;
    let path = format!("/groups/{group}/settings");
    let first = panel.get(&path).await;
    assert_eq!(first["version"], 0);
    assert_eq!(first["settings"]["brake"]["most_objects"], 50);

    let wanted = json!({
        "handling": {"jobs": "manual"},
        "filters": [{"kind": null, "by": {"by": "path", "path": "/Shared/tmp"}, "is_included": false}],
        "region_map": [{"field": null, "matching": "prefix", "primary": "s3://east/", "secondary": "s3://west/"}],
        "on_drift": "keep",
        "bundles": "carried",
        "brake": {"most_objects": 3, "most_percent": 5},
    });
    let stored = panel.put("admin", &path, json!({"version": 0, "settings": wanted})).await;
    assert_eq!((&stored["version"], &stored["settings"]), (&json!(1), &wanted));
    let (status, stale) =
        panel.call("admin", Method::PUT, &path, json!({"version": 0, "settings": wanted})).await;
    assert_eq!((status, &stale["kind"]), (StatusCode::CONFLICT, &json!("stale")));
    let (status, _) =
        panel.call("operator", Method::PUT, &path, json!({"version": 1, "settings": wanted})).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let mut idle = wanted.clone();
    idle["region_map"][0]["secondary"] = json!("s3://east/");
    let (status, refused) =
        panel.call("admin", Method::PUT, &path, json!({"version": 1, "settings": idle})).await;
    assert_eq!((status, &refused["fields"][0][0]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("rule_1")));
    assert_eq!(panel.get(&path).await["settings"], wanted);

    let list = "/workspaces/without-counterpart";
    let new = json!({"name": "Academy", "address": "https://academy.example.net", "reason": "Only courses."});
    let id = panel.post("admin", list, new).await["standalone_id"].as_str().unwrap().to_owned();
    let edit = json!({"version": 1, "reason": "Courses alone."});
    let listed = panel.put("admin", &format!("{list}/{id}"), edit).await;
    assert_eq!(listed["standalone"][0]["standalone"]["reason"], "Courses alone.");
    let unread = panel.call("admin", Method::DELETE, &format!("{list}/{id}"), Value::Null).await;
    assert_eq!(
        (unread.0, &unread.1["kind"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid")),
        "{unread:?}"
    );
    let remove = async |version: i64| {
        panel.call("admin", Method::DELETE, &format!("{list}/{id}?version={version}"), Value::Null).await
    };
    let (status, stale) = remove(1).await;
    assert_eq!((status, &stale["kind"]), (StatusCode::CONFLICT, &json!("stale")));
    let (status, left) = remove(2).await;
    assert_eq!((status, &left["standalone"]), (StatusCode::OK, &json!([])));
}

async fn a_region_map_is_written_in_a_form(panel: Panel) {
    let group = panel.pair().await;
    let tried =
        json!({"region_map": [{"field": null, "matching": "prefix", "primary": PRIMARY, "secondary": "x"}]});
    let shown = panel.post("viewer", &format!("/groups/{group}/region-map/preview"), tried).await;
    assert_eq!((&shown["side"], &shown["region"]), (&json!("primary"), &json!(PRIMARY)));
    assert!(shown["objects"].as_u64().unwrap() > 0, "{shown:#}");

    let browser = reqwest::Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    let signed_in = browser.post(panel.url("/sign-in")).form(&[("persona", "admin")]).send().await.unwrap();
    assert_eq!(signed_in.status(), StatusCode::SEE_OTHER);
    let cookie = signed_in.headers()[header::SET_COOKIE].to_str().unwrap();
    let session = cookie.split(';').next().unwrap().to_owned();
    let page = panel.url(&format!("/groups/{group}/region-map"));
    let send = async |button: &str, version: &str, primary: &str| {
        let fields = [
            ("version", version),
            ("field_1", "zone_id"),
            ("matching_1", "prefix"),
            ("primary_1", primary),
            ("secondary_1", "us-west-2"),
            ("do", button),
        ];
        browser.post(&page).header(header::COOKIE, &session).form(&fields).send().await.unwrap()
    };
    let added = send("add", "0", PRIMARY).await.text().await.unwrap();
    assert!(added.contains("name=\"primary_2\""), "a second rule");
    let refused = send("save", "0", "").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().await.unwrap().contains("lacks what the value is"));
    let saved = send("save", "0", PRIMARY).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        saved.headers()[header::LOCATION].to_str().unwrap(),
        format!("/groups/{group}/region-map?saved=1")
    );
    let stored = panel.get(&format!("/groups/{group}/settings")).await;
    assert_eq!(stored["settings"]["region_map"][0]["secondary"], "us-west-2");
    let stale = send("save", "0", "somewhere").await;
    assert_eq!(stale.status(), StatusCode::CONFLICT);
    let stale = stale.text().await.unwrap();
    assert!(
        stale.contains("value=\"somewhere\"") && stale.contains("by somebody else"),
        "what was typed stays"
    );
}
